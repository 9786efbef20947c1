"""Shards of sum trees by their definition (docs/spec/sums.md): those of docs/spec/shards.md, with sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tests.reference.objects import SumHead, SumShard
from tests.reference.schemes import Scheme
from tests.reference.shards import NotAdjacent, cover
from tests.reference.sums import MAX_AMOUNT, SumNode, SumOverflow, leaf_nodes, node, parted, top
from tests.reference.trees import Node


def of_leaves(scheme: Scheme, begin: int, data: Sequence[bytes], amounts: Sequence[int]) -> SumShard:
    """The shard over leaves the first of which has the index ``begin``."""
    leaves = leaf_nodes(scheme, data, amounts)
    end = begin + len(leaves)
    spans = [(index << level, (index + 1) << level) for level, index in cover(begin, end)]
    tops = [top(scheme, leaves[first - begin : behind - begin]) for first, behind in spans]
    return _checked(scheme, begin, end, tops)


def join(left: SumShard, right: SumShard) -> SumShard:
    """The shard over the leaves of both: each node is in one of the two, or made of its children."""
    if left.scheme != right.scheme:
        raise NotAdjacent("other scheme")
    if left.end != right.begin:
        raise NotAdjacent(f"{left.end} is not {right.begin}")
    known = _nodes(left) | _nodes(right)
    made = [_node(left.scheme, known, place) for place in cover(left.begin, right.end)]
    return _checked(left.scheme, left.begin, right.end, made)


def _checked(scheme: Scheme, begin: int, end: int, made: Sequence[SumNode]) -> SumShard:
    """A shard's amounts add to less than 2^128 in all, also where none of its nodes adds them."""
    if sum(one.sum for one in made) > MAX_AMOUNT:
        raise SumOverflow(f"the amounts of {begin} to {end}")
    return SumShard(scheme, begin, end, *parted(made))


def _nodes(shard: SumShard) -> dict[Node, SumNode]:
    held = map(SumNode, shard.digests, shard.sums)
    return dict(zip(cover(shard.begin, shard.end), held, strict=True))


def _node(scheme: Scheme, known: Mapping[Node, SumNode], place: Node) -> SumNode:
    if place in known:
        return known[place]
    level, index = place
    left = _node(scheme, known, (level - 1, 2 * index))
    return node(scheme, left, _node(scheme, known, (level - 1, 2 * index + 1)))


def head(shard: SumShard) -> SumHead:
    """The head of the tree of a shard that begins at leaf 0."""
    if shard.begin != 0:
        raise NotAdjacent(f"begins at {shard.begin}")
    scheme = shard.scheme
    peaks = [SumNode(digest, total) for digest, total in zip(shard.digests, shard.sums, strict=True)]
    apex = peaks[-1] if peaks else SumNode(scheme.empty(), 0)
    for peak in reversed(peaks[:-1]):
        apex = node(scheme, peak, apex)
    return SumHead(scheme, shard.end, scheme.root(shard.end, apex.digest, apex.sum), apex.sum)
