"""inclusion.json: honest proofs, and the attacks of attacks.py."""

from __future__ import annotations

from dataclasses import replace

from tests.reference.attacks import FLAGS, Claim, attacks, honest
from tests.reference.codec import encode
from tests.reference.envelope import (
    INVALID,
    JSON_RULE,
    VALID,
    Json,
    case,
    document,
    objects_json,
    scheme_json,
)
from tests.reference.objects import Head, InclusionProof
from tests.reference.samples import LEAF_RULE, filler
from tests.reference.schemes import ALL_SCHEMES, NATIVE, Scheme
from tests.reference.verify import fold, steps

HONEST = ((1, 0), (2, 0), (2, 1), (3, 2), (7, 3), (7, 6), (8, 7), (11, 4), (11, 10), (33, 32), (1000, 999))
# Subtrees of these trees are invented digests; the root is what they lead to.
END = 2**64 - 1
HUGE = ((2**63 + 1, 2**63), (2**53 + 1, 2**53), (END, END - 1))
LONGEST = (END, 0)
LONG_FOR = ("blake3", "sha256")

NOTES = {
    **FLAGS,
    "Honest": "a proof as the tree makes it",
    "Huge": "size and index near the end of 64 bits; siblings are invented digests",
    "Context": "the scheme has a context",
}


def huge(scheme: Scheme, size: int, index: int) -> Claim:
    data = b"leaf of a huge tree"
    count = len(steps(index, size))
    digests = tuple(filler("huge", level, scheme.digest_size) for level in range(count))
    unknown = Head(scheme, size, b"")
    root = fold(unknown, index, data, digests)
    return Claim(replace(unknown, root=root), index, data, InclusionProof(scheme.digest_size, digests))


def claim_json(name: str, comment: str, flags: list[str], claim: Claim, reason: str | None = None) -> Json:
    proof = claim.proof
    return case(
        name,
        comment,
        flags,
        INVALID if reason else VALID,
        size=str(claim.head.size),
        root=claim.head.root.hex(),
        index=str(claim.index),
        leaf=claim.leaf.hex(),
        digest_size=proof.digest_size,
        proof=encode(proof)[6:].hex(),
        **objects_json(claim.head, proof, flags),
        reason=reason,
    )


def _group(scheme: Scheme) -> Json:
    tests = []
    for size, index in HONEST:
        claim = honest(scheme, size, index)
        tests.append(claim_json(f"{scheme.name}/honest/{size}/{index}", "", ["Honest"], claim))
    for size, index in HUGE + ((LONGEST,) if scheme.hash_name in LONG_FOR else ()):
        claim = huge(scheme, size, index)
        tests.append(claim_json(f"{scheme.name}/huge/{size}/{index}", "", ["Huge"], claim))
    for attack in attacks(scheme):
        name = f"{scheme.name}/attack/{attack.name}"
        tests.append(claim_json(name, "", list(attack.flags), attack.claim, attack.reason))
    return {"scheme": scheme_json(scheme), "tests": tests}


def _context_group(scheme: Scheme, context: bytes) -> Json:
    bound = scheme.with_context(context)
    tests = [
        claim_json(
            f"{scheme.name}/context-{context.hex()}/honest/{size}/{index}",
            "",
            ["Honest", "Context"],
            honest(bound, size, index),
        )
        for size, index in ((1, 0), (11, 4))
    ]
    plain = honest(scheme, 11, 4)
    tests.append(
        claim_json(
            f"{scheme.name}/context-{context.hex()}/attack/head-without-context",
            "the head of the tree without a context, presented under this scheme",
            ["OtherContext"],
            replace(plain, head=replace(plain.head, scheme=bound)),
            "ROOT_MISMATCH",
        )
    )
    return {"scheme": scheme_json(bound), "tests": tests}


def build() -> Json:
    groups = [_group(scheme) for scheme in ALL_SCHEMES]
    groups += [
        _context_group(scheme, context)
        for scheme in ALL_SCHEMES
        if scheme.family == NATIVE
        for context in (b"day 1", bytes(range(256)))
    ]
    return document(
        "inclusion",
        NOTES,
        groups,
        leaf_rule=LEAF_RULE,
        proof="proof is the digests joined, leaf level first",
        json=JSON_RULE,
    )
