"""Cells from text: one spelling a value, exact, and equal to what the library makes of the Arrow value."""

from __future__ import annotations

import datetime
import json
import math
import struct
from decimal import Decimal

import pyarrow as pa
import pytest
import tallystick as ts
from tallystick.cli import cells, rows
from tallystick.cli.context import Column, TableContext
from tallystick.cli.failures import BadData

INT64, UINT64 = (-(2**63), 2**63 - 1), 2**64 - 1
DAY = datetime.date(2024, 2, 29)
MOMENT = datetime.datetime(2024, 2, 29, 13, 14, 15, 123_456)
ACCEPTED = [
    ("text", '""', pa.array([""])),
    ("text", '"7"', pa.array(["7"])),
    ("text", '"a\\u0000\\ud83d\\ude00"', pa.array(["a\0\U0001f600"])),
    ("binary", '""', pa.array([b""])),
    ("binary", '"00ff"', pa.array([b"\0\xff"])),
    ("integer", "0", pa.array([0], pa.int8())),
    ("integer", '"-12"', pa.array([-12], pa.int16())),
    ("integer", str(INT64[0]), pa.array([INT64[0]], pa.int64())),
    ("integer", str(UINT64), pa.array([UINT64], pa.uint64())),
    ("decimal:0", '"-12"', pa.array([Decimal(-12)], pa.decimal128(5, 0))),
    ("decimal:2", '"0.00"', pa.array([Decimal("0.00")], pa.decimal128(5, 2))),
    ("decimal:2", '"-0.05"', pa.array([Decimal("-0.05")], pa.decimal128(5, 2))),
    (
        "decimal:18",
        '"12.000000000000000001"',
        pa.array([Decimal("12.000000000000000001")], pa.decimal128(38, 18)),
    ),
    ("decimal:38", '"' + "9" * 38 + "." + "9" * 38 + '"', pa.array([Decimal("9" * 38 + "." + "9" * 38)])),
    ("float", "1", pa.array([1.0])),
    ("float", "-0", pa.array([-0.0])),
    ("float", "0.1", pa.array([0.1])),
    ("float", '"0.1"', pa.array([0.1])),
    ("float", "0.10000000149011612", pa.array([0.1], pa.float32())),
    ("float", "-2.5e-7", pa.array([-2.5e-7])),
    ("float", "5e-324", pa.array([5e-324])),
    ("float", '"NaN"', pa.array([math.nan])),
    ("float", '"-Infinity"', pa.array([-math.inf])),
    ("boolean", "true", pa.array([True])),
    ("boolean", "false", pa.array([False])),
    ("date", '"2024-02-29"', pa.array([DAY], pa.date32())),
    ("date", '"0001-01-01"', pa.array([datetime.date.min], pa.date64())),
    ("date", "-1", pa.array([-1], pa.date32())),
    ("date", str(2**31 - 1), pa.array([2**31 - 1], pa.date32())),
    ("timestamp:s:", '"2024-02-29T13:14:15"', pa.array([MOMENT.replace(microsecond=0)], pa.timestamp("s"))),
    ("timestamp:ms:", '"1969-12-31T23:59:59.999"', pa.array([-1], pa.timestamp("ms"))),
    ("timestamp:us:UTC", '"2024-02-29T13:14:15.123456Z"', pa.array([MOMENT], pa.timestamp("us", "UTC"))),
    ("timestamp:ns:+02:00", '"1970-01-01T00:00:00.000000001Z"', pa.array([1], pa.timestamp("ns", "+02:00"))),
    (
        "timestamp:ns:Asia/Tokyo",
        '"-9223372036854775808"',
        pa.array([INT64[0]], pa.timestamp("ns", "Asia/Tokyo")),
    ),
    ("timestamp:s:UTC", str(INT64[1]), pa.array([INT64[1]], pa.timestamp("s", "UTC"))),
]


