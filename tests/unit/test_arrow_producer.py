"""Arrow arrays made by hand, for what other producers refuse to make: nothing malformed is read."""

from __future__ import annotations

import ctypes
import struct
from collections.abc import Iterator
from typing import Any

import pyarrow as pa
import pytest
import tallystick as ts

FIXED = [bytes([index]) * 8 for index in range(10)]


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
        capsules = pa.array(FIXED).__arrow_c_array__()

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
    schema = pa.schema([("a", pa.binary())])

    def batches() -> Iterator[Any]:
        yield pa.record_batch({"a": [b"x"]}, schema=schema)
        raise RuntimeError("the disk is gone")

    with pytest.raises(ValueError, match="the disk is gone"):
        ts.encode_rows(pa.RecordBatchReader.from_batches(schema, batches()))


def test_arrow_memory_is_released() -> None:
    before = pa.total_allocated_bytes()
    for kind in (pa.binary(), pa.binary_view(), pa.binary(8)):
        column = pa.chunked_array([pa.array(part, kind) for part in (FIXED * 400, [], FIXED * 600)])
        ts.head_of(column)
        with pytest.raises(ValueError, match="null"):
            ts.head_of(pa.array([*FIXED, None], kind))
        del column
    assert pa.total_allocated_bytes() == before
