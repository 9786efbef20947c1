"""Inputs that are no object of a sum tree, in the three forms: those of dense trees, and what sums add."""

from __future__ import annotations

from collections.abc import Iterator

from tests.reference import faults_binary, faults_json, faults_protobuf
from tests.reference.codec import amount, encode, start
from tests.reference.faults_binary import Fault
from tests.reference.faults_json import value_of, with_value
from tests.reference.faults_protobuf import field_of, instead, split
from tests.reference.formats import FORMATS
from tests.reference.json_form import encode as to_json
from tests.reference.objects import SumBatch, SumHead, SumInclusionProof, SumList, SumShard
from tests.reference.protobuf_form import FIRST, delimited
from tests.reference.protobuf_form import encode as to_protobuf
from tests.reference.samples import filler
from tests.reference.schemes import RFC6962, Scheme, le, lp
from tests.reference.wire_samples import SAMPLE, SAMPLES, SUM_SAMPLE

OTHER_KINDS = (SAMPLE, Scheme(RFC6962, "sha256"))
# An amount of the binary form that is none.
AMOUNTS = (
    ("of-one-zero", "NonMinimal", b"\x01\x00"),
    ("7-in-two-bytes", "NonMinimal", b"\x02\x07\x00"),
    ("7-in-16-bytes", "NonMinimal", b"\x10\x07" + bytes(15)),
    ("of-16-zeros", "NonMinimal", b"\x10" + bytes(16)),
    ("2-to-128", "NumberRange", b"\x11" + bytes(16) + b"\x01"),
    ("7-in-17-bytes", "NumberRange", b"\x11\x07" + bytes(16)),
    ("of-255-bytes", "NumberRange", b"\xff" + b"\x01" * 255),
)


def binary(wanted: type) -> Iterator[Fault]:
    yield from faults_binary.common(wanted)
    value = SAMPLES[wanted]()
    valid = encode(value)
    if isinstance(value, SumHead | SumShard):
        magic = FORMATS[wanted].magic
        behind = valid[len(start(magic) + lp(encode(SUM_SAMPLE))) :]
        yield from faults_binary.with_scheme(magic, behind, valid, SUM_SAMPLE)
        for other in OTHER_KINDS:
            yield f"scheme-{other.family}", "Kind", start(magic) + lp(encode(other)) + behind
    if isinstance(value, SumHead):
        yield from _binary_head(value)
    if isinstance(value, SumList | SumBatch):
        for size in (0, 31, 65, 255):
            yield f"digest-size-{size}", "DigestSize", valid[:5] + le(size, 1) + valid[6:]
    if isinstance(value, SumInclusionProof):
        many = start(b"tlyI") + le(32, 1) + le(256, 8)
        yield "256-digests", "TooMany", [(many, 1), (b"\x00", 256), (bytes(32), 256)]
    if isinstance(value, SumList | SumShard):
        taken = value.sums
        before = valid[: len(valid) - 8 - sum(len(amount(one)) for one in taken) - 32 * len(value.digests)]
        yield from _binary_sums(before, taken, value.digests)
    if isinstance(value, SumBatch):
        yield from _binary_batch()
    if isinstance(value, SumShard):
        yield from _binary_shard(value)


def _binary_head(value: SumHead) -> Iterator[Fault]:
    begin = start(b"tlyH") + lp(encode(SUM_SAMPLE)) + le(value.size, 8)
    for name, flag, raw in AMOUNTS:
        yield f"total-{name}", flag, begin + value.root + raw
    yield "total-missing", "Truncated", begin + value.root
    yield "total-cut", "Truncated", begin + value.root + b"\x02\x07"
    yield "total-of-16-bytes-always", "Trailing", begin + value.root + le(value.total, 16)
    yield "root-31-bytes", "Truncated", begin + bytes(31)
    yield "root-33-bytes", "Trailing", begin + bytes(33) + b"\x01\x07"
    yield "total-before-root", "Trailing", begin + amount(7) + b"\x07" * 32


def _binary_sums(before: bytes, sums: tuple[int, ...], digests: tuple[bytes, ...]) -> Iterator[Fault]:
    joined, count = b"".join(digests), len(sums)
    rest = b"".join(map(amount, sums[1:]))
    for name, flag, raw in AMOUNTS:
        yield f"first-sum-{name}", flag, before + le(count, 8) + raw + rest + joined
    raws = b"".join(map(amount, sums))
    for k in (2**31, 2**32 + count, 2**63, 2**64 - 1):
        yield f"k-{k}", "HugeLength", before + le(k, 8) + raws + joined
    yield "one-sum-too-few", "Counts", before + le(count - 1, 8) + rest + joined
    yield "one-sum-too-many", "Counts", before + le(count + 1, 8) + raws + b"\x00" + joined
    yield "no-sums", "Counts", before + le(0, 8) + joined
    yield "no-digests", "Counts", before + le(count, 8) + raws
    yield "digests-before-sums", "HugeLength", before + joined + le(count, 8) + raws
    yield "sums-left-out", "HugeLength", before + b"\xff" * 32 * count
    fixed = b"".join(le(one, 16) for one in sums)
    yield "sums-of-16-bytes", "NotDigests", before + le(count, 8) + fixed + joined


