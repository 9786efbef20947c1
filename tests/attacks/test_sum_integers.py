"""A17 by force: totals, proofs and refusals of sum trees against Python's integers, which do not overflow."""

from __future__ import annotations

import random
from functools import lru_cache
from itertools import accumulate

import numpy as np
import pytest
import tallystick as ts

from tests.reference.trees import split

TOO_MUCH = 2**128
EDGES = (2**63, 2**64, 2**127, TOO_MUCH)
SCHEMES = [ts.schemes.native_sum(ts.hashes.get(name)) for name in ("blake3", "sha256", "blake2b_256")]
# Made once: what is tested is what goes with them.
ROWS = np.arange(4096, dtype="<u8").view(np.uint8).reshape(-1, 8)


def drawn(rng: random.Random, size: int) -> list[int]:
    """Amounts of which a third lead to an edge, and about a third to 2^128 and more."""
    bits = rng.randrange(129 - size.bit_length() + 1)
    edges = rng.choice((0, 0, 1 / size, 0.05))
    amounts = [
        max(0, min(TOO_MUCH - 1, rng.choice(EDGES) + rng.randint(-3, 3)))
        if rng.random() < edges
        else rng.choice((0, rng.getrandbits(bits), rng.getrandbits(bits), rng.randrange(3)))
        for _ in range(size)
    ]
    if rng.random() < 1 / 3:
        place = rng.randrange(size)
        wanted = rng.choice(EDGES) + rng.randint(-3, 3) - (sum(amounts) - amounts[place])
        if 0 <= wanted < TOO_MUCH:
            amounts[place] = wanted
    return amounts


@lru_cache(maxsize=32)
def siblings(size: int) -> list[tuple[int, int]]:
    """The leaves under each sibling of every leaf's path, from the leaf up; one path behind the other."""

    def below(begin: int, end: int) -> list[list[tuple[int, int]]]:
        if end - begin == 1:
            return [[]]
        middle = begin + split(end - begin)
        left, right = below(begin, middle), below(middle, end)
        return [[*path, (middle, end)] for path in left] + [[*path, (begin, middle)] for path in right]

    return [leaves for path in below(0, size) for leaves in path]


def as_given(amounts: list[int], rng: random.Random) -> object:
    """The same amounts in one of the forms that they may have."""
    if max(amounts) < 2**63 and rng.random() < 0.5:
        return np.array(amounts, dtype=rng.choice(("<u8", "<i8")))
    return amounts


def refused(call: object) -> bool:
    try:
        call()  # type: ignore[operator]
    except OverflowError:
        return True
    return False


def one_tree(rng: random.Random, size: int) -> int:
    """Compares everything that one tree adds, and says how many different sums that is."""
    amounts = drawn(rng, size)
    rows, scheme = ROWS[:size], rng.choice(SCHEMES)
    total = sum(amounts)
    if total >= TOO_MUCH:
        assert refused(lambda: ts.SumTree(rows, as_given(amounts, rng), scheme=scheme))  # type: ignore[arg-type]
        return 1
    tree = ts.SumTree(rows, as_given(amounts, rng), scheme=scheme)  # type: ignore[arg-type]
    assert tree.total == tree.head.total == total
    before = list(accumulate(amounts, initial=0))
    proofs = tree.prove_each()
    assert list(proofs.sums) == [before[end] - before[begin] for begin, end in siblings(size)]
    assert tree.head.check_each(range(size), rows, amounts, proofs).all()
    earlier = rng.randrange(size + 1)
    assert tree.head_at(earlier).total == before[earlier]
    # To 2^128 exactly, and to one less.
    for more in ([TOO_MUCH - total - 1, 1], [1, TOO_MUCH - total - 1]):
        head = tree.head
        assert refused(lambda more=more: tree.extend([b"x", b"y"], more))  # type: ignore[misc]
        assert (tree.head, len(tree)) == (head, size)
    index, new = rng.randrange(size), rng.choice((*EDGES, TOO_MUCH - total + rng.choice(amounts)))
    new = max(0, min(TOO_MUCH - 1, new + rng.randint(-2, 2)))
    updated = total - amounts[index] + new
    assert refused(lambda: tree.update([index], [b"z"], [new])) == (updated >= TOO_MUCH)
    assert tree.total == (updated if updated < TOO_MUCH else total)
    tree.extend([b"x"], [TOO_MUCH - 1 - tree.total])
    assert tree.total == TOO_MUCH - 1
    # A node but the topmost is somebody's sibling, the upper ones of many.
    return 2 * size - 2 + 5


@pytest.mark.parametrize(
    ("seed", "sums"), [(0, 60_000), pytest.param(1, 10_000_000, marks=pytest.mark.exhaustive)]
)
def test_sums_are_those_of_integers(seed: int, sums: int) -> None:
    rng = random.Random(seed)
    compared = trees = overflows = 0
    while compared < sums:
        size = min(4096, 1 << rng.randrange(12)) + rng.randrange(1 << rng.randrange(11))
        found = one_tree(rng, min(size, len(ROWS)))
        compared, trees, overflows = compared + found, trees + 1, overflows + (found == 1)
    assert trees // 6 < overflows < trees // 2, (trees, overflows)
