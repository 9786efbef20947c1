"""Namespaced trees: what they take and refuse, heads and proofs as values, files, threads of claims."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tallystick as ts

ONE, TWO, THREE, FOUR = (bytes(28) + bytes([number]) for number in (1, 2, 3, 4))
HIGHEST = b"\xff" * 29
NAMES = [ONE, TWO, TWO, TWO, FOUR, HIGHEST]
DATA = [b"a", b"b", b"c", b"", b"e" * 1000, b"f"]


@pytest.fixture
def tree() -> ts.NamespacedTree:
    return ts.NamespacedTree(DATA, NAMES)


def reason(check: Any, *claim: Any) -> ts.Reason:
    with pytest.raises(ts.InvalidProof) as refused:
        check(*claim)
    return refused.value.reason


def test_every_form_of_rows() -> None:
    shares = np.arange(6 * 512, dtype=np.uint8).reshape(6, 512)
    names = np.frombuffer(b"".join(NAMES), np.uint8).reshape(6, 29)
    made = ts.NamespacedTree(shares, names)
    assert made.root == ts.NamespacedTree([row.tobytes() for row in shares], NAMES).root
    assert made.root == ts.NamespacedTree(list(shares), [memoryview(one) for one in NAMES]).root


def test_all_leaves_of_a_namespace_and_none_of_another(tree: ts.NamespacedTree) -> None:
    head = tree.head
    assert head.range == (ONE, FOUR)
    assert [tree.find(one) for one in (ONE, TWO, THREE, FOUR, HIGHEST, bytes(29))] == [
        range(1),
        range(1, 4),
        range(4, 4),
        range(4, 5),
        range(5, 6),
        range(0),
    ]
    whole = tree.prove_namespace(TWO)
    assert isinstance(whole, ts.NamespaceProof)
    head.verify_namespace(TWO, DATA[1:4], whole)
    gap, outside = tree.prove_namespace(THREE), tree.prove_namespace(bytes(29))
    assert isinstance(gap, ts.AbsenceProof)
    assert isinstance(outside, ts.AbsenceProof)
    head.verify_absent(THREE, gap)
    head.verify_absent(bytes(29), outside)
    assert (gap.start, outside.start, len(outside)) == (4, 0, 0)
    assert bytes(gap.nodes[0])[:58] == FOUR * 2
    for index, (name, data) in enumerate(zip(NAMES, DATA, strict=True)):
        head.verify_inclusion(index, name, data, tree.prove(index))


def test_claims_that_are_false_in_themselves(tree: ts.NamespacedTree) -> None:
    head, whole, gap = tree.head, tree.prove_namespace(TWO), tree.prove_namespace(THREE)
    reasons = ts.Reason
    assert reason(head.verify_namespace, TWO, [], whole) is reasons.EMPTY_CLAIM
    assert reason(head.verify_namespace, TWO[1:], DATA[1:4], whole) is reasons.NAMESPACE_SIZE
    assert reason(head.verify_namespace, HIGHEST, DATA[1:4], whole) is reasons.IGNORED_NAMESPACE
    assert reason(head.verify_absent, b"", gap) is reasons.NAMESPACE_SIZE
    assert reason(head.verify_absent, TWO, gap) is reasons.NEIGHBOUR_NAMESPACE
    assert reason(head.verify_inclusion, -1, ONE, b"a", tree.prove(0)) is reasons.INDEX_OUT_OF_RANGE
    assert reason(head.verify_inclusion, 2**64, ONE, b"a", tree.prove(0)) is reasons.INDEX_OUT_OF_RANGE
    assert reason(head.verify_inclusion, None, ONE, b"a", tree.prove(0)) is reasons.INDEX_REQUIRED
    assert reason(head.verify_inclusion, 0, b"", b"a", tree.prove(0)) is reasons.NAMESPACE_SIZE
    far = ts.NamespaceProof(2**64 - 1, whole.nodes)
    assert reason(head.verify_namespace, TWO, DATA[1:4], far) is reasons.INDEX_OUT_OF_RANGE
    most = ts.NamespacedHead(tree.scheme, 2**64 - 1, tree.root)
    assert reason(most.verify_namespace, TWO, DATA[1:4], far) is reasons.INDEX_OUT_OF_RANGE
    assert reason(most.verify_namespace, TWO, DATA[1:4], whole) is reasons.DIGEST_COUNT


@pytest.mark.parametrize("wrong", ["text", 5, None, [ONE]])
def test_misuse_is_a_type_error(tree: ts.NamespacedTree, wrong: Any) -> None:
    head, whole, gap = tree.head, tree.prove_namespace(TWO), tree.prove_namespace(THREE)
    for call in (
        lambda: head.verify_namespace(wrong, DATA[1:4], whole),
        lambda: head.verify_absent(wrong, gap),
        lambda: head.verify_inclusion(0, wrong, b"a", tree.prove(0)),
        lambda: tree.find(wrong),
        lambda: tree.prove_namespace(wrong),
        lambda: tree.append(b"x", wrong),
    ):
        with pytest.raises(TypeError):
            call()
    with pytest.raises(TypeError):
        head.verify_namespace(TWO, DATA[1:4], gap)  # type: ignore[arg-type]
    with pytest.raises(TypeError):
        head.verify_absent(THREE, whole)  # type: ignore[arg-type]


def test_leaves_that_make_no_tree() -> None:
    for names, message in (
        ([TWO, ONE], r"namespaces\[1\] is below"),
        ([ONE, HIGHEST, TWO], r"namespaces\[2\] is below"),
        ([ONE, TWO[1:]], r"namespaces\[1\] has 28 bytes"),
        ([b""], r"namespaces\[0\] has 0 bytes"),
    ):
        with pytest.raises(ValueError, match=message):
            ts.NamespacedTree([b""] * len(names), names)
    with pytest.raises(ValueError, match="2 leaves and 1 namespaces"):
        ts.NamespacedTree([b"a", b"b"], [ONE])
    with pytest.raises(TypeError, match="namespaced scheme"):
        ts.MerkleTree([b"a"], scheme=ts.schemes.CELESTIA)
    with pytest.raises(TypeError, match="not a namespaced one"):
        ts.NamespacedTree([b"a"], [ONE], scheme=ts.schemes.RFC6962)
    with pytest.raises(TypeError, match="NamespacedTree"):
        ts.build_file("nowhere.tally", [[b"a"]], scheme=ts.schemes.CELESTIA)
    with pytest.raises(TypeError, match="not a dense one"):
        ts.head_of([b"a"], scheme=ts.schemes.CELESTIA)
    with pytest.raises(TypeError, match="context"):
        ts.schemes.CELESTIA.with_context(b"day 1")
    for size in (0, 256, -1):
        with pytest.raises(ValueError, match="1 to 255 bytes of a namespace"):
            ts.schemes.namespaced(size)


def test_growing_keeps_the_order(tree: ts.NamespacedTree) -> None:
    growing = ts.NamespacedTree()
    assert growing.head.root == bytes(58) + growing.root[58:]
    growing.head.verify_absent(ONE, ts.AbsenceProof(0, []))
    heads = [growing.head]
    for name, data in zip(NAMES, DATA, strict=True):
        growing.append(data, name)
        heads.append(growing.head)
    assert growing.head == tree.head
    before = growing.head
    for names in ([FOUR], [HIGHEST, FOUR], [ONE]):
        with pytest.raises(ValueError, match=r"ascend"):
            growing.extend([b""] * len(names), names)
    with pytest.raises(ValueError, match="28 bytes"):
        growing.append(b"", ONE[1:])
    assert growing.head == before
    assert growing.extend([b"g"], [HIGHEST]) == range(6, 7)
    for size, head in enumerate(heads):
        assert growing.head_at(size) == head
        assert growing.find(TWO, head=head) == range(min(size, 1), max(min(size, 4), min(size, 1)))
        proof = growing.prove_namespace(TWO, head=head)
        if size > 1:
            assert isinstance(proof, ts.NamespaceProof)
            head.verify_namespace(TWO, DATA[1 : min(size, 4)], proof)
        else:
            assert isinstance(proof, ts.AbsenceProof)
            head.verify_absent(TWO, proof)
    with pytest.raises(ts.StaleHead):
        growing.prove(0, head=ts.NamespacedTree([b"x"], [ONE]).head)
    with pytest.raises(IndexError):
        growing.prove(7)


def test_nothing_is_proven_of_the_highest_namespace(tree: ts.NamespacedTree) -> None:
    with pytest.raises(ValueError, match="highest"):
        tree.prove_namespace(HIGHEST)
    parity = ts.NamespacedTree([b"x", b"y"], [HIGHEST] * 2)
    assert parity.head.range == (HIGHEST, HIGHEST)
    parity.head.verify_inclusion(1, HIGHEST, b"y", parity.prove(1))
    proof = parity.prove_namespace(ONE)
    assert isinstance(proof, ts.AbsenceProof)
    parity.head.verify_absent(ONE, proof)


def test_heads_and_proofs_are_values(tree: ts.NamespacedTree) -> None:
    head = tree.head
    assert ts.NamespacedHead(tree.scheme, 6, tree.root) == head
    assert head.root == tree.root
    assert repr(tree) == "<NamespacedTree celestia/sha256: 6 leaves>"
    for root in (b"", head.root[:-1], head.root + b"x", head.root[58:]):
        with pytest.raises(ValueError, match="roots of 90"):
            ts.NamespacedHead(tree.scheme, 6, root)
    with pytest.raises(ValueError, match="ends before it begins"):
        ts.NamespacedHead(tree.scheme, 6, TWO + ONE + bytes(32))
    with pytest.raises(TypeError):
        ts.NamespacedHead(ts.schemes.NATIVE, 6, bytes(32))
    with pytest.raises(TypeError):
        ts.TreeHead(tree.scheme, 6, head.root)
    gap = tree.prove_namespace(THREE)
    assert isinstance(gap, ts.AbsenceProof)
    assert ts.AbsenceProof(gap.start, gap.nodes) == gap
    assert (gap.namespace_size, gap.digest_size, gap.nodes.shape) == (29, 32, (len(gap), 90))
    with pytest.raises(ValueError, match="states no place"):
        ts.AbsenceProof(4, [])
    with pytest.raises(ValueError, match="90"):
        ts.NamespaceProof(0, [bytes(89)])
    with pytest.raises(ValueError, match="namespaces of no bytes"):
        ts.NamespaceProof(0, [], namespace_size=0)
    with pytest.raises(ValueError, match="digest size"):
        ts.NamespacedInclusionProof([], digest_size=31)
    with pytest.raises(ValueError, match="at most 255"):
        ts.NamespacedInclusionProof([bytes(90)] * 256)
    assert (
        len({ts.NamespaceProof(0, []), ts.NamespaceProof(0, [], digest_size=33), ts.NamespaceProof(1, [])})
        == 3
    )


def test_a_proof_of_other_sizes_is_refused(tree: ts.NamespacedTree) -> None:
    nodes = [bytes(91)] * 3
    assert reason(
        tree.head.verify_namespace, TWO, DATA[1:4], ts.NamespaceProof(1, nodes, digest_size=33)
    ) is (ts.Reason.DIGEST_SIZE)
    nodes = [bytes(88)] * 3
    other = ts.NamespaceProof(1, nodes, namespace_size=28)
    assert reason(tree.head.verify_namespace, TWO, DATA[1:4], other) is ts.Reason.NAMESPACE_SIZE


def test_in_a_file(tree: ts.NamespacedTree, tmp_path: Path) -> None:
    path = tmp_path / "shares.tally"
    tree.save(path)
    opened = ts.NamespacedTree.open(path, check=True)
    assert opened.head == tree.head
    assert opened.prove_namespace(TWO) == tree.prove_namespace(TWO)
    assert opened.prove_namespace(THREE) == tree.prove_namespace(THREE)
    assert opened.find(TWO) == range(1, 4)
    with pytest.raises(io.UnsupportedOperation):
        opened.append(b"", HIGHEST)
    with pytest.raises(ts.DecodeError, match=r"NamespacedTree\.open"):
        ts.MerkleTree.open(path)
    with pytest.raises(FileExistsError):
        tree.save(path)


def test_a_large_tree_is_the_same_however_it_is_cut() -> None:
    count = 20_000
    names = np.zeros((count, 29), np.uint8)
    names[:, 27:] = (np.arange(count) // 7).astype(">u2").view(np.uint8).reshape(count, 2)
    shares = np.arange(count * 8, dtype=np.uint64).view(np.uint8).reshape(count, 64)
    whole = ts.NamespacedTree(shares, names)
    grown = ts.NamespacedTree(shares[:4097], names[:4097])
    grown.extend(shares[4097:12_345], names[4097:12_345])
    grown.extend(shares[12_345:], names[12_345:])
    assert grown.head == whole.head
    for number in (0, 585, 1000, count // 7):
        name = names[number * 7].tobytes()
        place = whole.find(name)
        proof = whole.prove_namespace(name)
        assert isinstance(proof, ts.NamespaceProof)
        whole.head.verify_namespace(name, shares[place.start : place.stop], proof)
