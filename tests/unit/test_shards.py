"""Shards: any cut of the leaves, joined in any association, is the tree of one machine."""

from __future__ import annotations

import itertools
import random

import numpy as np
import pytest
import tallystick as ts

from tests.reference import shards as twin_shards
from tests.reference.schemes import Scheme
from tests.support import DENSE, array, built, digests_of, each_scheme, rows, scheme_of

LEAVES = rows(60)


def associated(shards: list[ts.Shard], rng: random.Random) -> ts.Shard:
    """The sum of adjacent shards, joined two neighbours at a time, any first."""
    while len(shards) > 1:
        place = rng.randrange(len(shards) - 1)
        shards = [*shards[:place], shards[place] + shards[place + 1], *shards[place + 2 :]]
    return shards[0]


def random_cut(name: str, rng: random.Random) -> None:
    scheme = ts.schemes.get(name)
    size = rng.choice([rng.randrange(1, 30), rng.randrange(1, 1000), rng.randrange(1, 6000)])
    leaves = array(size, rng.choice([1, 8, 32]), seed=rng.randrange(100))
    cuts = sorted(rng.choices(range(size + 1), k=rng.choice([0, 1, 2, 10])))
    edges = [0, *cuts, size]
    parts = [
        ts.Shard.from_leaves(begin, leaves[begin:end], scheme=scheme)
        for begin, end in itertools.pairwise(edges)
    ]
    whole = associated(parts, rng)
    assert whole.head() == ts.head_of(leaves, scheme=scheme)
    assert whole == ts.Shard.from_leaves(0, leaves, scheme=scheme)


@pytest.mark.parametrize(
    ("seed", "count"),
    [(0, 1000), *(pytest.param(s, 1000, marks=pytest.mark.exhaustive) for s in range(1, 10))],
)
def test_random_cuts_joined_in_random_association(seed: int, count: int) -> None:
    rng = random.Random(seed)
    for place in range(count):
        random_cut(DENSE[place % len(DENSE)], rng)


