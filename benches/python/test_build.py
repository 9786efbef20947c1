"""Building trees: every scheme family and hash, every form of rows."""

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pytest
import tallystick as ts

Array = npt.NDArray[np.uint8]

FORMS: dict[str, Callable[[Array], object]] = {
    "array": lambda array: array,
    "list": lambda array: [row.tobytes() for row in array],
    "arrow-fixed": lambda array: pa.FixedSizeBinaryArray.from_buffers(
        pa.binary(array.shape[1]), len(array), [None, pa.py_buffer(array)]
    ),
    "arrow-binary": lambda array: pa.array([row.tobytes() for row in array], pa.binary()),
}


ROWS = [name for name in ts.schemes.names() if ts.schemes.get(name).kind in ("dense", "sum")]


@pytest.mark.parametrize("name", ROWS)
def test_scheme(benchmark, leaves, name: str) -> None:
    scheme = ts.schemes.get(name)
    if scheme.kind == "sum":
        benchmark(ts.SumTree, leaves, np.arange(len(leaves)), scheme=scheme)
    else:
        benchmark(ts.MerkleTree, leaves, scheme=scheme)


@pytest.mark.parametrize("form", FORMS)
def test_form(benchmark, leaves, form: str) -> None:
    benchmark(ts.MerkleTree, FORMS[form](leaves))


@pytest.mark.usefixtures("threads")
def test_threads(benchmark, leaves) -> None:
    benchmark(ts.MerkleTree, leaves)


def test_root_only(benchmark, leaves) -> None:
    benchmark(ts.head_of, leaves)


def test_append(benchmark) -> None:
    tree = ts.MerkleTree()
    benchmark(tree.append, bytes(32))


def test_update(benchmark, leaves) -> None:
    tree = ts.MerkleTree(leaves)
    some = np.arange(0, len(leaves), 1000)
    benchmark(tree.update, some, leaves[some][:, ::-1].copy())
