"""Heads: made, verified with, and the reasons they give. Refused types are in test_bad_input."""

from __future__ import annotations

import numpy as np
import pytest
import tallystick as ts

from tests.reference.schemes import Scheme
from tests.support import built, digests_of, each_scheme, flipped, rows, scheme_of

LEAVES = rows(11)
TREE = built(LEAVES)
HEAD = TREE.head
BATCH = TREE.prove_each()
NONE = ts.ProofBatch([], [0])


def refusal(call: object, *arguments: object) -> ts.InvalidProof:
    with pytest.raises(ts.InvalidProof) as caught:
        call(*arguments)  # type: ignore[operator]
    return caught.value


@each_scheme
def test_a_head_is_made_of_its_parts(twin: Scheme) -> None:
    tree = built(LEAVES, scheme=scheme_of(twin))
    head = ts.TreeHead(scheme=tree.scheme, size=11, root=tree.root)
    assert head == tree.head
    assert (head.scheme, head.size, head.root) == (tree.scheme, 11, tree.root)
    assert repr(head) == f"<TreeHead {twin.name}: size 11, root {tree.root.hex()}>"


@pytest.mark.parametrize("size", [0, 1, 2**63, 2**64 - 1, np.uint64(2**64 - 1), np.int8(7)])
def test_any_size_of_64_bits_is_stated(size: int) -> None:
    assert ts.TreeHead(ts.schemes.NATIVE, size, bytes(32)).size == int(size)


@pytest.mark.parametrize("root", [bytearray(32), memoryview(bytes(32)), np.zeros(32, np.uint8)])
def test_a_root_is_anything_bytes_like(root: object) -> None:
    assert ts.TreeHead(ts.schemes.NATIVE, 1, root).root == bytes(32)  # type: ignore[arg-type]


@pytest.mark.parametrize("length", [0, 1, 16, 31, 33, 64])
def test_a_root_has_the_length_of_a_digest(length: int) -> None:
    with pytest.raises(ValueError, match=rf"{length}.*32|32.*{length}"):
        ts.TreeHead(ts.schemes.NATIVE, 1, bytes(length))


@pytest.mark.parametrize("index", range(11))
def test_a_proof_is_accepted_silently(index: int) -> None:
    assert HEAD.verify_inclusion(index, LEAVES[index], TREE.prove(index)) is None  # type: ignore[func-returns-value]
    assert (
        HEAD.verify_inclusion(index=np.int64(index), leaf=bytearray(LEAVES[index]), proof=BATCH[index])  # type: ignore[func-returns-value]
        is None
    )


def test_a_leaf_above_the_gil_threshold_is_verified_too() -> None:
    leaf = bytes(100_000)
    tree = built([b"a", leaf])
    tree.head.verify_inclusion(1, leaf, tree.prove(1))
    assert (
        refusal(tree.head.verify_inclusion, 1, leaf + b"x", tree.prove(1)).reason is ts.Reason.ROOT_MISMATCH
    )


@pytest.mark.parametrize("index", [11, 12, 2**32, 2**64 - 1, 2**64, 2**70, -1, -(2**70)])
def test_an_index_that_is_not_below_the_size_is_a_false_claim(index: int) -> None:
    error = refusal(HEAD.verify_inclusion, index, LEAVES[0], TREE.prove(0))
    assert error.reason is ts.Reason.INDEX_OUT_OF_RANGE
    assert str(error) == f"index {index} is not below the size, 11"


def test_no_index_is_a_false_claim() -> None:
    error = refusal(HEAD.verify_inclusion, None, LEAVES[0], TREE.prove(0))
    assert error.reason is ts.Reason.INDEX_REQUIRED
    assert "native/blake3" in str(error)


def test_a_mismatch_shows_both_roots() -> None:
    error = refusal(HEAD.verify_inclusion, 4, b"other", TREE.prove(4))
    assert isinstance(error, ts.RootMismatch)
    changed = TREE.head_at(11)
    changed_tree = built(LEAVES)
    changed_tree.update([4], [b"other"])
    assert error.expected == changed.root
    assert error.computed == changed_tree.root


