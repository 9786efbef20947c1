"""Each namespace has exactly one claim that is accepted, whatever the row of namespaces and the proof."""

from __future__ import annotations

from typing import Any

import tallystick as ts
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.reference import namespaced
from tests.reference.codec import encode
from tests.reference.objects import Leaf
from tests.reference.schemes import CELESTIA, Scheme

SIZE = 29
HIGHEST = b"\xff" * SIZE
TWIN = Scheme(CELESTIA, "sha256")
# Few namespaces, so that some have many leaves; also the edges.
name = st.sampled_from(
    [bytes(SIZE), *(bytes(28) + bytes([n]) for n in range(1, 9)), HIGHEST[:-1] + b"\xfe", HIGHEST]
)
rows = st.lists(name, max_size=40).map(sorted)


def accepted(check: Any, *claim: Any) -> bool:
    try:
        check(*claim)
    except ts.InvalidProof:
        return False
    return True


def leaves_of(names: list[bytes]) -> list[bytes]:
    return [b"%d" % place for place in range(len(names))]


@given(rows, name)
def test_present_or_absent_and_never_both(names: list[bytes], asked: bytes) -> None:
    data = leaves_of(names)
    tree = ts.NamespacedTree(data, names)
    if asked == HIGHEST:
        return
    proof, own = tree.prove_namespace(asked), [one for one, n in zip(data, names, strict=True) if n == asked]
    twin = [Leaf(n, one) for n, one in zip(names, data, strict=True)]
    assert tree.head.to_bytes() == encode(namespaced.head(TWIN, twin))
    assert proof.to_bytes() == encode(namespaced.prove_namespace(TWIN, twin, asked))
    if isinstance(proof, ts.NamespaceProof):
        assert accepted(tree.head.verify_namespace, asked, own, proof)
        assert not accepted(
            tree.head.verify_absent, asked, ts.AbsenceProof(proof.start if len(proof) else 0, proof.nodes)
        )
    else:
        assert own == []
        assert accepted(tree.head.verify_absent, asked, proof)
        for start in range(len(data)):
            assert not accepted(
                tree.head.verify_namespace,
                asked,
                data[start : start + 1],
                ts.NamespaceProof(start, proof.nodes[1:]),
            )


@settings(max_examples=60)
@given(rows.filter(bool), st.data())
def test_no_other_run_is_all_of_a_namespace(names: list[bytes], draw: st.DataObject) -> None:
    data = leaves_of(names)
    head = ts.NamespacedTree(data, names).head
    begin = draw.draw(st.integers(0, len(names) - 1))
    end = draw.draw(st.integers(begin + 1, len(names)))
    nodes = [
        one.whole
        for one in namespaced.leaf_nodes(TWIN, [Leaf(n, d) for n, d in zip(names, data, strict=True)])
    ]
    around = namespaced.around(TWIN, [namespaced.taken_apart(TWIN, node) for node in nodes], begin, end)
    proof = ts.NamespaceProof(begin, [one.whole for one in around])
    for asked in {*names, bytes(28) + b"\x09"}:
        run = [place for place, n in enumerate(names) if n == asked]
        fits = run == list(range(begin, end)) and asked != HIGHEST
        assert accepted(head.verify_namespace, asked, data[begin:end], proof) == fits


@settings(max_examples=60)
@given(rows.filter(lambda names: len(names) > 1), st.data())
def test_a_changed_bit_is_refused(names: list[bytes], draw: st.DataObject) -> None:
    data = leaves_of(names)
    tree = ts.NamespacedTree(data, names)
    asked = draw.draw(st.sampled_from([n for n in (*names, bytes(28) + b"\x09") if n != HIGHEST]))
    proof = tree.prove_namespace(asked)
    own = [one for one, n in zip(data, names, strict=True) if n == asked]
    if not len(proof):
        return
    nodes = bytearray(proof.nodes.tobytes())
    bit = draw.draw(st.integers(0, 8 * len(nodes) - 1))
    nodes[bit // 8] ^= 1 << bit % 8
    changed = [bytes(nodes[at : at + 90]) for at in range(0, len(nodes), 90)]
    if isinstance(proof, ts.NamespaceProof):
        assert not accepted(tree.head.verify_namespace, asked, own, ts.NamespaceProof(proof.start, changed))
    else:
        assert not accepted(tree.head.verify_absent, asked, ts.AbsenceProof(proof.start, changed))
