"""Shards by their definition (docs/spec/shards.md): the fewest full nodes that cover a range of leaves.

``digests`` are leaf digests. Nothing here joins from the right, as fast implementations do.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.reference.objects import Head, Shard
from tests.reference.rules import MAX_SIZE
from tests.reference.schemes import KIND_DENSE, Scheme, height_over
from tests.reference.trees import Node, children, height, parent


class NotAdjacent(ValueError):
    """The shards do not follow each other, or are of different schemes."""


def cover(begin: int, end: int, arity: int = 2) -> list[Node]:
    """The largest full nodes within ``[begin, end)``, from the left."""
    found: list[Node] = []

    def walk(level: int, index: int) -> None:
        first, behind = index * arity**level, (index + 1) * arity**level
        if end <= first or behind <= begin:
            return
        if begin <= first and behind <= end:
            found.append((level, index))
            return
        for child in range(arity * index, arity * (index + 1)):
            walk(level - 1, child)

    walk(height_over(MAX_SIZE, arity), 0)
    return found


def cover_of(scheme: Scheme, begin: int, end: int) -> list[Node]:
    """The same, if trees of this scheme grow."""
    if scheme.kind == KIND_DENSE and not scheme.appendable:
        raise TypeError(f"trees of {scheme.name} do not grow")
    return cover(begin, end, scheme.rules.arity if scheme.kind == KIND_DENSE else 2)


def of_digests(scheme: Scheme, begin: int, digests: Sequence[bytes]) -> Shard:
    """The shard over leaves with these digests, the first of which has the index ``begin``."""
    end = begin + len(digests)
    leaves = {(0, begin + i): digest for i, digest in enumerate(digests)}
    made = tuple(node_digest(scheme, leaves, node) for node in cover_of(scheme, begin, end))
    return Shard(scheme, begin, end, made)


def of_leaves(scheme: Scheme, begin: int, leaves: Sequence[bytes]) -> Shard:
    return of_digests(scheme, begin, [scheme.leaf(data, begin + i) for i, data in enumerate(leaves)])


def join(left: Shard, right: Shard) -> Shard:
    """The shard over the leaves of both: each node is in one of the two, or made of its children."""
    if left.scheme != right.scheme:
        raise NotAdjacent("other scheme")
    if left.end != right.begin:
        raise NotAdjacent(f"{left.end} is not {right.begin}")
    known = nodes(left) | nodes(right)
    covering = cover_of(left.scheme, left.begin, right.end)
    made = tuple(node_digest(left.scheme, known, node) for node in covering)
    return Shard(left.scheme, left.begin, right.end, made)


def nodes(shard: Shard) -> dict[Node, bytes]:
    return dict(zip(cover_of(shard.scheme, shard.begin, shard.end), shard.digests, strict=True))


def node_digest(scheme: Scheme, known: Mapping[Node, bytes], node: Node) -> bytes:
    """A full node, from those that are known."""
    if node in known:
        return known[node]
    level, index = node
    arity = scheme.rules.arity
    below = [(level - 1, arity * index + child) for child in range(arity)]
    return scheme.full_node(node, [node_digest(scheme, known, child) for child in below])


def head(shard: Shard) -> Head:
    """The head of the tree of a shard that begins at leaf 0."""
    if shard.begin != 0:
        raise NotAdjacent(f"begins at {shard.begin}")
    scheme, size, known = shard.scheme, shard.end, nodes(shard)

    def digest(node: Node) -> bytes:
        if node in known:
            return known[node]
        below = [digest(child) for child in children(scheme.rules, size, node)]
        return parent(scheme, size, node, below)

    apex = digest((height(scheme.rules, size), 0)) if size else scheme.empty()
    return Head(scheme, size, scheme.root(size, apex))
