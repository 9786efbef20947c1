"""Proofs of many leaves: made, verified, cut and joined (docs/spec/proofs.md)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tests.reference.objects import Head, InclusionProof, MultiProof
from tests.reference.refusals import (
    DUPLICATE_INDEX,
    EMPTY_CLAIM,
    INDEX_NOT_BOUND,
    INDEX_OUT_OF_RANGE,
    LENGTH_MISMATCH,
    Refused,
)
from tests.reference.schemes import Scheme
from tests.reference.trees import (
    Node,
    canonical,
    children,
    height,
    leaf_digests,
    levels,
    parent,
    plan,
)
from tests.reference.verify import check_digests, check_root, refused


class Claim(NamedTuple):
    """That leaf ``indices[j]`` has the data ``leaves[j]``, in any order."""

    indices: tuple[int, ...]
    leaves: tuple[bytes, ...]


def prove_many(scheme: Scheme, leaves: Sequence[bytes], indices: Sequence[int]) -> MultiProof:
    """The proof of leaves ``indices`` together: the digests of their plan."""
    rows = levels(scheme, leaf_digests(scheme, leaves))
    taken = plan(len(leaves), sorted(set(indices)), scheme.rules)
    return MultiProof(scheme.digest_size, tuple(rows[level][index] for level, index in taken))


def verify_many(head: Head, claim: Claim, proof: MultiProof) -> None:
    """Accept, or raise :class:`Refused`."""
    verified_nodes(head, claim, proof)


def extract(head: Head, claim: Claim, proof: MultiProof, index: int) -> InclusionProof:
    """The proof of one claimed leaf alone, once the whole is verified."""
    seen = verified_nodes(head, claim, proof)
    if index not in claim.indices:
        raise ValueError(f"index {index} is not claimed")
    digests = tuple(seen[node] for node in plan(head.size, [index], head.scheme.rules))
    return InclusionProof(proof.digest_size, digests)


def merge(head: Head, left: tuple[Claim, MultiProof], right: tuple[Claim, MultiProof]) -> MultiProof:
    """The proof of the leaves of two claims, once both are verified."""
    seen = verified_nodes(head, *left) | verified_nodes(head, *right)
    indices = sorted({*left[0].indices, *right[0].indices})
    return MultiProof(
        head.scheme.digest_size, tuple(seen[node] for node in plan(head.size, indices, head.scheme.rules))
    )


def verified_nodes(head: Head, claim: Claim, proof: MultiProof) -> dict[Node, bytes]:
    """All nodes that an accepted claim and proof determine, by canonical name."""
    known = check_claim(head, claim)
    rules, size = head.scheme.rules, head.size
    check_digests(head, proof, len(plan(size, sorted(known), rules)))
    with refused():
        row = {index: head.scheme.leaf(data, index) for index, data in known.items()}
        supply = iter(proof.digests)
        seen: dict[Node, bytes] = {}
        for level in range(1, height(rules, size) + 1):
            above = sorted({index // rules.arity for index in row})
            for index in above:
                for _, child in children(rules, size, (level, index)):
                    if child not in row:
                        row[child] = next(supply)
            seen |= {canonical(size, (level - 1, index), rules): digest for index, digest in row.items()}
            row = {index: _parent(head, row, (level, index)) for index in above}
        check_root(head, head.scheme.root(size, row[0]))
    return seen


def _parent(head: Head, row: dict[int, bytes], node: Node) -> bytes:
    """A node from all its children, which are in the row below."""
    below = [row[index] for _, index in children(head.scheme.rules, head.size, node)]
    return parent(head.scheme, head.size, node, below)


def check_claim(head: Head, claim: Claim) -> dict[int, bytes]:
    """The claimed leaves by index, if the claim is one."""
    if not head.scheme.binds_index:
        raise Refused(INDEX_NOT_BOUND)
    if len(claim.indices) != len(claim.leaves):
        raise Refused(LENGTH_MISMATCH)
    if not claim.indices:
        raise Refused(EMPTY_CLAIM)
    if not all(0 <= index < head.size for index in claim.indices):
        raise Refused(INDEX_OUT_OF_RANGE)
    if len(set(claim.indices)) != len(claim.indices):
        raise Refused(DUPLICATE_INDEX)
    return dict(zip(claim.indices, claim.leaves, strict=True))
