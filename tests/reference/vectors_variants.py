"""variants.json, variants_inclusion.json, variants_multi.json: the schemes of docs/spec/variants.md."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import combinations

from tests.reference.attacks_variants import FLAGS, attacks, honest, huge
from tests.reference.attacks_variants import Claim as OneClaim
from tests.reference.cases_multi import Case
from tests.reference.envelope import INVALID, VALID, Json, case, document, scheme_json
from tests.reference.multi import Claim, prove_many, verify_many
from tests.reference.objects import MultiProof
from tests.reference.refusals import (
    DIGEST_COUNT,
    EQUAL_SIBLINGS,
    INDEX_NOT_BOUND,
    MALFORMED_LEAF,
    ROOT_MISMATCH,
    Refused,
)
from tests.reference.rules import Duplicate, numbers_of
from tests.reference.samples import BARE_LEAF_RULE, LEAF_RULE, leaf_for, leaves_for
from tests.reference.schemes import Scheme
from tests.reference.trees import head as head_of
from tests.reference.trees import head_of_digests, leaf_digests, top
from tests.reference.variants import BUILT_IN, CUSTOM, OTHER_HASHES, OTHER_ZERO, ZERO
from tests.reference.vectors_multi import part_json

# A scheme for each rule; the others differ from one of these in a parameter or a hash.
ATTACKED = (
    "tendermint",
    "promoted",
    "bitcoin",
    "commonware_bmt",
    "openzeppelin_standard",
    "openzeppelin_simple",
    f"openzeppelin_solidity(7,{OTHER_ZERO.hex()})",
    f"fixed_depth(6,2,{ZERO.hex()})",
    f"fixed_depth(4,3,{OTHER_ZERO.hex()})",
    "ssz_vector(5)",
    "ssz_list(40)",
    "filecoin(4)",
    "nervos_mmr",
    "grin_mmr",
    "doubled",
    "labels-twice",
    "places",
    "short",
    "sorted",
    "sorted-bare",
    "sorted-zeros",
    "bags",
    "exact-places",
)
SCHEMES = (*BUILT_IN, *OTHER_HASHES, *CUSTOM)
ROOTS = (0, 1, 2, 3, 5, 7, 8, 11, 16, 27, 33, 64, 100, 512, 1000)
FOLDED = range(41)
HONEST = ((1, 0), (3, 2), (7, 4), (8, 7), (16, 9), (33, 32), (216, 215))
MANY: tuple[tuple[int, tuple[int, ...]], ...] = (
    (5, (0, 4)),
    (8, (2, 3, 6)),
    (11, (2, 3, 9)),
    (16, (0, 5, 15)),
    (33, (1, 31, 32)),
    (36, (0, 7, 35)),
    (49, (7, 8, 48)),
)
FOLDED_MANY = range(1, 7)
CONVENTIONS = {
    "leaf_rule": LEAF_RULE,
    "bare_leaf_rule": BARE_LEAF_RULE,
    "bare": "a group with bare true has leaves that are their digests",
}

ROOT_NOTES = {
    "Root": "top and root of a tree over the first `size` leaves",
    "Empty": "a tree without leaves",
    "Size": "no tree of the scheme has so many leaves; nor is there a head of that size",
    "LeafSize": "`leaves` of a scheme whose leaves are digests, which have another length: refused at build",
    "EqualSiblings": "`leaves` that make two equal siblings, which no tree has: refused at build",
}
INCLUSION_NOTES = {
    **FLAGS,
    "Honest": "a proof as the tree makes it",
    "Huge": "size and index near the end of what fits; siblings are invented digests",
}
MANY_NOTES = {
    "Honest": "a proof as the tree makes it",
    "Unsorted": "indices in another order with their leaves: the same claim, accepted",
    "LeafChanged": "the data of one leaf is that of another",
    "DigestCount": "digests dropped or added",
    "DigestOrder": "the right digests in another order",
    "EqualSiblings": "all leaves of a row that has two equal neighbours",
    "LeafSize": "a bare leaf that is not as long as a digest",
    "IndexNotBound": "proofs of sorted pairs show no place, so there are none of many leaves",
}


def short(scheme: Scheme) -> str:
    """The scheme's name for an id: zeros of families are cut."""
    return "".join(part[:8] if len(part) == 64 else part for part in _split(scheme.name))


def _split(name: str) -> Iterator[str]:
    word = ""
    for c in name:
        if c in "(),":
            yield word
            yield c
            word = ""
        else:
            word += c
    yield word


def group(scheme: Scheme, tests: list[Json]) -> Json:
    return {"scheme": scheme_json(scheme), "bare": scheme.rules.leaf is None, "tests": tests}


