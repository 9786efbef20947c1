"""Trees of arity 2, 4 and 8, by Filecoin's merkletree with plain SHA-256: roots and proofs, both ways."""

from __future__ import annotations

import random
from typing import Any

import pytest
import tallystick as ts

from tests.oracle.counterparts import Ask
from tests.support import array, digests_of

# It takes no tree of one leaf.
SIZES = [(2, 2**power) for power in range(1, 13)]
SIZES += [(4, 4**power) for power in range(1, 7)] + [(8, 8**power) for power in range(1, 5)]


def places(size: int) -> list[int]:
    return list(range(size)) if size <= 64 else sorted(random.Random(size).sample(range(size), 20))


def tree(arity: int, size: int) -> ts.MerkleTree:
    return ts.MerkleTree(array(size), scheme=ts.schemes.filecoin(arity))


def path(arity: int, size: int, index: int) -> list[int]:
    """The place among its siblings, from the leaf up."""
    found = []
    while size > 1:
        found.append(index % arity)
        index, size = index // arity, size // arity
    return found


def test_roots_and_proofs_are_the_same(crates: Ask) -> None:
    asked = [
        {
            "call": "filecoin",
            "arity": arity,
            "leaves": [row.tobytes().hex() for row in array(size)],
            "indices": places(size),
        }
        for arity, size in SIZES
    ]
    for (arity, size), theirs in zip(SIZES, crates(asked), strict=True):
        ours = tree(arity, size)
        assert theirs["root"] == ours.root.hex(), (arity, size)
        for index, proof in zip(places(size), theirs["proofs"], strict=True):
            leaf, *siblings, root = (bytes.fromhex(item) for item in proof["lemma"])
            assert (leaf, root) == (array(size)[index].tobytes(), ours.root)
            assert proof["path"] == path(arity, size, index)
            made = ts.InclusionProof(siblings)
            assert made == ours.prove(index), (arity, size, index)
            ours.head.verify_inclusion(index, leaf, made)


@pytest.mark.parametrize("honest", [True, False])
def test_our_proofs_verify_there(crates: Ask, honest: bool) -> None:
    claims: list[dict[str, Any]] = []
    for arity, size in SIZES:
        ours = tree(arity, size)
        for index in places(size):
            lemma = [array(size)[index].tobytes(), *digests_of(ours.prove(index)), ours.root]
            if not honest:
                lemma[1] = bytes(32)
            claims.append(
                {
                    "call": "filecoin_verify",
                    "arity": arity,
                    "lemma": [item.hex() for item in lemma],
                    "path": path(arity, size, index),
                }
            )
    assert [answer["valid"] for answer in crates(claims)] == [honest] * len(claims)


@pytest.mark.parametrize(("arity", "size"), [(2, 3), (4, 8), (8, 16), (8, 9)])
def test_other_sizes_are_refused_by_both(crates: Ask, arity: int, size: int) -> None:
    leaves = array(size)
    with pytest.raises(ValueError, match="leaves"):
        ts.MerkleTree(leaves, scheme=ts.schemes.filecoin(arity))
    given = [row.tobytes().hex() for row in leaves]
    (answer,) = crates([{"call": "filecoin", "arity": arity, "leaves": given, "indices": []}])
    assert "error" in answer
