"""Namespaced trees: built and proven, by recursion on the definition (docs/spec/namespaced.md).

The shape is that of dense trees. A node is a range of namespaces and a digest. Leaves ascend by namespace, so
those of one namespace are neighbours.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from tests.reference.objects import (
    AbsenceProof,
    Leaf,
    NamespacedHead,
    NamespacedInclusionProof,
    NamespaceProof,
)
from tests.reference.schemes import Scheme
from tests.reference.trees import split


class NamespaceOrder(ValueError):
    """Namespaces that do not ascend."""


class RangeNode(NamedTuple):
    """A digest, and the range of the namespaces below it."""

    min: bytes
    max: bytes
    digest: bytes

    @property
    def whole(self) -> bytes:
        return self.min + self.max + self.digest


def ignored(scheme: Scheme) -> bytes:
    """The namespace that no range goes up to if it can be helped: that of Celestia's parity shares."""
    return b"\xff" * scheme.namespace_size


def taken_apart(scheme: Scheme, whole: bytes) -> RangeNode:
    size = scheme.namespace_size
    return RangeNode(whole[:size], whole[size : 2 * size], whole[2 * size :])


def leaf(scheme: Scheme, one: Leaf) -> RangeNode:
    if len(one.namespace) != scheme.namespace_size:
        raise ValueError(f"a namespace of {len(one.namespace)} bytes")
    return RangeNode(one.namespace, one.namespace, scheme.namespaced_leaf(*one))


def node(scheme: Scheme, left: RangeNode, right: RangeNode) -> RangeNode:
    """The parent. The order is checked before anything is hashed."""
    if not left.min <= left.max <= right.min <= right.max:
        raise NamespaceOrder(f"{left.max.hex()} before {right.min.hex()}")
    end = left.max if right.min == ignored(scheme) else right.max
    return RangeNode(left.min, end, scheme.namespaced_node(left.whole, right.whole))


def leaf_nodes(scheme: Scheme, leaves: Sequence[Leaf]) -> list[RangeNode]:
    """The leaves' nodes, if they stand in order."""
    for before, behind in pairwise(leaves):
        if before.namespace > behind.namespace:
            raise NamespaceOrder(f"{before.namespace.hex()} before {behind.namespace.hex()}")
    return [leaf(scheme, one) for one in leaves]


def top(scheme: Scheme, nodes: Sequence[RangeNode]) -> RangeNode:
    """The topmost node over leaf nodes; the range of zeros without any."""
    n = len(nodes)
    if n == 0:
        zeros = bytes(scheme.namespace_size)
        return RangeNode(zeros, zeros, scheme.empty())
    if n == 1:
        return nodes[0]
    k = split(n)
    return node(scheme, top(scheme, nodes[:k]), top(scheme, nodes[k:]))


def head(scheme: Scheme, leaves: Sequence[Leaf]) -> NamespacedHead:
    nodes = leaf_nodes(scheme, leaves)
    return NamespacedHead(scheme, len(nodes), top(scheme, nodes).whole)


def around(scheme: Scheme, nodes: Sequence[RangeNode], begin: int, end: int) -> list[RangeNode]:
    """The largest subtrees without a leaf of ``[begin, end)``, lowest level first, then from the left."""
    found: list[tuple[int, int, RangeNode]] = []

    def walk(first: int, behind: int, level: int) -> None:
        if behind <= begin or first >= end:
            found.append((level, first, top(scheme, nodes[first:behind])))
        elif behind - first > 1:
            k = split(behind - first)
            below = k.bit_length() - 1
            walk(first, first + k, below)
            walk(first + k, behind, below)

    walk(0, len(nodes), (len(nodes) - 1).bit_length())
    return [one for _, _, one in sorted(found, key=lambda entry: entry[:2])]


def prove(scheme: Scheme, leaves: Sequence[Leaf], index: int) -> NamespacedInclusionProof:
    """The inclusion proof of one leaf."""
    if not 0 <= index < len(leaves):
        raise IndexError(f"index {index} of {len(leaves)} leaves")
    nodes = around(scheme, leaf_nodes(scheme, leaves), index, index + 1)
    return NamespacedInclusionProof(*sizes(scheme), wholes(nodes))


def find(leaves: Sequence[Leaf], namespace: bytes) -> range:
    """Where the leaves of a namespace stand, or would stand."""
    names = [one.namespace for one in leaves]
    return range(bisect_left(names, namespace), bisect_right(names, namespace))


def prove_namespace(
    scheme: Scheme, leaves: Sequence[Leaf], namespace: bytes
) -> NamespaceProof | AbsenceProof:
    """All leaves of a namespace, or that there are none."""
    if len(namespace) != scheme.namespace_size or namespace == ignored(scheme):
        raise ValueError(f"nothing is proven about the namespace {namespace.hex()}")
    nodes = leaf_nodes(scheme, leaves)
    apex, place = top(scheme, nodes), find(leaves, namespace)
    if place:
        return NamespaceProof(
            *sizes(scheme), wholes(around(scheme, nodes, place.start, place.stop)), place.start
        )
    if not leaves or not apex.min <= namespace <= apex.max:
        return AbsenceProof(*sizes(scheme), (), 0)
    behind = place.start
    siblings = around(scheme, nodes, behind, behind + 1)
    return AbsenceProof(*sizes(scheme), wholes([nodes[behind], *siblings]), behind)


def sizes(scheme: Scheme) -> tuple[int, int]:
    return scheme.namespace_size, scheme.digest_size


def wholes(nodes: Sequence[RangeNode]) -> tuple[bytes, ...]:
    return tuple(one.whole for one in nodes)
