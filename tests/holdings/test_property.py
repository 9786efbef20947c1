"""Random tables against Python's integers and fractions."""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pyarrow as pa
from hypothesis import given
from hypothesis import strategies as st

from tests.holdings.forms import ARROW, read

MAX = 2**128 - 1
CODES = ["BTC", "ETH", "X.Y-1"]

decimals_of_assets = st.lists(st.integers(0, 40), min_size=3, max_size=3).map(
    lambda each: dict(zip(CODES, each, strict=True))
)
ids = st.one_of(
    st.binary(min_size=1, max_size=20), st.text(st.characters(codec="utf-8"), min_size=1, max_size=20)
)
held = st.one_of(st.just(0), st.integers(0, 2**40), st.integers(0, 2**120))


def as_bytes(id_: bytes | str) -> bytes:
    return id_ if isinstance(id_, bytes) else id_.encode()


def major_text(amount: int, decimals: int) -> str:
    whole, fraction = divmod(amount, 10**decimals)
    return f"{whole}.{fraction:0{decimals}d}" if decimals else str(whole)


def as_column(values: list[int], decimals: int, unit: str, kind: str) -> Any:
    """Minor units as a column of some kind that can hold them, in the unit."""
    texts = [major_text(value, decimals) if unit == "major" else str(value) for value in values]
    if kind == "integers" and unit == "minor":
        return values
    if kind == "array" and unit == "minor" and max(values, default=0) < 2**64:
        return np.array(values, np.uint64)
    numbers = [Decimal(text) for text in texts]
    array = np.empty(len(texts), object)
    array[:] = numbers
    # 2^120 has 37 digits, and 40 more may stand behind the point.
    widest = pa.decimal256(76, decimals if unit == "major" else 0)
    columns = {
        "text": texts,
        "arrow text": pa.array(texts, pa.large_string()),
        "dictionary": pa.array(texts, pa.string()).dictionary_encode(),
        "decimals": numbers,
        "objects": array,
    }
    return columns[kind] if kind in columns else pa.array(numbers, widest)


KINDS = ["text", "arrow text", "dictionary", "decimals", "objects", "integers", "array", "decimal256"]


@given(
    assets=decimals_of_assets,
    unit=st.sampled_from(["minor", "major"]),
    rows=st.lists(st.tuples(ids, held, held, held), max_size=12, unique_by=lambda row: as_bytes(row[0])),
    kinds=st.lists(st.sampled_from(KINDS), min_size=3, max_size=3),
)
def test_wide(assets: dict[str, int], unit: str, rows: list[tuple[Any, ...]], kinds: list[str]) -> None:
    table = {"id": [row[0] for row in rows]}
    for place, code in enumerate(CODES):
        table[code] = as_column([row[place + 1] for row in rows], assets[code], unit, kinds[place])
    result = read(table, id="id", assets=assets, unit=unit)
    assert [id_ for id_, _ in result["customers"]] == [as_bytes(row[0]) for row in rows]
    for place, code in enumerate(CODES, 1):
        expected = {customer: row[place] for customer, row in enumerate(rows) if row[place]}
        assert result["trees"][code, ""] == (assets[code], expected)


@given(
    assets=decimals_of_assets,
    unit=st.sampled_from(["minor", "major"]),
    rows=st.lists(
        st.tuples(st.sampled_from("abcdef"), st.sampled_from(CODES), st.sampled_from(["", "EU", "US"]), held),
        max_size=20,
        unique_by=lambda row: row[:3],
    ),
    form=st.sampled_from(list(ARROW)),
    encode=st.booleans(),
)
def test_long(assets: dict[str, int], unit: str, rows: list[Any], form: str, encode: bool) -> None:
    texts = [major_text(row[3], assets[row[1]]) if unit == "major" else str(row[3]) for row in rows]
    columns = {
        name: pa.array([row[place] for row in rows], pa.string())
        for place, name in enumerate(["id", "a", "g"])
    }
    columns["amount"] = pa.array(texts, pa.string())
    if encode:
        columns = {name: column.dictionary_encode() for name, column in columns.items()}
    result = read(
        ARROW[form](pa.table(columns)),
        id="id",
        asset="a",
        amount="amount",
        group="g",
        assets=assets,
        unit=unit,
    )
    customers = [id_.decode() for id_, _ in result["customers"]]
    assert customers == list(dict.fromkeys(row[0] for row in rows))
    expected = {(code, group): (assets[code], {}) for group in {row[2] for row in rows} for code in CODES}
    for id_, code, group, amount in rows:
        if amount:
            expected[code, group][1][customers.index(id_)] = amount
    assert result["trees"] == expected


