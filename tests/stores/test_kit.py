"""The kit for who writes a store: the stores here pass it, and broken ones are found."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from tallystick import protocols, stores, testing

KEY = bytes(range(32))


class TestMemory(testing.StoreContract):
    @pytest.fixture
    def opener(self) -> Callable[[], protocols.Store]:
        store = stores.MemoryStore()
        return lambda: store


class TestDirectory(testing.StoreContract):
    @pytest.fixture
    def opener(self, tmp_path: Path) -> Callable[[], protocols.Store]:
        return lambda: stores.DirectoryStore(tmp_path / "store")


class TestSQLite(testing.StoreContract):
    @pytest.fixture
    def opener(self, tmp_path: Path) -> Callable[[], protocols.Store]:
        return lambda: stores.SQLiteStore(tmp_path / "store.sqlite")


class TestFile(testing.StoreContract):
    @pytest.fixture
    def opener(self, tmp_path: Path) -> Callable[[], protocols.Store]:
        store = stores.FileStore(tmp_path / "store.file")
        return lambda: store


class TestCaching(testing.StoreContract):
    @pytest.fixture
    def opener(self) -> Callable[[], protocols.Store]:
        store = stores.CachingStore(stores.MemoryStore(), ttl=60.0)
        return lambda: store


class TestRetrying(testing.StoreContract):
    @pytest.fixture
    def opener(self) -> Callable[[], protocols.Store]:
        store = stores.RetryingStore(stores.MemoryStore())
        return lambda: store


class TestInALoop(testing.StoreContract):
    """An awaited store, by way of a loop in another thread."""

    @pytest.fixture
    def opener(self) -> Iterator[Callable[[], protocols.Store]]:
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        store = stores.in_loop(stores.in_thread(stores.MemoryStore()), loop)
        yield lambda: store
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.mark.parametrize("seed", range(4))
def test_random_calls_and_two_writers(tmp_path: Path, seed: int) -> None:
    openers: dict[str, Callable[[Path], protocols.Store]] = {
        "directory": stores.DirectoryStore,
        "sqlite": stores.SQLiteStore,
    }
    for name, open_at in openers.items():
        place = tmp_path / name
        testing.check_random_calls(lambda open_at=open_at, place=place: open_at(place), seed=seed, steps=80)  # type: ignore[misc]
        other = tmp_path / f"{name}-other"
        testing.check_two_writers(lambda open_at=open_at, other=other: open_at(other), rounds=3)  # type: ignore[misc]


def test_faults() -> None:
    testing.check_faults(stores.MemoryStore)


class Blind(stores.MemoryStore):
    """Publishes whatever is expected."""

    def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:  # noqa: ARG002
        return super().publish_head(head, expected=self.read_head())


class Empty(stores.MemoryStore):
    """Gives empty bytes for what is not there."""

    def read_tiles(self, names: Sequence[str], /) -> list[bytes | None]:
        return [tile or b"" for tile in super().read_tiles(names)]


class Forgetful(stores.MemoryStore):
    """Loses the last tile of a batch."""

    def write_tiles(self, tiles: Sequence[tuple[str, bytes]], /) -> None:
        super().write_tiles(tiles[:-1] if len(tiles) > 1 else tiles)


class Swallowing(stores.MemoryStore):
    """Takes a failure for nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.calls = 0

    def read_head(self) -> bytes | None:
        self.calls += 1
        return None if self.calls == 2 else super().read_head()


class Unsorted(stores.MemoryStore):
    """Lists names as they came."""

    def list_tiles(self, prefix: str = "", /) -> Iterator[str]:
        return iter(list(super().list_tiles(prefix))[::-1])


class Loose(stores.MemoryStore):
    """Takes any name."""

    def write_tiles(self, tiles: Sequence[tuple[str, bytes]], /) -> None:
        names = ("".join(char for char in name if char.isalnum()).lower() or "x" for name, _ in tiles)
        super().write_tiles([(name, tile) for name, (_, tile) in zip(names, tiles, strict=True)])


def is_found(kind: type[stores.MemoryStore]) -> bool:
    """Whether any part of the kit fails."""
    contract = testing.StoreContract()
    tests = [getattr(contract, name) for name in dir(contract) if name.startswith("test_")]
    for test in tests:
        store = kind()
        try:
            test(lambda store=store: store)
        except Exception:
            return True
    return False


@pytest.mark.parametrize("kind", [Blind, Empty, Forgetful, Swallowing, Unsorted, Loose])
def test_broken_stores_are_found(kind: type[stores.MemoryStore]) -> None:
    assert is_found(kind)
    assert not is_found(stores.MemoryStore)


OPENERS = {"directory": "tallystick.stores:DirectoryStore", "sqlite": "tallystick.stores:SQLiteStore"}
OPENERS["file"] = "tallystick.stores:FileStore"


@pytest.mark.parametrize("kind", OPENERS)
def test_a_tree_survives_kills(tmp_path: Path, kind: str) -> None:
    workload = testing.Workload(OPENERS[kind], str(tmp_path / "store"))
    assert testing.check_kills(workload, kills=6, seed=3) > 0


@pytest.mark.exhaustive
@pytest.mark.parametrize("kind", OPENERS)
def test_a_tree_survives_a_thousand_kills(tmp_path: Path, kind: str) -> None:
    workload = testing.Workload(OPENERS[kind], str(tmp_path / "store"))
    assert testing.check_kills(workload, kills=1000, seed=4) > 0
