"""Every single-bit flip of siblings, leaf and root is refused; the proof as it was is accepted."""

from __future__ import annotations

import random

import numpy as np
import pytest
import tallystick as ts

from tests.reference.schemes import Scheme
from tests.support import all_flips, digests_of, each_scheme, scheme_of

MOST = 32
# Every length of a proof that sizes to 32 have, both edges, and a node that moves up at several levels.
SAMPLE = ((1, 0), (2, 1), (3, 2), (7, 6), (17, 16), (21, 11), (32, 0), (32, 31))
LEAVES = [bytes([i]) * 20 for i in range(MOST)]


def flips_of(proof: ts.InclusionProof) -> ts.ProofBatch:
    """A proof for each bit of each sibling."""
    digests = proof.digests
    count = len(digests)
    bits = np.unpackbits(digests, axis=1).size
    masks = np.packbits(np.eye(bits, dtype=np.uint8), axis=1).reshape(bits, count, 32)
    return ts.ProofBatch((masks ^ digests).reshape(-1, 32), np.arange(bits + 1) * count)


def refused(tree: ts.MerkleTree, index: int) -> int:
    """The number of flips tried, all of them refused."""
    head, proof, leaf = tree.head, tree.prove(index), LEAVES[index]
    head.verify_inclusion(index, leaf, proof)
    tried = 0
    if len(proof):
        batch = flips_of(proof)
        assert digests_of(batch[0]) != digests_of(proof)
        assert not head.check_each([index] * len(batch), [leaf] * len(batch), batch).any()
        tried += len(batch)
    for flip in all_flips(leaf):
        with pytest.raises(ts.RootMismatch):
            head.verify_inclusion(index, flip, proof)
        tried += 1
    for flip in all_flips(head.root):
        with pytest.raises(ts.RootMismatch):
            ts.TreeHead(head.scheme, head.size, flip).verify_inclusion(index, leaf, proof)
        tried += 1
    return tried


def test_the_flips_are_the_flips() -> None:
    proof = ts.MerkleTree(LEAVES[:3]).prove(0)
    joined = b"".join(digests_of(proof))
    made = {b"".join(digests_of(flipped)) for flipped in flips_of(proof)}
    assert made == set(all_flips(joined))
    assert len(made) == 512


@each_scheme
def test_a_sample_of_places(twin: Scheme) -> None:
    for size, index in SAMPLE:
        tree = ts.MerkleTree(LEAVES[:size], scheme=scheme_of(twin))
        assert refused(tree, index) == 8 * (32 * len(tree.prove(index)) + 20 + 32)


@pytest.mark.parametrize("name", ["native/blake3", "rfc6962/sha256"])
def test_a_random_place_of_every_size(name: str) -> None:
    places = random.Random(name)
    for size in range(1, MOST + 1):
        tree = ts.MerkleTree(LEAVES[:size], scheme=ts.schemes.get(name))
        assert refused(tree, places.randrange(size)) > 400


@pytest.mark.exhaustive
@pytest.mark.parametrize("size", range(1, MOST + 1))
@each_scheme
def test_every_place_of_every_size(twin: Scheme, size: int) -> None:
    tree = ts.MerkleTree(LEAVES[:size], scheme=scheme_of(twin))
    for index in range(size):
        refused(tree, index)
