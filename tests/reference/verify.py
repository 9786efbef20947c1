"""The verifier of one inclusion proof, step by step as on docs/spec/proofs.md."""

from __future__ import annotations

import hmac
from typing import NamedTuple

from tests.reference.objects import Head, InclusionProof

INDEX_OUT_OF_RANGE = "INDEX_OUT_OF_RANGE"
DIGEST_SIZE = "DIGEST_SIZE"
DIGEST_COUNT = "DIGEST_COUNT"
ROOT_MISMATCH = "ROOT_MISMATCH"


class Refused(Exception):
    """The proof does not prove the claim; ``reason`` names a member of ``tallystick.errors.Reason``."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


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
    if proof.digest_size != head.scheme.digest_size:
        raise Refused(DIGEST_SIZE)
    if any(len(digest) != proof.digest_size for digest in proof.digests):
        raise Refused(DIGEST_SIZE)
    if len(proof.digests) != len(steps(index, head.size)):
        raise Refused(DIGEST_COUNT)
    if not hmac.compare_digest(fold(head, index, leaf, proof.digests), head.root):
        raise Refused(ROOT_MISMATCH)