number_texts = st.one_of(
    st.from_regex(r"\A[0-9]{1,45}(\.[0-9]{1,45})?\Z"),
    st.from_regex(r"\A[0-9]{1,45}(\.[0-9]{0,9}0{1,30})?\Z"),
    st.text("0123456789.-+eE _", max_size=8),
    st.text(max_size=5),
)


def outcome(column: Any, decimals: int, unit: str) -> int | type[Exception]:
    try:
        result = read({"id": ["a"], "BTC": column}, id="id", assets={"BTC": decimals}, unit=unit)
    except (ValueError, OverflowError) as error:
        named = str(error).startswith('row 0, id "a", column "BTC": ')
        return type(error) if named else AssertionError
    return result["trees"]["BTC", ""][1].get(0, 0)


def expected_of(number: Fraction, decimals: int, unit: str) -> int | type[Exception]:
    exact = number * 10**decimals if unit == "major" else number
    if exact.denominator != 1 or exact < 0:
        return ValueError
    return OverflowError if exact > MAX else int(exact)


@given(text=number_texts, decimals=st.integers(0, 60), unit=st.sampled_from(["minor", "major"]))
def test_texts(text: str, decimals: int, unit: str) -> None:
    expected: int | type[Exception] = ValueError
    if re.fullmatch(r"[0-9]+(\.[0-9]+)?", text, re.ASCII):
        expected = expected_of(Fraction(text), decimals, unit)
    assert outcome([text], decimals, unit) == expected
    assert outcome(pa.array([text]), decimals, unit) == expected


@given(
    number=st.one_of(
        st.decimals(allow_nan=False, allow_infinity=False),
        st.builds(
            lambda digits, exponent: Decimal(digits).scaleb(exponent),
            st.integers(0, 2**80),
            st.integers(-60, 60),
        ),
    ),
    decimals=st.integers(0, 60),
    unit=st.sampled_from(["minor", "major"]),
)
def test_decimals(number: Decimal, decimals: int, unit: str) -> None:
    assert outcome([number], decimals, unit) == expected_of(Fraction(number), decimals, unit)


@given(
    number=st.one_of(st.integers(-(2**255), 2**255 - 1), st.integers(-3, 2**130)),
    zeros=st.integers(0, 40),
    scale=st.integers(-40, 76),
    decimals=st.integers(0, 60),
    unit=st.sampled_from(["minor", "major"]),
)
def test_wide_decimals(number: int, zeros: int, scale: int, decimals: int, unit: str) -> None:
    number = number // 10**zeros * 10**zeros
    number = max(number, -(2**255))
    number += 10**zeros * (number < -(2**255))
    data = pa.py_buffer(number.to_bytes(32, "little", signed=True))
    column = pa.Array.from_buffers(pa.decimal256(76, scale), 1, [None, data])
    expected = expected_of(number * Fraction(10) ** -scale, decimals, unit)
    assert outcome(column, decimals, unit) == expected
    if -(2**127) <= number < 2**127:
        data = pa.py_buffer(number.to_bytes(16, "little", signed=True))
        column = pa.Array.from_buffers(pa.decimal128(38, scale), 1, [None, data])
        assert outcome(column, decimals, unit) == expected


@given(
    value=st.integers(-(2**200), 2**200),
    decimals=st.integers(0, 60),
    unit=st.sampled_from(["minor", "major"]),
)
def test_integers(value: int, decimals: int, unit: str) -> None:
    expected = expected_of(Fraction(value), decimals, unit)
    assert outcome([value], decimals, unit) == expected
    for dtype in (np.int64, np.uint64, np.int16, np.uint8):
        if np.iinfo(dtype).min <= value <= np.iinfo(dtype).max:
            assert outcome(np.array([value], dtype), decimals, unit) == expected
            assert outcome(pa.array(np.array([value], dtype)), decimals, unit) == expected
