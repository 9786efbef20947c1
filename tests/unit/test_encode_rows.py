"""encode_rows against the vectors and the reference twin, through every producer of tables."""

from __future__ import annotations

import datetime
import itertools
import json
import pickle
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
from tallystick import _core

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


# --- tables ---

TABLE = pa.table(
    {"n": pa.chunked_array([[1], [], [2, 3, None]]), "t": pa.chunked_array([["w", "x"], ["y", "z"]])}
)
ROWS = [encode_row([n, t]) for n, t in zip((1, 2, 3, None), "wxyz", strict=True)]

TABLES: dict[str, Callable[[], Any]] = {
    "table": lambda: TABLE,
    "reader": lambda: TABLE.to_reader(max_chunksize=3),
    "batch": lambda: TABLE.combine_chunks().to_batches()[0],
    "sliced batch": lambda: pa.concat_tables([TABLE, TABLE]).combine_chunks().to_batches()[0].slice(4),
    "struct": lambda: pa.array(TABLE.to_pylist()),
    "sliced struct": lambda: pa.StructArray.from_arrays(
        [pa.array([0, 0, 1, 2, 3, None])[1:], pa.array(list("uwxyz"))], ["n", "t"]
    )[1:],
    "struct chunks": lambda: pa.chunked_array(
        [pa.array(TABLE.to_pylist()[:1]), pa.array(TABLE.to_pylist()[1:])]
    ),
    "mapping of chunks": lambda: {"n": TABLE["n"], "t": TABLE["t"]},
    "mapping of other chunks": lambda: {"n": TABLE["n"].combine_chunks(), "t": TABLE["t"]},
    "mapping of lists": lambda: {"n": [1, 2, 3, None], "t": tuple("wxyz")},
    "mapping of both": lambda: {"n": TABLE["n"], "t": list("wxyz")},
    "mapping by the book": lambda: Mapped({"n": TABLE["n"], "t": list("wxyz")}),
}


class Mapped(Mapping[str, Any]):
    def __init__(self, columns: dict[str, Any]) -> None:
        self.columns = columns

    def __getitem__(self, name: str) -> Any:
        return self.columns[name]

    def __iter__(self) -> Any:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)


@pytest.mark.parametrize("form", TABLES)
def test_every_form_of_a_table(form: str) -> None:
    assert list(ts.encode_rows(TABLES[form]())) == ROWS
    assert list(ts.encode_rows(TABLES[form](), ["t"])) == [encode_row([t]) for t in "wxyz"]
    turned = [encode_row([t, n]) for n, t in zip((1, 2, 3, None), "wxyz", strict=True)]
    assert list(ts.encode_rows(TABLES[form](), ("t", "n"))) == turned
    assert _core.table_schema(TABLES[form]()) == [("n", "integer"), ("t", "text")]


def test_tables_without_rows() -> None:
    for table in (
        TABLE.slice(4),
        TABLE.schema.empty_table(),
        {"n": [], "t": ()},
        {"n": np.array([], np.int64)},
    ):
        rows = ts.encode_rows(table)
        assert len(rows) == 0
        assert list(rows) == []
        assert ts.head_of(rows) == ts.head_of([])
        assert pa.array(rows).to_pylist() == []


def test_many_rows_in_chunks_of_many_sizes() -> None:
    numbers = np.arange(200_000) * 7919 - 10**6
    texts = [f"user {number}" for number in numbers.tolist()]
    cuts = [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000]
    table = {
        "n": pa.chunked_array([numbers[a:b] for a, b in itertools.pairwise(cuts)]),
        "t": pa.chunked_array([texts[:100_000], texts[100_000:]]),
    }
    assert list(ts.encode_rows(table)) == [
        encode_row(row) for row in zip(numbers.tolist(), texts, strict=True)
    ]


def test_types_of_columns() -> None:
    table = pa.table(
        {
            "null": pa.nulls(0),
            "binary": pa.array([], pa.binary(3)),
            "decimal": pa.array([], pa.decimal128(9, 4)),
            "float": pa.array([], pa.float32()),
            "boolean": pa.array([], pa.bool_()),
            "date": pa.array([], pa.date64()),
            "naive": pa.array([], pa.timestamp("ms")),
            "aware": pa.array([], pa.timestamp("ns", "+02:00")),
        }
    )
    texts = [
        "null",
        "binary",
        "decimal:4",
        "float",
        "boolean",
        "date",
        "timestamp:ms:",
        "timestamp:ns:+02:00",
    ]
    assert _core.table_schema(table) == list(zip(table.column_names, texts, strict=True))
    assert _core.table_schema(table, ["date"]) == [("date", "date")]
    assert _core.table_schema({"d": [None, Decimal("1.500")], "t": TIMES[:2]}) == [
        ("d", "decimal:3"),
        ("t", "timestamp:us:"),
    ]


# --- what is refused ---

