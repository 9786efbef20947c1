"""multi.json: honest proofs of many leaves, extracts, merges, and the attacks of attacks_multi.py."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import chain, combinations

from tests.reference.attacks_multi import attacks
from tests.reference.cases_multi import FLAGS, Case, honest
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
from tests.reference.multi import extract, merge
from tests.reference.samples import LEAF_RULE
from tests.reference.schemes import ALL_SCHEMES, NATIVE, RFC6962, Scheme

HONEST: tuple[tuple[int, tuple[int, ...]], ...] = (
    (1, (0,)),
    (2, (0, 1)),
    (7, (0, 1, 6)),
    (8, (1, 3, 5, 7)),
    (11, (2, 3, 9)),
    (33, (0, 31, 32)),
)
MERGES: tuple[tuple[int, tuple[int, ...], tuple[int, ...]], ...] = (
    (2, (0,), (1,)),
    (7, (0, 1), (6,)),
    (11, (2, 3, 9), (3, 10)),
    (11, (4,), (4,)),
    (13, (0, 12), (5, 8, 9)),
)
ATTACKED = (Scheme(NATIVE, "sha256"), Scheme(RFC6962, "sha256"))
FOLDED = 8

NOTES = {
    **FLAGS,
    "Honest": "a proof as the tree makes it",
    "Extract": "`extracted` is the single proof of each claimed leaf, in the order of the claim",
    "Merge": "`merged` is the proof of the leaves of this claim and of `other` together",
}


def claim_json(name: str, flags: Sequence[str], c: Case, reason: str | None = None, **more: object) -> Json:
    return case(
        name,
        "",
        list(flags),
        INVALID if reason else VALID,
        size=str(c.head.size),
        root=c.head.root.hex(),
        **part_json(c),
        **objects_json(c.head, c.proof, flags),
        **more,
        reason=reason,
    )


def part_json(c: Case) -> Json:
    return {
        "indices": [str(index) for index in c.claim.indices],
        "leaves": [data.hex() for data in c.claim.leaves],
        "digest_size": c.proof.digest_size,
        "proof": b"".join(c.proof.digests).hex(),
    }


def _extracted(c: Case) -> list[str]:
    singles = [extract(c.head, c.claim, c.proof, index) for index in c.claim.indices]
    return [b"".join(single.digests).hex() for single in singles]


def folded(scheme: Scheme) -> str:
    """The proofs of all sets of leaves of trees of 1 to 8, by size, number of leaves and indices, hashed."""
    sets: Iterator[tuple[int, tuple[int, ...]]] = (
        (size, chosen)
        for size in range(1, FOLDED + 1)
        for count in range(1, size + 1)
        for chosen in combinations(range(size), count)
    )
    proofs = (honest(scheme, size, chosen).proof.digests for size, chosen in sets)
    return hashlib.sha256(b"".join(chain.from_iterable(proofs))).hexdigest()


def _group(scheme: Scheme) -> Json:
    tests = []
    for size, indices in HONEST if scheme in ATTACKED else HONEST[2:3]:
        c = honest(scheme, size, indices)
        name = f"{scheme.name}/honest/{size}/{','.join(map(str, indices))}"
        tests.append(claim_json(name, ["Honest", "Extract"], c, extracted=_extracted(c)))
    for size, left, right in MERGES if scheme in ATTACKED else ():
        a, b = honest(scheme, size, left), honest(scheme, size, right)
        merged = merge(a.head, (a.claim, a.proof), (b.claim, b.proof))
        name = f"{scheme.name}/merge/{size}/{','.join(map(str, left))}+{','.join(map(str, right))}"
        joined = b"".join(merged.digests).hex()
        tests.append(claim_json(name, ["Honest", "Merge"], a, other=part_json(b), merged=joined))
    for attack in attacks(scheme) if scheme in ATTACKED else ():
        name = f"{scheme.name}/attack/{attack.name}"
        tests.append(claim_json(name, attack.flags, attack.case, attack.reason))
    return {"scheme": scheme_json(scheme), "tests": tests, "folded": folded(scheme)}


def build() -> Json:
    return document(
        "multi",
        NOTES,
        [_group(scheme) for scheme in ALL_SCHEMES],
        leaf_rule=LEAF_RULE,
        proof="proof is the digests joined, in proof order",
        json=JSON_RULE,
        folded="a group's folded is the SHA-256 of the digests of the proofs of every set of leaves of the "
        "trees of 1 to 8 leaves, joined: by size, then number of leaves, then indices in lexicographic order",
    )
