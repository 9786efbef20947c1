"""Inputs that are no statement, receipt or equivocation, in the three forms."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from tests.reference import faults_binary, faults_json, faults_protobuf
from tests.reference.codec import encode, fields, start
from tests.reference.faults_binary import Fault
from tests.reference.faults_json import value_of, with_value
from tests.reference.faults_protobuf import field_of, instead, split
from tests.reference.json_form import encode as to_json
from tests.reference.liabilities_objects import (
    NOT_STATED,
    Receipt,
    ReceiptAsset,
    ReceiptPart,
    Statement,
    StatementAsset,
)
from tests.reference.objects import SumInclusionProof
from tests.reference.protobuf_form import delimited, varint
from tests.reference.protobuf_form import encode as to_protobuf
from tests.reference.schemes import NATIVE, Scheme, le, lp
from tests.reference.wire_samples import SAMPLES

TEXTS = (
    ("newline", "a\nb"),
    ("zero", "a\x00b"),
    ("delete", "a\x7fb"),
    ("next-line", "a\x85b"),
    ("quote", 'a"b'),
    ("backslash", "a\\b"),
    ("256-bytes", "a" * 256),
    ("256-bytes-of-utf-8", "\u00e4" * 128),
)
CODES = ("", "btc", "BTC ", "BTC_X", "B" * 17, "BTC/EU", "B,C", "B\x00C", "\u00c4")


PART = ReceiptPart(0, 1, bytes(16), SumInclusionProof(32, (), ()))
PART_JSON = to_json(PART)


def _of_parts(count: int) -> Receipt:
    """A receipt of one asset that decodes up to 65,535 parts, whatever a verifier says."""
    return Receipt(bytes(32), (ReceiptAsset("BTC", "", (PART,) * count),))


def unsound() -> Iterator[tuple[str, str, Statement]]:
    """Statements that encode but must not decode."""
    s = SAMPLES[Statement]()
    assert isinstance(s, Statement)
    first, second, *rest = s.assets

    def of(*assets: StatementAsset) -> Statement:
        return replace(s, assets=assets)

    for name, text in TEXTS:
        yield f"origin-{name}", "Text", replace(s, origin=text)
        yield f"snapshot-id-{name}", "Text", replace(s, snapshot_id=text)
        yield f"group-{name}", "Text", of(replace(first, group=text), second)
    yield "origin-empty", "Text", replace(s, origin="")
    yield "snapshot-id-empty", "Text", replace(s, snapshot_id="")
    for number, code in enumerate(CODES):
        if code.isascii():
            yield f"code-{number}", "Code", of(replace(first, code=code), *s.assets[1:])
    yield "first-with-previous", "Previous", replace(s, sequence=0, previous=b"\x01" + bytes(31))
    yield "second-without-previous", "Previous", replace(s, sequence=1, previous=bytes(32))
    yield "scheme-with-context", "Scheme", replace(s, scheme=s.scheme.with_context(b"x"))
    yield "scheme-dense", "Scheme", replace(s, scheme=Scheme(NATIVE, "blake3"))
    yield "assets-exchanged", "AssetOrder", of(second, first, *rest)
    yield "asset-twice", "AssetOrder", of(first, first, *rest)
    yield "asset-twice-at-the-end", "AssetOrder", of(*s.assets, s.assets[-1])
    other = replace(first, group="EU")
    yield "groups-exchanged", "AssetOrder", of(other, first)
    yield "group-in-two-decimals", "Decimals", of(first, replace(other, decimals=9))
    for name, asset in (
        ("total-below-leaves", replace(first, total=first.leaves - 1)),
        ("total-0", replace(first, total=0)),
        ("leaves-0", replace(first, leaves=0, holders=0)),
        ("leaves-0-holders-not-stated", replace(first, leaves=0, holders=NOT_STATED)),
        ("holders-0", replace(first, holders=0)),
        ("holders-above-leaves", replace(first, holders=first.leaves + 1)),
        ("holders-almost-not-stated", replace(first, holders=NOT_STATED - 1)),
        ("holders-of-no-leaves", replace(first, leaves=0, total=0, holders=1)),
    ):
        yield name, "Counts", of(asset, *s.assets[1:])


def bad_receipts() -> Iterator[tuple[str, str, Receipt]]:
    """Receipts that encode but must not decode."""
    r = SAMPLES[Receipt]()
    assert isinstance(r, Receipt)
    first, *rest = r.assets
    for name, text in TEXTS:
        yield f"group-{name}", "Text", replace(r, assets=(replace(first, group=text), *rest))
    for number, code in enumerate(CODES):
        if code.isascii():
            yield f"code-{number}", "Code", replace(r, assets=(replace(first, code=code), *rest))


def _objects(wanted: type) -> Iterator[tuple[str, str, object]]:
    if wanted is Statement:
        yield from unsound()
    if wanted is Receipt:
        yield from bad_receipts()


def binary(wanted: type) -> Iterator[Fault]:
    yield from faults_binary.common(wanted)
    for name, flag, value in _objects(wanted):
        yield name, flag, encode(value)
    value = SAMPLES[wanted]()
    raw = encode(value)
    if isinstance(value, Statement):
        rows = b"".join(map(fields, value.assets))
        before = raw[: -len(rows) - 2]
        count = len(value.assets)
        for number, declared in enumerate((0, count - 1)):
            yield f"count-too-small-{number}", "Trailing", before + le(declared, 2) + rows
        for declared in (count + 1, 65_535):
            yield f"count-{declared}", "Truncated", before + le(declared, 2) + rows
        yield "no-count", "Truncated", before
        latin = b"\xe4" + value.origin.encode()[1:]
        yield "origin-latin-1", "Text", start(b"tlyt") + lp(latin) + raw[9 + len(latin) :]
        surrogate = b"\xed\xa0\x80" + value.origin.encode()[3:]
        yield "origin-surrogate", "Text", start(b"tlyt") + lp(surrogate) + raw[9 + len(latin) :]
        yield "origin-4-gib", "HugeLength", start(b"tlyt") + b"\xff" * 4 + raw[9:]
    if isinstance(value, Receipt):
        (part, *_) = value.assets[0].parts
        inner = encode(part.proof)
        before = start(b"tlyp") + value.statement + le(1, 2) + lp(b"BTC") + lp(b"") + le(1, 2) + le(0, 8)
        for name, flag, made in (
            ("proof-of-another-kind", "Magic", b"\x01\x07" + part.salt + lp(inner[:3] + b"i" + inner[4:])),
            ("proof-with-trailing-zero", "NotDigests", b"\x01\x07" + part.salt + lp(inner + b"\x00")),
            ("proof-cut", "NotDigests", b"\x01\x07" + part.salt + lp(inner[:-1])),
            ("proof-empty", "Truncated", b"\x01\x07" + part.salt + lp(b"")),
            ("proof-4-gib", "HugeLength", b"\x01\x07" + part.salt + b"\xff" * 4 + inner),
            ("salt-of-15-bytes", "Truncated", b"\x01\x07" + part.salt[1:] + lp(inner)),
            ("amount-long", "NonMinimal", b"\x02\x07\x00" + part.salt + lp(inner)),
            ("amount-of-17-bytes", "NumberRange", b"\x11" + b"\x07" * 17 + part.salt + lp(inner)),
        ):
            yield name, flag, before + made
        parts = start(b"tlyp") + value.statement + le(1, 2) + lp(b"BTC") + lp(b"") + le(65_535, 2)
        yield "65535-parts", "Truncated", parts
        yield "65535-assets", "Truncated", start(b"tlyp") + value.statement + le(65_535, 2)


def json(wanted: type) -> Iterator[faults_json.Fault]:
    yield from faults_json.faults(wanted)
    for name, flag, value in _objects(wanted):
        yield name, flag, to_json(value)
    text = to_json(SAMPLES[wanted]())
    if wanted is Statement:
        yield "origin-escaped", "Escape", with_value(text, "origin", '"\\u0065xchange"')
        yield "assets-with-space", "WhiteSpace", text.replace("},{", "}, {", 1)
        yield "asset-with-version", "UnknownKey", text.replace('{"code"', '{"version":1,"code"', 1)
        yield "asset-keys-exchanged", "KeyOrder", _exchanged(text)
        yield "holders-null", "NumberForm", text.replace('"holders":"3"', '"holders":null', 1)
    if wanted is Receipt:
        yield "parts-null", "NotCanonical", text.replace('"parts":[', '"parts":null,"x":[', 1)
        yield "salt-of-15-bytes", "DigestSize", text.replace('"salt":"', '"salt":"0', 1)
        inner = value_of(text, "assets")
        other = inner.replace("tallystick-sum-inclusion-proof", "tallystick-inclusion-proof", 1)
        yield "proof-of-another-kind", "Format", with_value(text, "assets", other)
        front, behind = to_json(_of_parts(1)).split(PART_JSON)
        yield "65536-parts", "NumberRange", [(front, 1), (PART_JSON + ",", 65_535), (PART_JSON + behind, 1)]


def _exchanged(text: str) -> str:
    begin = text.index('{"code":')
    code, group = text[begin + 1 :].split(",", 2)[:2]
    return text.replace(f"{code},{group}", f"{group},{code}", 1)


def protobuf(wanted: type) -> Iterator[Fault]:
    yield from faults_protobuf.faults(wanted)
    for name, flag, value in _objects(wanted):
        if name != "code-0":
            yield name, flag, to_protobuf(value)
    value = SAMPLES[wanted]()
    parts = split(to_protobuf(value))
    if isinstance(value, Statement):
        rows = [part for part in parts if field_of(part) == 8]
        yield "origin-latin-1", "Text", instead(parts, 2, delimited(2, b"\xe4xchange"))
        yield "previous-missing", "MissingField", instead(parts, 6)
        yield "previous-31-bytes", "DigestSize", instead(parts, 6, delimited(6, bytes(31)))
        yield "scheme-missing", "MissingField", instead(parts, 7)
        yield "asset-empty", "MissingField", instead(parts, 8, delimited(8, b""), *rows)
        row = to_protobuf(value.assets[0])
        yield "asset-trailing", "UnknownField", instead(parts, 8, delimited(8, row + b"\x00"), *rows[1:])
        yield "asset-doubled", "RepeatedField", instead(parts, 8, delimited(8, row + row), *rows[1:])
        yield "asset-cut", "Truncated", instead(parts, 8, delimited(8, row[:-1]), *rows[1:])
    if isinstance(value, Receipt):
        part = value.assets[0].parts[0]
        for name, flag, salt in (("15-bytes", "DigestSize", bytes(15)), ("empty", "MissingField", b"")):
            bad = ReceiptAsset("BTC", "", (ReceiptPart(0, 7, salt, part.proof),))
            yield f"salt-{name}", flag, to_protobuf(replace(value, assets=(bad,)))
        asset = delimited(1, b"BTC") + delimited(3, delimited(2, b"\x07") + delimited(3, bytes(16)))
        code, own = delimited(1, b"BTC"), delimited(3, to_protobuf(PART))
        length = varint(len(code) + 65_536 * len(own))
        front = to_protobuf(_of_parts(0)).removesuffix(delimited(3, code)) + b"\x1a" + length + code
        yield "65536-parts", "NumberRange", [(front, 1), (own, 65_536)]
        yield "proof-missing", "MissingField", instead(parts, 3, delimited(3, asset))
