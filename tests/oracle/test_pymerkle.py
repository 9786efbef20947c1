"""What others wrote: pymerkle's RFC 6962 roots and proofs, and the hashes of four libraries."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import numpy as np
import pytest
import tallystick as ts

from tests.reference.samples import pattern
from tests.support import array, rows

pymerkle = pytest.importorskip("pymerkle")
blake3 = pytest.importorskip("blake3")
xxhash = pytest.importorskip("xxhash")
crypto = pytest.importorskip("Crypto.Hash")

HASHES: dict[str, Callable[[bytes], bytes]] = {
    "blake3": lambda data: blake3.blake3(data).digest(),
    "sha256": lambda data: hashlib.sha256(data).digest(),
    "sha512_256": lambda data: crypto.SHA512.new(data, truncate="256").digest(),
    "sha3_256": lambda data: hashlib.sha3_256(data).digest(),
    "keccak256": lambda data: crypto.keccak.new(digest_bits=256, data=data).digest(),
    "blake2b_256": lambda data: hashlib.blake2b(data, digest_size=32).digest(),
    "blake2s_256": lambda data: hashlib.blake2s(data, digest_size=32).digest(),
    "xxh3_128": xxhash.xxh3_128_digest,
}


def theirs(leaves: list[bytes]) -> object:
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for leaf in leaves:
        tree.append_entry(leaf)
    return tree


@pytest.mark.parametrize("size", [1, 2, 3, 1000, 65_537])
def test_rfc6962_roots(size: int) -> None:
    leaves = array(size)
    tree = theirs([row.tobytes() for row in leaves])
    assert ts.MerkleTree(leaves, scheme=ts.schemes.RFC6962).root == tree.get_root()  # type: ignore[attr-defined]


def test_rfc6962_roots_of_ragged_leaves_at_every_size() -> None:
    leaves = rows(100)
    tree = theirs(leaves)
    ours = ts.MerkleTree(leaves, scheme=ts.schemes.RFC6962)
    for size in range(1, 101):
        assert ours.head_at(size).root == tree.get_root(size)  # type: ignore[attr-defined]


def test_rfc6962_proofs() -> None:
    leaves = rows(100)
    tree = theirs(leaves)
    ours = ts.MerkleTree(leaves, scheme=ts.schemes.RFC6962)
    for size in (1, 2, 3, 64, 65, 100):
        for index in range(size):
            proof = tree.prove_inclusion(index + 1, size)  # type: ignore[attr-defined]
            siblings = [bytes(digest) for digest in proof.path[1:]]
            assert ts.InclusionProof(siblings) == ours.prove(index, head=ours.head_at(size))


@pytest.mark.parametrize("name", ts.hashes.names())
def test_hashes(name: str) -> None:
    hash = ts.hashes.get(name)  # noqa: A001
    for length in (*range(300), 1023, 1024, 1025, 2048, 2049, 4096, 100_000, 1_000_003):
        data = pattern(length)
        assert hash.digest(data) == HASHES[name](data), length


@pytest.mark.parametrize("name", ts.hashes.names())
def test_hashes_of_many_rows(name: str) -> None:
    data = array(3000, 77)
    expected = b"".join(HASHES[name](row.tobytes()) for row in data)
    digests = ts.hashes.get(name).digest_many(data)
    assert np.array_equal(digests, np.frombuffer(expected, np.uint8).reshape(3000, -1))
