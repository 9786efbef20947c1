"""Named attacks on one inclusion proof of a sum tree, each with the reason a verifier gives, or None.

The victim is leaf 5 of a tree of 11 leaves: four siblings, on the left, the right, the left and the right.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from tests.reference.attacks import flip
from tests.reference.hashes import CRYPTOGRAPHIC
from tests.reference.objects import SumHead, SumInclusionProof
from tests.reference.refusals import (
    AMOUNT_OUT_OF_RANGE,
    DIGEST_COUNT,
    DIGEST_SIZE,
    INDEX_OUT_OF_RANGE,
    ROOT_MISMATCH,
    SUM_OVERFLOW,
    TOTAL_MISMATCH,
)
from tests.reference.samples import amounts, leaf, leaves
from tests.reference.schemes import NATIVE, NATIVE_SUM, Scheme, le
from tests.reference.sums import SumNode, head, leaf_nodes, prove, top
from tests.reference.trees import head as dense_head
from tests.reference.trees import prove as dense_prove

SIZE = 11
INDEX = 5

FLAGS = {
    "AmountChanged": "another amount for the leaf",
    "AmountOutOfRange": "an amount below 0 or above 2^128 - 1; skip these where your types hold none",
    "SumChanged": "another sum of a sibling, or of several, also with the same total",
    "SumOrder": "the right sums at other siblings",
    "Overflow": "sums that add to 2^128 or more, also where they add to the total modulo 2^128",
    "TotalChanged": "the head states another total, also with a proof that adds to it",
    "MaxInsteadOfSum": "100 and 50 published as 100: each is shown what is left of the other. Whatever the "
    "root, at most one of the two believes it",
    "SumOfChildrenHashed": "a root whose nodes bind what the children add to, not the sum of each",
    "Dense": "root, head or proof of the dense tree of the same leaves",
    "BitFlip": "one bit of leaf, sibling or root differs",
    "LeafChanged": "the leaf data is other bytes, also with the amount in them",
    "DigestCount": "nodes dropped, repeated or added, or not as many sums as digests",
    "DigestOrder": "the right nodes in another order",
    "IndexChanged": "the proof of one index claimed for another",
    "IndexOutOfRange": "an index that the tree does not have",
    "SizeRelabelled": "the head states another size",
    "SecondPreimage": "an inner node is passed as leaf data",
    "OtherContext": "root or head of another context",
    "OtherHash": "everything from a tree of another hash of the same digest size",
    "TopForRoot": "the topmost node in the place of the root",
    "DigestSize": "digests of another size",
    "Precedence": "several faults: the reason is the first that the page's order finds",
    "Unencodable": "no such proof can be encoded; a constructor or decoder may be what refuses it",
}


@dataclass(frozen=True)
class Claim:
    """All inputs of the verifier."""

    head: SumHead
    index: int
    leaf: bytes
    amount: int
    proof: SumInclusionProof

    def sums(self, sums: Sequence[int]) -> Claim:
        return replace(self, proof=replace(self.proof, sums=tuple(sums)))

    def digests(self, digests: Sequence[bytes]) -> Claim:
        return replace(self, proof=replace(self.proof, digests=tuple(digests)))

    def nodes(self, *places: int) -> Claim:
        """The proof of these nodes of the proof, in this order."""
        sums, digests = self.proof.sums, self.proof.digests
        return self.sums([sums[i] for i in places]).digests([digests[i] for i in places])

    def total(self, total: int) -> Claim:
        return replace(self, head=replace(self.head, total=total))

    def size(self, size: int) -> Claim:
        return replace(self, head=replace(self.head, size=size))

    def root(self, root: bytes) -> Claim:
        return replace(self, head=replace(self.head, root=root))


@dataclass(frozen=True)
class Attack:
    name: str
    flags: tuple[str, ...]
    claim: Claim
    reason: str | None


def honest(scheme: Scheme, size: int, index: int) -> Claim:
    return claim_of(scheme, leaves(size), amounts(size), index)


def claim_of(scheme: Scheme, data: Sequence[bytes], owed: Sequence[int], index: int) -> Claim:
    proof = prove(scheme, leaf_nodes(scheme, data, owed), index)
    return Claim(head(scheme, data, owed), index, data[index], owed[index], proof)


def attacks(scheme: Scheme) -> Iterator[Attack]:
    for part in (_amounts, _sums, _overflows, _totals, _maxwell, _places, _counts, _preimages, _schemes):
        yield from part(scheme)


def _amounts(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDEX)
    for name, amount in (
        ("plus-1", c.amount + 1),
        ("minus-1", c.amount - 1),
        ("zero", 0),
        ("doubled", 2 * c.amount),
        ("plus-2-to-64", c.amount + 2**64),
        ("neighbour", amounts(SIZE)[INDEX - 1]),
        ("the-total", c.head.total),
    ):
        yield Attack(f"amount-{name}", ("AmountChanged",), replace(c, amount=amount), TOTAL_MISMATCH)
    for name, amount in (
        ("minus-1", -1),
        ("negated", -c.amount),
        ("2-to-128", 2**128),
        ("plus-2-to-128", c.amount + 2**128),
        ("minus-2-to-128", c.amount - 2**128),
    ):
        changed = replace(c, amount=amount)
        yield Attack(f"amount-out-{name}", ("AmountOutOfRange",), changed, AMOUNT_OUT_OF_RANGE)
    sums = c.proof.sums
    for name, shift in (("1", 1), ("all-of-it", c.amount)):
        moved = replace(c.sums((sums[0] + shift, *sums[1:])), amount=c.amount - shift)
        yield Attack(f"amount-{name}-to-sibling", ("AmountChanged", "SumChanged"), moved, ROOT_MISMATCH)
    taken = replace(c.sums((*sums[:3], sums[3] - 1)), amount=c.amount + 1)
    yield Attack("amount-1-from-sibling", ("AmountChanged", "SumChanged"), taken, ROOT_MISMATCH)


def _sums(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDEX)
    sums = c.proof.sums
    for k, total in enumerate(sums):
        changed = c.sums((*sums[:k], total + 1, *sums[k + 1 :]))
        yield Attack(f"sum-{k}-plus-1", ("SumChanged",), changed, TOTAL_MISMATCH)
    yield Attack("sums-zero", ("SumChanged",), c.sums((0,) * 4), TOTAL_MISMATCH)
    yield Attack("sum-3-zero", ("SumChanged",), c.sums((*sums[:3], 0)), TOTAL_MISMATCH)
    for name, other in (
        ("1-from-2-to-1", (sums[0], sums[1] + 1, sums[2] - 1, sums[3])),
        ("all-in-the-last", (0, 0, 0, sum(sums))),
        ("all-in-the-first", (sum(sums), 0, 0, 0)),
    ):
        yield Attack(f"sums-moved-{name}", ("SumChanged",), c.sums(other), ROOT_MISMATCH)
    for name, swapped in (
        ("0-1", (sums[1], sums[0], *sums[2:])),
        ("1-3", (sums[0], sums[3], sums[2], sums[1])),
        ("reversed", sums[::-1]),
    ):
        yield Attack(f"sums-swapped-{name}", ("SumOrder",), c.sums(swapped), ROOT_MISMATCH)
    with_sibling = replace(c.sums((c.amount, *sums[1:])), amount=sums[0])
    yield Attack("amount-and-sibling-swapped", ("SumOrder", "AmountChanged"), with_sibling, ROOT_MISMATCH)
    flags = ("AmountOutOfRange", "Unencodable")
    for name, total in (("minus-1", -1), ("2-to-128", 2**128)):
        yield Attack(f"sum-{name}", flags, c.sums((total, *sums[1:])), AMOUNT_OUT_OF_RANGE)
    less = replace(c.sums((-c.amount, *sums[1:])), amount=2 * c.amount + sums[0])
    yield Attack("sum-negative-total-right", flags, less, AMOUNT_OUT_OF_RANGE)


def _overflows(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDEX)
    sums = c.proof.sums
    wrapped = (c.amount + sums[0] - 1) % 2**128
    for name, changed in (
        ("first-node", replace(c.sums((2**128 - 1, *sums[1:])), amount=1)),
        ("first-node-wraps-to-right-total", replace(c.sums((2**128 - 1, *sums[1:])), amount=wrapped + 2)),
        ("third-node", c.sums((*sums[:2], 2**128 - 1, 0))),
        ("last-node", c.sums((*sums[:3], 2**128 - sum(sums[:3]) - c.amount))),
        ("last-node-by-much", c.sums((*sums[:3], 2**128 - 1))),
        ("total-0", c.sums((*sums[:3], 2**128 - sum(sums[:3]) - c.amount)).total(0)),
    ):
        yield Attack(f"overflow-{name}", ("Overflow",), changed, SUM_OVERFLOW)
    most = replace(c.sums((*sums[:3], 2**128 - 1 - sum(sums[:3]) - c.amount)))
    yield Attack("overflow-not-quite", ("Overflow",), most, TOTAL_MISMATCH)


def _totals(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDEX)
    sums, total = c.proof.sums, c.head.total
    for name, other in (
        ("plus-1", total + 1),
        ("minus-1", total - 1),
        ("zero", 0),
        ("most", 2**128 - 1),
        ("plus-2-to-64", total + 2**64),
    ):
        yield Attack(f"total-{name}", ("TotalChanged",), c.total(other), TOTAL_MISMATCH)
    for name, shift in (("plus-1", 1), ("minus-1", -1)):
        changed = c.sums((*sums[:3], sums[3] + shift)).total(total + shift)
        yield Attack(f"total-and-sum-{name}", ("TotalChanged", "SumChanged"), changed, ROOT_MISMATCH)
    least = c.sums((0,) * 4).total(c.amount)
    yield Attack("total-of-the-amount-alone", ("TotalChanged", "SumChanged"), least, ROOT_MISMATCH)
    apex = top(scheme, leaf_nodes(scheme, leaves(SIZE), amounts(SIZE)))
    without = c.root(scheme.root(SIZE, apex.digest, 0))
    yield Attack("root-of-total-0", ("TotalChanged",), without, ROOT_MISMATCH)
    yield Attack("root-and-total-0", ("TotalChanged",), without.total(0), TOTAL_MISMATCH)


def _maxwell(scheme: Scheme) -> Iterator[Attack]:
    """Two leaves of 100 and 50 under a head of 100 (eprint 2018/1139)."""
    flags = ("MaxInsteadOfSum",)
    large, small = leaf_nodes(scheme, [b"large", b"small"], [100, 50])

    def seen(left_sum: int, right_sum: int) -> bytes:
        return scheme.sum_node(large.digest, small.digest, left_sum, right_sum)

    def shown(root: bytes, index: int, sibling_sum: int) -> Claim:
        data, amount, sibling = ((b"large", 100, small), (b"small", 50, large))[index]
        proof = SumInclusionProof(scheme.digest_size, (sibling_sum,), (sibling.digest,))
        return Claim(SumHead(scheme, 2, root, 100), index, data, amount, proof)

    for name, apex, first, second in (
        ("for-the-larger", seen(100, 0), None, ROOT_MISMATCH),
        ("for-the-smaller", seen(50, 50), ROOT_MISMATCH, None),
        ("with-both-amounts", seen(100, 50), ROOT_MISMATCH, ROOT_MISMATCH),
    ):
        root = scheme.root(2, apex, 100)
        yield Attack(f"max-{name}-shown-to-the-larger", flags, shown(root, 0, 0), first)
        yield Attack(f"max-{name}-shown-to-the-smaller", flags, shown(root, 1, 50), second)
        yield Attack(f"max-{name}-with-true-sum", flags, shown(root, 1, 100), TOTAL_MISMATCH)
    for name, message in (
        ("sum", large.digest + small.digest + le(100, 16)),
        ("sum-in-front", le(100, 16) + large.digest + small.digest),
        ("no-sums", large.digest + small.digest),
    ):
        root = scheme.root(2, scheme.hash.tag("tallystick/v1/sum-node", message), 100)
        for index, rest in ((0, 0), (1, 50)):
            forged = shown(root, index, rest)
            yield Attack(f"hashed-{name}-{index}", ("SumOfChildrenHashed",), forged, ROOT_MISMATCH)


def _places(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDEX)
    for name, index, reason in (
        ("minus-1", INDEX - 1, ROOT_MISMATCH),
        ("zero", 0, ROOT_MISMATCH),
        ("last", SIZE - 1, DIGEST_COUNT),
    ):
        yield Attack(f"index-{name}", ("IndexChanged",), replace(c, index=index), reason)
    for name, index in (("size", SIZE), ("plus-2-to-32", INDEX + 2**32), ("2-to-64-minus-1", 2**64 - 1)):
        yield Attack(f"index-{name}", ("IndexOutOfRange",), replace(c, index=index), INDEX_OUT_OF_RANGE)
    for name, size, reason in (
        ("plus-1", SIZE + 1, ROOT_MISMATCH),
        ("16", 16, ROOT_MISMATCH),
        ("8", 8, DIGEST_COUNT),
        ("index", INDEX, INDEX_OUT_OF_RANGE),
        ("zero", 0, INDEX_OUT_OF_RANGE),
    ):
        yield Attack(f"size-{name}", ("SizeRelabelled",), c.size(size), reason)
    both = replace(c, index=SIZE, amount=-1)
    flags = ("Precedence", "AmountOutOfRange", "IndexOutOfRange")
    yield Attack("index-size-and-amount-minus-1", flags, both, INDEX_OUT_OF_RANGE)
    few = replace(c.nodes(0, 1, 2), amount=2**128)
    flags = ("Precedence", "AmountOutOfRange", "DigestCount")
    yield Attack("amount-2-to-128-and-node-dropped", flags, few, AMOUNT_OUT_OF_RANGE)


def _counts(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDEX)
    for name, places in (
        ("first-dropped", (1, 2, 3)),
        ("last-dropped", (0, 1, 2)),
        ("all-dropped", ()),
        ("first-repeated", (0, 0, 1, 2, 3)),
        ("last-repeated", (0, 1, 2, 3, 3)),
    ):
        yield Attack(f"nodes-{name}", ("DigestCount",), c.nodes(*places), DIGEST_COUNT)
    zero = c.sums((*c.proof.sums, 0)).digests((*c.proof.digests, bytes(scheme.digest_size)))
    yield Attack("nodes-zero-appended", ("DigestCount",), zero, DIGEST_COUNT)
    flags = ("DigestCount", "Unencodable")
    for name, sums in (("none", ()), ("few", c.proof.sums[1:]), ("many", (*c.proof.sums, 0))):
        yield Attack(f"sums-{name}", flags, c.sums(sums), DIGEST_COUNT)
    yield Attack("nodes-reversed", ("DigestOrder",), c.nodes(3, 2, 1, 0), ROOT_MISMATCH)
    yield Attack("nodes-swapped-0-1", ("DigestOrder",), c.nodes(1, 0, 2, 3), ROOT_MISMATCH)
    joined = b"".join(c.proof.digests)
    wide = SumInclusionProof(64, c.proof.sums[:2], (joined[:64], joined[64:]))
    yield Attack("digest-size-64", ("DigestSize",), replace(c, proof=wide), DIGEST_SIZE)
    flags = ("DigestSize", "Precedence")
    none = replace(c, proof=SumInclusionProof(64, (), ()))
    yield Attack("digest-size-64-no-nodes", flags, none, DIGEST_SIZE)


def _preimages(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDEX)
    for k, bit in enumerate((0, 8 * scheme.digest_size - 1, 7, 100)):
        d = c.proof.digests
        changed = c.digests((*d[:k], flip(d[k], bit), *d[k + 1 :]))
        yield Attack(f"sibling-{k}-bit-{bit}", ("BitFlip",), changed, ROOT_MISMATCH)
    yield Attack("root-bit-9", ("BitFlip",), c.root(flip(c.head.root, 9)), ROOT_MISMATCH)
    yield Attack("root-zero", ("BitFlip",), c.root(bytes(scheme.digest_size)), ROOT_MISMATCH)
    for name, data in (
        ("bit-3", flip(c.leaf, 3)),
        ("empty", b""),
        ("zero-appended", c.leaf + b"\x00"),
        ("neighbour", leaf(INDEX + 1)),
        ("with-amount-before", le(c.amount, 16) + c.leaf),
        ("without-first-byte", c.leaf[1:]),
    ):
        yield Attack(f"leaf-{name}", ("LeafChanged",), replace(c, leaf=data), ROOT_MISMATCH)
    sibling = SumNode(c.proof.digests[0], c.proof.sums[0])
    own = scheme.sum_leaf(c.amount, c.leaf)
    joined = sibling.digest + own + le(sibling.sum, 16) + le(c.amount, 16)
    above = replace(c.nodes(1, 2, 3).size(6), index=INDEX // 2)
    for name, amount, data in (
        ("all", sibling.sum + c.amount, joined),
        ("behind-16-bytes", sibling.sum + c.amount, joined[16:]),
    ):
        forged = replace(above, leaf=data, amount=amount)
        yield Attack(f"node-as-leaf-{name}", ("SecondPreimage",), forged, ROOT_MISMATCH)


def _schemes(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDEX)
    other = Scheme(NATIVE_SUM, CRYPTOGRAPHIC[CRYPTOGRAPHIC.index(scheme.hash_name) - 1])
    foreign = honest(other, SIZE, INDEX)
    relabelled = replace(foreign, head=replace(foreign.head, scheme=scheme))
    yield Attack(f"all-of-{other.hash_name}", ("OtherHash",), relabelled, ROOT_MISMATCH)
    for context in (b"day 2", b"\x00"):
        root = honest(scheme.with_context(context), SIZE, INDEX).head.root
        yield Attack(f"root-of-context-{context.hex()}", ("OtherContext",), c.root(root), ROOT_MISMATCH)
    apex = top(scheme, leaf_nodes(scheme, leaves(SIZE), amounts(SIZE)))
    yield Attack("top-for-root", ("TopForRoot",), c.root(apex.digest), ROOT_MISMATCH)
    dense = Scheme(NATIVE, scheme.hash_name, scheme.context)
    root, proof = dense_head(dense, leaves(SIZE)).root, dense_prove(dense, leaves(SIZE), INDEX)
    yield Attack("dense-root", ("Dense",), c.root(root), ROOT_MISMATCH)
    yield Attack("dense-digests", ("Dense",), c.digests(proof.digests), ROOT_MISMATCH)
    yield Attack("dense-root-and-digests", ("Dense",), c.digests(proof.digests).root(root), ROOT_MISMATCH)
    flags = ("Dense", "DigestCount", "Unencodable")
    yield Attack("dense-proof", flags, c.digests(proof.digests).sums(()).root(root), DIGEST_COUNT)
    zeros = replace(c.digests(proof.digests).sums((0,) * 4).root(root).total(0), amount=0)
    yield Attack("dense-proof-with-zero-sums", ("Dense", "AmountChanged"), zeros, ROOT_MISMATCH)
    prefixed = [le(amount, 16) + data for amount, data in zip(amounts(SIZE), leaves(SIZE), strict=True)]
    tagged = dense_head(dense, prefixed).root
    yield Attack("dense-root-of-amounts-in-leaves", ("Dense",), c.root(tagged), ROOT_MISMATCH)
