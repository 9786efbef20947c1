"""A12, A13, A14, A35: logs that claim a past they did not have."""

from __future__ import annotations

import itertools

import pytest
import tallystick as ts

from tests.reference.schemes import Scheme
from tests.support import all_flips, built, digests_of, each_scheme, rows, scheme_of

LEAVES = rows(33)


def refused(newer: ts.TreeHead, older: ts.TreeHead, proof: ts.ConsistencyProof) -> ts.Reason:
    with pytest.raises(ts.InvalidProof) as caught:
        newer.verify_extends(older, proof)
    return caught.value.reason


@each_scheme
def test_a14_an_empty_tree_proves_nothing(twin: Scheme) -> None:
    """(0, n) with any proof, any root, in both places."""
    tree = built(LEAVES[:7], scheme=scheme_of(twin))
    empty = built([], scheme=tree.scheme).head
    tree.head.verify_extends(tree.head_at(1), tree.prove_extends(1))
    for root in (empty.root, tree.root, bytes(32)):
        nothing = ts.TreeHead(tree.scheme, 0, root)
        for digests in ([], [tree.root], [root], list(digests_of(tree.prove_extends(1)))):
            proof = ts.ConsistencyProof(digests)
            assert refused(tree.head, nothing, proof) is ts.Reason.NOT_LARGER
            assert refused(nothing, tree.head, proof) is ts.Reason.NOT_LARGER
            assert refused(nothing, nothing, proof) is ts.Reason.NOT_LARGER
    for call in (lambda: tree.prove_extends(0), lambda: built([]).prove_extends(0)):
        with pytest.raises(ValueError, match="empty"):
            call()


@each_scheme
def test_a14_equal_sizes_are_equal_roots(twin: Scheme) -> None:
    tree = built(LEAVES[:7], scheme=scheme_of(twin))
    other = built([*LEAVES[:6], b"other"], scheme=tree.scheme)
    none = ts.ConsistencyProof([])
    tree.head.verify_extends(tree.head, none)
    assert refused(tree.head, other.head, none) is ts.Reason.ROOT_MISMATCH
    for digests in ([tree.root], [other.root], list(digests_of(tree.prove_extends(3)))):
        assert refused(tree.head, tree.head, ts.ConsistencyProof(digests)) is ts.Reason.DIGEST_COUNT


@each_scheme
def test_a13_the_older_is_not_the_larger(twin: Scheme) -> None:
    tree = built(LEAVES[:21], scheme=scheme_of(twin))
    for older, newer in itertools.combinations(range(1, 22), 2):
        heads = tree.head_at(older), tree.head_at(newer)
        proof = tree.prove_extends(older, head=heads[1])
        assert refused(*heads, proof) is ts.Reason.NOT_LARGER


@each_scheme
def test_a35_two_histories_of_one_log(twin: Scheme) -> None:
    """From no leaf that differs on does one history extend the other, whatever either side proves."""
    scheme = scheme_of(twin)
    honest = built(LEAVES[:21], scheme=scheme)
    for changed in (0, 7, 12, 15, 16, 20):
        forked = built([*LEAVES[:changed], b"forked", *LEAVES[changed + 1 : 21]], scheme=scheme)
        for size in range(1, 21):
            for newer, older in ((honest, forked), (forked, honest)):
                for proof in (honest.prove_extends(size), forked.prove_extends(size)):
                    common = size <= changed
                    if common and proof == newer.prove_extends(size):
                        newer.head.verify_extends(older.head_at(size), proof)
                    else:
                        refused(newer.head, older.head_at(size), proof)


@pytest.mark.parametrize("name", [name for name in ts.schemes.names() if name.startswith("native/")])
def test_a12_sizes_are_bound_where_the_root_binds_them(name: str) -> None:
    tree = built(LEAVES[:13], scheme=ts.schemes.get(name))
    for older in range(1, 13):  # equal heads are equal at any size, by the caller's word
        head, proof = tree.head_at(older), tree.prove_extends(older)
        tree.head.verify_extends(head, proof)
        for m, n in itertools.product((*range(16), 2**63, 2**64 - 1), repeat=2):
            if (m, n) != (older, 13):
                refused(ts.TreeHead(tree.scheme, n, tree.root), ts.TreeHead(tree.scheme, m, head.root), proof)


def test_a12_an_rfc6962_root_does_not_bind_them() -> None:
    """Counted, so that a change of it shows: (m, n) relabelled within 16 leaves."""
    tree, relabels = built(LEAVES[:16], scheme=ts.schemes.RFC6962), 0
    for older, newer in itertools.combinations(range(1, 17), 2):
        heads = tree.head_at(older), tree.head_at(newer)
        proof = tree.prove_extends(older, head=heads[1])
        for m, n in itertools.combinations(range(1, 17), 2):
            try:
                ts.TreeHead(tree.scheme, n, heads[1].root).verify_extends(
                    ts.TreeHead(tree.scheme, m, heads[0].root), proof
                )
            except ts.InvalidProof:
                continue
            relabels += (m, n) != (older, newer)
    assert relabels == 1092


def test_every_bit_of_a_proof_and_both_roots_counts() -> None:
    for name, older in itertools.product(("native/blake3", "rfc6962/sha256"), (6, 8)):
        tree = built(LEAVES[:13], scheme=ts.schemes.get(name))
        proof, head = tree.prove_extends(older), tree.head_at(older)
        tree.head.verify_extends(head, proof)
        for changed in all_flips(proof.digests.tobytes()):
            parts = [changed[place : place + 32] for place in range(0, len(changed), 32)]
            assert refused(tree.head, head, ts.ConsistencyProof(parts)) is ts.Reason.ROOT_MISMATCH
        for root in all_flips(head.root):
            assert refused(tree.head, ts.TreeHead(tree.scheme, older, root), proof) is ts.Reason.ROOT_MISMATCH
        for root in all_flips(tree.root):
            assert refused(ts.TreeHead(tree.scheme, 13, root), head, proof) is ts.Reason.ROOT_MISMATCH


@each_scheme
def test_digests_dropped_doubled_and_moved(twin: Scheme) -> None:
    tree = built(LEAVES, scheme=scheme_of(twin))
    for older in (1, 6, 16, 31, 32):
        head, digests = tree.head_at(older), list(digests_of(tree.prove_extends(older)))
        tree.head.verify_extends(head, ts.ConsistencyProof(digests))
        for place in range(len(digests)):
            dropped = digests[:place] + digests[place + 1 :]
            doubled = [*digests[: place + 1], *digests[place:]]
            for wrong in (dropped, doubled):
                assert refused(tree.head, head, ts.ConsistencyProof(wrong)) is ts.Reason.DIGEST_COUNT
            for other in range(place):
                moved = list(digests)
                moved[place], moved[other] = moved[other], moved[place]
                assert refused(tree.head, head, ts.ConsistencyProof(moved)) is ts.Reason.ROOT_MISMATCH
