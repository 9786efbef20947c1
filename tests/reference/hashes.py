"""The hash functions by name, and tagged hashing (docs/spec/schemes.md)."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import blake3
import xxhash
from Crypto.Hash import SHA512, keccak

LABEL_LEAF = "tallystick/v1/leaf"
LABEL_NODE = "tallystick/v1/node"
LABEL_PARAMS = "tallystick/v1/params"
LABEL_HEAD = "tallystick/v1/head"
LABELS = (LABEL_LEAF, LABEL_NODE, LABEL_PARAMS, LABEL_HEAD)
LABEL_SUM_LEAF = "tallystick/v1/sum-leaf"
LABEL_SUM_NODE = "tallystick/v1/sum-node"
LABEL_LIABILITY = "tallystick/v1/liability"
LABEL_STATEMENT = "tallystick/v1/statement"
SUM_LABELS = (LABEL_SUM_LEAF, LABEL_SUM_NODE, LABEL_LIABILITY, LABEL_STATEMENT)

KEYED = "keyed"
BLOCK = "block"
NO_TAG = "none"


@dataclass(frozen=True)
class Hash:
    """A hash function. ``keyed(key, m)`` exists in keyed mode only."""

    name: str
    digest_size: int
    block_size: int
    mode: str
    digest: Callable[[bytes], bytes]
    keyed: Callable[[bytes, bytes], bytes] | None = None

    def prefix(self, label: str) -> bytes:
        """``B`` of block mode: whole blocks, at least a digest long; empty in keyed mode."""
        if self.mode != BLOCK:
            return b""
        blocks = -(-self.digest_size // self.block_size)
        length = blocks * self.block_size
        t = tag_key(self.name, label)
        return (t * (length // len(t) + 1))[:length]

    def tag(self, label: str, m: bytes) -> bytes:
        """``Tag(label, m)``."""
        if self.mode == NO_TAG:
            raise ValueError(f"{self.name} has no tagged mode")
        if self.keyed is not None:
            return self.keyed(tag_key(self.name, label), m)
        return self.digest(self.prefix(label) + m)


@cache
def tag_key(name: str, label: str) -> bytes:
    """``T(label) = H(label)``."""
    if not (label.isascii() and len(label) < 32):
        raise ValueError(f"not a label: {label!r}")
    return HASHES[name].digest(label.encode("ascii"))


def sha512_256(m: bytes) -> bytes:
    """FIPS 180-4 SHA-512/256; not every OpenSSL offers it."""
    if "sha512_256" in hashlib.algorithms_available:
        return hashlib.new("sha512_256", m).digest()
    return SHA512.new(m, truncate="256").digest()


_ALL = (
    Hash(
        "blake3",
        32,
        64,
        KEYED,
        lambda m: blake3.blake3(m).digest(),
        lambda key, m: blake3.blake3(m, key=key).digest(),
    ),
    Hash("sha256", 32, 64, BLOCK, lambda m: hashlib.sha256(m).digest()),
    Hash("sha512_256", 32, 128, BLOCK, sha512_256),
    Hash("sha3_256", 32, 136, BLOCK, lambda m: hashlib.sha3_256(m).digest()),
    Hash("keccak256", 32, 136, BLOCK, lambda m: keccak.new(digest_bits=256, data=m).digest()),
    Hash(
        "blake2b_256",
        32,
        128,
        KEYED,
        lambda m: hashlib.blake2b(m, digest_size=32).digest(),
        lambda key, m: hashlib.blake2b(m, digest_size=32, key=key).digest(),
    ),
    Hash(
        "blake2s_256",
        32,
        64,
        KEYED,
        lambda m: hashlib.blake2s(m, digest_size=32).digest(),
        lambda key, m: hashlib.blake2s(m, digest_size=32, key=key).digest(),
    ),
    # Not cryptographic: no scheme takes it.
    Hash("xxh3_128", 16, 64, NO_TAG, xxhash.xxh3_128_digest),
)
HASHES = {h.name: h for h in _ALL}
CRYPTOGRAPHIC = tuple(h.name for h in _ALL if h.mode != NO_TAG)
