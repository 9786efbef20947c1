"""liability_statement.json: statements in every form, their notes, chains, and equivocations."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import replace

from Crypto.PublicKey import ECC

from tests.reference import faults_liabilities, vectors_encodings
from tests.reference.codec import encode
from tests.reference.envelope import INVALID, VALID, Json, case, document
from tests.reference.liabilities import digest
from tests.reference.liabilities_note import SignedStatement, body, encode_note, key_id, sign
from tests.reference.liabilities_objects import NOT_STATED, Equivocation, Statement
from tests.reference.liabilities_samples import (
    KEY_NAME,
    ORIGIN,
    SEED,
    SHA256,
    other_of,
    snapshot,
    statement,
    without_assets,
)
from tests.reference.liabilities_verify import equivocation, follows
from tests.reference.schemes import SUM_SCHEMES
from tests.reference.vectors_encodings import BINARY, CONVENTIONS, JSON, PROTOBUF, Faults

FAULTS: Faults = {
    BINARY: faults_liabilities.binary,
    JSON: faults_liabilities.json,
    PROTOBUF: faults_liabilities.protobuf,
}
PUBLIC_KEY = ECC.construct(curve="Ed25519", seed=SEED).public_key().export_key(format="raw")
OTHER_SEED = bytes(range(32))
END = 2**64 - 1

NOTES = {
    **vectors_encodings.NOTES,
    "Text": "a text that is empty, too long, not UTF-8, or has control characters, quotes or backslashes",
    "Code": "a code other than 1 to 16 of A-Z 0-9 . -",
    "Previous": "previous is zeros exactly when the sequence is 0",
    "Scheme": "the scheme is of the kind sum and has no context",
    "AssetOrder": "assets that do not strictly ascend by code and group",
    "Decimals": "one code in two decimals",
    "Counts": "leaves, holders or a total that no tree has; or not as many as declared",
    "Note": "`note` is the text that is signed, with an empty line behind it; it decodes to the statement",
    "NoteText": "a text that is the note of no statement",
    "Digest": "`digest` is that of the statement",
    "Next": "`newer` is the next statement after `older`",
    "NotNext": "`newer` is not the next statement after `older`, for this `reason`",
    "Equivocation": "two statements that one origin should not have signed, and in what they clash",
    "NoEquivocation": "two statements that do not clash",
    "Signed": "the note has an Ed25519 signature of the key, and none of it that is wrong",
    "Unsigned": "no signature of the key under its name and key id, or one that is wrong",
}


def statements() -> Iterator[tuple[str, Statement]]:
    for scheme in SUM_SCHEMES:
        yield scheme.name, snapshot(0, scheme).statement
    yield "second", statement(1)
    yield "without-assets", without_assets()
    yield "holders-not-stated", snapshot(0, state_holders=False).statement
    plain = statement(1)
    yield "sequence-2-to-64-minus-1", replace(plain, sequence=END, time=END)
    yield "texts", replace(plain, origin="Z\u00fcrich \u2014 \u6771\u4eac", snapshot_id=" a b ")
    yield "texts-of-255-bytes", replace(plain, origin="o" * 255, snapshot_id="\u00e4" * 127 + "s")
    row = replace(plain.assets[0], total=2**128 - 1, leaves=END, holders=END - 1, decimals=255)
    yield "largest-asset", replace(plain, assets=(row,))
    groups = tuple(
        replace(row, code="ABCDEFGHIJKLM-.9", group=group) for group in ("", " ", "A", "A B", "\u00e4")
    )
    yield "groups", replace(plain, assets=groups)
    empty = replace(row, code="-", leaves=0, holders=0, total=0, decimals=0)
    yield "no-leaves", replace(plain, assets=(empty, replace(empty, code=".", holders=NOT_STATED)))


def equivocations() -> Iterator[tuple[str, Equivocation]]:
    for name, one, other in (
        ("sequence", statement(0), other_of(0)),
        ("second", statement(1), other_of(1)),
    ):
        notes = [encode_note(sign(each, KEY_NAME, SEED)) for each in sorted((one, other), key=digest)]
        yield name, Equivocation(*notes)
    yield "nothing", Equivocation(b"", b"")


def values(wanted: type) -> Iterator[tuple[str, object]]:
    if wanted is Statement:
        yield from statements()
    elif wanted is Equivocation:
        yield from equivocations()


def _notes() -> Json:
    tests = []
    for name, one in statements():
        note = encode_note(SignedStatement(one)).hex()
        fields = {"statement": encode(one).hex(), "digest": digest(one).hex(), "note": note}
        tests.append(case(f"note/{name}", "", ["Note", "Digest"], **fields))
    for name, raw in note_faults():
        tests.append(case(f"note/invalid/{name}", "", ["NoteText"], INVALID, note=raw.hex()))
    return {"what": "notes", "tests": tests}


def note_faults() -> Iterator[tuple[str, bytes]]:
    lines = body(statement(1)).split("\n")[:-1]

    def of(*changed: str) -> bytes:
        return ("".join(line + "\n" for line in changed) + "\n").encode("utf-8")

    whole = of(*lines)
    yield "empty", b""
    yield "no-empty-line", whole[:-1]
    yield "no-newline", whole[:-2]
    yield "two-empty-lines", whole + b"\n"
    yield "crlf", whole.replace(b"\n", b"\r\n")
    yield "text-behind", whole + b"text\n"
    for number, line in enumerate(lines):
        yield f"line-{number}-missing", of(*lines[:number], *lines[number + 1 :])
        yield f"line-{number}-twice", of(*lines[:number], line, line, *lines[number + 1 :])
        yield f"line-{number}-with-space-behind", of(*lines[:number], line + " ", *lines[number + 1 :])
    for name, number, old, new in (
        ("label", 1, "v1", "v2"),
        ("sequence-plus", 2, " ", " +"),
        ("sequence-zero", 2, " ", " 0"),
        ("sequence-2-to-64", 2, "1", str(2**64)),
        ("sequence-other", 2, "1", "2"),
        ("time-other", 4, "0", "1"),
        ("time-hex", 4, " ", " 0x"),
        ("previous-no-padding", 5, "=", ""),
        ("previous-short", 5, lines[5][9:13], ""),
        ("scheme-dense", 6, "native_sum", "native"),
        ("scheme-unknown", 6, "blake3", "md5"),
        ("code-lower-case", 7, "BTC", "btc"),
        ("decimals-256", 7, " 8 ", " 256 "),
        ("holders-other", 7, " 5 ", " 4 "),
        ("holders-minus-1", 7, " 5 ", " -1 "),
        ("total-other", 7, "7451 ", "7452 "),
        ("two-spaces", 7, "asset ", "asset  "),
        ("group-added", 7, "=", "= EU"),
        ("group-changed", 11, "EU", "US"),
        ("digest-of-another", -1, lines[-1][7:11], "AAAA"),
    ):
        changed = list(lines)
        changed[number] = changed[number].replace(old, new, 1)
        if changed == lines:
            raise ValueError(f"{name} changes nothing")
        yield name, of(*changed)
    yield "assets-exchanged", of(*lines[:7], lines[8], lines[7], *lines[9:])
    latin = whole.replace("\u00fc".encode(), b"\xfc")
    yield "latin-1", latin


def _chain() -> Json:
    older, newer = statement(1), statement(2)
    rows = newer.assets
    other_decimals = replace(rows[0], decimals=9)
    eur = replace(rows[0], code="EUR", group="new", decimals=2)
    tests = []
    for name, changed in (
        ("next", newer),
        ("same-time", replace(newer, time=older.time)),
        ("asset-added", replace(newer, assets=(*rows, replace(rows[0], code="ZZZ")))),
        ("group-added", replace(newer, assets=(*rows[:3], eur, *rows[3:]))),
        ("other-scheme", replace(newer, scheme=SHA256)),
        ("other-origin", replace(newer, origin="else.example")),
        ("sequence-plus-1", replace(newer, sequence=3)),
        ("sequence-same", replace(newer, sequence=1)),
        ("previous-of-the-first", replace(newer, previous=older.previous)),
        ("previous-of-another", replace(newer, previous=digest(other_of(1)))),
        ("same-snapshot", replace(newer, snapshot_id=older.snapshot_id)),
        ("earlier", replace(newer, time=older.time - 1)),
        ("asset-gone", replace(newer, assets=rows[1:])),
        ("group-gone", replace(newer, assets=(*rows[:4], *rows[5:]))),
        ("no-assets", replace(newer, assets=())),
        ("other-decimals", replace(newer, assets=(other_decimals, *rows[1:]))),
        ("itself", older),
    ):
        reason = follows(changed, older)
        fields: Json = {"older": encode(older).hex(), "newer": encode(changed).hex(), "reason": reason}
        flags = ["NotNext"] if reason else ["Next"]
        tests.append(case(f"chain/{name}", "", flags, INVALID if reason else VALID, **fields))
    return {"what": "chain", "tests": tests}


def _equivocation() -> Json:
    first, second = statement(0), statement(1)
    tests = []
    for name, one, other in (
        ("same-sequence", second, other_of(1)),
        ("same-first", first, other_of(0)),
        ("same-snapshot-id", second, replace(second, sequence=7)),
        ("same-previous", second, replace(second, sequence=7, snapshot_id="else")),
        ("only-the-time", second, replace(second, time=second.time + 1)),
        ("only-the-scheme", second, replace(second, scheme=SHA256)),
        ("itself", second, second),
        ("the-next", first, second),
        ("other-origin", second, replace(other_of(1), origin="else.example")),
        ("far-apart", first, statement(2)),
    ):
        clash = equivocation(one, other)
        fields: Json = {"a": encode(one).hex(), "b": encode(other).hex(), "clash": clash}
        flags = ["Equivocation"] if clash else ["NoEquivocation"]
        tests.append(case(f"equivocation/{name}", "", flags, **fields))
    return {"what": "equivocation", "tests": tests}


def _signatures() -> Json:
    one = statement(1)
    signed, other = sign(one, KEY_NAME, SEED), sign(one, KEY_NAME, OTHER_SEED)
    (line,) = signed.signatures
    raw = base64.b64decode(line.split(" ")[1])
    flipped = f"{KEY_NAME} {base64.b64encode(raw[:-1] + bytes([raw[-1] ^ 1])).decode()}"
    unknown = f"{KEY_NAME} {base64.b64encode(b'none' + raw[4:]).decode()}"
    of_another_day = sign(statement(2), KEY_NAME, SEED).signatures
    tests = []
    for name, right, lines in (
        ("one", True, (line,)),
        ("twice", True, (line, line)),
        ("with-one-of-another-key", True, (*other.signatures, line)),
        ("none", False, ()),
        ("of-another-key", False, other.signatures),
        ("of-another-name", False, (line.replace(KEY_NAME, "else.example"),)),
        ("of-another-key-id", False, (unknown,)),
        ("flipped", False, (flipped,)),
        ("right-and-flipped", False, (line, flipped)),
        ("of-another-statement", False, of_another_day),
    ):
        raw_note = encode_note(SignedStatement(one, lines)).hex()
        flags = ["Signed" if right else "Unsigned"]
        tests.append(case(f"signature/{name}", "", flags, VALID if right else INVALID, note=raw_note))
    key = {"name": KEY_NAME, "public_key": PUBLIC_KEY.hex(), "key_id": key_id(KEY_NAME, PUBLIC_KEY).hex()}
    return {"what": "signatures", "key": key, "tests": tests}


def build() -> Json:
    groups = [
        *(
            {"what": "encodings", **vectors_encodings.group(wanted, values(wanted), FAULTS)}
            for wanted in (Statement, Equivocation)
        ),
        _notes(),
        _chain(),
        _equivocation(),
        _signatures(),
    ]
    used = {flag for group in groups for one in group["tests"] for flag in one["flags"]}
    return document(
        "liability_statement",
        {flag: note for flag, note in NOTES.items() if flag in used},
        groups,
        **CONVENTIONS,
        origin=ORIGIN,
        seed="the signing key's seed is the bytes 32 to 63 of the pattern j mod 251",
        clash="the first of sequence, snapshot_id, previous in which two statements clash; null if in none",
    )
