"""Proofs of many leaves: made, verified, cut and joined (docs/spec/proofs.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tests.reference.objects import Head, InclusionProof, MultiProof
from tests.reference.refusals import (
    DUPLICATE_INDEX,
    EMPTY_CLAIM,
    INDEX_OUT_OF_RANGE,
    LENGTH_MISMATCH,
    Refused,
)
from tests.reference.schemes import Scheme
from tests.reference.trees import Node, canonical, leaf_digests, levels, plan
from tests.reference.verify import check_digests, check_root


class Claim(NamedTuple):
    """That leaf ``indices[j]`` has the data ``leaves[j]``, in any order."""

    indices: tuple[int, ...]
    leaves: tuple[bytes, ...]


def prove_many(scheme: Scheme, leaves: Sequence[bytes], indices: Sequence[int]) -> MultiProof:
    """The proof of leaves ``indices`` together: the digests of their plan."""
    rows = levels(scheme, leaf_digests(scheme, leaves))
    taken = plan(len(leaves), sorted(set(indices)))
    return MultiProof(scheme.digest_size, tuple(rows[level][index] for level, index in taken))


def verify_many(head: Head, claim: Claim, proof: MultiProof) -> None:
    """Accept, or raise :class:`Refused`."""
    verified_nodes(head, claim, proof)


def extract(head: Head, claim: Claim, proof: MultiProof, index: int) -> InclusionProof:
    """The proof of one claimed leaf alone, once the whole is verified."""
    seen = verified_nodes(head, claim, proof)
    if index not in claim.indices:
        raise ValueError(f"index {index} is not claimed")
    digests = tuple(seen[node] for node in plan(head.size, [index]))
    return InclusionProof(proof.digest_size, digests)


def merge(head: Head, left: tuple[Claim, MultiProof], right: tuple[Claim, MultiProof]) -> MultiProof:
    """The proof of the leaves of two claims, once both are verified."""
    seen = verified_nodes(head, *left) | verified_nodes(head, *right)
    indices = sorted({*left[0].indices, *right[0].indices})
    return MultiProof(head.scheme.digest_size, tuple(seen[node] for node in plan(head.size, indices)))


def verified_nodes(head: Head, claim: Claim, proof: MultiProof) -> dict[Node, bytes]:
    """All nodes that an accepted claim and proof determine, by canonical name."""
    known = check_claim(head, claim)
    check_digests(head, proof, len(plan(head.size, sorted(known))))
    row = {index: head.scheme.leaf(data) for index, data in known.items()}
    supply = iter(proof.digests)
    seen: dict[Node, bytes] = {}
    level, n = 0, head.size
    while n > 1:
        for index in sorted(row):
            sibling = index ^ 1
            if sibling < n and sibling not in row:
                row[sibling] = next(supply)
        seen |= {canonical(head.size, (level, index)): digest for index, digest in row.items()}
        row = {index // 2: parent(head.scheme, row, index // 2) for index in row}
        level, n = level + 1, (n + 1) // 2
    check_root(head, head.scheme.root(head.size, row[0]))
    return seen


def parent(scheme: Scheme, row: dict[int, bytes], index: int) -> bytes:
    """The node above ``2 * index`` and, if there is one, its sibling."""
    left, right = row[2 * index], row.get(2 * index + 1)
    return left if right is None else scheme.node(left, right)


def check_claim(head: Head, claim: Claim) -> dict[int, bytes]:
    """The claimed leaves by index, if the claim is one."""
    if len(claim.indices) != len(claim.leaves):
        raise Refused(LENGTH_MISMATCH)
    if not claim.indices:
        raise Refused(EMPTY_CLAIM)
    if not all(0 <= index < head.size for index in claim.indices):
        raise Refused(INDEX_OUT_OF_RANGE)
    if len(set(claim.indices)) != len(claim.indices):
        raise Refused(DUPLICATE_INDEX)
    return dict(zip(claim.indices, claim.leaves, strict=True))
