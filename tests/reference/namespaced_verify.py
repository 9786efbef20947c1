"""The verifiers of namespaced trees, step by step as on docs/spec/namespaced.md."""

from __future__ import annotations

import hmac
from collections.abc import Sequence
from typing import NamedTuple

from tests.reference.namespaced import (
    NamespaceOrder,
    RangeNode,
    ignored,
    leaf,
    node,
    taken_apart,
    top,
)
from tests.reference.objects import (
    AbsenceProof,
    Leaf,
    NamespacedHead,
    NamespacedInclusionProof,
    NamespacedList,
    NamespaceProof,
)
from tests.reference.refusals import (
    DIGEST_COUNT,
    DIGEST_SIZE,
    EMPTY_CLAIM,
    IGNORED_NAMESPACE,
    INDEX_OUT_OF_RANGE,
    NAMESPACE_ORDER,
    NAMESPACE_SIZE,
    NEIGHBOUR_NAMESPACE,
    ROOT_MISMATCH,
    Refused,
)
from tests.reference.schemes import Scheme


class Beside(NamedTuple):
    """The siblings of a run of nodes on one level: at most one on each side."""

    left: bool
    right: bool


def beside(size: int, begin: int, end: int) -> list[Beside]:
    """Which siblings leaves ``[begin, end)`` have on each level, from the leaves up."""
    found = []
    first, last, n = begin, end - 1, size
    while n > 1:
        found.append(Beside(left=first % 2 == 1, right=last % 2 == 0 and last + 1 < n))
        first, last, n = first // 2, last // 2, (n + 1) // 2
    return found


def verify(
    head: NamespacedHead, index: int, namespace: bytes, data: bytes, proof: NamespacedInclusionProof
) -> None:
    """That the leaf at ``index`` has this namespace and data: accept, or raise :class:`Refused`."""
    if not 0 <= index < head.size:
        raise Refused(INDEX_OUT_OF_RANGE)
    check_namespace(head, namespace)
    levels = beside(head.size, index, index + 1)
    siblings = nodes_of(head, proof, count(levels))
    check_top(head, fold(head.scheme, [leaf(head.scheme, Leaf(namespace, data))], siblings, levels))


def verify_namespace(
    head: NamespacedHead, namespace: bytes, data: Sequence[bytes], proof: NamespaceProof
) -> None:
    """That the leaves of the namespace are exactly these, of which there is at least one."""
    if not data:
        raise Refused(EMPTY_CLAIM)
    check_namespace(head, namespace)
    check_not_ignored(head, namespace)
    begin, end = proof.start, proof.start + len(data)
    if end > head.size:
        raise Refused(INDEX_OUT_OF_RANGE)
    levels = beside(head.size, begin, end)
    siblings = nodes_of(head, proof, count(levels))
    check_neighbours(siblings, levels, namespace)
    known = [leaf(head.scheme, Leaf(namespace, one)) for one in data]
    check_top(head, fold(head.scheme, known, siblings, levels))


def verify_absent(head: NamespacedHead, namespace: bytes, proof: AbsenceProof) -> None:
    """That no leaf has the namespace."""
    check_namespace(head, namespace)
    check_not_ignored(head, namespace)
    apex = taken_apart(head.scheme, head.root)
    if head.size == 0 or not apex.min <= namespace <= apex.max:
        nodes_of(head, proof, 0)
        if head.size == 0:
            check_top(head, top(head.scheme, []))
        return
    if proof.start >= head.size:
        raise Refused(INDEX_OUT_OF_RANGE)
    levels = beside(head.size, proof.start, proof.start + 1)
    behind, *siblings = nodes_of(head, proof, 1 + count(levels))
    if not namespace < behind.min:
        raise Refused(NEIGHBOUR_NAMESPACE)
    if behind.min != behind.max:
        raise Refused(NAMESPACE_ORDER)
    check_neighbours(siblings, levels, namespace)
    check_top(head, fold(head.scheme, [behind], siblings, levels))


def count(levels: Sequence[Beside]) -> int:
    return sum(one.left + one.right for one in levels)


def fold(
    scheme: Scheme, known: list[RangeNode], siblings: Sequence[RangeNode], levels: Sequence[Beside]
) -> RangeNode:
    """The top that neighbouring leaves and the siblings around them lead to."""
    supply = iter(siblings)
    for level in levels:
        left = [next(supply)] if level.left else []
        right = [next(supply)] if level.right else []
        row = left + known + right
        known = [join(scheme, *row[i : i + 2]) for i in range(0, len(row), 2)]
    return known[0]


def join(scheme: Scheme, left: RangeNode, right: RangeNode | None = None) -> RangeNode:
    """The parent of two; a node without a sibling moves up."""
    if right is None:
        return left
    try:
        return node(scheme, left, right)
    except NamespaceOrder as order:
        raise Refused(NAMESPACE_ORDER) from order


def check_namespace(head: NamespacedHead, namespace: bytes) -> None:
    if len(namespace) != head.scheme.namespace_size:
        raise Refused(NAMESPACE_SIZE)


def check_not_ignored(head: NamespacedHead, namespace: bytes) -> None:
    """Ranges leave the highest namespace out, so they do not tell where its leaves are."""
    if namespace == ignored(head.scheme):
        raise Refused(IGNORED_NAMESPACE)


def check_neighbours(siblings: Sequence[RangeNode], levels: Sequence[Beside], namespace: bytes) -> None:
    """What lies to the left ends before the namespace, what lies to the right begins behind it."""
    supply = iter(siblings)
    for level in levels:
        if level.left and not next(supply).max < namespace:
            raise Refused(NEIGHBOUR_NAMESPACE)
        if level.right and not namespace < next(supply).min:
            raise Refused(NEIGHBOUR_NAMESPACE)


def nodes_of(head: NamespacedHead, proof: NamespacedList, expected: int) -> list[RangeNode]:
    """The proof's nodes: as many as expected, of the scheme's sizes."""
    scheme = head.scheme
    if proof.digest_size != scheme.digest_size:
        raise Refused(DIGEST_SIZE)
    if proof.namespace_size != scheme.namespace_size:
        raise Refused(NAMESPACE_SIZE)
    if any(len(whole) != scheme.root_size for whole in proof.nodes):
        raise Refused(DIGEST_SIZE)
    if len(proof.nodes) != expected:
        raise Refused(DIGEST_COUNT)
    return [taken_apart(scheme, whole) for whole in proof.nodes]


def check_top(head: NamespacedHead, apex: RangeNode) -> None:
    """The comparison that decides, in constant time."""
    if not hmac.compare_digest(apex.whole, head.root):
        raise Refused(ROOT_MISMATCH)
