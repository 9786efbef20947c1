"""The binary form (docs/spec/encodings.md): magic and version, then the fields."""

from __future__ import annotations

from typing import TypeVar

from tests.reference.layouts import LAYOUTS, VERSION, DecodeError, Kind, Values, digest_size, layout_of
from tests.reference.schemes import Scheme, le, lp

__all__ = ["DecodeError", "Reader", "decode", "encode", "start"]

T = TypeVar("T")


class Reader:
    """Takes fields off the front; never takes more than is there."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.position = 0

    @property
    def remaining(self) -> int:
        return len(self.data) - self.position

    def take(self, length: int) -> bytes:
        if length > self.remaining:
            raise DecodeError(f"{length} bytes declared, {self.remaining} remain")
        self.position += length
        return self.data[self.position - length : self.position]

    def uint(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def lp(self) -> bytes:
        return self.take(self.uint(4))

    def expect(self, value: bytes, what: str) -> None:
        found = self.take(len(value))
        if found != value:
            raise DecodeError(f"{what} is {found.hex()}, not {value.hex()}")

    def end(self) -> None:
        if self.remaining:
            raise DecodeError(f"{self.remaining} bytes left over")


def start(magic: bytes) -> bytes:
    return magic + le(VERSION, 1)


def encode(value: object) -> bytes:
    """The binary form of any object."""
    layout = layout_of(value)
    values = layout.take_apart(value)
    return start(layout.magic) + b"".join(_put(kind, values[name]) for name, kind in layout.fields)


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
        case Kind.DIGEST, bytes():
            return value
        case Kind.DIGESTS, tuple():
            return b"".join(value)
        case Kind.COUNTS, tuple():
            return le(len(value), 8) + bytes(value)
        case Kind.SCHEME, Scheme():
            return lp(encode(value))
    raise TypeError(f"{kind} of {type(value).__name__}")


def decode(wanted: type[T], data: bytes) -> T:
    """The object of this type that the bytes are the encoding of."""
    layout = LAYOUTS[wanted]
    reader = Reader(data)
    reader.expect(start(layout.magic), "magic and version")
    values: Values = {}
    for name, kind in layout.fields:
        values[name] = _take(reader, kind, values)
    reader.end()
    made: T = layout.put_together(values)
    return made


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
        case Kind.COUNTS:
            return tuple(reader.take(reader.uint(8)))
        case Kind.SCHEME:
            return decode(Scheme, reader.lp())


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
