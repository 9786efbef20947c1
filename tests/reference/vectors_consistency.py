"""consistency.json: honest growth, and the attacks of attacks_consistency.py."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from tests.reference.attacks_consistency import FLAGS, Case, attacks, honest
from tests.reference.consistency import sides, start_is_older_root, tops
from tests.reference.envelope import INVALID, VALID, Json, case, document, scheme_json
from tests.reference.objects import ConsistencyProof, Head
from tests.reference.samples import LEAF_RULE, filler
from tests.reference.schemes import ALL_SCHEMES, NATIVE, RFC6962, Scheme

HONEST = (
    (1, 1),
    (1, 2),
    (2, 3),
    (3, 4),
    (3, 7),
    (4, 7),
    (6, 11),
    (8, 11),
    (10, 11),
    (11, 11),
    (32, 33),
    (33, 64),
)
# Subtrees of these trees are invented digests; the roots are what they lead to.
END = 2**64 - 1
HUGE = ((1, END), (2**53, 2**53 + 1), (2**63, END), (2**63 + 1, END), (END - 1, END), (2**62 - 1, 2**63 + 1))
ATTACKED = (Scheme(NATIVE, "sha256"), Scheme(RFC6962, "sha256"))
FOLDED = 20

NOTES = {
    **FLAGS,
    "Honest": "a proof as the tree makes it",
    "Context": "the scheme has a context",
    "PowerOfTwo": "the older size is a power of two: in RFC 6962 form the start node is not sent",
    "Huge": "sizes near the end of 64 bits; the digests are invented",
}


def huge(scheme: Scheme, older: int, newer: int) -> Case:
    count = 1 + len(sides(older, newer))
    digests = [filler("grown", i, scheme.digest_size) for i in range(count)]
    of_older, of_newer = tops(scheme, older, newer, digests)
    sent = tuple(digests[1:] if start_is_older_root(scheme, older) else digests)
    heads = [Head(scheme, n, scheme.root(n, apex)) for n, apex in ((newer, of_newer), (older, of_older))]
    return Case(heads[0], heads[1], ConsistencyProof(scheme.digest_size, sent))


def growth_json(name: str, flags: Sequence[str], c: Case, reason: str | None = None) -> Json:
    other = {} if c.older.scheme == c.newer.scheme else {"older_scheme": scheme_json(c.older.scheme)}
    return case(
        name,
        "",
        list(flags),
        INVALID if reason else VALID,
        older_size=str(c.older.size),
        older_root=c.older.root.hex(),
        **other,
        newer_size=str(c.newer.size),
        newer_root=c.newer.root.hex(),
        digest_size=c.proof.digest_size,
        proof=b"".join(c.proof.digests).hex(),
        reason=reason,
    )


def _power(size: int) -> list[str]:
    return ["PowerOfTwo"] * (size & (size - 1) == 0)


def folded(scheme: Scheme) -> str:
    """The proofs of all growth within 20 leaves, by newer size, then older, hashed."""
    pairs = [(older, newer) for newer in range(1, FOLDED + 1) for older in range(1, newer + 1)]
    proofs = (b"".join(honest(scheme, *pair).proof.digests) for pair in pairs)
    return hashlib.sha256(b"".join(proofs)).hexdigest()


def _group(scheme: Scheme) -> Json:
    tests = []
    for older, newer in HONEST if scheme in ATTACKED else HONEST[4:9]:
        c = honest(scheme, older, newer)
        flags = ["Honest", *_power(older), *["EqualSizes"] * (older == newer)]
        tests.append(growth_json(f"{scheme.name}/honest/{older}/{newer}", flags, c))
    if scheme in ATTACKED:
        for older, newer in HUGE:
            c = huge(scheme, older, newer)
            tests.append(growth_json(f"{scheme.name}/huge/{older}/{newer}", ["Huge", *_power(older)], c))
        for attack in attacks(scheme):
            name = f"{scheme.name}/attack/{attack.name}"
            tests.append(growth_json(name, attack.flags, attack.case, attack.reason))
    return {"scheme": scheme_json(scheme), "tests": tests, "folded": folded(scheme)}


def _context_group(scheme: Scheme) -> Json:
    c = honest(scheme, 6, 11)
    name = f"{scheme.name}/context-{scheme.context.hex()}"
    tests = [growth_json(f"{name}/honest/6/11", ["Honest", "Context"], c)]
    plain = honest(scheme.with_context(b""), 6, 11)
    attack = replace(c, older=plain.older)
    tests.append(growth_json(f"{name}/older-without-context", ["OtherContext"], attack, "OTHER_SCHEME"))
    return {"scheme": scheme_json(scheme), "tests": tests, "folded": folded(scheme)}


def build() -> Json:
    groups = [_group(scheme) for scheme in ALL_SCHEMES]
    groups.append(_context_group(Scheme(NATIVE, "sha256", b"day 1")))
    return document(
        "consistency",
        NOTES,
        groups,
        leaf_rule=LEAF_RULE,
        proof="proof is the digests joined, in proof order",
        folded="a group's folded is the SHA-256 of the digests of the proofs of all growth within 20 leaves, "
        "joined: by newer size, then older size",
    )
