"""Namespaced trees against nmt-rs: roots, proofs of leaves and namespaces, and verdicts, both ways."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest
import tallystick as ts
from tallystick.interop import nmt as interop

from tests.oracle.counterparts import Ask

PARITY = b"\xff" * 29
Leaves = list[tuple[bytes, bytes]]


def name(number: int) -> bytes:
    return number.to_bytes(29, "big")


def some_trees() -> Iterator[Leaves]:
    source = random.Random("nmt-rs")
    for size in (*range(41), 500):
        for spread in (2, 12):
            parity = source.choice((0, 0, min(size, 1), size // 2))
            names = sorted(name(1 + source.randrange(spread)) for _ in range(size - parity))
            yield [
                (one, source.randbytes(place % 40)) for place, one in enumerate([*names, *[PARITY] * parity])
            ]


TREES = list(some_trees())
# Parity is not asked for: there it proves the absence of what is there.
NAMES = [name(number) for number in (*range(14), 2**200)]


def ours(leaves: Leaves) -> ts.NamespacedTree:
    return ts.NamespacedTree([data for _, data in leaves], [one for one, _ in leaves])


def given(call: str, leaves: Leaves, **more: Any) -> dict[str, Any]:
    names, data = [one.hex() for one, _ in leaves], [data.hex() for _, data in leaves]
    return {"call": call, "namespaces": names, "leaves": data, **more}


def read(proof: dict[str, Any]) -> interop.Proof:
    nodes = tuple(bytes.fromhex(node) for node in proof["siblings"])
    return interop.Proof(proof["start"], proof["end"], nodes, bytes.fromhex(proof.get("leaf") or ""))


def written(proof: interop.Proof, *, absent: bool) -> dict[str, Any]:
    return {
        "kind": "absence" if absent else "presence",
        "start": proof.start,
        "end": proof.end,
        "siblings": [node.hex() for node in proof.nodes],
        "leaf": proof.leaf_hash.hex() if proof.leaf_hash else None,
    }


def claim(root: bytes, namespace: bytes, data: list[bytes], proof: dict[str, Any]) -> dict[str, Any]:
    leaves = [leaf.hex() for leaf in data]
    return {
        "call": "nmt_verify",
        "root": root.hex(),
        "namespace": namespace.hex(),
        "leaves": leaves,
        "proof": proof,
        "complete": True,
    }


def test_roots_and_proofs_of_leaves_are_the_same(crates: Ask) -> None:
    asked = [
        given("nmt_inclusion", leaves, ranges=[[index, index + 1] for index in range(len(leaves))])
        for leaves in TREES
    ]
    for leaves, theirs in zip(TREES, crates(asked), strict=True):
        tree = ours(leaves)
        assert theirs["root"] == tree.root.hex()
        for index, proof in enumerate(theirs["proofs"]):
            assert interop.from_inclusion(read(proof), tree.head) == (index, tree.prove(index))
            assert interop.to_inclusion(tree.head, index, tree.prove(index)) == read(proof)
            tree.head.verify_inclusion(index, *leaves[index], tree.prove(index))


def test_proofs_of_namespaces_are_the_same(crates: Ask) -> None:
    asked = [given("nmt_namespace_proof", leaves, queries=[one.hex() for one in NAMES]) for leaves in TREES]
    for leaves, theirs in zip(TREES, crates(asked), strict=True):
        tree = ours(leaves)
        for one, found in zip(NAMES, theirs["proofs"], strict=True):
            own = tree.prove_namespace(one)
            data = [data for namespace, data in leaves if namespace == one]
            assert found["leaves"] == [leaf.hex() for leaf in data]
            assert (found["proof"]["kind"] == "absence") == isinstance(own, ts.AbsenceProof)
            assert interop.from_namespace(read(found["proof"]), tree.head) == own
            assert interop.to_namespace(tree.head, own, len(data)) == read(found["proof"])


@pytest.mark.parametrize("honest", [True, False])
def test_our_proofs_verify_there(crates: Ask, honest: bool) -> None:
    claims = []
    for leaves in TREES:
        tree = ours(leaves)
        for one in NAMES:
            own = tree.prove_namespace(one)
            data = [data for namespace, data in leaves if namespace == one]
            if not honest:
                if not data:
                    continue
                data[0] += b"more"
            proof = interop.to_namespace(tree.head, own, len(data))
            absent = isinstance(own, ts.AbsenceProof)
            claims.append(claim(tree.root, one, data, written(proof, absent=absent)))
        for index, (one, leaf) in list(enumerate(leaves))[:41]:
            if one != PARITY:
                proof = interop.to_inclusion(tree.head, index, tree.prove(index))
                shown = [leaf if honest else leaf + b"more"]
                claims.append(
                    {**claim(tree.root, one, shown, written(proof, absent=False)), "complete": False}
                )
    assert [answer["valid"] for answer in crates(claims)] == [honest] * len(claims)


def test_where_they_take_what_is_not_so(crates: Ask) -> None:
    """Roots leave parity out, so it is outside of them: there its leaves are absent, and any is proven."""
    tree = ours([(name(1), b"a"), (PARITY, b"b")])
    nothing = written(interop.Proof(0, 0, ()), absent=True)
    for data in ([], [b"b"], [b"forged"]):
        (answer,) = crates([claim(tree.root, PARITY, data, nothing)])
        assert answer["valid"]
    with pytest.raises(ValueError, match="leave the highest namespace out"):
        tree.prove_namespace(PARITY)
    with pytest.raises((ts.InvalidProof, ValueError)):
        tree.head.verify_absent(PARITY, ts.AbsenceProof(0, []))
