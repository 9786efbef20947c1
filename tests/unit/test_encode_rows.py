"""encode_rows: tables in every form, what is refused, salts, and the result."""

from __future__ import annotations

import datetime
import itertools
import pickle
from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import tallystick as ts
from tallystick import _core

from tests.reference.rows import encode_row

pa = pytest.importorskip("pyarrow")

Leaves = list[bytes]


UTC = datetime.UTC
DAY = 86_400_000


# Without a time zone.
TIME = datetime.datetime(1970, 1, 1)


def leaves_of(column: Any) -> Leaves:
    return list(ts.encode_rows({"column": column}))


def expected(cells: list[Any]) -> Leaves:
    return [encode_row([cell]) for cell in cells]


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
    assert _core.table_schema({"d": [None, Decimal("1.500")], "t": [None, TIME]}) == [
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


def date64(milliseconds: int) -> Any:
    return pa.array([milliseconds], pa.int64()).view(pa.date64())


BAD_VALUES = {
    "surrogate": (["a", "\ud800"], "row 1.*UTF-8"),
    "nan": ([Decimal("NaN")], "row 0.*finite"),
    "infinity": ([Decimal("1"), Decimal("-Infinity")], "row 1.*finite"),
    "exponent": ([Decimal("1E+2")], "quantize"),
    "very fine": ([Decimal("1E-77")], "quantize"),
    "very, very fine": ([Decimal("1E-999999")], "quantize"),
    "two scales": ([Decimal("1.0"), None, Decimal("1.00")], "row 2: decimal:2 after decimal:1"),
    "two zones": ([TIME, TIME.replace(tzinfo=UTC)], "row 1: timestamp:us:UTC after timestamp:us:;"),
    "part of a day": (date64(DAY + 1), "row 0.*whole day"),
    "part of a day before": (date64(-1), "row 0.*whole day"),
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
