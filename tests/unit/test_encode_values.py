"""encode_rows: every type of cell, from every producer, against the vectors and the reference twin."""

from __future__ import annotations

import datetime
import json
import struct
import sys
from collections.abc import Callable, Iterator, Mapping
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest
import tallystick as ts

from tests.reference.rows import Float32, Scaled, Timestamp, encode_row

pa = pytest.importorskip("pyarrow")

Leaves = list[bytes]

VECTORS = json.loads(Path(__file__).parents[1].joinpath("vectors", "v1", "rows.json").read_text("utf-8"))
CASES = {test["id"]: test for group in VECTORS["groups"] for test in group["tests"]}

UTC = datetime.UTC
DAY = 86_400_000


def leaves_of(column: Any) -> Leaves:
    return list(ts.encode_rows({"column": column}))


def expected(cells: list[Any]) -> Leaves:
    return [encode_row([cell]) for cell in cells]


# --- the vectors ---


def fixed(kind: Any, code: str, value: int) -> Any:
    return pa.Array.from_buffers(kind, 1, [None, pa.py_buffer(struct.pack(f"<{code}", value))])


ARROW_CELLS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "null": lambda _: pa.nulls(1),
    "binary": lambda cell: pa.array([bytes.fromhex(cell["hex"])]),
    "text": lambda cell: pa.array([cell["value"]]),
    "boolean": lambda cell: pa.array([cell["value"]]),
    "integer": lambda cell: pa.array(
        [int(cell["value"])], pa.int64() if int(cell["value"]) < 2**63 else pa.uint64()
    ),
    "decimal": lambda cell: pa.array([Decimal(cell["value"])], pa.decimal256(76, cell["scale"])),
    "float64": lambda cell: fixed(pa.float64(), "Q", int(cell["bits"], 16)),
    "float32": lambda cell: fixed(pa.float32(), "I", int(cell["bits"], 16)),
    "date": lambda cell: pa.array([datetime.date.fromisoformat(cell["value"])]),
    "date_milliseconds": lambda cell: fixed(pa.date64(), "q", int(cell["count"])),
    "timestamp": lambda cell: pa.array(
        [int(cell["count"])], pa.timestamp(cell["unit"], cell["zone"] or None)
    ),
}

PYTHON_CELLS: dict[str, Callable[[Mapping[str, Any]], Any]] = {
    "null": lambda _: [None],
    "binary": lambda cell: [bytes.fromhex(cell["hex"])],
    "text": lambda cell: [cell["value"]],
    "boolean": lambda cell: [cell["value"]],
    "integer": lambda cell: [int(cell["value"])],
    "decimal": lambda cell: [Decimal(f"{Decimal(cell['value']):.{cell['scale']}f}")],
    "float64": lambda cell: np.array([int(cell["bits"], 16)], np.uint64).view(np.float64),
    "float32": lambda cell: np.array([int(cell["bits"], 16)], np.uint32).view(np.float32),
    "date": lambda cell: [datetime.date.fromisoformat(cell["value"])],
}


def forms(case: Mapping[str, Any]) -> Iterator[str]:
    """Yield the kinds of columns with a form for every cell of a case; a mapping has at least one column."""
    for form, cells in {"arrow": ARROW_CELLS, "python": PYTHON_CELLS}.items():
        if case["cells"] and all(cell["type"] in cells for cell in case["cells"]):
            yield form


@pytest.mark.parametrize(
    ("name", "form"), [(name, form) for name, case in CASES.items() for form in forms(case)]
)
def test_vectors(name: str, form: str) -> None:
    case = CASES[name]
    cells = {"arrow": ARROW_CELLS, "python": PYTHON_CELLS}[form]
    salts = [bytes.fromhex(case["salt"])] if case["salt"] else None

    def encode() -> Leaves:
        columns = {f"{place}": cells[cell["type"]](cell) for place, cell in enumerate(case["cells"])}
        return list(ts.encode_rows(columns, salts=salts))

    if case["result"] == "valid":
        assert [leaf.hex() for leaf in encode()] == [case["leaf"]]
    elif "Scale" not in case["flags"]:
        with pytest.raises(ValueError, match="whole day"):
            encode()


def test_rows_without_cells_are_no_bytes() -> None:
    table = pa.table({"a": [1, 2, 3]})
    assert list(ts.encode_rows(table, [])) == [b"", b"", b""]
    assert list(ts.encode_rows(table, [], salts=[b"s" * 16] * 3)) == [b"s" * 16] * 3
    with pytest.raises(ValueError, match="columns"):
        ts.encode_rows({})
    with pytest.raises(ValueError, match="columns"):
        ts.encode_rows({"a": [1]}, [])