def properties(scheme: Scheme) -> Json:
    names = ("binds_size", "binds_scheme", "binds_index", "separates_leaves", "appendable", "proves_growth")
    return {name: getattr(scheme, name) for name in names}


def build_roots() -> Json:
    return document(
        "variants",
        ROOT_NOTES,
        [_root_group(scheme) for scheme in SCHEMES],
        **CONVENTIONS,
        folded="a group's folded is the SHA-256 of the roots of all its trees of 0 to 40 leaves, joined",
    )


def _root_group(scheme: Scheme) -> Json:
    sizes = [size for size in ROOTS if scheme.takes(size)]
    digests = leaf_digests(scheme, leaves_for(scheme, max(sizes)))
    tests = []
    for size in sizes:
        flags = ["Root"] + ["Empty"] * (size == 0)
        apex = top(scheme, digests[:size])
        root = scheme.root(size, apex)
        name = f"{short(scheme)}/{size}"
        tests.append(case(name, "", flags, size=str(size), top=apex.hex(), root=root.hex()))
    for size in [size for size in (0, 2, 5, 9, 41, 257, 1025) if not scheme.takes(size)][:2]:
        tests.append(case(f"{short(scheme)}/no-tree-of-{size}", "", ["Size"], INVALID, size=str(size)))
    tests += [_refused(scheme, name, flag, data) for name, flag, data in _bad_leaves(scheme)]
    return {**group(scheme, tests), "properties": properties(scheme), "folded": folded(scheme)}


def folded(scheme: Scheme) -> str:
    digests = leaf_digests(scheme, leaves_for(scheme, max(FOLDED) if scheme.takes(max(FOLDED)) else 36))
    roots = [head_of_digests(scheme, digests[:size]).root for size in FOLDED if scheme.takes(size)]
    return hashlib.sha256(b"".join(roots)).hexdigest()


def _bad_leaves(scheme: Scheme) -> Iterator[tuple[str, str, list[bytes]]]:
    size = next(size for size in (2, 1, 4, 5, 8, 33, 36) if scheme.takes(size))
    if size > 4:
        return
    if scheme.rules.leaf is None:
        for length in (0, 31, 33):
            yield f"leaf-of-{length}", "LeafSize", [*leaves_for(scheme, size)[:-1], bytes(length)]
    if isinstance(scheme.rules.edge, Duplicate) and _twins_are_equal(scheme):
        a, b, c = leaves_for(scheme, 3)
        for name, row in (("a-a", [a, a]), ("a-b-c-c", [a, b, c, c]), ("a-b-a-b", [a, b, a, b])):
            yield f"equal-{name}", "EqualSiblings", row


def _refused(scheme: Scheme, name: str, flag: str, data: Sequence[bytes]) -> Json:
    listed = [one.hex() for one in data]
    return case(f"{short(scheme)}/{name}", "", [flag], INVALID, size=str(len(data)), leaves=listed)


# ---- one leaf ---------------------------------------------------------------------------------------


def build_inclusion() -> Json:
    groups = [group(scheme, list(_inclusion(scheme))) for scheme in SCHEMES]
    return document(
        "variants_inclusion",
        INCLUSION_NOTES,
        groups,
        **CONVENTIONS,
        proof="proof is the digests joined, leaf level first",
        index="null where the claim states none",
    )


def claim_json(name: str, flags: Iterable[str], claim: OneClaim, reason: str | None = None) -> Json:
    return case(
        name,
        "",
        list(flags),
        INVALID if reason else VALID,
        size=str(claim.head.size),
        root=claim.head.root.hex(),
        index=None if claim.index is None else str(claim.index),
        leaf=claim.leaf.hex(),
        digest_size=claim.proof.digest_size,
        proof=b"".join(claim.proof.digests).hex(),
        reason=reason,
    )


def _inclusion(scheme: Scheme) -> Iterator[Json]:
    taken = [(size, index) for size, index in HONEST if scheme.takes(size)]
    for size, index in taken if scheme not in OTHER_HASHES else taken[3:4]:
        yield claim_json(f"{short(scheme)}/honest/{size}/{index}", ["Honest"], honest(scheme, size, index))
    if scheme.family not in ATTACKED or scheme in OTHER_HASHES:
        return
    for attack in attacks(scheme):
        name = f"{short(scheme)}/attack/{attack.name}"
        yield claim_json(name, attack.flags, attack.claim, attack.reason)
    for attack in huge(scheme) if scheme.binds_index else ():
        yield claim_json(f"{short(scheme)}/{attack.name}", attack.flags, attack.claim)


# ---- many leaves ------------------------------------------------------------------------------------


