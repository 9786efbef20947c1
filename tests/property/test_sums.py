"""Sum trees of random leaves and amounts: equal to the twin's, and proof of nothing else."""

from __future__ import annotations

import pytest
import tallystick as ts
from hypothesis import given
from hypothesis import strategies as st

from tests.property.strategies import amount, digest, leaf, sum_twins
from tests.reference import sum_shards, sum_verify, sums
from tests.reference.objects import SumHead, SumInclusionProof, SumMultiProof
from tests.reference.refusals import Refused
from tests.reference.schemes import Scheme
from tests.reference.sum_verify import SumClaim
from tests.support import digests_of, scheme_of

pairs = st.lists(st.tuples(leaf, st.one_of(st.integers(0, 2**64), amount)), max_size=33)
any_amount = st.one_of(amount, st.integers(-(2**130), 2**130))


def built(twin: Scheme, data: list[tuple[bytes, int]]) -> ts.SumTree:
    return ts.SumTree([leaf for leaf, _ in data], [amount for _, amount in data], scheme=scheme_of(twin))


def head_of(twin: SumHead) -> ts.SumHead:
    return ts.SumHead(scheme_of(twin.scheme), twin.size, twin.root, twin.total)


@given(sum_twins, pairs)
def test_a_tree_is_the_twins_or_overflows_where_it_does(twin: Scheme, data: list[tuple[bytes, int]]) -> None:
    if sum(amount for _, amount in data) >= 2**128:
        with pytest.raises(OverflowError, match=r"2\^128"):
            built(twin, data)
        with pytest.raises(sums.SumOverflow):
            sums.head(twin, *zip(*data, strict=True))
        return
    tree = built(twin, data)
    leaves, amounts = [leaf for leaf, _ in data], [amount for _, amount in data]
    assert tree.head == head_of(sums.head(twin, leaves, amounts))
    assert (tree.total, len(tree)) == (sum(amounts), len(data))
    nodes = sums.leaf_nodes(twin, leaves, amounts)
    for index, single in enumerate(tree.prove_each()):
        expected = sums.prove(twin, nodes, index)
        assert (single.sums, digests_of(single)) == (expected.sums, expected.digests)
        assert tree.prove(index) == single
    if data:
        tree.head.verify_each(range(len(data)), leaves, amounts, tree.prove_each())


small = st.lists(st.tuples(leaf, st.integers(0, 2**120)), min_size=1, max_size=33)


@given(sum_twins, small, st.data())
def test_growing_changing_and_joining(
    twin: Scheme, data: list[tuple[bytes, int]], draw: st.DataObject
) -> None:
    cut = draw.draw(st.integers(0, len(data)))
    tree = built(twin, data[:cut])
    tree.extend([leaf for leaf, _ in data[cut:]], [amount for _, amount in data[cut:]])
    leaves, amounts = [leaf for leaf, _ in data], [amount for _, amount in data]
    assert tree.head == built(twin, data).head
    assert tree.head_at(cut) == built(twin, data[:cut]).head
    halves = [
        ts.SumShard.from_leaves(begin, leaves[begin:end], amounts[begin:end], scheme=scheme_of(twin))
        for begin, end in ((0, cut), (cut, len(data)))
    ]
    assert (halves[0] + halves[1]).head() == tree.head
    shard = sum_shards.of_leaves(twin, cut, leaves[cut:], amounts[cut:])
    assert (halves[1].sums, digests_of(halves[1])) == (shard.sums, shard.digests)
    changed = draw.draw(st.lists(st.integers(0, len(data) - 1), unique=True))
    new = draw.draw(
        st.lists(st.tuples(leaf, st.integers(0, 2**120)), min_size=len(changed), max_size=len(changed))
    )
    tree.update(changed, [leaf for leaf, _ in new], [amount for _, amount in new])
    after = dict(enumerate(data)) | dict(zip(changed, new, strict=True))
    assert tree.head == built(twin, list(after.values())).head


@given(sum_twins, small, st.data())
def test_any_claim_has_the_twins_verdict(
    twin: Scheme, data: list[tuple[bytes, int]], draw: st.DataObject
) -> None:
    tree = built(twin, data)
    head = SumHead(twin, len(data), tree.root, tree.total)
    index = draw.draw(st.integers(0, len(data) - 1))
    honest = tree.prove(index)
    shown, digests = list(honest.sums), list(digests_of(honest))
    if shown and draw.draw(st.booleans()):
        shown[draw.draw(st.integers(0, len(shown) - 1))] = draw.draw(amount)
    if digests and draw.draw(st.booleans()):
        digests[draw.draw(st.integers(0, len(digests) - 1))] = draw.draw(digest)
    claimed = draw.draw(st.one_of(st.just(index), st.integers(-2, len(data) + 2)))
    owed = draw.draw(st.one_of(st.just(data[index][1]), any_amount))
    proof = ts.SumInclusionProof(digests, shown, digest_size=32)
    try:
        given = SumInclusionProof(32, tuple(shown), tuple(digests))
        sum_verify.verify(head, claimed, data[index][0], owed, given)
        expected = None
    except Refused as refused:
        expected = refused.reason
    assert verdict(lambda: tree.head.verify_inclusion(claimed, data[index][0], owed, proof)) == expected
    batch = ts.SumProofBatch(digests, shown, [0, len(digests)], digest_size=32)
    assert tree.head.check_each([claimed], [data[index][0]], [owed], batch).tolist() == [expected is None]


@given(sum_twins, small, st.data())
def test_any_claim_about_many_has_the_twins_verdict(
    twin: Scheme, data: list[tuple[bytes, int]], draw: st.DataObject
) -> None:
    tree = built(twin, data)
    head = SumHead(twin, len(data), tree.root, tree.total)
    true = draw.draw(st.lists(st.integers(0, len(data) - 1), min_size=1, unique=True))
    proof = tree.prove_many(true)
    indices = draw.draw(st.one_of(st.just(true), st.lists(st.integers(-1, len(data) + 1), max_size=5)))
    leaves = [data[index][0] if 0 <= index < len(data) else b"" for index in indices]
    amounts = [data[index][1] if 0 <= index < len(data) else 0 for index in indices]
    if amounts and draw.draw(st.booleans()):
        amounts[draw.draw(st.integers(0, len(amounts) - 1))] = draw.draw(any_amount)
    amounts = amounts[: draw.draw(st.sampled_from([len(amounts), len(amounts), 1]))]
    try:
        claim = SumClaim(tuple(indices), tuple(leaves), tuple(amounts))
        sum_verify.verify_many(head, claim, SumMultiProof(32, proof.sums, digests_of(proof)))
        expected = None
    except Refused as refused:
        expected = refused.reason
    assert verdict(lambda: tree.head.verify_many(indices, leaves, amounts, proof)) == expected
    assert verdict(lambda: proof.extract_each(indices, leaves, amounts, tree.head)) == expected
    if expected is None:
        assert proof.extract_each(indices, leaves, amounts, tree.head) == tree.prove_each(indices)
        other = draw.draw(st.integers(0, len(data) - 1))
        one = ([other], [data[other][0]], [data[other][1]])
        merged = proof.merge(indices, leaves, amounts, tree.prove_many([other]), *one, tree.head)
        assert merged == tree.prove_many(sorted({*indices, other}))


def verdict(check: object) -> str | None:
    try:
        check()  # type: ignore[operator]
    except ts.InvalidProof as error:
        return error.reason.name
    return None
