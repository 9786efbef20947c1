"""Named attacks on the claim of many leaves: order, pairing, number, places, duplicates."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.reference.cases_multi import END, INDICES, SIZE, Attack, honest
from tests.reference.refusals import (
    DIGEST_COUNT,
    DUPLICATE_INDEX,
    EMPTY_CLAIM,
    INDEX_OUT_OF_RANGE,
    LENGTH_MISMATCH,
    ROOT_MISMATCH,
)
from tests.reference.samples import leaf, leaves
from tests.reference.schemes import Scheme
from tests.reference.trees import head


def attacks(scheme: Scheme) -> Iterator[Attack]:
    for part in (_claims, _places, _duplicates):
        yield from part(scheme)


def _claims(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDICES)
    a, b, e = c.claim.leaves
    for indices, data in (((9, 3, 2), (e, b, a)), ((3, 9, 2), (b, e, a))):
        listed = "-".join(map(str, indices))
        yield Attack(f"order-{listed}", ("Unsorted",), c.claims(indices, data), None)
        yield Attack(
            f"order-{listed}-of-indices-only", ("MisPaired",), c.claims(indices, (a, b, e)), ROOT_MISMATCH
        )
    yield Attack("siblings-exchanged", ("MisPaired",), c.claims(INDICES, (b, a, e)), ROOT_MISMATCH)
    yield Attack("leaves-rotated", ("MisPaired",), c.claims(INDICES, (b, e, a)), ROOT_MISMATCH)
    yield Attack("one-leaf-for-all", ("MisPaired",), c.claims(INDICES, (a, a, a)), ROOT_MISMATCH)
    for name, case in (
        ("honest-digests", c),
        ("no-digests", c.digests()),
        ("root-as-digest", c.digests(c.head.root)),
        ("empty-tree", replace(c.digests(), head=head(scheme, []))),
        ("size-1", replace(c.digests(), head=head(scheme, leaves(1)))),
    ):
        yield Attack(f"empty-claim-{name}", ("EmptyClaim",), case.claims((), ()), EMPTY_CLAIM)
    lengths: tuple[tuple[str, tuple[int, ...], tuple[bytes, ...]], ...] = (
        ("leaf-dropped", INDICES, (a, b)),
        ("leaf-added", INDICES, (a, b, e, b"")),
        ("index-dropped", (2, 3), (a, b, e)),
        ("index-added", (2, 3, 9, 10), (a, b, e)),
        ("no-leaves", INDICES, ()),
        ("no-indices", (), (a, b, e)),
    )
    for name, claimed, given in lengths:
        yield Attack(f"lengths-{name}", ("Lengths",), c.claims(claimed, given), LENGTH_MISMATCH)
    beyond = c.claims((2, 3, SIZE), (a, b))
    both = ("Lengths", "IndexOutOfRange", "Precedence")
    yield Attack("lengths-and-index-size", both, beyond, LENGTH_MISMATCH)


def _places(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDICES)
    a, b, e = c.claim.leaves
    for index in (SIZE, 9 + 16, 9 + 2**32, END):
        case = c.claims((2, 3, index), (a, b, e))
        yield Attack(f"index-{index}", ("IndexOutOfRange",), case, INDEX_OUT_OF_RANGE)
    first = c.claims((SIZE, 2, 3), (e, a, b))
    yield Attack("index-size-first", ("IndexOutOfRange",), first, INDEX_OUT_OF_RANGE)
    nothing = replace(c.digests(), head=head(scheme, [])).claims((0,), (b"",))
    yield Attack("empty-tree", ("IndexOutOfRange",), nothing, INDEX_OUT_OF_RANGE)
    for indices, reason in (
        ((2, 3, 8), ROOT_MISMATCH),
        ((0, 1, 9), ROOT_MISMATCH),
        ((2, 3, 10), DIGEST_COUNT),
    ):
        listed = "-".join(map(str, indices))
        case = c.claims(indices, (a, b, e))
        yield Attack(f"claimed-for-{listed}", ("IndexChanged",), case, reason)
    yield Attack("one-claim-less", ("Superset",), c.claims((2, 3), (a, b)), DIGEST_COUNT)
    yield Attack("one-claim-more", ("Superset",), c.claims((2, 3, 9, 10), (a, b, e, leaf(10))), DIGEST_COUNT)
    # Leaf 8 takes the place of the digest (0, 8), which is then left over.
    forged = c.claims((2, 3, 8, 9), (a, b, b"forged", e))
    yield Attack("claim-in-place-of-digest", ("Superset",), forged, DIGEST_COUNT)
    yield Attack("claim-forged", ("Superset",), forged.digests(*c.proof.digests[1:]), ROOT_MISMATCH)


def _duplicates(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDICES)
    a, b, e = c.claim.leaves
    claims: tuple[tuple[str, tuple[int, ...], tuple[bytes, ...]], ...] = (
        ("genuine-pair", (2, 3, 9, 9), (a, b, e, e)),
        ("genuine-pair-apart", (9, 2, 3, 9), (e, a, b, e)),
        ("forged-last", (2, 3, 9, 9), (a, b, e, b"forged")),
        ("forged-first", (2, 3, 9, 9), (a, b, b"forged", e)),
        ("forged-between", (2, 2, 3, 9), (a, b"forged", b, e)),
        ("all-twice", (2, 3, 9, 2, 3, 9), (a, b, e, a, b, e)),
        ("in-place-of-3", (2, 2, 9), (a, a, e)),
        ("forged-in-place-of-3", (2, 2, 9), (a, b"forged", e)),
    )
    for name, indices, data in claims:
        yield Attack(f"duplicate-{name}", ("Duplicate",), c.claims(indices, data), DUPLICATE_INDEX)
    pair = honest(scheme, 2, (0, 1))
    twice = pair.claims((0, 0), (leaf(0), leaf(1)))
    yield Attack("duplicate-of-two-leaves", ("Duplicate",), twice, DUPLICATE_INDEX)
    only = honest(scheme, 1, (0,))
    twice = only.claims((0, 0), (leaf(0), b"forged"))
    yield Attack("duplicate-of-the-only-leaf", ("Duplicate",), twice, DUPLICATE_INDEX)
    flags = ("Duplicate", "Precedence")
    fewer = c.digests().claims((2, 3, 9, 9), (a, b, e, e))
    yield Attack("duplicate-and-digests-dropped", flags, fewer, DUPLICATE_INDEX)
    beyond = c.claims((2, 2, SIZE), (a, a, e))
    both = ("Duplicate", "IndexOutOfRange", "Precedence")
    yield Attack("duplicate-and-index-size", both, beyond, INDEX_OUT_OF_RANGE)
