"""ChainSafe's SSZ: roots of vectors and lists, branches and proofs of many, both directions."""

from __future__ import annotations

import random
from typing import Any

import pytest
import tallystick as ts
from tallystick.interop import ssz

from tests.oracle.javascript import asked, h
from tests.support import array

LIMITS = (1, 2, 3, 8, 40, 1000, 2**20, 2**40)


def leaves(size: int) -> list[bytes]:
    return [row.tobytes() for row in array(size)]


def shapes(kind: str) -> list[tuple[int, int]]:
    """Parameters with sizes."""
    if kind == "vector":
        return [(size, size) for size in (*range(1, 41), 1000)]
    sizes = (*range(41), 1000)
    return [(limit, size) for limit in LIMITS for size in sizes if size <= limit]


def chosen(size: int) -> list[int]:
    return random.Random(size).sample(range(size), min(size, 1 + size // 3))


@pytest.mark.parametrize("kind", ["vector", "list"])
def test_roots_and_proofs(kind: str) -> None:
    make = ts.schemes.ssz_vector if kind == "vector" else ts.schemes.ssz_list
    trees = [ts.MerkleTree(leaves(size), scheme=make(parameter)) for parameter, size in shapes(kind)]
    places = [list(range(0, len(tree), 1 + len(tree) // 5)) for tree in trees]
    nodes = [
        [ssz.generalised_index(tree.head, place) for place in row]
        for tree, row in zip(trees, places, strict=True)
    ]
    sets = [[ssz.generalised_index(tree.head, place) for place in chosen(len(tree))] for tree in trees]
    questions = [
        {
            "ask": "ssz",
            "kind": kind,
            "parameter": parameter,
            "leaves": list(map(h, leaves(size))),
            "indices": list(map(str, row)),
            "many": [list(map(str, many))] if many else [],
        }
        for (parameter, size), row, many in zip(shapes(kind), nodes, sets, strict=True)
    ]
    verified: list[dict[str, Any]] = []
    roots = []
    for tree, row, many, theirs in zip(trees, places, sets, asked(questions), strict=True):
        rows = leaves(len(tree))
        assert h(tree.root) == theirs["root"]
        for place, there in zip(row, theirs["branches"], strict=True):
            branch = ssz.to_branch(tree.head, place, tree.prove(place))
            node = ssz.generalised_index(tree.head, place)
            assert list(map(h, branch)) == there["witnesses"]
            assert h(rows[place]) == there["leaf"]
            proof = ssz.from_branch(tree.head, place, there["witnesses"])
            assert proof == tree.prove(place)
            tree.head.verify_inclusion(place, rows[place], proof)
            ssz.verify_branch(tree.root, node, rows[place], there["witnesses"])
            verified.append({"ask": "sszRoot", "index": str(node), **there})
            roots.append(h(tree.root))
        if not many:
            continue
        (there,) = theirs["many"]
        indices = chosen(len(tree))
        chunks = ssz.to_branches(tree.head, indices, tree.prove_many(indices))
        assert list(map(h, chunks)) == there["witnesses"]
        proof_of_many = ssz.from_branches(tree.head, indices, there["witnesses"])
        assert proof_of_many == tree.prove_many(indices)
        tree.head.verify_many(indices, [rows[index] for index in indices], proof_of_many)
        theirs_in_order = [int(node) for node in there["indices"]]
        their_leaves = [bytes.fromhex(leaf[2:]) for leaf in there["leaves"]]
        ssz.verify_branches(tree.root, theirs_in_order, their_leaves, there["witnesses"])
        ours = {"indices": list(map(str, many)), "leaves": [h(rows[index]) for index in indices]}
        verified.append({"ask": "sszRootMany", **ours, "witnesses": list(map(h, chunks))})
        roots.append(h(tree.root))
    assert asked(verified) == roots


def test_the_length_of_a_list_is_a_node_like_others() -> None:
    rows = leaves(5)
    tree = ts.MerkleTree(rows, scheme=ts.schemes.ssz_list(8))
    (theirs,) = asked(
        [
            {
                "ask": "ssz",
                "kind": "list",
                "parameter": 8,
                "leaves": list(map(h, rows)),
                "indices": ["3"],
                "many": [["3", "16", "20"]],
            }
        ]
    )
    (length,), (many,) = theirs["branches"], theirs["many"]
    assert length["leaf"] == h((5).to_bytes(32, "little"))
    ssz.verify_branch(tree.root, 3, bytes.fromhex(length["leaf"][2:]), length["witnesses"])
    nodes = [int(node) for node in many["indices"]]
    assert nodes == [20, 16, 3]
    assert ssz.helper_indices(nodes) == [21, 17, 11, 9]
    claimed = [bytes.fromhex(leaf[2:]) for leaf in many["leaves"]]
    ssz.verify_branches(tree.root, nodes, claimed, many["witnesses"])
