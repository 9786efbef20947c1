"""tlog.json: checkpoints and proofs as texts, and texts that are none. Signatures are invented bytes."""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.reference.envelope import INVALID, Json, case, document
from tests.reference.objects import InclusionProof
from tests.reference.samples import LEAF_RULE, filler, leaf, leaves
from tests.reference.tlog import (
    DASH,
    PROOF_LINE,
    SCHEME,
    Checkpoint,
    LogProof,
    b64,
    body,
    encode_checkpoint,
    encode_proof,
)
from tests.reference.trees import head, prove

Fault = tuple[str, str, bytes]

END = 2**64 - 1
ORIGIN = "log.example/2026"

NOTES = {
    "Canonical": "the text decodes to these fields, which encode to this text",
    "Verifies": "the proof verifies for `leaf` against the checkpoint's head",
    "Extension": "extension lines are kept: signatures cover them",
    "Extra": "extra data is kept; nothing authenticates it",
    "Unsigned": "no signature lines: a checkpoint that is yet to be signed",
    "Names": "names are UTF-8; key names may not be the origin",
    "Lines": "a line is missing, empty, or one too many",
    "Newline": "no newline at the end, or other line ends",
    "Control": "a control character, also a tab",
    "Utf8": "not UTF-8",
    "Number": "a number with sign, space or leading zero, or above 64 bits",
    "Base64": "not standard base64, without padding, or with spare bits",
    "RootSize": "a root or digest that is not 32 bytes",
    "Signature": "a signature line of another form",
    "FirstLine": "another version, or no version",
    "TooMany": "more digests than the longest path has",
    "Trailing": "something behind the last signature line",
}


def signature(name: str, number: int) -> str:
    return f"{name} {b64(filler('sig', number, 68))}"


def checkpoint(size: int) -> Checkpoint:
    return Checkpoint(ORIGIN, size, head(SCHEME, leaves(size)).root, signatures=(signature(ORIGIN, 0),))


def log_proof(size: int, index: int) -> LogProof:
    return LogProof(index, prove(SCHEME, leaves(size), index), checkpoint(size))


def checkpoints() -> Iterator[tuple[str, list[str], Checkpoint]]:
    plain = checkpoint(7)
    for size in (0, 1, 7):
        yield f"size-{size}", [], checkpoint(size)
    yield "size-2-to-64-minus-1", [], replace(plain, size=END)
    yield "unsigned", ["Unsigned"], replace(plain, signatures=())
    yield "extension", ["Extension"], replace(plain, extensions=("time 1", "\u2014 not a signature"))
    witnesses = tuple(signature(f"witness{i}.example", i) for i in range(16))
    yield "sixteen-witnesses", [], replace(plain, signatures=(*plain.signatures, *witnesses))
    yield "same-signature-twice", [], replace(plain, signatures=plain.signatures * 2)
    yield "short-signature", [], replace(plain, signatures=(f"k {b64(bytes(5))}",))
    yield "origin-of-words", ["Names"], replace(plain, origin="Jo\u00e3o's log + more \u2014 2026")
    yield "origin-with-space-around", ["Names"], replace(plain, origin=" x ")
    yield (
        "key-of-another-name",
        ["Names"],
        replace(plain, signatures=(signature("schl\u00fcssel.example", 3),)),
    )


def proofs() -> Iterator[tuple[str, list[str], LogProof]]:
    for size, index in ((1, 0), (2, 1), (7, 6), (11, 4)):
        yield f"{size}/{index}", ["Verifies"], log_proof(size, index)
    sample = log_proof(11, 4)
    yield "extra", ["Verifies", "Extra"], replace(sample, extra=b"anything")
    extended = replace(sample.checkpoint, extensions=("x",))
    yield "extension", ["Verifies", "Extension"], replace(sample, checkpoint=extended)
    yield "index-beyond-size", [], replace(sample, index=END)
    yield "64-digests", [], replace(sample, proof=InclusionProof(32, (bytes(32),) * 64))
    unsigned = replace(sample.checkpoint, signatures=())
    yield "unsigned", ["Verifies", "Unsigned"], replace(sample, checkpoint=unsigned)