UNSUPPORTED = {
    "float16": (lambda: pa.array([1.0], pa.float16()), "float16"),
    "float16 array": (lambda: np.zeros(1, np.float16), "float16"),
    "swapped array": (lambda: np.zeros(1, np.dtype(np.int32).newbyteorder()), "byte order"),
    "text array": (lambda: np.array(["a"]), "format"),
    "date array": (lambda: np.array(["2020-01-01"], "M8[D]"), "'column'|\"column\""),
    "square array": (lambda: np.zeros((2, 2)), "one dimension"),
    "dictionary": (lambda: pa.array(["a"]).dictionary_encode(), "dictionary"),
    "list": (lambda: pa.array([[1]]), "list"),
    "struct": (lambda: pa.array([{"a": 1}]), "struct"),
    "map": (lambda: pa.array([[("a", 1)]], pa.map_(pa.string(), pa.int8())), "map"),
    "time": (lambda: pa.array([datetime.time(1)]), "time"),
    "duration": (lambda: pa.array([datetime.timedelta(1)]), "duration"),
    "negative scale": (lambda: pa.array([Decimal("1E+2")], pa.decimal128(9, -2)), "decimal"),
    "table": (lambda: TABLE, "struct"),
    "str": (lambda: "abc", "not str"),
    "bytes": (lambda: b"abc", "not bytes"),
    "int": (lambda: 5, "not int"),
    "set": (lambda: {1}, "not set"),
    "objects in a list": (lambda: [object()], "row 0.*object"),
    "numpy scalars in a list": (lambda: [np.int64(1)], "row 0.*int64"),
    "times in a list": (lambda: [None, datetime.time(1)], "row 1.*time"),
    "int after text": (lambda: ["a", 1], "row 1: integer after text"),
    "float after int": (lambda: [1, None, 2.0], "row 2: float after integer"),
    "int after bool": (lambda: [True, 1], "row 1: integer after boolean"),
    "seconds of offset": (
        lambda: [datetime.datetime(2020, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(seconds=1)))],
        "row 0.*time zone",
    ),
}


@pytest.mark.parametrize("name", UNSUPPORTED)
def test_columns_of_other_types(name: str) -> None:
    make, message = UNSUPPORTED[name]
    for call in (ts.encode_rows, _core.table_schema):
        with pytest.raises(TypeError, match=message) as caught:
            call({"good": [1], "column": make()})
        assert "column" in str(caught.value)
    assert list(ts.encode_rows({"good": [1], "column": make()}, ["good"])) == [encode_row([1])]


class Day(datetime.date):
    """A date that may hold more than a date."""


def test_subclasses_that_may_hold_more_are_refused() -> None:
    with pytest.raises(TypeError, match="Day"):
        leaves_of([Day(2020, 1, 1)])


BAD_VALUES = {
    "surrogate": (["a", "\ud800"], "row 1.*UTF-8"),
    "nan": ([Decimal("NaN")], "row 0.*finite"),
    "infinity": ([Decimal("1"), Decimal("-Infinity")], "row 1.*finite"),
    "exponent": ([Decimal("1E+2")], "quantize"),
    "very fine": ([Decimal("1E-77")], "quantize"),
    "very, very fine": ([Decimal("1E-999999")], "quantize"),
    "two scales": ([Decimal("1.0"), None, Decimal("1.00")], "row 2: decimal:2 after decimal:1"),
    "two zones": ([TIMES[0], TIMES[0].replace(tzinfo=UTC)], "row 1: timestamp:us:UTC after timestamp:us:;"),
    "part of a day": (fixed(pa.date64(), "q", DAY + 1), "row 0.*whole day"),
    "part of a day before": (fixed(pa.date64(), "q", -1), "row 0.*whole day"),
}


@pytest.mark.parametrize("name", BAD_VALUES)
def test_values_without_an_encoding(name: str) -> None:
    column, message = BAD_VALUES[name]
    with pytest.raises(ValueError, match=message) as caught:
        leaves_of(column)
    assert '"column"' in str(caught.value)


def raw_text(kind: Any, *texts: bytes, valid: bytes | None = None) -> Any:
    ends = np.cumsum([0, *map(len, texts)], dtype=np.int32 if kind == pa.string() else np.int64)
    bitmap = None if valid is None else pa.py_buffer(valid)
    return pa.Array.from_buffers(
        kind, len(texts), [bitmap, pa.py_buffer(ends), pa.py_buffer(b"".join(texts))]
    )


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string()], ids=str)
def test_text_that_is_not_utf8_is_refused(kind: Any) -> None:
    for texts, row in (((b"\xff",), 0), ((b"ok", b"\xc3", b"\xa9"), 1), ((b"ok", b"\xed\xa0\x80"), 1)):
        with pytest.raises(ValueError, match=f"row {row} is not valid UTF-8"):
            leaves_of(raw_text(kind, *texts))
        with pytest.raises(ValueError, match=f"row {row + 2} is not valid UTF-8"):
            leaves_of(pa.chunked_array([pa.array(["a", "b"], kind), raw_text(kind, *texts)]))
    nothing_there = raw_text(kind, b"a", b"\xff", b"b", valid=b"\x05")
    assert leaves_of(nothing_there) == expected(["a", None, "b"])
    assert leaves_of(raw_text(kind, b"\xff", "\u00e9".encode())[1:]) == expected(["\u00e9"])


