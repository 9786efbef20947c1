"""Claims about many leaves and about growth: proven, or InvalidProof; of wrong types TypeError."""

from __future__ import annotations

import itertools
import random
from typing import Any

import numpy as np
import pytest
import tallystick as ts

from tests.support import built, digests_of, rows

LEAVES = rows(11)
TREE = built(LEAVES)
HEAD = TREE.head
CLAIM = [2, 3, 9]
PROOF = TREE.prove_many(CLAIM)
DIGESTS = digests_of(PROOF)
OTHER = {
    "another tree": built(rows(11, seed=1)),
    "a larger tree": built([*LEAVES, b""]),
    "another family": built(LEAVES, scheme=ts.schemes.rfc6962(ts.hashes.BLAKE3)),
    "another hash": built(LEAVES, scheme=ts.schemes.native(ts.hashes.SHA256)),
    "another context": built(LEAVES, scheme=ts.schemes.NATIVE.with_context(b"x")),
}
HUGE = 10**5000


def of(indices: list[int]) -> list[bytes]:
    return [LEAVES[index] for index in indices]


def refusal(indices: Any, leaves: Any, proof: ts.MultiProof, head: ts.TreeHead = HEAD) -> ts.Reason:
    """The reason, the same from the verifier, from cutting out and from joining on either side."""
    with pytest.raises(ts.InvalidProof) as caught:
        head.verify_many(indices, leaves, proof)
    reason = caught.value.reason
    calls = [lambda: proof.extract(indices, leaves, 2, head)]
    if head == HEAD:
        calls += [
            lambda: proof.merge(indices, leaves, PROOF, CLAIM, of(CLAIM), head),
            lambda: PROOF.merge(CLAIM, of(CLAIM), proof, indices, leaves, head),
        ]
    for call in calls:
        with pytest.raises(ts.InvalidProof) as again:
            call()
        assert again.value.reason is reason
    assert isinstance(caught.value, ts.RootMismatch) == (reason is ts.Reason.ROOT_MISMATCH)
    return reason


def test_nothing_is_claimed() -> None:
    for proof in (PROOF, ts.MultiProof([])):
        for none in ([], (), range(0), np.zeros(0, np.int64)):
            assert refusal(none, [], proof) is ts.Reason.EMPTY_CLAIM
    assert refusal([], [], ts.MultiProof([]), built([]).head) is ts.Reason.EMPTY_CLAIM


@pytest.mark.parametrize(
    "index", [11, 12, 2**32 + 2, 2**63, 2**64 - 1, 2**64, 2**64 + 2, -1, -9, HUGE], ids=hash
)
def test_an_index_outside(index: int) -> None:
    for place in range(3):
        indices = list(CLAIM)
        indices[place] = index
        assert refusal(indices, of(CLAIM), PROOF) is ts.Reason.INDEX_OUT_OF_RANGE


def test_an_index_twice_also_with_the_genuine_leaf() -> None:
    for index, leaf in itertools.product(CLAIM, (b"forged", *of(CLAIM))):
        for place in range(4):
            indices, leaves = list(CLAIM), of(CLAIM)
            indices.insert(place, index)
            leaves.insert(place, leaf)
            assert refusal(indices, leaves, PROOF) is ts.Reason.DUPLICATE_INDEX


def test_unequal_numbers() -> None:
    for indices, leaves in itertools.product(([], [2], CLAIM, [*CLAIM, 10], range(2**62)), repeat=2):
        if len(indices) != len(leaves) and len(leaves) < 100:
            assert refusal(indices, of(list(leaves)), PROOF) is ts.Reason.LENGTH_MISMATCH


def test_an_order_is_free_but_pairs_are_not() -> None:
    for order in itertools.permutations(CLAIM):
        HEAD.verify_many(order, of(list(order)), PROOF)
        for leaves in itertools.permutations(of(CLAIM)):
            if list(leaves) != of(list(order)):
                assert refusal(order, leaves, PROOF) is ts.Reason.ROOT_MISMATCH


def test_digests_left_over_or_missing() -> None:
    for place in range(len(DIGESTS)):
        without = DIGESTS[:place] + DIGESTS[place + 1 :]
        assert refusal(CLAIM, of(CLAIM), ts.MultiProof(without)) is ts.Reason.DIGEST_COUNT
    for place in range(len(DIGESTS) + 1):
        for extra in (bytes(32), DIGESTS[0], HEAD.root):
            more = ts.MultiProof([*DIGESTS[:place], extra, *DIGESTS[place:]])
            assert refusal(CLAIM, of(CLAIM), more) is ts.Reason.DIGEST_COUNT


