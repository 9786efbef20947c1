"""The border for rows, leaves and indices: forms of the same data give one head, the rest is refused."""

from __future__ import annotations

import array
import ctypes
import mmap
import struct
import threading
from collections import deque
from collections.abc import Callable, Iterator, Sequence
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


# --- a producer by hand, for what other producers refuse to make  ---

Release = ctypes.CFUNCTYPE(None, ctypes.c_void_p)


class CSchema(ctypes.Structure):
    _fields_ = (
        ("format", ctypes.c_char_p),
        ("name", ctypes.c_char_p),
        ("metadata", ctypes.c_char_p),
        ("flags", ctypes.c_int64),
        ("n_children", ctypes.c_int64),
        ("children", ctypes.c_void_p),
        ("dictionary", ctypes.c_void_p),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    )


class CArray(ctypes.Structure):
    _fields_ = (
        ("length", ctypes.c_int64),
        ("null_count", ctypes.c_int64),
        ("offset", ctypes.c_int64),
        ("n_buffers", ctypes.c_int64),
        ("n_children", ctypes.c_int64),
        ("buffers", ctypes.c_void_p),
        ("children", ctypes.c_void_p),
        ("dictionary", ctypes.c_void_p),
        ("release", ctypes.c_void_p),
        ("private_data", ctypes.c_void_p),
    )


class Producer:
    """An Arrow array of given buffers, and how often its structs were released."""

    def __init__(
        self, layout: str, length: int, *buffers: bytes | None, offset: int = 0, null_count: int = 0
    ) -> None:
        self.released = {"schema": 0, "array": 0}
        self.kept = [
            None if buffer is None else ctypes.create_string_buffer(buffer, len(buffer)) for buffer in buffers
        ]
        addresses = [None if buffer is None else ctypes.addressof(buffer) for buffer in self.kept]
        self.pointers = (ctypes.c_void_p * len(buffers))(*addresses)
        self.callbacks = (Release(self.release_schema), Release(self.release_array))
        release = [ctypes.cast(callback, ctypes.c_void_p).value for callback in self.callbacks]
        self.schema = CSchema(format=layout.encode(), name=b"", release=release[0])
        self.array = CArray(
            length, null_count, offset, len(buffers), 0, ctypes.addressof(self.pointers), release=release[1]
        )

    def release_schema(self, struct: int) -> None:
        self.released["schema"] += 1
        CSchema.from_address(struct).release = None

    def release_array(self, struct: int) -> None:
        self.released["array"] += 1
        CArray.from_address(struct).release = None

    def __arrow_c_array__(self, requested_schema: object = None) -> object:
        new = ctypes.pythonapi.PyCapsule_New
        new.restype, new.argtypes = ctypes.py_object, (ctypes.c_void_p, ctypes.c_char_p, ctypes.c_void_p)
        return (
            new(ctypes.addressof(self.schema), b"arrow_schema", None),
            new(ctypes.addressof(self.array), b"arrow_array", None),
        )


def offsets_of(*offsets: int, code: str = "i") -> bytes:
    return struct.pack(f"<{len(offsets)}{code}", *offsets)


def malformed(producer: Producer) -> None:
    with pytest.raises(ValueError, match="malformed"):
        ts.head_of(producer)
    assert producer.released == {"schema": 1, "array": 1}


@pytest.mark.parametrize("layout", ["z", "u"])
def test_structs_are_released_once_whatever_happens(layout: str) -> None:
    producer = Producer(layout, 2, None, offsets_of(0, 1, 3), b"abc")
    if layout == "z":
        assert ts.head_of(producer) == ts.head_of([b"a", b"bc"])
    else:
        with pytest.raises(TypeError):
            ts.head_of(producer)
    assert producer.released == {"schema": 1, "array": 1}


@pytest.mark.parametrize("null_count", [-1, 0, 1])
def test_nulls_are_found_in_the_bitmap_not_in_the_count(null_count: int) -> None:
    for bitmap, offset, row in ((b"\x05", 0, 1), (b"\x0b", 1, 1), (b"\xfe", 0, 0)):
        producer = Producer(
            "z", 3, bitmap, offsets_of(0, 1, 2, 3, 3), b"abc", offset=offset, null_count=null_count
        )
        with pytest.raises(ValueError, match=f"row {row} is null"):
            ts.head_of(producer)
    all_there = Producer("z", 3, b"\xf7", offsets_of(0, 1, 2, 3), b"abc", null_count=null_count)
    assert ts.head_of(all_there) == ts.head_of([b"a", b"b", b"c"])


def test_nulls_without_a_bitmap() -> None:
    assert ts.head_of(Producer("z", 1, None, offsets_of(0, 1), b"a", null_count=-1)) == ts.head_of([b"a"])
    malformed(Producer("z", 1, None, offsets_of(0, 1), b"a", null_count=1))


