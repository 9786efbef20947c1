"""A11, A12: the proof of one place, claimed for every other index and every other size.

The head is trusted, so its size is not the prover's to choose: against it, every relabelled index is refused.
A native root binds the size as well, so even a head with a false size accepts nothing. An RFC 6962 root does
not bind it; the last test counts what a verifier would accept that took the size from the prover.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import tallystick as ts

from tests.support import DENSE

MOST = 64
BEYOND = MOST + 2
LEAVES = [bytes([i]) for i in range(MOST)]
NATIVE = [name for name in ts.schemes.names() if name.startswith("native/")]
NAMES_AND_STEPS = [
    pytest.param("native/blake3", 1),
    *(pytest.param(name, 8) for name in NATIVE[1:]),
    *(pytest.param(name, 1, marks=pytest.mark.exhaustive) for name in NATIVE[1:]),
]

Claims = tuple[ts.MerkleTree, int, ts.ProofBatch]


def claims(name: str, step: int = 1) -> Iterator[Claims]:
    """Tree, index, and its proof once for each index that will be claimed."""
    for size in range(MOST, 0, -step):
        tree = ts.MerkleTree(LEAVES[:size], scheme=ts.schemes.get(name))
        for index in range(size):
            yield tree, index, tree.prove_each([index] * BEYOND)


def accepted(head: ts.TreeHead, index: int, batch: ts.ProofBatch) -> list[int]:
    """The indices at which the head takes this leaf with its proof."""
    verdicts = head.check_each(range(BEYOND), [LEAVES[index]] * BEYOND, batch)
    return [int(place) for place in np.flatnonzero(verdicts)]


@pytest.mark.parametrize("name", DENSE)
def test_every_index_against_the_trusted_head(name: str) -> None:
    tried = 0
    for tree, index, batch in claims(name):
        assert accepted(tree.head, index, batch) == [index]
        tried += BEYOND - 1
    assert tried == 2080 * 65


@pytest.mark.parametrize(("name", "step"), NAMES_AND_STEPS)
def test_every_index_and_size_where_the_root_binds_the_size(name: str, step: int) -> None:
    for tree, index, batch in claims(name, step):
        for size in (*range(BEYOND), 2**32 + len(tree), 2**64 - 1):
            if size != len(tree):
                false = ts.TreeHead(tree.scheme, size, tree.root)
                assert accepted(false, index, batch) == []


@pytest.mark.parametrize("name", ["native/blake3", "rfc6962/sha256"])
def test_every_index_and_size_against_the_heads_of_true_trees(name: str) -> None:
    """A proof for one size of a growing log passes for no other size."""
    heads = [ts.head_of(LEAVES[:size], scheme=ts.schemes.get(name)) for size in range(MOST + 1)]
    whole = ts.MerkleTree(LEAVES, scheme=ts.schemes.get(name))
    for tree, index, batch in claims(name, 7):
        for head in heads:
            found = accepted(head, index, batch)
            same = index < head.size and whole.prove(index, head=head) == tree.prove(index)
            assert found == ([index] if same else [])
            assert same == (head == tree.head)


@pytest.mark.parametrize("name", ["native/blake3", "rfc6962/sha256"])
def test_indices_with_higher_bits_are_refused(name: str) -> None:
    """Index i + 2^h folds like i where the bits above the proof are ignored."""
    for tree, index, batch in claims(name, 3):
        proof = batch[0]
        tree.head.verify_inclusion(index, LEAVES[index], proof)
        for higher in (len(proof), 32, 63, 64, 70):
            if index + 2**higher >= len(tree):
                with pytest.raises(ts.InvalidProof) as caught:
                    tree.head.verify_inclusion(index + 2**higher, LEAVES[index], proof)
                assert caught.value.reason is ts.Reason.INDEX_OUT_OF_RANGE


def test_an_rfc6962_root_does_not_bind_the_size() -> None:
    """Counted, so that a change of it shows: the size must come from an authenticated head."""
    relabels = 0
    for tree, index, batch in claims("rfc6962/sha256"):
        for size in range(1, MOST + 1):
            head = ts.TreeHead(tree.scheme, size, tree.root)
            relabels += len(accepted(head, index, batch)) - (size == len(tree))
    assert relabels == 44_968
