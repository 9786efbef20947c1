"""Trees, paths and plans by recursion on the definition: RFC 6962 section 2.1.

``digests`` are always leaf digests. Ranges of leaves are half open.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tests.reference.objects import Head, InclusionProof
from tests.reference.schemes import Scheme

Node = tuple[int, int]  # (level, index)


def split(n: int) -> int:
    """The largest power of two below ``n``, for ``n`` of at least 2."""
    return 1 << ((n - 1).bit_length() - 1)


def top(scheme: Scheme, digests: Sequence[bytes]) -> bytes:
    """The digest of the topmost node."""
    n = len(digests)
    if n == 0:
        return scheme.empty()
    if n == 1:
        return digests[0]
    k = split(n)
    return scheme.node(top(scheme, digests[:k]), top(scheme, digests[k:]))


def levels(scheme: Scheme, digests: Sequence[bytes]) -> list[list[bytes]]:
    """The second construction: level by level, a node without a sibling moves up. All rows, leaves first."""
    rows = [list(digests)]
    while len(rows[-1]) > 1:
        row = rows[-1]
        above = [scheme.node(row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        if len(row) % 2 == 1:
            above.append(row[-1])
        rows.append(above)
    return rows


def leaf_digests(scheme: Scheme, leaves: Sequence[bytes]) -> list[bytes]:
    return [scheme.leaf(data) for data in leaves]


def head(scheme: Scheme, leaves: Sequence[bytes]) -> Head:
    """The head of the tree over ``leaves``."""
    return head_of_digests(scheme, leaf_digests(scheme, leaves))


def head_of_digests(scheme: Scheme, digests: Sequence[bytes]) -> Head:
    size = len(digests)
    return Head(scheme, size, scheme.root(size, top(scheme, digests)))


def path(scheme: Scheme, digests: Sequence[bytes], index: int) -> list[bytes]:
    """RFC 6962 section 2.1.1, ``PATH(m, D[n])``: sibling digests, leaf level first."""
    n = len(digests)
    if not 0 <= index < n:
        raise IndexError(f"index {index} of {n} leaves")
    if n == 1:
        return []
    k = split(n)
    if index < k:
        return [*path(scheme, digests[:k], index), top(scheme, digests[k:])]
    return [*path(scheme, digests[k:], index - k), top(scheme, digests[:k])]


def prove(scheme: Scheme, leaves: Sequence[bytes], index: int) -> InclusionProof:
    """The inclusion proof of one leaf."""
    digests = path(scheme, leaf_digests(scheme, leaves), index)
    return InclusionProof(scheme.digest_size, tuple(digests))


def canonical(size: int, node: Node) -> Node:
    """The lowest name of a node: one whose right child does not exist is its left child, moved up."""
    level, index = node
    while level > 0 and (2 * index + 1) << (level - 1) >= size:
        level, index = level - 1, 2 * index
    return level, index


def plan(size: int, indices: Sequence[int]) -> list[Node]:
    """The nodes that a proof of many leaves takes, in order, by canonical name (docs/spec/proofs.md)."""
    if not indices or any(not 0 <= i < size for i in indices):
        raise ValueError("at least one index, all below the size")
    if any(a >= b for a, b in pairwise(indices)):
        raise ValueError("indices strictly increasing")
    taken: list[Node] = []
    known = list(indices)
    level, n = 0, size
    while n > 1:
        for i in known:
            sibling = i ^ 1
            if sibling < n and sibling not in known:
                taken.append(canonical(size, (level, sibling)))
        known = sorted({i // 2 for i in known})
        level, n = level + 1, (n + 1) // 2
    return taken


def cover(size: int, indices: Sequence[int]) -> list[Node]:
    """The same plan by recursion: the largest subtrees without a known leaf, lowest level first."""
    found: list[tuple[int, int, Node]] = []

    def walk(begin: int, end: int, place: int) -> None:
        # `place` is the level at which this subtree is a sibling; the name's level is its own height.
        inside = [i for i in indices if begin <= i < end]
        if not inside:
            height = (end - begin - 1).bit_length()
            found.append((place, begin, (height, begin >> height)))
        elif end - begin > 1:
            k = split(end - begin)
            child = k.bit_length() - 1
            walk(begin, begin + k, child)
            walk(begin + k, end, child)

    walk(0, size, (size - 1).bit_length())
    return [name for _, _, name in sorted(found)]
