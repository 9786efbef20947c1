"""A test that asks for a store, or for what opens one each time, runs for every kind that is at hand."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from tallystick import protocols, stores


@pytest.fixture(params=["memory", "directory", "sqlite", "file"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[], protocols.Store]:
    if request.param == "file":  # one object at a time has it for writing
        file = stores.FileStore(tmp_path / "store.file")
        return lambda: file
    memory = stores.MemoryStore()
    return {
        "memory": lambda: memory,
        "directory": lambda: stores.DirectoryStore(tmp_path / "store"),
        "sqlite": lambda: stores.SQLiteStore(tmp_path / "store.sqlite"),
    }[request.param]


@pytest.fixture
def store(opener: Callable[[], protocols.Store]) -> protocols.Store:
    return opener()
