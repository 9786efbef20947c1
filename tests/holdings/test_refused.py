"""Bad input, in every form that it can come in: an error that names row, id and column."""

from __future__ import annotations

import datetime
import re
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.holdings.forms import ARROW, read
from tests.unit.test_arrow_producer import Producer

IDS = ["a", "b", "c", "d", "e"]
BAD = 3
"""The row of the bad cell; in the second batch of two rows."""

Error = type[Exception]
Form = Callable[[pa.Table], Any]

each_form = pytest.mark.parametrize("form", ARROW.values(), ids=ARROW)


def refused(table: Any, error: Error, words: str, **layout: Any) -> None:
    with pytest.raises(error) as caught:
        read(table, **({"id": "id", "assets": {"BTC": 8}} | layout))
    assert caught.type is error
    assert re.search(words, str(caught.value)), str(caught.value)
    assert "\n" not in str(caught.value)


def with_bad(value: Any, good: Any = 1) -> list[Any]:
    values = [good] * 5
    values[BAD] = value
    return values


AT = r'^row 3, id "d", column "BTC": '
MINOR_DECIMALS = [pa.decimal32(9, 1), pa.decimal64(18, 4), pa.decimal128(38, 18), pa.decimal256(76, 30)]
SIGNED = [pa.int8(), pa.int16(), pa.int32(), pa.int64()]
TEXTS = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int16(), pa.string())]

# --- amounts ---

CELLS: dict[str, tuple[Any, list[pa.DataType], str, Error, str]] = {
    "negative integer": (-1, SIGNED, "minor", ValueError, "must not be negative, not -1$"),
    "least integer": (-(2**63), [pa.int64()], "major", ValueError, "be negative, not -9223372036854775808$"),
    "negative decimal": (
        Decimal("-0.1"), MINOR_DECIMALS, "major", ValueError, r"must not be negative, not -0\.10*$"
    ),
    "large negative": (-(2**200), [pa.decimal256(76, 0)], "minor", ValueError, "be negative, not -1606938"),
    "2^128": (2**128, [pa.decimal256(76, 0)], "minor", OverflowError, r"2\*\*128 minor units, not 34028"),
    "2^200": (2**200, [pa.decimal256(76, 0)], "major", OverflowError, r"less than 2\*\*128 minor units"),
    "too large in minor units": (
        10**18, [pa.int64(), pa.uint64(), pa.decimal128(38, 0)], "major 30", OverflowError, r"2\*\*128"
    ),
    "too many decimals": (1, [pa.int64(), pa.decimal128(38, 0)], "major 39", OverflowError, r"2\*\*128"),
    "fraction in minor units": (
        Decimal("0.5"), MINOR_DECIMALS, "minor", ValueError, r"whole number of minor units, not 0\.50*; unit="
    ),
    "too many digits": (
        Decimal("1.000000001"), [pa.decimal128(38, 18), pa.decimal256(76, 30)], "major", ValueError,
        r"at most 8 digits after the point, not 1\.0000000010*$",
    ),
    "null": (None, [*SIGNED, *MINOR_DECIMALS, *TEXTS], "minor", ValueError, 'null; .* declare nulls="zero"'),
}  # fmt: skip


def layout_of(unit: str) -> dict[str, Any]:
    unit, _, decimals = unit.partition(" ")
    return {"unit": unit, "assets": {"BTC": int(decimals or 8)}}


@each_form
@pytest.mark.parametrize("case", CELLS.values(), ids=CELLS)
def test_arrow_cells(form: Form, case: tuple[Any, list[pa.DataType], str, Error, str]) -> None:
    value, kinds, unit, error, words = case
    for kind in kinds:
        good = "1" if kind in TEXTS else 0
        column = pa.array(with_bad(value, good), kind)
        refused(form(pa.table({"id": IDS, "BTC": column})), error, AT + ".*" + words, **layout_of(unit))


