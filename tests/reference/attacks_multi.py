"""Named attacks on proofs of many leaves: the reason a verifier gives, or None where it must accept.

The victims are leaves 2, 3 and 9 of a tree of 11: four digests, (0, 8), (1, 0), (0, 10) and (2, 1). Attacks
on the claim are in attacks_claims.py.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.reference import attacks_claims
from tests.reference.attacks import flip
from tests.reference.cases_multi import END, INDICES, SIZE, Attack, Case, honest
from tests.reference.hashes import CRYPTOGRAPHIC
from tests.reference.objects import MultiProof
from tests.reference.refusals import (
    DIGEST_COUNT,
    DIGEST_SIZE,
    EMPTY_CLAIM,
    INDEX_OUT_OF_RANGE,
    ROOT_MISMATCH,
)
from tests.reference.samples import leaf, leaves
from tests.reference.schemes import NATIVE, RFC6962, RFC6962_NODE, Scheme
from tests.reference.trees import head, leaf_digests, prove, top


def attacks(scheme: Scheme) -> Iterator[Attack]:
    for part in (_bits, _counts, _orders, _sizes, _preimages, _schemes, _digest_sizes):
        yield from part(scheme)
    yield from attacks_claims.attacks(scheme)


def _bits(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDICES)
    d, data = c.proof.digests, c.claim.leaves
    flags = ("BitFlip",)
    for k, bit in enumerate((0, 8 * scheme.digest_size - 1, 0, 100)):
        changed = c.digests(*d[:k], flip(d[k], bit), *d[k + 1 :])
        yield Attack(f"digest-{k}-bit-{bit}", flags, changed, ROOT_MISMATCH)
    for k in range(3):
        other = (*data[:k], flip(data[k], 8 * k), *data[k + 1 :])
        yield Attack(f"leaf-{k}-bit-{8 * k}", flags, c.claims(INDICES, other), ROOT_MISMATCH)
    wrong = replace(c.head, root=flip(c.head.root, 7))
    yield Attack("root-bit-7", flags, replace(c, head=wrong), ROOT_MISMATCH)
    zero = replace(c.head, root=bytes(scheme.digest_size))
    yield Attack("root-zero", flags, replace(c, head=zero), ROOT_MISMATCH)
    for name, value in (("cut", data[1][:-1]), ("zero-appended", data[1] + b"\x00"), ("empty", b"")):
        changed = c.claims(INDICES, (data[0], value, data[2]))
        yield Attack(f"leaf-1-{name}", ("LeafChanged",), changed, ROOT_MISMATCH)


def _counts(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDICES)
    d = c.proof.digests
    zero = bytes(scheme.digest_size)
    singles = [digest for i in INDICES for digest in prove(scheme, leaves(SIZE), i).digests]
    for name, digests in (
        ("first-dropped", d[1:]),
        ("last-dropped", d[:-1]),
        ("all-dropped", ()),
        ("first-repeated", (d[0], *d)),
        ("last-repeated", (*d, d[-1])),
        ("zero-appended", (*d, zero)),
        ("zero-before", (zero, *d)),
        ("root-appended", (*d, c.head.root)),
        ("claimed-leaf-appended", (*d, scheme.leaf(leaf(2)))),
        ("computed-sibling-sent", (scheme.leaf(leaf(3)), *d)),
        ("single-proofs-joined", tuple(singles)),
        ("twice", d + d),
    ):
        yield Attack(f"digests-{name}", ("DigestCount",), c.digests(*digests), DIGEST_COUNT)
    whole = honest(scheme, SIZE, range(SIZE))
    yield Attack("all-leaves-and-one-digest", ("DigestCount",), whole.digests(zero), DIGEST_COUNT)
    yield Attack("all-leaves-and-the-root", ("DigestCount",), whole.digests(c.head.root), DIGEST_COUNT)
    edge = honest(scheme, SIZE, (9, 10))
    own = scheme.leaf(leaf(10))
    flags = ("DigestCount", "Duplication")
    yield Attack("edge-paired-with-itself", flags, edge.digests(own, *edge.proof.digests), DIGEST_COUNT)
    doubled = head(scheme, [*leaves(SIZE), leaf(SIZE - 1)])
    at_size = replace(edge, head=replace(doubled, size=SIZE))
    yield Attack("edge-doubled-tree", ("Duplication",), at_size, ROOT_MISMATCH)


def _orders(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDICES)
    d = c.proof.digests
    for name, digests in (
        ("swapped-0-1", (d[1], d[0], *d[2:])),
        ("swapped-1-2", (d[0], d[2], d[1], d[3])),
        ("swapped-2-3", (*d[:2], d[3], d[2])),
        ("reversed", d[::-1]),
        ("top-down", (d[3], d[1], d[2], d[0])),
        ("first-twice", (d[0], d[0], *d[2:])),
        ("claimed-for-sibling", (scheme.leaf(leaf(9)), *d[1:])),
        ("zero-for-sibling", (bytes(scheme.digest_size), *d[1:])),
    ):
        yield Attack(f"digests-{name}", ("DigestOrder",), c.digests(*digests), ROOT_MISMATCH)


def _sizes(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDICES)
    free = scheme.family == RFC6962
    flag = "SizeNotBound" if free else "SizeRelabelled"
    yield Attack("size-12", (flag,), c.size(12), None if free else ROOT_MISMATCH)
    for size in (10, 13, 16, 17, SIZE + 2**32, END):
        yield Attack(f"size-{size}", ("SizeRelabelled",), c.size(size), DIGEST_COUNT)
    for size in (9, 3, 0):
        yield Attack(f"size-{size}", ("SizeRelabelled",), c.size(size), INDEX_OUT_OF_RANGE)
    # Around a power of two: the same claims, the same digests, another number of levels.
    eight = honest(scheme, 8, (0, 7))
    for size in (9, 16):
        yield Attack(f"size-8-as-{size}", ("SizeRelabelled",), eight.size(size), DIGEST_COUNT)
    all_of_8 = honest(scheme, 8, range(8))
    yield Attack("all-of-8-as-9", ("SizeRelabelled",), all_of_8.size(9), DIGEST_COUNT)
    yield Attack("all-of-8-as-7", ("SizeRelabelled",), all_of_8.size(7), INDEX_OUT_OF_RANGE)
    seven = honest(scheme, 7, (0, 1, 2, 3, 6))
    yield Attack("0-to-3-and-6-of-7-as-6", ("SizeRelabelled",), seven.size(6), INDEX_OUT_OF_RANGE)
    yield Attack("0-to-3-and-6-of-7-as-8", ("SizeRelabelled",), seven.size(8), DIGEST_COUNT)


def _preimages(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDICES)
    flags = ("SecondPreimage",)
    pair = scheme.leaf(leaf(2)) + scheme.leaf(leaf(3))
    other = c.proof.digests[0] + scheme.leaf(leaf(9))
    above = c.digests(*c.proof.digests[1:]).size((SIZE + 1) // 2)
    yield Attack("children-as-leaves", flags, above.claims((1, 4), (pair, other)), ROOT_MISMATCH)
    prefixed = above.claims((1, 4), (RFC6962_NODE + pair, RFC6962_NODE + other))
    yield Attack("children-with-prefix-as-leaves", flags, prefixed, ROOT_MISMATCH)
    digests = c.claims(INDICES, [scheme.leaf(data) for data in c.claim.leaves])
    yield Attack("leaf-digests-as-leaves", flags, digests, ROOT_MISMATCH)
    row = leaf_digests(scheme, leaves(SIZE))
    halves = replace(c.digests(), head=replace(c.head, size=2))
    whole = halves.claims((0, 1), (top(scheme, row[:8]), top(scheme, row[8:])))
    yield Attack("halves-as-two-leaves", flags, whole, ROOT_MISMATCH)


def _schemes(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDICES)
    other_hash = CRYPTOGRAPHIC[CRYPTOGRAPHIC.index(scheme.hash_name) - 1]
    other_family = NATIVE if scheme.family == RFC6962 else RFC6962
    others = (
        (Scheme(scheme.family, other_hash), "OtherHash"),
        (Scheme(other_family, scheme.hash_name), "OtherFamily"),
    )
    for other, flag in others:
        foreign = honest(other, SIZE, INDICES)
        relabelled = replace(foreign, head=replace(foreign.head, scheme=scheme))
        yield Attack(f"all-of-{other.family}-{other.hash_name}", (flag,), relabelled, ROOT_MISMATCH)
    if scheme.family == RFC6962:
        return
    root = head(scheme.with_context(b"day 2"), leaves(SIZE)).root
    bound = replace(c, head=replace(c.head, root=root))
    yield Attack("root-of-another-context", ("OtherContext",), bound, ROOT_MISMATCH)
    apex = top(scheme, leaf_digests(scheme, leaves(SIZE)))
    yield Attack("top-for-root", ("TopForRoot",), replace(c, head=replace(c.head, root=apex)), ROOT_MISMATCH)


def _digest_sizes(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDICES)
    d = c.proof.digests
    joined = b"".join(d)

    def of(case: Case, size: int, *digests: bytes) -> Case:
        return replace(case, proof=MultiProof(size, digests))

    cut = of(c, 31, *(x[:31] for x in d))
    yield Attack("digest-size-31", ("DigestSize", "Unencodable"), cut, DIGEST_SIZE)
    yield Attack("digest-size-33", ("DigestSize",), of(c, 33, *(x + b"\x00" for x in d)), DIGEST_SIZE)
    regrouped = of(c, 64, joined[:64], joined[64:])
    yield Attack("digest-size-64-regrouped", ("DigestSize", "Precedence"), regrouped, DIGEST_SIZE)
    whole = honest(scheme, SIZE, range(SIZE))
    yield Attack("digest-size-64-no-digests", ("DigestSize",), of(whole, 64), DIGEST_SIZE)
    empty = of(c, 64).claims((), ())
    yield Attack("empty-claim-and-digest-size-64", ("EmptyClaim", "Precedence"), empty, EMPTY_CLAIM)
