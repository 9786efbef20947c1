"""Subtrees that begin with a run of nodes with one child (docs/spec/sparse.md)."""

from __future__ import annotations

from typing import NamedTuple

from tests.reference.schemes import Scheme
from tests.reference.sparse_rules import DEPTH, bit, packed


class Foot(NamedTuple):
    """The topmost node with two children, or the only leaf. ``depth`` bits of ``path`` lead to it."""

    depth: int
    path: bytes
    digest: bytes


def stretch(path: bytes, begin: int, end: int) -> bytes:
    """These bits of a path and no others, the last byte first."""
    return packed([bit(path, place) * (begin <= place < end) for place in range(DEPTH)])[::-1]


def run_up(scheme: Scheme, foot: Foot, depth: int) -> bytes:
    """The digest of the subtree whose top is at this depth."""
    length = foot.depth - depth
    if length == 0:
        return foot.digest
    above = foot.depth - 1
    base = bytes([DEPTH - 1 - above]) + stretch(foot.path, 0, above) + foot.digest
    run = (
        scheme.framed(scheme.sparse.base, base)
        + stretch(foot.path, depth, foot.depth)
        + bytes([length % 256])
    )
    return scheme.framed(scheme.sparse.run, run)


def fork(scheme: Scheme, depth: int, path: bytes, left: bytes, right: bytes) -> Foot:
    """The node at this depth over the digests of two subtrees."""
    place = bytes([DEPTH - 1 - depth]) + stretch(path, 0, depth)
    return Foot(depth, path, scheme.framed(scheme.sparse.node, place + left + right))
