"""The border for rows: forms of the same data give one head, the rest is refused."""

from __future__ import annotations

import array
import mmap
import threading
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest
import tallystick as ts

Rows = list[bytes]

FIXED: Rows = [bytes([index]) * 8 for index in range(10)]
RAGGED: Rows = [b"", b"a", b"twelve bytes", b"thirteen byte", b"x" * 1000, b"", b"\x00\xff"]


def arrow() -> Any:
    return pytest.importorskip("pyarrow")


def polars() -> Any:
    return pytest.importorskip("polars")


def array_of(rows: Rows) -> np.ndarray:
    return np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), -1)


def chunked(rows: Rows, kind: Any) -> Any:
    pa = arrow()
    parts = [[], rows[:2], [], rows[2:3], rows[3:], []]
    return pa.chunked_array([pa.array(part, kind) for part in parts])


def sliced(rows: Rows, kind: Any, filler: bytes) -> Any:
    return arrow().array([filler] * 3 + rows + [filler], kind)[3 : 3 + len(rows)]


class Sequenced(Sequence[bytes]):
    """A sequence by the book, and no list."""

    def __init__(self, rows: Rows) -> None:
        self.rows = rows

    def __len__(self) -> int:
        return len(self.rows)

    def __getitem__(self, index: Any) -> Any:
        return self.rows[index]


class Capsules:
    """An object whose Arrow form is another's."""

    def __init__(self, inner: Any) -> None:
        self.inner = inner

    def __arrow_c_stream__(self, requested_schema: object = None) -> object:
        return self.inner.__arrow_c_stream__(requested_schema)


FORMS: dict[str, Callable[[Rows], Any]] = {
    "list": list,
    "tuple": tuple,
    "deque": deque,
    "sequence": Sequenced,
    "bytearrays": lambda rows: [bytearray(row) for row in rows],
    "memoryviews": lambda rows: [memoryview(row) for row in rows],
    "arrays": lambda rows: [np.frombuffer(row, np.uint8) for row in rows],
    "mixed": lambda rows: [row if index % 2 else bytearray(row) for index, row in enumerate(rows)],
    "binary": lambda rows: arrow().array(rows, arrow().binary()),
    "large binary": lambda rows: arrow().array(rows, arrow().large_binary()),
    "binary view": lambda rows: arrow().array(rows, arrow().binary_view()),
    "binary chunks": lambda rows: chunked(rows, arrow().binary()),
    "large binary chunks": lambda rows: chunked(rows, arrow().large_binary()),
    "binary view chunks": lambda rows: chunked(rows, arrow().binary_view()),
    "binary slice": lambda rows: sliced(rows, arrow().binary(), b"filler"),
    "binary view slice": lambda rows: sliced(rows, arrow().binary_view(), b"a filler that is long"),
    "stream": lambda rows: Capsules(arrow().chunked_array([rows], arrow().binary())),
    "polars": lambda rows: polars().Series(rows, dtype=polars().Binary),
    "polars slice": lambda rows: polars().Series([b"filler", *rows], dtype=polars().Binary)[1:],
}

FIXED_FORMS: dict[str, Callable[[Rows], Any]] = {
    "numpy": array_of,
    "numpy read-only": lambda rows: np.frombuffer(b"".join(rows), np.uint8).reshape(len(rows), -1),
    "numpy rows of a larger one": lambda rows: np.vstack([array_of(rows), array_of(rows)])[: len(rows)],
    "memoryview": lambda rows: memoryview(b"".join(rows)).cast("B", (len(rows), len(rows[0]))),
    "list of numpy rows": lambda rows: list(array_of(rows)),
    "fixed-size binary": lambda rows: arrow().array(rows, arrow().binary(8)),
    "fixed-size binary chunks": lambda rows: chunked(rows, arrow().binary(8)),
    "fixed-size binary slice": lambda rows: sliced(rows, arrow().binary(8), b"12345678"),
}


def check(rows: Rows, form: Any) -> None:
    head = ts.head_of(list(rows))
    assert head.size == len(rows)
    assert ts.head_of(form) == head
    assert ts.MerkleTree(form).head == head


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize(
    "rows", [FIXED, RAGGED, RAGGED * 2000, [b""], []], ids=["fixed", "ragged", "many", "empty", "none"]
)
def test_every_form_of_rows_gives_one_head(rows: Rows, form: str) -> None:
    check(rows, FORMS[form](rows))


