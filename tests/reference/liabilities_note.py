"""The signable text of a statement, a note as C2SP's signed-note has it (docs/spec/liabilities.md)."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa

from tests.reference import codec, tlog
from tests.reference.hashes import LABEL_STATEMENT
from tests.reference.liabilities import digest
from tests.reference.liabilities_objects import NOT_STATED, Equivocation, Statement, StatementAsset
from tests.reference.liabilities_verify import equivocation
from tests.reference.reader import DecodeError
from tests.reference.schemes import Scheme

ED25519 = b"\x01"
MAX_CHARACTERS = 1_000_000

NUMBER = "0|[1-9][0-9]{0,38}"
WORD = "[A-Za-z0-9+/=._-]+"
ASSET = re.compile(
    f"asset ({WORD}) ({NUMBER}) ({NUMBER}) (-|{NUMBER}) ({NUMBER}) ({WORD})(?: (.+))?", re.DOTALL
)


class BadSignature(ValueError):
    """No signature of the trusted key, or a wrong one."""


@dataclass(frozen=True)
class SignedStatement:
    """A statement with its signature lines, each without dash and newline."""

    statement: Statement
    signatures: tuple[str, ...] = ()


def body(statement: Statement) -> str:
    """The text that is signed."""
    lines = [
        statement.origin,
        LABEL_STATEMENT,
        f"sequence {statement.sequence}",
        f"snapshot {statement.snapshot_id}",
        f"time {statement.time}",
        f"previous {tlog.b64(statement.previous)}",
        f"scheme {statement.scheme.name}",
        *map(_asset_line, statement.assets),
        f"digest {tlog.b64(digest(statement))}",
    ]
    text = "".join(line + "\n" for line in lines)
    # The empty line behind it is part of every note.
    if len(text) + 1 > MAX_CHARACTERS:
        raise ValueError("more than 1,000,000 characters")
    return text


def _asset_line(row: StatementAsset) -> str:
    holders = "-" if row.holders == NOT_STATED else str(row.holders)
    line = f"asset {row.code} {row.decimals} {row.leaves} {holders} {row.total} {tlog.b64(row.root)}"
    return f"{line} {row.group}" if row.group else line


def encode_note(note: SignedStatement) -> bytes:
    signatures = "".join(f"{tlog.DASH}{line}\n" for line in note.signatures)
    return (body(note.statement) + "\n" + signatures).encode("utf-8")


def decode_note(raw: bytes) -> SignedStatement:
    lines = tlog.lines_of(raw)
    if lines.count("") != 1:
        raise DecodeError("not one empty line")
    blank = lines.index("")
    if len(lines) - blank - 1 > 100:
        raise DecodeError("more than 100 signatures")
    statement = _statement(lines[:blank])
    if body(statement) != "".join(line + "\n" for line in lines[:blank]):
        raise DecodeError("not the text of this statement")
    return SignedStatement(statement, tuple(map(tlog.signature_line, lines[blank + 1 :])))


def _statement(lines: list[str]) -> Statement:
    """What the lines say. That they are the one text of it, the caller checks."""
    if len(lines) < 8:
        raise DecodeError("a line is missing")
    origin, label, sequence, snapshot, time, previous, scheme, *assets, _ = lines
    if label != LABEL_STATEMENT:
        raise DecodeError("another second line")
    family, _, hash_name = _behind("scheme ", scheme).partition("/")
    try:
        named = Scheme(family, hash_name)
        read = Statement(
            origin,
            _number(_behind("sequence ", sequence)),
            _behind("snapshot ", snapshot),
            _number(_behind("time ", time)),
            tlog.base64_of(_behind("previous ", previous)),
            named,
            tuple(map(_asset, assets)),
        )
        # The binary form knows what a statement may hold.
        return codec.decode(Statement, codec.encode(read))
    except (ValueError, OverflowError) as error:
        raise DecodeError(str(error)) from error


def _asset(line: str) -> StatementAsset:
    found = ASSET.fullmatch(line)
    if found is None:
        raise DecodeError("not an asset line")
    code, decimals, leaves, holders, total, root, group = found.groups(default="")
    stated = NOT_STATED if holders == "-" else _number(holders)
    numbers = (_number(decimals), _number(leaves), stated, _number(total))
    return StatementAsset(code, group, *numbers, tlog.base64_of(root))


def _behind(key: str, line: str) -> str:
    if not line.startswith(key):
        raise DecodeError(f"no {key.strip()}")
    return line.removeprefix(key)


def _number(text: str) -> int:
    if not re.fullmatch(NUMBER, text):
        raise DecodeError("not a number")
    return int(text)


def key_id(name: str, public_key: bytes) -> bytes:
    """C2SP's signed-note: four bytes by which a reader finds the key."""
    return hashlib.sha256(name.encode("utf-8") + b"\n" + ED25519 + public_key).digest()[:4]


def sign(statement: Statement, name: str, seed: bytes) -> SignedStatement:
    """The note with one Ed25519 signature."""
    key = ECC.construct(curve="Ed25519", seed=seed)
    public_key = key.public_key().export_key(format="raw")
    signature = eddsa.new(key, "rfc8032").sign(body(statement).encode("utf-8"))
    return SignedStatement(statement, (f"{name} {tlog.b64(key_id(name, public_key) + signature)}",))


def verify_note(note: SignedStatement, name: str, public_key: bytes) -> None:
    """Accept where every line of this name and key id is a signature of the key, and there is one."""
    wanted = key_id(name, public_key)
    verifier = eddsa.new(eddsa.import_public_key(public_key), "rfc8032")
    found = False
    for line in note.signatures:
        own, _, text = line.partition(" ")
        raw = tlog.base64_of(text)
        if own != name or raw[:4] != wanted:
            continue
        try:
            verifier.verify(body(note.statement).encode("utf-8"), raw[4:])
        except ValueError as error:
            raise BadSignature("a signature of the key that is wrong") from error
        found = True
    if not found:
        raise BadSignature("no signature of the key")


def verify_equivocation(record: Equivocation, name: str, public_key: bytes) -> str:
    """In what two notes clash that one key signed."""
    first, second = decode_note(record.first), decode_note(record.second)
    for note in (first, second):
        verify_note(note, name, public_key)
    clash = equivocation(first.statement, second.statement)
    if clash is None or digest(first.statement) >= digest(second.statement):
        raise DecodeError("no equivocation, or in another order")
    return clash
