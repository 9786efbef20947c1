"""Proofs of growth: every pair of sizes, equal to the twin's, and what they do not accept."""

from __future__ import annotations

import random

import numpy as np
import pytest
import tallystick as ts

from tests.reference import consistency as twin_growth
from tests.reference import trees as twin_trees
from tests.reference.objects import ConsistencyProof
from tests.reference.schemes import Scheme
from tests.support import built, digests_of, each_scheme, rows, scheme_of

LEAVES = rows(130)
BOTH = pytest.mark.parametrize("name", ["native/blake3", "rfc6962/sha256"])


@each_scheme
def test_every_growth_within_forty_leaves(twin: Scheme) -> None:
    tree = built(LEAVES[:40], scheme=scheme_of(twin))
    heads = [tree.head_at(size) for size in range(41)]
    for newer in range(1, 41):
        for older in range(1, newer + 1):
            proof = tree.prove_extends(older, head=heads[newer])
            heads[newer].verify_extends(heads[older], proof)
            for other in {older - 1, older + 1, newer} - {older, newer + 1}:
                with pytest.raises(ts.InvalidProof):
                    heads[newer].verify_extends(heads[other], proof)


@each_scheme
def test_growth_is_the_twins(twin: Scheme) -> None:
    rng = random.Random(twin.name)
    for _ in range(20):
        newer = rng.randrange(1, 130)
        older = rng.randrange(1, newer + 1)
        tree = built(LEAVES[:newer], scheme=scheme_of(twin))
        proof = tree.prove_extends(older)
        assert digests_of(proof) == twin_growth.prove_extends(twin, LEAVES[:newer], older).digests
        heads = (twin_trees.head(twin, LEAVES[:size]) for size in (newer, older))
        twin_growth.verify_extends(*heads, ConsistencyProof(32, digests_of(proof)))


@BOTH
def test_heads_of_a_growing_tree(name: str) -> None:
    tree, kept = ts.MerkleTree(scheme=ts.schemes.get(name)), []
    for leaf in LEAVES:
        tree.append(leaf)
        kept.append(tree.head)
        for older in kept[:: max(1, len(kept) // 5)]:
            tree.head.verify_extends(older, tree.prove_extends(older.size))


def test_the_form_of_rfc_6962_leaves_out_what_the_verifier_has() -> None:
    for older, newer in ((1, 2), (2, 3), (4, 7), (8, 8), (8, 21)):
        native, plain = (
            built(LEAVES[:newer], scheme=ts.schemes.get(name)).prove_extends(older)
            for name in ("native/sha256", "rfc6962/sha256")
        )
        assert len(native) == len(plain) + (older != newer)
    assert len(built(LEAVES[:7], scheme=ts.schemes.RFC6962).prove_extends(3)) == 4  # RFC 6962 section 2.1.3


def test_equal_heads_need_no_digests() -> None:
    tree = built(LEAVES[:7])
    proof = tree.prove_extends(7)
    assert len(proof) == 0
    assert repr(proof) == "<ConsistencyProof: 0 digests of 32 bytes>"
    tree.head.verify_extends(tree.head, proof)
    assert tree.prove_extends(np.uint8(7)) == proof


@BOTH
def test_a_changed_past_is_refused(name: str) -> None:
    """Whatever the log proves about its new tree, the old head does not fit."""
    tree = built(LEAVES[:21], scheme=ts.schemes.get(name))
    older = tree.head_at(13)
    newer = built([*LEAVES[:5], b"changed", *LEAVES[6:21]], scheme=tree.scheme)
    tree.head.verify_extends(older, tree.prove_extends(13))
    newer.head.verify_extends(newer.head_at(13), newer.prove_extends(13))
    for head in (tree.head, newer.head):
        for proof in (tree.prove_extends(13), newer.prove_extends(13)):
            if head == tree.head and proof == tree.prove_extends(13):
                continue
            with pytest.raises(ts.RootMismatch):
                head.verify_extends(older, proof)


def test_replacing_a_leaf_ends_growth() -> None:
    tree = built(LEAVES[:21])
    older = tree.head_at(13)
    tree.update([20], [b"behind"])
    tree.head.verify_extends(older, tree.prove_extends(13))
    tree.update([0], [b"within"])
    with pytest.raises(ts.RootMismatch):
        tree.head.verify_extends(older, tree.prove_extends(13))


def test_a_mismatch_shows_both_roots() -> None:
    tree = built(LEAVES[:7])
    older = ts.TreeHead(tree.scheme, 5, bytes(32))
    with pytest.raises(ts.RootMismatch) as caught:
        tree.head.verify_extends(older, tree.prove_extends(5))
    assert caught.value.expected == bytes(32)
    assert caught.value.computed == tree.head_at(5).root


def test_huge_trees_cost_no_more_than_their_depth() -> None:
    newer = ts.TreeHead(ts.schemes.NATIVE, 2**64 - 1, bytes(32))
    for size in (1, 2**32, 2**63 - 1, 2**63, 2**64 - 2):
        older = ts.TreeHead(ts.schemes.NATIVE, size, bytes(32))
        counts = []
        for count in range(130):
            with pytest.raises(ts.InvalidProof) as caught:
                newer.verify_extends(older, ts.ConsistencyProof([bytes(32)] * count))
            if caught.value.reason is ts.Reason.ROOT_MISMATCH:
                counts.append(count)
        assert len(counts) == 1


def test_the_older_head_itself_is_asked_for() -> None:
    tree = ts.MerkleTree([b"a", b"b", b"c"])
    older = tree.head
    tree.extend([b"d", b"e"])
    assert tree.prove_extends(older) == tree.prove_extends(3)
    tree.head.verify_extends(older, tree.prove_extends(older))
    tree.update([1], [b"x"])
    with pytest.raises(ts.StaleHead):
        tree.prove_extends(older)
    with pytest.raises(ts.StaleHead):
        tree.prove_extends(ts.MerkleTree([b"a"], scheme=ts.schemes.RFC6962).head)
    with pytest.raises(ValueError, match="nothing to prove"):
        tree.prove_extends(ts.MerkleTree().head)


def test_a_mismatch_says_of_which_head() -> None:
    tree = ts.MerkleTree([b"a", b"b", b"c", b"d", b"e"])
    proof, older, newer = tree.prove_extends(3), tree.head_at(3), tree.head
    other = ts.TreeHead(tree.scheme, 3, bytes(32))
    with pytest.raises(ts.RootMismatch, match="not the older head's"):
        newer.verify_extends(other, proof)
    with pytest.raises(ts.RootMismatch, match="not the newer head's"):
        ts.TreeHead(tree.scheme, 5, bytes(32)).verify_extends(older, proof)
