"""zk-kit's LeanIMT with SHA-256: roots, packed indices and proofs, both directions."""

from __future__ import annotations

import json

import pytest
import tallystick as ts
from tallystick.interop import lean_imt

from tests.oracle.javascript import asked, h
from tests.support import array

SIZES = (*range(1, 41), 1000)


def leaves(size: int) -> list[bytes]:
    return [row.tobytes() for row in array(size)]


@pytest.mark.parametrize("grown", [False, True], ids=["at once", "one by one"])
def test_roots_and_proofs(grown: bool) -> None:
    answers = asked(
        [{"ask": "leanImt", "leaves": list(map(h, leaves(size))), "grown": grown} for size in SIZES]
    )
    verified = []
    for size, theirs in zip(SIZES, answers, strict=True):
        rows = leaves(size)
        tree = ts.MerkleTree(rows, scheme=ts.schemes.LEAN_IMT)
        assert h(tree.root) == theirs["root"]
        for index in range(0, size, 1 + size // 40):
            there = lean_imt.to_proof(tree.head, index, rows[index], tree.prove(index))
            assert there == theirs["proofs"][index]
            claim = lean_imt.from_proof(json.dumps(theirs["proofs"][index]), tree.head)
            assert (claim.index, claim.leaf, claim.proof) == (index, rows[index], tree.prove(index))
            tree.head.verify_inclusion(claim.index, claim.leaf, claim.proof)
            verified.append({"ask": "leanImtVerify", "proof": there})
    assert asked(verified) == [True] * len(verified)


def test_a_packed_index_and_a_number_of_siblings_are_one_leafs() -> None:
    for size in range(1, 200):
        found = {}
        tree = ts.MerkleTree(array(size), scheme=ts.schemes.LEAN_IMT)
        for index, proof in enumerate(tree.prove_each()):
            packed = lean_imt.packed_index(index, size=size)
            assert lean_imt.leaf_index(packed, len(proof), size=size) == index
            found[packed, len(proof)] = index
        assert len(found) == size
        # All others are no leaf's.
        most = (size - 1).bit_length() + 1
        for siblings in range(most + 1):
            for packed in range(1 << siblings):
                if (packed, siblings) not in found:
                    with pytest.raises(ts.InvalidProof):
                        lean_imt.leaf_index(packed, siblings, size=size)


def test_a_proof_of_another_leaf_verifies_there_and_not_here() -> None:
    """A11: they do not know the size, so bits of the index above the siblings are ignored."""
    rows = leaves(5)
    tree = ts.MerkleTree(rows, scheme=ts.schemes.LEAN_IMT)
    there = lean_imt.to_proof(tree.head, 4, rows[4], tree.prove(4))
    there["index"] += 2
    assert asked([{"ask": "leanImtVerify", "proof": there}]) == [True]
    with pytest.raises(ts.InvalidProof) as refused:
        lean_imt.from_proof(there, tree.head)
    assert refused.value.reason is ts.Reason.WRONG_PLACE
