"""What is refused, by what exception, with which numbers in its message; and that nothing changed.

Three tables: rows, indices, claims. Every call that takes one is tried with every entry of its table.
"""

# ruff: noqa: ARG005 - every call of a table takes the same two arguments

from __future__ import annotations

import array
import re
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tallystick as ts

from tests.support import built, rows, state

LEAVES = rows(7)
GRID = np.zeros((7, 8), np.uint8)


class NoIndex:
    def __len__(self) -> int:
        return 1


class Broken:
    def __index__(self) -> int:
        raise ZeroDivisionError("a fault of its own")


# No rows. The match is what the message says of the argument.
BAD_ROWS: dict[str, tuple[Any, type[Exception], str]] = {
    "None": (None, TypeError, "NoneType"),
    "an int": (5, TypeError, "int"),
    "one leaf": (b"abc", TypeError, "bytes is one leaf"),
    "one leaf, mutable": (bytearray(b"abc"), TypeError, "bytearray is one leaf"),
    "text": ("abc", TypeError, "str"),
    "rows of text": ([b"a", "b"], TypeError, r"\[1\].*str"),
    "rows of ints": ([b"a", b"b", 3], TypeError, r"\[2\].*int"),
    "rows with None": ([None], TypeError, r"\[0\].*NoneType"),
    "rows of rows": ([[b"a"]], TypeError, r"\[0\].*list"),
    "a set": ({b"a"}, TypeError, "set"),
    "a mapping": ({0: b"a"}, TypeError, "dict"),
    "a generator": ((leaf for leaf in LEAVES), TypeError, "generator"),
    "one dimension": (np.zeros(8, np.uint8), TypeError, r"\(8,\)"),
    "three dimensions": (np.zeros((2, 2, 2), np.uint8), TypeError, r"\(2, 2, 2\)"),
    "no dimension": (np.uint8(3), TypeError, "uint8"),
    "width 0": (np.zeros((7, 0), np.uint8), ValueError, r"\(7, 0\)"),
    "strided rows": (GRID[::2], TypeError, "contiguous"),
    "strided columns": (GRID[:, ::2], TypeError, "contiguous"),
    "reversed": (GRID[::-1], TypeError, "contiguous"),
    "Fortran order": (np.zeros((7, 8), np.uint8, order="F"), TypeError, "contiguous"),
    "strided leaf": ([np.zeros(8, np.uint8)[::2]], TypeError, r"\[0\].*contiguous"),
    **{
        f"items of {dtype}": (np.zeros((7, 8), dtype), TypeError, "uint8|unsigned|bytes")
        for dtype in ("?", "i1", "u2", "i4", ">u4", "<u8", ">i8", "f4", "f8", ">f8", "c8", "S4", "U4", "O")
    },
    "datetimes": (np.zeros((7, 8), "M8[s]"), TypeError, "."),
    "records": (np.zeros(7, [("a", "u1"), ("b", "u1")]), TypeError, "."),
    "floats of the array module": (array.array("d", [1.0]), TypeError, "."),
}

Call = Callable[[ts.MerkleTree, Any], object]

ROW_CALLS: dict[str, Call] = {
    "MerkleTree": lambda tree, rows: ts.MerkleTree(rows),
    "head_of": lambda tree, rows: ts.head_of(rows),
    "extend": lambda tree, rows: tree.extend(rows),
    "update": lambda tree, rows: tree.update(range(7), rows),
    "digest_many": lambda tree, rows: ts.hashes.SHA256.digest_many(rows),
    "hazmat.tree": lambda tree, rows: ts.hazmat.tree(rows, scheme=tree.scheme),
    "InclusionProof": lambda tree, rows: ts.InclusionProof(rows),
    "MultiProof": lambda tree, rows: ts.MultiProof(rows),
    "ConsistencyProof": lambda tree, rows: ts.ConsistencyProof(rows),
    "Plan.proof": lambda tree, rows: tree.scheme.plan(7, [0]).proof(rows),
    "Shard": lambda tree, rows: ts.Shard.from_leaves(3, rows),
    "ProofBatch": lambda tree, rows: ts.ProofBatch(rows, [0]),
    "check_each": lambda tree, rows: tree.head.check_each(range(7), rows, tree.prove_each()),
}


def refused(call: Call, argument: Any, error: type[Exception], match: str) -> None:
    tree = built(LEAVES)
    before = state(tree)
    with pytest.raises(error) as caught:
        call(tree, argument)
    assert type(caught.value) is error or not issubclass(error, TypeError | ValueError | IndexError)
    assert re.search(match, str(caught.value)), str(caught.value)
    assert state(tree) == before


@pytest.mark.parametrize("name", BAD_ROWS)
@pytest.mark.parametrize("call", ROW_CALLS.values(), ids=ROW_CALLS)
def test_rows(call: Call, name: str) -> None:
    refused(call, *BAD_ROWS[name])