@each_scheme
def test_a_shard_is_the_twins(twin: Scheme) -> None:
    rng = random.Random(twin.name)
    for begin, end in ((0, 0), (5, 5), (0, 60), *(sorted(rng.choices(range(61), k=2)) for _ in range(20))):
        shard = ts.Shard.from_leaves(begin, LEAVES[begin:end], scheme=scheme_of(twin))
        made = twin_shards.of_leaves(twin, begin, LEAVES[begin:end])
        assert digests_of(shard) == made.digests
        assert (shard.scheme, shard.begin, shard.end) == (scheme_of(twin), begin, end)
        for cut in {begin, (begin + end) // 2, end}:
            left = ts.Shard.from_leaves(begin, LEAVES[begin:cut], scheme=shard.scheme)
            assert left + ts.Shard.from_leaves(cut, LEAVES[cut:end], scheme=shard.scheme) == shard


def test_all_cuts_of_small_trees_in_two_and_three() -> None:
    for size in range(13):
        whole = ts.Shard.from_leaves(0, LEAVES[:size])
        assert whole.head() == built(LEAVES[:size]).head
        for first in range(size + 1):
            left, rest = (
                ts.Shard.from_leaves(0, LEAVES[:first]),
                ts.Shard.from_leaves(first, LEAVES[first:size]),
            )
            assert left + rest == whole
            for second in range(first, size + 1):
                middle = ts.Shard.from_leaves(first, LEAVES[first:second])
                right = ts.Shard.from_leaves(second, LEAVES[second:size])
                assert (left + middle) + right == left + (middle + right) == whole


def test_the_places_are_any_of_64_bits() -> None:
    """The same leaves far away: the same nodes have the same digests."""
    for shift in (2**16, 2**32, 2**53, 2**63):
        for begin, end in ((0, 8), (3, 9), (1, 60)):
            near = ts.Shard.from_leaves(begin, LEAVES[begin:end])
            far = ts.Shard.from_leaves(shift + begin, LEAVES[begin:end])
            assert digests_of(near) == digests_of(far)
    last = ts.Shard.from_leaves(2**64 - 3, LEAVES[:2])
    assert (last.begin, last.end) == (2**64 - 3, 2**64 - 1)
    for begin, count in ((2**64 - 2, 2), (2**64 - 1, 1)):
        with pytest.raises(OverflowError):
            ts.Shard.from_leaves(begin, LEAVES[:count])
    block = np.zeros((4096, 1), np.uint8)
    near, far = (ts.Shard.from_leaves(begin, block) for begin in (0, 2**64 - 8192))
    assert digests_of(near) == digests_of(far)


def test_a_shard_says_what_it_is() -> None:
    shard = ts.Shard.from_leaves(np.int64(3), LEAVES[3:9])
    assert repr(shard) == "<Shard native/blake3: leaves 3 to 9, 3 digests>"
    assert shard.digests.shape == (3, 32)
    assert shard.digests.dtype == np.uint8
    assert ts.Shard.from_leaves(4, []).digests.shape == (0, 32)


def test_gaps_overlaps_and_another_order_are_refused() -> None:
    def shard(begin: int, end: int) -> ts.Shard:
        return ts.Shard.from_leaves(begin, LEAVES[begin:end])

    left = shard(0, 5)
    assert (left + shard(5, 9)).end == 9
    for begin, end in ((6, 9), (4, 9), (0, 5), (0, 9), (6, 6), (4, 4), (0, 0)):
        with pytest.raises(ValueError, match=r"5.*\d|\d.*5"):
            left + shard(begin, end)
    with pytest.raises(ValueError, match=r"\d"):
        shard(5, 9) + left
    assert left + shard(5, 5) == left
    assert shard(0, 0) + left == left


@pytest.mark.parametrize(
    "scheme",
    [ts.schemes.RFC6962, ts.schemes.native(ts.hashes.SHA256), ts.schemes.NATIVE.with_context(b"x")],
    ids=repr,
)
def test_other_schemes_are_refused(scheme: ts.Scheme) -> None:
    for leaves in (LEAVES[5:9], []):
        left, right = ts.Shard.from_leaves(0, LEAVES[:5]), ts.Shard.from_leaves(5, leaves, scheme=scheme)
        with pytest.raises(ValueError, match="scheme"):
            left + right


def test_only_what_begins_at_leaf_0_has_a_head() -> None:
    for begin, count in ((1, 0), (1, 5), (2**63, 3)):
        with pytest.raises(ValueError, match=str(begin)):
            ts.Shard.from_leaves(begin, LEAVES[:count]).head()


def test_only_shards_are_added() -> None:
    shard = ts.Shard.from_leaves(0, LEAVES[:5])
    for other in (None, 0, b"", shard.to_bytes(), built(LEAVES), shard.head(), [shard]):
        with pytest.raises(TypeError):
            shard + other  # type: ignore[operator]
        with pytest.raises(TypeError):
            other + shard  # type: ignore[operator]
    with pytest.raises(TypeError):
        sum([shard])  # it would begin with 0
    assert sum([ts.Shard.from_leaves(5, LEAVES[5:9])], start=shard) == ts.Shard.from_leaves(0, LEAVES[:9])


def test_a_refused_sum_changes_neither() -> None:
    left, right = ts.Shard.from_leaves(0, LEAVES[:5]), ts.Shard.from_leaves(6, LEAVES[6:9])
    before = left.to_bytes(), right.to_bytes()
    with pytest.raises(ValueError, match="5"):
        left + right
    assert (left.to_bytes(), right.to_bytes()) == before


def test_a_scheme_is_a_scheme() -> None:
    for wrong in ("native/blake3", ts.hashes.SHA256, 1):
        with pytest.raises(TypeError, match="Scheme"):
            ts.Shard.from_leaves(0, [], scheme=wrong)  # type: ignore[arg-type]


def test_shards_travel_between_machines_as_bytes() -> None:
    parts = [ts.Shard.from_leaves(begin, LEAVES[begin : begin + 20]) for begin in (0, 20, 40)]
    received = [ts.Shard.from_bytes(part.to_bytes()) for part in parts]
    assert (received[0] + received[1] + received[2]).head() == built(LEAVES).head