def test_digests_in_another_order_or_of_another_size() -> None:
    for order in itertools.permutations(DIGESTS):
        if order != DIGESTS:
            assert refusal(CLAIM, of(CLAIM), ts.MultiProof(order)) is ts.Reason.ROOT_MISMATCH
    for proof in (
        ts.MultiProof([digest + b"\0" for digest in DIGESTS]),
        ts.MultiProof([], digest_size=33),
        ts.MultiProof([digest * 2 for digest in DIGESTS]),
    ):
        assert refusal(CLAIM, of(CLAIM), proof) is ts.Reason.DIGEST_SIZE


@pytest.mark.parametrize("tree", OTHER.values(), ids=OTHER)
def test_another_tree(tree: ts.MerkleTree) -> None:
    leaves = of(CLAIM)
    if tree.prove_many(CLAIM) != PROOF:  # a context enters the root alone
        assert refusal(CLAIM, leaves, tree.prove_many(CLAIM)) in {
            ts.Reason.ROOT_MISMATCH,
            ts.Reason.DIGEST_COUNT,
        }
        with pytest.raises(ts.InvalidProof):
            tree.head.verify_many(CLAIM, leaves, PROOF)
    if tree.root != HEAD.root:
        assert (
            refusal(CLAIM, leaves, PROOF, ts.TreeHead(HEAD.scheme, 11, tree.root)) is ts.Reason.ROOT_MISMATCH
        )
    with pytest.raises(ts.InvalidProof):
        tree.head.verify_extends(TREE.head_at(5), TREE.prove_extends(5))
    with pytest.raises(ts.InvalidProof):
        HEAD.verify_extends(tree.head_at(5), tree.prove_extends(5) if len(tree) == 11 else PROOF_OF_5)


PROOF_OF_5 = built(rows(11, seed=1)).prove_extends(5)


def test_leaves_that_are_none() -> None:
    none = np.zeros((3, 0), np.uint8)
    assert refusal(CLAIM, none, PROOF) is ts.Reason.MALFORMED_LEAF


VALUES: tuple[Any, ...] = (0, 2, 3, 9, 10, 11, -1, 2**64, np.int8(-1), np.uint64(2**64 - 1))


@pytest.mark.parametrize("seed", range(5))
def test_any_values_are_proven_or_refused(seed: int) -> None:
    rng = random.Random(seed)
    proofs = [
        ts.MultiProof([]),
        PROOF,
        *(TREE.prove_many([i]) for i in range(11)),
        OTHER["a larger tree"].prove_many(CLAIM),
    ]
    for _ in range(400):
        indices = rng.choices(VALUES, k=rng.randrange(4))
        leaves = rng.choices(LEAVES, k=rng.choice([len(indices), rng.randrange(4)]))
        proof = rng.choice(proofs)
        distinct = len({int(index) for index in indices}) == len(indices) == len(leaves) > 0
        inside = all(0 <= index < 11 for index in indices)
        honest = distinct and inside and leaves == of([int(i) for i in indices])
        if honest and proof == TREE.prove_many(indices):
            HEAD.verify_many(indices, leaves, proof)
        else:
            with pytest.raises(ts.InvalidProof):
                HEAD.verify_many(indices, leaves, proof)


WRONG_INDICES: tuple[Any, ...] = (
    *(
        2,
        "2",
        b"\x02",
        {2, 3, 9},
        None,
        2.0,
        {2: 1, 3: 1, 9: 1},
        np.array([2.0, 3, 9]),
        np.array([[2, 3, 9]]),
    ),
    *([2, 3, wrong] for wrong in (True, np.True_, 9.0, "9", None, [9], np.float64(9), np.array([9]))),
    np.array([False, True, True]),
    np.array([2, 3, 9], ">i8"),
    np.array([2, 3, 9], object),
    (index for index in CLAIM),
)
WRONG_LEAVES = (
    b"abc",
    "abc",
    3,
    None,
    {b"a", b"b", b"c"},
    ["a", "b", "c"],
    [b"a", b"b", 3],
    [b"a", b"b", None],
    np.zeros((3, 4)),
)
WRONG_PROOFS = (
    None,
    b"",
    PROOF.to_bytes(),
    PROOF.digests,
    list(DIGESTS),
    TREE.prove(2),
    TREE.prove_each(CLAIM),
    HEAD,
)


