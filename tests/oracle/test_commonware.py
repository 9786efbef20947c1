"""Two trees of commonware as schemes of one's own: each is one value, and its roots and proofs are theirs."""

from __future__ import annotations

import random
from typing import Any

import pytest
import tallystick as ts

from tests.oracle.counterparts import Ask
from tests.support import array, digests_of, rows

f = ts.schemes.f
# The binary tree: leaves with their index, the last node of a level with itself, the number of leaves before the top.
BMT = ts.schemes.dense(
    "commonware_bmt",
    ts.hashes.SHA256,
    leaf=(f.index.u32be, f.data),
    node=(f.children,),
    root=(f.size.u32be, f.top),
    edge="duplicate",
)
# The mountain range: everything with its position, peaks bagged from the newest, two bytes that say so before the size.
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
    return list(range(size)) if size <= 41 else sorted({*random.Random(size).sample(range(size), 10), size - 1})


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


def ours_as_theirs(size: int, index: int, digests: tuple[bytes, ...]) -> list[str]:
    """Our digests of a range in their order: peaks to the left folded into one, that to the right, siblings from the top.

    A range proof folds what stands before the leaf: peaks to the left cannot be told apart in it, so more than one is
    another proof than ours.
    """
    nodes = ts.schemes.NERVOS_MMR.plan(size, [index]).nodes.tolist()
    return [digests[place].hex() for place in _order(size, index, nodes)]


def _order(size: int, index: int, nodes: list[list[int]]) -> list[int]:
    mountain = (index ^ size).bit_length()
    where = [((place << level) ^ size).bit_length() for level, place in nodes]
    left = [k for k, found in enumerate(where) if found > mountain]
    right = [k for k, found in enumerate(where) if found < mountain]
    inside = [k for k, found in enumerate(where) if found == mountain]
    return left[::-1] + right + inside


def test_ranges_have_the_same_roots(crates: Ask) -> None:
    asked = [{"call": "commonware_mmr", "leaves": hexed(rows(size)), "indices": []} for size in SIZES]
    for size, theirs in zip(SIZES, crates(asked), strict=True):
        assert theirs["root"] == ts.head_of(rows(size), scheme=MMR).root.hex(), size
