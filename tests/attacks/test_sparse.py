"""Sparse trees: leaves against nodes, and absence shown of what is there (A2, A3, A15, A22)."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import tallystick as ts

SCHEMES = tuple(
    family(ts.hashes.SHA256)
    for family in (
        ts.schemes.native_sparse,
        ts.schemes.ics23_smt,
        ts.schemes.jellyfish,
        ts.schemes.nervos_smt,
        ts.schemes.sparse_256,
    )
)
LONE = SCHEMES[:3]
each = pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
each_lone = pytest.mark.parametrize("scheme", LONE, ids=lambda scheme: scheme.name)

Verdict = ts.Reason | None


def key(first: int, last: int = 0) -> bytes:
    return bytes([first, *bytes(30), last])


def present(head: ts.SparseHead, one: bytes, value: bytes, proof: ts.SparseProof) -> Verdict:
    try:
        head.verify_present(one, value, proof)
    except ts.InvalidProof as refused:
        return refused.reason
    return None


def absent(head: ts.SparseHead, one: bytes, proof: ts.SparseProof) -> Verdict:
    try:
        head.verify_absent(one, proof)
    except ts.InvalidProof as refused:
        return refused.reason
    return None


def changed(proof: ts.SparseProof, **parts: object) -> ts.SparseProof:
    taken = {name: getattr(proof, name) for name in ("end", "depth", "bitmap", "digests", "witness")}
    return ts.SparseProof(**{**taken, **parts})  # type: ignore[arg-type]


def shortened(proof: ts.SparseProof, levels: int, **parts: object) -> ts.SparseProof:
    """The path without its deepest levels, all of whose siblings are sent."""
    depth = proof.depth - levels
    bitmap = bytearray(proof.bitmap[: -(-depth // 8)])
    if depth % 8:
        bitmap[-1] &= 256 - (1 << 8 - depth % 8)
    return changed(proof, depth=depth, bitmap=bytes(bitmap), digests=proof.digests[levels:], **parts)


@each_lone
def test_a_node_is_no_leaf(scheme: ts.Scheme) -> None:
    """A2, A3: the two children of a node as a value, or as key and value digest, at the node's place."""
    values = {key(0x00): b"a", key(0x40): b"b", key(0x80): b"c"}
    tree = ts.SparseTree(values, scheme=scheme)
    proof = tree.prove(key(0x00))
    assert (proof.depth, present(tree.head, key(0x00), b"a", proof)) == (2, None)
    # The leaf's own digest is the sibling on its neighbour's path.
    leaf, sibling = (np.asarray(tree.prove(one).digests)[0].tobytes() for one in (key(0x40), key(0x00)))
    short = shortened(proof, 1)
    for one in (key(0x00), key(0x40), leaf):
        for value in (leaf + sibling, sibling, b"", b"\x01" + leaf + sibling):
            assert present(tree.head, one, value, short) is ts.Reason.ROOT_MISMATCH
    # A forged witness: what is hashed as a leaf are the children of the node that is there.
    forged = changed(short, end="other", witness=(leaf, sibling))
    assert absent(tree.head, key(0x00), forged) in (ts.Reason.WITNESS, ts.Reason.ROOT_MISMATCH)
    assert absent(tree.head, leaf, forged) in (ts.Reason.WITNESS, ts.Reason.ROOT_MISMATCH)


@each_lone
def test_absence_of_what_is_there(scheme: ts.Scheme) -> None:
    """A15: the key's own leaf as the witness; a leaf of another place; nothing, at every depth."""
    values = {key(first, last): b"%d" % first for first in range(0, 256, 16) for last in (0, 1)}
    tree = ts.SparseTree(values, scheme=scheme)
    head = tree.head
    for one, value in values.items():
        proof = tree.prove(one)
        assert present(head, one, value, proof) is None
        own = (one, tree.digest(one))
        assert absent(head, one, changed(proof, end="other", depth=255, **cut(proof), witness=own)) in REFUSED
        assert absent(head, one, changed(proof, end="empty", depth=255, **cut(proof))) in REFUSED
        for other in itertools.islice(values, 0, None, 5):
            theirs = tree.prove(other)
            for witness in (own, (other, tree.digest(other))):
                forged = changed(theirs, end="other", depth=255, **cut(theirs), witness=witness)
                assert absent(head, one, forged) in REFUSED
        for missing in (key(3), key(0, 2), bytes([one[0] ^ 1, *one[1:]])):
            shown = tree.prove(missing)
            assert absent(head, missing, shown) is None
            assert absent(head, one, shown) in REFUSED


