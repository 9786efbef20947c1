"""The Protobuf form (docs/spec/encodings.md): the one encoding out of all that the schema allows."""

from __future__ import annotations

from typing import TypeVar

from tests.reference.codec import amount_of, minimal, text_of
from tests.reference.formats import fields_of, layout_of
from tests.reference.layouts import (
    MAX_NUMBER,
    VERSION,
    Kind,
    Layout,
    Values,
    check_items,
    digest_size,
    witness_size,
)
from tests.reference.reader import DecodeError
from tests.reference.schemes import Scheme

T = TypeVar("T")
Record = tuple[int, int | bytes]  # field number, and a number or bytes by its wire type

VARINT = 0
LENGTH = 2
FIRST = 2  # the version is field 1
NUMBERS = (Kind.SMALL, Kind.SHORT, Kind.NUMBER)
REPEATED = (Kind.DIGESTS, Kind.SIBLINGS, Kind.WITNESSES, Kind.STRINGS, Kind.AMOUNTS, Kind.ITEMS)
MAY_BE_EMPTY = (Kind.SCHEME, Kind.OBJECT, Kind.STRINGS, Kind.AMOUNTS, Kind.ITEMS)
LENGTHS = {Kind.SALT: 16, Kind.HASH: 32}


def varint(value: int) -> bytes:
    """Seven bits a byte, the lowest first, the high bit where more follow."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def number(field: int, value: int) -> bytes:
    return varint(field << 3 | VARINT) + varint(value)


def delimited(field: int, value: bytes) -> bytes:
    return varint(field << 3 | LENGTH) + varint(len(value)) + value


def encode(value: object) -> bytes:
    """The Protobuf form of any object."""
    layout = layout_of(value)
    values = layout.take_apart(value)
    # An item has no version: its fields begin at 1.
    records = [number(1, VERSION)] if layout.name else []
    first = FIRST if layout.name else 1
    records += [_put(field, kind, values[name]) for field, (name, kind) in enumerate(layout.fields, first)]
    return b"".join(records)


def _put(field: int, kind: Kind, value: object) -> bytes:  # noqa: PLR0911 - one return a kind
    match kind, value:
        case ((Kind.SMALL | Kind.SHORT | Kind.NUMBER), int()):
            return number(field, value) if value else b""
        case ((Kind.NAME | Kind.TEXT), str()):
            return delimited(field, value.encode("utf-8")) if value else b""
        case ((Kind.AMOUNT | Kind.TOTAL), int()):
            return delimited(field, minimal(value)) if value else b""
        case Kind.AMOUNTS, tuple():
            return b"".join(delimited(field, minimal(amount)) for amount in value)
        case Kind.ITEMS, tuple():
            return b"".join(delimited(field, encode(item)) for item in value)
        case ((Kind.BYTES | Kind.DIGEST | Kind.SALT | Kind.HASH | Kind.BITS | Kind.WITNESS), bytes()):
            return delimited(field, value) if value else b""
        case ((Kind.DIGESTS | Kind.SIBLINGS | Kind.WITNESSES | Kind.STRINGS), tuple()):
            return b"".join(delimited(field, digest) for digest in value)
        case Kind.COUNTS, tuple():
            return delimited(field, b"".join(map(varint, value))) if value else b""
        case ((Kind.SCHEME | Kind.OBJECT), _):
            return delimited(field, encode(value))
    raise TypeError(f"{kind} of {type(value).__name__}")


def decode(wanted: type[T], data: bytes) -> T:
    """The object of this type that the bytes are the encoding of."""
    layout = fields_of(wanted)
    values: Values = {}
    found = _by_field(layout, records(data))
    if layout.name and found.pop(1) != [VERSION]:
        raise DecodeError("not version 1")
    for field, (name, kind) in enumerate(layout.fields, FIRST if layout.name else 1):
        match kind:
            case Kind.OBJECT:
                values[name] = decode(layout.inner[name], _message(found[field]))
            case Kind.ITEMS:
                check_items(len(found[field]))
                values[name] = tuple(decode(layout.inner[name], _message([item])) for item in found[field])
            case _:
                values[name] = _take(kind, found[field], values)
    made: T = layout.put_together(values)
    return made


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """A minimal varint of 64 bits, and the place behind it."""
    value = 0
    for place in range(10):
        if at + place >= len(data):
            raise DecodeError("a varint without an end")
        byte = data[at + place]
        value |= (byte & 127) << 7 * place
        if byte < 128:
            if value > MAX_NUMBER or (byte == 0 and place > 0):
                raise DecodeError("a varint too large, or longer than it must be")
            return value, at + place + 1
    raise DecodeError("a varint of more than ten bytes")


def records(data: bytes) -> list[Record]:
    """All fields of a message as they stand."""
    found: list[Record] = []
    at = 0
    while at < len(data):
        tag, at = read_varint(data, at)
        field, wire_type = tag >> 3, tag & 7
        if wire_type not in (VARINT, LENGTH):
            raise DecodeError(f"wire type {wire_type}")
        value, at = read_varint(data, at)
        if wire_type == VARINT:
            found.append((field, value))
            continue
        if value > len(data) - at:
            raise DecodeError(f"{value} bytes declared, {len(data) - at} remain")
        found.append((field, data[at : at + value]))
        at += value
    return found


def _by_field(layout: Layout, found: list[Record]) -> dict[int, list[int | bytes]]:
    """The values of each field: known fields of the right wire type, ascending, only lists repeated."""
    kinds = {1: Kind.SMALL} if layout.name else {}
    kinds |= {field: kind for field, (_, kind) in enumerate(layout.fields, len(kinds) + 1)}
    values: dict[int, list[int | bytes]] = {field: [] for field in kinds}
    last = 0
    for field, value in found:
        if field not in kinds:
            raise DecodeError(f"field {field} is not known")
        if isinstance(value, int) != (kinds[field] in NUMBERS):
            raise DecodeError(f"field {field} has another wire type")
        if field < last or (field == last and kinds[field] not in REPEATED):
            raise DecodeError(f"field {field} after field {last}")
        if not value and kinds[field] not in MAY_BE_EMPTY:
            raise DecodeError(f"field {field} is zero or empty, and should be left out")
        values[field].append(value)
        last = field
    return values


def _take(kind: Kind, found: list[int | bytes], values: Values) -> object:  # noqa: PLR0911 - one return a kind
    # `_by_field` has matched numbers and bytes to kinds; only lists come more than once.
    whole = found[0] if found else 0
    raw = b"".join(value for value in found if isinstance(value, bytes))
    match kind:
        case Kind.SMALL if isinstance(whole, int) and whole > 255:
            raise DecodeError(f"{whole} is above 255")
        case Kind.SHORT if isinstance(whole, int) and whole > 65535:
            raise DecodeError(f"{whole} is above 65535")
        case Kind.SMALL | Kind.SHORT | Kind.NUMBER:
            return whole
        case Kind.NAME:
            return _name(raw)
        case Kind.BYTES | Kind.BITS | Kind.WITNESS:
            return raw
        case Kind.DIGEST:
            return _digest(raw, digest_size(values))
        case Kind.DIGESTS | Kind.SIBLINGS:
            return tuple(_digest(value, digest_size(values)) for value in found)
        case Kind.STRINGS:
            return tuple(value for value in found if isinstance(value, bytes))
        case Kind.WITNESSES:
            return tuple(_digest(value, witness_size(values)) for value in found)
        case Kind.COUNTS:
            return _counts(raw)
        case Kind.SCHEME:
            return decode(Scheme, _message(found))
        case Kind.TEXT:
            return text_of(raw)
        case Kind.AMOUNT | Kind.TOTAL:
            return amount_of(raw)
        case Kind.AMOUNTS:
            return tuple(amount_of(value) for value in found if isinstance(value, bytes))
        case Kind.SALT | Kind.HASH:
            return _digest(raw, LENGTHS[kind])
    raise TypeError(f"{kind} has a type of its own")


def _message(found: list[int | bytes]) -> bytes:
    """The one message of a field that is always there."""
    if not found or not isinstance(found[0], bytes):
        raise DecodeError("a message is missing")
    return found[0]


def _name(raw: bytes) -> str:
    try:
        return raw.decode("ascii")
    except UnicodeDecodeError as error:
        raise DecodeError("a name is not ASCII") from error


def _digest(raw: object, size: int) -> bytes:
    if not isinstance(raw, bytes) or len(raw) != size:
        raise DecodeError(f"not a digest of {size} bytes")
    return raw


def _counts(packed: bytes) -> tuple[int, ...]:
    counts, at = [], 0
    while at < len(packed):
        count, at = read_varint(packed, at)
        if count > 255:
            raise DecodeError(f"{count} is above 255")
        counts.append(count)
    return tuple(counts)
