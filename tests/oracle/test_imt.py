"""zk-kit's IMT with SHA-256: roots and proofs at several arities and depths, both directions."""

from __future__ import annotations

import json

import pytest
import tallystick as ts
from tallystick.interop import imt

from tests.oracle.javascript import ask, asked, h
from tests.support import array

SHAPES = [(6, 2), (4, 3), (3, 4), (3, 5), (2, 7), (2, 8), (20, 2), (1, 2), (0, 2)]
ZERO = bytes(range(32))


def leaves(size: int) -> list[bytes]:
    return [row.tobytes() for row in array(size)]


@pytest.mark.parametrize(("depth", "arity"), SHAPES)
@pytest.mark.parametrize("zero", [bytes(32), ZERO], ids=["zero", "word"])
def test_roots_and_proofs(depth: int, arity: int, zero: bytes) -> None:
    scheme = ts.schemes.fixed_depth(depth, arity=arity, zero=zero)
    most = arity**depth
    sizes = sorted({*range(min(most, 40) + 1), *({most - 1, most} if most < 200 else {150})})
    common = {"ask": "imt", "depth": depth, "arity": arity, "zero": h(zero)}
    answers = asked([{"leaves": list(map(h, leaves(size))), **common} for size in sizes])
    verified = []
    for size, theirs in zip(sizes, answers, strict=True):
        rows = leaves(size)
        tree = ts.MerkleTree(rows, scheme=scheme)
        assert h(tree.root) == theirs["root"]
        for index in range(0, size, 1 + size // 12):
            there = imt.to_proof(tree.head, index, rows[index], tree.prove(index))
            assert there == theirs["proofs"][index]
            claim = imt.from_proof(json.dumps(theirs["proofs"][index]), tree.head)
            assert (claim.index, claim.leaf, claim.proof) == (index, rows[index], tree.prove(index))
            tree.head.verify_inclusion(claim.index, claim.leaf, claim.proof)
            verified.append({"ask": "imtVerify", "proof": there})
    assert asked(verified) == [True] * len(verified)


def test_both_are_full_at_the_same_size() -> None:
    too_many = leaves(10)
    (theirs,) = ask(
        [{"ask": "imt", "leaves": list(map(h, too_many)), "depth": 2, "arity": 3, "zero": h(ZERO)}]
    )
    assert "error" in theirs
    with pytest.raises(ValueError, match="leaves"):
        ts.MerkleTree(too_many, scheme=ts.schemes.fixed_depth(2, arity=3, zero=ZERO))
