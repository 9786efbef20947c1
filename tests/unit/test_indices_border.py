"""The border for one leaf, for indices and for arrays that are handed out."""

from __future__ import annotations

import array
import ctypes
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest
import tallystick as ts

SQUARE = np.arange(64, dtype=np.uint8).reshape(8, 8)


# --- one leaf  ---


@pytest.mark.parametrize(
    "leaf",
    [
        b"",
        b"leaf",
        bytearray(b"leaf"),
        memoryview(b"leaf"),
        memoryview(b""),
        np.arange(32, dtype=np.uint8),
        SQUARE,
        np.zeros(70_000, np.uint8),
        array.array("H", [1, 2]),
        (ctypes.c_ubyte * 4)(1, 2, 3, 4),
    ],
    ids=lambda leaf: f"{type(leaf).__name__}-{memoryview(leaf).nbytes}",
)
def test_every_buffer_is_a_leaf(leaf: Any) -> None:
    tree = ts.MerkleTree()
    assert tree.append(leaf) == 0
    assert tree.head == ts.head_of([bytes(leaf)])


@pytest.mark.parametrize(
    "leaf",
    ["text", 5, None, 1.5, [b"leaf"], np.int64(5), np.str_("text"), SQUARE[:, 0], np.array([None])],
    ids=lambda leaf: type(leaf).__name__,
)
def test_what_is_no_leaf(leaf: Any) -> None:
    tree = ts.MerkleTree()
    with pytest.raises(TypeError, match="leaf"):
        tree.append(leaf)
    assert len(tree) == 0


# --- indices  ---

TREE_ROWS = [bytes([index]) for index in range(20)]
PLACES = [3, 0, 19, 7]


class Place:
    """An integer by `__index__` only."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __index__(self) -> int:
        return self.value


INDICES: dict[str, Callable[[], Any]] = {
    "tuple": lambda: tuple(PLACES),
    "deque": lambda: deque(PLACES),
    "numpy integers": lambda: [np.int16(place) for place in PLACES],
    "objects": lambda: [Place(place) for place in PLACES],
    "strided": lambda: np.repeat(np.array(PLACES), 3)[::3],
    "reversed": lambda: np.array(PLACES[::-1])[::-1],
    "polars": lambda: pl.Series(PLACES),
    **{f"numpy {code}": (lambda code=code: np.array(PLACES, code)) for code in "bBhHiIlLqQ"},
}


@pytest.mark.parametrize("form", INDICES)
def test_every_form_of_indices_means_the_same(form: str) -> None:
    tree = ts.MerkleTree(TREE_ROWS)
    assert tree.prove_each(INDICES[form]()) == tree.prove_each(PLACES)


@pytest.mark.parametrize("indices", [range(20), range(3, 17, 5), range(19, -1, -3), range(5, 5)])
def test_ranges_are_indices(indices: range) -> None:
    tree = ts.MerkleTree(TREE_ROWS)
    assert tree.prove_each(indices) == tree.prove_each(list(indices))


@pytest.mark.parametrize(
    "indices",
    [
        "12",
        b"12",
        bytearray(b"12"),
        5,
        {1},
        {1: 2},
        (place for place in PLACES),
        np.array([1.0]),
        np.array([True]),
        np.array([[1]]),
        np.array(1),
        np.array([1], np.dtype(np.int32).newbyteorder()),
        [1, True],
        [1, np.True_],
        [1, 1.0],
        [1, "1"],
        [1, None],
    ],
    ids=repr,
)
def test_what_is_no_indices(indices: Any) -> None:
    with pytest.raises(TypeError):
        ts.MerkleTree(TREE_ROWS).prove_each(indices)


OUTSIDE = [-1, 20, 2**63, 2**64, -(2**64), 10**5000, np.int64(-1), np.uint64(2**64 - 1)]


@pytest.mark.parametrize("index", OUTSIDE, ids=range(len(OUTSIDE)))
def test_an_index_outside_of_the_tree(index: Any) -> None:
    with pytest.raises(IndexError):
        ts.MerkleTree(TREE_ROWS).prove(index)


@pytest.mark.parametrize(
    "index", [True, np.True_, 1.0, np.float64(1), "1", b"1", None, np.array([1]), np.array(True)]
)
def test_what_is_no_index(index: Any) -> None:
    with pytest.raises(TypeError):
        ts.MerkleTree(TREE_ROWS).prove(index)


# --- arrays handed out  ---


@pytest.mark.parametrize("size", [1, 20])
def test_arrays_are_read_only_and_stay_so(size: int) -> None:
    batch = ts.MerkleTree(TREE_ROWS[:size]).prove_each()
    proof = ts.MerkleTree(TREE_ROWS[:size]).prove(0)
    for values, dtype, dimensions in (
        (batch.digests, np.uint8, 2),
        (batch.offsets, np.uint64, 1),
        (proof.digests, np.uint8, 2),
    ):
        assert isinstance(values, np.ndarray)
        assert values.dtype == dtype
        assert values.ndim == dimensions
        assert not values.flags.writeable
        with pytest.raises(ValueError, match="WRITEABLE"):
            values.setflags(write=True)
        with pytest.raises(TypeError):
            memoryview(values.base).cast("B")[:1] = b"x"
    assert batch.digests.shape[1] == proof.digests.shape[1] == 32
    assert batch.offsets.shape == (size + 1,)