def checkpoint_faults() -> Iterator[Fault]:
    c = checkpoint(7)
    raw = encode_checkpoint(c)
    lines = raw.decode("utf-8").split("\n")[:-1]
    yield from _text_faults(raw)
    for name, changed in (
        ("no-origin", lines[1:]),
        ("empty-origin", ["", *lines[1:]]),
        ("no-size", [lines[0], *lines[2:]]),
        ("no-root", [*lines[:2], *lines[3:]]),
        ("no-empty-line", [*lines[:3], *lines[4:]]),
        ("two-empty-lines", [*lines[:4], "", *lines[4:]]),
        ("empty-extension", [*lines[:3], "", "x", *lines[3:]]),
        ("empty-line-first", ["", *lines]),
        ("empty-line-last", [*lines, ""]),
    ):
        yield name, "Lines", _joined(changed)
    yield "body-only", "Lines", body(c).encode("utf-8")
    for number, size in enumerate(
        ("07", "+7", "-7", " 7", "7 ", "7.0", "0x7", "", "\u0667", str(2**64), "9" * 30, "-0", "00")
    ):
        flag = "Number" if size else "Lines"
        yield f"size-{number}", flag, _joined([lines[0], size, *lines[2:]])
    for name, flag, root in _digest_faults(c.root):
        yield f"root-{name}", flag, _joined([*lines[:2], root, *lines[3:]])
    for name, line in _signature_faults():
        yield f"signature-{name}", "Signature", _joined([*lines[:4], line])
    yield "text-behind", "Trailing", raw + b"text\n"


def _joined(lines: list[str]) -> bytes:
    return "".join(line + "\n" for line in lines).encode("utf-8")


def _text_faults(raw: bytes) -> Iterator[Fault]:
    yield "empty", "Lines", b""
    yield "newline-only", "Lines", b"\n"
    yield "no-newline-at-end", "Newline", raw[:-1]
    yield "crlf", "Newline", raw.replace(b"\n", b"\r\n")
    yield "tab", "Control", raw.replace(b"log", b"l\tg", 1)
    yield "zero-byte", "Control", raw.replace(b"log", b"l\x00g", 1)
    yield "escape", "Control", raw.replace(b"log", b"\x1b[1m", 1)
    yield "latin-1", "Utf8", raw.replace(b"log", b"l\xf6g", 1)
    yield "overlong", "Utf8", raw.replace(b"log", b"l\xc1\xafg", 1)
    yield "surrogate", "Utf8", raw.replace(b"log", b"l\xed\xa0\x80g", 1)


def _digest_faults(digest: bytes) -> Iterator[tuple[str, str, str]]:
    text = b64(digest)
    spare = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
    last = text[:-2] + spare[spare.index(text[-2]) + 1] + "="
    for name, changed in (
        ("no-padding", text[:-1]),
        ("two-paddings", text + "="),
        ("spare-bits", last),
        ("url-alphabet", base64.urlsafe_b64encode(b"\xff" * 32).decode("ascii")),
        ("space-behind", text + " "),
        ("space-within", text[:8] + " " + text[8:]),
        ("hex", digest.hex() + "!"),
        ("not-ascii", "\u00e9" + text[1:]),
    ):
        yield name, "Base64", changed
    for size in (0, 20, 31, 33, 48, 64):
        yield f"{size}-bytes", "RootSize" if size else "Lines", b64(bytes(size))


def _signature_faults() -> Iterator[tuple[str, str]]:
    good = signature("key.example", 1)
    name, text = good.split(" ")
    yield "hyphen", f"- {good}"
    yield "en-dash", f"\u2013 {good}"
    yield "no-space-behind-dash", f"\u2014{good}"
    yield "two-spaces", f"{DASH} {good}"
    yield "two-spaces-before-base64", f"{DASH}{name}  {text}"
    yield "no-name", f"{DASH}{text}"
    yield "plus-in-name", f"{DASH}key+example {text}"
    yield "no-break-space-in-name", f"{DASH}key\u00a0example {text}"
    yield "em-space-in-name", f"{DASH}key\u2003example {text}"
    yield "next-line-in-name", f"{DASH}key\u0085example {text}"
    yield "no-signature", f"{DASH}{name}"
    yield "empty-signature", f"{DASH}{name} "
    yield "only-a-key-id", f"{DASH}{name} {b64(bytes(4))}"
    yield "no-padding", f"{DASH}{name} {text.rstrip('=')}"
    yield "space-behind", f"{DASH}{good} "
    yield "two-signatures", f"{DASH}{good} {text}"
    yield "no-dash", good


