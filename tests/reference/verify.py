"""The verifier of one inclusion proof, step by step as on docs/spec/proofs.md."""

from __future__ import annotations

import hmac
from typing import NamedTuple

from tests.reference.objects import DigestList, Head, InclusionProof, SumHead
from tests.reference.refusals import DIGEST_COUNT, DIGEST_SIZE, INDEX_OUT_OF_RANGE, ROOT_MISMATCH, Refused


class Step(NamedTuple):
    """One level with a sibling."""

    sibling_is_left: bool


def steps(index: int, size: int) -> list[Step]:
    """The levels at which ``index`` has a sibling."""
    found = []
    i, n = index, size
    while n > 1:
        if i % 2 == 1:
            found.append(Step(sibling_is_left=True))
        elif i + 1 < n:
            found.append(Step(sibling_is_left=False))
        i, n = i // 2, (n + 1) // 2
    return found


def fold(head: Head, index: int, leaf: bytes, digests: tuple[bytes, ...]) -> bytes:
    """The root that the digests lead to."""
    scheme = head.scheme
    digest = scheme.leaf(leaf)
    for step, sibling in zip(steps(index, head.size), digests, strict=True):
        digest = scheme.node(sibling, digest) if step.sibling_is_left else scheme.node(digest, sibling)
    return scheme.root(head.size, digest)


def verify(head: Head, index: int, leaf: bytes, proof: InclusionProof) -> None:
    """Accept, or raise :class:`Refused`."""
    if not 0 <= index < head.size:
        raise Refused(INDEX_OUT_OF_RANGE)
    check_digests(head, proof, len(steps(index, head.size)))
    check_root(head, fold(head, index, leaf, proof.digests))


def check_digests(head: Head, proof: DigestList, count: int) -> None:
    """The proof has ``count`` digests of the scheme's size."""
    if proof.digest_size != head.scheme.digest_size:
        raise Refused(DIGEST_SIZE)
    if any(len(digest) != proof.digest_size for digest in proof.digests):
        raise Refused(DIGEST_SIZE)
    if len(proof.digests) != count:
        raise Refused(DIGEST_COUNT)


def check_root(head: Head | SumHead, root: bytes) -> None:
    """The comparison that decides, in constant time."""
    if not hmac.compare_digest(root, head.root):
        raise Refused(ROOT_MISMATCH)
