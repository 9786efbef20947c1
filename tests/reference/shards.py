"""Shards by their definition (docs/spec/shards.md): the fewest full nodes that cover a range of leaves.

``digests`` are leaf digests. Nothing here joins from the right, as fast implementations do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.reference.objects import Head, Shard
from tests.reference.schemes import Scheme
from tests.reference.trees import Node, top

TOP = 64  # the level of the one node above all 2^64 possible leaves


class NotAdjacent(ValueError):
    """The shards do not follow each other, or are of different schemes."""


def cover(begin: int, end: int) -> list[Node]:
    """The largest full nodes within ``[begin, end)``, from the left."""
    found: list[Node] = []

    def walk(level: int, index: int) -> None:
        first, behind = index << level, (index + 1) << level
        if end <= first or behind <= begin:
            return
        if begin <= first and behind <= end:
            found.append((level, index))
            return
        walk(level - 1, 2 * index)
        walk(level - 1, 2 * index + 1)

    walk(TOP, 0)
    return found


def of_digests(scheme: Scheme, begin: int, digests: Sequence[bytes]) -> Shard:
    """The shard over leaves with these digests, the first of which has the index ``begin``."""
    end = begin + len(digests)
    nodes = cover(begin, end)
    spans = [(index << level, (index + 1) << level) for level, index in nodes]
    tops = tuple(top(scheme, digests[first - begin : behind - begin]) for first, behind in spans)
    return Shard(scheme, begin, end, tops)


def of_leaves(scheme: Scheme, begin: int, leaves: Sequence[bytes]) -> Shard:
    return of_digests(scheme, begin, [scheme.leaf(data) for data in leaves])


def join(left: Shard, right: Shard) -> Shard:
    """The shard over the leaves of both: each node is in one of the two, or made of its children."""
    if left.scheme != right.scheme:
        raise NotAdjacent("other scheme")
    if left.end != right.begin:
        raise NotAdjacent(f"{left.end} is not {right.begin}")
    known = nodes(left) | nodes(right)
    made = tuple(node_digest(left.scheme, known, node) for node in cover(left.begin, right.end))
    return Shard(left.scheme, left.begin, right.end, made)


def nodes(shard: Shard) -> dict[Node, bytes]:
    return dict(zip(cover(shard.begin, shard.end), shard.digests, strict=True))


def node_digest(scheme: Scheme, known: Mapping[Node, bytes], node: Node) -> bytes:
    if node in known:
        return known[node]
    level, index = node
    left = node_digest(scheme, known, (level - 1, 2 * index))
    return scheme.node(left, node_digest(scheme, known, (level - 1, 2 * index + 1)))


def head(shard: Shard) -> Head:
    """The head of the tree of a shard that begins at leaf 0."""
    if shard.begin != 0:
        raise NotAdjacent(f"begins at {shard.begin}")
    scheme = shard.scheme
    apex = shard.digests[-1] if shard.digests else scheme.empty()
    for peak in reversed(shard.digests[:-1]):
        apex = scheme.node(peak, apex)
    return Head(scheme, shard.end, scheme.root(shard.end, apex))
