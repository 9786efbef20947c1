"""Inputs that are no head or proof of a Patricia trie, in the three forms."""

from __future__ import annotations

from collections.abc import Iterator

from tests.reference import faults_binary, faults_json, faults_protobuf
from tests.reference.codec import encode, start
from tests.reference.faults_binary import Fault
from tests.reference.faults_json import digests_forms, value_of, with_value
from tests.reference.faults_protobuf import instead, split
from tests.reference.formats import FORMATS
from tests.reference.json_form import encode as to_json
from tests.reference.patricia import PatriciaHead
from tests.reference.protobuf_form import delimited, number
from tests.reference.protobuf_form import encode as to_protobuf
from tests.reference.schemes import le, lp
from tests.reference.wire_samples import SAMPLES


def binary(wanted: type) -> Iterator[Fault]:
    begin = start(FORMATS[wanted].magic)
    for name, flag, given in faults_binary.common(wanted):
        # A proof may have no nodes.
        if wanted is PatriciaHead or given != begin:
            yield name, flag, given
    valid = encode(SAMPLES[wanted]())
    if wanted is PatriciaHead:
        for value in (2, 3, 128, 255):
            yield f"secure-{value}", "Secure", begin + le(value, 1) + valid[6:]
        yield "no-secure", "Truncated", begin + valid[6:]
        return
    for cut in (6, 7, 8):
        yield f"cut-at-{cut}", "Truncated", valid[:cut]
    for length in (1, 2**31, 2**32 - 1):
        yield f"length-{length}", "HugeLength", begin + le(length, 4)
        yield f"length-{length}-behind", "HugeLength", valid + le(length, 4)
    yield "short-by-one", "Truncated", begin + lp(b"node")[:-1]


def json(wanted: type) -> Iterator[faults_json.Fault]:
    # Two orders of three keys are one.
    found = {str(given): (name, flag, given) for name, flag, given in faults_json.faults(wanted)}
    yield from found.values()
    text = to_json(SAMPLES[wanted]())
    if wanted is PatriciaHead:
        for value in ("2", "3", "255"):
            yield f"secure-of-{value}", "Secure", with_value(text, "secure", value)
        for size in (0, 31, 33, 64):
            yield f"root-{size}-bytes", "DigestSize", with_value(text, "root", '"' + "00" * size + '"')
        return
    forms = digests_forms(value_of(text, "nodes"))
    for place, (flag, form) in enumerate((flag, form) for flag, form in forms if flag != "DigestSize"):
        yield f"nodes-{place}", flag, with_value(text, "nodes", form)


def protobuf(wanted: type) -> Iterator[Fault]:
    yield from faults_protobuf.faults(wanted)
    parts = split(to_protobuf(SAMPLES[wanted]()))
    if wanted is PatriciaHead:
        for value in (2, 255):
            yield f"secure-{value}", "Secure", instead(parts, 2, number(2, value))
        for value in (257, 2**32 + 1, 2**64 - 1):
            yield f"secure-{value}", "NumberRange", instead(parts, 2, number(2, value))
        for size in (1, 31, 33, 64):
            yield f"root-{size}-bytes", "DigestSize", instead(parts, 3, delimited(3, bytes(size)))
        yield "root-missing", "MissingField", instead(parts, 3)
