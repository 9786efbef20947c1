"""A16, A17, A18: smaller siblings, sums that wrap, amounts below zero; each with its honest twin."""

from __future__ import annotations

import random

import numpy as np
import pytest
import tallystick as ts

from tests.reference.samples import amounts, leaves

MAX = 2**128 - 1
SIZE = 11
LEAVES, AMOUNTS = leaves(SIZE), amounts(SIZE)
TREE = ts.SumTree(LEAVES, AMOUNTS)


def accepted(head: ts.SumHead, index: int, amount: int, digests: np.ndarray, sums: tuple[int, ...]) -> bool:
    """Whether the head takes it, alone and as one of a batch."""
    proof = ts.SumInclusionProof(digests, sums, digest_size=32)
    batch = ts.SumProofBatch(digests, sums, [0, len(sums)], digest_size=32)
    try:
        head.verify_inclusion(index, LEAVES[index], amount, proof)
    except ts.InvalidProof:
        alone = False
    else:
        alone = True
    assert head.check_each([index], [LEAVES[index]], [amount], batch).tolist() == [alone]
    return alone


def test_maxwell_100_and_50_published_as_100() -> None:
    """A16: with only totals hashed, each of two users is shown a smaller other one, and both accept."""
    honest = ts.SumTree([b"alice", b"bob"], [100, 50])
    honest.head.verify_inclusion(0, b"alice", 100, honest.prove(0))
    honest.head.verify_inclusion(1, b"bob", 50, honest.prove(1))
    for published in (
        ts.SumHead(honest.scheme, 2, honest.root, 100),
        ts.SumTree([b"alice", b"bob"], [100, 0]).head,
        ts.SumTree([b"alice", b"bob"], [50, 50]).head,
    ):
        assert published.total == 100
        believed = 0
        for index, (name, owed) in enumerate(((b"alice", 100), (b"bob", 50))):
            digests = honest.prove(index).digests
            for tree in (honest, ts.SumTree([b"alice", b"bob"], [100, 0])):
                for other in (0, 50, 100 - owed):
                    for siblings in (digests, tree.prove(index).digests):
                        try:
                            proof = ts.SumInclusionProof(siblings, [other])
                            published.verify_inclusion(index, name, owed, proof)
                        except ts.InvalidProof:
                            continue
                        believed |= 1 << index
        assert believed != 0b11, published


def test_no_amount_can_be_moved_between_claim_and_siblings() -> None:
    """A16: the same total by another split, for every leaf and every pair of places."""
    refused = 0
    for index in range(SIZE):
        proof = TREE.prove(index)
        assert accepted(TREE.head, index, AMOUNTS[index], proof.digests, proof.sums)
        shown = [AMOUNTS[index], *proof.sums]
        for source in range(len(shown)):
            for target in range(len(shown)):
                for moved in {1, shown[source]} - {0}:
                    if source == target or shown[source] < moved:
                        continue
                    changed = list(shown)
                    changed[source] -= moved
                    changed[target] += moved
                    assert sum(changed) == TREE.total
                    assert not accepted(TREE.head, index, changed[0], proof.digests, tuple(changed[1:]))
                    refused += 1
    assert refused > 200


@pytest.mark.parametrize("bits", [63, 64, 127, 128])
def test_sums_do_not_wrap(bits: int) -> None:
    """A17: amounts that wrap at any width lead to no total; up to 128 bits they simply add."""
    near = 2**bits - 5
    if bits < 128:
        tree = ts.SumTree([b"a", b"b"], [near, 10])
        assert tree.total == near + 10
        tree.head.verify_inclusion(1, b"b", 10, tree.prove(1))
        wrapped = ts.SumHead(tree.scheme, 2, tree.root, 5)
        with pytest.raises(ts.InvalidProof):
            wrapped.verify_inclusion(1, b"b", 10, tree.prove(1))
        return
    with pytest.raises(OverflowError):
        ts.SumTree([b"a", b"b"], [near, 10])
    small = ts.SumTree([b"a", b"b"], [0, 5])
    with pytest.raises(ts.InvalidProof) as caught:
        small.head.verify_inclusion(1, b"b", 10, ts.SumInclusionProof(small.prove(1).digests, [near]))
    assert caught.value.reason is ts.Reason.SUM_OVERFLOW


def test_a_batch_that_overflows_is_refused_whole() -> None:
    """A17: as taproot-assets' `TestInsertManyOverflowAtomicity`."""
    tree = ts.SumTree(LEAVES, AMOUNTS)
    head = tree.head
    for last in (MAX - TREE.total + 1, MAX):
        with pytest.raises(OverflowError):
            tree.extend([b"x", b"y", b"z"], [0, 0, last])
        with pytest.raises(OverflowError):
            tree.update([0, 4], [b"x", b"y"], [0, last])
        assert (tree.head, len(tree)) == (head, SIZE)
    tree.extend([b"x", b"y"], [0, MAX - TREE.total])
    assert tree.total == MAX


@pytest.mark.parametrize("amount", [-1, -1_000_000, -(2**127), -(2**128)])
def test_nothing_is_negative(amount: int) -> None:
    """A18: a made-up account of less than nothing lowers no total, when built and when verified."""
    with pytest.raises(ValueError, match="must not be negative"):
        ts.SumTree([b"alice", b"fake"], [1_000_000, amount])
    tree = ts.SumTree([b"alice", b"bob"], [1_000_000, 5])
    tree.head.verify_inclusion(1, b"bob", 5, tree.prove(1))
    with pytest.raises(ts.InvalidProof) as caught:
        tree.head.verify_inclusion(1, b"bob", amount, tree.prove(1))
    assert caught.value.reason is ts.Reason.AMOUNT_OUT_OF_RANGE
    with pytest.raises(ValueError, match="must not be negative"):
        ts.SumInclusionProof(tree.prove(1).digests, [amount])


@pytest.mark.parametrize(
    ("seed", "count"), [(0, 2000), *(pytest.param(s, 20_000, marks=pytest.mark.exhaustive) for s in (1, 2))]
)
def test_random_corruptions(seed: int, count: int) -> None:
    """Claim, sums and digests changed at random; what is accepted is what was proven."""
    rng = random.Random(seed)
    for _ in range(count):
        index = rng.randrange(SIZE)
        proof = TREE.prove(index)
        digests, shown = proof.digests.copy(), [AMOUNTS[index], *proof.sums]
        for _ in range(rng.randrange(3)):
            place = rng.randrange(len(shown))
            step = rng.choice([1, -1, 2**64, -(2**64), rng.randrange(2**128)])
            shown[place] = (shown[place] + step) % 2**128
        if rng.random() < 0.2:
            digests[rng.randrange(len(digests)), rng.randrange(32)] ^= 1 << rng.randrange(8)
        same = shown == [AMOUNTS[index], *proof.sums] and bool((digests == proof.digests).all())
        assert accepted(TREE.head, index, shown[0], digests, tuple(shown[1:])) == same
