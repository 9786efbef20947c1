"""sums.json, sum_inclusion.json and sum_multi.json: sum trees, their proofs, and the attacks on them."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from itertools import chain, combinations

from tests.reference import attacks_sum_multi, attacks_sums
from tests.reference.attacks_sum_multi import Case
from tests.reference.attacks_sums import Claim, claim_of, honest
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
from tests.reference.objects import SumHead, SumInclusionProof
from tests.reference.samples import AMOUNT_RULE, LEAF_RULE, amount, amounts, filler, leaf, leaves
from tests.reference.schemes import NATIVE_SUM, SUM_SCHEMES, Scheme
from tests.reference.sum_verify import extract, fold, merge
from tests.reference.sums import SumNode, SumOverflow, head_of_nodes, leaf_nodes, top
from tests.reference.sums import leaf as leaf_node
from tests.reference.verify import steps

MOST = 2**128 - 1
SIZES = (*range(12), 33, 64, 100)
CONTEXT = b"day 1"
ATTACKED = (Scheme(NATIVE_SUM, "blake3"), Scheme(NATIVE_SUM, "sha256", CONTEXT))
# Amounts at the edges of the integers, and whether they have a sum.
EDGES: tuple[tuple[int, ...], ...] = (
    (0, 0),
    (2**63 - 1, 1),
    (2**63, 2**63),
    (2**64 - 1, 1),
    (2**64 - 1, 2**64 - 1),
    (2**127 - 1, 1),
    (2**127, 2**127 - 1),
    (MOST, 0),
    (0, MOST),
    (MOST - 1, 1),
    (2**126, 2**126, 2**126, 2**126 - 1),
    (0, 0, MOST),
    (MOST, 0, 0, 0, 0),
    (1, MOST),
    (2**127, 2**127),
    (MOST, MOST),
    (MOST, 1, 0, 0),
    (0, 0, MOST, 1, 0),
    (2**127, 0, 0, 2**127),
    (2**126, 2**126, 2**126, 2**126),
    (0, 0, MOST, 0, 1),
)

ROOT_NOTES = {
    "Root": "top, total and root of a tree over the first `size` leaves",
    "Empty": "a tree without leaves",
    "Context": "the root binds the context",
    "Edge": "amounts near 2^63, 2^64, 2^127 and 2^128, over the first leaves of the leaf rule",
    "Overflow": "the amounts add to 2^128 or more, at the first level, further up or at the top: no tree",
    "Leaf": "the digest of one leaf",
}
HONEST = ((1, 0), (2, 0), (2, 1), (3, 2), (7, 3), (7, 6), (8, 7), (11, 5), (33, 32), (100, 99))
# Subtrees of these trees are invented; root and total are what they lead to.
HUGE = ((2**53 + 1, 2**53), (2**63 + 1, 2**63), (2**64 - 1, 2**64 - 2), (2**64 - 1, 0))
INCLUSION_NOTES = {
    **attacks_sums.FLAGS,
    "Honest": "a proof as the tree makes it",
    "Edge": "amounts near 2^63, 2^64, 2^127 and 2^128",
    "Huge": "size and index near the end of 64 bits; siblings are invented",
}
MANY: tuple[tuple[int, tuple[int, ...]], ...] = (
    (1, (0,)),
    (2, (0, 1)),
    (7, (0, 1, 6)),
    (11, (2, 3, 8)),
    (33, (0, 31, 32)),
)
MERGES: tuple[tuple[int, tuple[int, ...], tuple[int, ...]], ...] = (
    (2, (0,), (1,)),
    (11, (2, 3, 8), (3, 10)),
    (13, (0, 12), (5, 8, 9)),
)
FOLDED = 7
MULTI_NOTES = {
    **attacks_sum_multi.FLAGS,
    "Honest": "a proof as the tree makes it",
    "Extract": "`extracted` is the single proof of each claimed leaf, in the order of the claim",
    "Merge": "`merged` is the proof of the leaves of this claim and of `other` together",
}


def named(scheme: Scheme) -> str:
    return f"{scheme.name}/{scheme.context.hex() or 'no-context'}"


def _texts(numbers: Sequence[int]) -> list[str]:
    return [str(number) for number in numbers]


def _root_group(scheme: Scheme) -> Json:
    prefix = named(scheme)
    nodes = leaf_nodes(scheme, leaves(max(SIZES)), amounts(max(SIZES)))
    tests = []
    for index, owed in ((0, 0), (1, 1), (1, 255), (1, 256), (1, 2**64), (1, MOST)):
        digest = leaf_node(scheme, leaf(index), owed).digest.hex()
        name = f"{prefix}/leaf/{index}/{owed}"
        tests.append(case(name, "", ["Leaf"], index=str(index), amount=str(owed), digest=digest))
    for size in SIZES:
        flags = ["Root"] + ["Empty"] * (size == 0) + ["Context"] * bool(scheme.context)
        tests.append(_tree(f"{prefix}/{size}", flags, scheme, nodes[:size], {}))
    for owed_by in EDGES:
        data = leaves(len(owed_by))
        name = f"{prefix}/edge/{'+'.join(map(str, owed_by))}"
        try:
            given = leaf_nodes(scheme, data, owed_by)
            tests.append(_tree(name, ["Edge"], scheme, given, {"amounts": _texts(owed_by)}))
        except SumOverflow:
            fields = {"size": str(len(owed_by)), "amounts": _texts(owed_by)}
            tests.append(case(name, "", ["Overflow"], INVALID, **fields))
    return {"scheme": scheme_json(scheme), "tests": tests}


def _tree(name: str, flags: list[str], scheme: Scheme, nodes: Sequence[SumNode], given: Json) -> Json:
    trusted = head_of_nodes(scheme, nodes)
    return case(
        name,
        "",
        flags,
        size=str(trusted.size),
        **given,
        top=top(scheme, nodes).digest.hex(),
        total=str(trusted.total),
        root=trusted.root.hex(),
    )


def build_roots() -> Json:
    schemes = (*SUM_SCHEMES, Scheme(NATIVE_SUM, "sha256", CONTEXT))
    return document(
        "sums",
        ROOT_NOTES,
        [_root_group(scheme) for scheme in schemes],
        leaf_rule=LEAF_RULE,
        amount_rule=AMOUNT_RULE,
        first_leaves=[leaf(i).hex() for i in range(4)],
        first_amounts=[str(amount(i)) for i in range(11)],
        amounts="where a test of a tree has amounts, they are in the place of the rule's",
    )


def huge(scheme: Scheme, size: int, index: int) -> Claim:
    count = len(steps(index, size))
    nodes = [SumNode(filler("huge", i, scheme.digest_size), 3 << i) for i in range(count)]
    data, owed = b"leaf of a huge tree", 2**100
    apex = fold(scheme, size, index, leaf_node(scheme, data, owed), nodes)
    trusted = SumHead(scheme, size, scheme.root(size, apex.digest, apex.sum), apex.sum)
    sums, digests = tuple(one.sum for one in nodes), tuple(one.digest for one in nodes)
    return Claim(trusted, index, data, owed, SumInclusionProof(scheme.digest_size, sums, digests))


def claim_json(name: str, flags: Sequence[str], claim: Claim, reason: str | None = None) -> Json:
    proof = claim.proof
    return case(
        name,
        "",
        list(flags),
        INVALID if reason else VALID,
        size=str(claim.head.size),
        root=claim.head.root.hex(),
        total=str(claim.head.total),
        index=str(claim.index),
        leaf=claim.leaf.hex(),
        amount=str(claim.amount),
        digest_size=proof.digest_size,
        sums=_texts(proof.sums),
        proof=b"".join(proof.digests).hex(),
        **objects_json(claim.head, proof, flags),
        reason=reason,
    )


def _inclusion_group(scheme: Scheme) -> Json:
    prefix = named(scheme)
    tests = [
        claim_json(f"{prefix}/honest/{size}/{index}", ["Honest"], honest(scheme, size, index))
        for size, index in HONEST
    ]
    for size, index in HUGE if scheme in ATTACKED else ():
        tests.append(claim_json(f"{prefix}/huge/{size}/{index}", ["Huge"], huge(scheme, size, index)))
    for owed_by in EDGES if scheme in ATTACKED else ():
        if sum(owed_by) <= MOST:
            edge = claim_of(scheme, leaves(len(owed_by)), owed_by, len(owed_by) - 1)
            tests.append(claim_json(f"{prefix}/edge/{'+'.join(map(str, owed_by))}", ["Edge"], edge))
    for attack in attacks_sums.attacks(scheme) if scheme in ATTACKED else ():
        name = f"{prefix}/attack/{attack.name}"
        tests.append(claim_json(name, attack.flags, attack.claim, attack.reason))
    return {"scheme": scheme_json(scheme), "tests": tests}


def build_inclusion() -> Json:
    return document(
        "sum_inclusion",
        INCLUSION_NOTES,
        [_inclusion_group(scheme) for scheme in dict.fromkeys((*SUM_SCHEMES, *ATTACKED))],
        leaf_rule=LEAF_RULE,
        amount_rule=AMOUNT_RULE,
        proof="proof is the digests joined, leaf level first; sums are in the same order",
        amounts="amounts and sums may be integers that no amount is, as -1 or 2^128: refuse them",
        json=JSON_RULE,
    )


def _many_json(name: str, flags: Sequence[str], c: Case, reason: str | None = None, **more: object) -> Json:
    return case(
        name,
        "",
        list(flags),
        INVALID if reason else VALID,
        size=str(c.head.size),
        root=c.head.root.hex(),
        total=str(c.head.total),
        **_part_json(c),
        **objects_json(c.head, c.proof, flags),
        **more,
        reason=reason,
    )


def _part_json(c: Case) -> Json:
    return {
        "indices": _texts(c.claim.indices),
        "leaves": [data.hex() for data in c.claim.leaves],
        "amounts": _texts(c.claim.amounts),
        "digest_size": c.proof.digest_size,
        "sums": _texts(c.proof.sums),
        "proof": b"".join(c.proof.digests).hex(),
    }


def folded(scheme: Scheme) -> str:
    """The proofs of all sets of leaves of trees of 1 to 7, by size, number of leaves and indices, hashed."""
    whole = hashlib.sha256()
    for size in range(1, FOLDED + 1):
        for indices in chain.from_iterable(combinations(range(size), count + 1) for count in range(size)):
            proof = attacks_sum_multi.honest(scheme, size, indices).proof
            for total, digest in zip(proof.sums, proof.digests, strict=True):
                whole.update(digest + total.to_bytes(16, "little"))
    return whole.hexdigest()


def _multi_group(scheme: Scheme) -> Json:
    prefix = named(scheme)
    tests = []
    for size, indices in MANY:
        c = attacks_sum_multi.honest(scheme, size, indices)
        singles = [extract(c.head, c.claim, c.proof, index) for index in indices]
        extracted = [{"sums": _texts(one.sums), "proof": b"".join(one.digests).hex()} for one in singles]
        name = f"{prefix}/honest/{size}/{','.join(map(str, indices))}"
        tests.append(_many_json(name, ["Honest", "Extract"], c, extracted=extracted))
    for size, left, right in MERGES:
        a, b = (attacks_sum_multi.honest(scheme, size, side) for side in (left, right))
        both = merge(a.head, (a.claim, a.proof), (b.claim, b.proof))
        merged = {"sums": _texts(both.sums), "proof": b"".join(both.digests).hex()}
        name = f"{prefix}/merge/{size}/{','.join(map(str, left))}+{','.join(map(str, right))}"
        tests.append(_many_json(name, ["Honest", "Merge"], a, other=_part_json(b), merged=merged))
    for attack in attacks_sum_multi.attacks(scheme):
        name = f"{prefix}/attack/{attack.name}"
        tests.append(_many_json(name, attack.flags, attack.case, attack.reason))
    return {"scheme": scheme_json(scheme), "tests": tests, "folded": folded(scheme)}


def build_multi() -> Json:
    return document(
        "sum_multi",
        MULTI_NOTES,
        [_multi_group(scheme) for scheme in ATTACKED],
        leaf_rule=LEAF_RULE,
        amount_rule=AMOUNT_RULE,
        proof="proof is the digests joined, in proof order; sums are in the same order",
        amounts="amounts and sums may be integers that no amount is, as -1 or 2^128: refuse them",
        json=JSON_RULE,
        folded="a group's folded is the SHA-256 of the nodes, digest and u128le sum, of the proofs of all "
        "sets of leaves of the trees of 1 to 7 leaves, joined: by size, number of leaves, and indices in "
        "lexicographic order",
    )
