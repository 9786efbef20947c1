"""Inputs that are no object of a sparse tree, in the three forms."""

from __future__ import annotations

from collections.abc import Iterator

from tests.reference import faults_binary, faults_json, faults_protobuf
from tests.reference.codec import encode, start
from tests.reference.faults_binary import Fault
from tests.reference.faults_json import value_of, with_value
from tests.reference.faults_protobuf import field_of, instead, split
from tests.reference.formats import FORMATS
from tests.reference.json_form import encode as to_json
from tests.reference.protobuf_form import delimited, number
from tests.reference.protobuf_form import encode as to_protobuf
from tests.reference.samples import filler
from tests.reference.schemes import le, lp
from tests.reference.sparse_objects import SparseHead, SparseMultiProof, SparseProof
from tests.reference.wire_samples import NAMESPACED_SAMPLE, SAMPLE, SAMPLES, SPARSE_SAMPLE, SUM_SAMPLE

OTHER_KINDS = (SAMPLE, SUM_SAMPLE, NAMESPACED_SAMPLE)
DIGEST = 32
WITNESS = 64
BEGIN = 6  # magic, version, digest size


def binary(wanted: type) -> Iterator[Fault]:
    yield from faults_binary.common(wanted)
    value = SAMPLES[wanted]()
    valid = encode(value)
    if isinstance(value, SparseHead):
        magic = FORMATS[wanted].magic
        inner = start(magic) + lp(encode(SPARSE_SAMPLE))
        behind = valid[len(inner) :]
        yield from faults_binary.with_scheme(magic, behind, valid, SPARSE_SAMPLE)
        for other in OTHER_KINDS:
            yield f"scheme-{other.family}", "Kind", start(magic) + lp(encode(other)) + behind
        for family in (b"ics23_smt", b"jellyfish", b"nervos_smt", b"sparse_256"):
            context = faults_binary.raw_scheme(3, family, context=b"x")
            yield (
                f"scheme-context-{family.decode()}",
                "ContextRefused",
                start(magic) + lp(context) + behind,
            )
        dense = faults_binary.raw_scheme(1, b"native_sparse")
        yield "scheme-of-kind-1", "UnknownName", start(magic) + lp(dense) + behind
        rules = faults_binary.raw_scheme(3, b"native_sparse", rules=b"\x01")
        yield "scheme-rules", "RulesNotEmpty", start(magic) + lp(rules) + behind
        own = faults_binary.raw_scheme(3, b"mine")
        yield "scheme-of-an-unknown-family", "UnknownName", start(magic) + lp(own) + behind
        for size in (31, 33):
            flag = "Truncated" if size < DIGEST else "Trailing"
            yield f"root-{size}-bytes", flag, inner + le(7, 8) + bytes(size)
        return
    for size in (0, 31, 65, 255):
        yield f"digest-size-{size}", "DigestSize", valid[:5] + le(size, 1) + valid[6:]
    yield from _binary_proof(valid) if isinstance(value, SparseProof) else _binary_multi(valid)


def raw(end: int, depth: int, bitmap: bytes, digests: int, witness: int) -> bytes:
    """The bytes of a proof with these fields, whether it is one or not."""
    begin = start(b"tlyx") + le(DIGEST, 1) + le(end, 1) + le(depth, 2)
    siblings = b"".join(filler("sibling", i, DIGEST) for i in range(digests))
    return begin + bitmap + siblings + filler("witness", 0, witness)


