"""A42: every honest user is served. Generators that fail for some shapes break real users."""

from __future__ import annotations

import itertools
import random

import pytest
import tallystick as ts

from tests.reference.schemes import Scheme
from tests.support import array, built, each_scheme, rows, scheme_of

LEAVES = rows(130)


@each_scheme
def test_every_index_of_every_small_tree(twin: Scheme) -> None:
    for size in range(1, 66):
        tree = built(LEAVES[:size], scheme=scheme_of(twin))
        tree.head.verify_each(range(size), LEAVES[:size], tree.prove_each())
        for index in {0, 1, size // 2, size - 2, size - 1} & set(range(size)):
            tree.head.verify_inclusion(index, LEAVES[index], tree.prove(index))


def subsets(sizes: range) -> int:
    """Batches of all subsets of indices, ascending, and each in one other order."""
    count = 0
    shuffler = random.Random(0)
    for size in sizes:
        tree = built(LEAVES[:size])
        for length in range(1, size + 1):
            for chosen in itertools.combinations(range(size), length):
                order = list(chosen)
                shuffler.shuffle(order)
                for indices in (chosen, order):
                    leaves = [LEAVES[index] for index in indices]
                    tree.head.verify_each(indices, leaves, tree.prove_each(indices))
                    count += 1
    return count


def test_all_subsets_of_indices() -> None:
    assert subsets(range(1, 9)) == 2 * sum(2**size - 1 for size in range(1, 9))


@pytest.mark.exhaustive
def test_all_subsets_of_indices_of_up_to_twelve() -> None:
    assert subsets(range(9, 13)) == 2 * sum(2**size - 1 for size in range(9, 13))


def test_random_subsets_of_larger_trees() -> None:
    chooser = random.Random(42)
    for size in (13, 100, 1000, 4097, 20_001):
        leaves = array(size)
        tree = ts.MerkleTree(leaves)
        for count in (1, 2, 10, 300):
            indices = [chooser.randrange(size) for _ in range(count)]
            tree.head.verify_each(indices, leaves[indices], tree.prove_each(indices))


@pytest.mark.parametrize("size", [1, 2, 3, 5, 13, 100])
def test_leaves_that_are_all_equal(size: int) -> None:
    """Equal siblings have equal digests; sets and dictionaries of digests would lose some."""
    tree = built([b"same"] * size)
    tree.head.verify_each(range(size), [b"same"] * size, tree.prove_each())


@pytest.mark.parametrize("length", [0, 1, 31, 32, 33, 63, 64, 65, 1023, 1024, 1025, 2048, 2049, 100_000])
def test_leaves_of_every_length(length: int) -> None:
    leaves = [bytes([i]) * length for i in range(3)]
    tree = built(leaves)
    for index in range(3):
        tree.head.verify_inclusion(index, leaves[index], tree.prove(index))
    tree.head.verify_each(range(3), leaves, tree.prove_each())