BAD_TEXTS = [
    "", "+1", "-1", "-0", " 1", "1 ", "\t1", "1\n", "1_000", "1,000", "1e3", "1E3", ".5", "5.", ".", "1..5",
    "1.2.3", "\u0663", "\uff11", "NaN", "inf", "Infinity", "0x10", "1\0", "one", "\u22121", "1.5e-3",
    "9" * 30 + "x", "0" * 19 + ".",
]  # fmt: skip


@pytest.mark.parametrize("text", BAD_TEXTS, ids=ascii)
@pytest.mark.parametrize("unit", ["minor", "major"])
def test_texts_that_are_no_amounts(text: str, unit: str) -> None:
    words = AT + "must be digits, with or without a point and more digits, and nothing else, not "
    columns = [pa.array(with_bad(text, "1"), kind) for kind in TEXTS]
    for column in columns:
        for form in ("table", "batches"):
            refused(ARROW[form](pa.table({"id": IDS, "BTC": column})), ValueError, words, unit=unit)
    refused({"id": IDS, "BTC": with_bad(text)}, ValueError, words, unit=unit)
    refused({"id": IDS, "BTC": np.array(with_bad(text), object)}, ValueError, words, unit=unit)


class Broken:
    def __index__(self) -> int:
        raise ZeroDivisionError("mine")


OBJECTS: dict[str, tuple[Any, str, Error, str]] = {
    "negative": (-1, "minor", ValueError, "must not be negative, not -1$"),
    "very negative": (-(10**6000), "minor", ValueError, "must not be negative, not an integer of"),
    "2^128": (2**128, "minor", OverflowError, r"less than 2\*\*128"),
    "very large": (10**6000, "minor", OverflowError, r"less than 2\*\*128 minor units, not an integer of"),
    "large in minor units": (2**100, "major 18", OverflowError, r"less than 2\*\*128"),
    "text of 2^128": (str(2**128), "minor", OverflowError, r"less than 2\*\*128"),
    "long text": ("9" * 10_000, "minor", OverflowError, r"less than 2\*\*128 minor units, not \"9{64}\"…$"),
    "text with a fraction": ("0.5", "minor", ValueError, 'whole number of minor units, not "0.5"'),
    "text with digits": ("0.000000001", "major", ValueError, 'at most 8 digits .*, not "0.000000001"'),
    "surrogate": ("1\ud800", "minor", ValueError, "must be digits, not text with a surrogate"),
    "decimal NaN": (Decimal("NaN"), "minor", ValueError, 'must be a finite number, not "NaN"'),
    "decimal sNaN": (Decimal("sNaN123"), "minor", ValueError, "must be a finite number"),
    "decimal infinity": (Decimal("-Infinity"), "minor", ValueError, 'a finite number, not "-Infinity"'),
    "negative decimal": (Decimal("-1E-500"), "minor", ValueError, "must not be negative, not -1E-500"),
    "tiny decimal": (Decimal("1E-999999999999999"), "major", ValueError, "at most 8 digits after the point"),
    "huge decimal": (Decimal("1E+999999999999999"), "minor", OverflowError, r"minor units, not 1E\+99999"),
    "bool": (True, "minor", TypeError, "must be int, Decimal or str, not bool$"),
    "float": (1.0, "minor", TypeError, "not float: floats are rounded already"),
    "NaN": (float("nan"), "minor", TypeError, "not float: floats are rounded already"),
    "infinity": (float("inf"), "major", TypeError, "not float: floats are rounded already"),
    "numpy float": (np.float64(1), "minor", TypeError, "not numpy.float64: floats are rounded already"),
    "numpy float32": (np.float32(1), "minor", TypeError, "not numpy.float32: floats are rounded already"),
    "numpy bool": (np.True_, "minor", TypeError, r"must be int, Decimal or str, not numpy\.bool"),
    "bytes": (b"1", "minor", TypeError, "must be int, Decimal or str, not bytes"),
    "fraction": (Fraction(1), "minor", TypeError, "must be int, Decimal or str, not fractions.Fraction"),
    "complex": (1j, "minor", TypeError, "must be int, Decimal or str, not complex"),
    "list": ([1], "minor", TypeError, "must be int, Decimal or str, not list"),
    "date": (datetime.date(2026, 1, 1), "minor", TypeError, "must be int, Decimal or str, not datetime.date"),
    "none": (None, "minor", ValueError, 'null; fill it in, or declare nulls="zero"'),
}  # fmt: skip


