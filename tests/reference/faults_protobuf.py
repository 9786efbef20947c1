"""Bytes that are no Protobuf encoding, each with the flag that says why. Most are messages of the schema."""

from __future__ import annotations

from collections.abc import Iterator

from tests.reference.faults_binary import FAMILIES, HASHES, Fault
from tests.reference.formats import FORMATS
from tests.reference.layouts import Kind
from tests.reference.objects import (
    AbsenceProof,
    Batch,
    ConsistencyProof,
    DigestList,
    Head,
    InclusionProof,
    MultiProof,
    Shard,
    SumMultiProof,
)
from tests.reference.protobuf_form import (
    FIRST,
    MAY_BE_EMPTY,
    NUMBERS,
    REPEATED,
    delimited,
    encode,
    number,
    read_varint,
    varint,
)
from tests.reference.schemes import Scheme
from tests.reference.wire_samples import SAMPLE, SAMPLES

END = 2**64 - 1
DEEP = 100_000


def faults(wanted: type) -> Iterator[Fault]:
    raw = encode(SAMPLES[wanted]())
    parts = split(raw)
    yield from _common(raw, parts)
    yield from _unknown(wanted, parts)
    alike = wanted in (MultiProof, ConsistencyProof, SumMultiProof, AbsenceProof)  # as others
    for field, (name, kind) in enumerate(() if alike else FORMATS[wanted].fields, FIRST):
        yield from _field(field, name, kind, parts)
    yield from _values(wanted, parts)


def split(raw: bytes) -> list[bytes]:
    """The records of a message, as they stand."""
    found, at = [], 0
    while at < len(raw):
        begin = at
        tag, at = read_varint(raw, at)
        value, at = read_varint(raw, at)
        at += value if tag & 7 else 0
        found.append(raw[begin:at])
    return found


def field_of(record: bytes) -> int:
    return read_varint(record, 0)[0] >> 3


def instead(parts: list[bytes], field: int, *records: bytes) -> bytes:
    """The message with other records for a field, at its place."""
    before = [part for part in parts if field_of(part) < field]
    after = [part for part in parts if field_of(part) > field]
    return b"".join([*before, *records, *after])


def longer(value: int) -> bytes:
    """A varint with one byte more than it takes."""
    short = varint(value)
    return short[:-1] + bytes([short[-1] | 128, 0])


def _common(raw: bytes, parts: list[bytes]) -> Iterator[Fault]:
    yield "empty", "Version", b""
    yield "cut-at-1", "Truncated", raw[:1]
    yield "cut-by-1", "Truncated", raw[:-1]
    yield "tag-0-behind", "UnknownField", raw + b"\x00"
    yield "tag-only-behind", "Truncated", raw + varint(20 << 3)
    yield "twice", "RepeatedField", raw + raw
    yield "version-missing", "Version", instead(parts, 1)
    yield "version-0", "ExplicitZero", instead(parts, 1, number(1, 0))
    for version in (2, 255, 257, 2**32 + 1, END):
        yield f"version-{version}", "Version", instead(parts, 1, number(1, version))
    yield "version-last", "FieldOrder", b"".join([*parts[1:], parts[0]])
    yield "reversed", "FieldOrder", b"".join(parts[::-1])
    yield "version-twice", "RepeatedField", instead(parts, 1, parts[0], parts[0])
    yield "version-again-at-the-end", "FieldOrder", raw + parts[0]
    yield "version-long", "NonMinimal", instead(parts, 1, varint(1 << 3) + longer(1))
    yield (
        "version-ten-bytes",
        "NonMinimal",
        instead(parts, 1, varint(1 << 3) + b"\x81" + b"\x80" * 8 + b"\x00"),
    )
    yield "version-tag-long", "NonMinimal", instead(parts, 1, longer(1 << 3) + b"\x01")
    yield "version-as-bytes", "WireType", instead(parts, 1, delimited(1, b"\x01"))
    yield "version-as-fixed64", "WireType", instead(parts, 1, varint(1 << 3 | 1) + b"\x01" + bytes(7))
    yield "version-as-fixed32", "WireType", instead(parts, 1, varint(1 << 3 | 5) + b"\x01" + bytes(3))
    yield "varint-without-end", "Varint", b"\x08" + b"\xff" * 9
    yield "varint-of-11-bytes", "Varint", instead(parts, 1, b"\x08" + b"\x81" + b"\x80" * 9 + b"\x01")
    yield "varint-above-64-bits", "Varint", instead(parts, 1, b"\x08" + b"\x81" + b"\x80" * 8 + b"\x02")
    yield "varint-of-100-bytes", "Varint", b"\x08" + b"\x80" * 100


