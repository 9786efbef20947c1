"""Bytes that are no binary encoding, each with the flag that says why."""

from __future__ import annotations

from collections.abc import Iterator

from tests.reference.codec import encode, start
from tests.reference.formats import FORMATS, others
from tests.reference.objects import (
    Batch,
    DigestList,
    Head,
    MultiProof,
    NamespacedList,
    Shard,
    SumList,
)
from tests.reference.samples import filler, leaves
from tests.reference.schemes import Scheme, le, lp
from tests.reference.shards import of_leaves
from tests.reference.sparse_objects import SparseMultiProof
from tests.reference.trees import head
from tests.reference.wire_samples import SAMPLE, SAMPLES, sample_batch

Pieces = list[tuple[bytes, int]]  # bytes, and how often each is repeated
Fault = tuple[str, str, bytes | Pieces]


def faults(wanted: type) -> Iterator[Fault]:
    yield from common(wanted)
    if wanted is Scheme:
        yield from _scheme()
    elif wanted is Head:
        yield from _head()
    elif wanted is Batch:
        yield from _batch()
    elif wanted is Shard:
        yield from _shard()
    else:
        yield from _digest_list(wanted)


def common(wanted: type) -> Iterator[Fault]:
    """Faults that every object can have."""
    valid = encode(SAMPLES[wanted]())
    magic = FORMATS[wanted].magic
    digests = issubclass(wanted, DigestList | SumList | NamespacedList | SparseMultiProof)
    yield "empty", "Truncated", b""
    for cut in (3, 4, 5):
        yield f"cut-at-{cut}", "Truncated", valid[:cut]
    yield "cut-by-1", "NotDigests" if digests else "Truncated", valid[:-1]
    yield "trailing-zero", "NotDigests" if digests else "Trailing", valid + b"\x00"
    yield "twice", "NotDigests" if digests else "Trailing", valid + valid
    yield "magic-upper-case", "Magic", magic.upper() + valid[4:]
    yield "magic-reversed", "Magic", magic[::-1] + valid[4:]
    for other in others(wanted):
        yield f"magic-of-a-{other.name}", "Magic", other.magic + valid[4:]
    for version in (0, 2, 255):
        yield f"version-{version}", "Version", magic + le(version, 1) + valid[5:]


def raw_scheme(
    kind: int = 1,
    family: bytes = b"native",
    hash_name: bytes = b"sha256",
    rules: bytes = b"",
    context: bytes = b"",
) -> bytes:
    fields = lp(family) + lp(hash_name) + lp(rules) + lp(context)
    return start(b"tlys") + le(kind, 1) + fields


FAMILIES = (b"", b"Native", b"native\x00", b"nativ", b"rfc9162", b"bitcoin(2)", b"nativ\xc3\xa9", b"\xff")
HASHES = (b"", b"SHA256", b"sha-256", b"sha256 ", b"sha1", b"xxh3_128", b"sha512/256", b"\xff")


def _scheme() -> Iterator[Fault]:
    valid = encode(SAMPLE)
    for cut in (6, 9, 12, len(valid) - 9):
        yield f"cut-at-{cut}", "Truncated", valid[:cut]
    for kind in (0, 2, 3, 4, 255):
        yield f"kind-{kind}", "UnknownName", raw_scheme(kind=kind)
    for family in FAMILIES:
        yield f"family-{family.hex()}", "UnknownName", raw_scheme(family=family)
    for name in HASHES:
        yield f"hash-{name.hex()}", "UnknownName", raw_scheme(hash_name=name)
    for family in (b"native", b"rfc6962"):
        yield f"rules-of-{family.decode()}", "RulesNotEmpty", raw_scheme(family=family, rules=b"\x00")
    yield "rfc6962-context", "ContextRefused", raw_scheme(family=b"rfc6962", context=b"day 1")
    yield "rfc6962-context-zero", "ContextRefused", raw_scheme(family=b"rfc6962", context=b"\x00")
    begin = raw_scheme()[:6]
    yield "family-beyond-end", "HugeLength", begin + b"\xff\xff\xff\xff" + b"native"
    bare = raw_scheme()
    yield "context-beyond-end-by-1", "Truncated", bare[:-4] + le(2, 4) + b"x"
    yield "context-4-gib", "HugeLength", bare[:-4] + b"\xff\xff\xff\xff" + b"x"
    yield "context-shorter-than-bytes", "Trailing", bare[:-4] + le(1, 4) + b"xy"
    yield "lengths-big-endian", "HugeLength", begin + b"\x00\x00\x00\x06" + bare[10:]


def with_scheme(magic: bytes, end: bytes, whole: bytes, scheme: Scheme = SAMPLE) -> Iterator[Fault]:
    """Faults of the scheme inside a head or shard."""
    begin, inner = start(magic), encode(scheme)
    yield "scheme-empty", "Truncated", begin + lp(b"") + end
    yield "scheme-trailing", "Trailing", begin + lp(inner + b"\x00") + end
    yield "scheme-cut", "Truncated", begin + lp(inner[:-1]) + end
    yield "scheme-without-magic", "Magic", begin + lp(inner[5:]) + end
    yield "scheme-version-2", "Version", begin + lp(inner[:4] + b"\x02" + inner[5:]) + end
    yield "scheme-is-the-whole", "Magic", begin + lp(whole) + end
    yield "scheme-unknown-hash", "UnknownName", begin + lp(raw_scheme(hash_name=b"md5")) + end
    refused = raw_scheme(family=b"rfc6962", context=b"x")
    yield "scheme-rfc6962-context", "ContextRefused", begin + lp(refused) + end
    yield "scheme-4-gib", "HugeLength", begin + b"\xff\xff\xff\xff" + inner + end


