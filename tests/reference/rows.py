"""The bytes of a table row (docs/spec/rows.md).

A cell is None, bytes, str, bool, int, float, a datetime.date, or one of the classes below.
"""

from __future__ import annotations

import datetime
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from tests.reference.schemes import le, lp

NULL, BINARY, TEXT, INTEGER, DECIMAL, FLOAT, BOOLEAN, DATE, TIMESTAMP = range(9)

SALT_SIZE = 16
MILLISECONDS_A_DAY = 86_400_000
UNITS = ("s", "ms", "us", "ns")
EPOCH = datetime.date(1970, 1, 1)


@dataclass(frozen=True)
class Scaled:
    """A decimal of a column with ``scale`` digits after the point."""

    value: Decimal
    scale: int


@dataclass(frozen=True)
class Float32:
    """The bits of a binary32."""

    bits: int


@dataclass(frozen=True)
class Float64:
    """The bits of a binary64, where a Python float would not keep them in print."""

    bits: int


@dataclass(frozen=True)
class DateMilliseconds:
    """A date of millisecond resolution, since 1970-01-01."""

    count: int


@dataclass(frozen=True)
class Timestamp:
    """``count`` units since 1970-01-01 UTC, or since local midnight of that day if there is no zone."""

    count: int
    unit: str
    zone: str = ""


Cell = (
    None
    | bytes
    | str
    | bool
    | int
    | float
    | datetime.date
    | Scaled
    | Float32
    | Float64
    | DateMilliseconds
    | Timestamp
)


def ascii_integer(value: int) -> bytes:
    return str(value).encode("ascii")


def decimal_text(cell: Scaled) -> bytes:
    """``-1.50``; zero has no sign."""
    sign, digits, exponent = cell.value.as_tuple()
    if cell.scale < 0 or not isinstance(exponent, int):
        raise ValueError("a decimal is finite, its scale not negative")
    unscaled = int("".join(map(str, digits)))
    shift = exponent + cell.scale
    if shift >= 0:
        unscaled *= 10**shift
    else:
        unscaled, lost = divmod(unscaled, 10**-shift)
        if lost:
            raise ValueError(f"{cell.value} has more than {cell.scale} digits after the point")
    text = str(unscaled).rjust(cell.scale + 1, "0")
    if cell.scale:
        text = text[: -cell.scale] + "." + text[-cell.scale :]
    if sign and unscaled:
        text = "-" + text
    return text.encode("ascii")


def widen(bits: int) -> int:
    """The bits of the binary64 of a binary32. A NaN keeps sign and fraction: no two become one."""
    exponent, fraction = bits >> 23 & 0xFF, bits & 0x7F_FFFF
    if exponent == 0xFF:
        return bits >> 31 << 63 | 0x7FF << 52 | fraction << 29
    (value,) = struct.unpack("<f", le(bits, 4))
    return int.from_bytes(struct.pack("<d", value), "little")


def encode_cell(cell: Cell) -> bytes:  # noqa: PLR0911 - one return a class
    def of(number: int, payload: bytes) -> bytes:
        return le(number, 1) + lp(payload)

    match cell:
        case None:
            return of(NULL, b"")
        case bytes():
            return of(BINARY, cell)
        case str():
            return of(TEXT, cell.encode("utf-8"))
        case bool():  # a bool is an int in Python: this case comes first
            return of(BOOLEAN, le(cell, 1))
        case int():
            return of(INTEGER, ascii_integer(cell))
        case Scaled():
            return of(DECIMAL, decimal_text(cell))
        case float():
            return of(FLOAT, struct.pack("<d", cell))
        case Float64():
            return of(FLOAT, le(cell.bits, 8))
        case Float32():
            return of(FLOAT, le(widen(cell.bits), 8))
        case datetime.datetime():
            raise TypeError("state the unit and the zone: use Timestamp")
        case datetime.date():
            return of(DATE, ascii_integer((cell - EPOCH).days))
        case DateMilliseconds():
            days, rest = divmod(cell.count, MILLISECONDS_A_DAY)
            if rest:
                raise ValueError("not a whole day")
            return of(DATE, ascii_integer(days))
        case Timestamp():
            if cell.unit not in UNITS:
                raise ValueError(f"unit {cell.unit!r}")
            text = f"{cell.count} {cell.unit} {cell.zone}"
            return of(TIMESTAMP, text.encode("utf-8"))
        case _:
            raise TypeError(f"no class for {type(cell).__name__}")


def encode_row(cells: Sequence[Cell], salt: bytes = b"") -> bytes:
    """The bytes of one leaf."""
    if len(salt) not in (0, SALT_SIZE):
        raise ValueError(f"a salt has {SALT_SIZE} bytes")
    return salt + b"".join(encode_cell(cell) for cell in cells)
