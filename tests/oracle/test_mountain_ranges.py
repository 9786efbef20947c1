"""Mountain ranges, by the crates of Nervos and of Grin: roots, and proofs by `interop.mmr`, both ways."""

from __future__ import annotations

import hashlib
import random
from typing import Any

import pytest
import tallystick as ts
from tallystick.interop import mmr

from tests.oracle.counterparts import Ask
from tests.support import array, rows

SIZES = (*range(1, 41), 1000, 4095, 4097)
# The leaves and the root of the crate's own test: BLAKE2b-256 of 0 to 10 as little-endian u32.
NERVOS_LEAVES = [hashlib.blake2b(i.to_bytes(4, "little"), digest_size=32).digest() for i in range(11)]
NERVOS_ROOT = "f6794677f37a57df6a5ec36ce61036e43a36c1a009d05c81c9aa685dde1fd6e3"


def places(size: int) -> list[int]:
    if size <= 41:
        return list(range(size))
    return sorted({*random.Random(size).sample(range(size), 10), size - 1})


def sets(size: int) -> list[list[int]]:
    chance = random.Random(size)
    return [sorted(chance.sample(range(size), chance.randint(1, min(size, 30)))) for _ in range(6)]


def bare(size: int) -> list[bytes]:
    return [row.tobytes() for row in array(size)]


def nervos(size: int) -> ts.MerkleTree:
    return ts.MerkleTree(array(size), scheme=ts.schemes.NERVOS_MMR)


def grin(size: int) -> ts.MerkleTree:
    return ts.MerkleTree(rows(size), scheme=ts.schemes.GRIN_MMR)


def hexed(items: list[bytes]) -> list[str]:
    return [item.hex() for item in items]


def test_the_root_that_nervos_publishes() -> None:
    assert ts.head_of(NERVOS_LEAVES, scheme=ts.schemes.NERVOS_MMR).root.hex() == NERVOS_ROOT


def test_positions_are_theirs(crates: Ask) -> None:
    asked = {"call": "nervos", "leaves": hexed(bare(300)), "sets": [[index] for index in range(300)]}
    (answer,) = crates([asked])
    assert answer["mmr_size"] == mmr.leaf_position(300)
    for index, proof in enumerate(answer["proofs"]):
        assert proof["positions"] == [mmr.leaf_position(index)]
        assert mmr.leaf_index(mmr.leaf_position(index)) == index


def test_nervos_roots_and_proofs_are_the_same(crates: Ask) -> None:
    asked = [
        {
            "call": "nervos",
            "leaves": hexed(bare(size)),
            "sets": [*([index] for index in places(size)), *sets(size)],
        }
        for size in SIZES
    ]
    for size, request, theirs in zip(SIZES, asked, crates(asked), strict=True):
        ours = nervos(size)
        assert theirs["root"] == ours.root.hex(), size
        for indices, proof in zip(request["sets"], theirs["proofs"], strict=True):
            items = tuple(bytes.fromhex(item) for item in proof["items"])
            read = mmr.NervosProof(theirs["mmr_size"], tuple(proof["positions"]), items)
            found, many = mmr.from_nervos_many(read, ours.head)
            assert (found, many) == (indices, ours.prove_many(indices)), (size, indices)
            ours.head.verify_many(found, [bare(size)[index] for index in found], many)
            assert mmr.to_nervos_many(ours.head, indices, many) == read
            if len(indices) == 1:
                assert mmr.from_nervos(read, ours.head) == (indices[0], ours.prove(indices[0]))


@pytest.mark.parametrize("honest", [True, False])
def test_our_proofs_verify_in_nervos(crates: Ask, honest: bool) -> None:
    claims: list[dict[str, Any]] = []
    for size in SIZES:
        ours = nervos(size)
        made = [mmr.to_nervos(ours.head, index, ours.prove(index)) for index in places(size)]
        made += [mmr.to_nervos_many(ours.head, indices, ours.prove_many(indices)) for indices in sets(size)]
        for proof in made:
            leaves = [bare(size)[mmr.leaf_index(position)] for position in proof.positions]
            if not honest:
                leaves[-1] = bytes(32)
            claims.append(
                {
                    "call": "nervos_verify",
                    "root": ours.root.hex(),
                    "mmr_size": proof.mmr_size,
                    "positions": proof.positions,
                    "leaves": hexed(leaves),
                    "items": hexed(list(proof.items)),
                }
            )
    assert [answer["valid"] for answer in crates(claims)] == [honest] * len(claims)


def test_grin_roots_and_proofs_are_the_same(crates: Ask) -> None:
    asked = [{"call": "grin", "leaves": hexed(rows(size)), "indices": places(size)} for size in SIZES]
    for size, theirs in zip(SIZES, crates(asked), strict=True):
        ours = grin(size)
        assert theirs["root"] == ours.root.hex(), size
        assert theirs["mmr_size"] == mmr.leaf_position(size)
        for index, proof in zip(places(size), theirs["proofs"], strict=True):
            read = mmr.from_grin(proof, ours.head)
            assert read == ours.prove(index), (size, index)
            ours.head.verify_inclusion(index, rows(size)[index], read)
            assert mmr.to_grin(ours.head, index, read).hex() == proof


@pytest.mark.parametrize("honest", [True, False])
def test_our_proofs_verify_in_grin(crates: Ask, honest: bool) -> None:
    claims = []
    for size in SIZES:
        ours = grin(size)
        claims += [
            {
                "call": "grin_verify",
                "root": ours.root.hex(),
                "index": index,
                "leaf": (rows(size)[index] + b"more" * (not honest)).hex(),
                "proof": mmr.to_grin(ours.head, index, ours.prove(index)).hex(),
            }
            for index in places(size)
        ]
    assert [answer["valid"] for answer in crates(claims)] == [honest] * len(claims)


def test_empty_ranges(crates: Ask) -> None:
    nervos_empty, grin_empty = crates(
        [{"call": "nervos", "leaves": [], "sets": []}, {"call": "grin", "leaves": [], "indices": []}]
    )
    assert "error" in nervos_empty  # Theirs has no root; ours is zeros.
    assert ts.head_of([], scheme=ts.schemes.NERVOS_MMR).root == bytes(32)
    assert grin_empty["root"] == ts.head_of([], scheme=ts.schemes.GRIN_MMR).root.hex() == bytes(32).hex()
