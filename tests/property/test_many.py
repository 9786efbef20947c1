"""Multi-proofs, growth and shards of random trees: equal to the twin's, and proof of nothing else."""

from __future__ import annotations

import pytest
import tallystick as ts
from hypothesis import given
from hypothesis import strategies as st

from tests.property.strategies import digest, leaf, leaves, some_leaves, twins
from tests.reference import consistency, multi, shards, trees
from tests.reference.multi import Claim
from tests.reference.objects import Head, MultiProof
from tests.reference.refusals import Refused
from tests.reference.schemes import Scheme
from tests.support import digests_of, head_of, scheme_of


def subset(draw: st.DataObject, size: int) -> list[int]:
    """Some indices, at least one, in any order."""
    return draw.draw(st.lists(st.integers(0, size - 1), min_size=1, unique=True))


@given(twins, some_leaves, st.data())
def test_multi_proofs_are_the_twins(twin: Scheme, data: list[bytes], draw: st.DataObject) -> None:
    tree = ts.MerkleTree(data, scheme=scheme_of(twin))
    indices = subset(draw, len(data))
    claimed, proof = [data[index] for index in indices], tree.prove_many(indices)
    assert digests_of(proof) == multi.prove_many(twin, data, indices).digests
    tree.head.verify_many(indices, claimed, proof)
    index = draw.draw(st.sampled_from(indices))
    assert proof.extract(indices, claimed, index, tree.head) == tree.prove(index)


@given(twins, some_leaves, st.data())
def test_merging_is_proving_both(twin: Scheme, data: list[bytes], draw: st.DataObject) -> None:
    tree = ts.MerkleTree(data, scheme=scheme_of(twin))
    left, right = subset(draw, len(data)), subset(draw, len(data))
    one, other = tree.prove_many(left), tree.prove_many(right)
    claims = ([data[index] for index in side] for side in (left, right))
    merged = one.merge(left, next(claims), other, right, next(claims), tree.head)
    assert merged == tree.prove_many(list({*left, *right}))


@given(twins, some_leaves, st.data())
def test_any_claim_has_the_twins_verdict(twin: Scheme, data: list[bytes], draw: st.DataObject) -> None:
    """Indices, leaves and digests of the tree or of nowhere, in any number; the reasons agree too."""
    tree = ts.MerkleTree(data, scheme=scheme_of(twin))
    true = subset(draw, len(data))
    index = st.one_of(st.sampled_from(true), st.integers(0, len(data) + 1), st.integers(0, 2**64 - 1))
    indices = draw.draw(st.one_of(st.just(true), st.lists(index, max_size=5)))
    claimed = [data[index] if index < len(data) else b"" for index in indices]
    if draw.draw(st.booleans()):
        claimed = draw.draw(st.lists(st.one_of(leaf, st.sampled_from(data)), max_size=5))
    digests = list(digests_of(tree.prove_many(true)))
    for _ in range(draw.draw(st.integers(0, 2))):
        place = draw.draw(st.integers(0, len(digests)))
        some = st.one_of(digest, st.sampled_from(digests)) if digests else digest
        cut = draw.draw(st.integers(0, 2))
        digests[place : place + cut] = draw.draw(st.lists(some, max_size=2))
    expected = None
    try:
        multi.verify_many(
            trees.head(twin, data), Claim(tuple(indices), tuple(claimed)), MultiProof(32, tuple(digests))
        )
    except Refused as refused:
        expected = refused.reason
    found = None
    try:
        tree.head.verify_many(indices, claimed, ts.MultiProof(digests))
    except ts.InvalidProof as error:
        found = error.reason.name
    assert found == expected


@given(twins, some_leaves, st.data())
def test_growth_is_the_twins(twin: Scheme, data: list[bytes], draw: st.DataObject) -> None:
    tree = ts.MerkleTree(data, scheme=scheme_of(twin))
    older = draw.draw(st.integers(1, len(data)))
    proof, head = tree.prove_extends(older), tree.head_at(older)
    assert digests_of(proof) == consistency.prove_extends(twin, data, older).digests
    tree.head.verify_extends(head, proof)
    other = draw.draw(digest)
    if other != head.root:
        with pytest.raises(ts.RootMismatch):
            tree.head.verify_extends(ts.TreeHead(tree.scheme, older, other), proof)


@given(twins, some_leaves, leaves, st.data())
def test_two_histories_are_linked_as_far_as_they_agree(
    twin: Scheme, data: list[bytes], others: list[bytes], draw: st.DataObject
) -> None:
    fork = draw.draw(st.integers(0, len(data)))
    tree = ts.MerkleTree(data, scheme=scheme_of(twin))
    forked = ts.MerkleTree(data[:fork] + others, scheme=tree.scheme)
    for older in range(1, len(data) + 1):
        proof, same = tree.prove_extends(older), (data[:fork] + others)[:older] == data[:older]
        if same:
            tree.head.verify_extends(forked.head_at(older), proof)
        elif older <= len(forked):
            with pytest.raises(ts.InvalidProof):
                tree.head.verify_extends(forked.head_at(older), proof)


@given(twins, st.lists(st.lists(leaf, max_size=12), min_size=1, max_size=6), st.integers(0, 100), st.data())
def test_shards_join_in_any_association(
    twin: Scheme, parts: list[list[bytes]], begin: int, draw: st.DataObject
) -> None:
    made, place = [], begin
    for part in parts:
        made.append(ts.Shard.from_leaves(place, part, scheme=scheme_of(twin)))
        place += len(part)
    while len(made) > 1:
        at = draw.draw(st.integers(0, len(made) - 2))
        made[at : at + 2] = [made[at] + made[at + 1]]
    whole = [data for part in parts for data in part]
    expected = shards.of_leaves(twin, begin, whole)
    assert digests_of(made[0]) == expected.digests
    assert (made[0].begin, made[0].end) == (begin, begin + len(whole))
    if begin == 0:
        expected_head: Head = shards.head(expected)
        assert made[0].head() == head_of(expected_head) == ts.head_of(whole, scheme=scheme_of(twin))
