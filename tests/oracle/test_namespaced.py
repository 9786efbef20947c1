"""Namespaced trees against Celestia's own Go code: roots, proofs and verdicts, both ways."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator
from typing import Any

import pytest
import tallystick as ts
from tallystick.interop import nmt as interop

from tests.oracle.nmt import Theirs, build

PARITY = b"\xff" * 29
Leaves = list[tuple[bytes, bytes]]


def name(number: int) -> bytes:
    return number.to_bytes(29, "big")


@pytest.fixture(scope="module")
def theirs(tmp_path_factory: pytest.TempPathFactory) -> Theirs:
    return build(tmp_path_factory.mktemp("nmt"))


def some_trees() -> Iterator[Leaves]:
    """Sizes 0 to 40 and a large one; few and many namespaces, with and without parity."""
    source = random.Random("namespaces")
    for size in (*range(41), 1000):
        for spread in (1, 3, 30):
            parity = source.choice((0, 0, min(size, 1), size // 2))
            names = sorted(name(1 + source.randrange(spread)) for _ in range(size - parity))
            yield [(one, b"%d" % place) for place, one in enumerate([*names, *[PARITY] * parity])]


TREES = list(some_trees())
NAMES = [name(number) for number in (*range(33), 2**200)]


def ours(leaves: Leaves, scheme: ts.Scheme = ts.schemes.CELESTIA) -> ts.NamespacedTree:
    return ts.NamespacedTree([data for _, data in leaves], [one for one, _ in leaves], scheme=scheme)


def prefixed(leaves: Leaves) -> list[str]:
    return [(one + data).hex() for one, data in leaves]


def of_json(proof: Any) -> interop.Proof:
    return interop.Proof.from_json(json.dumps(proof))


def runs_of(size: int) -> list[tuple[int, int]]:
    return [(index, index + 1) for index in range(size)][:41]


def test_roots_and_proofs_of_namespaces_and_leaves_are_theirs(theirs: Theirs) -> None:
    asked = [
        {
            "size": 29,
            "leaves": prefixed(leaves),
            "namespaces": [one.hex() for one in NAMES],
            "ranges": runs_of(len(leaves)),
        }
        for leaves in TREES
    ]
    for leaves, found in zip(TREES, theirs(trees=asked)["trees"], strict=True):
        tree = ours(leaves)
        head = tree.head
        assert head.root.hex() == found["root"]
        for one, proof in zip(NAMES, found["proofs"], strict=True):
            own = tree.prove_namespace(one)
            read = of_json(proof)
            assert read == interop.to_namespace(head, own, len(tree.find(one)))
            assert interop.from_namespace(read, head) == own
            data = [data for namespace, data in leaves if namespace == one]
            if isinstance(own, ts.NamespaceProof):
                head.verify_namespace(one, data, own)
            else:
                assert not data
                head.verify_absent(one, own)
        for (index, _), proof in zip(runs_of(len(leaves)), found["ranges"], strict=True):
            assert interop.from_inclusion(of_json(proof), head) == (index, tree.prove(index))
            assert json.loads(interop.to_inclusion(head, index, tree.prove(index)).to_json()) == proof
            head.verify_inclusion(index, *leaves[index], tree.prove(index))


def claim(
    head: ts.NamespacedHead, namespace: bytes, data: list[bytes], proof: interop.Proof
) -> dict[str, Any]:
    return {
        "root": head.root.hex(),
        "namespace": namespace.hex(),
        "leaves": [(namespace + one).hex() for one in data],
        "proof": json.loads(proof.to_json()),
        "complete": True,
    }


def test_they_verify_our_proofs(theirs: Theirs) -> None:
    claims = []
    for leaves in TREES:
        tree = ours(leaves)
        for one in NAMES:
            data = [data for namespace, data in leaves if namespace == one]
            proof = interop.to_namespace(tree.head, tree.prove_namespace(one), len(data))
            claims.append(claim(tree.head, one, data, proof))
        for index in range(min(len(leaves), 20)):
            proof = interop.to_inclusion(tree.head, index, tree.prove(index))
            claims.append(
                {**claim(tree.head, leaves[index][0], [leaves[index][1]], proof), "complete": False}
            )
    assert set(theirs(claims=claims)["verdicts"]) == {True}


def test_what_they_refuse_we_refuse(theirs: Theirs) -> None:
    """Every run of leaves as all of every namespace, with an honest proof of the run."""
    source = random.Random("runs")
    claims, own = [], []
    for size in (3, 5, 8, 11):
        names = sorted(name(source.randrange(4)) for _ in range(size))
        leaves = [(one, b"%d" % place) for place, one in enumerate(names)]
        head = ours(leaves).head
        for begin, end in itertools.combinations(range(size + 1), 2):
            nodes = nodes_around(leaves, begin, end, head)
            proof = ts.NamespaceProof(begin, nodes)
            for number in range(5):
                data = [data for _, data in leaves[begin:end]]
                own.append(verdict(head, name(number), data, proof))
                claims.append(claim(head, name(number), data, interop.to_namespace(head, proof, end - begin)))
    found = theirs(claims=claims)["verdicts"]
    assert found == own
    assert 0 < sum(found) < 20


def nodes_around(leaves: Leaves, begin: int, end: int, head: ts.NamespacedHead) -> list[bytes]:
    """The nodes beside a run, each as the root of a tree of the leaves below it."""
    found, first, last, level = [], begin, end - 1, 0
    size = head.size
    while size > 1:
        for there, index in ((first % 2 == 1, first - 1), (last % 2 == 0 and last + 1 < size, last + 1)):
            if there:
                found.append(ours(leaves[index << level : (index + 1) << level]).root)
        first, last, size, level = first // 2, last // 2, (size + 1) // 2, level + 1
    return found


def verdict(head: ts.NamespacedHead, namespace: bytes, data: list[bytes], proof: ts.NamespaceProof) -> bool:
    try:
        head.verify_namespace(namespace, data, proof)
    except ts.InvalidProof:
        return False
    return True


def test_of_the_highest_namespace_they_accept_what_nothing_shows(theirs: Theirs) -> None:
    leaves = [(name(1), b"a"), (PARITY, b"x"), (PARITY, b"y"), (PARITY, b"z")]
    head = ours(leaves).head
    part = ts.NamespaceProof(2, nodes_around(leaves, 2, 4, head))
    claims = [
        claim(head, PARITY, [b"y", b"z"], interop.to_namespace(head, part, 2)),
        claim(head, PARITY, [], interop.Proof(0, 0, ())),
    ]
    assert theirs(claims=claims)["verdicts"] == [True, True]
    with pytest.raises(ts.InvalidProof) as refused:
        head.verify_namespace(PARITY, [b"y", b"z"], part)
    assert refused.value.reason is ts.Reason.IGNORED_NAMESPACE
    with pytest.raises(ts.InvalidProof) as refused:
        head.verify_absent(PARITY, ts.AbsenceProof(0, []))
    assert refused.value.reason is ts.Reason.IGNORED_NAMESPACE


# Their code doubles the length in 8 bits, so it takes none above 127.
@pytest.mark.parametrize("size", [1, 8, 32, 127])
def test_namespaces_of_other_sizes(theirs: Theirs, size: int) -> None:
    leaves = [(bytes([number]) * size, b"%d" % number) for number in (1, 2, 2, 7, 255)]
    tree = ours(leaves, ts.schemes.namespaced(size))
    asked = {
        "size": size,
        "leaves": prefixed(leaves),
        "namespaces": [(b"\x02" * size).hex(), (b"\x05" * size).hex()],
    }
    (found,) = theirs(trees=[{**asked, "ranges": []}])["trees"]
    assert tree.root.hex() == found["root"]
    present, absent = (interop.from_namespace(of_json(proof), tree.head) for proof in found["proofs"])
    assert (present, absent) == (tree.prove_namespace(b"\x02" * size), tree.prove_namespace(b"\x05" * size))


def test_they_refuse_leaves_out_of_order_too(theirs: Theirs) -> None:
    asked = {
        "size": 29,
        "leaves": prefixed([(name(2), b"a"), (name(1), b"b")]),
        "namespaces": [],
        "ranges": [],
    }
    (found,) = theirs(trees=[asked])["trees"]
    assert "ordered" in found["error"]
    with pytest.raises(ValueError, match="ascending"):
        ours([(name(2), b"a"), (name(1), b"b")])