def _unknown(wanted: type, parts: list[bytes]) -> Iterator[Fault]:
    raw = b"".join(parts)
    behind = FIRST + len(FORMATS[wanted].fields)
    for field in (behind, 15, 16, 2**29 - 1, 2**61 - 1):
        yield f"unknown-{field}", "UnknownField", raw + number(field, 1)
        yield f"unknown-{field}-bytes", "UnknownField", raw + delimited(field, b"x")
    yield "unknown-0", "UnknownField", raw + number(0, 1)
    yield "unknown-first", "UnknownField", number(15, 1) + raw
    for wire_type, value in (
        (1, bytes(8)),
        (3, varint(behind << 3 | 4)),
        (4, b""),
        (5, bytes(4)),
        (6, b""),
        (7, b""),
    ):
        yield f"unknown-wire-type-{wire_type}", "UnknownField", raw + varint(behind << 3 | wire_type) + value
    groups = [(varint(behind << 3 | 3), DEEP), (varint(behind << 3 | 4), DEEP)]
    yield "deep-groups", "Deep", [(raw, 1), *groups]


def _field(field: int, name: str, kind: Kind, parts: list[bytes]) -> Iterator[Fault]:
    own = [part for part in parts if field_of(part) == field]
    if not own:
        # Left out because empty: only rules.
        yield f"{name}-explicit-empty", "ExplicitZero", instead(parts, field, delimited(field, b""))
        return
    tag, begin = read_varint(own[0], 0)
    value, place = read_varint(own[0], begin)
    rest = own[0][place:]
    yield f"{name}-tag-long", "NonMinimal", instead(parts, field, longer(tag) + own[0][begin:], *own[1:])
    yield (
        f"{name}-length-or-value-long",
        "NonMinimal",
        instead(parts, field, varint(tag) + longer(value) + rest, *own[1:]),
    )
    wrong = (1, 3, 5, 2 if kind in NUMBERS else 0)
    for wire_type in wrong:
        other = varint(field << 3 | wire_type) + own[0][begin:]
        yield f"{name}-wire-type-{wire_type}", "WireType", instead(parts, field, other, *own[1:])
    if kind not in REPEATED:
        yield f"{name}-twice", "RepeatedField", instead(parts, field, own[0], own[0])
        yield f"{name}-first", "FieldOrder", own[0] + instead(parts, field)
    if kind in NUMBERS:
        yield f"{name}-explicit-zero", "ExplicitZero", instead(parts, field, number(field, 0))
        return
    if kind not in MAY_BE_EMPTY:
        yield f"{name}-explicit-empty", "ExplicitZero", instead(parts, field, delimited(field, b""), *own[1:])
    for length in (len(rest) + 2**31, 2**32 + len(rest), 2**63 - 1, END):
        huge = instead(parts, field, varint(tag) + varint(length) + rest, *own[1:])
        yield f"{name}-length-{length}", "HugeLength", huge


def _values(wanted: type, parts: list[bytes]) -> Iterator[Fault]:
    if wanted is Scheme:
        yield from _scheme(parts)
    if wanted in (Head, Shard):
        yield from inner(parts)
    if wanted is Head:
        for size in (1, 31, 33, 64):
            yield f"root-{size}-bytes", "DigestSize", instead(parts, 4, delimited(4, bytes(size)))
        yield "root-missing", "MissingField", instead(parts, 4)
    if wanted is Shard:
        yield from _shard(parts)
    if issubclass(wanted, DigestList):
        yield from _digest_list(wanted, parts)
    if wanted is Batch:
        yield from _batch(parts)


def _scheme(parts: list[bytes]) -> Iterator[Fault]:
    for kind in (2, 3, 255, 256, 257, 2**32 + 1):
        yield f"kind-{kind}", "UnknownName", instead(parts, 2, number(2, kind))
    yield "kind-missing", "MissingField", instead(parts, 2)
    for family in FAMILIES[1:]:
        yield f"family-{family.hex()}", "UnknownName", instead(parts, 3, delimited(3, family))
    for name in HASHES[1:]:
        yield f"hash-{name.hex()}", "UnknownName", instead(parts, 4, delimited(4, name))
    yield "family-missing", "MissingField", instead(parts, 3)
    yield "hash-missing", "MissingField", instead(parts, 4)
    yield "rules-not-empty", "RulesNotEmpty", instead(parts, 5, delimited(5, b"\x00"))
    yield "rfc6962-context", "ContextRefused", instead(parts, 3, delimited(3, b"rfc6962"))


