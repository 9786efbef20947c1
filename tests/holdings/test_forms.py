"""One table in many forms and types says the same, in Python's integers."""

from __future__ import annotations

import decimal
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from tests.holdings.forms import ARROW, amounts, read

IDS = ["a", "b", "c", "d", "e"]
SMALL = [1, 0, 100, 0, 27]

each_form = pytest.mark.parametrize("form", ARROW.values(), ids=ARROW)

INTEGERS = [
    pa.int8(),
    pa.int16(),
    pa.int32(),
    pa.int64(),
    pa.uint8(),
    pa.uint16(),
    pa.uint32(),
    pa.uint64(),
]
TEXTS = [pa.string(), pa.large_string(), pa.string_view(), pa.dictionary(pa.int8(), pa.string())]
DECIMALS = [
    make(digits, scale)
    for make, digits in ((pa.decimal32, 9), (pa.decimal64, 18), (pa.decimal128, 38), (pa.decimal256, 76))
    for scale in (0, 2, 5)
]
IDENTIFIERS = [
    *TEXTS,
    pa.binary(),
    pa.large_binary(),
    pa.binary_view(),
    pa.dictionary(pa.uint32(), pa.large_binary()),
    pa.dictionary(pa.int64(), pa.large_string()),
]


def column(values: list[Any], kind: pa.DataType) -> pa.Array:
    if pa.types.is_dictionary(kind):
        return pa.array(values, kind.value_type).dictionary_encode().cast(kind)
    return pa.array(values, kind)


# --- amounts ---


@each_form
@pytest.mark.parametrize("kind", INTEGERS, ids=str)
@pytest.mark.parametrize(("unit", "factor"), [("minor", 1), ("major", 10**8)])
def test_integers(form: Callable[[pa.Table], Any], kind: pa.DataType, unit: str, factor: int) -> None:
    table = pa.table({"id": IDS, "BTC": column(SMALL, kind)})
    assert amounts(form(table), unit=unit) == [value * factor for value in SMALL]


@each_form
@pytest.mark.parametrize("kind", DECIMALS, ids=str)
def test_decimals(form: Callable[[pa.Table], Any], kind: pa.DataType) -> None:
    table = pa.table({"id": IDS, "BTC": column([Decimal(value) for value in SMALL], kind)})
    assert amounts(form(table)) == SMALL
    cents = [Decimal(value).scaleb(-kind.scale) for value in SMALL]
    table = pa.table({"id": IDS, "BTC": column(cents, kind)})
    assert amounts(form(table), unit="major") == [value * 10 ** (8 - kind.scale) for value in SMALL]


@each_form
@pytest.mark.parametrize("kind", TEXTS, ids=str)
def test_texts(form: Callable[[pa.Table], Any], kind: pa.DataType) -> None:
    table = pa.table({"id": IDS, "BTC": column(["1", "0", "0100", "0.000", "27.0"], kind)})
    assert amounts(form(table)) == SMALL
    table = pa.table({"id": IDS, "BTC": column(["0.01", "0.00", "1", "0", "0.2700000000000"], kind)})
    assert amounts(form(table), unit="major") == [value * 10**6 for value in SMALL]


@pytest.mark.parametrize("scale", [-3, -38, 0, 38, 76])
def test_scales_of_wide_decimals(scale: int) -> None:
    for make, width, bits in ((pa.decimal128, 16, 127), (pa.decimal256, 32, 255)):
        if scale > (38, 76)[bits > 127]:
            continue
        for number in (0, 5, 10**30, 10**38, min(10**75, 2**bits - 1)):
            if number >= 2**bits:
                continue
            numbers = (number,).__iter__()
            data = b"".join(value.to_bytes(width, "little") for value in numbers)
            array = pa.Array.from_buffers(make((38, 76)[bits > 127], scale), 1, [None, pa.py_buffer(data)])
            exact, rest = divmod(number * 10 ** max(-scale, 0), 10 ** max(scale, 0))
            table = {"id": ["a"], "BTC": array}
            if rest:
                with pytest.raises(ValueError, match="must be a whole number of minor units"):
                    amounts(table)
            elif exact >= 2**128:
                with pytest.raises(OverflowError, match=r"less than 2\*\*128"):
                    amounts(table)
            else:
                assert amounts(table) == [exact]


