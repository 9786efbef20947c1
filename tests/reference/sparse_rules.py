"""The rules of sparse schemes, as data (docs/spec/sparse.md). No hashing here."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from tests.reference.hashes import LABEL_LEAF
from tests.reference.rules import BODY, Body, Bound, Frame, Lit, Tag

KEY_SIZE = 32
DEPTH = 8 * KEY_SIZE

LABEL_SPARSE_LEAF = "tallystick/v1/sparse-leaf"
LABEL_SPARSE_NODE = "tallystick/v1/sparse-node"
PLACEHOLDER = b"SPARSE_MERKLE_PLACEHOLDER_HASH__"


class Lone(Enum):
    """What a subtree of one key is."""

    ITS_LEAF = "the leaf, wherever the subtree begins"
    FULL = "a node on every level, with zeros beside"
    RUNS = "its foot, at the lower end of a run of nodes that have one child"


class NodeKind(Enum):
    """What a place in the tree holds."""

    INNER = "a node of two children"
    LEAF = "the leaf of one key"
    EMPTY = "nothing"


@dataclass(frozen=True)
class SparseRules:
    """A sparse tree variant without its hash.

    ``leaf``: of key and value digest; None: the value's digest. ``empty``: of a subtree without keys, in full
    trees of one without levels; None: zero bytes. ``base``, ``run``: of a foot, and of the run above it.
    """

    value: Frame
    leaf: Frame | None
    node: Frame
    lone: Lone
    empty: bytes | None = None
    root: Bound | None = None
    base: Frame = BODY
    run: Frame = BODY


SPARSE_FAMILIES: dict[str, tuple[SparseRules, str]] = {
    "native_sparse": (
        SparseRules(
            value=(Tag(LABEL_LEAF), Body()),
            leaf=(Tag(LABEL_SPARSE_LEAF), Body()),
            node=(Tag(LABEL_SPARSE_NODE), Body()),
            lone=Lone.ITS_LEAF,
            root=Bound(),
        ),
        "blake3",
    ),
    "ics23_smt": (
        SparseRules(BODY, (Lit(b"\x00"), Body()), (Lit(b"\x01"), Body()), Lone.ITS_LEAF),
        "sha256",
    ),
    "jellyfish": (
        SparseRules(
            BODY,
            (Lit(b"JMT::LeafNode"), Body()),
            (Lit(b"JMT::IntrnalNode"), Body()),
            Lone.ITS_LEAF,
            PLACEHOLDER,
        ),
        "sha256",
    ),
    "sparse_256": (SparseRules(BODY, None, BODY, Lone.FULL), "keccak256"),
    "nervos_smt": (
        SparseRules(BODY, None, (Lit(b"\x01"), Body()), Lone.RUNS, run=(Lit(b"\x02"), Body())),
        "blake2b_256",
    ),
}


def bit(key: bytes, place: int) -> int:
    """Bit ``place`` of a key or bitmap; 0 is left."""
    return key[place // 8] >> 7 - place % 8 & 1


def agree(one: bytes, other: bytes, bits: int) -> bool:
    """Whether two keys begin with the same bits."""
    return all(bit(one, place) == bit(other, place) for place in range(bits))


def packed(bits: list[int]) -> bytes:
    """Bits in the order of a key's; spare ones are 0."""
    out = bytearray(-(-len(bits) // 8))
    for place, value in enumerate(bits):
        out[place // 8] |= value << 7 - place % 8
    return bytes(out)


def marked(path: bytes, bits: int) -> bytes:
    """The first bits of a path, at most 255, with a 1 behind them."""
    return packed([*(bit(path, place) for place in range(bits)), 1, *[0] * (DEPTH - 1 - bits)])


def unmarked(path: bytes) -> int:
    """How many bits come before the last 1; -1 if there is none."""
    return max((place for place in range(DEPTH) if bit(path, place)), default=-1)
