"""Named attacks on growth, each with the reason a verifier gives, or None where it must accept.

The victim is growth from 6 leaves to 11: the start node (1, 2), then its siblings (1, 3), (2, 0) and (2, 2).
Where the older size must be a power of two, it is growth from 8.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.reference.attacks import flip
from tests.reference.consistency import prove_extends
from tests.reference.hashes import CRYPTOGRAPHIC
from tests.reference.objects import ConsistencyProof, Head
from tests.reference.refusals import DIGEST_COUNT, DIGEST_SIZE, NOT_LARGER, OTHER_SCHEME, ROOT_MISMATCH
from tests.reference.samples import leaf, leaves
from tests.reference.schemes import NATIVE, RFC6962, Scheme
from tests.reference.trees import head, leaf_digests, top

OLDER, POWER, NEWER = 6, 8, 11
END = 2**64 - 1

FLAGS = {
    "BitFlip": "one bit of a digest or a root differs",
    "DigestCount": "digests dropped, repeated or added; also leftovers of one",
    "DigestOrder": "the right digests in another order, or one in the place of another",
    "StartNode": "the start node is sent where the older root is it, or left out where it is not",
    "PastChanged": "the newer tree does not begin with the leaves of the older",
    "Reversed": "the newer head presented as the older",
    "EmptyOlder": "an empty tree proves nothing about what follows",
    "EqualSizes": "heads of one size: no digests, equal roots",
    "SizeRelabelled": "a head states another size; a native root binds the size",
    "SizeNotBound": "an RFC 6962 root binds no size: accepted, so sizes must come from an authenticated head",
    "OtherScheme": "the heads are of different schemes",
    "OtherContext": "the heads are of different contexts, or a root is",
    "OtherHash": "everything from a tree of another hash of the same digest size",
    "TopForRoot": "topmost nodes in the place of native roots",
    "DigestSize": "digests of another size; refused before anything is hashed",
    "Precedence": "several faults: the reason is the first that the page's order finds",
    "Unencodable": "the codec refuses this digest size too, so a decoder may be the one that refuses",
}


@dataclass(frozen=True)
class Case:
    """All inputs of the verifier."""

    newer: Head
    older: Head
    proof: ConsistencyProof

    def digests(self, *digests: bytes) -> Case:
        return replace(self, proof=replace(self.proof, digests=digests))

    def sizes(self, older: int, newer: int) -> Case:
        return replace(self, older=replace(self.older, size=older), newer=replace(self.newer, size=newer))

    def roots(self, older: bytes, newer: bytes) -> Case:
        return replace(self, older=replace(self.older, root=older), newer=replace(self.newer, root=newer))


@dataclass(frozen=True)
class Attack:
    name: str
    flags: tuple[str, ...]
    case: Case
    reason: str | None


def honest(scheme: Scheme, older: int, newer: int) -> Case:
    data = leaves(newer)
    return Case(head(scheme, data), head(scheme, data[:older]), prove_extends(scheme, data, older))


def attacks(scheme: Scheme) -> Iterator[Attack]:
    for part in (_bits, _digests, _starts, _pasts, _equal, _sizes, _schemes, _digest_sizes):
        yield from part(scheme)


def _bits(scheme: Scheme) -> Iterator[Attack]:
    flags = ("BitFlip",)
    for older in (OLDER, POWER):
        c = honest(scheme, older, NEWER)
        d = c.proof.digests
        for k in range(len(d)):
            changed = c.digests(*d[:k], flip(d[k], 17 * k), *d[k + 1 :])
            yield Attack(f"{older}/digest-{k}-bit-{17 * k}", flags, changed, ROOT_MISMATCH)
        a, b = c.older.root, c.newer.root
        yield Attack(f"{older}/older-root-bit", flags, c.roots(flip(a, 0), b), ROOT_MISMATCH)
        yield Attack(f"{older}/newer-root-bit", flags, c.roots(a, flip(b, 0)), ROOT_MISMATCH)
        yield Attack(f"{older}/older-root-zero", flags, c.roots(bytes(len(a)), b), ROOT_MISMATCH)
        yield Attack(f"{older}/newer-root-zero", flags, c.roots(a, bytes(len(b))), ROOT_MISMATCH)
        yield Attack(f"{older}/older-root-for-newer", flags, c.roots(a, a), ROOT_MISMATCH)
        yield Attack(f"{older}/newer-root-for-older", flags, c.roots(b, b), ROOT_MISMATCH)


def _digests(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, OLDER, NEWER)
    d = c.proof.digests
    zero = bytes(scheme.digest_size)
    for name, digests in (
        ("first-dropped", d[1:]),
        ("last-dropped", d[:-1]),
        ("all-dropped", ()),
        ("first-repeated", (d[0], *d)),
        ("last-repeated", (*d, d[-1])),
        ("zero-appended", (*d, zero)),
        ("zero-before", (zero, *d)),
        ("older-root-before", (c.older.root, *d)),
        ("newer-root-appended", (*d, c.newer.root)),
        ("twice", d + d),
    ):
        yield Attack(f"digests-{name}", ("DigestCount",), c.digests(*digests), DIGEST_COUNT)
    for name, digests in (
        ("swapped-0-1", (d[1], d[0], *d[2:])),
        ("swapped-1-2", (d[0], d[2], d[1], *d[3:])),
        ("swapped-2-3", (*d[:2], d[3], d[2])),
        ("reversed", d[::-1]),
        ("first-twice", (d[0], d[0], *d[2:])),
        ("older-root-for-start", (c.older.root, *d[1:])),
        ("zero-for-start", (zero, *d[1:])),
        ("leaf-5-for-start", (scheme.leaf(leaf(5)), *d[1:])),
    ):
        yield Attack(f"digests-{name}", ("DigestOrder",), c.digests(*digests), ROOT_MISMATCH)
    other = honest(scheme, 5, NEWER)
    of_5 = replace(c, proof=other.proof)
    yield Attack("proof-of-5", ("DigestCount",), of_5, DIGEST_COUNT)
    of_10 = replace(c, proof=honest(scheme, OLDER, 12).proof)
    yield Attack("proof-to-12", ("DigestOrder",), of_10, ROOT_MISMATCH)


def _starts(scheme: Scheme) -> Iterator[Attack]:
    for older in (1, 2, 4, POWER):
        c = honest(scheme, older, NEWER)
        d = c.proof.digests
        apex = top(scheme, leaf_digests(scheme, leaves(older)))
        other = (apex, *d) if scheme.family == RFC6962 else d[1:]
        name = f"start-of-{older}-{'sent' if scheme.family == RFC6962 else 'left-out'}"
        yield Attack(name, ("StartNode",), c.digests(*other), DIGEST_COUNT)
    if scheme.family == NATIVE:
        c = honest(scheme, POWER, NEWER)
        rooted = c.digests(c.older.root, *c.proof.digests[1:])
        yield Attack("root-of-8-for-start", ("StartNode",), rooted, ROOT_MISMATCH)


def _pasts(scheme: Scheme) -> Iterator[Attack]:
    data = leaves(NEWER)
    flags = ("PastChanged",)
    for older in (OLDER, POWER):
        c = honest(scheme, older, NEWER)
        for name, changed in (
            ("first-leaf-changed", [b"other", *data[1:]]),
            ("last-old-leaf-changed", [*data[: older - 1], b"other", *data[older:]]),
            ("leaf-removed", [*data[:2], *data[3:], b"one more"]),
            ("leaf-inserted", [b"inserted", *data[:-1]]),
            ("leaves-exchanged", [data[1], data[0], *data[2:]]),
        ):
            newer, proof = head(scheme, changed), prove_extends(scheme, changed, older)
            yield Attack(f"{older}/{name}", flags, replace(c, newer=newer, proof=proof), ROOT_MISMATCH)
            mixed = replace(c, newer=newer)
            yield Attack(f"{older}/{name}-old-proof", flags, mixed, ROOT_MISMATCH)
        added = head(scheme, [*data[:-1], b"other"])
        yield Attack(f"{older}/new-leaf-changed", flags, replace(c, newer=added), ROOT_MISMATCH)


def _equal(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, NEWER, NEWER)
    zero = bytes(scheme.digest_size)
    flags = ("EqualSizes",)
    other = head(scheme, [*leaves(NEWER - 1), b"other"])
    yield Attack("equal-other-root", flags, replace(c, newer=other), ROOT_MISMATCH)
    yield Attack("equal-other-older-root", flags, replace(c, older=other), ROOT_MISMATCH)
    for name, digest in (("zero", zero), ("root", c.newer.root)):
        yield Attack(f"equal-and-{name}", (*flags, "DigestCount"), c.digests(digest), DIGEST_COUNT)
    power = honest(scheme, POWER, POWER)
    apex = top(scheme, leaf_digests(scheme, leaves(POWER)))
    yield Attack("equal-8-and-top", (*flags, "StartNode"), power.digests(apex), DIGEST_COUNT)
    wide = replace(c, proof=ConsistencyProof(64, ()))
    yield Attack("equal-digest-size-64", (*flags, "DigestSize"), wide, DIGEST_SIZE)
    nothing = head(scheme, [])
    flags = ("EmptyOlder",)
    yield Attack("older-empty", flags, replace(c, older=nothing), NOT_LARGER)
    yield Attack("both-empty", (*flags, "EqualSizes"), Case(nothing, nothing, c.proof), NOT_LARGER)
    whole = replace(c, older=nothing).digests(top(scheme, leaf_digests(scheme, leaves(NEWER))))
    yield Attack("older-empty-and-top", flags, whole, NOT_LARGER)
    grown = honest(scheme, OLDER, NEWER)
    yield Attack("older-0-by-label", flags, grown.sizes(0, NEWER), NOT_LARGER)
    swapped = replace(grown, older=grown.newer, newer=grown.older)
    yield Attack("exchanged", ("Reversed",), swapped, NOT_LARGER)
    yield Attack("exchanged-no-digests", ("Reversed", "Precedence"), swapped.digests(), NOT_LARGER)
    empty_newer = replace(grown, newer=nothing)
    yield Attack("newer-empty", ("Reversed",), empty_newer, NOT_LARGER)


def _sizes(scheme: Scheme) -> Iterator[Attack]:
    free = scheme.family == RFC6962
    flag = "SizeNotBound" if free else "SizeRelabelled"
    c = honest(scheme, OLDER, NEWER)
    for newer in (9, 10, 12, 16):
        yield Attack(f"6-11-as-6-{newer}", (flag,), c.sizes(OLDER, newer), None if free else ROOT_MISMATCH)
    for older, newer, reason in (
        (OLDER, 8, DIGEST_COUNT),
        (OLDER, 17, DIGEST_COUNT),
        (OLDER, END, DIGEST_COUNT),
        (OLDER + 2**32, NEWER + 2**32, DIGEST_COUNT),
        (5, NEWER, DIGEST_COUNT),
        (7, NEWER, DIGEST_COUNT),
        (10, NEWER, DIGEST_COUNT),
        (POWER, NEWER, DIGEST_COUNT),
        (NEWER, NEWER, DIGEST_COUNT),
        (12, NEWER, NOT_LARGER),
        (END, NEWER, NOT_LARGER),
    ):
        case = c.sizes(older, newer)
        yield Attack(f"6-11-as-{older}-{newer}", ("SizeRelabelled",), case, reason)
    power = honest(scheme, POWER, NEWER)
    for newer in (9, 16):
        case = power.sizes(POWER, newer)
        yield Attack(f"8-11-as-8-{newer}", (flag,), case, None if free else ROOT_MISMATCH)
    for older, newer in ((POWER, 17), (4, NEWER)):
        case = power.sizes(older, newer)
        yield Attack(f"8-11-as-{older}-{newer}", ("SizeRelabelled",), case, DIGEST_COUNT)
    doubled = power.sizes(16, 17)
    yield Attack("8-11-as-16-17", (flag,), doubled, None if free else ROOT_MISMATCH)


def _schemes(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, OLDER, NEWER)
    other_hash = CRYPTOGRAPHIC[CRYPTOGRAPHIC.index(scheme.hash_name) - 1]
    other_family = NATIVE if scheme.family == RFC6962 else RFC6962
    flags = ("OtherScheme",)
    for other in (Scheme(scheme.family, other_hash), Scheme(other_family, scheme.hash_name)):
        older = head(other, leaves(OLDER))
        name = f"older-of-{other.family}-{other.hash_name}"
        yield Attack(name, flags, replace(c, older=older), OTHER_SCHEME)
    same = honest(scheme, NEWER, NEWER)
    relabelled = replace(same.older, scheme=Scheme(scheme.family, other_hash))
    yield Attack(
        "equal-but-for-scheme", (*flags, "EqualSizes"), replace(same, older=relabelled), OTHER_SCHEME
    )
    larger = replace(c, older=head(Scheme(other_family, scheme.hash_name), []))
    yield Attack("older-empty-of-another", (*flags, "Precedence"), larger, OTHER_SCHEME)
    foreign = honest(Scheme(scheme.family, other_hash), OLDER, NEWER)
    moved = Case(replace(foreign.newer, scheme=scheme), replace(foreign.older, scheme=scheme), foreign.proof)
    yield Attack(f"all-of-{scheme.family}-{other_hash}", ("OtherHash",), moved, ROOT_MISMATCH)
    if scheme.family == RFC6962:
        return
    bound = scheme.with_context(b"day 2")
    day_2 = head(bound, leaves(OLDER))
    yield Attack("older-of-another-context", ("OtherContext",), replace(c, older=day_2), OTHER_SCHEME)
    stated = replace(c, older=replace(day_2, scheme=scheme))
    yield Attack("older-root-of-another-context", ("OtherContext",), stated, ROOT_MISMATCH)
    tops = [top(scheme, leaf_digests(scheme, leaves(size))) for size in (OLDER, NEWER)]
    yield Attack("tops-for-roots", ("TopForRoot",), c.roots(tops[0], tops[1]), ROOT_MISMATCH)


def _digest_sizes(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, OLDER, NEWER)
    d = c.proof.digests
    joined = b"".join(d)

    def of(size: int, *digests: bytes) -> Case:
        return replace(c, proof=ConsistencyProof(size, digests))

    yield Attack("digest-size-31", ("DigestSize", "Unencodable"), of(31, *(x[:31] for x in d)), DIGEST_SIZE)
    yield Attack("digest-size-33", ("DigestSize",), of(33, *(x + b"\x00" for x in d)), DIGEST_SIZE)
    regrouped = of(64, joined[:64], joined[64:])
    yield Attack("digest-size-64-regrouped", ("DigestSize", "Precedence"), regrouped, DIGEST_SIZE)
    yield Attack("digest-size-64-no-digests", ("DigestSize", "Precedence"), of(64), DIGEST_SIZE)
    beyond = replace(of(64), older=head(scheme, leaves(12)))
    yield Attack("older-larger-and-digest-size-64", ("Reversed", "Precedence"), beyond, NOT_LARGER)
