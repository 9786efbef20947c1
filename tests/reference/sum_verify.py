"""The verifiers of sum trees, step by step as on docs/spec/sums.md."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tests.reference.objects import SumHead, SumInclusionProof, SumList, SumMultiProof
from tests.reference.refusals import (
    AMOUNT_OUT_OF_RANGE,
    DIGEST_COUNT,
    DIGEST_SIZE,
    DUPLICATE_INDEX,
    EMPTY_CLAIM,
    INDEX_OUT_OF_RANGE,
    LENGTH_MISMATCH,
    SUM_OVERFLOW,
    TOTAL_MISMATCH,
    Refused,
)
from tests.reference.schemes import Scheme
from tests.reference.sums import MAX_AMOUNT, SumNode, SumOverflow, leaf, node, parted
from tests.reference.trees import Node, canonical, plan
from tests.reference.verify import check_root, steps


class SumClaim(NamedTuple):
    """That leaf ``indices[j]`` has the data ``leaves[j]`` and the amount ``amounts[j]``, in any order."""

    indices: tuple[int, ...]
    leaves: tuple[bytes, ...]
    amounts: tuple[int, ...]


def verify(head: SumHead, index: int, data: bytes, amount: int, proof: SumInclusionProof) -> None:
    """Accept, or raise :class:`Refused`."""
    if not 0 <= index < head.size:
        raise Refused(INDEX_OUT_OF_RANGE)
    check_amounts(amount)
    nodes = siblings(head, proof, len(steps(index, head.size)))
    check_top(head, fold(head.scheme, head.size, index, leaf(head.scheme, data, amount), nodes))


def fold(scheme: Scheme, size: int, index: int, known: SumNode, nodes: Sequence[SumNode]) -> SumNode:
    """The top that a leaf's node and its siblings lead to."""
    for step, sibling in zip(steps(index, size), nodes, strict=True):
        known = join(scheme, sibling, known) if step.sibling_is_left else join(scheme, known, sibling)
    return known


def verify_many(head: SumHead, claim: SumClaim, proof: SumMultiProof) -> None:
    """Accept, or raise :class:`Refused`."""
    verified_nodes(head, claim, proof)


def extract(head: SumHead, claim: SumClaim, proof: SumMultiProof, index: int) -> SumInclusionProof:
    """The proof of one claimed leaf alone, once the whole is verified."""
    seen = verified_nodes(head, claim, proof)
    if index not in claim.indices:
        raise ValueError(f"index {index} is not claimed")
    taken = [seen[place] for place in plan(head.size, [index])]
    return SumInclusionProof(proof.digest_size, *parted(taken))


def merge(
    head: SumHead, left: tuple[SumClaim, SumMultiProof], right: tuple[SumClaim, SumMultiProof]
) -> SumMultiProof:
    """The proof of the leaves of two claims, once both are verified."""
    seen = verified_nodes(head, *left) | verified_nodes(head, *right)
    indices = sorted({*left[0].indices, *right[0].indices})
    return SumMultiProof(
        head.scheme.digest_size, *parted([seen[place] for place in plan(head.size, indices)])
    )


def verified_nodes(head: SumHead, claim: SumClaim, proof: SumMultiProof) -> dict[Node, SumNode]:
    """All nodes that an accepted claim and proof determine, by canonical name."""
    row = check_claim(head, claim)
    supply = iter(siblings(head, proof, len(plan(head.size, sorted(row)))))
    seen: dict[Node, SumNode] = {}
    level, n = 0, head.size
    while n > 1:
        for index in sorted(row):
            sibling = index ^ 1
            if sibling < n and sibling not in row:
                row[sibling] = next(supply)
        seen |= {canonical(head.size, (level, index)): known for index, known in row.items()}
        row = {index // 2: _parent(head.scheme, row, index // 2) for index in row}
        level, n = level + 1, (n + 1) // 2
    check_top(head, row[0])
    return seen


def _parent(scheme: Scheme, row: dict[int, SumNode], index: int) -> SumNode:
    left, right = row[2 * index], row.get(2 * index + 1)
    return left if right is None else join(scheme, left, right)


def check_claim(head: SumHead, claim: SumClaim) -> dict[int, SumNode]:
    """The claimed leaves by index, if the claim is one."""
    if not len(claim.indices) == len(claim.leaves) == len(claim.amounts):
        raise Refused(LENGTH_MISMATCH)
    if not claim.indices:
        raise Refused(EMPTY_CLAIM)
    if not all(0 <= index < head.size for index in claim.indices):
        raise Refused(INDEX_OUT_OF_RANGE)
    if len(set(claim.indices)) != len(claim.indices):
        raise Refused(DUPLICATE_INDEX)
    check_amounts(*claim.amounts)
    claimed = zip(claim.indices, claim.leaves, claim.amounts, strict=True)
    return {index: leaf(head.scheme, data, amount) for index, data, amount in claimed}


def check_amounts(*amounts: int) -> None:
    if not all(0 <= amount <= MAX_AMOUNT for amount in amounts):
        raise Refused(AMOUNT_OUT_OF_RANGE)


def siblings(head: SumHead, proof: SumList, count: int) -> list[SumNode]:
    """The proof's nodes: ``count`` digests of the scheme's size, and as many sums."""
    if proof.digest_size != head.scheme.digest_size:
        raise Refused(DIGEST_SIZE)
    if any(len(digest) != proof.digest_size for digest in proof.digests):
        raise Refused(DIGEST_SIZE)
    if not len(proof.digests) == len(proof.sums) == count:
        raise Refused(DIGEST_COUNT)
    check_amounts(*proof.sums)
    return [SumNode(digest, total) for digest, total in zip(proof.digests, proof.sums, strict=True)]


def join(scheme: Scheme, left: SumNode, right: SumNode) -> SumNode:
    try:
        return node(scheme, left, right)
    except SumOverflow as overflow:
        raise Refused(SUM_OVERFLOW) from overflow


def check_top(head: SumHead, apex: SumNode) -> None:
    """The two comparisons that decide."""
    if apex.sum != head.total:
        raise Refused(TOTAL_MISMATCH)
    check_root(head, head.scheme.root(head.size, apex.digest, apex.sum))
