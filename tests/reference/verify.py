"""The verifier of one inclusion proof, step by step as on docs/spec/proofs.md and docs/spec/variants.md."""

from __future__ import annotations

import hmac
from collections.abc import Iterator
from contextlib import contextmanager
from typing import NamedTuple

from tests.reference.objects import DigestList, Head, InclusionProof, SumHead
from tests.reference.queues import queue_lengths
from tests.reference.refusals import (
    DIGEST_COUNT,
    DIGEST_SIZE,
    EQUAL_SIBLINGS,
    INDEX_NOT_BOUND,
    INDEX_OUT_OF_RANGE,
    INDEX_REQUIRED,
    MALFORMED_LEAF,
    ROOT_MISMATCH,
    Refused,
)
from tests.reference.rules import Queue, Rules, Zeros
from tests.reference.schemes import EqualSiblings, LeafSize


class Step(NamedTuple):
    """One level with a sibling, of promoted pairs."""

    sibling_is_left: bool


def steps(index: int, size: int) -> list[Step]:
    """The levels at which ``index`` has a sibling, in a tree of promoted pairs."""
    found = []
    i, n = index, size
    while n > 1:
        if i % 2 == 1:
            found.append(Step(sibling_is_left=True))
        elif i + 1 < n:
            found.append(Step(sibling_is_left=False))
        i, n = i // 2, (n + 1) // 2
    return found


def families(rules: Rules, index: int, size: int) -> list[tuple[int, int]]:
    """For each level above the leaves: which child of its parent the path is, and how many it has."""
    found: list[tuple[int, int]] = []
    i, n = index, size
    while n > 1 or (isinstance(rules.edge, Zeros) and len(found) < rules.edge.height):
        first = i - i % rules.arity
        found.append((i - first, min(rules.arity, n - first)))
        i, n = i // rules.arity, -(-n // rules.arity)
    return found


def fold(head: Head, index: int, leaf: bytes, digests: tuple[bytes, ...]) -> bytes:
    """The root that the digests lead to."""
    scheme, rules = head.scheme, head.scheme.rules
    digest = scheme.leaf(leaf, index)
    supply = iter(digests)
    i = index
    for level, (own, present) in enumerate(families(rules, index, head.size), start=1):
        children = [digest if child == own else next(supply) for child in range(present)]
        i //= rules.arity
        if i < head.size // rules.arity**level:
            digest = scheme.full_node((level, i), children)
        else:
            digest = scheme.edge_node((level, i), head.size, children)
    return scheme.root(head.size, digest)


def fold_member(head: Head, leaf: bytes, digests: tuple[bytes, ...]) -> bytes:
    """The same where pairs are sorted: every level has a sibling, and no side."""
    digest = head.scheme.leaf(leaf)
    for sibling in digests:
        digest = head.scheme.node(digest, sibling)
    return head.scheme.root(head.size, digest)


def lengths(rules: Rules, size: int) -> set[int]:
    """How long the path of some leaf is, where pairs are sorted."""
    if size == 0:
        return set()
    if isinstance(rules.edge, Zeros):
        return {rules.edge.height}
    if isinstance(rules.edge, Queue):
        return queue_lengths(size)
    # The leaves under one peak, a power of two that the size is made of, have paths of one length.
    peaks = [1 << bit for bit in range(size.bit_length()) if size >> bit & 1]
    return {len(steps(size - size % (2 * peak), size)) for peak in peaks}


def verify(head: Head, index: int | None, leaf: bytes, proof: InclusionProof) -> None:
    """Accept, or raise :class:`Refused`."""
    rules = head.scheme.rules
    if index is None:
        if head.scheme.binds_index:
            raise Refused(INDEX_REQUIRED)
        check_digests(head, proof, *lengths(rules, head.size))
        with refused():
            check_root(head, fold_member(head, leaf, proof.digests))
        return
    if not head.scheme.binds_index:
        raise Refused(INDEX_NOT_BOUND)
    if not 0 <= index < head.size:
        raise Refused(INDEX_OUT_OF_RANGE)
    check_digests(head, proof, sum(present - 1 for _, present in families(rules, index, head.size)))
    with refused():
        check_root(head, fold(head, index, leaf, proof.digests))


@contextmanager
def refused() -> Iterator[None]:
    """What is misuse where trees are built is a refusal where proofs are verified."""
    try:
        yield
    except LeafSize as error:
        raise Refused(MALFORMED_LEAF) from error
    except EqualSiblings as error:
        raise Refused(EQUAL_SIBLINGS) from error


def check_digests(head: Head, proof: DigestList, *counts: int) -> None:
    """The proof has so many digests, of the scheme's size."""
    if proof.digest_size != head.scheme.digest_size:
        raise Refused(DIGEST_SIZE)
    if any(len(digest) != proof.digest_size for digest in proof.digests):
        raise Refused(DIGEST_SIZE)
    if len(proof.digests) not in counts:
        raise Refused(DIGEST_COUNT)


def check_root(head: Head | SumHead, root: bytes) -> None:
    """The comparison that decides, in constant time."""
    if not hmac.compare_digest(root, head.root):
        raise Refused(ROOT_MISMATCH)
