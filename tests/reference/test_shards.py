"""Shards: every cut, any association, and the vectors."""

from __future__ import annotations

import itertools
import random
from typing import Any

import pytest

from tests.reference import codec, shards
from tests.reference.objects import Shard
from tests.reference.samples import leaves
from tests.reference.schemes import Scheme
from tests.reference.test_proofs import BOUND, CT, scheme_of
from tests.reference.test_reference import vectors
from tests.reference.trees import head


def test_shards_of_all_cuts() -> None:
    data = leaves(20)
    for scheme in (CT, BOUND):
        for end in range(21):
            whole = shards.of_leaves(scheme, 0, data[:end])
            assert shards.head(whole) == head(scheme, data[:end])
            for middle in range(end + 1):
                left = shards.of_leaves(scheme, 0, data[:middle])
                assert shards.join(left, shards.of_leaves(scheme, middle, data[middle:end])) == whole


def test_shards_join_in_any_association() -> None:
    chosen = random.Random(20)
    data = leaves(64)
    for _ in range(50):
        cuts = [0, *sorted(chosen.choices(range(65), k=6)), 64]
        parts = [shards.of_leaves(BOUND, a, data[a:b]) for a, b in itertools.pairwise(cuts)]
        while len(parts) > 1:
            at = chosen.randrange(len(parts) - 1)
            parts[at : at + 2] = [shards.join(parts[at], parts[at + 1])]
        assert shards.head(parts[0]) == head(BOUND, data)


def test_cover_by_arithmetic() -> None:
    for begin, end in itertools.combinations([*range(40), 2**53, 2**63 - 1, 2**63, 2**64 - 1], 2):
        found, at = [], begin
        while at < end:
            level = min((at & -at).bit_length() - 1 if at else 64, (end - at).bit_length() - 1)
            found.append((level, at >> level))
            at += 1 << level
        assert found == shards.cover(begin, end)
        assert len(found) <= 126


def shard_of(scheme: Scheme, fields: dict[str, Any]) -> Shard:
    digests = tuple(map(bytes.fromhex, fields["digests"]))
    return Shard(scheme, int(fields["begin"]), int(fields["end"]), digests)


def test_shard_vectors() -> None:
    for group in vectors("shards.json")["groups"]:
        for test in group["tests"]:
            if group["what"] == "cover":
                nodes = [(level, int(index)) for level, index in test["nodes"]]
                assert nodes == shards.cover(int(test["begin"]), int(test["end"]))
            elif group["what"] == "refused":
                given = [
                    codec.decode(Shard, bytes.fromhex(test[key]))
                    for key in ("left", "right", "shard")
                    if key in test
                ]
                with pytest.raises(shards.NotAdjacent):
                    shards.join(*given) if len(given) == 2 else shards.head(*given)
            else:
                scheme = scheme_of(group["scheme"])
                if "joined" in test:
                    left, right = shard_of(scheme, test["left"]), shard_of(scheme, test["right"])
                    assert shards.join(left, right) == shard_of(scheme, test["joined"])
                else:
                    shard = shard_of(scheme, test["shard"])
                    assert shard == shards.of_leaves(scheme, shard.begin, leaves(shard.end)[shard.begin :])
                    if shard.begin == 0:
                        assert shards.head(shard).root.hex() == test["shard"]["root"]
