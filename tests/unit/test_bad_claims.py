"""Verifiers: a claim of the right types is proven or InvalidProof, of wrong types TypeError; no verdicts."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import tallystick as ts

from tests.support import built, digests_of, rows

LEAVES = rows(7)
TREE = built(LEAVES)
HEAD = TREE.head

Verify = Callable[[ts.TreeHead, Any, Any, Any], None]


def each(head: ts.TreeHead, index: Any, leaf: Any, proof: Any) -> None:
    head.verify_each([index], [leaf], proof)


def one(head: ts.TreeHead, index: Any, leaf: Any, proof: Any) -> None:
    head.verify_inclusion(index, leaf, proof)


def bare(head: ts.TreeHead, index: Any, leaf: Any, proof: Any) -> None:
    ts.hazmat.verify_inclusion(head, index, leaf, proof)


INDICES: tuple[Any, ...] = (
    0,
    3,
    6,
    7,
    8,
    -1,
    -7,
    2**32,
    2**63,
    2**64 - 1,
    2**64,
    2**70,
    -(2**70),
    np.uint64(2**64 - 1),
    np.int8(-1),
)
OTHER_LEAVES = (b"", b"\x00", LEAVES[0], LEAVES[1], bytes(32), HEAD.root, bytes(100_000), bytearray(5))
PROOFS = (
    ts.InclusionProof([]),
    ts.InclusionProof([], digest_size=64),
    ts.InclusionProof([bytes(64)] * 3),
    ts.InclusionProof([bytes(33)] * 3),
    ts.InclusionProof([bytes(32)] * 255),
    ts.InclusionProof([HEAD.root] * 3),
    built(rows(8)).prove(3),
    built(LEAVES, scheme=ts.schemes.RFC6962).prove(3),
    built(LEAVES, scheme=ts.schemes.NATIVE.with_context(b"x")).prove(3),
    built(rows(7, seed=1)).prove(3),
    *(TREE.prove(index) for index in range(7)),
)
SINGLE = built([b""])
HEADS = (
    HEAD,
    SINGLE.head,
    built([]).head,
    built(LEAVES, scheme=ts.schemes.RFC6962).head,
    ts.TreeHead(ts.schemes.NATIVE, 2**64 - 1, bytes(32)),
    ts.TreeHead(ts.schemes.RFC6962, 7, bytes(32)),
)


def as_batch(proof: ts.InclusionProof) -> ts.ProofBatch:
    return ts.ProofBatch(proof.digests, [0, len(proof)], digest_size=proof.digest_size)


def test_every_combination_of_values() -> None:
    """A claim is accepted exactly where its leaf, index, proof and head are those of one tree."""
    trees = {HEAD: (TREE, LEAVES), SINGLE.head: (SINGLE, [b""])}
    accepted = 0
    for head, index, leaf, proof in itertools.product(HEADS, INDICES, OTHER_LEAVES, PROOFS):
        tree, leaves = trees.get(head, (TREE, []))
        inside = index in range(len(leaves))
        honest = inside and leaf == leaves[int(index)] and proof == tree.prove(index)
        for verify, shape in ((one, proof), (each, as_batch(proof)), (bare, proof)):
            if honest and verify is not bare:
                assert verify(head, index, leaf, shape) is None
                accepted += 1
                continue
            with pytest.raises(ts.InvalidProof):
                verify(head, index, leaf, shape)
    assert accepted == 4  # two claims, two verifiers


@pytest.mark.parametrize("seed", range(5))
def test_any_batch_of_claims(seed: int) -> None:
    rng = random.Random(seed)
    for _ in range(100):
        indices = rng.choices(INDICES, k=rng.randrange(5))
        leaves = rng.choices(OTHER_LEAVES, k=rng.choice([len(indices), rng.randrange(5)]))
        proofs = rng.choices(PROOFS[4:], k=rng.choice([len(indices), rng.randrange(5)]))
        digests = [digest for proof in proofs for digest in digests_of(proof)]
        batch = ts.ProofBatch(digests, np.cumsum([0, *map(len, proofs)]))
        with pytest.raises(ts.InvalidProof) as caught:
            HEAD.verify_each([*indices, 7], [*leaves, b""], batch)
        assert isinstance(caught.value.reason, ts.Reason)


WRONG_INDEX = (True, False, np.True_, 1.0, "1", b"1", [1], object(), np.array([1.0]), np.float32(1))
WRONG_LEAF = ("leaf", 3, None, [b"leaf"], 1.0, np.uint8(1), np.zeros((4, 4), np.uint8)[:, ::2], object())
WRONG_PROOF = (
    None,
    b"",
    TREE.prove(0).to_bytes(),
    [bytes(32)],
    TREE.prove(0).digests,
    HEAD,
    TREE,
    0,
    "proof",
)


@pytest.mark.parametrize("verify", [one, each, bare])
def test_wrong_types_are_type_errors_whatever_else_is_wrong(verify: Verify) -> None:
    kind = as_batch(TREE.prove(0)) if verify is each else TREE.prove(0)
    other_kind = TREE.prove(0) if verify is each else as_batch(TREE.prove(0))
    for good_index, good_leaf in ((0, LEAVES[0]), (2**70, b"no leaf")):
        for index in WRONG_INDEX:
            with pytest.raises(TypeError):
                verify(HEAD, index, good_leaf, kind)
        for leaf in WRONG_LEAF:
            with pytest.raises(TypeError):
                verify(HEAD, good_index, leaf, kind)
        for proof in (*WRONG_PROOF, other_kind):
            with pytest.raises(TypeError):
                verify(HEAD, good_index, good_leaf, proof)


def test_no_index_is_a_claim_of_one_and_a_wrong_type_among_many() -> None:
    with pytest.raises(ts.InvalidProof) as caught:
        one(HEAD, None, LEAVES[0], TREE.prove(0))
    assert caught.value.reason is ts.Reason.INDEX_REQUIRED
    with pytest.raises(TypeError, match="NoneType"):
        each(HEAD, None, LEAVES[0], as_batch(TREE.prove(0)))


@pytest.mark.parametrize(
    "indices", [0, "0", b"\x00", {0}, 0.0, None, np.array([0.0]), np.array([0], ">i8"), [[0]]]
)
def test_many_indices_are_a_sequence_of_integers(indices: object) -> None:
    for call in (HEAD.verify_each, HEAD.check_each):
        with pytest.raises(TypeError):
            call(indices, [LEAVES[0]], as_batch(TREE.prove(0)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "leaves", [LEAVES[0], "0", 5, None, {LEAVES[0]}, np.zeros(1, np.uint8), np.zeros((1, 4))]
)
def test_many_leaves_are_rows(leaves: object) -> None:
    for call in (HEAD.verify_each, HEAD.check_each):
        with pytest.raises(TypeError):
            call([0], leaves, as_batch(TREE.prove(0)))  # type: ignore[arg-type]


def test_an_array_of_width_0_claims_no_leaf() -> None:
    with pytest.raises(ts.InvalidProof) as caught:
        HEAD.verify_each([0], np.zeros((1, 0), np.uint8), as_batch(TREE.prove(0)))
    assert caught.value.reason is ts.Reason.MALFORMED_LEAF
    with pytest.raises(ValueError, match="0"):
        HEAD.check_each([0], np.zeros((1, 0), np.uint8), as_batch(TREE.prove(0)))


def test_more_indices_than_memory_holds_are_unequal_numbers() -> None:
    """A range costs nothing to claim."""
    batch = as_batch(TREE.prove(0))
    with pytest.raises(ts.InvalidProof) as caught:
        HEAD.verify_each(range(2**62), [LEAVES[0]], batch)
    assert caught.value.reason is ts.Reason.LENGTH_MISMATCH
    with pytest.raises(ValueError, match=str(2**62)):
        HEAD.check_each(range(2**62), [LEAVES[0]], batch)


def test_a_huge_tree_costs_no_more_than_its_depth() -> None:
    head = ts.TreeHead(ts.schemes.NATIVE, 2**64 - 1, bytes(32))
    for index in (0, 2**63, 2**64 - 2):
        steps = len(head.scheme.plan(head.size, [index]))
        with pytest.raises(ts.RootMismatch):
            head.verify_inclusion(index, b"", ts.InclusionProof([bytes(32)] * steps))
        with pytest.raises(ts.InvalidProof, match=rf"{steps}"):
            head.verify_inclusion(index, b"", ts.InclusionProof([bytes(32)] * (steps - 1)))