def proof_faults() -> Iterator[Fault]:
    p = log_proof(11, 4)
    raw = encode_proof(p)
    lines = raw.decode("utf-8").split("\n")[:-1]
    digests, rest = lines[2:6], lines[6:]
    yield from _text_faults(raw)
    for number, first in enumerate(
        ("c2sp.org/tlog-proof@v2", "c2sp.org/tlog-proof", "C2SP.org/tlog-proof@v1", PROOF_LINE + " ", "")
    ):
        yield f"first-line-{number}", "FirstLine", _joined([first, *lines[1:]])
    yield "no-first-line", "FirstLine", _joined(lines[1:])
    yield "checkpoint-only", "FirstLine", encode_checkpoint(p.checkpoint)
    for name, changed in (
        ("no-index", [lines[0], *lines[2:]]),
        ("index-twice", [*lines[:2], lines[1], *lines[2:]]),
        ("index-behind-digests", [lines[0], *digests, lines[1], *rest]),
        ("extra-behind-index", [*lines[:2], "extra eA==", *lines[2:]]),
        ("extra-twice", [lines[0], "extra eA==", "extra eA==", *lines[1:]]),
        ("extra-empty", [lines[0], "extra ", *lines[1:]]),
        ("extra-nothing", [lines[0], "extra", *lines[1:]]),
        ("other-line", [lines[0], "note eA==", *lines[1:]]),
        ("no-empty-line", [*lines[:6], *lines[7:]]),
        ("two-empty-lines", [*lines[:7], *rest]),
        ("no-checkpoint", lines[:7]),
        ("ends-behind-digests", lines[:6]),
        ("empty-line-before-digests", [*lines[:2], "", *lines[2:]]),
    ):
        yield name, "Lines", _joined(changed)
    yield "extra-no-padding", "Base64", _joined([lines[0], "extra eA", *lines[1:]])
    yield "extra-spare-bits", "Base64", _joined([lines[0], "extra eB==", *lines[1:]])
    for number, index in enumerate(("04", "+4", "-4", " 4", "4 ", "", "4.0", str(2**64), "9" * 30, "\u0664")):
        yield f"index-{number}", "Number", _joined([lines[0], f"index {index}", *lines[2:]])
    yield "index-tight", "Number", _joined([lines[0], "index4", *lines[2:]])
    for name, flag, text in _digest_faults(p.proof.digests[0]):
        yield f"digest-{name}", flag, _joined([*lines[:2], text, *lines[3:]])
    yield "digests-65", "TooMany", _joined([*lines[:2], *[digests[0]] * 65, *rest])
    yield "checkpoint-size-07", "Number", _joined([*lines[:8], "011", *lines[9:]])
    yield "text-behind", "Trailing", raw + b"text\n"


def checkpoint_json(c: Checkpoint) -> Json:
    return {
        "origin": c.origin,
        "size": str(c.size),
        "root": c.root.hex(),
        "extensions": list(c.extensions),
        "signatures": list(c.signatures),
        "signed": body(c),
    }


def proof_json(p: LogProof) -> Json:
    return {
        "index": str(p.index),
        "extra": p.extra.hex(),
        "digests": [digest.hex() for digest in p.proof.digests],
        "checkpoint": checkpoint_json(p.checkpoint),
    }


def _invalid(what: str, faults: Callable[[], Iterator[Fault]]) -> Iterator[Json]:
    for name, flag, raw in faults():
        yield case(f"{what}/invalid/{name}", "", [flag], INVALID, encoding=raw.hex())


def build() -> Json:
    notes = [
        case(
            f"checkpoint/valid/{name}",
            "",
            ["Canonical", *flags],
            encoding=encode_checkpoint(c).hex(),
            text=encode_checkpoint(c).decode("utf-8"),
            value=checkpoint_json(c),
        )
        for name, flags, c in checkpoints()
    ]
    made = [
        case(
            f"proof/valid/{name}",
            "",
            ["Canonical", *flags],
            encoding=encode_proof(p).hex(),
            text=encode_proof(p).decode("utf-8"),
            value=proof_json(p),
            **({"leaf": leaf(p.index).hex()} if "Verifies" in flags else {}),
        )
        for name, flags, p in proofs()
    ]
    groups: list[Json] = [
        {"object": "checkpoint", "tests": [*notes, *_invalid("checkpoint", checkpoint_faults)]},
        {"object": "proof", "tests": [*made, *_invalid("proof", proof_faults)]},
    ]
    return document(
        "tlog",
        NOTES,
        groups,
        leaf_rule=LEAF_RULE,
        encoding="the bytes of the text, in hex, because some are not UTF-8",
        signed="the text that signatures cover; those here are invented and verify under no key",
    )
