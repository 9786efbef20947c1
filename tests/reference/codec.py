"""The binary form (docs/spec/encodings.md): magic and version, then the fields."""

from __future__ import annotations

from typing import TypeVar

from tests.reference.formats import fields_of, layout_of
from tests.reference.layouts import VERSION, Kind, Layout, Values, digest_size, witness_size
from tests.reference.reader import DecodeError, Reader
from tests.reference.schemes import Scheme, le, lp
from tests.reference.sparse_objects import WITH_WITNESS, ones

__all__ = ["DecodeError", "Reader", "decode", "encode", "start"]

T = TypeVar("T")


def start(magic: bytes) -> bytes:
    return magic + le(VERSION, 1)


def encode(value: object) -> bytes:
    """The binary form of any object."""
    return start(layout_of(value).magic) + fields(value)


def fields(value: object) -> bytes:
    """The fields alone."""
    layout = layout_of(value)
    values = layout.take_apart(value)
    return b"".join(_put(kind, values[name]) for name, kind in layout.fields)


def amount(value: int) -> bytes:
    """As few bytes as it takes, behind their number."""
    raw = minimal(value)
    return le(len(raw), 1) + raw


def minimal(value: int) -> bytes:
    """Little-endian without zeros at the end; nothing for zero."""
    return le(value, 16).rstrip(b"\x00")


def _put(kind: Kind, value: object) -> bytes:  # noqa: PLR0911 - one return a kind
    match kind, value:
        case Kind.SMALL, int():
            return le(value, 1)
        case Kind.NUMBER, int():
            return le(value, 8)
        case Kind.NAME, str():
            return lp(value.encode("ascii"))
        case Kind.BYTES, bytes():
            return lp(value)
        case Kind.SHORT, int():
            return le(value, 2)
        case ((Kind.DIGEST | Kind.BITS | Kind.WITNESS), bytes()):
            return value
        case ((Kind.DIGESTS | Kind.SIBLINGS), tuple()):
            return b"".join(value)
        case Kind.WITNESSES, tuple():
            return le(len(value), 4) + b"".join(value)
        case Kind.STRINGS, tuple():
            return b"".join(map(lp, value))
        case Kind.COUNTS, tuple():
            return le(len(value), 8) + bytes(value)
        case Kind.SCHEME | Kind.OBJECT, _:
            return lp(encode(value))
        case Kind.AMOUNT, int():
            return amount(value)
        case Kind.AMOUNTS, tuple():
            return le(len(value), 8) + b"".join(map(amount, value))
        case Kind.TOTAL, int():
            return le(value, 16)
        case Kind.TEXT, str():
            return lp(value.encode("utf-8"))
        case ((Kind.SALT | Kind.HASH), bytes()):
            return value
        case Kind.ITEMS, tuple():
            return le(len(value), 2) + b"".join(map(fields, value))
    raise TypeError(f"{kind} of {type(value).__name__}")


def decode(wanted: type[T], data: bytes) -> T:
    """The object of this type that the bytes are the encoding of."""
    layout = fields_of(wanted)
    reader = Reader(data)
    reader.expect(start(layout.magic), "magic and version")
    values = _fields(reader, layout)
    reader.end()
    made: T = layout.put_together(values)
    return made


def _fields(reader: Reader, layout: Layout) -> Values:
    values: Values = {}
    for name, kind in layout.fields:
        match kind:
            case Kind.OBJECT:
                values[name] = decode(layout.inner[name], reader.lp())
            case Kind.ITEMS:
                item = fields_of(layout.inner[name])
                values[name] = tuple(item.put_together(_fields(reader, item)) for _ in range(reader.uint(2)))
            case _:
                values[name] = _take(reader, kind, values)
    return values


def _take(reader: Reader, kind: Kind, values: Values) -> object:  # noqa: PLR0911 - one return a kind
    match kind:
        case Kind.SMALL:
            return reader.uint(1)
        case Kind.NUMBER:
            return reader.uint(8)
        case Kind.NAME:
            return _name(reader.lp())
        case Kind.BYTES:
            return reader.lp()
        case Kind.DIGEST:
            return reader.take(digest_size(values))
        case Kind.DIGESTS:
            return _digests(reader, digest_size(values))
        case Kind.SHORT:
            return reader.uint(2)
        case Kind.BITS:
            return reader.take(-(-int(values["depth"]) // 8))
        case Kind.SIBLINGS:
            size = digest_size(values)
            return tuple(reader.take(size) for _ in range(ones(values["bitmap"])))
        case Kind.WITNESS:
            return reader.take(witness_size(values) if values["end"] in WITH_WITNESS else 0)
        case Kind.WITNESSES:
            return _witnesses(reader, witness_size(values))
        case Kind.STRINGS:
            return _strings(reader)
        case Kind.COUNTS:
            return tuple(reader.take(reader.uint(8)))
        case Kind.SCHEME:
            return decode(Scheme, reader.lp())
        case Kind.AMOUNT:
            return _amount(reader)
        case Kind.AMOUNTS:
            return _amounts(reader)
        case Kind.TOTAL:
            return reader.uint(16)
        case Kind.TEXT:
            return text_of(reader.lp())
        case Kind.SALT:
            return reader.take(16)
        case Kind.HASH:
            return reader.take(32)
    raise TypeError(f"{kind} has a type of its own")


def _amount(reader: Reader) -> int:
    return amount_of(reader.take(reader.uint(1)))


def amount_of(raw: bytes) -> int:
    """The amount whose fewest bytes these are."""
    if len(raw) > 16:
        raise DecodeError(f"an amount of {len(raw)} bytes")
    if raw.endswith(b"\x00"):
        raise DecodeError("an amount with a zero at its end")
    return int.from_bytes(raw, "little")


def _amounts(reader: Reader) -> tuple[int, ...]:
    count = reader.uint(8)
    if count > reader.remaining:
        raise DecodeError(f"{count} amounts declared, {reader.remaining} bytes remain")
    return tuple(_amount(reader) for _ in range(count))


def text_of(raw: bytes) -> str:
    """UTF-8 that JSON takes as it is: no quotes, backslashes or control characters."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DecodeError("not UTF-8") from error
    if not is_text(text):
        raise DecodeError("a quote, backslash or control character")
    return text


def is_text(text: str) -> bool:
    return not any(c in '"\\' or c < " " or "\x7f" <= c <= "\x9f" for c in text)


def _strings(reader: Reader) -> tuple[bytes, ...]:
    found = []
    while reader.remaining:
        found.append(reader.lp())
    return tuple(found)


def _witnesses(reader: Reader, size: int) -> tuple[bytes, ...]:
    count = reader.uint(4)
    if count * size > reader.remaining:
        raise DecodeError(f"{count} witnesses declared, {reader.remaining} bytes remain")
    return tuple(reader.take(size) for _ in range(count))


def _name(raw: bytes) -> str:
    try:
        return raw.decode("ascii")
    except UnicodeDecodeError as error:
        raise DecodeError("a name is not ASCII") from error


def _digests(reader: Reader, size: int) -> tuple[bytes, ...]:
    count, rest = divmod(reader.remaining, size)
    if rest:
        raise DecodeError(f"{rest} bytes are not a digest")
    return tuple(reader.take(size) for _ in range(count))
