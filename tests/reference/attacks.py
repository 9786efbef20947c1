"""Named attacks on one inclusion proof, each with the reason a verifier gives, or None where it must accept.

The victim is leaf 4 of a tree of 11 leaves: four siblings, all on the right but the third.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from tests.reference.hashes import CRYPTOGRAPHIC
from tests.reference.objects import Head, InclusionProof
from tests.reference.refusals import DIGEST_COUNT, DIGEST_SIZE, INDEX_OUT_OF_RANGE, ROOT_MISMATCH
from tests.reference.samples import leaf, leaves
from tests.reference.schemes import NATIVE, RFC6962, RFC6962_NODE, Scheme
from tests.reference.trees import head, leaf_digests, prove, top

SIZE = 11
INDEX = 4

FLAGS = {
    "BitFlip": "one bit of leaf, sibling or root differs",
    "LeafChanged": "the leaf data is other bytes",
    "DigestCount": "digests dropped, repeated or added",
    "DigestOrder": "the right digests in another order, or one in the place of another",
    "IndexChanged": "the proof of one index claimed for another",
    "IndexOutOfRange": "an index that the tree does not have, also when cut to 32 bits",
    "SizeRelabelled": "the head states another size; a native root binds the size",
    "SizeNotBound": "an RFC 6962 root binds no size: accepted, so sizes must come from an authenticated head",
    "SecondPreimage": "an inner node or a digest is passed as leaf data",
    "OtherContext": "root or head of another context",
    "OtherHash": "everything from a tree of another hash of the same digest size",
    "OtherFamily": "everything from a tree of the other family",
    "TopForRoot": "the topmost node in the place of the native root",
    "DigestSize": "digests of another size; refused before anything is hashed",
    "Precedence": "several faults: the reason is the first that the page's order finds",
    "Unencodable": "the codec refuses this digest size too, so a decoder may be the one that refuses",
    "Duplication": "the last leaf is paired with itself, as Bitcoin does",
}


@dataclass(frozen=True)
class Claim:
    """All inputs of the verifier."""

    head: Head
    index: int
    leaf: bytes
    proof: InclusionProof

    def digests(self, *digests: bytes) -> Claim:
        return replace(self, proof=replace(self.proof, digests=digests))

    def size(self, size: int) -> Claim:
        return replace(self, head=replace(self.head, size=size))


@dataclass(frozen=True)
class Attack:
    name: str
    flags: tuple[str, ...]
    claim: Claim
    reason: str | None


def honest(scheme: Scheme, size: int, index: int) -> Claim:
    data = leaves(size)
    return Claim(head(scheme, data), index, leaf(index), prove(scheme, data, index))


def flip(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def attacks(scheme: Scheme) -> Iterator[Attack]:
    yield from _bits(scheme)
    yield from _counts(scheme)
    yield from _places(scheme)
    yield from _preimages(scheme)
    yield from _schemes(scheme)
    yield from _sizes_of_digests(scheme)


def _bits(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDEX)
    d = c.proof.digests
    last = 8 * scheme.digest_size - 1
    for name, bit in (("first", 0), ("last", last)):
        for k in range(len(d)):
            changed = c.digests(*d[:k], flip(d[k], bit), *d[k + 1 :])
            yield Attack(f"sibling-{k}-{name}-bit", ("BitFlip",), changed, ROOT_MISMATCH)
        wrong = replace(c.head, root=flip(c.head.root, bit))
        yield Attack(f"root-{name}-bit", ("BitFlip",), replace(c, head=wrong), ROOT_MISMATCH)
    for name, bit in (("first", 0), ("last", 8 * len(c.leaf) - 1)):
        yield Attack(f"leaf-{name}-bit", ("BitFlip",), replace(c, leaf=flip(c.leaf, bit)), ROOT_MISMATCH)
    zero_root = replace(c.head, root=bytes(scheme.digest_size))
    yield Attack("root-zero", ("BitFlip",), replace(c, head=zero_root), ROOT_MISMATCH)
    for name, data in (
        ("cut", c.leaf[:-1]),
        ("zero-appended", c.leaf + b"\x00"),
        ("zero-before", b"\x00" + c.leaf),
        ("empty", b""),
        ("neighbour", leaf(INDEX + 1)),
    ):
        yield Attack(f"leaf-{name}", ("LeafChanged",), replace(c, leaf=data), ROOT_MISMATCH)


def _counts(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDEX)
    d = c.proof.digests
    zero = bytes(scheme.digest_size)
    own = scheme.leaf(c.leaf)
    for name, digests in (
        ("first-dropped", d[1:]),
        ("last-dropped", d[:-1]),
        ("all-dropped", ()),
        ("first-repeated", (d[0], *d)),
        ("last-repeated", (*d, d[-1])),
        ("zero-appended", (*d, zero)),
        ("zero-before", (zero, *d)),
        ("root-appended", (*d, c.head.root)),
        ("255-digests", d + (zero,) * (255 - len(d))),
    ):
        if name != "255-digests" or scheme.hash_name == "sha256":
            yield Attack(f"digests-{name}", ("DigestCount",), c.digests(*digests), DIGEST_COUNT)
    for name, digests in (
        ("swapped-0-1", (d[1], d[0], *d[2:])),
        ("swapped-2-3", (*d[:2], d[3], d[2])),
        ("reversed", d[::-1]),
        ("first-twice", (d[0], d[0], *d[2:])),
        ("own-for-sibling", (own, *d[1:])),
        ("zero-for-sibling", (zero, *d[1:])),
    ):
        yield Attack(f"digests-{name}", ("DigestOrder",), c.digests(*digests), ROOT_MISMATCH)
    edge = honest(scheme, SIZE, SIZE - 1)
    yield Attack(
        "edge-paired-with-itself",
        ("DigestCount", "Duplication"),
        edge.digests(scheme.leaf(edge.leaf), *edge.proof.digests),
        DIGEST_COUNT,
    )
    data = [*leaves(SIZE), leaf(SIZE - 1)]
    doubled = replace(honest(scheme, SIZE, SIZE - 1), proof=prove(scheme, data, SIZE - 1))
    yield Attack(
        "edge-doubled-tree",
        ("Duplication",),
        replace(doubled, head=replace(head(scheme, data), size=SIZE)),
        DIGEST_COUNT,
    )


def _places(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDEX)
    size_free = scheme.family == RFC6962
    for name, index, reason in (
        ("minus-1", INDEX - 1, ROOT_MISMATCH),
        ("plus-1", INDEX + 1, ROOT_MISMATCH),
        ("zero", 0, ROOT_MISMATCH),
        ("last", SIZE - 1, DIGEST_COUNT),
    ):
        yield Attack(f"index-{name}", ("IndexChanged",), replace(c, index=index), reason)
    for name, index in (
        ("size", SIZE),
        ("plus-16", INDEX + 16),
        ("plus-2-to-32", INDEX + 2**32),
        ("2-to-64-minus-1", 2**64 - 1),
    ):
        yield Attack(f"index-{name}", ("IndexOutOfRange",), replace(c, index=index), INDEX_OUT_OF_RANGE)
    for name, size in (("plus-1", SIZE + 1), ("16", 16)):
        flag = "SizeNotBound" if size_free else "SizeRelabelled"
        yield Attack(f"size-{name}", (flag,), c.size(size), None if size_free else ROOT_MISMATCH)
    for name, size in (("8", 8), ("plus-2-to-32", SIZE + 2**32), ("2-to-64-minus-1", 2**64 - 1)):
        yield Attack(f"size-{name}", ("SizeRelabelled",), c.size(size), DIGEST_COUNT)
    for name, size in (("index", INDEX), ("zero", 0)):
        yield Attack(f"size-{name}", ("SizeRelabelled",), c.size(size), INDEX_OUT_OF_RANGE)
    flag = "SizeNotBound" if size_free else "SizeRelabelled"
    edge = replace(honest(scheme, SIZE, SIZE - 1).size(4), index=3)
    yield Attack("size-and-index-of-one-shape", (flag,), edge, None if size_free else ROOT_MISMATCH)
    nothing = Claim(head(scheme, []), 0, b"", InclusionProof(scheme.digest_size, ()))
    yield Attack("empty-tree", ("IndexOutOfRange",), nothing, INDEX_OUT_OF_RANGE)


def _preimages(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDEX)
    d = c.proof.digests
    flags = ("SecondPreimage",)
    joined = scheme.leaf(c.leaf) + d[0]
    above = replace(c.digests(*d[1:]).size((SIZE + 1) // 2), index=INDEX // 2)
    yield Attack("children-as-leaf", flags, replace(above, leaf=joined), ROOT_MISMATCH)
    prefixed = replace(above, leaf=RFC6962_NODE + joined)
    yield Attack("children-with-prefix-as-leaf", flags, prefixed, ROOT_MISMATCH)
    at_size = replace(c.digests(*d[1:]), leaf=joined)
    yield Attack("children-as-leaf-at-true-size", flags, at_size, DIGEST_COUNT)
    yield Attack("leaf-digest-as-leaf", flags, replace(c, leaf=scheme.leaf(c.leaf)), ROOT_MISMATCH)
    data = leaves(SIZE)
    children = replace(honest(scheme, 1, 0), head=replace(c.head, size=1))
    digests = leaf_digests(scheme, data)
    halves = top(scheme, digests[:8]) + top(scheme, digests[8:])
    yield Attack("top-children-as-only-leaf", flags, replace(children, leaf=halves), ROOT_MISMATCH)


def _schemes(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDEX)
    other_hash = CRYPTOGRAPHIC[CRYPTOGRAPHIC.index(scheme.hash_name) - 1]
    other_family = NATIVE if scheme.family == RFC6962 else RFC6962
    yield _foreign(scheme, Scheme(scheme.family, other_hash), "OtherHash")
    yield _foreign(scheme, Scheme(other_family, scheme.hash_name), "OtherFamily")
    if scheme.family == RFC6962:
        return
    flags = ("OtherContext",)
    for context in (b"day 2", b"\x00"):
        root = honest(scheme.with_context(context), SIZE, INDEX).head.root
        yield Attack(
            f"root-of-context-{context.hex()}",
            flags,
            replace(c, head=replace(c.head, root=root)),
            ROOT_MISMATCH,
        )
    apex = top(scheme, leaf_digests(scheme, leaves(SIZE)))
    bare = replace(c, head=replace(c.head, root=apex))
    yield Attack("top-for-root", ("TopForRoot",), bare, ROOT_MISMATCH)


def _foreign(scheme: Scheme, other: Scheme, flag: str) -> Attack:
    claim = honest(other, SIZE, INDEX)
    relabelled = replace(claim, head=replace(claim.head, scheme=scheme))
    return Attack(f"all-of-{other.family}-{other.hash_name}", (flag,), relabelled, ROOT_MISMATCH)


def _sizes_of_digests(scheme: Scheme) -> Iterator[Attack]:
    c = honest(scheme, SIZE, INDEX)
    d = c.proof.digests
    joined = b"".join(d)

    def of(size: int, *digests: bytes) -> Claim:
        return replace(c, proof=InclusionProof(size, digests))

    yield Attack("digest-size-31", ("DigestSize", "Unencodable"), of(31, *(x[:31] for x in d)), DIGEST_SIZE)
    yield Attack("digest-size-33", ("DigestSize",), of(33, *(x + b"\x00" for x in d)), DIGEST_SIZE)
    yield Attack("digest-size-64-regrouped", ("DigestSize",), of(64, joined[:64], joined[64:]), DIGEST_SIZE)
    yield Attack("digest-size-64-no-digests", ("DigestSize", "Precedence"), of(64), DIGEST_SIZE)
    beyond = replace(of(64), index=SIZE)
    flags = ("IndexOutOfRange", "Precedence")
    yield Attack("index-size-and-digest-size-64", flags, beyond, INDEX_OUT_OF_RANGE)
    few = replace(c.digests(*d[1:]), index=SIZE)
    yield Attack("index-size-and-digest-dropped", flags, few, INDEX_OUT_OF_RANGE)
