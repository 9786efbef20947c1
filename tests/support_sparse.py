"""Heads and proofs of sparse trees that the twin has made, as objects of the library."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import numpy as np
import numpy.typing as npt
import tallystick as ts

from tests.reference.codec import encode
from tests.reference.schemes import Scheme
from tests.reference.sparse import SparseTree
from tests.reference.sparse_rules import SPARSE_FAMILIES

SPARSE_BUILT_IN = tuple(ts.schemes.get(f"{family}/{name}") for family, (_, name) in SPARSE_FAMILIES.items())
"""Every family with the hash that it takes unless told; `native_sparse` comes first."""


class Twin:
    """A tree of the twin's."""

    def __init__(self, scheme: ts.Scheme, items: Mapping[bytes, bytes]) -> None:
        family, _, name = scheme.name.partition("/")
        self.scheme = scheme
        self.tree = SparseTree(Scheme(family, name, scheme.context), dict(items))

    @property
    def head(self) -> ts.SparseHead:
        return ts.SparseHead.from_bytes(encode(self.tree.head))

    def prove(self, key: bytes) -> ts.SparseProof:
        return ts.SparseProof.from_bytes(encode(self.tree.prove(key)))

    def prove_many(self, keys: Collection[bytes]) -> ts.SparseMultiProof:
        return ts.SparseMultiProof.from_bytes(encode(self.tree.prove_many(keys)))


def lone_key(
    count: int, seed: int = 1
) -> tuple[ts.SparseHead, dict[bytes, bytes], npt.NDArray[np.uint8], ts.SparseMultiProof]:
    """A tree of 256 levels with one key, and ``count`` absent ones: head, the key, these, and a proof of all.

    No sibling holds a key, so the proof is bits that are 0, one for each node with claimed keys on one side.
    """
    scheme, keccak = ts.schemes.SPARSE_256, ts.hashes.KECCAK256
    keys = np.random.default_rng(seed).integers(0, 256, (count + 1, 32), dtype=np.uint8)
    key, value = keys[0].tobytes(), b"the only value"
    path, zero = keccak.digest(value), bytes(32)
    for depth in reversed(range(256)):
        pair = zero + path if key[depth // 8] >> 7 - depth % 8 & 1 else path + zero
        path, zero = keccak.digest(pair), keccak.digest(zero + zero)
    bits = np.unpackbits(keys[np.lexsort(keys.T[::-1])], axis=1)
    shared = np.argmax(bits[1:] != bits[:-1], axis=1) if count else np.zeros(0, int)
    # Below where a key parts from the one before it, its path is its own; there both sides have keys.
    nodes = 256 + int((255 - shared).sum()) - count
    proof = ts.SparseMultiProof(bytes(-(-nodes // 8)), [], [])
    return ts.SparseHead(scheme, 1, path), {key: value}, keys[1:], proof