@pytest.mark.parametrize("case", OBJECTS.values(), ids=OBJECTS)
def test_python_cells(case: tuple[Any, str, Error, str]) -> None:
    value, unit, error, words = case
    values = with_bad(value)
    tables = [{"id": IDS, "BTC": values}, {"id": IDS, "BTC": tuple(values)}]
    if not isinstance(value, list):
        tables.append({"id": np.array(IDS), "BTC": np.array(values, object)})
    for table in tables:
        refused(table, error, AT + ".*" + words, **layout_of(unit))


def test_what_python_code_raises_passes() -> None:
    with pytest.raises(ZeroDivisionError, match="mine"):
        read({"id": ["a"], "BTC": [Broken()]}, id="id", assets={"BTC": 8})


@pytest.mark.parametrize("code", ["i1", "i2", "i4", "i8"])
def test_negative_integers_of_numpy(code: str) -> None:
    values = np.array([0, 5, 1, 5, 0, 5, -7, 5, 1, 5], code)
    refused({"id": IDS, "BTC": values[::2]}, ValueError, AT + "must not be negative, not -7")
    refused({"id": IDS, "BTC": values[::2].copy()}, ValueError, AT + "must not be negative, not -7")


FLOATS = 'column "BTC" is of .*; floats are rounded already: use integers, decimals or text'
OTHERS = 'column "BTC" is of .*; amounts are integers, decimals or text: cast it'
COLUMNS: dict[str, tuple[Any, str]] = {
    "float16": (pa.array(np.zeros(5, "f2")), FLOATS),
    "float32": (pa.array(np.zeros(5, "f4")), FLOATS),
    "float64": (pa.array(np.zeros(5)), FLOATS),
    "bool": (pa.array([True] * 5), OTHERS),
    "binary": (pa.array([b"1"] * 5), OTHERS),
    "date": (pa.array([0] * 5, pa.date32()), OTHERS),
    "timestamp": (pa.array([0] * 5, pa.timestamp("s")), OTHERS),
    "duration": (pa.array([0] * 5, pa.duration("s")), OTHERS),
    "list": (pa.array([[1]] * 5), OTHERS),
    "struct": (pa.array([{"a": 1}] * 5), OTHERS),
    "dictionary of integers": (pa.array([1] * 5).dictionary_encode(), OTHERS),
    "run ends": (pa.RunEndEncodedArray.from_arrays([5], [1]), OTHERS),
    "numpy float": (np.zeros(5), FLOATS),
    "numpy float32": (np.zeros(5, "f4"), FLOATS),
    "numpy bool": (np.ones(5, bool), OTHERS),
    "numpy complex": (np.ones(5, complex), OTHERS),
    "numpy swapped": (np.ones(5, ">i8"), OTHERS),
    "numpy matrix": (np.ones((5, 1), int), OTHERS),
    "numpy records": (np.ones(5, [("a", "i8")]), OTHERS),
    "numpy dates": (np.zeros(5, "M8[s]"), 'column "BTC": the buffer of numpy.ndarray cannot be read'),
    "numpy bytes": (np.zeros((5, 2), np.uint8), OTHERS),
    "masked": (np.ma.array([1] * 5), 'column "BTC": a masked array'),
    "text": ("11111", 'column "BTC" must be an Arrow column, a list, a tuple or an array, not str'),
    "bytes": (b"11111", 'column "BTC" must be an Arrow column, a list, a tuple or an array, not bytes'),
    "generator": ((n for n in range(5)), 'column "BTC" must be an Arrow column.*, not generator'),
    "range": (range(5), 'column "BTC" must be an Arrow column.*, not range'),
    "none": (None, 'column "BTC" must be an Arrow column.*, not NoneType'),
    "scalar": (np.int64(3), 'column "BTC"'),
}


