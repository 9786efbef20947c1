"""The deterministic leaves and bytes from which vectors and tests are made."""

from __future__ import annotations

import hashlib

from tests.reference.objects import Leaf
from tests.reference.schemes import Scheme

BARE_LEAF_RULE = "where a leaf's data is its digest, leaf i is the SHA-256 of that leaf"
LEAF_RULE = "leaf i has (37 * i) mod 101 bytes; its byte j is (i + j) mod 256; so leaf 0 is empty"
BYTES_RULE = "byte j of an input is j mod 251"


def leaf(index: int) -> bytes:
    """:data:`LEAF_RULE`."""
    return bytes((index + j) % 256 for j in range(37 * index % 101))


def leaves(count: int) -> list[bytes]:
    return [leaf(i) for i in range(count)]


def leaf_for(scheme: Scheme, index: int) -> bytes:
    """:data:`LEAF_RULE`, or :data:`BARE_LEAF_RULE` where leaves are bare."""
    return leaf(index) if scheme.rules.leaf else hashlib.sha256(leaf(index)).digest()


def leaves_for(scheme: Scheme, count: int) -> list[bytes]:
    return [leaf_for(scheme, i) for i in range(count)]


def pattern(length: int) -> bytes:
    """:data:`BYTES_RULE`."""
    return bytes(j % 251 for j in range(length))


def filler(label: str, index: int, digest_size: int) -> bytes:
    """A digest that stands for a subtree nobody built."""
    return bytes((ord(label[j % len(label)]) + 7 * index + j) % 256 for j in range(digest_size))


AMOUNT_RULE = (
    "leaf i has the amount ((i + 1) * 2^(7 * i mod 61) - 1) * (i mod 5 != 4); so leaves 0, 4 and 9 have 0"
)


def amount(index: int) -> int:
    """:data:`AMOUNT_RULE`."""
    return (((index + 1) << (7 * index % 61)) - 1) * (index % 5 != 4)


def amounts(count: int) -> list[int]:
    return [amount(i) for i in range(count)]


KEY_RULE = "key i is the SHA-256 of i, as u32be; value i is leaf i of the leaf rule"


def key(index: int) -> bytes:
    """:data:`KEY_RULE`."""
    return hashlib.sha256(index.to_bytes(4, "big")).digest()


def items(count: int) -> dict[bytes, bytes]:
    """The first keys and values of :data:`KEY_RULE`."""
    return {key(i): leaf(i) for i in range(count)}


NAMESPACE_RULE = (
    "leaf i of the leaf rule has the namespace 2 * floor(i / 3) + 1, big-endian in 29 bytes; so leaves 0 to "
    "2 have 1, leaves 3 to 5 have 3, and no leaf has an even one"
)


def namespace(number: int) -> bytes:
    """A namespace of Celestia."""
    return number.to_bytes(29, "big")


def namespaced_leaves(count: int) -> list[Leaf]:
    """:data:`NAMESPACE_RULE`."""
    return [Leaf(namespace(2 * (i // 3) + 1), leaf(i)) for i in range(count)]
