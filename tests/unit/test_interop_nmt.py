"""Celestia's form of proofs: there and back, and everything that is not of the form."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest
import tallystick as ts
from tallystick.interop import nmt

NAMES = [bytes(28) + bytes([number]) for number in (1, 1, 3, 3, 3, 6, 9)]
TREE = ts.NamespacedTree([b"%d" % place for place in range(7)], NAMES)
THREE, FIVE = NAMES[2], bytes(28) + b"\x05"
HEAD = TREE.head
WHOLE, GAP = TREE.prove_namespace(THREE), TREE.prove_namespace(FIVE)
assert isinstance(WHOLE, ts.NamespaceProof)
assert isinstance(GAP, ts.AbsenceProof)
PRESENT, ABSENT = nmt.to_namespace(HEAD, WHOLE, 3), nmt.to_namespace(HEAD, GAP)


@pytest.mark.parametrize("theirs", [PRESENT, ABSENT, nmt.Proof(0, 0, ()), nmt.Proof(0, 7, (), b"", False)])
def test_both_forms_and_back(theirs: nmt.Proof) -> None:
    assert nmt.Proof.from_json(theirs.to_json()) == theirs
    assert nmt.Proof.from_json(json.dumps(json.loads(theirs.to_json()), indent=1)) == theirs
    assert nmt.Proof.from_protobuf(theirs.to_protobuf()) == theirs


def test_nodes_from_the_left() -> None:
    # Left of leaves [2, 5) is the node over 0 and 1; right of them leaf 5, then leaf 6.
    assert WHOLE.start == 2
    assert [bytes(node[:29]) for node in PRESENT.nodes] == [NAMES[0], NAMES[5], NAMES[6]]
    assert [node.tobytes() for node in WHOLE.nodes] == [PRESENT.nodes[1], PRESENT.nodes[0], PRESENT.nodes[2]]
    assert ABSENT.leaf_hash == GAP.nodes[0].tobytes()
    for index in range(7):
        theirs = nmt.to_inclusion(HEAD, index, TREE.prove(index))
        assert nmt.from_inclusion(theirs, HEAD) == (index, TREE.prove(index))


@pytest.mark.parametrize(
    "changes",
    [
        {"start": 1},
        {"start": 5},
        {"end": 4},
        {"end": 8},
        {"end": 2},
        {"start": 2**62, "end": 2**62 + 3},
        {"nodes": PRESENT.nodes[1:]},
        {"nodes": (*PRESENT.nodes, PRESENT.nodes[0])},
        {"nodes": (PRESENT.nodes[0][1:], *PRESENT.nodes[1:])},
        {"leaf_hash": PRESENT.nodes[0]},
        {"is_max_namespace_ignored": False},
    ],
    ids=str,
)
def test_a_namespace_in_another_shape_is_refused(changes: Any) -> None:
    theirs = replace(PRESENT, **changes)
    try:
        read = nmt.from_namespace(theirs, HEAD)
    except ts.DecodeError:
        return
    # Another place with as many nodes: then no head accepts it.
    assert isinstance(read, ts.NamespaceProof)
    with pytest.raises(ts.InvalidProof):
        HEAD.verify_namespace(THREE, [b"2", b"3", b"4"][: theirs.end - theirs.start], read)


def test_an_absence_in_another_shape_is_refused() -> None:
    for changes in (
        {"end": ABSENT.end + 1},
        {"leaf_hash": ABSENT.leaf_hash[1:]},
        {"nodes": ABSENT.nodes[:-1]},
        {"is_max_namespace_ignored": False},
        {"start": 7, "end": 8},
    ):
        with pytest.raises(ts.DecodeError):
            nmt.from_namespace(replace(ABSENT, **changes), HEAD)  # type: ignore[arg-type]
    for empty in (
        nmt.Proof(1, 1, ()),
        nmt.Proof(0, 0, (bytes(90),)),
        nmt.Proof(0, 0, (), bytes(90)),
        nmt.Proof(0, 0, (), b"", False),
    ):
        with pytest.raises(ts.DecodeError):
            nmt.from_namespace(empty, HEAD)


def test_not_of_one_leaf() -> None:
    one = nmt.to_inclusion(HEAD, 3, TREE.prove(3))
    for other in (PRESENT, ABSENT, replace(one, end=3), replace(one, start=7, end=8), replace(one, nodes=())):
        with pytest.raises(ts.DecodeError):
            nmt.from_inclusion(other, HEAD)


def test_what_we_cannot_state_raises() -> None:
    for count in (0, 2, 6, -1):
        with pytest.raises(ValueError, match=r"nodes|leaves"):
            nmt.to_namespace(HEAD, WHOLE, count)
    with pytest.raises(ValueError, match="absent"):
        nmt.to_namespace(HEAD, GAP, 1)
    for index in (-1, 7, 6):
        with pytest.raises(ValueError, match=r"nodes|leaves"):
            nmt.to_inclusion(HEAD, index, TREE.prove(0))
    with pytest.raises(ValueError, match="90 bytes"):
        nmt.to_inclusion(HEAD, 0, ts.NamespacedInclusionProof([bytes(48)] * 3, namespace_size=8))
    with pytest.raises(TypeError):
        nmt.to_inclusion(HEAD, "0", TREE.prove(0))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[]",
        "null",
        "7",
        "[" * 100_000,
        '{"start":-1}',
        '{"start":1.0}',
        '{"start":true}',
        '{"start":"1"}',
        '{"start":9223372036854775808}',
        '{"nodes":"bm9kZQ=="}',
        '{"nodes":["bm9kZQ"]}',
        '{"nodes":["bm9kZR=="]}',
        '{"nodes":["bm9k ZQ=="]}',
        '{"nodes":[7]}',
        '{"leaf_hash":null}',
        '{"leafHash":""}',
        '{"is_max_namespace_ignored":1}',
        '{"start":1,"start":1}',
    ],
)
def test_other_json(text: str) -> None:
    with pytest.raises(ts.DecodeError):
        nmt.Proof.from_json(text)


@pytest.mark.parametrize(
    "raw",
    [
        "08",
        "0800",
        "088100",
        "10011001",
        "100108 01",
        "1a05ab",
        "1affffffffff7f",
        "2200",
        "2802",
        "2800",
        "3001",
        "0d00000000",
        "08ffffffffffffffffff01",
        "08ffffffffffffffffffff01",
        "1a01ff0801",
    ],
)
def test_other_protobuf(raw: str) -> None:
    with pytest.raises(ts.DecodeError):
        nmt.Proof.from_protobuf(bytes.fromhex(raw))