@pytest.mark.parametrize(("column", "words"), COLUMNS.values(), ids=COLUMNS)
def test_columns_of_other_types(column: Any, words: str) -> None:
    refused({"id": IDS, "BTC": column}, TypeError, words)
    if isinstance(column, pa.Array):
        table = pa.table({"id": IDS, "BTC": column})
        refused(table, TypeError, words)
        # Before the first batch is asked for.
        refused(pa.RecordBatchReader.from_batches(table.schema, []), TypeError, words)


def test_sums_that_overflow() -> None:
    half = 2**127
    words = "the amounts of BTC add to 2.128 or more"
    refused({"id": IDS[:3], "BTC": [half, 0, half]}, OverflowError, 'row 2, id "c", column "BTC": ' + words)
    groups = {"id": IDS[:3], "g": ["x", "y", "z"], "BTC": [half, half - 1, 1]}
    refused(groups, OverflowError, 'row 2, id "c", column "BTC": ' + words, group="g")
    long = pa.table(
        {
            "id": ["a", "a", "b", "c"],
            "asset": ["BTC", "ETH", "ETH", "BTC"],
            "amount": pa.array(
                [Decimal(half - 1), Decimal(half), 1, Decimal(half + 1)], pa.decimal256(76, 0)
            ),
        }
    )
    layout = {"assets": {"ETH": 8, "BTC": 8}, "asset": "asset", "amount": "amount"}
    at = 'row 3, id "c", column "amount": ' + words
    refused(long, OverflowError, at, **layout)
    refused(long.to_reader(max_chunksize=1), OverflowError, at, **layout)


# --- ids ---

AT_ID = '^row 3, id "d", column "id": '


@each_form
@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "dictionary"])
def test_bad_ids(form: Form, encoded: bool) -> None:
    def table(bad: Any, kind: pa.DataType | None = None) -> Any:
        column = pa.array(with_bad(bad, "x")[:BAD] and [*IDS[:BAD], bad, IDS[BAD]], kind)
        return form(pa.table({"id": column.dictionary_encode() if encoded else column, "BTC": [1] * 5}))

    refused(table(None), ValueError, '^row 3, column "id": must not be null; fill it in or drop the row')
    refused(table(""), ValueError, '^row 3, id "", column "id": an id has 1 to 65535 bytes, not 0')
    refused(table("x" * 65_536), ValueError, '^row 3, id "x{64}"…, column "id": an id has .* not 65536')
    assert len(read(table("x" * 65_535), id="id", assets={"BTC": 8})["customers"]) == 5
    words = '^row 3, id "a", column "id": the id came before; add up what belongs together'
    refused(table("a"), ValueError, words)
    refused(table("c"), ValueError, words.replace('"a"', '"c"'))


@each_form
@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "dictionary"])
def test_ids_that_are_not_utf8(form: Form, encoded: bool) -> None:
    column = pa.array([b"a", b"b", b"c", b"\xff", b"e"]).view(pa.string())
    column = column.dictionary_encode() if encoded else column
    refused(
        form(pa.table({"id": column, "BTC": [1] * 5})),
        ValueError,
        r'^row 3, column "id": b"\\xff" is not valid UTF-8',
    )
    refused(
        form(pa.table({"id": IDS, "g": column, "BTC": [1] * 5})),
        ValueError,
        r'^row 3, id "d", column "g": b"\\xff" is not valid UTF-8',
        group="g",
    )
    refused({"id": IDS, "BTC": column}, ValueError, r'^row 0, id "a", column "BTC": must be digits')