@pytest.mark.parametrize("code", ["i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "q", "L"])
def test_numpy_integers_of_any_stride(code: str) -> None:
    whole = np.array([1, 9, 0, 9, 100, 9, 0, 9, 27, 9], code)
    assert amounts({"id": IDS, "BTC": whole[::2]}) == SMALL
    assert amounts({"id": IDS, "BTC": np.array(SMALL[::-1], code)[::-1]}) == SMALL
    assert amounts({"id": IDS, "BTC": np.array(SMALL, code)}, unit="major") == [n * 10**8 for n in SMALL]
    assert amounts({"id": IDS, "BTC": memoryview(np.array(SMALL, code))}) == SMALL


class Index:
    def __index__(self) -> int:
        return 27


class Big(int):
    def __str__(self) -> str:
        return "1"

    def __lt__(self, other: object) -> bool:
        return True


class Louder(Decimal):
    def __str__(self) -> str:
        return "9"


def test_lists_of_everything_that_is_exact() -> None:
    values = [1, Decimal("0E+100"), "100", np.uint8(0), Index()]
    assert amounts({"id": IDS, "BTC": values}) == SMALL
    assert amounts({"id": tuple(IDS), "BTC": tuple(values)}) == SMALL
    assert amounts({"id": np.array(IDS, object), "BTC": np.array(values, object)}) == SMALL
    assert amounts({"id": np.array(IDS), "BTC": np.array(["1", "0", "100", "0", "27"])}) == SMALL
    assert amounts({"id": ["a", "b"], "BTC": [Big(2**70), Louder("1E+2")]}) == [2**70, 100]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("-0", 0),
        ("-0.000", 0),
        ("0E-50", 0),
        ("1E+2", 100 * 10**8),
        ("1.5E-8", None),
        ("10E-9", 1),
        ("1E-8", 1),
    ],
)
def test_decimals_of_python(text: str, expected: int | None) -> None:
    table = {"id": ["a"], "BTC": [Decimal(text)]}
    if expected is None:
        with pytest.raises(ValueError, match=r"at most 8 digits after the point, not 1\.5E-8"):
            amounts(table, unit="major")
    else:
        assert amounts(table, unit="major") == [expected]


def test_decimals_do_not_depend_on_the_context() -> None:
    with decimal.localcontext() as context:
        context.prec, context.capitals = 3, 0
        table = {"id": ["a", "b"], "BTC": [Decimal("123456789.12345678"), Decimal("1E+5")]}
        assert amounts(table, unit="major") == [12345678912345678, 10**13]


@pytest.mark.parametrize("decimals", [0, 8, 38, 39, 255])
def test_every_number_of_decimals(decimals: int) -> None:
    table = {"id": ["a", "b"], "BTC": [0, "0"]}
    assert amounts(table, assets={"BTC": decimals}, unit="major") == [0, 0]
    table = (
        {"id": ["a"], "BTC": ["0." + "0" * (decimals - 1) + "3"]} if decimals else {"id": ["a"], "BTC": [3]}
    )
    assert amounts(table, assets={"BTC": decimals}, unit="major") == [3]


MAX = 2**128 - 1


@pytest.mark.parametrize("edge", [2**63 - 1, 2**63, 2**64 - 1, 2**64, 2**127 - 1, 2**127, MAX])
def test_edges(edge: int) -> None:
    for value in (edge, str(edge), Decimal(edge)):
        assert amounts({"id": ["a"], "BTC": [value]}) == [edge]
    assert amounts({"id": ["a"], "BTC": pa.array([Decimal(edge)], pa.decimal256(76, 0))}) == [edge]
    if edge < 2**64:
        assert amounts({"id": ["a"], "BTC": np.array([edge], "u8")}) == [edge]


@each_form
@pytest.mark.parametrize(
    "kind", [pa.int64(), pa.decimal128(38, 2), pa.string(), TEXTS[-1], pa.null()], ids=str
)
def test_nulls_that_are_zero(form: Callable[[pa.Table], Any], kind: pa.DataType) -> None:
    values = [None] * 5 if kind == pa.null() else [None, "0", None, "7", None]
    array = pa.array(values, pa.string() if kind != pa.null() else kind)
    array = array.dictionary_encode() if pa.types.is_dictionary(kind) else array.cast(kind)
    expected = [0, 0, 0, 7 if kind != pa.null() else 0, 0]
    assert amounts(form(pa.table({"id": IDS, "BTC": array})), nulls="zero") == expected


