"""What every store does, as `tallystick.protocols` says."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

import pytest
import tallystick as ts
from tallystick import protocols, stores

Open = Callable[[], protocols.Store]


@pytest.fixture(params=["memory", "directory", "sqlite", "file"])
def opener(request: pytest.FixtureRequest, tmp_path: Path) -> Open:
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
def store(opener: Open) -> protocols.Store:
    return opener()


def test_it_is_a_store(store: protocols.Store) -> None:
    assert isinstance(store, protocols.Store)
    assert store.read_head() is None
    assert list(store.list_tiles()) == []
    assert list(store.read_tiles(["a"])) == [None]
    assert list(store.read_tiles([])) == []


def test_tiles_are_read_as_they_were_written(store: protocols.Store, opener: Open) -> None:
    tiles = [
        ("b", b""),
        ("a/x/1", b"one"),
        ("a/x/2", bytes(range(256))),
        ("a/y", b"3" * 100_000),
        ("a.p/5", b"p"),
    ]
    store.write_tiles(tiles)
    store.write_tiles([])
    names = [name for name, _ in tiles]
    for other in (store, opener()):
        assert list(other.read_tiles([*names, "a/z", "b/c"])) == [*(tile for _, tile in tiles), None, None]
        assert list(other.read_tiles(names[::-1])) == [tile for _, tile in tiles[::-1]]
        assert list(other.list_tiles()) == sorted(names)
        assert list(other.list_tiles("a/")) == ["a/x/1", "a/x/2", "a/y"]
        assert list(other.list_tiles("a/x/1")) == ["a/x/1"]
        assert list(other.list_tiles("c")) == []
    store.write_tiles([("b", b"new")])
    assert list(store.read_tiles(["b"])) == [b"new"]
    store.delete_tiles(["a/x/1", "a/x/2", "nothing"])
    store.delete_tiles([])
    assert list(opener().list_tiles()) == ["a.p/5", "a/y", "b"]


def test_many_tiles_at_once(store: protocols.Store) -> None:
    tiles = [(f"many/{number:05}", number.to_bytes(4, "big")) for number in range(2500)]
    store.write_tiles(tiles)
    assert list(store.read_tiles([name for name, _ in tiles])) == [tile for _, tile in tiles]
    assert len(list(store.list_tiles("many/"))) == 2500
    store.delete_tiles([name for name, _ in tiles])
    assert list(store.list_tiles()) == []


def test_a_head_is_published_only_over_the_expected_one(store: protocols.Store, opener: Open) -> None:
    assert not store.publish_head(b"new", expected=b"old")
    assert store.read_head() is None
    assert store.publish_head(b"one", expected=None)
    assert not store.publish_head(b"two", expected=None)
    assert not store.publish_head(b"two", expected=b"on")
    assert opener().read_head() == b"one"
    assert opener().publish_head(b"", expected=b"one")
    assert store.read_head() == b""
    assert store.publish_head(b"three", expected=b"")
    assert list(store.list_tiles()) == []


@pytest.mark.parametrize(
    "name", ["", "/", "a/", "/a", "a//b", ".", "..", "a/../b", "A", "a b", "a\n", "ä", "a" * 201]
)
def test_bad_names_are_refused(store: protocols.Store, name: str) -> None:
    for call in (
        lambda: store.read_tiles(["good", name]),
        lambda: store.write_tiles([("good", b""), (name, b"")]),
        lambda: store.delete_tiles(["good", name]),
    ):
        with pytest.raises(ValueError, match="name"):
            call()
    assert list(store.list_tiles()) == []


def test_bad_arguments_write_nothing(store: protocols.Store) -> None:
    for tiles, error in (
        ([("a", b"1"), ("a", b"2")], ValueError),
        ([("a", "text")], TypeError),
        ([(1, b"")], TypeError),
        ([("a", bytes((16 << 20) + 1))], ValueError),
    ):
        with pytest.raises(error):
            store.write_tiles(tiles)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="65537"):
        store.publish_head(bytes(65_537), expected=None)
    with pytest.raises(TypeError):
        store.read_tiles("name")
    assert list(store.list_tiles()) == []
    assert store.read_head() is None


def test_one_of_many_writers_wins_each_head(opener: Open) -> None:
    wins: list[int] = []

    def write(number: int) -> None:
        store = opener()
        for _ in range(20):
            head = store.read_head()
            if store.publish_head(str(int(head or b"0") + 1).encode(), expected=head):
                wins.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert opener().read_head() == str(len(wins)).encode()


def test_absent_places_are_not_found(tmp_path: Path) -> None:
    for make in (stores.DirectoryStore, stores.SQLiteStore, stores.FileStore):
        with pytest.raises(ts.NotFound):
            make(tmp_path / "nowhere", create=False)
    (tmp_path / "file").write_bytes(b"no database, and no folder")
    for make in (stores.DirectoryStore, stores.SQLiteStore, stores.FileStore):
        with pytest.raises(ts.StoreError):
            make(tmp_path / "file")


def test_a_store_that_is_gone_is_not_empty(tmp_path: Path) -> None:
    store = stores.DirectoryStore(tmp_path / "store")
    store.publish_head(b"head", expected=None)
    (tmp_path / "store").rename(tmp_path / "elsewhere")
    for call in (store.read_head, lambda: store.read_tiles(["a"]), lambda: list(store.list_tiles())):
        with pytest.raises(ts.StoreError, match="gone"):
            call()
    database = stores.SQLiteStore(tmp_path / "store.sqlite")
    database.close()
    with pytest.raises(ts.StoreError):
        database.read_head()


def test_files_of_a_killed_writer_are_no_tiles(tmp_path: Path) -> None:
    store = stores.DirectoryStore(tmp_path, head_name="log/checkpoint")
    store.write_tiles([("tile/0/000", b"tile")])
    (tmp_path / "tile" / "0" / "~123-4").write_bytes(b"half a til")
    assert store.publish_head(b"head", expected=None)
    assert list(store.list_tiles()) == ["tile/0/000"]
    assert (tmp_path / "log" / "checkpoint").read_bytes() == b"head"
    with pytest.raises(ValueError, match="head"):
        store.write_tiles([("log/checkpoint", b"")])
