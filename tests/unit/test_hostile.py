"""Input that is made to break things: absurd sizes, lying subclasses, malformed structs, a busy pool."""

from __future__ import annotations

import ctypes
import threading
import time
from typing import Any

import numpy as np
import pyarrow as pa
import pytest
import tallystick as ts


def nulls(rows: int) -> pa.Array:
    """An array that says it has so many rows and needs no memory for them."""
    return pa.Array.from_buffers(pa.null(), rows, [None])


class LyingInt(int):
    def __abs__(self) -> int:
        return 5

    def __str__(self) -> str:
        return "-2"


class TooManyBuffers:
    def __arrow_c_array__(self, _: object = None) -> tuple[Any, Any]:
        pointer = ctypes.pythonapi.PyCapsule_GetPointer
        pointer.restype = ctypes.c_void_p
        pointer.argtypes = [ctypes.py_object, ctypes.c_char_p]
        schema, array = pa.array([b"x"], pa.binary_view()).__arrow_c_array__()
        ctypes.c_int64.from_address(pointer(array, b"arrow_array") + 24).value = 2**63 - 1
        return schema, array


def test_more_memory_than_there_is() -> None:
    with pytest.raises(MemoryError):
        ts.encode_rows({"a": nulls(2**39)})
    with pytest.raises(MemoryError):
        ts.encode_rows({"a": pa.chunked_array([nulls(2**39)] * 512)})
    # Zero pages that nobody touched cost nothing; their tree would take 190 GB.
    with pytest.raises(MemoryError):
        ts.MerkleTree(np.zeros((3 * 10**9, 1), np.uint8))


def test_lengths_that_overflow() -> None:
    with pytest.raises(ValueError, match=r"malformed|failed"):
        ts.encode_rows({"a": pa.chunked_array([nulls(2**55)] * 512)})
    with pytest.raises(ValueError, match="buffer"):
        ts.head_of(TooManyBuffers())
    tree = ts.MerkleTree([b"a"])
    with pytest.raises(ts.InvalidProof):
        tree.head.verify_each([0], TooManyBuffers(), tree.prove_each())


def test_subclasses_of_int_count_by_their_value() -> None:
    (row,) = ts.encode_rows({"a": [LyingInt(2**64)]})
    assert row[5:] == b"18446744073709551616"
    batch = ts.MerkleTree([b"a", b"b"]).prove_each()
    assert batch[LyingInt(-1)] == batch[1]
    with pytest.raises(IndexError):
        batch[LyingInt(2**70)]


def test_a_busy_pool_does_not_stall_small_calls() -> None:
    before = ts.get_threads()
    ts.set_threads(2)
    try:
        leaves = [b"%d" % number for number in range(3000)]
        tree = ts.MerkleTree(leaves)
        batch = tree.prove_each()
        rows = np.zeros((40_000_000, 32), np.uint8)  # untouched, so no memory
        big = threading.Thread(
            target=ts.head_of, args=(rows,), kwargs={"scheme": ts.schemes.get("native/sha3_256")}
        )
        big.start()
        time.sleep(0.2)
        tree.head.verify_each(range(3000), leaves, batch)
        assert big.is_alive(), (
            "the small call waited for the big one, or the big one is too small for this test"
        )
        big.join()
    finally:
        ts.set_threads(before)


def test_an_iterator_ends_with_its_first_exception() -> None:
    tree = ts.MerkleTree([b"%d" % number for number in range(100)])
    batches = tree.proofs(chunk=10)
    assert len(next(batches)) == 10
    tree.update([99], [b"changed"])
    with pytest.raises(ts.StaleHead):
        next(batches)
    assert list(batches) == []


class Endless:
    """A sequence that says how long it is and never ends."""

    def __init__(self, length: int, item: Any) -> None:
        self.length, self.item = length, item

    def __len__(self) -> int:
        return self.length

    def __getitem__(self, _: int) -> Any:
        return self.item


class Short(Endless):
    """A sequence that ends before it says so."""

    def __getitem__(self, place: int) -> Any:
        if place >= 1:
            raise IndexError(place)
        return self.item


def test_sequences_are_read_as_far_as_they_say() -> None:
    assert ts.MerkleTree(Endless(3, b"x")).root == ts.MerkleTree([b"x"] * 3).root
    with pytest.raises(TypeError, match="says that its length is 2, and has no item 1"):
        ts.MerkleTree(Short(2, b"x"))
    with pytest.raises(ValueError, match="given twice"):
        ts.schemes.NATIVE.plan(7, Endless(2, 1))


def test_lengths_that_cost_nothing_to_claim() -> None:
    tree = ts.MerkleTree([b"a", b"b", b"c"])
    head, proof = tree.head, tree.prove_many([0])
    endless = np.broadcast_to(np.uint64(1), (1 << 40,))
    for indices in (endless, range(1 << 40), range(1 << 70)):
        for claim in (
            lambda indices=indices: head.verify_many(indices, [b"a"], proof),
            lambda indices=indices: proof.extract(indices, [b"a"], 0, head),
            lambda indices=indices: proof.merge(indices, [b"a"], proof, [0], [b"a"], head),
            lambda indices=indices: head.verify_each(indices, [b"a"], tree.prove_each([0])),
        ):
            with pytest.raises(ts.InvalidProof) as refused:
                claim()
            assert refused.value.reason is ts.Reason.LENGTH_MISMATCH
    for outside in (range(1 << 40), range(2, -(1 << 40), -1), range(1 << 70)):
        for call in (tree.prove_many, tree.prove_each, tree.proofs, lambda x: ts.schemes.NATIVE.plan(3, x)):
            with pytest.raises(IndexError):
                call(outside)
        with pytest.raises(IndexError):
            tree.update(outside, [b"x"])
    with pytest.raises(ValueError, match="offsets"):
        ts.ProofBatch([], range(1 << 40))


def test_the_first_index_outside_is_named() -> None:
    head = ts.MerkleTree([b"a"]).head
    with pytest.raises(ts.InvalidProof, match=r"index -5 is not below the size, 1"):
        head.verify_many([0, -5, *[1 << 14000] * 5000], [b""] * 5002, ts.MultiProof([]))


def test_dates_are_no_leaves() -> None:
    for leaf in (np.datetime64("2026-01-01"), np.timedelta64(3, "D")):
        with pytest.raises(TypeError, match="bytes-like"):
            ts.MerkleTree([leaf])


def test_errors_of_the_callers_own_code_stay_what_they_are() -> None:
    class Mine:
        def __len__(self) -> int:
            return 1

        def __getitem__(self, _: int) -> bytes:
            raise ValueError("mine")

    tree = ts.MerkleTree([b"a"])
    for claim in (
        lambda: tree.head.verify_many([0], Mine(), tree.prove_many([0])),
        lambda: tree.head.verify_each([0], Mine(), tree.prove_each([0])),
    ):
        with pytest.raises(ValueError, match="mine") as raised:
            claim()
        assert not isinstance(raised.value, ts.InvalidProof)