# --- every type, every form ---

TEXTS = ["", "a", "\u00fc\u20ac\U0001f600", "x" * 100, None, "after a null", "thirteen bytes"]
BINARIES = [b"", b"a", b"\xff\x00", b"x" * 100, None, b"after a null", b"thirteen bytes"]
DECIMALS = [Decimal("1.50"), None, Decimal("-0.01"), Decimal("0.00"), Decimal("12345678901234567890.12")]
BOOLS = [True, False, True] * 11
FLOATS = [0.0, -0.0, 1.5, float("nan"), float("inf"), -1e-300]
DATES = [
    datetime.date(1970, 1, 1),
    datetime.date(1969, 12, 31),
    datetime.date(1, 1, 1),
    None,
    datetime.date.max,
]
TIMES = [
    datetime.datetime(1970, 1, 1),
    datetime.datetime(2024, 2, 29, 1, 2, 3, 456789),
    None,
    datetime.datetime.min,
]


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.string_view()], ids=str)
def test_text(kind: Any) -> None:
    leaves = expected(TEXTS)
    assert leaves_of(TEXTS) == leaves_of(tuple(TEXTS)) == leaves
    assert leaves_of(pa.array(TEXTS, kind)) == leaves
    assert leaves_of(pa.array(["filler", *TEXTS, "z"], kind)[1:-1]) == leaves
    assert (
        leaves_of(pa.chunked_array([pa.array(part, kind) for part in (TEXTS[:2], [], TEXTS[2:])])) == leaves
    )


@pytest.mark.parametrize("kind", [pa.binary(), pa.large_binary(), pa.binary_view()], ids=str)
def test_binary(kind: Any) -> None:
    leaves = expected(BINARIES)
    assert leaves_of(BINARIES) == leaves
    assert leaves_of(pa.array(BINARIES, kind)) == leaves
    assert leaves_of(pa.array([b"filler", *BINARIES], kind)[1:]) == leaves


def test_binary_of_one_width() -> None:
    assert leaves_of(pa.array([b"ab", None, b"cd"], pa.binary(2))) == expected([b"ab", None, b"cd"])
    assert leaves_of(pa.array([b"", None], pa.binary(0))) == expected([b"", None])


@pytest.mark.parametrize("code", "bBhHiIlLqQ")
def test_integers_of_every_width(code: str) -> None:
    limits = np.iinfo(code)
    values = np.array([limits.min, 0, 1, 9, 10, 99, 100, limits.max], code)
    leaves = expected(values.tolist())
    assert leaves_of(values) == leaves_of(values.tolist()) == leaves
    assert leaves_of(values.repeat(3)[::3]) == leaves_of(values[::-1].copy()[::-1]) == leaves
    assert leaves_of(pa.array(values)) == leaves
    assert leaves_of(pa.array([None, *values.tolist()], pa.array(values).type)) == [
        encode_row([None]),
        *leaves,
    ]


def test_integers_of_any_size() -> None:
    values = [0, 2**64, -(2**64), 10**599, 10**600, 10**600 - 1, -(10**1200) - 7, 7 * 10**5000 + 1]
    limit = sys.get_int_max_str_digits()
    try:
        sys.set_int_max_str_digits(0)
        leaves = expected(values)
        for digits in (640, 4300, 0):
            sys.set_int_max_str_digits(digits)
            assert leaves_of(values) == leaves
    finally:
        sys.set_int_max_str_digits(limit)


def test_integers_of_every_number_of_digits() -> None:
    values = [
        sign * (10**exponent + step) for exponent in range(19) for step in (-1, 0, 1) for sign in (1, -1)
    ]
    assert leaves_of(np.array(values, np.int64)) == leaves_of(values) == expected(values)


def test_floats() -> None:
    assert leaves_of(FLOATS) == leaves_of(np.array(FLOATS)) == leaves_of(pa.array(FLOATS)) == expected(FLOATS)
    narrow = np.array([0x3DCC_CCCD, 0x7F80_0001, 0xFFC0_1234, 1, 0x8000_0000, 0xFF80_0000], np.uint32)
    leaves = expected([Float32(bits) for bits in narrow.tolist()])
    assert leaves_of(narrow.view(np.float32)) == leaves_of(pa.array(narrow.view(np.float32))) == leaves