BAD_TABLES: dict[str, tuple[tuple[Any, ...], type[Exception], str]] = {
    "rows": (([(1, 2)],), TypeError, "not list"),
    "int": ((5,), TypeError, "not int"),
    "a column alone": ((pa.array([1]),), TypeError, "structs"),
    "names that are no str": (({1: [1]},), TypeError, "must be str"),
    "columns as str": ((TABLE, "n"), TypeError, "not str"),
    "columns of int": ((TABLE, [1]), TypeError, "must be str"),
    "unknown": ((TABLE, ["n", "q"]), ValueError, 'no column "q"'),
    "unknown in a mapping": (({"n": [1]}, ["q"]), ValueError, 'no column "q"'),
    "repeated": ((TABLE, ["n", "t", "n"]), ValueError, '"n" is repeated'),
    "two of one name": ((pa.table([[1], [2]], names=["n", "n"]),), ValueError, '"n"'),
    "one of two of one name": ((pa.table([[1], [2]], names=["n", "n"]), ["n"]), ValueError, '"n"'),
    "lengths": (({"a": [1], "b": [1, 2]},), ValueError, '"a" has 1 rows, "b" has 2'),
    "a null row": ((pa.array([{"a": 1}, None]),), ValueError, "row 1 of the table is null"),
}


@pytest.mark.parametrize("name", BAD_TABLES)
def test_what_is_no_table(name: str) -> None:
    args, error, message = BAD_TABLES[name]
    with pytest.raises(error, match=message):
        ts.encode_rows(*args)


# --- salts ---


@pytest.mark.parametrize("form", [list, np.array, pa.array, "array"], ids=str)
def test_salts_come_first(form: Any) -> None:
    salts = np.arange(64, dtype=np.uint8).reshape(4, 16)
    rows = [salt.tobytes() for salt in salts]
    given = salts if form in ("array", np.array) else form(rows)
    salted = [encode_row([n, t], salt) for n, t, salt in zip((1, 2, 3, None), "wxyz", rows, strict=True)]
    assert list(ts.encode_rows(TABLE, salts=given)) == salted


def test_salts_of_another_number_or_width() -> None:
    for salts in (np.zeros((3, 16), np.uint8), np.zeros((5, 16), np.uint8), []):
        with pytest.raises(ValueError, match="salts for 4 rows"):
            ts.encode_rows(TABLE, salts=salts)
    with pytest.raises(ValueError, match="15 bytes"):
        ts.encode_rows(TABLE, salts=np.zeros((4, 15), np.uint8))
    with pytest.raises(ValueError, match=r"salts\[2\] has 17 bytes"):
        ts.encode_rows(TABLE, salts=[bytes(16), bytes(16), bytes(17), bytes(16)])
    with pytest.raises(TypeError, match="salts"):
        ts.encode_rows(TABLE, salts=bytes(64))


# --- the result ---


def test_encoded_rows_are_a_sequence() -> None:
    rows = ts.encode_rows(TABLE)
    assert len(rows) == 4
    assert [rows[place] for place in range(-4, 4)] == ROWS + ROWS
    assert [rows[np.int8(1)], rows[-1]] == [ROWS[1], ROWS[3]]
    assert ROWS[2] in list(rows)
    assert "4 rows" in repr(rows)
    for outside in (4, -5, 2**70, -(2**70)):
        with pytest.raises(IndexError):
            rows[outside]
    for wrong in (True, 1.0, "1", slice(1)):
        with pytest.raises(TypeError):
            rows[wrong]
    with pytest.raises(TypeError):
        pickle.dumps(rows)


def test_encoded_rows_are_rows() -> None:
    rows = ts.encode_rows(TABLE)
    assert (
        ts.head_of(rows) == ts.MerkleTree(rows).head == ts.head_of(list(rows)) == ts.head_of(pa.array(rows))
    )


def test_encoded_rows_leave_by_arrow() -> None:
    before = ts.encode_rows(TABLE)
    array = pa.array(before)
    array.validate(full=True)
    assert array.type == pa.large_binary()
    assert array.null_count == 0
    del before
    assert array.to_pylist() == ROWS
    assert array[1:3].to_pylist() == ROWS[1:3]
    rows = ts.encode_rows(TABLE)
    taken, left = rows.__arrow_c_array__(), rows.__arrow_c_array__(requested_schema=None)
    del taken, left
    assert list(rows) == ROWS


def test_arrow_memory_is_released() -> None:
    allocated = pa.total_allocated_bytes()
    for _ in range(3):
        ts.encode_rows(pa.concat_tables([TABLE] * 100).combine_chunks())
        with pytest.raises(ValueError, match="no column"):
            ts.encode_rows(pa.concat_tables([TABLE] * 100).combine_chunks(), ["q"])
        with pytest.raises(TypeError, match="cast"):
            ts.encode_rows({"a": pa.array([1] * 1000), "b": pa.array([1.0] * 1000, pa.float16())})
    assert pa.total_allocated_bytes() == allocated
