"""Amounts as they are handed over: what is taken, what is refused, and with which place."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
import tallystick as ts

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")

LEAVES = [b"a", b"b", b"c"]
EXPECTED = ts.SumTree(LEAVES, [5, 0, 7])
MAX = 2**128 - 1

INTEGERS = [np.dtype(code) for code in ("i1", "i2", "i4", "i8", "u1", "u2", "u4", "u8", "l", "L", "q", "Q")]
DECIMALS = [pa.decimal32(9, 0), pa.decimal64(18, 0), pa.decimal128(38, 0), pa.decimal256(76, 0)]
COLUMNS = [pa.int8(), pa.int16(), pa.int32(), pa.int64(), pa.uint8(), pa.uint16(), pa.uint32(), pa.uint64()]


class Index:
    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


@pytest.mark.parametrize("dtype", INTEGERS, ids=str)
def test_arrays_of_every_integer_and_stride(dtype: np.dtype[Any]) -> None:
    whole = np.array([5, 99, 0, 98, 7, 97], dtype)
    assert ts.SumTree(LEAVES, whole[::2]).head == EXPECTED.head
    assert ts.SumTree(LEAVES, np.array([7, 0, 5], dtype)[::-1]).head == EXPECTED.head
    assert ts.SumTree(LEAVES, memoryview(np.array([5, 0, 7], dtype))).head == EXPECTED.head


@pytest.mark.parametrize("kind", [*COLUMNS, *DECIMALS], ids=str)
def test_columns_of_every_integer_and_decimal(kind: Any) -> None:
    column = pa.array([1, 5, 0, 7, 1], kind)
    assert ts.SumTree(LEAVES, column.slice(1, 3)).head == EXPECTED.head
    chunked = pa.chunked_array([column.slice(1, 1), column.slice(0, 0), column.slice(2, 2)])
    assert ts.SumTree(LEAVES, chunked).head == EXPECTED.head


@pytest.mark.parametrize(
    "amounts", [(5, 0, 7), [5, Index(0), np.uint8(7)], [np.int64(5), 0, 7]], ids=["tuple", "index", "numpy"]
)
def test_sequences(amounts: Any) -> None:
    assert ts.SumTree(LEAVES, amounts).head == EXPECTED.head


def test_ranges() -> None:
    assert ts.SumTree(LEAVES, range(3)).total == 3


@pytest.mark.parametrize("edge", [2**63 - 1, 2**63, 2**64 - 1, 2**64, 2**127 - 1, 2**127, MAX - 1, MAX])
def test_edges_of_the_integers(edge: int) -> None:
    tree = ts.SumTree(LEAVES, [0, edge, 0])
    assert tree.total == tree.head.total == edge
    tree.head.verify_inclusion(1, b"b", edge, tree.prove(1))
    assert ts.SumHead.from_json(tree.head.to_json()).total == edge
    column = pa.array([Decimal(0), Decimal(edge), Decimal(0)], pa.decimal256(76, 0))
    assert ts.SumTree(LEAVES, column).head == tree.head


@pytest.mark.parametrize(
    ("bad", "error", "words"),
    [
        (-1, ValueError, r"amounts\[1\] must not be negative, not -1"),
        (-(2**200), ValueError, r"amounts\[1\] must not be negative"),
        (2**128, OverflowError, r"amounts\[1\] must be less than 2\*\*128"),
        (10**6000, OverflowError, r"amounts\[1\] must be less than 2\*\*128, not an integer of"),
        (True, TypeError, r"amounts\[1\] must be an integer, not bool"),
        (np.True_, TypeError, r"amounts\[1\] must be an integer, not numpy\.bool"),
        (1.0, TypeError, r"amounts\[1\] must be an integer, not float"),
        (Decimal(1), TypeError, r"amounts\[1\] must be an integer, not decimal\.Decimal"),
        ("1", TypeError, r"amounts\[1\] must be an integer, not str"),
        (b"1", TypeError, r"amounts\[1\] must be an integer, not bytes"),
        (None, TypeError, r"amounts\[1\] must be an integer, not NoneType"),
    ],
    ids=lambda value: repr(value)[:20] if not isinstance(value, int) or abs(value) < 2**256 else "long",
)
def test_what_is_no_amount_is_refused_with_its_place(bad: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        ts.SumTree(LEAVES, [5, bad, 7])
    tree = ts.SumTree(LEAVES, [5, 0, 7])
    for call in (
        lambda: tree.extend(LEAVES, [5, bad, 7]),
        lambda: tree.update([0, 1, 2], LEAVES, [5, bad, 7]),
        lambda: ts.SumShard.from_leaves(0, LEAVES, [5, bad, 7]),
    ):
        with pytest.raises(error, match=words):
            call()
    with pytest.raises(error, match="the amount"):
        tree.append(b"d", bad)
    with pytest.raises(error, match="the total"):
        ts.SumHead(tree.scheme, 3, tree.root, bad)
    assert tree.head == EXPECTED.head


ARRAYS: list[tuple[Any, type[Exception], str]] = [
    (np.array([5, -1, 7]), ValueError, r"amounts\[1\] must not be negative, not -1"),
    (np.array([5.0, 0, 7]), TypeError, "float64"),
    (np.array([True, False, True]), TypeError, "bool"),
    (np.array([5, 0, 7], object), TypeError, "integers"),
    (np.array([[5, 0, 7]]), TypeError, "one dimension"),
    (np.array([5, 0, 7], ">i8"), TypeError, "byte order"),
    (np.ma.masked_array([5, 0, 7], [0, 1, 0]), TypeError, "masked"),
    (pa.array([5, -3, 7]), ValueError, r"amounts\[1\] must not be negative, not -3"),
    (pa.array([5, None, 7]), ValueError, r"amounts\[1\] is null"),
    (pa.array([5.0, 0, 7]), TypeError, "column of integers"),
    (pa.array(["5", "0", "7"]), TypeError, "column of integers"),
    (pa.array([Decimal("5.0"), 0, 7], pa.decimal128(9, 1)), TypeError, "scale 0"),
    (pa.array([5, 0, 7]).dictionary_encode(), TypeError, "dictionary"),
    (pa.array([0, 2**128, 0], pa.decimal256(76, 0)), OverflowError, r"amounts\[1\]"),
    (pa.array([0, -(2**127) - 1, 0], pa.decimal256(76, 0)), ValueError, r"amounts\[1\] must not be negative"),
    (pa.array([0, -5, 0], pa.decimal256(76, 0)), ValueError, r"amounts\[1\] must not be negative, not -5"),
    ("567", TypeError, "str"),
    (b"567", TypeError, "bytes"),
    ({5, 0, 7}, TypeError, "set"),
    ({5: 0}, TypeError, "dict"),
    (iter([5, 0, 7]), TypeError, "iterator"),
    (5, TypeError, "int"),
    (None, TypeError, "None"),
    ([5, 0], ValueError, "3 leaves and 2 amounts"),
    (np.arange(4), ValueError, "3 leaves and 4 amounts"),
    (range(2**62), ValueError, "3 leaves and 4611686018427387904 amounts"),
]


@pytest.mark.parametrize(("amounts", "error", "words"), ARRAYS, ids=lambda value: str(value)[:20])
def test_forms_that_are_refused(amounts: Any, error: type[Exception], words: str) -> None:
    with pytest.raises(error, match=words):
        ts.SumTree(LEAVES, amounts)


OF_A_CLAIM = [(amounts, error) for amounts, error, _ in ARRAYS]


@pytest.mark.parametrize(("amounts", "error"), OF_A_CLAIM, ids=lambda value: str(value)[:20])
def test_verifiers_refuse_values_as_false_claims(amounts: Any, error: type[Exception]) -> None:
    head, many, each = EXPECTED.head, EXPECTED.prove_many([0, 1, 2]), EXPECTED.prove_each()
    wanted = TypeError if error is TypeError else ts.InvalidProof
    with pytest.raises(wanted):
        head.verify_many([0, 1, 2], LEAVES, amounts, many)
    with pytest.raises(wanted):
        head.verify_each([0, 1, 2], LEAVES, amounts, each)
    with pytest.raises(wanted):
        many.extract_each([0, 1, 2], LEAVES, amounts, head)


def test_one_amount_that_is_none_among_good_ones() -> None:
    head, each = EXPECTED.head, EXPECTED.prove_each()
    assert head.check_each([0, 1, 2], LEAVES, [5, -1, 7], each).tolist() == [True, False, True]
    assert head.check_each([0, 1, 2], LEAVES, [5, 0, 2**128 + 7], each).tolist() == [True, True, False]
    with pytest.raises(ts.InvalidProof, match=r"1 of 3 .* place 1: amount -1 is not from 0") as caught:
        head.verify_each([0, 1, 2], LEAVES, [5, -1, 7], each)
    assert (caught.value.reason, caught.value.failed) == (ts.Reason.SOME_FAILED, (1,))
