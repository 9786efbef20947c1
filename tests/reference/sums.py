"""Sum trees: built and proven, by recursion on the definition (docs/spec/sums.md).

The shape is that of dense trees; a node is a digest and the sum of the amounts below it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tests.reference.objects import SumHead, SumInclusionProof, SumMultiProof
from tests.reference.schemes import Scheme
from tests.reference.trees import plan, split

MAX_AMOUNT = 2**128 - 1


class SumOverflow(ValueError):
    """Amounts add to 2^128 or more."""


class SumNode(NamedTuple):
    """A digest and the sum below it."""

    digest: bytes
    sum: int


def leaf(scheme: Scheme, data: bytes, amount: int) -> SumNode:
    if not 0 <= amount <= MAX_AMOUNT:
        raise ValueError(f"amount {amount}")
    return SumNode(scheme.sum_leaf(amount, data), amount)


def node(scheme: Scheme, left: SumNode, right: SumNode) -> SumNode:
    """The parent. The addition is checked before anything is hashed."""
    total = left.sum + right.sum
    if total > MAX_AMOUNT:
        raise SumOverflow(f"{left.sum} + {right.sum}")
    return SumNode(scheme.sum_node(left.digest, right.digest, left.sum, right.sum), total)


def leaf_nodes(scheme: Scheme, data: Sequence[bytes], amounts: Sequence[int]) -> list[SumNode]:
    return [leaf(scheme, one, amount) for one, amount in zip(data, amounts, strict=True)]


def top(scheme: Scheme, nodes: Sequence[SumNode]) -> SumNode:
    """The topmost node over leaf nodes; a zero digest and 0 without any."""
    n = len(nodes)
    if n == 0:
        return SumNode(scheme.empty(), 0)
    if n == 1:
        return nodes[0]
    k = split(n)
    return node(scheme, top(scheme, nodes[:k]), top(scheme, nodes[k:]))


def levels(scheme: Scheme, nodes: Sequence[SumNode]) -> list[list[SumNode]]:
    """The second construction: level by level, a node without a sibling moves up."""
    rows = [list(nodes)]
    while len(rows[-1]) > 1:
        row = rows[-1]
        above = [node(scheme, row[i], row[i + 1]) for i in range(0, len(row) - 1, 2)]
        if len(row) % 2 == 1:
            above.append(row[-1])
        rows.append(above)
    return rows


def head(scheme: Scheme, data: Sequence[bytes], amounts: Sequence[int]) -> SumHead:
    return head_of_nodes(scheme, leaf_nodes(scheme, data, amounts))


def head_of_nodes(scheme: Scheme, nodes: Sequence[SumNode]) -> SumHead:
    apex = top(scheme, nodes)
    return SumHead(scheme, len(nodes), scheme.root(len(nodes), apex.digest, apex.sum), apex.sum)


def path(scheme: Scheme, nodes: Sequence[SumNode], index: int) -> list[SumNode]:
    """The siblings of a leaf, leaf level first."""
    n = len(nodes)
    if not 0 <= index < n:
        raise IndexError(f"index {index} of {n} leaves")
    if n == 1:
        return []
    k = split(n)
    if index < k:
        return [*path(scheme, nodes[:k], index), top(scheme, nodes[k:])]
    return [*path(scheme, nodes[k:], index - k), top(scheme, nodes[:k])]


def prove(scheme: Scheme, nodes: Sequence[SumNode], index: int) -> SumInclusionProof:
    """The inclusion proof of one leaf of the tree over these leaf nodes."""
    taken = path(scheme, nodes, index)
    return SumInclusionProof(scheme.digest_size, *parted(taken))


def prove_many(scheme: Scheme, nodes: Sequence[SumNode], indices: Sequence[int]) -> SumMultiProof:
    """The proof of leaves ``indices`` together: the nodes of their plan."""
    rows = levels(scheme, nodes)
    taken = [rows[level][index] for level, index in plan(len(nodes), sorted(set(indices)))]
    return SumMultiProof(scheme.digest_size, *parted(taken))


def parted(nodes: Sequence[SumNode]) -> tuple[tuple[int, ...], tuple[bytes, ...]]:
    """Sums and digests, as a proof holds them."""
    return tuple(one.sum for one in nodes), tuple(one.digest for one in nodes)
