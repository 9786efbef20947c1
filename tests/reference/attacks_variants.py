"""Named attacks on an inclusion proof of any dense scheme, each with the reason, or None if it is accepted.

What is accepted is what the scheme does not bind: the page says so (docs/spec/variants.md).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.reference.attacks import flip
from tests.reference.constructions import bitcoin
from tests.reference.objects import Head, InclusionProof
from tests.reference.queues import queue, queue_way
from tests.reference.refusals import (
    DIGEST_COUNT,
    DIGEST_SIZE,
    INDEX_NOT_BOUND,
    INDEX_OUT_OF_RANGE,
    INDEX_REQUIRED,
    MALFORMED_LEAF,
    ROOT_MISMATCH,
    Refused,
)
from tests.reference.rules import Duplicate, Queue, Zeros
from tests.reference.samples import filler, leaf_for, leaves_for
from tests.reference.schemes import Scheme
from tests.reference.trees import children, count, head, height, leaf_digests, path, prove, subtree
from tests.reference.verify import families, fold, lengths, verify

SIZES = (11, 8, 16, 33, 5, 36, 1)
END = 2**64 - 1
HUGE = ((255, 256), (2**32 - 2, 2**32 - 1), (5, 2**62 - 1), (2**63, 2**63 + 1), (END - 1, END))

FLAGS = {
    "BitFlip": "one bit of leaf, sibling or root differs",
    "LeafChanged": "the leaf is another leaf of the tree",
    "LeafSize": "a bare leaf that is not as long as a digest",
    "DigestCount": "digests dropped or added",
    "DigestOrder": "the right digests in another order",
    "DigestSize": "digests of another size; refused before anything is hashed",
    "IndexChanged": "the proof of one index claimed for another",
    "IndexOutOfRange": "an index that the tree does not have",
    "IndexRequired": "no index, though the scheme binds it",
    "IndexNotBound": "an index, though proofs of sorted pairs show none",
    "SizeRelabelled": "the head states another size",
    "SizeNotBound": "the root binds no size: accepted, so sizes must come from an authenticated head",
    "InnerNode": "an inner node, or its children, in the place of a leaf",
    "LeavesNotSeparated": "an inner node in the place of a leaf, accepted: leaves must be known to be leaves",
    "ZeroLeaf": "the zero that fills a tree up in the place of a leaf",
    "ZeroNotExcluded": "the zero that fills a tree up passes for a leaf: accepted, so it must not be one",
    "EqualSiblings": "the last leaves once more: the shorter tree has the same root (CVE-2012-2459)",
    "Huge": "size and index near the end of 64 bits; siblings are invented digests",
    "Precedence": "several faults: the reason is the first that the page's order finds",
    "Unencodable": "the codec refuses this digest size too, so a decoder may be the one that refuses",
}


@dataclass(frozen=True)
class Claim:
    """All inputs of the verifier."""

    head: Head
    index: int | None
    leaf: bytes
    proof: InclusionProof

    def digests(self, *digests: bytes) -> Claim:
        return replace(self, proof=replace(self.proof, digests=digests))

    def size(self, size: int) -> Claim:
        return replace(self, head=replace(self.head, size=size))

    @property
    def fits(self) -> bool:
        """Whether the proof has as many digests as the claim takes."""
        rules, size = self.head.scheme.rules, self.head.size
        if self.index is None:
            return len(self.proof.digests) in lengths(rules, size)
        taken = sum(present - 1 for _, present in families(rules, self.index, size))
        return len(self.proof.digests) == taken


@dataclass(frozen=True)
class Attack:
    name: str
    flags: tuple[str, ...]
    claim: Claim
    reason: str | None


def honest(scheme: Scheme, size: int, index: int) -> Claim:
    data = leaves_for(scheme, size)
    claimed = index if scheme.binds_index else None
    return Claim(head(scheme, data), claimed, data[index], prove(scheme, data, index))


def victim(scheme: Scheme) -> tuple[int, int]:
    """The size and index that are attacked."""
    size = next(size for size in SIZES if scheme.takes(size))
    return size, min(4, size - 1)


def attacks(scheme: Scheme) -> Iterator[Attack]:
    yield from _bits(scheme)
    yield from _counts(scheme)
    yield from _indices(scheme)
    yield from _sizes(scheme)
    yield from _inner(scheme)
    yield from _zeros(scheme)
    yield from _doubled(scheme)
    yield from _digest_sizes(scheme)


def _bits(scheme: Scheme) -> Iterator[Attack]:
    size, index = victim(scheme)
    c = honest(scheme, size, index)
    d = c.proof.digests
    flags = ("BitFlip",)
    for k in {0, len(d) - 1} if d else ():
        changed = c.digests(*d[:k], flip(d[k], 8 * k), *d[k + 1 :])
        yield Attack(f"sibling-{k}-bit", flags, changed, ROOT_MISMATCH)
    yield Attack("leaf-bit", flags, replace(c, leaf=flip(c.leaf, 0)), ROOT_MISMATCH)
    wrong = replace(c.head, root=flip(c.head.root, 255))
    yield Attack("root-bit", flags, replace(c, head=wrong), ROOT_MISMATCH)
    if size > 1:
        other = replace(c, leaf=leaf_for(scheme, index - 1))
        yield Attack("leaf-of-another", ("LeafChanged",), other, ROOT_MISMATCH)
    if scheme.rules.leaf is None:
        for name, data in (
            ("empty", b""),
            ("cut", c.leaf[:-1]),
            ("zero-appended", c.leaf + b"\x00"),
            ("two", c.leaf * 2),
        ):
            yield Attack(f"leaf-{name}", ("LeafSize",), replace(c, leaf=data), MALFORMED_LEAF)
        short = replace(c, leaf=b"").digests(*d, c.leaf)
        if not short.fits:
            yield Attack("leaf-empty-and-a-digest-too-many", ("LeafSize", "Precedence"), short, DIGEST_COUNT)


def _counts(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, *victim(scheme))
    d = c.proof.digests
    changed = {"zero-appended": (*d, bytes(32)), "root-before": (c.head.root, *d)}
    if d:
        changed |= {"first-dropped": d[1:], "last-dropped": d[:-1], "first-repeated": (d[0], *d)}
    for name, digests in changed.items():
        other = c.digests(*digests)
        reason = ROOT_MISMATCH if other.fits else DIGEST_COUNT
        yield Attack(f"digests-{name}", ("DigestCount",), other, reason)
    if len(d) > 1:
        yield Attack("digests-swapped", ("DigestOrder",), c.digests(d[1], d[0], *d[2:]), ROOT_MISMATCH)
        yield Attack("digests-reversed", ("DigestOrder",), c.digests(*d[::-1]), ROOT_MISMATCH)


def _indices(scheme: Scheme) -> Iterator[Attack]:
    size, index = victim(scheme)
    c = honest(scheme, size, index)
    if not scheme.binds_index:
        for claimed in (index, 0):
            wrong = replace(c, index=claimed)
            yield Attack(f"index-{claimed}", ("IndexNotBound",), wrong, INDEX_NOT_BOUND)
        beyond = replace(c, index=size)
        yield Attack("index-size", ("IndexNotBound", "Precedence"), beyond, INDEX_NOT_BOUND)
        return
    yield Attack("index-none", ("IndexRequired",), replace(c, index=None), INDEX_REQUIRED)
    for claimed in sorted({index ^ 1, size - 1, 0} - {index}):
        other = replace(c, index=claimed)
        if claimed < size:
            reason = ROOT_MISMATCH if other.fits else DIGEST_COUNT
            yield Attack(f"index-{claimed}", ("IndexChanged",), other, reason)
    for claimed in (size, index + 2**32):
        far = replace(c, index=claimed)
        yield Attack(f"index-{claimed}", ("IndexOutOfRange",), far, INDEX_OUT_OF_RANGE)


def _sizes(scheme: Scheme) -> Iterator[Attack]:
    """The honest claim under heads that state another size."""
    size, index = victim(scheme)
    c = honest(scheme, size, index)
    for other in (size - 1, size + 1, size + 2, 4 * size, size + 2**32):
        if other > 0 and scheme.takes(other) and (not scheme.binds_index or index < other):
            yield decided(f"size-{other}", "SizeRelabelled", "SizeNotBound", c.size(other))
    if scheme.binds_index and scheme.takes(index) and index > 0:
        yield Attack(f"size-{index}", ("SizeRelabelled",), c.size(index), INDEX_OUT_OF_RANGE)


def decided(name: str, refused: str, accepted: str, claim: Claim) -> Attack:
    """An attack that some schemes withstand: ``test_schemes_weaknesses.py`` lists which do not."""
    reason = verdict(claim)
    return Attack(name, (refused if reason else accepted,), claim, reason)


def verdict(claim: Claim) -> str | None:
    try:
        verify(claim.head, claim.index, claim.leaf, claim.proof)
    except Refused as refused:
        return refused.reason
    return None


def _inner(scheme: Scheme) -> Iterator[Attack]:
    """The victim's parent as a leaf: its digest, and its children, under heads that would fit."""
    size, index = victim(scheme)
    c, d = honest(scheme, size, index), leaf_digests(scheme, leaves_for(scheme, size))
    rules = scheme.rules
    if isinstance(rules.edge, Queue):
        # The nodes of the first two leaves are on a level where leaves are.
        nodes, place = queue(scheme, d), size
        digest, joined = nodes[place], nodes[0] + nodes[1]
        siblings = [nodes[i] for i in queue_way(size, place)]
        fewer = size
    elif height(rules, size) == 0:
        return
    else:
        node = (1, index // rules.arity)
        below = children(rules, size, node)
        digest, joined = subtree(scheme, d, node), b"".join(d[i] for _, i in below)
        own = len(below) if scheme.binds_index else 2
        siblings, fewer = list(c.proof.digests[own - 1 :]), count(rules, size, 1)
    claimed = index // rules.arity if scheme.binds_index else None
    for name, data in (("node", digest), ("children", joined)):
        for other in {fewer, size}:
            if scheme.takes(other) and (claimed is None or claimed < other):
                fits = replace(c.size(other), index=claimed, leaf=data).digests(*siblings)
                yield decided(f"inner-{name}-at-{other}", "InnerNode", "LeavesNotSeparated", fits)


def _zeros(scheme: Scheme) -> Iterator[Attack]:
    """The zero as the leaf behind the last one, with the digests that a verifier takes there."""
    edge = scheme.rules.edge
    size, _ = victim(scheme)
    if not isinstance(edge, Zeros) or size == edge.limit or not scheme.takes(size + 1):
        return
    # The tree with a leaf more that is the zero has the same top.
    digests = [*leaf_digests(scheme, leaves_for(scheme, size)), edge.zero]
    proof = InclusionProof(scheme.digest_size, tuple(path(scheme, digests, size)))
    claimed = size if scheme.binds_index else None
    trusted = head(scheme, leaves_for(scheme, size))
    for other in (size, size + 1):
        claim = Claim(replace(trusted, size=other), claimed, edge.zero, proof)
        yield decided(f"zero-at-{other}", "ZeroLeaf", "ZeroNotExcluded", claim)


def _doubled(scheme: Scheme) -> Iterator[Attack]:
    """A longer row of leaves, the last ones twice, has the root of a shorter one."""
    if not isinstance(scheme.rules.edge, Duplicate):
        return
    for size, doubled in ((3, 4), (5, 6), (6, 8), (5, 8)):
        digests = leaf_digests(scheme, leaves_for(scheme, size))
        grown = doubled_leaves(digests, doubled)
        trusted = Head(scheme, doubled, scheme.root(size, bitcoin(scheme, digests)))
        for index in (0, doubled - 1):
            # Every sibling that the list with the doubled leaves would have.
            siblings = doubled_path(scheme, grown, index)
            origin = index if index < size else index - (doubled - size)
            data = leaf_for(scheme, origin)
            claim = Claim(trusted, index, data, InclusionProof(scheme.digest_size, siblings))
            yield decided(f"{size}-as-{doubled}-at-{index}", "EqualSiblings", "SizeNotBound", claim)


def doubled_leaves(digests: list[bytes], size: int) -> list[bytes]:
    """The row that has the same root: its last leaves, as many as are missing, once more."""
    row = list(digests)
    while len(row) < size:
        width = 1
        while len(row) // width % 2 == 0:
            width *= 2
        row += row[-width:]
    return row


def doubled_path(scheme: Scheme, digests: list[bytes], index: int) -> tuple[bytes, ...]:
    """The siblings in Bitcoin's loop over a row that may have equal ones."""
    row, found, i = list(digests), [], index
    while len(row) > 1:
        if i ^ 1 < len(row):
            found.append(row[i ^ 1])
        if len(row) % 2 == 1:
            row.append(row[-1])
        row = [scheme.node(row[j], row[j + 1]) for j in range(0, len(row), 2)]
        i //= 2
    return tuple(found)


def _digest_sizes(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, *victim(scheme))
    d = c.proof.digests
    wide = replace(c, proof=InclusionProof(64, tuple(x * 2 for x in d)))
    yield Attack("digest-size-64", ("DigestSize",), wide, DIGEST_SIZE)
    cut = replace(c, proof=InclusionProof(31, tuple(x[:31] for x in d)))
    yield Attack("digest-size-31", ("DigestSize", "Unencodable"), cut, DIGEST_SIZE)
    if c.index is not None:
        both = replace(wide, index=c.head.size)
        yield Attack("digest-size-64-index-size", ("DigestSize", "Precedence"), both, INDEX_OUT_OF_RANGE)


def huge(scheme: Scheme) -> Iterator[Attack]:
    """Honest claims about huge trees. Siblings are invented digests, the root is what they lead to."""
    for index, size in HUGE:
        if not scheme.takes(size):
            continue
        rules = scheme.rules
        taken = sum(present - 1 for _, present in families(rules, index, size))
        digests = tuple(filler("huge", k, scheme.digest_size) for k in range(taken))
        unknown = Head(scheme, size, bytes(scheme.digest_size))
        data = leaf_for(scheme, 3)
        claim = Claim(unknown, index, data, InclusionProof(scheme.digest_size, digests))
        root = fold(unknown, index, data, digests)
        yield Attack(f"huge-{size}", ("Huge",), replace(claim, head=replace(unknown, root=root)), None)
