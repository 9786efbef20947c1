"""Leaves that every benchmark shares, and one thread or all of them."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pytest
import tallystick as ts

SIZE = 1 << 17
WIDTH = 32


@pytest.fixture(scope="session")
def leaves() -> npt.NDArray[np.uint8]:
    return np.random.default_rng(1).integers(0, 256, (SIZE, WIDTH), dtype=np.uint8)


@pytest.fixture(scope="session")
def tree(leaves: npt.NDArray[np.uint8]) -> ts.MerkleTree:
    return ts.MerkleTree(leaves)


@pytest.fixture(params=[1, None], ids=["one-thread", "all-threads"])
def threads(request: pytest.FixtureRequest) -> Iterator[None]:
    before = ts.get_threads()
    ts.set_threads(request.param)
    yield
    ts.set_threads(before)
