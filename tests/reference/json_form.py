"""The JSON form (docs/spec/encodings.md). Nothing may vary, so a regular expression an object says it all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

from tests.reference.layouts import LAYOUTS, MAX_NUMBER, DecodeError, Kind, Values, digest_size, layout_of
from tests.reference.schemes import Scheme

T = TypeVar("T")

DECIMAL = "(?:0|[1-9][0-9]*)"
HEX = '"[0-9a-f]*"'
SHAPES = {
    Kind.SMALL: DECIMAL,
    Kind.NUMBER: f'"{DECIMAL}"',
    Kind.NAME: r'"[ !#-\[\]-~]*"',  # printable ASCII without quote and backslash
    Kind.BYTES: HEX,
    Kind.DIGEST: HEX,
    Kind.DIGESTS: rf"\[(?:{HEX}(?:,{HEX})*)?\]",
    Kind.COUNTS: rf"\[(?:{DECIMAL}(?:,{DECIMAL})*)?\]",
}


def encode(value: object) -> str:
    """The JSON form of any object."""
    layout = layout_of(value)
    values = layout.take_apart(value)
    members = [f'"format":"tallystick-{layout.name}"', '"version":1']
    members += [f'"{name}":{_put(kind, values[name])}' for name, kind in layout.fields]
    return "{" + ",".join(members) + "}"


def _put(kind: Kind, value: object) -> str:  # noqa: PLR0911 - one return a kind
    match kind, value:
        case Kind.SMALL, int():
            return str(value)
        case Kind.NUMBER, int():
            return f'"{value}"'
        case Kind.NAME, str():
            return f'"{value}"'
        case ((Kind.BYTES | Kind.DIGEST), bytes()):
            return f'"{value.hex()}"'
        case Kind.DIGESTS, tuple():
            return "[" + ",".join(f'"{digest.hex()}"' for digest in value) + "]"
        case Kind.COUNTS, tuple():
            return "[" + ",".join(map(str, value)) + "]"
        case Kind.SCHEME, Scheme():
            return encode(value)
    raise TypeError(f"{kind} of {type(value).__name__}")


def decode(wanted: type[T], text: str) -> T:
    """The object of this type that the text is the encoding of."""
    found = re.fullmatch(_object(wanted, named=True), text)
    if found is None:
        raise DecodeError("not the canonical text")
    layout = LAYOUTS[wanted]
    values: Values = {}
    for name, kind in layout.fields:
        values[name] = _take(kind, found[name], values)
    made: T = layout.put_together(values)
    return made


def _object(wanted: type, named: bool) -> str:
    """A pattern of all texts of an object, each field's text in a group of its name."""

    def members() -> Iterator[str]:
        layout = LAYOUTS[wanted]
        yield f'"format":"tallystick-{layout.name}"'
        yield '"version":1'
        for name, kind in layout.fields:
            shape = _object(Scheme, named=False) if kind is Kind.SCHEME else SHAPES[kind]
            yield f'"{name}":' + (f"(?P<{name}>{shape})" if named else shape)

    return r"\{" + ",".join(members()) + r"\}"


def _take(kind: Kind, text: str, values: Values) -> object:  # noqa: PLR0911 - one return a kind
    match kind:
        case Kind.SMALL:
            return _number(text, 255)
        case Kind.NUMBER:
            return _number(text[1:-1], MAX_NUMBER)
        case Kind.NAME:
            return text[1:-1]
        case Kind.BYTES:
            return _hex(text)
        case Kind.DIGEST:
            return _digest(text, digest_size(values))
        case Kind.DIGESTS:
            return tuple(_digest(item, digest_size(values)) for item in _items(text))
        case Kind.COUNTS:
            return tuple(_number(item, 255) for item in _items(text))
        case Kind.SCHEME:
            return decode(Scheme, text)


def _items(text: str) -> list[str]:
    inside = text[1:-1]
    return inside.split(",") if inside else []


def _number(digits: str, most: int) -> int:
    # The length first: converting a million digits takes long.
    if len(digits) > len(str(most)) or int(digits) > most:
        raise DecodeError(f"a number above {most}")
    return int(digits)


def _hex(quoted: str) -> bytes:
    digits = quoted[1:-1]
    if len(digits) % 2:
        raise DecodeError("half a byte")
    return bytes.fromhex(digits)


def _digest(quoted: str, size: int) -> bytes:
    digest = _hex(quoted)
    if len(digest) != size:
        raise DecodeError(f"a digest of {len(digest)} bytes, not {size}")
    return digest