ID_CELLS: dict[str, tuple[Any, Error, str]] = {
    "none": (None, ValueError, "must not be null"),
    "empty": ("", ValueError, "an id has 1 to 65535 bytes, not 0"),
    "empty bytes": (b"", ValueError, "an id has 1 to 65535 bytes, not 0"),
    "long": (b"x" * 65_536, ValueError, "an id has 1 to 65535 bytes, not 65536"),
    "surrogate": ("\ud800", ValueError, "text with a lone surrogate is not valid UTF-8"),
    "integer": (7, TypeError, "not int: an integer can be written in many ways; cast it to text"),
    "numpy integer": (np.int64(7), TypeError, "not numpy.int64: an integer can be written in many ways"),
    "bool": (True, TypeError, "an id must be str or bytes, not bool"),
    "float": (7.0, TypeError, "an id must be str or bytes, not float"),
    "bytearray": (bytearray(b"a"), TypeError, "an id must be str or bytes, not bytearray"),
    "again": ("a", ValueError, "the id came before"),
    "again as bytes": (b"b", ValueError, "the id came before"),
}


@pytest.mark.parametrize(("bad", "error", "words"), ID_CELLS.values(), ids=ID_CELLS)
def test_bad_ids_in_lists(bad: Any, error: Error, words: str) -> None:
    values = [*IDS[:BAD], bad, IDS[BAD]]
    at = '^row 3, (id .*, )?column "id": .*'
    refused({"id": values, "BTC": [1] * 5}, error, at + words)
    refused({"id": tuple(values), "BTC": np.ones(5, int)}, error, at + words)
    array = np.empty(5, object)
    array[:] = values
    refused({"id": array, "BTC": [1] * 5}, error, at + words)


ID_INTEGER = (
    'column "id" is of .*; ids are text or bytes, and an integer can be written in many ways: cast it to text'
)
ID_COLUMNS: dict[str, tuple[Any, str]] = {
    "int64": (pa.array([1] * 5), ID_INTEGER),
    "uint8": (pa.array([1] * 5, pa.uint8()), ID_INTEGER),
    "numpy int": (np.arange(5), ID_INTEGER),
    "decimal": (pa.array([Decimal(1)] * 5), 'column "id" is of .*; ids are text or bytes: cast it'),
    "float": (pa.array([1.0] * 5), 'column "id" is of .*; ids are text or bytes: cast it'),
    "numpy float": (np.zeros(5), 'column "id" is of .*; ids are text or bytes: cast it'),
    "dictionary of integers": (pa.array([1] * 5).dictionary_encode(), 'column "id" is of a dictionary'),
}


@pytest.mark.parametrize(("column", "words"), ID_COLUMNS.values(), ids=ID_COLUMNS)
def test_id_columns_of_other_types(column: Any, words: str) -> None:
    refused({"id": column, "BTC": [1] * 5}, TypeError, words)


def test_ids_in_messages_are_short_and_on_one_line() -> None:
    refused(
        {"id": ["a\nb\x1b[2J", "c"], "BTC": [-1, 0]}, ValueError, r'^row 0, id "a\\nb\\u\{1b\}\[2J", column'
    )
    refused({"id": [b"\xff" * 100], "BTC": [-1]}, ValueError, r'^row 0, id b"(\\xff){64}"…, column')


# --- assets, groups ---

LONG = {"asset": "asset", "amount": "amount", "assets": {"BTC": 8, "ETH": 18}}


def long(**columns: Any) -> dict[str, Any]:
    return {"id": IDS, "asset": ["BTC"] * 5, "amount": [1] * 5} | columns


@each_form
@pytest.mark.parametrize("encoded", [False, True], ids=["plain", "dictionary"])
def test_bad_assets(form: Form, encoded: bool) -> None:
    def table(bad: Any) -> Any:
        column = pa.array(with_bad(bad, "BTC"))
        return form(pa.table(long(asset=column.dictionary_encode() if encoded else column)))

    at = '^row 3, id "d", column "asset": '
    known = r' is not in assets, which has \["BTC", "ETH"\]$'
    refused(table("XRP"), ValueError, at + '"XRP"' + known, **LONG)
    refused(table("btc"), ValueError, at + '"btc"' + known, **LONG)
    refused(table(""), ValueError, at + '""' + known, **LONG)
    refused(table("BTC "), ValueError, at + '"BTC "' + known, **LONG)
    refused(table(None), ValueError, at + "must not be null", **LONG)