def inner(parts: list[bytes], scheme: Scheme = SAMPLE) -> Iterator[Fault]:
    """Faults of the scheme inside a head or shard."""
    whole = encode(scheme)
    records = split(whole)
    yield "scheme-missing", "MissingField", instead(parts, 2)
    for name, flag, other in (
        ("empty", "Version", b""),
        ("without-version", "Version", b"".join(records[1:])),
        ("version-2", "Version", number(1, 2) + b"".join(records[1:])),
        ("trailing", "UnknownField", whole + b"\x00"),
        ("cut", "Truncated", whole[:-1]),
        ("fields-exchanged", "FieldOrder", b"".join([records[0], *records[2:], records[1]])),
        ("doubled", "RepeatedField", whole + whole),
        ("is-the-whole", "WireType", b"".join(parts)),
    ):
        yield f"scheme-{name}", flag, instead(parts, 2, delimited(2, other))
    halves = (delimited(2, b"".join(records[:3])), delimited(2, b"".join(records[3:])))
    yield "scheme-in-two-messages", "RepeatedField", instead(parts, 2, *halves)


def _shard(parts: list[bytes]) -> Iterator[Fault]:
    digests = [part for part in parts if field_of(part) == 5]
    yield "digest-dropped", "Counts", instead(parts, 5, *digests[1:])
    yield "digest-added", "Counts", instead(parts, 5, *digests, digests[0])
    yield "digests-missing", "Counts", instead(parts, 5)
    yield "begin-missing", "Counts", instead(parts, 3)
    yield "end-missing", "Reversed", instead(parts, 4)
    yield "begin-behind-end", "Reversed", instead(parts, 3, number(3, 10))
    yield "end-2-to-64-minus-1", "Counts", instead(parts, 4, number(4, END))


def _digest_list(wanted: type, parts: list[bytes]) -> Iterator[Fault]:
    digests = [part for part in parts if field_of(part) == 3]
    for size in (1, 31, 33, 64, 65, 255, 256 + 32, 2**32 + 32):
        yield f"digest-size-{size}", "DigestSize", instead(parts, 2, number(2, size))
    yield "digest-size-missing", "DigestSize", instead(parts, 2)
    yield "digest-size-missing-no-digests", "DigestSize", parts[0]
    for size in (1, 31, 33, 64):
        changed = instead(parts, 3, *digests[:-1], delimited(3, bytes(size)))
        yield f"last-digest-{size}-bytes", "DigestSize", changed
    yield (
        "digest-size-between-digests",
        "FieldOrder",
        b"".join([parts[0], digests[0], parts[1], *digests[1:]]),
    )
    yield "digests-in-one-field", "DigestSize", instead(parts, 3, delimited(3, bytes(32 * len(digests))))
    if wanted is InclusionProof:
        yield "256-digests", "TooMany", [(instead(parts, 3), 1), (delimited(3, bytes(32)), 256)]
    if wanted is MultiProof:
        yield "digests-empty", "ExplicitZero", [(instead(parts, 3), 1), (delimited(3, b""), 100_000)]


def _batch(parts: list[bytes]) -> Iterator[Fault]:
    digests = [part for part in parts if field_of(part) == 4]
    yield "counts-unpacked", "WireType", instead(parts, 3, number(3, 1), number(3, 0), number(3, 2))
    yield (
        "counts-in-two-fields",
        "RepeatedField",
        instead(parts, 3, delimited(3, b"\x01"), delimited(3, b"\x00\x02")),
    )
    for name, flag, packed in (
        ("long", "NonMinimal", longer(1) + b"\x00\x02"),
        ("zero-long", "NonMinimal", b"\x01" + b"\x80\x00" + b"\x02"),
        ("cut", "Truncated", b"\x01\x00\x82"),
        ("256", "Counts", b"\x01\x00" + varint(256)),
        ("258-cut-to-8-bits", "Counts", b"\x01\x00" + varint(258)),
        ("2-to-64", "Varint", b"\x01\x00\x82" + b"\x80" * 8 + b"\x02"),
        ("too-many", "Counts", b"\x01\x01\x02"),
        ("too-few", "Counts", b"\x01\x00\x01"),
        ("255", "Counts", b"\xff\x01" * 3),
    ):
        yield f"counts-{name}", flag, instead(parts, 3, delimited(3, packed))
    yield "counts-missing", "Counts", instead(parts, 3)
    yield "digests-missing", "Counts", instead(parts, 4)
    yield "digest-dropped", "Counts", instead(parts, 4, *digests[1:])
    yield "counts-behind-digests", "FieldOrder", b"".join([*parts[:2], *parts[3:], parts[2]])
    for size in (1, 31, 33, 65, 256 + 32):
        yield f"digest-size-{size}", "DigestSize", instead(parts, 2, number(2, size))
    yield "digest-size-missing", "DigestSize", instead(parts, 2)