@pytest.mark.parametrize(("kind", "text", "array"), ACCEPTED)
def test_a_stated_cell_is_the_arrow_cell(kind: str, text: str, array: pa.Array) -> None:
    context = TableContext(False, (Column("a", kind),))
    table = pa.table({"a": array})
    assert ts._core.table_schema(table) == [("a", kind)]
    leaf = bytes(ts.encode_rows(table)[0])
    assert rows.from_json(context, f"[{text}]").leaf(None) == leaf
    assert rows.from_json(context, f'{{"a": {text}}}').leaf(bytes(range(16))) == bytes(range(16)) + leaf
    stated = json.loads(text)
    if kind not in ("text", "binary", "boolean") and isinstance(stated, str):
        assert cells.from_csv(kind, stated) == cells.from_text(kind, stated) or stated == "NaN"


@pytest.mark.parametrize("kind", [kind for kind, _, _ in ACCEPTED])
def test_null_is_null_whatever_the_type(kind: str) -> None:
    context = TableContext(False, (Column("a", kind),))
    assert rows.from_json(context, "[null]").leaf(None) == b"\0" + struct.pack("<I", 0)


REFUSED = {
    "text": ["7", "true", "[]", "{}", '"\\ud800"'],
    "binary": ['"0"', '"0F"', '"0g"', "7", '"0x00"'],
    "integer": [
        '""',
        '"+1"',
        '"01"',
        '"-0"',
        "-0",
        "1.0",
        "1e3",
        '" 1"',
        '"1\\n"',
        str(2**64),
        str(INT64[0] - 1),
    ],
    "decimal:0": ['"1."', '"1.0"', "1", '"01"', '"1e3"', '""', '"-0"'],
    "decimal:2": [
        '"1"',
        '"1.0"',
        '"1.000"',
        '"1,00"',
        '".00"',
        '"-0.00"',
        '"NaN"',
        "1.00",
        '"' + "9" * 75 + '.00"',
    ],
    "float": ['"nan"', '"inf"', "1e999", '"0x1"', '"1_0"', '" 1"', '""', "true", '"' + "1" * 5000 + '"'],
    "boolean": ["0", '"true"', '"True"'],
    "date": [
        '"2024-02-30"',
        '"24-02-01"',
        '"2024-2-1"',
        '"2024-02-01T00:00:00"',
        "1.5",
        '"0000-01-01"',
        str(2**60),
    ],
    "timestamp:s:": [
        '"2024-02-29T13:14:15Z"',
        '"2024-02-29T13:14:15.0"',
        '"2024-02-29 13:14:15"',
        str(2**63),
    ],
    "timestamp:ms:UTC": [
        '"2024-02-29T13:14:15.123"',
        '"2024-02-29T13:14:15Z"',
        '"2024-02-29T13:14:15.1230Z"',
        '"2024-02-29T24:00:00.000Z"',
        '"2024-02-29T13:60:00.000Z"',
        '"2024-02-29T13:14:60.000Z"',
        '"2024-02-30T13:14:15.000Z"',
        '"2024-02-29T13:14:15.000+00:00"',
    ],
    "timestamp:ns:UTC": ['"2263-01-01T00:00:00.000000000Z"', '"1600-01-01T00:00:00.000000000Z"'],
}


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in REFUSED.items() for text in texts]
)
def test_another_spelling_is_refused(kind: str, text: str) -> None:
    with pytest.raises(BadData, match="column 'a'"):
        rows.from_json(TableContext(False, (Column("a", kind),)), f"[{text}]")


@pytest.mark.parametrize("text", ["[NaN]", "[Infinity]", "[1,]", "['a']", "\ufeff[1]", "[1] 2", "[01]"])
def test_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(BadData):
        rows.from_json(TableContext(False, (Column("a", "float"),)), text)


def test_csv_fields() -> None:
    assert cells.from_csv("text", "") == ""
    assert cells.from_csv("binary", "") == b""
    assert cells.from_csv("integer", "") is None
    assert cells.from_csv("boolean", "true") is True
    with pytest.raises(BadData):
        cells.from_csv("integer", " ")