def test_what_lies_under_nulls_is_not_read() -> None:
    bitmap, numbers = pa.py_buffer(b"\x02"), pa.py_buffer(np.array([-5, 7], "i8").tobytes())
    hidden = pa.Array.from_buffers(pa.int64(), 2, [bitmap, numbers])
    assert amounts({"id": ["a", "b"], "BTC": hidden}, nulls="zero") == [0, 7]
    assert amounts({"id": ["a", "b"], "BTC": [None, 7]}, nulls="zero") == [0, 7]


# --- ids, groups, keys ---


@each_form
@pytest.mark.parametrize("kind", IDENTIFIERS, ids=str)
def test_ids(form: Callable[[pa.Table], Any], kind: pa.DataType) -> None:
    ids = ["a", "Å", "A\u030a", "x" * 300, "\0"]
    plain = kind.value_type if pa.types.is_dictionary(kind) else kind
    given: list[Any] = [text.encode() for text in ids] if "binary" in str(plain) else ids
    table = pa.table({"id": column(given, kind), "BTC": SMALL})
    assert [id_ for id_, _ in read(form(table), id="id", assets={"BTC": 8})["customers"]] == [
        text.encode() for text in ids
    ]


@each_form
def test_ids_of_one_width(form: Callable[[pa.Table], Any]) -> None:
    ids = [bytes([place]) * 16 for place in range(5)]
    table = pa.table({"id": pa.array(ids, pa.binary(16)), "BTC": SMALL})
    assert [id_ for id_, _ in read(form(table), id="id", assets={"BTC": 8})["customers"]] == ids


def test_bytes_and_text_are_one_id() -> None:
    customers = read({"id": ["a", b"b", "\xe9"], "BTC": [1, 2, 3]}, id="id", assets={"BTC": 8})["customers"]
    assert [id_ for id_, _ in customers] == [b"a", b"b", b"\xc3\xa9"]
    with pytest.raises(ValueError, match=r'row 1, id "a", column "id": the id came before'):
        read({"id": ["a", b"a"], "BTC": [1, 2]}, id="id", assets={"BTC": 8})
    array = np.frombuffer(b"abcdef", np.uint8).reshape(3, 2)
    customers = read({"id": array, "BTC": [1, 2, 3]}, id="id", assets={"BTC": 8})["customers"]
    assert [id_ for id_, _ in customers] == [b"ab", b"cd", b"ef"]


KEYS = [bytes([place + 1]) * 32 for place in range(5)]
KEY_FORMS: dict[str, Any] = {
    "list": KEYS,
    "array": np.frombuffer(b"".join(KEYS), np.uint8).reshape(5, 32),
    "fixed": pa.array(KEYS, pa.binary(32)),
    "binary": pa.array(KEYS, pa.binary()),
    "large": pa.array(KEYS, pa.large_binary()),
    "view": pa.array(KEYS, pa.binary_view()),
}


@pytest.mark.parametrize("keys", KEY_FORMS.values(), ids=KEY_FORMS)
def test_keys(keys: Any) -> None:
    result = read({"id": IDS, "key": keys, "BTC": SMALL}, id="id", assets={"BTC": 8}, customer_key="key")
    assert result["customers"] == list(zip([text.encode() for text in IDS], KEYS, strict=True))


def test_the_key_of_a_customer_with_several_rows() -> None:
    table = {
        "id": ["a", "b", "a"],
        "key": [KEYS[0], KEYS[1], KEYS[0]],
        "g": ["x", "x", "y"],
        "BTC": [1, 2, 3],
    }
    result = read(table, id="id", assets={"BTC": 8}, customer_key="key", group="g")
    assert result["customers"] == [(b"a", KEYS[0]), (b"b", KEYS[1])]
    assert result["trees"] == {("BTC", "x"): (8, {0: 1, 1: 2}), ("BTC", "y"): (8, {0: 3})}