def test_wrong_types() -> None:
    claim = (CLAIM, of(CLAIM))
    for indices in WRONG_INDICES:
        with pytest.raises(TypeError):
            HEAD.verify_many(indices, of(CLAIM), PROOF)
        with pytest.raises(TypeError):
            PROOF.extract(indices, of(CLAIM), 2, HEAD)
        with pytest.raises(TypeError):
            PROOF.merge(indices, of(CLAIM), PROOF, *claim, HEAD)
        with pytest.raises(TypeError):
            PROOF.merge(*claim, PROOF, indices, of(CLAIM), HEAD)
    for leaves in WRONG_LEAVES:
        with pytest.raises(TypeError):
            HEAD.verify_many(CLAIM, leaves, PROOF)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            PROOF.extract(CLAIM, leaves, 2, HEAD)  # type: ignore[arg-type]
    for proof in (*WRONG_PROOFS, TREE.prove_extends(5)):
        with pytest.raises(TypeError):
            HEAD.verify_many(*claim, proof)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            PROOF.merge(*claim, proof, *claim, HEAD)  # type: ignore[arg-type]
    for head in (None, HEAD.root, HEAD.to_bytes(), TREE, 11):
        with pytest.raises(TypeError):
            PROOF.extract(*claim, 2, head)  # type: ignore[arg-type]
        with pytest.raises(TypeError):
            PROOF.merge(*claim, PROOF, *claim, head)  # type: ignore[arg-type]


@pytest.mark.parametrize("index", [True, np.True_, 2.0, "2", None, [2]])
def test_what_is_cut_out_is_named_by_an_integer(index: Any) -> None:
    with pytest.raises(TypeError, match="integer"):
        PROOF.extract(CLAIM, of(CLAIM), index, HEAD)


@pytest.mark.parametrize("index", [0, 10, 11, 2**64 - 1, 2**64, -1, HUGE], ids=hash)
def test_only_what_is_claimed_is_cut_out(index: int) -> None:
    with pytest.raises(ValueError, match="claimed"):
        PROOF.extract(CLAIM, of(CLAIM), index, HEAD)


def growth(newer: ts.TreeHead, older: ts.TreeHead, proof: ts.ConsistencyProof) -> ts.Reason:
    with pytest.raises(ts.InvalidProof) as caught:
        newer.verify_extends(older, proof)
    return caught.value.reason


def test_growth_is_refused_for_its_reason() -> None:
    proof, older = TREE.prove_extends(6), TREE.head_at(6)
    HEAD.verify_extends(older, proof)
    digests = digests_of(proof)
    none = ts.ConsistencyProof([])
    assert growth(HEAD, TREE.head_at(0), none) is ts.Reason.NOT_LARGER
    assert growth(TREE.head_at(0), TREE.head_at(0), none) is ts.Reason.NOT_LARGER
    assert growth(older, HEAD, proof) is ts.Reason.NOT_LARGER
    assert growth(HEAD, TREE.head_at(5), proof) is ts.Reason.DIGEST_COUNT
    for length in range(len(digests)):
        assert growth(HEAD, older, ts.ConsistencyProof(digests[:length])) is ts.Reason.DIGEST_COUNT
    assert growth(HEAD, older, ts.ConsistencyProof([*digests, bytes(32)])) is ts.Reason.DIGEST_COUNT
    assert growth(HEAD, HEAD, ts.ConsistencyProof(digests[:1])) is ts.Reason.DIGEST_COUNT
    wide = ts.ConsistencyProof([digest + b"\0" for digest in digests])
    assert growth(HEAD, older, wide) is ts.Reason.DIGEST_SIZE
    assert growth(HEAD, OTHER["another context"].head_at(6), proof) is ts.Reason.OTHER_SCHEME
    assert growth(HEAD, OTHER["another tree"].head_at(6), proof) is ts.Reason.ROOT_MISMATCH
    assert growth(HEAD, OTHER["another tree"].head, none) is ts.Reason.ROOT_MISMATCH
    HEAD.verify_extends(HEAD, TREE.prove_extends(11))


def test_growth_takes_heads_and_their_proof() -> None:
    proof, older = TREE.prove_extends(6), TREE.head_at(6)
    for wrong in (None, 6, older.root, older.to_bytes(), TREE, proof):
        with pytest.raises(TypeError):
            HEAD.verify_extends(wrong, proof)  # type: ignore[arg-type]
    for wrong in (None, proof.digests, proof.to_bytes(), PROOF, TREE.prove(2), older):
        with pytest.raises(TypeError):
            HEAD.verify_extends(older, wrong)  # type: ignore[arg-type]