def test_booleans() -> None:
    leaves = expected(BOOLS)
    assert leaves_of(BOOLS) == leaves_of(np.array(BOOLS)) == leaves_of(pa.array(BOOLS)) == leaves
    assert leaves_of(np.array(BOOLS).repeat(2)[::2]) == leaves
    assert leaves_of(pa.array([False] * 3 + BOOLS)[3:]) == leaves
    assert leaves_of(pa.array([None, True])) == expected([None, True])


def test_decimals() -> None:
    leaves = expected([None if value is None else Scaled(value, 2) for value in DECIMALS])
    assert leaves_of(DECIMALS) == leaves
    for kind in (pa.decimal128(38, 2), pa.decimal256(76, 2)):
        assert leaves_of(pa.array(DECIMALS, kind)) == leaves
    small = [Decimal("1.50"), Decimal("-0.01"), Decimal("0.00")]
    for kind in (pa.decimal32(9, 2), pa.decimal64(18, 2)):
        assert leaves_of(pa.array(small, kind)) == expected([Scaled(value, 2) for value in small])
    assert leaves_of([Decimal("-0.00")]) == expected([Scaled(Decimal(0), 2)])
    assert leaves_of([Decimal(5), Decimal(-5)]) == expected([Scaled(Decimal(5), 0), Scaled(Decimal(-5), 0)])


@pytest.mark.parametrize("scale", [0, 1, 37, 38, 75, 76])
def test_wide_decimals(scale: int) -> None:
    digits = [(0,) * 75 + (1,), (9,) * 76, (1,) + (0,) * 75, tuple(place % 10 for place in range(1, 77))]
    values = [Decimal((sign, number, -scale)) for number in digits for sign in (0, 1)]
    leaves = expected([Scaled(value, scale) for value in values])
    assert leaves_of(pa.array(values, pa.decimal256(76, scale))) == leaves_of(values) == leaves


def test_dates() -> None:
    leaves = expected(DATES)
    assert leaves_of(DATES) == leaves_of(pa.array(DATES)) == leaves_of(pa.array(DATES, pa.date64())) == leaves


@pytest.mark.parametrize("unit", ["s", "ms", "us", "ns"])
@pytest.mark.parametrize("zone", ["", "UTC", "+00:00", "Europe/Vienna"])
def test_timestamps(unit: str, zone: str) -> None:
    counts = [0, -1, 10**15, -(2**63) + 1, 2**63 - 1]
    column = pa.array([*counts, None], pa.timestamp(unit, zone or None))
    assert leaves_of(column) == expected([*(Timestamp(count, unit, zone) for count in counts), None])


def test_datetimes() -> None:
    def count(value: datetime.datetime) -> int:
        return (value - datetime.datetime(1970, 1, 1, tzinfo=value.tzinfo and UTC)) // datetime.timedelta(
            microseconds=1
        )

    assert leaves_of(TIMES) == expected([value and Timestamp(count(value), "us") for value in TIMES])
    assert leaves_of(TIMES) == leaves_of(pa.array(TIMES, pa.timestamp("us")))
    for zone, text in (
        (UTC, "UTC"),
        (ZoneInfo("Europe/Vienna"), "Europe/Vienna"),
        (datetime.timezone(datetime.timedelta(hours=2)), "+02:00"),
        (datetime.timezone(-datetime.timedelta(hours=5, minutes=30)), "-05:30"),
    ):
        aware = [
            datetime.datetime(2024, 7, 1, 12, tzinfo=zone),
            None,
            datetime.datetime(1960, 1, 1, tzinfo=zone),
        ]
        assert leaves_of(aware) == expected(
            [value and Timestamp(count(value), "us", text) for value in aware]
        )
        assert leaves_of(aware) == leaves_of(pa.array(aware, pa.timestamp("us", text)))


def test_nulls() -> None:
    assert leaves_of([None, None]) == leaves_of(pa.nulls(2)) == expected([None, None])
    assert leaves_of([]) == leaves_of(pa.nulls(0)) == []


def test_polars_says_the_same() -> None:
    pl = pytest.importorskip("polars")
    frame = {
        "text": TEXTS[:4],
        "binary": BINARIES[:4],
        "date": DATES[:4],
        "time": TIMES,
        "decimal": DECIMALS[:4],
    }
    decimal = pl.Decimal(38, 2)
    table = pl.DataFrame(frame, schema_overrides={"decimal": decimal})
    assert list(ts.encode_rows(table)) == list(ts.encode_rows(frame))
    assert leaves_of(table["text"]) == leaves_of(TEXTS[:4])
    with pytest.raises(TypeError, match="dictionary"):
        ts.encode_rows(table.with_columns(pl.col("text").cast(pl.Categorical)))