@pytest.mark.parametrize("count", [0, 3, 5, 255])
def test_the_number_of_digests_is_given_back(count: int) -> None:
    digests = (digests_of(TREE.prove(4)) * 64)[:count]
    error = refusal(HEAD.verify_inclusion, 4, LEAVES[4], ts.InclusionProof(digests))
    assert error.reason is ts.Reason.DIGEST_COUNT
    assert str(count) in str(error)
    assert "4" in str(error)


def test_every_claim_at_once() -> None:
    assert HEAD.verify_each(range(11), LEAVES, BATCH) is None  # type: ignore[func-returns-value]
    assert HEAD.check_each(range(11), LEAVES, BATCH).tolist() == [True] * 11


def test_claims_come_in_any_order_and_more_than_once() -> None:
    chosen = [7, 0, 7, 10]
    batch = TREE.prove_each(chosen)
    HEAD.verify_each(np.array(chosen), [LEAVES[i] for i in chosen], batch)
    assert HEAD.check_each([7, 0, 7, 9], [LEAVES[i] for i in chosen], batch).tolist() == [True] * 3 + [False]


def test_the_places_of_the_refused_are_named() -> None:
    leaves = [leaf + b"x" if place in (2, 5) else leaf for place, leaf in enumerate(LEAVES)]
    error = refusal(HEAD.verify_each, range(11), leaves, BATCH)
    assert error.failed == (2, 5)
    assert error.reason is ts.Reason.SOME_FAILED
    assert str(error).startswith("2 of 11 proofs refused, first at place 2: the computed root")
    assert np.flatnonzero(~HEAD.check_each(range(11), leaves, BATCH)).tolist() == [2, 5]


@pytest.mark.parametrize("wrong", [-1, 11, 2**64 - 1, 2**64, 2**70, -(2**70)])
def test_an_index_outside_fails_alone(wrong: int) -> None:
    indices = [*range(10), wrong]
    error = refusal(HEAD.verify_each, indices, LEAVES, BATCH)
    assert error.failed == (10,)
    assert f"index {wrong} is not below the size, 11" in str(error)
    assert HEAD.check_each(indices, LEAVES, BATCH).tolist() == [True] * 10 + [False]


@pytest.mark.parametrize(
    ("indices", "leaves", "proofs"),
    [
        (range(10), LEAVES, BATCH),
        (range(12), LEAVES, BATCH),
        (range(11), LEAVES[:-1], BATCH),
        (range(11), LEAVES, TREE.prove_each(range(10))),
        ([], LEAVES, BATCH),
        (range(11), [], BATCH),
        ([], [], BATCH),
        ([0], [b""], NONE),
    ],
)
def test_unequal_numbers_are_no_claim(indices: object, leaves: object, proofs: ts.ProofBatch) -> None:
    error = refusal(HEAD.verify_each, indices, leaves, proofs)
    assert error.reason is ts.Reason.LENGTH_MISMATCH
    for number in (indices, leaves, proofs):
        assert str(len(number)) in str(error)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match=r"indices.*leaves.*proofs"):
        HEAD.check_each(indices, leaves, proofs)  # type: ignore[arg-type]


def test_no_claims_prove_nothing() -> None:
    assert refusal(HEAD.verify_each, [], [], NONE).reason is ts.Reason.EMPTY_CLAIM
    verdicts = HEAD.check_each([], [], NONE)
    assert verdicts.shape == (0,)
    assert verdicts.dtype == np.bool_


def test_verdicts_are_not_true_or_false_as_a_whole() -> None:
    with pytest.raises(ValueError, match="ambiguous"):
        bool(HEAD.check_each(range(11), LEAVES, BATCH))


@each_scheme
def test_the_empty_tree_proves_nothing(twin: Scheme) -> None:
    head = built([], scheme=scheme_of(twin)).head
    for index in (0, 1, -1, 2**64):
        for leaf in (b"", head.root, bytes(32)):
            error = refusal(head.verify_inclusion, index, leaf, ts.InclusionProof([]))
            assert error.reason is ts.Reason.INDEX_OUT_OF_RANGE


@pytest.mark.parametrize("bit", [0, 255])
def test_a_head_of_another_root_accepts_nothing(bit: int) -> None:
    head = ts.TreeHead(HEAD.scheme, 11, flipped(HEAD.root, bit))
    assert not head.check_each(range(11), LEAVES, BATCH).any()