def test_bad_assets_in_lists() -> None:
    at = '^row 3, id "d", column "asset": '
    refused(long(asset=with_bad("XRP", "BTC")), ValueError, at + '"XRP" is not in assets', **LONG)
    refused(long(asset=with_bad(None, "BTC")), ValueError, at + "must not be null", **LONG)
    refused(long(asset=with_bad(b"BTC", "BTC")), TypeError, at + "must be str, not bytes", **LONG)
    refused(long(asset=with_bad("\udfff", "BTC")), ValueError, at + "text with a lone surrogate", **LONG)
    refused(long(asset=np.arange(5)), TypeError, 'column "asset" is of .*; codes of assets are text', **LONG)
    refused(long(asset=pa.array([b"BTC"] * 5)), TypeError, 'column "asset" is of binary.*; codes', **LONG)


@each_form
def test_a_holding_twice(form: Form) -> None:
    columns = long(id=["a", "b", "a", "a", "b"], asset=["BTC", "BTC", "ETH", "BTC", "ETH"])
    for amount in ([1, 1, 1, 1, 1], [0, 1, 1, 1, 1], [1, 2, 3, 0, 0]):
        table = form(pa.table(columns | {"amount": amount}))
        words = '^row 3, id "a", column "id": the id came before with asset BTC; add up what belongs together'
        refused(table, ValueError, words, **LONG)


@each_form
def test_groups_that_are_refused(form: Form) -> None:
    def table(bad: Any, ids: list[str] = IDS) -> Any:
        return form(pa.table({"id": ids, "g": with_bad(bad, "EU"), "BTC": [1] * 5}))

    at = '^row 3, id "d", column "g": '
    refused(table(None), ValueError, at + "must not be null", group="g")
    refused(table('E"U'), ValueError, at + "the group .* is no text", group="g")
    refused(table("EU\n"), ValueError, at + "the group .* is no text", group="g")
    refused(table("E" * 256), ValueError, at + "the group .* is no text", group="g")
    words = '^row 3, id "a", column "id": the id came before in group "EU"; add up'
    refused(table("EU", ["a", "b", "c", "a", "e"]), ValueError, words, group="g")
    assert read(table("US", ["a", "b", "c", "a", "e"]), id="id", assets={"BTC": 8}, group="g")


def test_a_holding_twice_in_a_group() -> None:
    columns = long(id=["a"] * 5, asset=["BTC", "BTC", "ETH", "BTC", "ETH"], g=["x", "y", "x", "y", "y"])
    words = '^row 3, id "a", column "id": the id came before with asset BTC in group "y"'
    refused(columns, ValueError, words, group="g", **LONG)
    refused(pa.table(columns).to_reader(max_chunksize=2), ValueError, words, group="g", **LONG)


def test_duplicates_across_many_customers() -> None:
    count = 20_000
    ids = [f"{row}" for row in range(count)]
    for form in (lambda table: table, lambda table: pa.table(table).to_reader(max_chunksize=1_000)):
        for groups in (["x"] * (count + 1), [f"{row % 3}" for row in range(count)] + [f"{7 % 3}"]):
            table = form({"id": [*ids, "7"], "g": groups, "BTC": [1] * (count + 1)})
            refused(table, ValueError, f'^row {count}, id "7", column "id": the id came before in', group="g")


# --- keys ---

KEYS = [bytes([place + 1]) * 32 for place in range(5)]
KEY_CELLS: dict[str, tuple[Any, Error, str]] = {
    "none": (None, ValueError, "must not be null"),
    "short": (b"k" * 31, ValueError, "a key has 32 bytes, not 31"),
    "long": (b"k" * 33, ValueError, "a key has 32 bytes, not 33"),
    "zeros": (bytes(32), ValueError, "a key of zeros"),
}


