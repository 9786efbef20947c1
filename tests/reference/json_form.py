"""The JSON form (docs/spec/encodings.md). Nothing may vary, so a regular expression an object says it all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TypeVar

from tests.reference.formats import fields_of, layout_of
from tests.reference.layouts import MAX_NUMBER, Kind, Layout, Values, check_items, digest_size, witness_size
from tests.reference.reader import DecodeError
from tests.reference.schemes import Scheme
from tests.reference.sums import MAX_AMOUNT

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
    Kind.STRINGS: rf"\[(?:{HEX}(?:,{HEX})*)?\]",
    Kind.COUNTS: rf"\[(?:{DECIMAL}(?:,{DECIMAL})*)?\]",
    Kind.AMOUNT: f'"{DECIMAL}"',
    Kind.AMOUNTS: rf'\[(?:"{DECIMAL}"(?:,"{DECIMAL}")*)?\]',
    Kind.TOTAL: f'"{DECIMAL}"',
    Kind.TEXT: r'"[^"\\\x00-\x1f\x7f-\x9f\ud800-\udfff]*"',
    Kind.SHORT: DECIMAL,
    Kind.BITS: HEX,
    Kind.SIBLINGS: rf"\[(?:{HEX}(?:,{HEX})*)?\]",
    Kind.WITNESS: HEX,
    Kind.WITNESSES: rf"\[(?:{HEX}(?:,{HEX})*)?\]",
    Kind.SALT: '"[0-9a-f]{32}"',
    Kind.HASH: '"[0-9a-f]{64}"',
}


def encode(value: object) -> str:
    """The JSON form of any object."""
    return "{" + ",".join([*_name_and_version(layout_of(value)), *_members(value)]) + "}"


def _name_and_version(layout: Layout) -> list[str]:
    return [f'"format":"tallystick-{layout.name}"', '"version":1'] if layout.name else []


def _members(value: object) -> list[str]:
    layout = layout_of(value)
    values = layout.take_apart(value)
    return [f'"{name}":{_put(kind, values[name])}' for name, kind in layout.fields]


def _put(kind: Kind, value: object) -> str:  # noqa: PLR0911 - one return a kind
    match kind, value:
        case ((Kind.SMALL | Kind.SHORT), int()):
            return str(value)
        case ((Kind.NUMBER | Kind.AMOUNT | Kind.TOTAL), int()):
            return f'"{value}"'
        case ((Kind.NAME | Kind.TEXT), str()):
            return f'"{value}"'
        case ((Kind.BYTES | Kind.DIGEST | Kind.SALT | Kind.HASH | Kind.BITS | Kind.WITNESS), bytes()):
            return f'"{value.hex()}"'
        case ((Kind.DIGESTS | Kind.SIBLINGS | Kind.WITNESSES | Kind.STRINGS), tuple()):
            return "[" + ",".join(f'"{digest.hex()}"' for digest in value) + "]"
        case Kind.COUNTS, tuple():
            return "[" + ",".join(map(str, value)) + "]"
        case Kind.AMOUNTS, tuple():
            return "[" + ",".join(f'"{amount}"' for amount in value) + "]"
        case ((Kind.SCHEME | Kind.OBJECT), _):
            return encode(value)
        case Kind.ITEMS, tuple():
            return "[" + ",".join(map(encode, value)) + "]"
    raise TypeError(f"{kind} of {type(value).__name__}")


def decode(wanted: type[T], text: str) -> T:
    """The object of this type that the text is the encoding of."""
    found = re.fullmatch(_object(wanted, named=True), text)
    if found is None:
        raise DecodeError("not the canonical text")
    layout = fields_of(wanted)
    values: Values = {}
    for name, kind in layout.fields:
        match kind:
            case Kind.OBJECT:
                values[name] = decode(layout.inner[name], found[name])
            case Kind.ITEMS:
                inner = layout.inner[name]
                items = re.findall(_object(inner, named=False), found[name])
                check_items(len(items))
                values[name] = tuple(decode(inner, item) for item in items)
            case _:
                values[name] = _take(kind, found[name], values)
    made: T = layout.put_together(values)
    return made


def _object(wanted: type, named: bool) -> str:
    """A pattern of all texts of an object, each field's text in a group of its name."""

    def members() -> Iterator[str]:
        layout = fields_of(wanted)
        yield from _name_and_version(layout)
        for name, kind in layout.fields:
            match kind:
                case Kind.SCHEME:
                    shape = _object(Scheme, named=False)
                case Kind.OBJECT:
                    shape = _object(layout.inner[name], named=False)
                case Kind.ITEMS:
                    item = _object(layout.inner[name], named=False)
                    shape = rf"\[(?:{item}(?:,{item})*)?\]"
                case _:
                    shape = SHAPES[kind]
            yield f'"{name}":' + (f"(?P<{name}>{shape})" if named else shape)

    return r"\{" + ",".join(members()) + r"\}"


def _take(kind: Kind, text: str, values: Values) -> object:  # noqa: PLR0911 - one return a kind
    match kind:
        case Kind.SMALL:
            return _number(text, 255)
        case Kind.SHORT:
            return _number(text, 65535)
        case Kind.NUMBER:
            return _number(text[1:-1], MAX_NUMBER)
        case Kind.NAME | Kind.TEXT:
            return text[1:-1]
        case Kind.AMOUNT | Kind.TOTAL:
            return _number(text[1:-1], MAX_AMOUNT)
        case Kind.AMOUNTS:
            return tuple(_number(item[1:-1], MAX_AMOUNT) for item in _items(text))
        case Kind.BYTES | Kind.SALT | Kind.HASH | Kind.BITS | Kind.WITNESS:
            return _hex(text)
        case Kind.DIGEST:
            return _digest(text, digest_size(values))
        case Kind.DIGESTS | Kind.SIBLINGS:
            return tuple(_digest(item, digest_size(values)) for item in _items(text))
        case Kind.WITNESSES:
            return tuple(_digest(item, witness_size(values)) for item in _items(text))
        case Kind.STRINGS:
            return tuple(_hex(item) for item in _items(text))
        case Kind.COUNTS:
            return tuple(_number(item, 255) for item in _items(text))
        case Kind.SCHEME:
            return decode(Scheme, text)
    raise TypeError(f"{kind} has a type of its own")


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
