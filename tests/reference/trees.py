"""Trees, paths and plans by recursion on the definition (docs/spec/variants.md, "Shape").

``digests`` are always leaf digests. Ranges of leaves are half open. ``constructions.py`` has each shape once
more, as those who invented it write it: RFC 6962's recursion, mountain ranges, Bitcoin's loop.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from tests.reference.objects import Head, InclusionProof
from tests.reference.queues import queue, queue_path
from tests.reference.rules import PLAIN, Bag, Promote, Queue, Rules, Zeros
from tests.reference.schemes import Node, Scheme, height_over

__all__ = ["Node", "canonical", "cover", "head", "levels", "path", "plan", "prove", "split", "top"]


def split(n: int) -> int:
    """The largest power of two below ``n``, for ``n`` of at least 2."""
    return 1 << ((n - 1).bit_length() - 1)


def height(rules: Rules, size: int) -> int:
    """The level of the topmost node."""
    if isinstance(rules.edge, Zeros):
        return rules.edge.height
    return height_over(size, rules.arity)


def span(rules: Rules, level: int) -> int:
    """Leaves of a full node."""
    return int(rules.arity**level)


def count(rules: Rules, size: int, level: int) -> int:
    """The number of nodes of a level, the one on the edge included."""
    return -(-size // span(rules, level))


def children(rules: Rules, size: int, node: Node) -> list[Node]:
    """The children that a node has."""
    level, index = node
    first = rules.arity * index
    behind = min(first + rules.arity, count(rules, size, level - 1))
    return [(level - 1, i) for i in range(first, behind)]


def is_full(rules: Rules, size: int, node: Node) -> bool:
    """Whether the subtree of a node has all its leaves."""
    level, index = node
    return index < size // span(rules, level)


def parent(scheme: Scheme, size: int, node: Node, below: Sequence[bytes]) -> bytes:
    """The digest of a node from those of the children that it has."""
    if is_full(scheme.rules, size, node):
        return scheme.full_node(node, below)
    return scheme.edge_node(node, size, below)


def subtree(scheme: Scheme, digests: Sequence[bytes], node: Node) -> bytes:
    """The digest of a node."""
    level, index = node
    if level == 0:
        return digests[index]
    size = len(digests)
    below = [subtree(scheme, digests, child) for child in children(scheme.rules, size, node)]
    return parent(scheme, size, node, below)


def top(scheme: Scheme, digests: Sequence[bytes]) -> bytes:
    """The digest of the topmost node."""
    size = len(digests)
    scheme.must_take(size)
    if size == 0:
        return scheme.empty()
    if isinstance(scheme.rules.edge, Queue):
        return queue(scheme, digests)[-1]
    return subtree(scheme, digests, (height(scheme.rules, size), 0))


def levels(scheme: Scheme, digests: Sequence[bytes]) -> list[list[bytes]]:
    """Of trees in rows: level by level. All rows, leaves first; a node that moves up stands in several."""
    rules, size = scheme.rules, len(digests)
    rows = [list(digests)]
    for level in range(1, height(rules, size) + 1 if size else 0):
        below, arity = rows[-1], rules.arity
        groups = [below[first : first + arity] for first in range(0, len(below), arity)]
        rows.append([parent(scheme, size, (level, i), group) for i, group in enumerate(groups)])
    return rows


def leaf_digests(scheme: Scheme, leaves: Sequence[bytes]) -> list[bytes]:
    return [scheme.leaf(data, index) for index, data in enumerate(leaves)]


def head(scheme: Scheme, leaves: Sequence[bytes]) -> Head:
    """The head of the tree over ``leaves``."""
    scheme.must_take(len(leaves))
    return head_of_digests(scheme, leaf_digests(scheme, leaves))


def head_of_digests(scheme: Scheme, digests: Sequence[bytes]) -> Head:
    size = len(digests)
    return Head(scheme, size, scheme.root(size, top(scheme, digests)))


def path(scheme: Scheme, digests: Sequence[bytes], index: int) -> list[bytes]:
    """The digests of an inclusion proof, leaf level first: on each level the siblings there are, ascending.

    Where pairs are sorted nobody knows the index, so zeros are sent too.
    """
    rules, n = scheme.rules, len(digests)
    if not 0 <= index < n:
        raise IndexError(f"index {index} of {n} leaves")
    if isinstance(rules.edge, Queue):
        return queue_path(scheme, digests, index)
    found = []
    for level in range(height(rules, n)):
        above = (level + 1, index // rules.arity)
        siblings = [child for child in children(rules, n, above) if child != (level, index)]
        found += [subtree(scheme, digests, sibling) for sibling in siblings]
        if scheme.rules.is_sorted and isinstance(rules.edge, Zeros) and not siblings:
            found.append(scheme.zero(level))
        index //= rules.arity
    return found


def prove(scheme: Scheme, leaves: Sequence[bytes], index: int) -> InclusionProof:
    """The inclusion proof of one leaf."""
    digests = path(scheme, leaf_digests(scheme, leaves), index)
    return InclusionProof(scheme.digest_size, tuple(digests))


def canonical(size: int, node: Node, rules: Rules = PLAIN) -> Node:
    """The lowest name of a node: where an only child moves up, its parent is the same node."""
    while isinstance(rules.edge, Promote | Bag) and node[0] > 0:
        below = children(rules, size, node)
        if len(below) > 1:
            break
        node = below[0]
    return node


def plan(size: int, indices: Sequence[int], rules: Rules = PLAIN) -> list[Node]:
    """The nodes that a proof of many leaves takes, in order, by canonical name (docs/spec/proofs.md).

    Level by level, ascending: the children of known nodes' parents that are not known themselves.
    """
    if rules.is_sorted:
        raise TypeError("proofs of sorted pairs show no place")
    if not indices or any(not 0 <= i < size for i in indices):
        raise ValueError("at least one index, all below the size")
    if any(a >= b for a, b in pairwise(indices)):
        raise ValueError("indices strictly increasing")
    taken: list[Node] = []
    known = list(indices)
    for level in range(1, height(rules, size) + 1):
        above = sorted({i // rules.arity for i in known})
        below = [child for index in above for child in children(rules, size, (level, index))]
        taken += [canonical(size, child, rules) for child in below if child[1] not in known]
        known = above
    return taken


def cover(size: int, indices: Sequence[int]) -> list[Node]:
    """The plan of promoted pairs by recursion: the largest subtrees without a known leaf, lowest first."""
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