@each_form
@pytest.mark.parametrize(("bad", "error", "words"), KEY_CELLS.values(), ids=KEY_CELLS)
def test_bad_keys(form: Form, bad: Any, error: Error, words: str) -> None:
    keys = [*KEYS[:BAD], bad, KEYS[4]]
    at = '^row 3, id "d", column "k": '
    refused(form(pa.table({"id": IDS, "k": keys, "BTC": [1] * 5})), error, at + words, customer_key="k")
    refused({"id": IDS, "k": keys, "BTC": [1] * 5}, error, at + words, customer_key="k")


def test_other_bad_keys() -> None:
    at = '^row 3, id "d", column "k": '
    text = {"id": IDS, "k": [*KEYS[:BAD], "k" * 32, KEYS[4]], "BTC": [1] * 5}
    refused(text, TypeError, at + "a key must be bytes, not str", customer_key="k")
    wide = {"id": IDS, "k": np.ones((5, 31), np.uint8), "BTC": [1] * 5}
    refused(wide, ValueError, '^row 0, id "a", column "k": a key has 32 bytes, not 31', customer_key="k")
    columns: list[Any] = [
        pa.array(["k" * 32] * 5),
        np.ones((5, 32), np.int8),
        np.ones(5, int),
        pa.array([1] * 5),
    ]
    for column in columns:
        words = 'column "k" is of .*; keys are 32 bytes'
        refused({"id": IDS, "k": column, "BTC": [1] * 5}, TypeError, words, customer_key="k")
    other = {"id": list("abcba"), "g": list("xxxyy"), "k": [*KEYS[:3], KEYS[4], KEYS[0]], "BTC": [1] * 5}
    words = '^row 3, id "b", column "k": another key than in an earlier row of this id'
    refused(other, ValueError, words, group="g", customer_key="k")


# --- tables ---


@each_form
def test_missing_columns(form: Form) -> None:
    table = pa.table({"id": IDS, "BTC": [1] * 5})
    there = r'; it has \["id", "BTC"\]$'
    refused(form(table), ValueError, 'the table has no column "ID"' + there, id="ID")
    refused(form(table), ValueError, 'the table has no column "ETH"' + there, assets={"BTC": 8, "ETH": 18})
    refused(form(table), ValueError, r'no columns \["X", "Y"\]' + there, assets={"X": 8, "Y": 18})
    refused(form(table), ValueError, 'the table has no column "g"' + there, group="g")
    refused(form(table), ValueError, 'the table has no column "k"' + there, customer_key="k")
    refused(form(table), ValueError, r'no columns \["asset", "amount"\]' + there, **LONG)


def test_columns_of_one_name() -> None:
    table = pa.table([IDS, [1] * 5, [2] * 5], names=["id", "BTC", "BTC"])
    refused(table, ValueError, 'the table has several columns "BTC"')
    unused = pa.table([IDS, [1] * 5, [2] * 5, [3] * 5], names=["id", "BTC", "x", "x"])
    assert read(unused, id="id", assets={"BTC": 8})


def test_unequal_columns() -> None:
    words = 'columns have different lengths: "id" has 5 rows, "BTC" has 4'
    refused({"id": IDS, "BTC": [1] * 4}, ValueError, words)
    refused({"id": IDS, "BTC": pa.chunked_array([[1, 2], [3, 4]])}, ValueError, words)


@pytest.mark.parametrize(
    "table", [None, 7, "id", [("a", 1)], np.ones((2, 2)), object()], ids=lambda t: type(t).__name__
)
def test_what_is_no_table(table: Any) -> None:
    refused(table, TypeError, "table must have the Arrow methods or be a mapping of columns, not ")


def test_arrow_that_is_no_table() -> None:
    refused(pa.array([1]), TypeError, "table must yield structs")
    nulls = pa.array([{"id": "a", "BTC": 1}, None])
    refused(nulls, ValueError, "row 1 of the table is null as a whole")
    stream = pa.chunked_array([[{"id": "a", "BTC": 1}] * 3, [{"id": "a", "BTC": 1}, None]][1:])
    refused(stream, ValueError, "row 1 of the table is null as a whole")


def test_columns_of_very_many_nulls() -> None:
    nulls = [Producer("n", 2**39), Producer("n", 2**39)]
    refused(dict(zip(["id", "BTC"], nulls, strict=True)), ValueError, '^row 0, column "id": must not be null')