def _binary_batch() -> Iterator[Fault]:
    value = SAMPLES[SumBatch]()
    assert isinstance(value, SumBatch)
    begin = start(b"tlyB") + le(32, 1)
    sums, joined = b"\x01\x03" + amount(2**127) + b"\x00", b"".join(b"".join(one) for one in value.proofs)
    for name, counts in (("too-large", (1, 1, 2)), ("too-small", (1, 0, 1)), ("zero", (0, 0, 0))):
        yield f"counts-{name}", "Counts", begin + le(3, 8) + bytes(counts) + le(3, 8) + sums + joined
    counted = begin + le(3, 8) + bytes((1, 0, 2))
    yield "one-sum-too-few", "Counts", counted + le(2, 8) + sums[:-1] + joined
    yield "one-sum-too-many", "Counts", counted + le(4, 8) + sums + b"\x00" + joined
    yield "a-digest-too-many", "Counts", counted + le(3, 8) + sums + joined + bytes(32)
    yield "one-sum-and-digest-too-many", "Counts", counted + le(4, 8) + sums + b"\x00" + joined + bytes(32)
    for k in (2**32 + 3, 2**64 - 1):
        yield f"k-{k}", "HugeLength", begin + le(k, 8) + bytes((1, 0, 2)) + le(3, 8) + sums + joined


def _binary_shard(value: SumShard) -> Iterator[Fault]:
    begin = start(b"tlyR") + lp(encode(SUM_SAMPLE))
    nodes = le(3, 8) + b"".join(map(amount, value.sums)) + b"".join(value.digests)
    for name, flag, first, behind in (
        ("other-end", "Counts", 3, 11),
        ("other-begin", "Counts", 1, 9),
        ("empty-range", "Counts", 9, 9),
        ("end-2-to-64-minus-1", "Counts", 3, 2**64 - 1),
        ("reversed", "Reversed", 9, 3),
    ):
        yield name, flag, begin + le(first, 8) + le(behind, 8) + nodes
    for name, sums in (("by-1", (2**128 - 1, 1, 0)), ("by-half", (2**127, 0, 2**127))):
        raws = le(3, 8) + b"".join(map(amount, sums)) + b"".join(value.digests)
        yield f"sums-overflow-{name}", "Overflow", begin + le(3, 8) + le(9, 8) + raws


def json(wanted: type) -> Iterator[faults_json.Fault]:
    yield from faults_json.faults(wanted)
    text = to_json(SAMPLES[wanted]())
    if wanted in (SumHead, SumShard):
        for other in OTHER_KINDS:
            yield f"scheme-{other.family}", "Kind", with_value(text, "scheme", to_json(other))
    if wanted is SumHead:
        yield "total-a-number", "NumberForm", with_value(text, "total", value_of(text, "total")[1:-1] + "0")
        yield "total-hex", "NumberForm", with_value(text, "total", '"00ff"')
    if wanted is SumInclusionProof:
        zeros = '"' + "00" * 32 + '"'
        begin = text[: text.index("[") + 1]
        sums, digests = [(begin + '"0"', 1), (',"0"', 255)], [("," + zeros, 255), ("]}", 1)]
        yield "256-digests", "TooMany", [*sums, ('],"digests":[' + zeros, 1), *digests]
    if wanted is SumShard:
        most = f'["{2**128 - 1}","1","0"]'
        yield "sums-overflow", "Overflow", with_value(text, "sums", most)


def protobuf(wanted: type) -> Iterator[Fault]:
    yield from faults_protobuf.faults(wanted)
    value = SAMPLES[wanted]()
    parts = split(to_protobuf(value))
    places = {name: place for place, (name, _) in enumerate(FORMATS[wanted].fields, FIRST)}
    if isinstance(value, SumHead | SumShard):
        yield from faults_protobuf.inner(parts, SUM_SAMPLE)
        for other in OTHER_KINDS:
            yield f"scheme-{other.family}", "Kind", instead(parts, 2, delimited(2, to_protobuf(other)))
    if isinstance(value, SumHead):
        for size in (1, 31, 33, 64):
            yield f"root-{size}-bytes", "DigestSize", instead(parts, 4, delimited(4, bytes(size)))
        yield "root-missing", "MissingField", instead(parts, 4)
        for name, flag, raw in AMOUNTS:
            yield f"total-{name}", flag, instead(parts, 5, delimited(5, raw[1:]))
        return
    place = places["sums"]
    sums = [part for part in parts if field_of(part) == place]
    for name, flag, raw in AMOUNTS:
        yield f"first-sum-{name}", flag, instead(parts, place, delimited(place, raw[1:]), *sums[1:])
    yield "sums-missing", "Counts", instead(parts, place)
    yield "sum-dropped", "Counts", instead(parts, place, *sums[1:])
    yield "sum-added", "Counts", instead(parts, place, *sums, delimited(place, b""))
    yield "sums-in-one-field", "NumberRange", instead(parts, place, delimited(place, b"\x01" * 40))
    yield "sums-many-empty", "Counts", [(instead(parts, place), 1), (delimited(place, b""), 100_000)]
    digests = [part for part in parts if field_of(part) == place + 1]
    yield "digests-missing", "Counts", instead(parts, place + 1)
    yield "digest-dropped", "Counts", instead(parts, place + 1, *digests[1:])
    mixed = [part for pair in zip(sums, digests, strict=True) for part in pair]
    yield "sums-and-digests-mixed", "FieldOrder", b"".join([*parts[: -2 * len(sums)], *mixed])
    if isinstance(value, SumInclusionProof):
        begin = b"".join(parts[:2])
        lists = [(delimited(3, b""), 256), (delimited(4, filler("d", 0, 32)), 256)]
        yield "256-digests", "TooMany", [(begin, 1), *lists]
        yield "a-dense-proof", "Kind", begin + b"".join(delimited(3, one) for one in value.digests)
    if isinstance(value, SumShard):
        raws = [delimited(place, b"\xff" * 16), delimited(place, b"\x01"), delimited(place, b"")]
        yield "sums-overflow", "Overflow", instead(parts, place, *raws)
