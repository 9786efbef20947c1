"""Named attacks on proofs of many leaves of a sum tree: the reason a verifier gives, or None.

The victims are leaves 2, 3 and 8 of a tree of 11: four nodes, (0, 9), (1, 0), (0, 10) and (2, 1).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tests.reference.attacks import flip
from tests.reference.multi import prove_many as dense_prove_many
from tests.reference.objects import SumHead, SumMultiProof
from tests.reference.refusals import (
    AMOUNT_OUT_OF_RANGE,
    DIGEST_COUNT,
    DIGEST_SIZE,
    DUPLICATE_INDEX,
    EMPTY_CLAIM,
    INDEX_OUT_OF_RANGE,
    LENGTH_MISMATCH,
    ROOT_MISMATCH,
    SUM_OVERFLOW,
    TOTAL_MISMATCH,
)
from tests.reference.samples import amounts, leaves
from tests.reference.schemes import NATIVE, Scheme
from tests.reference.sum_verify import SumClaim
from tests.reference.sums import head, leaf_nodes, prove_many

SIZE = 11
INDICES = (2, 3, 8)

FLAGS = {
    "AmountChanged": "other amounts for claimed leaves, also with the same total",
    "AmountOutOfRange": "an amount below 0 or above 2^128 - 1; skip these where your types hold none",
    "SumChanged": "other sums of the proof's nodes, also with the same total",
    "Overflow": "sums that add to 2^128 or more",
    "TotalChanged": "the head states another total",
    "Dense": "the proof of the dense tree of the same leaves",
    "Unsorted": "indices in another order with their leaves and amounts: the same claim, accepted",
    "MisPaired": "indices, leaves and amounts in different orders",
    "Lengths": "not as many indices, leaves and amounts",
    "EmptyClaim": "nothing is claimed",
    "Duplicate": "an index twice, its amount with it or split",
    "Superset": "more leaves are claimed than proven, or fewer",
    "IndexChanged": "the proof of some indices claimed for others",
    "IndexOutOfRange": "an index that the tree does not have",
    "BitFlip": "one bit of a leaf, a digest or the root differs",
    "DigestCount": "nodes dropped, repeated or added, or not as many sums as digests",
    "DigestOrder": "the right nodes in another order",
    "DigestSize": "digests of another size",
    "SizeRelabelled": "the head states another size",
    "OtherContext": "the root of another context",
    "Precedence": "several faults: the reason is the first that the page's order finds",
    "Unencodable": "no such proof can be encoded; a constructor or decoder may be what refuses it",
}


@dataclass(frozen=True)
class Case:
    """All inputs of the verifier."""

    head: SumHead
    claim: SumClaim
    proof: SumMultiProof

    def sums(self, *sums: int) -> Case:
        return replace(self, proof=replace(self.proof, sums=sums))

    def amounts(self, *owed: int) -> Case:
        return replace(self, claim=self.claim._replace(amounts=owed))

    def nodes(self, *places: int) -> Case:
        sums, digests = self.proof.sums, self.proof.digests
        size = self.proof.digest_size
        proof = SumMultiProof(size, tuple(sums[i] for i in places), tuple(digests[i] for i in places))
        return replace(self, proof=proof)

    def claims(self, indices: Sequence[int], leaves_of: Sequence[int], amounts_of: Sequence[int]) -> Case:
        """The claim of these indices with the leaves and the amounts that these have in the tree."""
        data, owed = leaves(2 * SIZE), amounts(2 * SIZE)
        claim = SumClaim(
            tuple(indices), tuple(data[i] for i in leaves_of), tuple(owed[i] for i in amounts_of)
        )
        return replace(self, claim=claim)


@dataclass(frozen=True)
class Attack:
    name: str
    flags: tuple[str, ...]
    case: Case
    reason: str | None


def honest(scheme: Scheme, size: int, indices: Sequence[int]) -> Case:
    data, owed = leaves(size), amounts(size)
    claim = SumClaim(tuple(indices), tuple(data[i] for i in indices), tuple(owed[i] for i in indices))
    return Case(head(scheme, data, owed), claim, prove_many(scheme, leaf_nodes(scheme, data, owed), indices))


def attacks(scheme: Scheme) -> Iterator[Attack]:
    yield from _amounts(scheme)
    yield from _claims(scheme)
    yield from _nodes(scheme)


def _amounts(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDICES)
    (a, b, d), sums = c.claim.amounts, c.proof.sums
    changed, summed = ("AmountChanged",), ("SumChanged",)
    for k in range(3):
        owed = tuple(amount + (i == k) for i, amount in enumerate((a, b, d)))
        yield Attack(f"amount-{k}-plus-1", changed, c.amounts(*owed), TOTAL_MISMATCH)
    yield Attack("amounts-shifted-by-1", changed, c.amounts(a + 1, b - 1, d), ROOT_MISMATCH)
    yield Attack("amounts-swapped", changed, c.amounts(b, a, d), ROOT_MISMATCH)
    yield Attack("amounts-zero", changed, c.amounts(0, 0, 0), TOTAL_MISMATCH)
    for name, owed in (("minus-1", (a + 1 + b, -1, d)), ("2-to-128", (a, b, 2**128))):
        yield Attack(f"amount-{name}", ("AmountOutOfRange",), c.amounts(*owed), AMOUNT_OUT_OF_RANGE)
    yield Attack("sum-0-plus-1", summed, c.sums(sums[0] + 1, *sums[1:]), TOTAL_MISMATCH)
    yield Attack("sum-1-for-sum-3", summed, c.sums(sums[0], sums[3], sums[2], sums[1]), ROOT_MISMATCH)
    yield Attack("sums-zero", summed, c.sums(0, 0, 0, 0), TOTAL_MISMATCH)
    moved = c.sums(sums[0], sums[1], sums[2], sums[3] + a).amounts(0, b, d)
    yield Attack("amount-to-a-sum", ("AmountChanged", "SumChanged"), moved, ROOT_MISMATCH)
    flags = ("AmountOutOfRange", "Unencodable")
    yield Attack("sum-minus-1", flags, c.sums(-1, *sums[1:]), AMOUNT_OUT_OF_RANGE)
    rest = c.head.total - sums[3]
    for name, last in (("by-1", 2**128 - rest), ("by-much", 2**128 - 1)):
        yield Attack(f"overflow-{name}", ("Overflow",), c.sums(*sums[:3], last), SUM_OVERFLOW)
    first = c.amounts(2**128 - 1, 1, d)
    yield Attack("overflow-of-two-claimed", ("Overflow", "AmountChanged"), first, SUM_OVERFLOW)
    for name, total in (("plus-1", c.head.total + 1), ("zero", 0)):
        other = replace(c, head=replace(c.head, total=total))
        yield Attack(f"total-{name}", ("TotalChanged",), other, TOTAL_MISMATCH)


def _claims(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDICES)
    yield Attack("unsorted", ("Unsorted",), c.claims((8, 2, 3), (8, 2, 3), (8, 2, 3)), None)
    for name, data, owed, reason in (
        ("leaves", (3, 2, 8), INDICES, ROOT_MISMATCH),
        ("amounts", INDICES, (3, 2, 8), ROOT_MISMATCH),
        ("leaves-and-amounts", (3, 2, 8), (3, 2, 8), ROOT_MISMATCH),
    ):
        yield Attack(f"mispaired-{name}", ("MisPaired",), c.claims(INDICES, data, owed), reason)
    for name, parts in (
        ("few-amounts", (INDICES, INDICES, INDICES[:2])),
        ("many-amounts", (INDICES, INDICES, (2, 3, 8, 8))),
        ("no-amounts", (INDICES, INDICES, ())),
        ("few-leaves", (INDICES, INDICES[:2], INDICES)),
        ("few-indices", (INDICES[:2], INDICES, INDICES)),
    ):
        yield Attack(f"lengths-{name}", ("Lengths",), c.claims(*parts), LENGTH_MISMATCH)
    yield Attack("empty", ("EmptyClaim",), c.claims((), (), ()), EMPTY_CLAIM)
    yield Attack("empty-and-no-nodes", ("EmptyClaim",), c.claims((), (), ()).nodes(), EMPTY_CLAIM)
    twice = (2, 3, 3, 8)
    yield Attack("index-twice", ("Duplicate",), c.claims(twice, twice, twice), DUPLICATE_INDEX)
    split = c.claims(twice, twice, twice).amounts(c.claim.amounts[0], 1, c.claim.amounts[1] - 1, 0)
    yield Attack("index-twice-amount-split", ("Duplicate", "AmountChanged"), split, DUPLICATE_INDEX)
    yield Attack("superset", ("Superset",), c.claims((2, 3, 8, 9), (2, 3, 8, 9), (2, 3, 8, 9)), DIGEST_COUNT)
    yield Attack("subset", ("Superset",), c.claims((2, 3), (2, 3), (2, 3)), DIGEST_COUNT)
    yield Attack("index-9-for-8", ("IndexChanged",), c.claims((2, 3, 9), INDICES, INDICES), ROOT_MISMATCH)
    yield Attack("index-11", ("IndexOutOfRange",), c.claims((2, 3, 11), INDICES, INDICES), INDEX_OUT_OF_RANGE)
    flags = ("Precedence", "Lengths", "AmountOutOfRange")
    both = c.claims(INDICES, INDICES[:2], INDICES).amounts(-1, 0, 0)
    yield Attack("lengths-and-amount-minus-1", flags, both, LENGTH_MISMATCH)
    flags = ("Precedence", "Duplicate", "AmountOutOfRange")
    worse = c.claims(twice, twice, twice).amounts(-1, 0, 0, 0)
    yield Attack("index-twice-and-amount-minus-1", flags, worse, DUPLICATE_INDEX)
    flags = ("Precedence", "AmountOutOfRange", "DigestCount")
    yield Attack("amount-minus-1-and-no-nodes", flags, c.amounts(-1, 0, 0).nodes(), AMOUNT_OUT_OF_RANGE)


def _nodes(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDICES)
    d = c.proof.digests
    for name, places in (
        ("first-dropped", (1, 2, 3)),
        ("all-dropped", ()),
        ("last-repeated", (0, 1, 2, 3, 3)),
        ("twice", (0, 1, 2, 3, 0, 1, 2, 3)),
    ):
        yield Attack(f"nodes-{name}", ("DigestCount",), c.nodes(*places), DIGEST_COUNT)
    flags = ("DigestCount", "Unencodable")
    yield Attack("sums-none", flags, c.sums(), DIGEST_COUNT)
    yield Attack("sums-many", flags, c.sums(*c.proof.sums, 0), DIGEST_COUNT)
    for name, order in (("swapped-0-1", (1, 0, 2, 3)), ("reversed", (3, 2, 1, 0))):
        yield Attack(f"nodes-{name}", ("DigestOrder",), c.nodes(*order), ROOT_MISMATCH)
    flipped = replace(c.proof, digests=(flip(d[0], 0), *d[1:]))
    yield Attack("digest-0-bit-0", ("BitFlip",), replace(c, proof=flipped), ROOT_MISMATCH)
    data = (flip(c.claim.leaves[0], 0), *c.claim.leaves[1:])
    yield Attack("leaf-0-bit-0", ("BitFlip",), replace(c, claim=c.claim._replace(leaves=data)), ROOT_MISMATCH)
    wrong = replace(c.head, root=flip(c.head.root, 7))
    yield Attack("root-bit-7", ("BitFlip",), replace(c, head=wrong), ROOT_MISMATCH)
    wide = SumMultiProof(64, c.proof.sums[:2], (d[0] + d[1], d[2] + d[3]))
    yield Attack("digest-size-64", ("DigestSize",), replace(c, proof=wide), DIGEST_SIZE)
    larger = replace(c, head=replace(c.head, size=12))
    yield Attack("size-plus-1", ("SizeRelabelled",), larger, ROOT_MISMATCH)
    other = honest(scheme.with_context(b"day 2"), SIZE, INDICES).head.root
    yield Attack(
        "other-context", ("OtherContext",), replace(c, head=replace(c.head, root=other)), ROOT_MISMATCH
    )
    dense = Scheme(NATIVE, scheme.hash_name, scheme.context)
    digests = dense_prove_many(dense, leaves(SIZE), INDICES).digests
    given = replace(c, proof=replace(c.proof, digests=digests))
    yield Attack("dense-digests", ("Dense",), given, ROOT_MISMATCH)
    yield Attack("dense-proof", ("Dense", *flags), given.sums(), DIGEST_COUNT)
