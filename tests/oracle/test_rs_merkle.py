"""The plain tree with promoted nodes, by rs_merkle: roots, and proofs of one and many leaves, both ways."""

from __future__ import annotations

import random

import numpy as np
import pytest
import tallystick as ts

from tests.oracle.counterparts import Ask
from tests.support import array, digests_of

SIZES = (*range(1, 41), 1000, 4097)


def sets(size: int) -> list[list[int]]:
    """Every leaf alone, at most 41 of them, and some sets."""
    chance = random.Random(size)
    some = range(size) if size <= 41 else chance.sample(range(size), 10)
    return [
        *([index] for index in some),
        *(sorted(chance.sample(range(size), chance.randint(1, min(size, 50)))) for _ in range(4)),
    ]


def tree(size: int) -> tuple[np.ndarray, ts.MerkleTree]:
    leaves = array(size)
    return leaves, ts.MerkleTree(leaves, scheme=ts.schemes.PROMOTED)


def test_an_empty_tree_has_no_root_there(crates: Ask) -> None:
    (answer,) = crates([{"call": "rs_merkle", "leaves": [], "sets": []}])
    assert answer["root"] is None
    assert ts.head_of([], scheme=ts.schemes.PROMOTED).root == bytes(32)


def test_roots_and_proofs_are_the_same(crates: Ask) -> None:
    asked = [
        {"call": "rs_merkle", "leaves": [row.tobytes().hex() for row in array(size)], "sets": sets(size)}
        for size in SIZES
    ]
    for size, theirs in zip(SIZES, crates(asked), strict=True):
        leaves, ours = tree(size)
        assert theirs["root"] == ours.root.hex(), size
        for indices, proof in zip(sets(size), theirs["proofs"], strict=True):
            digests = [bytes.fromhex(digest) for digest in proof]
            made = ts.MultiProof(digests, digest_size=32)
            assert made == ours.prove_many(indices), (size, indices)
            ours.head.verify_many(indices, leaves[indices], made)
            if len(indices) == 1:
                assert ts.InclusionProof(digests, digest_size=32) == ours.prove(indices[0])


@pytest.mark.parametrize("honest", [True, False])
def test_our_proofs_verify_there(crates: Ask, honest: bool) -> None:
    claims = []
    for size in SIZES:
        leaves, ours = tree(size)
        for indices in sets(size):
            proof = [digest.hex() for digest in digests_of(ours.prove_many(indices))]
            claimed = leaves[indices].copy()
            claimed[0, 5] ^= not honest
            claims.append(
                {
                    "call": "rs_merkle_verify",
                    "root": ours.root.hex(),
                    "size": size,
                    "indices": indices,
                    "leaves": [row.tobytes().hex() for row in claimed],
                    "proof": proof,
                }
            )
    assert [answer["valid"] for answer in crates(claims)] == [honest] * len(claims)