# No index. IndexError where the type is right; the message has the number.
BAD_TYPES: dict[str, Any] = {
    "True": True,
    "False": False,
    "numpy True": np.True_,
    "float": 1.0,
    "numpy float": np.float64(1),
    "fraction": Fraction(1),
    "text": "1",
    "bytes": b"1",
    "a list": [1],
    "an array of one": np.array([1.0]),
    "an object": NoIndex(),
}
OUTSIDE = (7, 8, 2**32, 2**63, 2**64 - 1, 2**64, 2**64 + 1, 2**70, -1, -7, -(2**63), -(2**64))

INDEX_CALLS: dict[str, Call] = {
    "prove": lambda tree, index: tree.prove(index),
    "prove for a head": lambda tree, index: tree.prove(index, head=tree.head),
    "prove_each": lambda tree, index: tree.prove_each([0, index]),
    "prove_many": lambda tree, index: tree.prove_many([0, index]),
    "proofs": lambda tree, index: tree.proofs([0, index]),
    "update": lambda tree, index: tree.update([0, index], [b"a", b"b"]),
    "plan": lambda tree, index: tree.scheme.plan(7, [0, index]),
}


@pytest.mark.parametrize("name", [*BAD_TYPES, "None"])
@pytest.mark.parametrize("call", INDEX_CALLS.values(), ids=INDEX_CALLS)
def test_types_of_indices(call: Call, name: str) -> None:
    refused(call, BAD_TYPES.get(name), TypeError, "integer")


@pytest.mark.parametrize("index", OUTSIDE)
@pytest.mark.parametrize("call", INDEX_CALLS.values(), ids=INDEX_CALLS)
def test_indices_outside(call: Call, index: int) -> None:
    refused(call, index, IndexError, rf"(?<!\d){index}(?!\d)")


@pytest.mark.parametrize("call", INDEX_CALLS.values(), ids=INDEX_CALLS)
def test_a_fault_of_the_caller_passes_through(call: Call) -> None:
    refused(call, Broken(), ZeroDivisionError, "a fault of its own")


BAD_INDICES: dict[str, Any] = {
    "an int": 3,
    "text": "012",
    "bytes": b"\x00\x01",
    "a set": {0, 1},
    "a mapping": {0: 1},
    "a generator": (i for i in range(3)),
    "floats": np.array([0.0, 1.0]),
    "bools": np.array([True, False]),
    "big-endian": np.array([0, 1], ">u8"),
    "big-endian, signed": np.array([0, 1], ">i4"),
    "two dimensions": np.zeros((2, 1), np.int64),
    "no dimension": np.array(3),
    "objects": np.array([0, 1], object),
    "datetimes": np.zeros(2, "M8[s]"),
}
INDICES_CALLS: dict[str, Call] = {
    "prove_each": lambda tree, indices: tree.prove_each(indices),
    "prove_many": lambda tree, indices: tree.prove_many(indices),
    "verify_many": lambda tree, indices: tree.head.verify_many(indices, LEAVES, tree.prove_many(range(7))),
    "extract": lambda tree, indices: tree.prove_many([0]).extract(indices, LEAVES, 0, tree.head),
    "proofs": lambda tree, indices: tree.proofs(indices),
    "update": lambda tree, indices: tree.update(indices, [b"a", b"b"]),
    "plan": lambda tree, indices: tree.scheme.plan(7, indices),
    "ProofBatch": lambda tree, indices: ts.ProofBatch([], indices),
    "verify_each": lambda tree, indices: tree.head.verify_each(indices, LEAVES, tree.prove_each()),
    "check_each": lambda tree, indices: tree.head.check_each(indices, LEAVES, tree.prove_each()),
}


@pytest.mark.parametrize("name", BAD_INDICES)
@pytest.mark.parametrize("call", INDICES_CALLS.values(), ids=INDICES_CALLS)
def test_types_of_many_indices(call: Call, name: str) -> None:
    refused(call, BAD_INDICES[name], TypeError, "ind|integer")


SIZES: tuple[tuple[Any, type[Exception]], ...] = (
    (-1, ValueError),
    (-(2**70), ValueError),
    (2**64, OverflowError),
    (2**70, OverflowError),
    *((value, TypeError) for value in BAD_TYPES.values()),
)
SIZE_CALLS: dict[str, Call] = {
    "head_at": lambda tree, size: tree.head_at(size),
    "TreeHead": lambda tree, size: ts.TreeHead(tree.scheme, size, tree.root),
    "plan": lambda tree, size: tree.scheme.plan(size, [0]),
    "proofs": lambda tree, size: tree.proofs(chunk=size),
    "prove_extends": lambda tree, size: tree.prove_extends(size),
    "Shard": lambda tree, size: ts.Shard.from_leaves(size, []),
    "InclusionProof": lambda tree, size: ts.InclusionProof([], digest_size=size),
    "MultiProof": lambda tree, size: ts.MultiProof([], digest_size=size),
    "ConsistencyProof": lambda tree, size: ts.ConsistencyProof([], digest_size=size),
    "ProofBatch": lambda tree, size: ts.ProofBatch([], [0], digest_size=size),
    "set_threads": lambda tree, size: ts.set_threads(size),
}


