"""A5, A11, A13, A28, A31: indices that no tree has, proofs of another length, nodes without a sibling."""

from __future__ import annotations

import time

import pytest
import tallystick as ts

from tests.reference.schemes import Scheme
from tests.reference.verify import steps
from tests.support import built, digests_of, each_scheme, rows, scheme_of

SIZES = (1, 2, 3, 5, 6, 7, 8, 9, 11, 13)
LEAVES = rows(13)
EDGES = (2**31, 2**32, 2**53, 2**63, 2**64 - 1, 2**64, 2**70)


@each_scheme
def test_a5_the_old_root_is_no_proof_of_a_new_leaf(twin: Scheme) -> None:
    """One leaf, index 1, and the next digest would become the root."""
    tree = built([b"real"], scheme=scheme_of(twin))
    tree.head.verify_inclusion(0, b"real", ts.InclusionProof([]))
    for index in (0, 1, 2):
        for digests in ([tree.root], [twin.leaf(b"real")], [tree.root] * 2):
            with pytest.raises(ts.InvalidProof):
                tree.head.verify_inclusion(index, b"forged", ts.InclusionProof(digests))


@each_scheme
@pytest.mark.parametrize("size", SIZES)
def test_a11_a_proof_is_of_one_index(twin: Scheme, size: int) -> None:
    tree = built(LEAVES[:size], scheme=scheme_of(twin))
    for index in range(size):
        proof, leaf = tree.prove(index), LEAVES[index]
        tree.head.verify_inclusion(index, leaf, proof)
        others = {
            *range(2 * size + 2),
            *(index + 2**h for h in range(66)),
            *EDGES,
            *(-edge for edge in EDGES),
        }
        for other in others - {index}:
            with pytest.raises(ts.InvalidProof):
                tree.head.verify_inclusion(other, leaf, proof)


@each_scheme
@pytest.mark.parametrize("size", [3, 5, 9])
def test_a11_a_node_that_moved_up_verifies_at_its_leaf_only(twin: Scheme, size: int) -> None:
    """The last leaf of 2^k + 1 has one sibling; halving its index passes through smaller ones."""
    tree = built(LEAVES[:size], scheme=scheme_of(twin))
    proof = tree.prove(size - 1)
    assert len(proof) == 1
    for index in range(size - 1):
        with pytest.raises(ts.InvalidProof) as caught:
            tree.head.verify_inclusion(index, LEAVES[size - 1], proof)
        assert caught.value.reason is ts.Reason.DIGEST_COUNT
    tree.head.verify_inclusion(size - 1, LEAVES[size - 1], proof)


@each_scheme
@pytest.mark.parametrize("size", SIZES)
def test_a13_index_equal_to_size(twin: Scheme, size: int) -> None:
    tree = built(LEAVES[:size], scheme=scheme_of(twin))
    longer = built([*LEAVES[:size], b"next"], scheme=scheme_of(twin))
    longer.head.verify_inclusion(size, b"next", longer.prove(size))
    for proof in (
        longer.prove(size),
        tree.prove(size - 1),
        ts.InclusionProof([]),
        ts.InclusionProof([tree.root]),
    ):
        for leaf in (b"next", LEAVES[size - 1], b""):
            with pytest.raises(ts.InvalidProof) as caught:
                tree.head.verify_inclusion(size, leaf, proof)
            assert caught.value.reason is ts.Reason.INDEX_OUT_OF_RANGE


@each_scheme
@pytest.mark.parametrize("size", SIZES)
def test_a13_digests_dropped_doubled_added_swapped(twin: Scheme, size: int) -> None:
    tree = built(LEAVES[:size], scheme=scheme_of(twin))
    for index in range(size):
        digests = digests_of(tree.prove(index))
        count = len(digests)
        tree.head.verify_inclusion(index, LEAVES[index], ts.InclusionProof(digests))
        strangers = (bytes(32), b"\xff" * 32, tree.root, twin.leaf(LEAVES[index]), *digests)
        shorter = [digests[:at] + digests[at + 1 :] for at in range(count)]
        longer = [(*digests[:at], extra, *digests[at:]) for at in range(count + 1) for extra in strangers]
        replaced = [(*digests[:at], other, *digests[at + 1 :]) for at in range(count) for other in strangers]
        for changed in {*shorter, *longer, *replaced, digests[::-1]} - {digests}:
            with pytest.raises(ts.InvalidProof) as caught:
                tree.head.verify_inclusion(index, LEAVES[index], ts.InclusionProof(changed))
            right_number = len(changed) == count
            assert (caught.value.reason is ts.Reason.ROOT_MISMATCH) == right_number
            assert (caught.value.reason is ts.Reason.DIGEST_COUNT) == (not right_number)


@pytest.mark.parametrize("size", [2**63 - 1, 2**63, 2**63 + 1, 2**64 - 2, 2**64 - 1])
def test_a28_the_largest_sizes_end(size: int) -> None:
    """Where n + 1 or 2 i overflow, a loop over levels might never end."""
    head = ts.TreeHead(ts.schemes.RFC6962, size, bytes(32))
    began = time.perf_counter()
    for index in (0, 1, size // 2, 2**62, size - 2, size - 1):
        for count in range(66):
            with pytest.raises(ts.InvalidProof) as caught:
                head.verify_inclusion(index, b"", ts.InclusionProof([bytes(32)] * count))
            right = count == len(steps(index, size))
            assert (caught.value.reason is ts.Reason.ROOT_MISMATCH) == right
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize("index", [*EDGES, -1])
def test_a31_nothing_outside_counts_as_zero(index: int) -> None:
    tree = built(LEAVES[:1])
    tree.head.verify_inclusion(0, LEAVES[0], tree.prove(0))
    with pytest.raises(ts.InvalidProof):
        tree.head.verify_inclusion(index, LEAVES[0], tree.prove(0))
    with pytest.raises(IndexError):
        tree.prove(index)
    with pytest.raises(IndexError):
        ts.schemes.NATIVE.plan(1, [index])
