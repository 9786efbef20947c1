"""Bare digests: what the sharp tools do, and what each says it no longer protects against."""

from __future__ import annotations

import numpy as np
import pytest
import tallystick as ts

from tests.reference import trees
from tests.reference.schemes import Scheme
from tests.support import built, each_scheme, flipped, rows, scheme_of

LEAVES = rows(11)


@each_scheme
@pytest.mark.parametrize("size", [0, 1, 2, 11])
def test_leaf_digests_are_the_twins_and_make_the_tree(twin: Scheme, size: int) -> None:
    tree = built(LEAVES[:size], scheme=scheme_of(twin))
    digests = ts.hazmat.leaf_digests(tree)
    assert digests.shape == (size, 32)
    assert digests.dtype == np.uint8
    assert [row.tobytes() for row in digests] == trees.leaf_digests(twin, LEAVES[:size])
    again = ts.hazmat.tree(digests, scheme=tree.scheme)
    assert (again.head, again.scheme) == (tree.head, tree.scheme)


def test_leaf_digests_are_a_copy() -> None:
    tree = built(LEAVES)
    before = ts.hazmat.leaf_digests(tree)
    copy = before.copy()
    tree.update([0], [b"other"])
    assert np.array_equal(before, copy)
    assert not np.array_equal(ts.hazmat.leaf_digests(tree), copy)


@each_scheme
def test_a_digest_is_verified_as_its_leaf_is(twin: Scheme) -> None:
    tree = built(LEAVES, scheme=scheme_of(twin))
    for index in range(11):
        digest = twin.leaf(LEAVES[index])
        assert ts.hazmat.verify_inclusion(tree.head, index, digest, tree.prove(index)) is None  # type: ignore[func-returns-value]
        with pytest.raises(ts.RootMismatch):
            ts.hazmat.verify_inclusion(tree.head, index, flipped(digest, index), tree.prove(index))
        with pytest.raises(ts.RootMismatch):
            tree.head.verify_inclusion(index, digest, tree.prove(index))


@each_scheme
def test_a_node_passes_for_a_leaf_here_and_nowhere_else(twin: Scheme) -> None:
    """What hazmat.tree no longer protects against, in the smallest example."""
    scheme = scheme_of(twin)
    digests = trees.leaf_digests(twin, LEAVES[:4])
    nodes = [twin.node(*digests[:2]), twin.node(*digests[2:])]
    forged = ts.hazmat.tree(nodes, scheme=scheme)
    if not scheme.binds_size:
        assert forged.root == built(LEAVES[:4], scheme=scheme).root
    ts.hazmat.verify_inclusion(forged.head, 0, nodes[0], forged.prove(0))
    for data in (digests[0] + digests[1], b"\x01" + digests[0] + digests[1], nodes[0]):
        with pytest.raises(ts.RootMismatch):
            forged.head.verify_inclusion(0, data, forged.prove(0))


@pytest.mark.parametrize("length", [0, 1, 31, 33, 64])
def test_a_digest_of_another_length_is_refused(length: int) -> None:
    with pytest.raises(ValueError, match="32"):
        ts.hazmat.tree([bytes(32), bytes(length)], scheme=ts.schemes.NATIVE)
    tree = built([b"only"])
    with pytest.raises(ts.InvalidProof) as caught:
        ts.hazmat.verify_inclusion(tree.head, 0, bytes(length), tree.prove(0))
    assert caught.value.reason in (ts.Reason.MALFORMED_LEAF, ts.Reason.DIGEST_SIZE, ts.Reason.ROOT_MISMATCH)


@pytest.mark.parametrize("index", [11, -1, 2**64, None])
def test_claims_are_judged_as_of_leaves(index: int | None) -> None:
    tree = built(LEAVES)
    digest = ts.hazmat.leaf_digests(tree)[0]
    with pytest.raises(ts.InvalidProof, match="index"):
        ts.hazmat.verify_inclusion(tree.head, index, digest, tree.prove(0))


def test_a_tree_of_digests_takes_data_afterwards() -> None:
    tree = built(LEAVES[:10])
    again = ts.hazmat.tree(ts.hazmat.leaf_digests(tree), scheme=tree.scheme)
    again.append(LEAVES[10])
    again.update([0], [b"new"])
    assert again.head == ts.head_of([b"new", *LEAVES[1:]])


def test_the_docs_call_it_hazardous() -> None:
    for call in (ts.hazmat.tree, ts.hazmat.verify_inclusion):
        assert "Hazardous" in (call.__doc__ or "")
    assert "do not publish" in (ts.hazmat.leaf_digests.__doc__ or "")


@pytest.mark.parametrize(
    ("call", "arguments"),
    [
        (ts.hazmat.leaf_digests, (b"",)),
        (ts.hazmat.leaf_digests, (None,)),
        (ts.hazmat.tree, ([bytes(32)],)),  # the scheme is not guessed
        (ts.hazmat.verify_inclusion, (built(LEAVES), 0, bytes(32), ts.InclusionProof([]))),
        (ts.hazmat.verify_inclusion, (built(LEAVES).head, 0, "0" * 32, ts.InclusionProof([]))),
        (ts.hazmat.verify_inclusion, (built(LEAVES).head, True, bytes(32), ts.InclusionProof([]))),
        (ts.hazmat.verify_inclusion, (built(LEAVES).head, 0, bytes(32), [bytes(32)])),
    ],
)
def test_other_types_are_refused(call: object, arguments: tuple[object, ...]) -> None:
    with pytest.raises(TypeError):
        call(*arguments)  # type: ignore[operator]