@pytest.mark.parametrize(("size", "error"), SIZES, ids=lambda value: repr(value)[:30])
@pytest.mark.parametrize("call", SIZE_CALLS.values(), ids=SIZE_CALLS)
def test_sizes(call: Call, size: Any, error: type[Exception]) -> None:
    refused(call, size, error, "integer" if error is TypeError else rf"(?<!\d){size}(?!\d)")


OTHERS: dict[str, tuple[Call, Any, type[Exception], str]] = {
    "chunk of 0": (lambda tree, value: tree.proofs(chunk=value), 0, ValueError, "1"),
    "unequal numbers": (
        lambda tree, value: tree.update([0, 1], value),
        LEAVES,
        ValueError,
        "2 indices and 7",
    ),
    "an index twice": (lambda tree, value: tree.update(value, LEAVES[:3]), [5, 2, 5], ValueError, "5"),
    "an index twice, same leaf": (
        lambda tree, value: tree.update(value, [b"", b""]),
        [2, 2],
        ValueError,
        "2",
    ),
    "growth from nothing": (lambda tree, value: tree.prove_extends(value), 0, ValueError, "empty one"),
    "growth from more": (lambda tree, value: tree.prove_extends(value), 8, ValueError, "8"),
    "a multi-proof of nothing": (lambda tree, value: tree.prove_many(value), [], ValueError, "at least one"),
    "a multi-proof of one twice": (lambda tree, value: tree.prove_many(value), [5, 2, 5], ValueError, "5"),
    "a shard of too many": (
        lambda tree, value: ts.Shard.from_leaves(2**64 - 1, value),
        [b""],
        OverflowError,
        "2",
    ),
    "0 threads": (lambda tree, value: ts.set_threads(value), 0, ValueError, "4096.*0"),
    "5000 threads": (lambda tree, value: ts.set_threads(value), 5000, ValueError, "5000"),
    **{
        f"{name} of {type(value).__name__}": (call, value, TypeError, ".")
        for value in ("text", 5, None, ["a"], LEAVES)
        for name, call in {
            "append": lambda tree, value: tree.append(value),
            "digest": lambda tree, value: ts.hashes.SHA256.digest(value),
            "context": lambda tree, value: tree.scheme.with_context(value),
            "root": lambda tree, value: ts.TreeHead(tree.scheme, 7, value),
        }.items()
    },
    **{
        f"a scheme of {type(value).__name__}": (
            lambda tree, value: ts.MerkleTree([], scheme=value),
            value,
            TypeError,
            "Scheme",
        )
        for value in ("native/blake3", ts.hashes.SHA256, 1, built([]).head)
    },
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_arguments(name: str) -> None:
    refused(*OTHERS[name])


def test_a_damaged_column_of_rows_changes_nothing() -> None:
    """The bad row comes last, after a thousand good ones."""
    tree = built(LEAVES)
    before = state(tree)
    for call in (tree.extend, lambda rows: tree.update(range(7), rows[-7:])):
        with pytest.raises(TypeError, match=r"\[(1000|6)\]"):
            call([*rows(1000), "text"])  # type: ignore[list-item]
    assert state(tree) == before


def test_a_missing_or_short_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        ts.MerkleTree.open(tmp_path / "missing")
    for short in (b"", b"tlyf", b"tlyf\x01" + bytes(100)):
        (tmp_path / "short").write_bytes(short)
        with pytest.raises(ts.DecodeError):
            ts.MerkleTree.open(tmp_path / "short")


KEYWORDS: tuple[tuple[Callable[..., object], dict[str, object]], ...] = (
    (ts.MerkleTree, {"leafs": []}),
    (ts.head_of, {"leaves": [], "hash": ts.hashes.SHA256}),
    (built(LEAVES).prove, {"index": 0, "size": 7}),
)


@pytest.mark.parametrize(("call", "arguments"), KEYWORDS)
def test_unknown_keywords(call: Callable[..., object], arguments: dict[str, object]) -> None:
    with pytest.raises(TypeError, match="unexpected keyword"):
        call(**arguments)


# What the message says behind the type's name.
REMEDIES: dict[str, tuple[Any, str]] = {
    "a set": ({b"a"}, "set; make it a list"),
    "a mapping": ({0: b"a"}, "dict; make it a list"),
    "an iterator": (iter(LEAVES), "list_iterator; make it a list"),
    "a shard": (ts.Shard.from_leaves(0, LEAVES), "tallystick.Shard"),
    "a tree": (built(LEAVES), "tallystick.MerkleTree"),
    "a class": (list, "type"),
    "an int": (5, "int"),
    "None": (None, "NoneType"),
}


@pytest.mark.parametrize("name", REMEDIES)
def test_a_list_is_advised_only_where_one_can_be_made(name: str) -> None:
    given, said = REMEDIES[name]
    message = f"^leaves must be a sequence or an array, not {re.escape(said)}$"
    with pytest.raises(TypeError, match=message):
        ts.MerkleTree(given)