@pytest.mark.parametrize("form", FIXED_FORMS)
@pytest.mark.parametrize("times", [1, 1500])
def test_every_form_of_rows_of_one_width_gives_one_head(form: str, times: int) -> None:
    check(FIXED * times, FIXED_FORMS[form](FIXED * times))


@pytest.mark.parametrize("width", [1, 32])
def test_arrays_without_rows(width: int) -> None:
    check([], np.empty((0, width), np.uint8))


def test_arrow_columns_without_chunks() -> None:
    pa = arrow()
    check([], pa.chunked_array([], pa.binary()))
    check([], pa.chunked_array([], pa.binary(4)))
    check([], pa.array([], pa.binary(4)))


def test_an_array_is_read_by_its_buffer_not_as_a_sequence_of_rows() -> None:
    rows = np.arange(64, dtype=np.uint8).reshape(2, 32)
    assert ts.head_of(rows) == ts.head_of([row.tobytes() for row in rows])


def test_bitmaps_without_a_null_are_looked_at() -> None:
    pa = arrow()
    offsets = pa.py_buffer(np.arange(11, dtype=np.int32))
    data = pa.py_buffer(bytes(range(10)))
    for bitmap, offset in ((b"\xff\x03", 0), (b"\xfe\x03", 1)):
        column = pa.Array.from_buffers(
            pa.binary(), 10 - offset, [pa.py_buffer(bitmap), offsets, data], offset=offset
        )
        check([bytes([index]) for index in range(offset, 10)], column)


# --- what is no rows  ---

SQUARE = np.arange(64, dtype=np.uint8).reshape(8, 8)

