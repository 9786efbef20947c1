"""Trees of random leaves in every scheme: equal to the twin's, however they were made."""

from __future__ import annotations

import tallystick as ts
from hypothesis import given
from hypothesis import strategies as st

from tests.property.strategies import leaf, leaves, some_leaves, twins
from tests.reference import trees, verify
from tests.reference.objects import InclusionProof
from tests.reference.schemes import Scheme
from tests.support import digests_of, head_of, proof_of, scheme_of


@given(twins, leaves)
def test_head_and_proofs_are_the_twins(twin: Scheme, data: list[bytes]) -> None:
    tree = ts.MerkleTree(data, scheme=scheme_of(twin))
    expected = trees.head(twin, data)
    assert tree.head == head_of(expected) == ts.head_of(data, scheme=tree.scheme)
    for index in range(len(data)):
        proof = tree.prove(index)
        assert proof == proof_of(trees.prove(twin, data, index))
        tree.head.verify_inclusion(index, data[index], proof)
        verify.verify(expected, index, data[index], InclusionProof(32, digests_of(proof)))


@given(twins, some_leaves, st.data())
def test_batches_are_single_proofs(twin: Scheme, data: list[bytes], draw: st.DataObject) -> None:
    tree = ts.MerkleTree(data, scheme=scheme_of(twin))
    indices = draw.draw(st.lists(st.integers(0, len(data) - 1), min_size=1))
    chunk = draw.draw(st.integers(1, len(indices) + 1))
    batch = tree.prove_each(indices)
    assert list(batch) == [tree.prove(index) for index in indices]
    assert [proof for part in tree.proofs(indices, chunk=chunk) for proof in part] == list(batch)
    tree.head.verify_each(indices, [data[index] for index in indices], batch)


@given(twins, st.lists(st.one_of(leaf, leaves), max_size=8))
def test_any_partition_of_the_leaves_is_one_build(twin: Scheme, parts: list[bytes | list[bytes]]) -> None:
    tree = ts.MerkleTree(scheme=scheme_of(twin))
    whole: list[bytes] = []
    for part in parts:
        if isinstance(part, bytes):
            assert tree.append(part) == len(whole)
            whole.append(part)
        else:
            assert tree.extend(part) == range(len(whole), len(whole) + len(part))
            whole += part
    assert tree.head == head_of(trees.head(twin, whole))
    assert tree.prove_each() == ts.MerkleTree(whole, scheme=tree.scheme).prove_each()


@given(twins, some_leaves, st.data())
def test_update_is_a_rebuild(twin: Scheme, data: list[bytes], draw: st.DataObject) -> None:
    tree = ts.MerkleTree(data, scheme=scheme_of(twin))
    indices = draw.draw(st.lists(st.integers(0, len(data) - 1), unique=True))
    fresh = draw.draw(st.lists(leaf, min_size=len(indices), max_size=len(indices)))
    tree.update(indices, fresh)
    replaced = {**dict(enumerate(data)), **dict(zip(indices, fresh, strict=True))}
    rebuilt = ts.MerkleTree(list(replaced.values()), scheme=tree.scheme)
    assert tree.head == rebuilt.head
    assert tree.prove_each() == rebuilt.prove_each()


@given(twins, leaves, st.data())
def test_earlier_heads_and_their_proofs(twin: Scheme, data: list[bytes], draw: st.DataObject) -> None:
    tree = ts.MerkleTree(data, scheme=scheme_of(twin))
    size = draw.draw(st.integers(0, len(data)))
    older = ts.MerkleTree(data[:size], scheme=tree.scheme)
    assert tree.head_at(size) == older.head
    assert tree.prove_each(head=older.head) == older.prove_each()


@given(twins, some_leaves, st.data())
def test_another_claim_is_refused(twin: Scheme, data: list[bytes], draw: st.DataObject) -> None:
    """Any other leaf, and any index where another leaf stands, in one tree and with its own proof."""
    tree = ts.MerkleTree(data, scheme=scheme_of(twin))
    index = draw.draw(st.integers(0, len(data) - 1))
    other = draw.draw(leaf)
    if other != data[index]:
        assert not tree.head.check_each([index], [other], tree.prove_each([index])).any()
    wrong = draw.draw(st.integers(-(2**65), 2**65))
    claimed = draw.draw(st.integers(0, len(data) - 1))
    for claim in (wrong, claimed):
        if claim not in range(len(data)) or data[claim] != data[index]:
            assert not tree.head.check_each([claim], [data[index]], tree.prove_each([index])).any()