@pytest.mark.parametrize(
    "offsets", [(-1, 1), (2, 1), (0, 3, 2), (0, -1, 1), (0, 2**31 - 1, 1), (-(2**31), 0)]
)
def test_offsets_that_descend_are_refused(offsets: tuple[int, ...]) -> None:
    malformed(Producer("z", len(offsets) - 1, None, offsets_of(*offsets), b"abc"))
    malformed(Producer("Z", len(offsets) - 1, None, offsets_of(*offsets, code="q"), b"abc"))


def view(size: int, buffer: int = 0, start: int = 0) -> bytes:
    return struct.pack("<i4sii", size, b"abcd", buffer, start)


@pytest.mark.parametrize(
    "bad",
    [view(-1), view(13, 1), view(13, -1), view(13, 0, -1), view(13, 0, 8), view(2**31 - 1, 0, 2**31 - 1)],
)
def test_views_that_lead_outside_are_refused(bad: bytes) -> None:
    data = b"abcdefghijklmnopqrst"
    good = Producer("vz", 1, None, view(13, 0, 7), data, offsets_of(20, code="q"))
    assert ts.head_of(good) == ts.head_of([data[7:]])
    malformed(Producer("vz", 1, None, bad, data, offsets_of(20, code="q")))
    malformed(Producer("vz", 2, None, view(13, 0, 7) + bad, data, offsets_of(20, code="q")))
    malformed(Producer("vz", 1, None, view(13), data, offsets_of(-1, code="q")))
    malformed(Producer("vz", 1, None, view(13), data, None))
    malformed(Producer("vz", 1, None, view(13)))


def test_buffers_may_be_missing_only_where_no_byte_is_needed() -> None:
    assert ts.head_of(Producer("z", 0, None, None, None)) == ts.head_of([])
    assert ts.head_of(Producer("z", 2, None, offsets_of(0, 0, 0), None)) == ts.head_of([b"", b""])
    assert ts.head_of(Producer("w:4", 0, None, None)) == ts.head_of([])
    assert ts.head_of(Producer("vz", 0, None, None, None)) == ts.head_of([])
    malformed(Producer("z", 2, None, offsets_of(0, 1, 1), None))
    malformed(Producer("z", 2, None, None, b"abc"))
    malformed(Producer("z", 2, None, offsets_of(0, 1, 1)))
    malformed(Producer("w:4", 1, None, None))
    malformed(Producer("z", 2))


@pytest.mark.parametrize(
    ("length", "offset"), [(-1, 0), (1, -1), (2**62, 0), (1, 2**62), (2**63 - 1, 2**63 - 1)]
)
def test_lengths_and_offsets_that_no_array_has(length: int, offset: int) -> None:
    malformed(Producer("z", length, None, offsets_of(0, 1), b"a", offset=offset))
    malformed(Producer("w:4", length, None, b"abcd", offset=offset))


@pytest.mark.parametrize("layout", ["w:0", "w:-1", "w:", "w:x", "", "zz", "q"])
def test_formats_that_are_no_rows(layout: str) -> None:
    with pytest.raises((TypeError, ValueError), match=r"binary"):
        ts.head_of(Producer(layout, 1, None, b"abcd"))


def test_a_width_that_overflows() -> None:
    malformed(Producer(f"w:{2**60}", 2**20, None, b"abcd"))


def test_a_capsule_serves_once() -> None:
    class Stale:
        capsules = arrow().array(FIXED).__arrow_c_array__()

        def __arrow_c_array__(self, requested_schema: object = None) -> object:
            return self.capsules

    assert ts.head_of(Stale()) == ts.head_of(FIXED)
    with pytest.raises(ValueError, match="released"):
        ts.head_of(Stale())


@pytest.mark.parametrize("result", [None, (), (1, 2), "capsule"])
def test_arrow_methods_that_return_something_else(result: object) -> None:
    class Odd:
        def __arrow_c_array__(self, requested_schema: object = None) -> object:
            return result

    with pytest.raises((TypeError, IndexError)):
        ts.head_of(Odd())


def test_a_stream_that_fails_says_why() -> None:
    pa = arrow()
    schema = pa.schema([("a", pa.binary())])

    def batches() -> Iterator[Any]:
        yield pa.record_batch({"a": [b"x"]}, schema=schema)
        raise RuntimeError("the disk is gone")

    with pytest.raises(ValueError, match="the disk is gone"):
        ts.encode_rows(pa.RecordBatchReader.from_batches(schema, batches()))


def test_arrow_memory_is_released() -> None:
    pa = arrow()
    before = pa.total_allocated_bytes()
    for kind in (pa.binary(), pa.binary_view(), pa.binary(8)):
        column = chunked(FIXED * 1000, kind)
        ts.head_of(column)
        with pytest.raises(ValueError, match="null"):
            ts.head_of(pa.array([*FIXED, None], kind))
        del column
    assert pa.total_allocated_bytes() == before


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
    "polars": lambda: polars().Series(PLACES),
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
