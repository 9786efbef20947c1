"""Inputs that are no object of a namespaced tree, in the three forms."""

from __future__ import annotations

from collections.abc import Iterator

from tests.reference import faults_binary, faults_json, faults_protobuf
from tests.reference.codec import encode, start
from tests.reference.faults_binary import Fault
from tests.reference.faults_json import value_of, with_value
from tests.reference.faults_protobuf import field_of, instead, split
from tests.reference.formats import FORMATS
from tests.reference.json_form import encode as to_json
from tests.reference.objects import AbsenceProof, NamespacedHead, NamespacedInclusionProof, NamespacedList
from tests.reference.protobuf_form import FIRST, delimited, number
from tests.reference.protobuf_form import encode as to_protobuf
from tests.reference.schemes import CELESTIA, le, lp
from tests.reference.wire_samples import NAMESPACED_SAMPLE, SAMPLE, SAMPLES, SUM_SAMPLE

OTHER_KINDS = (SAMPLE, SUM_SAMPLE)
WHOLE = 90
# The range from 2 to 1.
UPSIDE_DOWN = bytes(28) + b"\x02" + bytes(28) + b"\x01" + bytes(32)


def binary(wanted: type) -> Iterator[Fault]:
    yield from faults_binary.common(wanted)
    value = SAMPLES[wanted]()
    valid, magic = encode(value), FORMATS[wanted].magic
    if isinstance(value, NamespacedHead):
        begin = start(magic) + lp(encode(NAMESPACED_SAMPLE))
        behind = valid[len(begin) :]
        yield from faults_binary.with_scheme(magic, behind, valid, NAMESPACED_SAMPLE)
        for other in OTHER_KINDS:
            yield f"scheme-{other.family}", "Kind", start(magic) + lp(encode(other)) + behind
        context = faults_binary.raw_scheme(3, CELESTIA.encode(), context=b"x")
        yield "scheme-context", "ContextRefused", start(magic) + lp(context) + behind
        yield "root-of-a-digest", "Truncated", begin + le(7, 8) + value.root[58:]
        yield "root-upside-down", "RangeOrder", begin + le(7, 8) + UPSIDE_DOWN
    if isinstance(value, NamespacedList):
        yield from _binary_list(value, valid)


def _binary_list(value: NamespacedList, valid: bytes) -> Iterator[Fault]:
    for size in (0, 31, 65, 255):
        yield f"digest-size-{size}", "DigestSize", valid[:6] + le(size, 1) + valid[7:]
    yield "namespace-size-0", "NamespaceSize", valid[:5] + b"\x00" + valid[6:]
    yield "namespace-size-28", "NotDigests", valid[:5] + b"\x1c" + valid[6:]
    yield "sizes-exchanged", "DigestSize", valid[:5] + valid[6:7] + valid[5:6] + valid[7:]
    count = len(value.nodes)
    begin = valid[: len(valid) - WHOLE * count]
    yield "node-cut", "NotDigests", valid[:-WHOLE] + bytes(WHOLE - 1)
    yield "256-nodes", "TooMany", [(begin, 1), (bytes(WHOLE), 256)]
    if not isinstance(value, NamespacedInclusionProof):
        yield "start-cut", "Truncated", begin[:-1]
        yield "start-of-4-bytes", "NotDigests", begin[:-4] + valid[len(begin) :]
    if isinstance(value, AbsenceProof):
        yield "start-without-nodes", "StartWithoutNodes", begin


def json(wanted: type) -> Iterator[faults_json.Fault]:
    yield from faults_json.faults(wanted)
    text = to_json(SAMPLES[wanted]())
    if wanted is NamespacedHead:
        for other in OTHER_KINDS:
            yield f"scheme-{other.family}", "Kind", with_value(text, "scheme", to_json(other))
        yield "root-upside-down", "RangeOrder", with_value(text, "root", f'"{UPSIDE_DOWN.hex()}"')
        yield "root-of-a-digest", "DigestSize", with_value(text, "root", '"' + "00" * 32 + '"')
        return
    for name in ("namespace_size", "digest_size"):
        for size in (0, 1, 28, 31, 33, 65, 255):
            flag = "NamespaceSize" if name == "namespace_size" and size == 0 else "DigestSize"
            yield f"{name}-of-{size}", flag, with_value(text, name, str(size))
    zeros = '"' + "00" * WHOLE + '"'
    begin = text[: text.index("[") + 1]
    yield "256-nodes", "TooMany", [(begin + zeros, 1), ("," + zeros, 255), ("]}", 1)]
    if wanted is AbsenceProof:
        yield "start-without-nodes", "StartWithoutNodes", with_value(text, "nodes", "[]")
        yield "start-left-out", "MissingKey", text.replace(f'"start":{value_of(text, "start")},', "", 1)[:-1]


def protobuf(wanted: type) -> Iterator[Fault]:
    yield from faults_protobuf.faults(wanted)
    value = SAMPLES[wanted]()
    parts = split(to_protobuf(value))
    if isinstance(value, NamespacedHead):
        yield from faults_protobuf.inner(parts, NAMESPACED_SAMPLE)
        for other in OTHER_KINDS:
            yield f"scheme-{other.family}", "Kind", instead(parts, 2, delimited(2, to_protobuf(other)))
        for size in (1, 32, 89, 91):
            yield f"root-{size}-bytes", "DigestSize", instead(parts, 4, delimited(4, bytes(size)))
        yield "root-missing", "MissingField", instead(parts, 4)
        yield "root-upside-down", "RangeOrder", instead(parts, 4, delimited(4, UPSIDE_DOWN))
        return
    place = {name: place for place, (name, _) in enumerate(FORMATS[wanted].fields, FIRST)}["nodes"]
    nodes = [part for part in parts if field_of(part) == place]
    for field, sizes in ((2, (28, 30, 256 + 29)), (3, (31, 33, 65, 256 + 32))):
        for size in sizes:
            yield f"size-{field}-{size}", "DigestSize", instead(parts, field, number(field, size))
    yield "namespace-size-missing", "NamespaceSize", instead(parts, 2)
    yield "digest-size-missing", "DigestSize", instead(parts, 3)
    for size in (32, 89, 91):
        yield (
            f"node-{size}-bytes",
            "DigestSize",
            instead(parts, place, *nodes[:-1], delimited(place, bytes(size))),
        )
    one = delimited(place, bytes(WHOLE))
    yield "256-nodes", "TooMany", [(instead(parts, place), 1), (one, 256)]
    if wanted is AbsenceProof:
        yield "start-without-nodes", "StartWithoutNodes", instead(parts, place)