@each_form
@pytest.mark.parametrize("kind", TEXTS, ids=str)
def test_groups(form: Callable[[pa.Table], Any], kind: pa.DataType) -> None:
    groups = column(["EU", "US", "EU", "", "US"], kind)
    table = pa.table({"g": groups, "id": ["a", "b", "c", "a", "a"], "BTC": SMALL, "ETH": SMALL[::-1]})
    assert read(form(table), id="id", assets={"ETH": 18, "BTC": 8}, group="g") == {
        "customers": [(b"a", None), (b"b", None), (b"c", None)],
        "trees": {
            ("ETH", "EU"): (18, {0: 27, 2: 100}),
            ("BTC", "EU"): (8, {0: 1, 2: 100}),
            ("ETH", "US"): (18, {0: 1}),
            ("BTC", "US"): (8, {0: 27}),
            ("ETH", ""): (18, {}),
            ("BTC", ""): (8, {}),
        },
    }


@each_form
@pytest.mark.parametrize("kind", TEXTS, ids=str)
def test_long_tables(form: Callable[[pa.Table], Any], kind: pa.DataType) -> None:
    table = pa.table(
        {
            "asset": column(["BTC", "ETH", "BTC", "ETH", "BTC"], kind),
            "id": ["a", "b", "c", "a", "d"],
            "amount": column(["1.5", "2", "0", "0.000000000000000001", "3"], kind),
        }
    )
    result = read(
        form(table),
        id="id",
        assets={"BTC": 8, "ETH": 18, "X": 0},
        asset="asset",
        amount="amount",
        unit="major",
    )
    assert result["customers"] == [(b"a", None), (b"b", None), (b"c", None), (b"d", None)]
    assert result["trees"] == {
        ("BTC", ""): (8, {0: 150000000, 3: 300000000}),
        ("ETH", ""): (18, {0: 1, 1: 2 * 10**18}),
        ("X", ""): (0, {}),
    }


def test_other_columns_are_not_looked_at() -> None:
    table = pa.table({"id": IDS, "note": [{"a": 1.5}] * 5, "BTC": SMALL, "ratio": [0.5] * 5})
    assert amounts(table) == SMALL
    assert amounts({7: None, "id": IDS, "note": object(), "BTC": SMALL}) == SMALL


@pytest.mark.parametrize(
    "table",
    [
        {"id": [], "BTC": []},
        pa.table({"id": [], "BTC": []}),
        pa.table({"id": pa.array([], pa.string()), "BTC": pa.array([], pa.int64())}),
        pa.table({"id": pa.array([], pa.string()), "BTC": pa.array([], pa.int64())}).to_reader(),
        {"id": np.array([], object), "BTC": np.array([], "i8")},
    ],
    ids=["lists", "null types", "arrow", "stream", "numpy"],
)
def test_nobody(table: Any) -> None:
    assert read(table, id="id", assets={"BTC": 8}) == {"customers": [], "trees": {("BTC", ""): (8, {})}}


def test_without_rows_there_are_no_groups() -> None:
    table = {"id": [], "g": [], "BTC": []}
    assert read(table, id="id", assets={"BTC": 8}, group="g") == {"customers": [], "trees": {}}


@pytest.mark.parametrize("count", [32_767, 32_768, 65_537, 200_000])
def test_rows_beyond_a_window(count: int) -> None:
    numbers = np.arange(count)
    numbers[numbers % 7 != 3] = 0
    ids = [f"{row:06d}" for row in range(count)]
    table = pa.table({"id": pa.array(ids).dictionary_encode(), "BTC": numbers})
    assert amounts(table) == numbers.tolist()
    assert amounts({"id": ids, "BTC": [str(value) for value in numbers]}) == numbers.tolist()
    assert amounts(table.to_reader(max_chunksize=50_000)) == numbers.tolist()
    groups = pa.array(np.arange(count) % 5_000).cast(pa.string())
    result = read(table.append_column("g", groups), id="id", assets={"BTC": 8}, group="g")
    assert len(result["trees"]) == 5_000
    assert sum(sum(held.values()) for _, held in result["trees"].values()) == numbers.sum()
    assert result["trees"]["BTC", "3"][1] == {row: row for row in range(3, count, 5_000) if row % 7 == 3}
