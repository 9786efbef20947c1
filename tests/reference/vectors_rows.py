"""rows.json: rows of cells and their bytes."""

from __future__ import annotations

import datetime
from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from tests.reference.envelope import INVALID, Json, case, document
from tests.reference.rows import (
    Cell,
    DateMilliseconds,
    Float32,
    Float64,
    Scaled,
    Timestamp,
    encode_row,
)

NamedRow = tuple[str, list[Cell]]

SALT = bytes(range(16))

NOTES = {
    "Row": "a row and its bytes",
    "Salted": "16 salt bytes come first",
    "Distinct": "looks like another row here, and has other bytes",
    "NaN": "the bits of a NaN are kept, also when a binary32 is widened",
    "PartDay": "a date of millisecond resolution that is not a whole day is refused",
    "Scale": "the value needs more digits after the point than the column has",
}

DAY = 86_400_000
INTEGERS = (0, 1, -1, 12, -128, 2**53 + 1, 2**63 - 1, -(2**63), 2**64 - 1)
FLOATS = (0.0, -0.0, 1.5, -12.0, 0.1, 5e-324, float("inf"), float("-inf"))


def _one(kind: str, cells: Iterable[Cell]) -> list[NamedRow]:
    return [(f"{kind}/{cell!r}", [cell]) for cell in cells]


ROWS: tuple[NamedRow, ...] = (
    ("no-cells", []),
    ("example-of-the-page", ["alice", 12, None]),
    ("null", [None]),
    ("two-nulls", [None, None]),
    ("binary-empty", [b""]),
    ("binary", [b"\x00\xff"]),
    ("binary-ascii", [b"alice"]),
    ("text-empty", [""]),
    ("text", ["alice"]),
    ("text-nul", ["a\x00b"]),
    ("text-composed", ["caf\u00e9"]),
    ("text-decomposed", ["cafe\u0301"]),
    ("text-astral", ["\U0001f33e"]),
    ("text-digits", ["12"]),
    ("text-split-1", ["ab", "c"]),
    ("text-split-2", ["a", "bc"]),
    *_one("integer", INTEGERS),
    ("decimal-12-scale-0", [Scaled(Decimal(12), 0)]),
    ("decimal-12-scale-2", [Scaled(Decimal(12), 2)]),
    ("decimal-half", [Scaled(Decimal("0.5"), 2)]),
    ("decimal-minus-half", [Scaled(Decimal("-0.5"), 1)]),
    ("decimal-zero-scale-0", [Scaled(Decimal(0), 0)]),
    ("decimal-zero-scale-3", [Scaled(Decimal(0), 3)]),
    ("decimal-cent", [Scaled(Decimal("-0.01"), 2)]),
    ("decimal-38-digits", [Scaled(Decimal("9" * 28 + "." + "9" * 10), 10)]),
    ("decimal-76-digits", [Scaled(Decimal("-" + "9" * 76), 0)]),
    ("decimal-scale-38", [Scaled(Decimal("0." + "0" * 37 + "1"), 38)]),
    *_one("float", FLOATS),
    ("float-nan", [Float64(0x7FF8 << 48)]),
    ("float-nan-payload", [Float64(0xFFF0_0000_0000_0001)]),
    ("float32-one-and-a-half", [Float32(0x3FC0_0000)]),
    ("float32-tenth", [Float32(0x3DCC_CCCD)]),
    ("float32-minus-zero", [Float32(0x8000_0000)]),
    ("float32-subnormal", [Float32(1)]),
    ("float32-minus-infinity", [Float32(0xFF80_0000)]),
    ("float32-nan-quiet", [Float32(0x7FC0_0000)]),
    ("float32-nan-signalling", [Float32(0x7F80_0001)]),
    ("float32-nan-negative", [Float32(0xFFC0_1234)]),
    ("boolean-false", [False]),
    ("boolean-true", [True]),
    ("date-epoch", [datetime.date(1970, 1, 1)]),
    ("date-before", [datetime.date(1969, 12, 31)]),
    ("date-2024-02-29", [datetime.date(2024, 2, 29)]),
    ("date-milliseconds", [DateMilliseconds(19782 * DAY)]),
    ("date-milliseconds-before", [DateMilliseconds(-DAY)]),
    ("timestamp-s", [Timestamp(1_700_000_000, "s")]),
    ("timestamp-ms-utc", [Timestamp(1_700_000_000_000, "ms", "UTC")]),
    ("timestamp-us-zone", [Timestamp(-1, "us", "Europe/Vienna")]),
    ("timestamp-ns-offset", [Timestamp(2**63 - 1, "ns", "+02:00")]),
    ("timestamp-zero", [Timestamp(0, "ns")]),
    ("all-classes", [None, b"\x01", "x", -7, Scaled(Decimal("1.50"), 2), 2.5, True]),
)
SALTED: tuple[NamedRow, ...] = (("salted", ["alice", 12, None]), ("salted-no-cells", []))
DISTINCT = {"binary-ascii", "text", "text-composed", "text-decomposed", "text-digits", "integer/12"}
DISTINCT |= {"text-split-1", "text-split-2", "float/0.0", "float/-0.0", "decimal-12-scale-0"}
DISTINCT |= {"decimal-12-scale-2", "null", "two-nulls", "text-empty", "binary-empty", "no-cells"}

REFUSED: tuple[tuple[str, str, Cell], ...] = (
    ("date-part-of-a-day", "PartDay", DateMilliseconds(DAY + 1)),
    ("date-part-of-a-day-before", "PartDay", DateMilliseconds(-1)),
    ("decimal-too-fine", "Scale", Scaled(Decimal("1.005"), 2)),
)


def cell_json(cell: Cell) -> dict[str, Any]:  # noqa: PLR0911 - one return a class
    match cell:
        case None:
            return {"type": "null"}
        case bytes():
            return {"type": "binary", "hex": cell.hex()}
        case str():
            return {"type": "text", "value": cell}
        case bool():
            return {"type": "boolean", "value": cell}
        case int():
            return {"type": "integer", "value": str(cell)}
        case Scaled():
            return {"type": "decimal", "value": f"{cell.value:f}", "scale": cell.scale}
        case float():
            return {"type": "float64", "bits": encode_row([cell])[-8:][::-1].hex()}
        case Float64():
            return {"type": "float64", "bits": f"{cell.bits:016x}"}
        case Float32():
            return {"type": "float32", "bits": f"{cell.bits:08x}"}
        case datetime.date():
            return {"type": "date", "value": cell.isoformat()}
        case DateMilliseconds():
            return {"type": "date_milliseconds", "count": str(cell.count)}
        case Timestamp():
            return {"type": "timestamp", "count": str(cell.count), "unit": cell.unit, "zone": cell.zone}
    raise TypeError(type(cell).__name__)


def build() -> Json:
    tests = []
    for name, row in ROWS:
        flags = ["Row"] + ["Distinct"] * (name in DISTINCT) + ["NaN"] * ("nan" in name)
        cells = [cell_json(cell) for cell in row]
        tests.append(case(name, "", flags, cells=cells, salt="", leaf=encode_row(row).hex()))
    for name, row in SALTED:
        cells = [cell_json(cell) for cell in row]
        leaf = encode_row(row, SALT).hex()
        tests.append(case(name, "", ["Row", "Salted"], cells=cells, salt=SALT.hex(), leaf=leaf))
    for name, flag, cell in REFUSED:
        tests.append(case(name, "", [flag], INVALID, cells=[cell_json(cell)], salt=""))
    return document(
        "rows",
        NOTES,
        [{"tests": tests}],
        bits="bits are the IEEE 754 bits as one number, highest digit first",
    )
