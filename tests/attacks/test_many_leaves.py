"""A4, A5, A6, A11, A12, A30, A42, A43: one proof of many leaves, against everyone who forged one."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest
import tallystick as ts

from tests.reference.schemes import Scheme
from tests.support import all_flips, built, digests_of, each_scheme, rows, scheme_of

LEAVES = rows(21)
LETTERS = [bytes([byte]) for byte in b"abcdefghijklmnop"]
FORGED = b"FORGED"


def refused(head: ts.TreeHead, indices: Any, leaves: Any, proof: ts.MultiProof) -> ts.Reason:
    with pytest.raises(ts.InvalidProof) as caught:
        head.verify_many(indices, leaves, proof)
    return caught.value.reason


@each_scheme
def test_a4_the_order_of_hashing_is_not_the_provers(twin: Scheme) -> None:
    """A proof that holds the leaf itself, twice, and two malicious leaves that no hash was to reach."""
    scheme = scheme_of(twin)
    own, zero = twin.leaf(b"a"), bytes(32)
    tree = ts.hazmat.tree([own, zero], scheme=scheme)
    tree.head.verify_many([0], [b"a"], ts.MultiProof([zero]))
    for digests in itertools.product((own, zero, tree.root), repeat=2):
        for count in range(3):
            proof = ts.MultiProof(digests[:count])
            for indices in ([0, 1], [1, 0], [0, 2], [0, 1, 2]):
                refused(tree.head, indices, [FORGED + bytes([i]) for i in indices], proof)
            refused(tree.head, [0, 1], [b"a", FORGED], proof)


@each_scheme
def test_a5_an_index_beyond_the_size_is_refused_before_anything(twin: Scheme) -> None:
    """Size 1 and index 1: the forged leaf was dropped, and the next digest became the root."""
    tree = built([b"a"], scheme=scheme_of(twin))
    tree.head.verify_many([0], [b"a"], ts.MultiProof([]))
    top = twin.leaf(b"a")
    for digests in ([], [top], [tree.root], [top, top]):
        for indices in ([1], [0, 1], [1, 2], [2**32], [2**64 - 1]):
            leaves = [b"a" if index == 0 else FORGED for index in indices]
            assert refused(tree.head, indices, leaves, ts.MultiProof(digests)) is ts.Reason.INDEX_OUT_OF_RANGE
    wider = built(LETTERS[:5], scheme=tree.scheme)
    for index in (5, 6, 7, 8, 13):
        proof = wider.prove_many([0, 4])
        assert refused(wider.head, [0, 4, index], [b"a", b"e", FORGED], proof) is ts.Reason.INDEX_OUT_OF_RANGE


@each_scheme
def test_a6_a_repeated_index_hides_no_leaf(twin: Scheme) -> None:
    """Indices [0, 1, 1] and leaves [l0, l1, FORGED], in every order; also where both leaves are genuine."""
    tree = built(LETTERS[:5], scheme=scheme_of(twin))
    proof = tree.prove_many([0, 1])
    tree.head.verify_many([0, 1], LETTERS[:2], proof)
    for last in (FORGED, LETTERS[1], LETTERS[0], b""):
        pairs = [(0, LETTERS[0]), (1, LETTERS[1]), (1, last)]
        for order in itertools.permutations(pairs):
            indices, leaves = zip(*order, strict=True)
            assert refused(tree.head, indices, leaves, proof) is ts.Reason.DUPLICATE_INDEX
            assert refused(tree.head, indices, leaves, tree.prove_many([0])) is ts.Reason.DUPLICATE_INDEX


@each_scheme
def test_a6_every_leaf_enters_a_hash(twin: Scheme) -> None:
    """In every claim of every subset, each leaf forged in turn, and one more or less claimed than proven."""
    for size in range(1, 8):
        tree = built(LETTERS[:size], scheme=scheme_of(twin))
        for count in range(1, size + 1):
            for indices in itertools.combinations(range(size), count):
                leaves, proof = [LETTERS[i] for i in indices], tree.prove_many(indices)
                tree.head.verify_many(indices, leaves, proof)
                for place in range(count):
                    forged = [*leaves[:place], FORGED, *leaves[place + 1 :]]
                    assert refused(tree.head, indices, forged, proof) is ts.Reason.ROOT_MISMATCH
                    if count > 1:
                        fewer = indices[:place] + indices[place + 1 :], leaves[:place] + leaves[place + 1 :]
                        refused(tree.head, *fewer, proof)
                for other in set(range(size)) - set(indices):
                    refused(tree.head, [*indices, other], [*leaves, FORGED], proof)


@each_scheme
def test_a11_the_leaves_of_one_set_are_not_those_of_another(twin: Scheme) -> None:
    """Every subset's leaves and proof, claimed for every other subset of as many."""
    size = 6
    tree = built(LETTERS[:size], scheme=scheme_of(twin))
    for count in (1, 2, 3):
        for true in itertools.combinations(range(size), count):
            leaves, proof = [LETTERS[i] for i in true], tree.prove_many(true)
            for claimed in itertools.permutations(range(size), count):
                if claimed == true:
                    tree.head.verify_many(claimed, leaves, proof)
                else:
                    refused(tree.head, claimed, leaves, proof)