REFUSED = (ts.Reason.WITNESS, ts.Reason.SHAPE, ts.Reason.ROOT_MISMATCH)


def cut(proof: ts.SparseProof) -> dict[str, object]:
    """A path of 256 levels without the last."""
    bitmap = bytearray(proof.bitmap)
    bitmap[-1] &= 254
    dropped = int(proof.bitmap[-1] & 1)
    return {"bitmap": bytes(bitmap), "digests": proof.digests[dropped:]}


@each
def test_never_both(scheme: ts.Scheme) -> None:
    """Every proof of a tree, for every key, as presence and as absence: what is accepted is true."""
    keys = [key(first, last) for first in (0x00, 0x01, 0x40, 0x80) for last in (0, 1)]
    for count in range(4):
        values = dict.fromkeys(keys[:count], b"value")
        tree = ts.SparseTree(values, scheme=scheme)
        proofs = [tree.prove(one) for one in keys]
        for one, own in zip(keys, proofs, strict=True):
            shown = [present(tree.head, one, b"value", proof) is None for proof in proofs]
            denied = [absent(tree.head, one, proof) is None for proof in proofs]
            assert any(shown) == (one in values)
            assert any(denied) == (one not in values)
            assert all(proof == own for proof, so in zip(proofs, shown, strict=True) if so)
            assert all(proof == own for proof, so in zip(proofs, denied, strict=True) if so)


@each
def test_keys_that_are_digests_of_nodes(scheme: ts.Scheme) -> None:
    """A22: a key that is the digest of a leaf or node of the same tree is a key like others."""
    tree = ts.SparseTree({key(0x00): b"a", key(0x80): b"b"}, scheme=scheme)
    digests = [np.asarray(tree.prove(one).digests)[0].tobytes() for one in (key(0x00), key(0x80))]
    before = tree.head
    for place, one in enumerate([*digests, before.root]):
        tree.update([one], [b"%d" % place])
    head = tree.head
    for one, value in ((key(0x00), b"a"), (key(0x80), b"b"), (digests[0], b"0"), (before.root, b"2")):
        head.verify_present(one, value, tree.prove(one))
    tree.remove([*digests, before.root])
    assert tree.head == before


@each
def test_no_value_is_nothing(scheme: ts.Scheme) -> None:
    """A10: a value that is empty, or zeros, or the digest of nothing, is there all the same."""
    for value in (b"", bytes(32), ts.SparseTree(scheme=scheme).root):
        tree = ts.SparseTree({key(0x00): value, key(0x80): b"x"}, scheme=scheme)
        proof = tree.prove(key(0x00))
        assert present(tree.head, key(0x00), value, proof) is None
        assert absent(tree.head, key(0x00), proof) is ts.Reason.OTHER_END
        tree.remove([key(0x00)])
        gone = tree.prove(key(0x00))
        assert absent(tree.head, key(0x00), gone) is None
        assert present(tree.head, key(0x00), value, gone) is ts.Reason.OTHER_END


def test_a_claim_is_about_every_key_once() -> None:
    """A6: a key twice, present and absent at once, or left over."""
    tree = ts.SparseTree({key(0x00): b"a", key(0x80): b"b"})
    proof = tree.prove_many([key(0x00), key(0x40)])
    tree.head.verify_many({key(0x00): b"a"}, [key(0x40)], proof)
    for there, missing, reason in (
        ({}, [], ts.Reason.EMPTY_CLAIM),
        ({key(0x00): b"a"}, [key(0x40), key(0x40)], ts.Reason.DUPLICATE_KEY),
        ({key(0x00): b"a"}, [key(0x40), key(0x00)], ts.Reason.DUPLICATE_KEY),
        ({key(0x00): b"a", key(0x40): b"forged"}, [], None),
        ({key(0x00): b"a", key(0x80): b"forged"}, [key(0x40)], None),
        ({key(0x00): b"a"}, [key(0x40), key(0x80)], None),
    ):
        with pytest.raises(ts.InvalidProof) as refused:
            tree.head.verify_many(there, missing, proof)
        assert reason in (None, refused.value.reason)