WRONG: dict[str, tuple[Callable[[], Any], str]] = {
    "bytes": (lambda: b"leaf", r"bytes is one leaf.*\[data\]"),
    "bytearray": (lambda: bytearray(b"leaf"), "one leaf"),
    "memoryview": (lambda: memoryview(b"leaf"), "one leaf"),
    "mmap": (lambda: mmap.mmap(-1, 16), "one leaf"),
    "array of bytes": (lambda: array.array("B", b"leaf"), "one leaf"),
    "one dimension": (lambda: SQUARE[0], r"uint8 of shape \(8,\).*one leaf"),
    "three dimensions": (lambda: SQUARE.reshape(2, 4, 8), r"shape \(2, 4, 8\)"),
    "scalar": (lambda: np.uint8(1), "scalar"),
    "str": (lambda: "leaf", "not str"),
    "dict": (lambda: {b"a": 1}, "not dict"),
    "set": (lambda: {b"a"}, "not set"),
    "generator": (lambda: (row for row in FIXED), "not generator"),
    "iterator": (lambda: iter(FIXED), "iterator"),
    "None": (lambda: None, "not NoneType"),
    "int": (lambda: 5, "not int"),
    "object": (object, "not object"),
    "float64": (lambda: np.zeros((2, 3)), r"float64 of shape \(2, 3\)"),
    "bool": (lambda: np.zeros((2, 3), bool), r"bool of shape \(2, 3\)"),
    "int8": (lambda: np.zeros((2, 3), np.int8), r"int8 of shape \(2, 3\)"),
    "int64": (lambda: np.zeros((2, 3), np.int64), "int64"),
    "uint16": (lambda: np.zeros((2, 3), np.uint16), "uint16"),
    "swapped": (lambda: np.zeros((2, 3), ">i8"), "byte order"),
    "fixed bytes": (lambda: np.array(FIXED), "8s"),
    "objects": (lambda: np.array([b"a", b"bc"], object), "O"),
    "dates": (lambda: np.array(["2020-01-01"], "M8[D]"), "numpy.ndarray"),
    "columns of an array": (lambda: SQUARE[:, :4], "numpy.ascontiguousarray"),
    "every other column": (lambda: SQUARE[:, ::2], "numpy.ascontiguousarray"),
    "every other row": (lambda: SQUARE[::2], "numpy.ascontiguousarray"),
    "transposed": (lambda: SQUARE.T, "numpy.ascontiguousarray"),
    "fortran": (lambda: np.asfortranarray(SQUARE), "numpy.ascontiguousarray"),
    "text in a list": (lambda: [b"a", "b"], r"leaves\[1\] .*not str"),
    "int in a list": (lambda: [1, b"a"], r"leaves\[0\] .*not int"),
    "None in a list": (lambda: [b"a", b"b", None], r"leaves\[2\] .*not NoneType"),
    "list in a list": (lambda: [[b"a"]], r"leaves\[0\] .*not list"),
    "numpy scalars in a list": (lambda: list(np.arange(3)), r"leaves\[0\].*scalar"),
    "numpy text in a list": (lambda: [np.str_("a")], r"leaves\[0\] .*numpy.str_"),
    "objects in a list": (lambda: [b"a", np.array([b"b"], object)], r"leaves\[1\].*objects"),
    "strided in a list": (lambda: [memoryview(b"abcd")[::2]], r"leaves\[0\].*contiguous"),
    "ints": (lambda: range(3), r"leaves\[0\] .*not int"),
    "arrow text": (lambda: arrow().array(["a"]), "cast the text to binary"),
    "arrow text view": (lambda: arrow().array(["a"], arrow().string_view()), "cast the text to binary"),
    "arrow ints": (lambda: arrow().array([1]), "binary"),
    "arrow null column": (lambda: arrow().nulls(1), "binary"),
    "arrow dictionary": (lambda: arrow().array(FIXED).dictionary_encode(), "dictionary"),
    "arrow list": (lambda: arrow().array([[b"a"]]), "binary"),
    "arrow table": (lambda: arrow().table({"a": FIXED}), "encode_rows"),
    "arrow batch": (lambda: arrow().table({"a": FIXED}).to_batches()[0], "encode_rows"),
    "polars frame": (lambda: polars().DataFrame({"a": FIXED}), "encode_rows"),
    "polars text": (lambda: polars().Series(["a"]), "cast the text to binary"),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong_types_are_refused_with_a_remedy(name: str) -> None:
    make, message = WRONG[name]
    rows = make()
    with pytest.raises(TypeError, match=message):
        ts.head_of(rows)
    with pytest.raises(TypeError, match=message):
        ts.MerkleTree(rows)


@pytest.mark.parametrize("rows", [0, 3])
def test_width_zero_is_refused(rows: int) -> None:
    with pytest.raises(ValueError, match=r"\(\d, 0\)"):
        ts.head_of(np.empty((rows, 0), np.uint8))


def test_fixed_size_binary_of_width_zero_is_refused() -> None:
    with pytest.raises(ValueError, match="width 0"):
        ts.head_of(arrow().array([b""], arrow().binary(0)))


@pytest.mark.parametrize("kind", ["binary", "large_binary", "binary_view"])
@pytest.mark.parametrize("null", [0, 7, 8, 19, 25])
def test_nulls_are_refused_with_their_row(kind: str, null: int) -> None:
    pa = arrow()
    rows = [None if index == null else b"row %d" % index for index in range(26)]
    of_kind = getattr(pa, kind)()
    for column in (
        pa.array(rows, of_kind),
        pa.array([b"filler", *rows], of_kind)[1:],
        pa.chunked_array([pa.array(part, of_kind) for part in (rows[:3], [], rows[3:9], rows[9:])]),
    ):
        with pytest.raises(ValueError, match=rf"row {null} is null"):
            ts.head_of(column)


def test_nulls_of_other_producers_are_refused() -> None:
    pa = arrow()
    with pytest.raises(ValueError, match="row 1 is null"):
        ts.head_of(pa.array([b"ab", None], pa.binary(2)))
    with pytest.raises(ValueError, match="row 2 is null"):
        ts.head_of(polars().Series([b"a", b"b", None]))


# --- while other threads run  ---


def test_a_list_may_change_while_it_is_read() -> None:
    rows = [b"row %d" % index for index in range(200_000)]
    expected = {ts.head_of(list(rows)), ts.head_of([])}
    for _ in range(3):
        changing = [bytes(bytearray(row)) for row in rows]
        thread = threading.Thread(target=changing.clear)
        thread.start()
        found = ts.head_of(changing)
        thread.join()
        assert found in expected


def test_items_that_can_change_are_copied() -> None:
    leaf = bytearray(b"before")
    tree = ts.MerkleTree([leaf])
    leaf[:] = b"after!"
    assert tree.head == ts.head_of([b"before"])
    leaf.extend(b"not exported any more")
