"""Logs as tiles (docs/spec/tiles.md): all that a store holds of a log, made from its entries."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from tests.reference import trees
from tests.reference.codec import encode
from tests.reference.objects import Head
from tests.reference.schemes import Scheme
from tests.reference.tlog import SCHEME, Checkpoint, b64, body

WIDTH = 256
HEIGHT = 8
HEAD_LINE = "tallystick/v1/log-head"
CLAIM_LINE = "tallystick/v1/log-claim"
CLAIM_NAME = "tallystick.log/claim"


def tile_name(level: int | str, index: int, width: int) -> str:
    """The name of a tile of digests of a level, or of ``"entries"``."""
    digits = str(index)
    while len(digits) % 3:
        digits = "0" + digits
    groups = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    place = "/x".join(groups[:-1])
    full = f"tile/{level}/" + (f"x{place}/" if place else "") + groups[-1]
    return full if width == WIDTH else f"{full}.p/{width}"


def tiles(scheme: Scheme, entries: Sequence[bytes]) -> dict[str, bytes]:
    """The tiles that the head of a log of these entries covers, by name."""
    found: dict[str, bytes] = {}
    for index, part in enumerate(parts(entries)):
        found[tile_name("entries", index, len(part))] = bundle(part)
    if not entries:
        return found
    rows = trees.levels(scheme, trees.leaf_digests(scheme, entries))
    for level in range(0, len(rows), HEIGHT):
        full = rows[level][: len(entries) >> level]
        for index, row in enumerate(parts(full)):
            found[tile_name(level // HEIGHT, index, len(row))] = b"".join(row)
    return found


def parts(row: Sequence[bytes]) -> list[Sequence[bytes]]:
    return [row[at : at + WIDTH] for at in range(0, len(row), WIDTH)]


def bundle(entries: Sequence[bytes]) -> bytes:
    """Entries, each behind its length."""
    return b"".join(len(entry).to_bytes(2, "big") + entry for entry in entries)


def head_body(origin: str, head: Head) -> str:
    """What the signature of a log's head covers: of rfc6962/sha256 a checkpoint's body."""
    if head.scheme == SCHEME:
        return body(Checkpoint(origin, head.size, head.root))
    return f"{origin}\n{HEAD_LINE}\n{b64(encode(head))}\n"


def claim_digests(head: Head, pieces: Sequence[bytes]) -> tuple[list[bytes], bytes]:
    """The digests by which pieces of entries behind a head are named, and that of the claim to them."""
    own = [hashlib.sha256(encode(head) + piece).digest() for piece in pieces]
    return own, hashlib.sha256(b"".join(own)).digest()


def claim_body(origin: str, head: Head, claim: bytes) -> str:
    """What the signature of a claim covers."""
    return f"{origin}\n{CLAIM_LINE}\n{b64(encode(head))}\n{b64(claim)}\n"


def claim_line(claim: bytes) -> str:
    """The signature line of a head that is claimed."""
    return f"\u2014 {CLAIM_NAME} {b64(bytes(4) + claim)}\n"
