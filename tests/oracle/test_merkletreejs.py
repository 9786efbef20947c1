"""merkletreejs: the default tree, sorted pairs, padded leaves; roots and proofs in both directions."""

from __future__ import annotations

import json

import pytest
import tallystick as ts
from tallystick.interop import merkletreejs

from tests.oracle.javascript import asked, h
from tests.support import array, digests_of

SIZES = (*range(1, 41), 1000)
HASHES = {"sha256": ts.hashes.SHA256, "keccak256": ts.hashes.KECCAK256}


def leaves(size: int) -> list[bytes]:
    return [row.tobytes() for row in array(size)]


@pytest.mark.parametrize("name", HASHES)
def test_the_default_tree(name: str) -> None:
    scheme = ts.schemes.promoted(HASHES[name])
    given = {size: leaves(size) for size in SIZES}
    answers = asked(
        [{"ask": "merkletreejs", "hash": name, "leaves": list(map(h, rows))} for rows in given.values()]
    )
    verified = []
    for (size, rows), theirs in zip(given.items(), answers, strict=True):
        tree = ts.MerkleTree(rows, scheme=scheme)
        assert h(tree.root) == theirs["root"]
        for index in range(0, size, 1 + size // 40):
            ours = tree.prove(index)
            there = merkletreejs.to_proof(tree.head, index, ours)
            assert there == json.loads(theirs["proofs"][index])
            for document in (theirs["proofs"][index], theirs["positional"][index], there):
                proof = merkletreejs.from_proof(document, tree.head, index)
                tree.head.verify_inclusion(index, rows[index], proof)
                assert proof == ours
            verified.append(
                {
                    "ask": "merkletreejsVerify",
                    "hash": name,
                    "root": h(tree.root),
                    "leaf": h(rows[index]),
                    "proof": json.dumps(there),
                }
            )
    assert asked(verified) == [True] * len(verified)


@pytest.mark.parametrize("options", [{"sortPairs": True}, {"sort": True}], ids=["pairs", "leaves too"])
def test_sorted_pairs(options: dict[str, bool]) -> None:
    scheme = merkletreejs.sorted_scheme()
    given = {size: sorted(leaves(size)) if "sort" in options else leaves(size) for size in SIZES}
    common = {"hash": "keccak256", "options": options}
    answers = asked(
        [{"ask": "merkletreejs", "leaves": list(map(h, rows)), **common} for rows in given.values()]
    )
    verified = []
    for (size, rows), theirs in zip(given.items(), answers, strict=True):
        tree = ts.MerkleTree(rows, scheme=scheme)
        assert h(tree.root) == theirs["root"]
        for index in range(0, size, 1 + size // 40):
            there = merkletreejs.to_hex_proof(tree.head, tree.prove(index))
            assert there == theirs["plain"][index]
            proof = merkletreejs.from_hex_proof(theirs["plain"][index], tree.head)
            tree.head.verify_inclusion(None, rows[index], proof)
            verified.append(
                {
                    "ask": "merkletreejsVerify",
                    "root": h(tree.root),
                    "leaf": h(rows[index]),
                    "proof": json.dumps(there),
                    **common,
                }
            )
    assert asked(verified) == [True] * len(verified)


def test_leaves_padded_to_a_power_of_two_are_a_tree_of_fixed_depth() -> None:
    zero = bytes(range(32))
    sizes = range(1, 41)
    plain = {"hash": "sha256", "options": {"fillDefaultHash": h(zero)}}
    paired = {"hash": "keccak256", "options": {"fillDefaultHash": h(zero), "sortPairs": True}}
    questions = [
        {"ask": "merkletreejs", "leaves": list(map(h, leaves(size))), **common}
        for size in sizes
        for common in (plain, paired)
    ]
    answers = iter(asked(questions))
    for size in sizes:
        depth = (size - 1).bit_length()
        trees = [
            ts.MerkleTree(leaves(size), scheme=scheme)
            for scheme in (
                ts.schemes.fixed_depth(depth, zero=zero),
                ts.schemes.openzeppelin_solidity(depth, zero),
            )
        ]
        for tree in trees:
            assert h(tree.root) == next(answers)["root"]


def test_odd_nodes_hashed_with_themselves() -> None:
    f = ts.schemes.f
    scheme = ts.schemes.dense(
        "duplicated", ts.hashes.SHA256, leaf=f.bare, node=(f.children,), edge="duplicate"
    )
    common = {"ask": "merkletreejs", "hash": "sha256", "options": {"duplicateOdd": True}}
    answers = asked([{"leaves": list(map(h, leaves(size))), **common} for size in SIZES])
    for size, theirs in zip(SIZES, answers, strict=True):
        assert h(ts.head_of(leaves(size), scheme=scheme).root) == theirs["root"]


def test_a_node_shown_as_a_leaf_verifies_there_and_not_here() -> None:
    """A2: they take the number of digests from the proof, we from the head."""
    rows = leaves(8)
    tree = ts.MerkleTree(rows, scheme=ts.schemes.PROMOTED)
    node = ts.hashes.SHA256.digest(rows[0] + rows[1])
    shorter = ts.InclusionProof(list(digests_of(tree.prove(0))[1:]))
    there = [{"position": "right", "data": h(digest)} for digest in shorter.digests]
    assert asked(
        [
            {
                "ask": "merkletreejsVerify",
                "hash": "sha256",
                "root": h(tree.root),
                "leaf": h(node),
                "proof": json.dumps(there),
            }
        ]
    ) == [True]
    with pytest.raises(ts.InvalidProof) as refused:
        merkletreejs.from_proof(there, tree.head, 0)
    assert refused.value.reason is ts.Reason.DIGEST_COUNT
    with pytest.raises(ts.InvalidProof) as refused:
        tree.head.verify_inclusion(0, node, shorter)
    assert refused.value.reason is ts.Reason.DIGEST_COUNT
