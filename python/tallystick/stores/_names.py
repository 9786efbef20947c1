"""What may be written to a store, for all of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

MAX_TILE = 16 << 20
MAX_HEAD = 64 << 10
_PART = r"(?!\.{1,2}(?:/|\Z))[a-z0-9._-]+"
_NAME = re.compile(rf"{_PART}(?:/{_PART})*\Z")


def check_names(names: Sequence[str]) -> Sequence[str]:
    """Refuse what is no name of a tile: what a store does with names before it writes.

    Raises ``ValueError``; ``TypeError`` for one string in place of several.

    >>> from tallystick import stores
    >>> stores.check_names(["tile/a", "../a"])
    Traceback (most recent call last):
    ValueError: '../a' is no name of a tile
    """
    if isinstance(names, str | bytes):
        raise TypeError("names are a sequence of str, not one of them")
    for name in names:
        check_name(name)
    return names


def check_name(name: str) -> None:
    """Refuse what is no name."""
    if not isinstance(name, str):
        raise TypeError(f"a name is a str, not {type(name).__name__}")
    if len(name) > 200 or not _NAME.match(name):
        raise ValueError(f"{name[:220]!r} is no name of a tile")


def check_tiles(tiles: Sequence[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    """Return tiles as a list, with their bytes as ``bytes``: what a store does before it writes any of them.

    Raises ``ValueError`` for what is no name, a name twice, or a tile of more than 16 MiB.

    >>> from tallystick import stores
    >>> stores.check_tiles([("tile/a", bytearray(b"bytes"))])
    [('tile/a', b'bytes')]
    """
    checked = [(name, bytes(memoryview(tile))) for name, tile in tiles]
    check_names([name for name, _ in checked])
    if len({name for name, _ in checked}) != len(checked):
        raise ValueError("a name is there twice")
    for name, tile in checked:
        if len(tile) > MAX_TILE:
            raise ValueError(f"{name} has {len(tile)} bytes; a tile has at most {MAX_TILE}")
    return checked


def check_head(head: bytes) -> bytes:
    """Return a head as ``bytes``: what a store does before it publishes it.

    Raises ``ValueError`` for one of more than 64 KiB.

    >>> from tallystick import stores
    >>> stores.check_head(memoryview(b"head"))
    b'head'
    """
    head = bytes(memoryview(head))
    if len(head) > MAX_HEAD:
        raise ValueError(f"a head of {len(head)} bytes; it has at most {MAX_HEAD}")
    return head