@each_scheme
def test_a11_higher_bits_of_an_index_count(twin: Scheme) -> None:
    tree = built(LEAVES, scheme=scheme_of(twin))
    proof, leaves = tree.prove_many([3, 20]), [LEAVES[3], LEAVES[20]]
    tree.head.verify_many([3, 20], leaves, proof)
    for higher in (5, 6, 8, 16, 31, 32, 33, 63, 64, 70):
        assert refused(tree.head, [3 + 2**higher, 20], leaves, proof) is ts.Reason.INDEX_OUT_OF_RANGE
        assert refused(tree.head, [3, 20 - 2**higher], leaves, proof) is ts.Reason.INDEX_OUT_OF_RANGE


@pytest.mark.parametrize("name", [name for name in ts.schemes.names() if name.startswith("native/")])
def test_a12_a_native_root_is_of_one_size(name: str) -> None:
    for size in range(1, 12):
        tree = built(LETTERS[:size], scheme=ts.schemes.get(name))
        for indices in ([0], [size - 1], sorted({0, size // 2, size - 1})):
            leaves, proof = [LETTERS[i] for i in indices], tree.prove_many(indices)
            tree.head.verify_many(indices, leaves, proof)
            for other in {*range(14), 2**32 + size, 2**64 - 1} - {size}:
                refused(ts.TreeHead(tree.scheme, other, tree.root), indices, leaves, proof)


def test_a12_an_rfc6962_root_is_not() -> None:
    """Counted, so that a change of it shows: sizes come from authenticated heads."""
    relabels = 0
    for size in range(1, 17):
        tree = built(LETTERS[:size], scheme=ts.schemes.RFC6962)
        for indices in itertools.combinations(range(size), min(2, size)):
            leaves, proof = [LETTERS[i] for i in indices], tree.prove_many(indices)
            for other in range(1, 17):
                head = ts.TreeHead(tree.scheme, other, tree.root)
                try:
                    head.verify_many(indices, leaves, proof)
                except ts.InvalidProof:
                    continue
                relabels += other != size
    assert relabels == 2200


@pytest.mark.parametrize("short", ["indices", "leaves", "digests"])
def test_a30_the_shortest_list_does_not_decide(short: str) -> None:
    tree, indices = built(LEAVES), [0, 3, 7, 20]
    proof = tree.prove_many(indices)
    claim: dict[str, Any] = {"indices": indices, "leaves": [LEAVES[i] for i in indices]}
    tree.head.verify_many(**claim, proof=proof)
    for keep in range(len(proof) if short == "digests" else 4):
        cut = dict(claim)
        if short == "digests":
            given, reason = ts.MultiProof(digests_of(proof)[:keep]), ts.Reason.DIGEST_COUNT
        else:
            given, reason, cut[short] = proof, ts.Reason.LENGTH_MISMATCH, claim[short][:keep]
        assert refused(tree.head, cut["indices"], cut["leaves"], given) is reason


@pytest.mark.parametrize("name", ["native/blake3", "rfc6962/sha256"])
def test_a42_the_cases_that_failed_honest_users(name: str) -> None:
    """Indices [0, 2] of 3, nine leaves and more, unsorted indices, a lone node at every level."""
    rng = random.Random(name)
    for size in (3, 9, 10, 13, 17, 21):
        tree = built(LEAVES[:size], scheme=ts.schemes.get(name))
        chosen = [
            [0, 2],
            [size - 1],
            [size - 1, 0],
            list(range(size)),
            list(range(size))[::-1],
            list(range(0, size, 2)),
        ]
        chosen += [rng.sample(range(size), rng.randrange(1, size)) for _ in range(50)]
        for indices in chosen:
            leaves = [LEAVES[i] for i in indices]
            tree.head.verify_many(indices, leaves, tree.prove_many(indices))


def test_a42_leaves_that_are_all_equal() -> None:
    for size in (1, 2, 3, 5, 13):
        tree = built([b"same"] * size)
        for indices in itertools.combinations(range(size), min(size, 3)):
            tree.head.verify_many(indices, [b"same"] * len(indices), tree.prove_many(indices))


@each_scheme
def test_a43_what_is_sent_is_used_and_nothing_else(twin: Scheme) -> None:
    """The checks of partial trees, as far as digests alone can break them: more, fewer, equal siblings."""
    tree = built(LEAVES, scheme=scheme_of(twin))
    indices = [2, 3, 9, 20]
    leaves, proof = [LEAVES[i] for i in indices], tree.prove_many(indices)
    digests = list(digests_of(proof))
    tree.head.verify_many(indices, leaves, proof)
    for place in range(len(digests)):
        for changed in (
            digests[:place] + digests[place + 1 :],
            [*digests[:place], digests[place], *digests[place:]],
            [*digests[:place], digests[place - 1], *digests[place + 1 :]],
            [*digests[:place], twin.leaf(leaves[0]), *digests[place + 1 :]],
        ):
            refused(tree.head, indices, leaves, ts.MultiProof(changed))


def test_every_bit_of_a_proof_counts() -> None:
    tree, indices = built(LEAVES), [2, 3, 9]
    leaves, raw = [LEAVES[i] for i in indices], tree.prove_many(indices).digests.tobytes()
    for changed in all_flips(raw):
        proof = ts.MultiProof([changed[place : place + 32] for place in range(0, len(raw), 32)])
        assert refused(tree.head, indices, leaves, proof) is ts.Reason.ROOT_MISMATCH
