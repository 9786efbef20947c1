"""The bytes of rules that a user wrote down (docs/spec/encodings.md).

What they mean, and whether they make a tree, Rust decides.
"""

from __future__ import annotations

from collections.abc import Sequence
from operator import index as integer
from struct import pack
from typing import TYPE_CHECKING

from tallystick import frames as f
from tallystick._core import Hash

if TYPE_CHECKING:
    from typing_extensions import Buffer

Frame = Sequence[bytes | f.Part]


def hash_of(value: object) -> Hash:
    """Return the hash function, if it is one."""
    if not isinstance(value, Hash):
        raise TypeError(f"hash must be one of tallystick.hashes, not {type(value).__name__}")
    return value


def zero_of(value: Buffer | None, digest_size: int) -> bytes:
    """Return the digest of a missing leaf: these bytes, or zeros. Never as many zeros as a number says."""
    if value is None:
        return bytes(digest_size)
    try:
        return bytes(memoryview(value))
    except TypeError:
        raise TypeError(f"zero must be the bytes of a digest, not {type(value).__name__}") from None


EDGES = {"promote": b"\x00", "duplicate": b"\x01", "exact": b"\x03", "queue": b"\x05\x01"}
#: What ``twice`` may be, and what is then hashed once more.
TWICE: dict[bool | str, tuple[str, ...]] = {
    False: (), True: ("leaf", "node"), "leaf": ("leaf",), "node": ("node",),
}  # fmt: skip


def encoded_rules(
    digest_size: int,
    *,
    leaf: Frame | f.Part,
    node: Frame,
    root: Frame,
    arity: int,
    edge: str | f.Edge,
    pairs: str,
    twice: bool | str,
) -> bytes:
    """Return the bytes of the rules that :func:`tallystick.schemes.dense` is given."""
    if twice not in TWICE:
        raise ValueError(f'twice is True, False, "leaf" or "node", not {twice!r}')
    if pairs not in ("given", "sorted"):
        raise ValueError(f'pairs is "given" or "sorted", not {pairs!r}')
    arity = integer(arity)
    if not 2 <= arity <= 8:
        raise ValueError(f"a node has 2 to 8 children, not {arity}")
    doubled = TWICE[twice]
    return b"".join(
        [
            b"\x01",
            _leaf(leaf, doubled, twice),
            _hashed(node, f.children, "node" in doubled),
            bytes([pairs == "sorted", arity]),
            _edge(edge, digest_size, arity),
            b"\x00",
            b"\x00" if tuple(root) == (f.top,) else b"\x01" + _frame(root, f.top),
        ]
    )


def _leaf(leaf: Frame | f.Part, doubled: tuple[str, ...], twice: bool | str) -> bytes:
    if isinstance(leaf, f.Part):
        if leaf != f.bare:
            raise TypeError(f"a frame is a tuple: leaf=({leaf!r},)")
        if twice == "leaf":
            raise ValueError("bare leaves are not hashed, so not twice")
        return b"\x00"
    return _hashed(leaf, f.data, "leaf" in doubled)


def _hashed(frame: Frame, varies: f.Part, twice: bool) -> bytes:
    return bytes([2 if twice else 1]) + _frame(frame, varies)


def _edge(edge: str | f.Edge, digest_size: int, arity: int) -> bytes:
    if isinstance(edge, str):
        if edge not in EDGES:
            raise ValueError(f"edge is {', '.join(map(repr, EDGES))}, f.zeros(…) or f.bag(…), not {edge!r}")
        return EDGES[edge]
    if not isinstance(edge, f.Edge):
        raise TypeError(f"edge is a string or made by f.zeros or f.bag, not {type(edge).__name__}")
    if edge.kind == "bag":
        return bytes([4, bool(edge.swap)]) + _frame(edge.frame, f.children)
    depth, zero = integer(edge.depth), zero_of(edge.zero, digest_size)
    if not 0 <= depth <= 64:
        raise ValueError(f"depth is 0 to 64, not {depth}")
    limit = min(arity**depth, 2**64 - 1) if edge.limit is None else integer(edge.limit)
    if not 0 < limit < 2**64:
        raise ValueError(f"limit is 1 to 2**64 - 1, not {limit}")
    return b"\x02" + pack("<BQBI", depth, limit, bool(edge.exactly), len(zero)) + zero


def _frame(parts: Frame, varies: f.Part) -> bytes:
    """Return the bytes of a frame; of the parts that vary, it may have ``varies`` alone."""
    if isinstance(parts, bytes | bytearray | str | f.Part | f.Number):
        raise TypeError(f"a frame is a tuple of bytes and parts, not {parts!r}")
    found: list[bytes] = []
    literal = b""
    for part in parts:
        if isinstance(part, bytes | bytearray | memoryview):
            literal += bytes(part)
            continue
        found += _literal(literal)
        literal = b""
        found.append(_part(part, varies))
    found += _literal(literal)
    if len(found) > 255:
        raise ValueError("a frame has at most 255 parts")
    return bytes([len(found)]) + b"".join(found)


def _literal(literal: bytes) -> list[bytes]:
    return [b"\x00" + pack("<I", len(literal)) + literal] if literal else []


def _part(part: object, varies: f.Part) -> bytes:
    if isinstance(part, f.Number):
        raise TypeError(f"how is {part!r} written? {part!r}.u64le, for example")
    if not isinstance(part, f.Part):
        raise TypeError(f"a frame is made of bytes and parts, not of {type(part).__name__}")
    if part in (f.data, f.children, f.top, f.bare) and part != varies:
        raise ValueError(f"{part!r} has no meaning in this frame")
    return part.encoded
