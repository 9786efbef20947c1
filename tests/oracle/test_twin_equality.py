"""Roots, heads and proofs equal the twin's: native and RFC 6962, all hashes, small and random sizes."""

from __future__ import annotations

import random
from functools import cache

import numpy as np
import pytest
import tallystick as ts

from tests.oracle.prefixes import Prefixes
from tests.reference import trees
from tests.reference.samples import leaves
from tests.reference.schemes import Scheme
from tests.support import array, each_scheme, head_of, proof_of, scheme_of

SMALL = 130
LARGE = 100_000
SAMPLES = leaves(SMALL)
SIZES = tuple(random.Random(6962).randint(SMALL + 1, LARGE) for _ in range(10))


@cache
def large() -> np.ndarray:
    return array(max(SIZES), 40)


def check(twin: Prefixes, data: list[bytes] | np.ndarray, size: int, indices: list[int]) -> None:
    """One size: the head three ways, the proofs at ``indices``."""
    tree = ts.MerkleTree(data[:size], scheme=scheme_of(twin.scheme))
    head = head_of(twin.head(size))
    assert tree.head == ts.head_of(data[:size], scheme=tree.scheme) == head
    assert (tree.root, tree.head.size) == (twin.head(size).root, size)
    assert list(tree.prove_each(indices)) == [proof_of(twin.prove(size, index)) for index in indices]


def verify_all(scheme: ts.Scheme, size: int, data: np.ndarray) -> None:
    tree = ts.MerkleTree(data[:size], scheme=scheme)
    place = 0
    for batch in tree.proofs(chunk=20_000):
        end = place + len(batch)
        tree.head.verify_each(np.arange(place, end), data[place:end], batch)
        place = end
    assert place == size


@each_scheme
def test_all_small_sizes_and_all_their_proofs(twin: Scheme) -> None:
    prefixes = Prefixes(twin, SAMPLES)
    for size in range(SMALL + 1):
        check(prefixes, SAMPLES, size, list(range(size)))
        if size:
            tree = ts.MerkleTree(SAMPLES[:size], scheme=scheme_of(twin))
            tree.head.verify_each(range(size), SAMPLES[:size], tree.prove_each())


@each_scheme
def test_the_prefixes_are_the_twins(twin: Scheme) -> None:
    prefixes = Prefixes(twin, SAMPLES)
    for size in (0, 1, 2, 3, 7, 8, 11, 33, 130):
        assert prefixes.head(size) == trees.head(twin, SAMPLES[:size])
        for index in {0, size // 2, size - 1} & set(range(size)):
            assert prefixes.prove(size, index) == trees.prove(twin, SAMPLES[:size], index)


@each_scheme
def test_ten_random_large_sizes(twin: Scheme) -> None:
    prefixes = Prefixes(twin, [row.tobytes() for row in large()])
    for size in SIZES:
        chooser = random.Random(size)
        check(prefixes, large(), size, [0, size - 1, *(chooser.randrange(size) for _ in range(30))])
    verify_all(scheme_of(twin), max(SIZES), large())


@pytest.mark.exhaustive
@each_scheme
def test_ten_random_large_sizes_with_all_their_proofs(twin: Scheme) -> None:
    prefixes = Prefixes(twin, [row.tobytes() for row in large()])
    for size in SIZES:
        chooser = random.Random(size)
        check(prefixes, large(), size, [0, size - 1, *(chooser.randrange(size) for _ in range(1000))])
        verify_all(scheme_of(twin), size, large())
