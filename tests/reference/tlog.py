"""Checkpoints and proofs of transparency logs (docs/spec/tlog.md). Signatures are carried, not checked."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from tests.reference.layouts import MAX_NUMBER
from tests.reference.objects import Head, InclusionProof
from tests.reference.reader import DecodeError
from tests.reference.schemes import RFC6962, Scheme

SCHEME = Scheme(RFC6962, "sha256")
PROOF_LINE = "c2sp.org/tlog-proof@v1"
DASH = "\u2014 "
MIN_SIGNATURE = 5  # a key id of four bytes, and at least one more
MAX_PATH = 64

# Unicode's White_Space.
SPACES = frozenset("\t\n\v\f\r \x85\xa0\u1680\u2028\u2029\u202f\u205f\u3000") | {
    chr(c) for c in range(0x2000, 0x200B)
}


@dataclass(frozen=True)
class Checkpoint:
    """A head of a log with its signature lines, each without dash and newline."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()
    signatures: tuple[str, ...] = ()

    @property
    def head(self) -> Head:
        """What a verifier trusts, once it has checked the signatures."""
        return Head(SCHEME, self.size, self.root)


@dataclass(frozen=True)
class LogProof:
    """An inclusion proof with its index, and the checkpoint it is for."""

    index: int
    proof: InclusionProof
    checkpoint: Checkpoint
    extra: bytes = b""


def b64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii")


def body(checkpoint: Checkpoint) -> str:
    """The text that signatures cover."""
    lines = [checkpoint.origin, str(checkpoint.size), b64(checkpoint.root), *checkpoint.extensions]
    return "".join(line + "\n" for line in lines)


def encode_checkpoint(checkpoint: Checkpoint) -> bytes:
    signatures = "".join(f"{DASH}{line}\n" for line in checkpoint.signatures)
    return (body(checkpoint) + "\n" + signatures).encode("utf-8")


def encode_proof(proof: LogProof) -> bytes:
    extra = [f"extra {b64(proof.extra)}"] if proof.extra else []
    lines = [PROOF_LINE, *extra, f"index {proof.index}", *map(b64, proof.proof.digests), ""]
    return "".join(line + "\n" for line in lines).encode("ascii") + encode_checkpoint(proof.checkpoint)


def decode_checkpoint(raw: bytes) -> Checkpoint:
    return _checkpoint(lines_of(raw))


def decode_proof(raw: bytes) -> LogProof:
    lines = lines_of(raw)
    if lines.pop(0) != PROOF_LINE:
        raise DecodeError("another first line")
    extra = b""
    if lines and lines[0].startswith("extra "):
        extra = base64_of(lines.pop(0).removeprefix("extra "))
        if not extra:
            raise DecodeError("no extra data: the line is left out")
    if not lines or not lines[0].startswith("index "):
        raise DecodeError("no index")
    index = _number(lines.pop(0).removeprefix("index "))
    if "" not in lines:
        raise DecodeError("no checkpoint")
    blank = lines.index("")
    digests = tuple(_digest(line) for line in lines[:blank])
    if len(digests) > MAX_PATH:
        raise DecodeError(f"{len(digests)} digests")
    return LogProof(index, InclusionProof(32, digests), _checkpoint(lines[blank + 1 :]), extra)


def lines_of(raw: bytes) -> list[str]:
    """The lines of a text, each of which ends in a newline."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DecodeError("not UTF-8") from error
    if len(text) > 1_000_000:
        raise DecodeError("more than 1,000,000 characters")
    if any(char < " " and char != "\n" for char in text):
        raise DecodeError("a control character")
    *lines, rest = text.split("\n")
    if rest or not lines:
        raise DecodeError("no newline at the end")
    return lines


def _checkpoint(lines: list[str]) -> Checkpoint:
    if lines.count("") != 1:
        raise DecodeError("not one empty line")
    blank = lines.index("")
    if blank < 3:
        raise DecodeError("origin, size and root take three lines")
    origin, size, root, *extensions = lines[:blank]
    if len(lines) - blank - 1 > 100:
        raise DecodeError("more than 100 signatures")
    signatures = tuple(signature_line(line) for line in lines[blank + 1 :])
    return Checkpoint(origin, _number(size), _digest(root), tuple(extensions), signatures)


def signature_line(line: str) -> str:
    if not line.startswith(DASH):
        raise DecodeError("not a signature line")
    content = line.removeprefix(DASH)
    name, space, signature = content.partition(" ")
    if not name or not space or "+" in name or SPACES.intersection(name):
        raise DecodeError("not a key name")
    if len(base64_of(signature)) < MIN_SIGNATURE:
        raise DecodeError("a short signature")
    return content


def _number(text: str) -> int:
    if not re.fullmatch("0|[1-9][0-9]{0,19}", text) or int(text) > MAX_NUMBER:
        raise DecodeError("not a number of 64 bits")
    return int(text)


def _digest(text: str) -> bytes:
    digest = base64_of(text)
    if len(digest) != 32:
        raise DecodeError(f"{len(digest)} bytes are no SHA-256 digest")
    return digest


def base64_of(text: str) -> bytes:
    """Standard base64 with padding, spare bits zero: the one text of some bytes."""
    try:
        raw = base64.b64decode(text.encode("ascii"), validate=True)
    except (UnicodeEncodeError, binascii.Error) as error:
        raise DecodeError("not base64") from error
    if b64(raw) != text:
        raise DecodeError("not the canonical base64")
    return raw
