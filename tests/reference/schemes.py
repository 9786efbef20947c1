"""Schemes: what is hashed (docs/spec/schemes.md)."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tests.reference.hashes import (
    CRYPTOGRAPHIC,
    HASHES,
    LABEL_HEAD,
    LABEL_LEAF,
    LABEL_NODE,
    LABEL_PARAMS,
    Hash,
)

NATIVE = "native"
RFC6962 = "rfc6962"
FAMILIES = (NATIVE, RFC6962)

PARAMS_VERSION = 1
KIND_DENSE = 1
RULES = b""
TOTAL = 0

RFC6962_LEAF = b"\x00"
RFC6962_NODE = b"\x01"


def le(value: int, size: int) -> bytes:
    """``value`` as ``size`` bytes, little-endian."""
    return value.to_bytes(size, "little")


def lp(x: bytes) -> bytes:
    """Length, then bytes."""
    return le(len(x), 4) + x


@dataclass(frozen=True)
class Scheme:
    """A tree variant as a value."""

    family: str
    hash_name: str
    context: bytes = b""

    def __post_init__(self) -> None:
        if self.family not in FAMILIES:
            raise ValueError(f"unknown family {self.family!r}")
        if self.hash_name not in CRYPTOGRAPHIC:
            raise ValueError(f"no scheme takes the hash {self.hash_name!r}")
        if self.family == RFC6962 and self.context:
            raise ValueError("an rfc6962 root binds no context")

    @property
    def name(self) -> str:
        return f"{self.family}/{self.hash_name}"

    @property
    def hash(self) -> Hash:
        return HASHES[self.hash_name]

    @property
    def digest_size(self) -> int:
        return self.hash.digest_size

    def with_context(self, context: bytes) -> Scheme:
        return replace(self, context=context)

    def leaf(self, data: bytes) -> bytes:
        """The digest of a leaf."""
        if self.family == RFC6962:
            return self.hash.digest(RFC6962_LEAF + data)
        return self.hash.tag(LABEL_LEAF, data)

    def node(self, left: bytes, right: bytes) -> bytes:
        """The digest of two children."""
        if self.family == RFC6962:
            return self.hash.digest(RFC6962_NODE + left + right)
        return self.hash.tag(LABEL_NODE, left + right)

    def empty(self) -> bytes:
        """``top`` of a tree without leaves."""
        if self.family == RFC6962:
            return self.hash.digest(b"")
        return bytes(self.digest_size)

    def params(self, size: int) -> bytes:
        """``P``: native only."""
        message = (
            le(PARAMS_VERSION, 1)
            + le(KIND_DENSE, 1)
            + le(len(self.hash.prefix(LABEL_PARAMS)), 2)
            + le(self.digest_size, 2)
            + lp(RULES)
            + lp(self.context)
            + le(size, 8)
            + le(TOTAL, 16)
        )
        return self.hash.tag(LABEL_PARAMS, message)

    def root(self, size: int, top: bytes) -> bytes:
        """The root from the topmost node."""
        if self.family == RFC6962:
            return top
        return self.hash.tag(LABEL_HEAD, self.params(size) + top)


ALL_SCHEMES = tuple(Scheme(family, name) for family in FAMILIES for name in CRYPTOGRAPHIC)