def _binary_proof(valid: bytes) -> Iterator[Fault]:
    for cut in (BEGIN, BEGIN + 1, BEGIN + 2, BEGIN + 3, BEGIN + 4, BEGIN + 5, len(valid) - WITNESS):
        yield f"cut-at-{cut}", "Truncated", valid[:cut]
    for end in (4, 5, 128, 255):
        yield f"end-{end}", "End", raw(end, 3, b"\xe0", 3, WITNESS)
    for end in (0, 1):
        yield f"witness-with-end-{end}", "Witness", raw(end, 3, b"\xe0", 3, WITNESS)
    yield "no-witness", "Witness", raw(2, 3, b"\xe0", 3, 0)
    yield "run-without-witness", "Witness", raw(3, 3, b"\xe0", 3, 0)
    for size in (DIGEST, WITNESS - 1, WITNESS + 1):
        yield f"witness-{size}-bytes", "Witness", raw(2, 3, b"\xe0", 3, size)
    for end, depth in (
        (0, 257),
        (1, 257),
        (2, 256),
        (2, 257),
        (3, 255),
        (3, 256),
        (0, 512),
        (0, 65535),
        (0, 0x0300),
    ):
        length = -(-depth // 8)
        one = b"\x80" + bytes(length - 1)
        yield f"depth-{depth}-end-{end}", "Depth", raw(end, depth, one, 1, WITNESS * (end in (2, 3)))
    for depth, bitmap in ((3, b"\xf0"), (3, b"\xe1"), (1, b"\xc0"), (9, b"\xff\xc0"), (255, b"\xff" * 32)):
        ones = sum(byte.bit_count() for byte in bitmap)
        yield f"spare-bit-{bitmap[:1].hex()}-of-{depth}", "SpareBit", raw(0, depth, bitmap, ones, 0)
    yield "bitmap-lowest-first", "SpareBit", raw(0, 3, b"\x07", 3, 0)
    yield "bitmap-too-long", "Bitmap", raw(0, 8, b"\xff\x00", 8, 0)
    yield "bitmap-too-short", "Bitmap", raw(0, 9, b"\xff", 8, 0)
    yield "bitmap-without-depth", "Bitmap", raw(0, 0, b"\x00", 0, 0)
    yield "digest-dropped", "Siblings", raw(0, 3, b"\xe0", 2, 0)
    yield "digest-added", "Siblings", raw(0, 3, b"\xe0", 4, 0)
    yield "digest-without-depth", "Siblings", raw(1, 0, b"", 1, 0)
    yield "digests-for-empty-siblings", "Siblings", raw(0, 3, b"\x20", 3, 0)
    yield "digest-cut", "Siblings", raw(0, 3, b"\xe0", 3, 0)[:-1]
    yield "depth-big-endian", "Depth", valid[: BEGIN + 1] + b"\x00\x03" + valid[BEGIN + 3 :]


def _binary_multi(valid: bytes) -> Iterator[Fault]:
    begin, body = valid[:BEGIN], valid[BEGIN:]
    shape = body[: 4 + int.from_bytes(body[:4], "little")]
    rest = body[len(shape) + 4 :]
    for cut in (BEGIN, BEGIN + 3, BEGIN + 4, BEGIN + 5, BEGIN + len(shape) + 3):
        yield f"cut-at-{cut}", "Truncated", valid[:cut]
    for count in (2**31, 2**32 - 1, 2**26, 2**32 - 2**26 + 2):
        yield f"witnesses-{count}", "HugeLength", begin + shape + le(count, 4) + rest
    yield "witness-too-many", "NotDigests", begin + shape + le(2, 4) + rest[: 2 * WITNESS - 1]
    yield "witness-cut", "NotDigests", begin + shape + le(1, 4) + rest[1:]
    yield "witness-of-a-key", "NotDigests", begin + shape + le(1, 4) + rest[: WITNESS - 16]
    for length in (2**31, 2**32 - 1):
        yield f"shape-{length}", "HugeLength", begin + le(length, 4) + body[4:]
    yield "counts-big-endian", "HugeLength", begin + shape + b"\x00\x00\x00\x02" + rest
    yield "count-of-8-bytes", "NotDigests", begin + shape + le(2, 8) + rest


def json(wanted: type) -> Iterator[faults_json.Fault]:
    yield from faults_json.faults(wanted)
    text = to_json(SAMPLES[wanted]())
    if wanted is SparseHead:
        for other in OTHER_KINDS:
            yield f"scheme-{other.family}", "Kind", with_value(text, "scheme", to_json(other))
        inner = value_of(text, "scheme")
        for key, value, flag in (
            ("kind", "1", "UnknownName"),
            ("rules", '"01"', "RulesNotEmpty"),
            ("family", '"jellyfish"', "ContextRefused"),
        ):
            yield f"scheme-{key}", flag, with_value(text, "scheme", with_value(inner, key, value))
        return
    for size in (0, 1, 31, 33, 64, 65, 255):
        yield f"digest-size-of-{size}", "DigestSize", with_value(text, "digest_size", str(size))
    if wanted is SparseMultiProof:
        return
    for end in (0, 1, 4, 255):
        yield f"end-of-{end}", "Witness" if end < 2 else "End", with_value(text, "end", str(end))
    for depth, flag in ((0, "Bitmap"), (2, "SpareBit"), (9, "Bitmap"), (256, "Depth"), (65535, "Depth")):
        yield f"depth-of-{depth}", flag, with_value(text, "depth", str(depth))
    for bitmap, flag in (("", "Bitmap"), ("e000", "Bitmap"), ("f0", "SpareBit"), ("c0", "Siblings")):
        yield f"bitmap-of-{bitmap or 'nothing'}", flag, with_value(text, "bitmap", f'"{bitmap}"')
    digits = value_of(text, "witness")[1:-1]
    for name, value in (("empty", ""), ("key-alone", digits[:64]), ("longer", digits + "00")):
        yield f"witness-{name}", "Witness", with_value(text, "witness", f'"{value}"')
    digests = value_of(text, "digests")
    fewer = "[" + ",".join(digests[1:-1].split(",")[1:]) + "]"
    for name, value in (("fewer", fewer), ("none", "[]"), ("more", fewer[:-1] + "," + digests[1:])):
        yield f"digests-{name}", "Siblings", with_value(text, "digests", value)


def protobuf(wanted: type) -> Iterator[Fault]:
    yield from faults_protobuf.faults(wanted)
    parts = split(to_protobuf(SAMPLES[wanted]()))
    if wanted is SparseHead:
        yield from faults_protobuf.inner(parts, SPARSE_SAMPLE)
        for other in OTHER_KINDS:
            yield f"scheme-{other.family}", "Kind", instead(parts, 2, delimited(2, to_protobuf(other)))
        for size in (1, 31, 33, 64):
            yield f"root-{size}-bytes", "DigestSize", instead(parts, 4, delimited(4, bytes(size)))
        yield "root-missing", "MissingField", instead(parts, 4)
        return
    for size in (1, 31, 33, 64, 65, 255, 256 + 32, 2**32 + 32):
        yield f"digest-size-{size}", "DigestSize", instead(parts, 2, number(2, size))
    yield "digest-size-missing", "DigestSize", instead(parts, 2)
    place = 6 if wanted is SparseProof else 5
    digests = [part for part in parts if field_of(part) == place]
    for size in (1, 31, 33, 64):
        changed = instead(parts, place, *digests[:-1], delimited(place, bytes(size)))
        yield f"last-digest-{size}-bytes", "DigestSize", changed
    yield from _protobuf_proof(parts, digests) if wanted is SparseProof else _protobuf_multi(parts)


def _protobuf_proof(parts: list[bytes], digests: list[bytes]) -> Iterator[Fault]:
    for end in (1, 4, 256 + 2, 2**32 + 2):
        yield f"end-{end}", "Witness" if end == 1 else "End", instead(parts, 3, number(3, end))
    yield "end-missing", "Witness", instead(parts, 3)
    for depth, flag in ((2, "SpareBit"), (9, "Bitmap"), (257, "Depth"), (65536 + 3, "NumberRange")):
        yield f"depth-{depth}", flag, instead(parts, 4, number(4, depth))
    yield "depth-missing", "Bitmap", instead(parts, 4)
    for bitmap, flag in ((b"\xe0\x00", "Bitmap"), (b"\xf0", "SpareBit"), (b"\xc0", "Siblings")):
        yield f"bitmap-{bitmap.hex()}", flag, instead(parts, 5, delimited(5, bitmap))
    yield "bitmap-missing", "Bitmap", instead(parts, 5)
    yield "digest-dropped", "Siblings", instead(parts, 6, *digests[1:])
    yield "digest-added", "Siblings", instead(parts, 6, *digests, digests[0])
    yield "digests-missing", "Siblings", instead(parts, 6)
    yield "witness-missing", "Witness", instead(parts, 7)
    for size in (1, DIGEST, WITNESS - 1, WITNESS + 1):
        yield f"witness-{size}-bytes", "Witness", instead(parts, 7, delimited(7, bytes(size)))


def _protobuf_multi(parts: list[bytes]) -> Iterator[Fault]:
    for size in (1, DIGEST, WITNESS - 1, WITNESS + 1, 2 * WITNESS):
        yield f"witness-{size}-bytes", "Witness", instead(parts, 4, delimited(4, bytes(size)))
    yield "witnesses-empty", "Witness", [(instead(parts, 4), 1), (delimited(4, b""), 100_000)]
