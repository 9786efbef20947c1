"""Entries as they are stored: each behind its length, two bytes, the higher first."""

from __future__ import annotations

from collections.abc import Sequence

from tallystick.errors import StoreError


def encode(entries: Sequence[bytes]) -> bytes:
    """Return entries one behind the other."""
    return b"".join([part for entry in entries for part in (len(entry).to_bytes(2, "big"), entry)])


def decode(data: bytes, name: str, count: int | None = None) -> list[bytes]:
    """Return the entries of the tile ``name``: all, or the first ``count``; ``StoreError`` if it is torn."""
    found: list[bytes] = []
    at = 0
    while at < len(data) and len(found) != count:
        begin = at + 2
        at = begin + int.from_bytes(data[at:begin], "big")
        if begin > len(data) or at > len(data):
            raise StoreError(f"{name} ends within an entry")
        found.append(data[begin:at])
    if count is not None and len(found) != count:
        raise StoreError(f"{name} has {len(found)} entries, not {count}")
    return found


def decode_exactly(data: bytes, name: str, count: int) -> list[bytes]:
    """Return the ``count`` entries of the tile ``name``, which has no more."""
    found = decode(data, name)
    if len(found) != count:
        raise StoreError(f"{name} has {len(found)} entries, not {count}")
    return found
