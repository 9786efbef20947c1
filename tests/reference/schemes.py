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
    LABEL_SUM_LEAF,
    LABEL_SUM_NODE,
    Hash,
)

NATIVE = "native"
RFC6962 = "rfc6962"
FAMILIES = (NATIVE, RFC6962)
NATIVE_SUM = "native_sum"
CELESTIA = "celestia"

PARAMS_VERSION = 1
KIND_DENSE = 1
KIND_SUM = 2
KIND_NAMESPACED = 3
KINDS = {NATIVE: KIND_DENSE, RFC6962: KIND_DENSE, NATIVE_SUM: KIND_SUM, CELESTIA: KIND_NAMESPACED}
RULES = b""

RFC6962_LEAF = b"\x00"
RFC6962_NODE = b"\x01"
CELESTIA_NAMESPACE = 29


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
        if self.family not in KINDS:
            raise ValueError(f"unknown family {self.family!r}")
        if self.hash_name not in CRYPTOGRAPHIC:
            raise ValueError(f"no scheme takes the hash {self.hash_name!r}")
        if self.family in (RFC6962, CELESTIA) and self.context:
            raise ValueError(f"a root of {self.family} binds no context")

    @property
    def name(self) -> str:
        return f"{self.family}/{self.hash_name}"

    @property
    def kind(self) -> int:
        return KINDS[self.family]

    @property
    def hash(self) -> Hash:
        return HASHES[self.hash_name]

    @property
    def digest_size(self) -> int:
        return self.hash.digest_size

    @property
    def namespace_size(self) -> int:
        """Bytes of a namespace; 0 where leaves have none."""
        return CELESTIA_NAMESPACE if self.kind == KIND_NAMESPACED else 0

    @property
    def root_size(self) -> int:
        """Bytes of a root: in namespaced trees it is a node with its range."""
        return 2 * self.namespace_size + self.digest_size

    def _must_be(self, kind: int) -> None:
        if self.kind != kind:
            raise TypeError(f"{self.name} is of kind {self.kind}, not {kind}")

    def with_context(self, context: bytes) -> Scheme:
        return replace(self, context=context)

    def leaf(self, data: bytes) -> bytes:
        """The digest of a leaf."""
        self._must_be(KIND_DENSE)
        if self.family == RFC6962:
            return self.hash.digest(RFC6962_LEAF + data)
        return self.hash.tag(LABEL_LEAF, data)

    def node(self, left: bytes, right: bytes) -> bytes:
        """The digest of two children."""
        self._must_be(KIND_DENSE)
        if self.family == RFC6962:
            return self.hash.digest(RFC6962_NODE + left + right)
        return self.hash.tag(LABEL_NODE, left + right)

    def sum_leaf(self, amount: int, data: bytes) -> bytes:
        """The digest of a leaf of a sum tree."""
        self._must_be(KIND_SUM)
        return self.hash.tag(LABEL_SUM_LEAF, le(amount, 16) + data)

    def sum_node(self, left: bytes, right: bytes, sum_left: int, sum_right: int) -> bytes:
        """The digest of two children of a sum tree: with the sum of each, not what they add to."""
        self._must_be(KIND_SUM)
        return self.hash.tag(LABEL_SUM_NODE, left + right + le(sum_left, 16) + le(sum_right, 16))

    def namespaced_leaf(self, namespace: bytes, data: bytes) -> bytes:
        """The digest of a leaf of a namespaced tree, without its range."""
        self._must_be(KIND_NAMESPACED)
        return self.hash.digest(RFC6962_LEAF + namespace + data)

    def namespaced_node(self, left: bytes, right: bytes) -> bytes:
        """The digest of two children of a namespaced tree, given whole: range and digest."""
        self._must_be(KIND_NAMESPACED)
        return self.hash.digest(RFC6962_NODE + left + right)

    def empty(self) -> bytes:
        """``top`` of a tree without leaves."""
        if self.family in (RFC6962, CELESTIA):
            return self.hash.digest(b"")
        return bytes(self.digest_size)

    def params(self, size: int, total: int = 0) -> bytes:
        """``P``: native only. ``total`` is 0 unless the kind is sum."""
        message = (
            le(PARAMS_VERSION, 1)
            + le(self.kind, 1)
            + le(len(self.hash.prefix(LABEL_PARAMS)), 2)
            + le(self.digest_size, 2)
            + lp(RULES)
            + lp(self.context)
            + le(size, 8)
            + le(total, 16)
        )
        return self.hash.tag(LABEL_PARAMS, message)

    def root(self, size: int, top: bytes, total: int = 0) -> bytes:
        """The root from the topmost node."""
        if self.family in (RFC6962, CELESTIA):
            return top
        return self.hash.tag(LABEL_HEAD, self.params(size, total) + top)


ALL_SCHEMES = tuple(Scheme(family, name) for family in FAMILIES for name in CRYPTOGRAPHIC)
NAMESPACED_SCHEMES = tuple(Scheme(CELESTIA, name) for name in CRYPTOGRAPHIC)
SUM_SCHEMES = tuple(Scheme(NATIVE_SUM, name) for name in CRYPTOGRAPHIC)
