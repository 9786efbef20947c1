"""Commonware's binary tree, and its mountain range as a scheme of one's own: roots and proofs, both ways."""

from __future__ import annotations

import random
from typing import Any

import pytest
import tallystick as ts

from tests.oracle.counterparts import Ask
from tests.support import array, digests_of, rows

f = ts.schemes.f
BMT = ts.schemes.COMMONWARE_BMT
# The mountain range: all with their positions, peaks bagged from the newest, as two bytes say, and the size.
MMR = ts.schemes.dense(
    "commonware_mmr",
    ts.hashes.SHA256,
    leaf=(f.position.u64be, f.data),
    node=(f.position.u64be, f.children),
    root=(b"\x00\x01", f.size.u64be, f.top),
    edge=f.bag((f.children,)),
)
SIZES = (*range(1, 41), 1000, 4097)


def places(size: int) -> list[int]:
    if size <= 41:
        return list(range(size))
    return sorted({*random.Random(size).sample(range(size), 10), size - 1})


def sets(size: int) -> list[list[int]]:
    chance = random.Random(size)
    many = [sorted(chance.sample(range(size), chance.randint(1, min(size, 30)))) for _ in range(6)]
    return [*([index] for index in places(size)), *many]


def hexed(items: Any) -> list[str]:
    return [bytes(item).hex() for item in items]


def encoded(size: int, digests: tuple[bytes, ...]) -> str:
    """The proof in their codec: the number of leaves, that of digests as a varint, the digests."""
    count, varint = len(digests), b""
    while count >= 128:
        varint, count = varint + bytes([count % 128 + 128]), count // 128
    return (size.to_bytes(4, "big") + varint + bytes([count]) + b"".join(digests)).hex()


def test_both_bind_the_size() -> None:
    assert BMT.binds_size
    assert MMR.binds_size


def test_binary_trees_are_the_same(crates: Ask) -> None:
    asked = [{"call": "commonware_bmt", "leaves": hexed(array(size)), "sets": sets(size)} for size in SIZES]
    for size, theirs in zip(SIZES, crates(asked), strict=True):
        ours = ts.MerkleTree(array(size), scheme=BMT)
        assert theirs["root"] == ours.root.hex(), size
        for indices, proof in zip(sets(size), theirs["proofs"], strict=True):
            digests = tuple(bytes.fromhex(digest) for digest in proof["siblings"])
            made = ts.MultiProof(list(digests), digest_size=32)
            assert made == ours.prove_many(indices), (size, indices)
            assert proof["leaf_count"] == size
            assert proof["encoded"] == encoded(size, digests)
            ours.head.verify_many(indices, array(size)[indices], made)


@pytest.mark.parametrize("honest", [True, False])
def test_our_proofs_verify_in_binary_trees(crates: Ask, honest: bool) -> None:
    claims = []
    for size in SIZES:
        ours = ts.MerkleTree(array(size), scheme=BMT)
        claims += [
            {
                "call": "commonware_bmt_verify",
                "root": ours.root.hex(),
                "positions": indices,
                "leaves": hexed(array(size)[indices] if honest else array(size, seed=1)[indices]),
                "proof": encoded(size, digests_of(ours.prove_many(indices))),
            }
            for indices in sets(size)
        ]
    assert [answer["valid"] for answer in crates(claims)] == [honest] * len(claims)


def as_theirs(size: int, index: int, digests: tuple[bytes, ...]) -> list[str]:
    """Our digests in their order: peaks on the left, what bags the others, the rest from left to right."""
    found = []
    nodes = MMR.plan(size, [index]).nodes.tolist()
    for (level, place), digest in zip(nodes, digests, strict=True):
        first = place << level
        mountain = (first ^ size).bit_length()
        inside = mountain == (index ^ size).bit_length()
        group = 2 if inside else 0 if first < index else 1
        found.append(((group, first), digest.hex()))
    return [digest for _, digest in sorted(found)]


def test_ranges_are_the_same(crates: Ask) -> None:
    asked = [
        {"call": "commonware_mmr", "leaves": hexed(rows(size)), "indices": places(size)} for size in SIZES
    ]
    for size, theirs in zip(SIZES, crates(asked), strict=True):
        ours = ts.MerkleTree(rows(size), scheme=MMR)
        assert theirs["root"] == ours.root.hex(), size
        for index, digests in zip(places(size), theirs["proofs"], strict=True):
            assert digests == as_theirs(size, index, digests_of(ours.prove(index))), (size, index)


@pytest.mark.parametrize("honest", [True, False])
def test_our_proofs_verify_in_ranges(crates: Ask, honest: bool) -> None:
    claims = []
    for size in SIZES:
        ours = ts.MerkleTree(rows(size), scheme=MMR)
        claims += [
            {
                "call": "commonware_mmr_verify",
                "root": ours.root.hex(),
                "size": size,
                "index": index,
                "leaf": (rows(size)[index] + b"more" * (not honest)).hex(),
                "digests": as_theirs(size, index, digests_of(ours.prove(index))),
            }
            for index in places(size)
        ]
    assert [answer["valid"] for answer in crates(claims)] == [honest] * len(claims)


def test_empty_trees(crates: Ask) -> None:
    """An empty range has no top at all there; in a scheme of one's own it has zeros."""
    bmt, mmr = crates(
        [
            {"call": "commonware_bmt", "leaves": [], "sets": []},
            {"call": "commonware_mmr", "leaves": [], "indices": []},
        ]
    )
    assert bmt["root"] == ts.head_of([], scheme=BMT).root.hex()
    sha256 = ts.hashes.SHA256.digest
    assert mmr["root"] == sha256(b"\x00\x01" + bytes(8)).hex()
    assert ts.head_of([], scheme=MMR).root == sha256(b"\x00\x01" + bytes(8) + bytes(32))