def test_streams_that_fail() -> None:
    batch = pa.record_batch({"id": ["a", "b"], "BTC": [1, 2]})

    def batches() -> Any:
        yield batch
        raise OSError("the disk is gone")

    reader = pa.RecordBatchReader.from_batches(batch.schema, batches())
    with pytest.raises(ValueError, match=r"table: the Arrow stream failed: .*the disk is gone"):
        read(reader, id="id", assets={"BTC": 8})


def test_keys_that_a_dictionary_lacks() -> None:
    for key in (5, -1):
        wrong = pa.DictionaryArray.from_arrays(pa.array([0, key], pa.int8()), pa.array(["BTC"]), safe=False)
        table = {"id": ["a", "b"], "asset": wrong, "amount": [1, 2]}
        refused(
            table,
            ValueError,
            'column "asset": the Arrow array is malformed: row 1 .* its dictionary lacks',
            **LONG,
        )


def test_nulls_in_a_dictionary() -> None:
    nulls = pa.DictionaryArray.from_arrays(pa.array([0, 1], pa.int8()), pa.array(["BTC", None]))
    table = {"id": ["a", "b"], "asset": nulls, "amount": [1, 2]}
    refused(table, ValueError, '^row 1, id "b", column "asset": must not be null', **LONG)


# --- what is said of the table ---

LAYOUTS: list[tuple[dict[str, Any], Error, str]] = [
    ({"unit": "major "}, ValueError, 'unit must be "minor" or "major", not "major "'),
    ({"nulls": "drop"}, ValueError, 'nulls must be "refuse" or "zero", not "drop"'),
    ({"asset": "x"}, ValueError, "asset and amount go together"),
    ({"amount": "x"}, ValueError, "asset and amount go together"),
    ({"group": "id"}, ValueError, 'column "id" has two uses: id and group'),
    ({"group": "BTC"}, ValueError, 'column "BTC" has two uses: group and an amount'),
    ({"id": "BTC"}, ValueError, 'column "BTC" has two uses: id and an amount'),
    ({"asset": "x", "amount": "x"}, ValueError, 'column "x" has two uses: asset and an amount'),
    ({"customer_key": "id"}, ValueError, 'column "id" has two uses: id and customer_key'),
    ({"assets": {}}, ValueError, "assets is empty"),
    ({"assets": {"btc": 8}}, ValueError, 'assets: "btc" is no code of an asset'),
    ({"assets": {"": 8}}, ValueError, 'assets: "" is no code of an asset'),
    ({"assets": {"B/C": 8}}, ValueError, 'assets: "B/C" is no code of an asset'),
    ({"assets": {"B" * 17: 8}}, ValueError, "is no code of an asset"),
    (
        {"assets": {"BTC": 256}},
        ValueError,
        r'assets\["BTC"\] must be a number of decimals from 0 to 255, not 256',
    ),
    ({"assets": {"BTC": -1}}, ValueError, r'assets\["BTC"\] must not be negative'),
    ({"assets": {"BTC": 8.0}}, TypeError, r'assets\["BTC"\] must be an integer, not float'),
    ({"assets": {"BTC": True}}, TypeError, r'assets\["BTC"\] must be an integer, not bool'),
    ({"assets": {b"BTC": 8}}, TypeError, "a code in assets must be str, not bytes"),
    ({"assets": ["BTC"]}, TypeError, r'assets must map codes to decimals, as \{"BTC": 8\}, not list'),
    ({"assets": None}, TypeError, "assets must map codes to decimals"),
    ({"id": 7}, TypeError, "'int' object is not an instance of 'str'"),
]


@pytest.mark.parametrize(("layout", "error", "words"), LAYOUTS, ids=lambda value: str(value)[:40])
def test_layouts(layout: dict[str, Any], error: Error, words: str) -> None:
    refused({"id": IDS, "BTC": [1] * 5, "x": [1] * 5}, error, words, **layout)