def _head() -> Iterator[Fault]:
    valid = encode(head(SAMPLE, leaves(7)))
    inner = encode(SAMPLE)
    begin = start(b"tlyh")
    after = len(begin) + 4 + len(inner)
    for cut in (9, 20, after, after + 7, after + 8):
        yield f"cut-at-{cut}", "Truncated", valid[:cut]
    yield from with_scheme(b"tlyh", le(7, 8) + filler("root", 0, 32), valid)
    yield "root-31-bytes", "Truncated", begin + lp(inner) + le(7, 8) + bytes(31)
    yield "root-33-bytes", "Trailing", begin + lp(inner) + le(7, 8) + bytes(33)
    yield "root-64-bytes", "Trailing", begin + lp(inner) + le(7, 8) + bytes(64)


def _digest_list(wanted: type) -> Iterator[Fault]:
    begin = start(FORMATS[wanted].magic)
    for size in (0, 1, 16, 31, 65, 128, 255):
        yield f"digest-size-{size}", "DigestSize", begin + le(size, 1) + bytes(2 * size)
    yield "digest-size-0-and-digests", "DigestSize", begin + le(0, 1) + bytes(32)
    yield "digest-size-33-of-32", "NotDigests", begin + le(33, 1) + bytes(32)
    if wanted is not MultiProof:
        yield "256-digests", "TooMany", [(begin + le(32, 1), 1), (bytes(32), 256)]


def _batch() -> Iterator[Fault]:
    valid = encode(sample_batch())
    begin, body = valid[:6], valid[14:]
    for cut in (6, 13, 14, 16, 17, 48, 80):
        yield f"cut-at-{cut}", "Truncated", valid[:cut]
    for size in (0, 31, 65, 255):
        changed = start(b"tlyb") + le(size, 1) + le(1, 8) + b"\x01" + bytes(size)
        yield f"digest-size-{size}", "DigestSize", changed
    yield "digest-size-0-no-proofs", "DigestSize", start(b"tlyb") + le(0, 1) + le(0, 8)
    yield "empty-and-trailing", "Trailing", begin + le(0, 8) + b"\x00"
    yield "empty-and-a-digest", "Counts", begin + le(0, 8) + bytes(32)
    yield "k-1-too-many", "Counts", begin + le(4, 8) + body
    yield "k-1-too-few", "Counts", begin + le(2, 8) + body
    for k in (2**31, 2**32 + 3, 2**63, 2**64 - 1):
        yield f"k-{k}", "HugeLength", begin + le(k, 8) + body
    digests = body[3:]
    for name, counts in (
        ("too-large", (1, 1, 2)),
        ("too-small", (1, 0, 1)),
        ("255", (255, 255, 255)),
        ("zero", (0, 0, 0)),
    ):
        yield f"counts-{name}", "Counts", begin + le(3, 8) + bytes(counts) + digests
    yield "sum-cut-to-8-bits", "Counts", begin + le(3, 8) + bytes((255, 2, 2)) + digests
    yield "digest-cut", "Counts", begin + le(3, 8) + body[:-31]


def _shard() -> Iterator[Fault]:
    shard = of_leaves(SAMPLE, 3, leaves(9)[3:])
    valid = encode(shard)
    begin = start(b"tlyr") + lp(encode(SAMPLE))
    for cut in (9, 20, len(begin), len(begin) + 8, len(begin) + 15):
        yield f"cut-at-{cut}", "Truncated", valid[:cut]
    joined = b"".join(shard.digests)
    yield from with_scheme(b"tlyr", le(3, 8) + le(9, 8) + joined, valid)
    for name, first, behind, digests in (
        ("digest-dropped", 3, 9, joined[32:]),
        ("digest-added", 3, 9, joined + joined[:32]),
        ("no-digests", 3, 9, b""),
        ("one-digest-a-leaf", 3, 9, joined + joined),
        ("other-end", 3, 11, joined),
        ("other-begin", 1, 9, joined),
        ("empty-and-digest", 9, 9, joined[:32]),
        ("empty-and-all", 0, 0, joined),
        ("whole-in-three", 0, 8, joined),
        ("end-2-to-64-minus-1", 3, 2**64 - 1, joined),
    ):
        yield name, "Counts", begin + le(first, 8) + le(behind, 8) + digests
    for name, first, behind, digests in (
        ("reversed", 9, 3, joined),
        ("reversed-no-digests", 9, 3, b""),
        ("reversed-by-1", 4, 3, b""),
        ("from-the-last", 2**64 - 1, 0, b""),
    ):
        yield name, "Reversed", begin + le(first, 8) + le(behind, 8) + digests
    yield "digest-cut", "NotDigests", begin + le(3, 8) + le(9, 8) + joined[:-16]
