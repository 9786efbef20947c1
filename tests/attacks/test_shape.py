"""A1, A2, A3: other leaves with the same root, and nodes that pass for leaves."""

from __future__ import annotations

import itertools

import pytest
import tallystick as ts

from tests.reference import trees
from tests.reference.schemes import Scheme
from tests.support import built, digests_of, each_scheme, scheme_of

LETTERS = [bytes([byte]) for byte in b"abcdefghij"]


@each_scheme
@pytest.mark.parametrize(
    ("one", "other"),
    [("123456", "12345656"), ("abc", "abcc"), ("a", "aa"), ("abcde", "abcdee"), ("abcde", "abcdeeee")],
)
def test_a1_repeated_leaves_have_roots_of_their_own(twin: Scheme, one: str, other: str) -> None:
    first, second = (built([c.encode() for c in leaves], scheme=scheme_of(twin)) for leaves in (one, other))
    assert first.root != second.root
    for index in range(len(other)):
        leaf, proof = other[index].encode(), second.prove(index)
        second.head.verify_inclusion(index, leaf, proof)
        with pytest.raises(ts.InvalidProof):
            first.head.verify_inclusion(index, leaf, proof)


@each_scheme
def test_a1_the_last_leaf_is_never_its_own_sibling(twin: Scheme) -> None:
    for size in range(1, 10, 2):
        tree = built(LETTERS[:size], scheme=scheme_of(twin))
        own, proof = twin.leaf(LETTERS[size - 1]), tree.prove(size - 1)
        tree.head.verify_inclusion(size - 1, LETTERS[size - 1], proof)
        doubled = ts.InclusionProof([own, *digests_of(proof)])
        for index in (size - 1, size):
            with pytest.raises(ts.InvalidProof):
                tree.head.verify_inclusion(index, LETTERS[size - 1], doubled)


@each_scheme
def test_a1_all_short_lists_of_two_letters_have_roots_of_their_own(twin: Scheme) -> None:
    lists = [list(p) for size in range(7) for p in itertools.product((b"a", b"b"), repeat=size)]
    assert len({ts.head_of(leaves, scheme=scheme_of(twin)).root for leaves in lists}) == len(lists) == 127


@each_scheme
def test_a2_two_children_are_no_leaf(twin: Scheme) -> None:
    """Leaf data = left ‖ right and the proof shortened by one, in every form, at every place and level."""
    scheme = scheme_of(twin)
    for size in (2, 4, 7, 8):
        tree = built(LETTERS[:size], scheme=scheme)
        rows = trees.levels(twin, trees.leaf_digests(twin, LETTERS[:size]))
        for index in range(size):
            proof = digests_of(tree.prove(index))
            tree.head.verify_inclusion(index, LETTERS[index], ts.InclusionProof(proof))
            for level in range(len(rows) - 1):
                parent = index >> (level + 1)
                children = b"".join(rows[level][2 * parent : 2 * parent + 2])
                for data in (children, b"\x01" + children, b"\x00" + children, rows[level + 1][parent]):
                    claim = ts.InclusionProof(proof[level + 1 :])
                    for place, head in ((index, tree.head), (parent, of_size(tree, len(rows[level + 1])))):
                        with pytest.raises(ts.InvalidProof):
                            head.verify_inclusion(place, data, claim)


def of_size(tree: ts.MerkleTree, size: int) -> ts.TreeHead:
    """A head that states the size of a tree whose leaves are this tree's nodes."""
    return ts.TreeHead(tree.scheme, size, tree.root)


@each_scheme
def test_a2_a_leaf_that_looks_like_a_node_is_a_leaf(twin: Scheme) -> None:
    """The honest twin: someone's data may well be 64 or 65 bytes that are two digests."""
    data = twin.leaf(b"a") + twin.leaf(b"b")
    for leaf in (data, b"\x01" + data):
        tree = built([leaf, b"c"], scheme=scheme_of(twin))
        tree.head.verify_inclusion(0, leaf, tree.prove(0))
        assert tree.root != built([b"a", b"b", b"c"], scheme=scheme_of(twin)).root


@each_scheme
def test_a3_leaf_node_and_root_are_hashed_apart(twin: Scheme) -> None:
    """One and the same 64 bytes as leaf data, as two children and, where roots are hashed, under a root."""
    scheme = scheme_of(twin)
    left, right = twin.leaf(b"a"), twin.leaf(b"b")
    as_leaf = ts.hazmat.leaf_digests(built([left + right], scheme=scheme)).tobytes()
    as_node = digests_of(ts.hazmat.tree([left, right, left], scheme=scheme).prove(2))[0]
    as_root = ts.hazmat.tree([left, right], scheme=scheme).root
    plain = scheme.hash.digest(left + right)
    assert len({as_leaf, as_node, plain}) == 3
    assert (as_root == as_node) == (not scheme.binds_size)