def build_multi() -> Json:
    return document(
        "variants_multi",
        MANY_NOTES,
        [_many_group(scheme) for scheme in SCHEMES],
        **CONVENTIONS,
        proof="proof is the digests joined, in proof order",
        folded="a group's folded is the SHA-256 of the digests of the proofs of every set of leaves of the "
        "trees of 1 to 6 leaves that there are, joined: by size, then number of leaves, then indices in "
        "lexicographic order",
    )


def _many_group(scheme: Scheme) -> Json:
    made = group(scheme, list(_many(scheme)))
    return {**made, "folded": folded_many(scheme)} if scheme.binds_index else made


def folded_many(scheme: Scheme) -> str:
    joined = b""
    for size in FOLDED_MANY:
        if scheme.takes(size):
            data = leaves_for(scheme, size)
            for count in range(1, size + 1):
                for chosen in combinations(range(size), count):
                    joined += b"".join(prove_many(scheme, data, chosen).digests)
    return hashlib.sha256(joined).hexdigest()


def many_json(name: str, flag: str, c: Case, reason: str | None = None) -> Json:
    if _verdict(c) != reason:
        raise ValueError(f"{c.head.scheme.name} {name}: not {reason}")
    return case(
        f"{short(c.head.scheme)}/{name}",
        "",
        [flag],
        INVALID if reason else VALID,
        size=str(c.head.size),
        root=c.head.root.hex(),
        **part_json(c),
        reason=reason,
    )


def _verdict(c: Case) -> str | None:
    try:
        verify_many(c.head, c.claim, c.proof)
    except Refused as refused:
        return refused.reason
    return None


def many(scheme: Scheme, size: int, indices: Sequence[int]) -> Case:
    data = leaves_for(scheme, size)
    claim = Claim(tuple(indices), tuple(data[i] for i in indices))
    return Case(head_of(scheme, data), claim, prove_many(scheme, data, indices))


def _many(scheme: Scheme) -> Iterator[Json]:
    if not scheme.binds_index:
        yield from _no_many(scheme)
        return
    chosen = [(size, indices) for size, indices in MANY if scheme.takes(size)][:3] or [(1, (0,))]
    for size, indices in chosen:
        c = many(scheme, size, indices)
        yield many_json(f"honest/{size}/{','.join(map(str, indices))}", "Honest", c)
    if scheme.family not in ATTACKED or scheme in OTHER_HASHES:
        return
    c = many(scheme, *chosen[-1])
    d, indices, data = c.proof.digests, c.claim.indices, c.claim.leaves
    yield many_json("reversed", "Unsorted", c.claims(indices[::-1], data[::-1]))
    yield many_json("mis-paired", "LeafChanged", c.claims(indices, data[::-1]), ROOT_MISMATCH)
    yield many_json("one-more", "DigestCount", c.digests(*d, bytes(32)), DIGEST_COUNT)
    yield many_json("one-less", "DigestCount", c.digests(*d[:-1]), DIGEST_COUNT)
    if len(d) > 1:
        yield many_json("swapped", "DigestOrder", c.digests(d[1], d[0], *d[2:]), ROOT_MISMATCH)
    if scheme.rules.leaf is None:
        cut = c.claims(indices, (*data[:-1], data[-1][:-1]))
        yield many_json("leaf-cut", "LeafSize", cut, MALFORMED_LEAF)
    if isinstance(scheme.rules.edge, Duplicate) and _twins_are_equal(scheme):
        yield from _twins(scheme)


def _no_many(scheme: Scheme) -> Iterator[Json]:
    size = next(size for size in (5, 1) if scheme.takes(size))
    data = leaves_for(scheme, size)
    none = Case(head_of(scheme, data), Claim((0,), (data[0],)), MultiProof(scheme.digest_size, ()))
    for name, c in (
        ("one", none),
        ("nothing", none.claims((), ())),
        ("beyond", none.claims((size,), data[:1])),
        ("lengths", none.claims((0, 1), data[:1])),
    ):
        yield many_json(f"many/{name}", "IndexNotBound", c, INDEX_NOT_BOUND)


def _twins_are_equal(scheme: Scheme) -> bool:
    """Whether one leaf at two places is one digest."""
    return scheme.rules.leaf is None or not numbers_of(scheme.rules.leaf.frame)


def _twins(scheme: Scheme) -> Iterator[Json]:
    """The longer row of leaves that has the root of a shorter one."""
    for row in ((0, 1, 2, 2), (0, 1, 2, 3, 4, 5, 4, 5)):
        honest_head = head_of(scheme, leaves_for(scheme, len(set(row))))
        claim = Claim(tuple(range(len(row))), tuple(leaf_for(scheme, i) for i in row))
        c = Case(replace(honest_head, size=len(row)), claim, MultiProof(scheme.digest_size, ()))
        yield many_json(f"twins-of-{honest_head.size}", "EqualSiblings", c, EQUAL_SIBLINGS)
