"""What the stores of a folder and of a database do beyond what the kit asks of all."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
import tallystick as ts
from tallystick.stores import DirectoryStore, SQLiteStore, _disk

OPENERS: dict[str, Callable[..., DirectoryStore | SQLiteStore]] = {
    "directory": DirectoryStore,
    "sqlite": SQLiteStore,
}
on_disk = pytest.mark.parametrize("opened", OPENERS.values(), ids=OPENERS)


@on_disk
def test_what_was_published_is_there_when_the_store_is_opened_again(
    tmp_path: Path, opened: Callable[..., DirectoryStore]
) -> None:
    place = tmp_path / "one"
    with opened(place) as store:
        store.write_tiles([("a/b", b"1"), ("c", b"")])
        assert store.publish_head(b"h", expected=None)
    with opened(place, create=False) as store:
        assert store.read_tiles(["c", "a/b", "d"]) == [b"", b"1", None]
        assert store.read_head() == b"h"


@on_disk
def test_an_absent_store_is_not_found_and_not_made(
    tmp_path: Path, opened: Callable[..., DirectoryStore]
) -> None:
    with pytest.raises(ts.NotFound):
        opened(tmp_path / "none", create=False)
    assert list(tmp_path.iterdir()) == []


@on_disk
def test_a_place_that_cannot_be_is_a_failure(tmp_path: Path, opened: Callable[..., DirectoryStore]) -> None:
    (tmp_path / "file").write_bytes(b"a file, and no database")
    with pytest.raises(ts.StoreError):
        opened(tmp_path / "file")
    with pytest.raises(ts.StoreError):
        opened(tmp_path / "file" / "below")


def test_files_of_a_folder_are_those_of_the_tiles(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path, head_name="checkpoint")
    store.write_tiles([("tile/0/x001/000", b"full"), ("tile/entries/000.p/3", b"partial")])
    assert store.publish_head(b"note", expected=None)
    files = {str(path.relative_to(tmp_path)) for path in tmp_path.rglob("*") if path.is_file()}
    assert files == {"~lock", "checkpoint", "tile/0/x001/000", "tile/entries/000.p/3"}
    store.delete_tiles(["tile/entries/000.p/3", "tile/entries/000.p/4"])
    assert not (tmp_path / "tile/entries").exists()
    assert (tmp_path / "tile/0/x001/000").read_bytes() == b"full"


def test_folders_that_are_made_are_synced_in_those_above(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    synced: list[str] = []
    monkeypatch.setattr(_disk, "sync_folder", synced.append)
    DirectoryStore(tmp_path / "a" / "b" / "c")
    assert set(synced) == {str(tmp_path / "a" / "b"), str(tmp_path / "a"), str(tmp_path)}


def test_no_tile_is_taken_for_the_head(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    for name in ("head", "head/1"):
        with pytest.raises(ValueError, match="the head lies"):
            store.write_tiles([("a", b""), (name, b"")])
        with pytest.raises(ValueError, match="the head lies"):
            store.read_tiles([name])
    assert list(store.list_tiles()) == []
    for name in ("..", "", "Head"):
        with pytest.raises(ValueError):
            DirectoryStore(tmp_path / "other", head_name=name)
    assert not (tmp_path / "other").exists()


def test_leftovers_are_removed_unless_somebody_writes(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    left = tmp_path / "~new" / ("0" * 32 + "-0")
    left.parent.mkdir()
    left.write_bytes(b"half")
    with store._writing():
        DirectoryStore(tmp_path)
        assert left.exists()
    DirectoryStore(tmp_path)
    assert not left.exists()


def test_a_folder_that_is_gone_is_a_failure_and_no_absence(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path / "one")
    (tmp_path / "one").rename(tmp_path / "two")
    for call in (
        lambda: store.read_tiles(["a"]),
        store.read_head,
        lambda: list(store.list_tiles()),
        lambda: store.write_tiles([("a", b"")]),
        lambda: store.delete_tiles(["a"]),
    ):
        with pytest.raises(ts.StoreError):
            call()
    assert not (tmp_path / "one").exists()


def test_a_failed_sync_of_a_folder_ends_publishing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = DirectoryStore(tmp_path)
    store.write_tiles([("a/b", b"1")])

    def fail(path: str) -> None:
        raise OSError(5, "Input/output error", path)

    with monkeypatch.context() as patched:
        patched.setattr("tallystick.stores._disk.sync_folder", fail)
        with pytest.raises(ts.StoreError, match="Input/output"):
            store.publish_head(b"h", expected=None)
    with pytest.raises(ts.StoreError, match="fsync failed before"):
        store.publish_head(b"h", expected=None)
    assert store.read_head() is None
    assert DirectoryStore(tmp_path).publish_head(b"h", expected=None)


def test_names_that_a_thread_moved_while_another_published_are_synced_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tallystick.stores import _disk

    store = DirectoryStore(tmp_path)
    synced: list[str] = []
    rename, sync = _disk.rename, _disk.sync_folder

    def publish_meanwhile(source: str, target: str) -> None:
        monkeypatch.setattr(_disk, "rename", rename)
        assert store.publish_head(b"1", expected=None)
        rename(source, target)

    monkeypatch.setattr(_disk, "sync_folder", lambda path: (synced.append(path), sync(path)))
    monkeypatch.setattr(_disk, "rename", publish_meanwhile)
    store.write_tiles([("a/b", b"1")])
    synced.clear()
    assert store.publish_head(b"2", expected=b"1")
    assert synced[:2] == [str(tmp_path / "a"), str(tmp_path)]


def test_a_database_of_something_else_is_refused(tmp_path: Path) -> None:
    with sqlite3.connect(tmp_path / "other") as database:
        database.execute("CREATE TABLE others (a)")
    database.close()
    for create in (True, False):
        with pytest.raises(ts.StoreError, match="something else"):
            SQLiteStore(tmp_path / "other", create=create)
    (tmp_path / "empty").touch()
    with pytest.raises(ts.NotFound):
        SQLiteStore(tmp_path / "empty", create=False)


def test_a_database_syncs_every_transaction(tmp_path: Path) -> None:
    with SQLiteStore(tmp_path / "one") as store:
        assert store._database.execute("PRAGMA synchronous").fetchone() == (2,)
        assert store._database.execute("PRAGMA journal_mode").fetchone() == ("wal",)


def test_a_damaged_database_is_a_failure(tmp_path: Path) -> None:
    with SQLiteStore(tmp_path / "one") as store:
        store.write_tiles([(f"t/{i}", bytes(1000)) for i in range(100)])
    data = bytearray((tmp_path / "one").read_bytes())
    data[4096:] = os.urandom(len(data) - 4096)
    (tmp_path / "one").write_bytes(data)
    with SQLiteStore(tmp_path / "one", create=False) as store, pytest.raises(ts.StoreError):
        store.read_tiles(["t/5"])


def test_after_a_fork_the_database_is_opened_again_and_the_folder_goes_on(tmp_path: Path) -> None:
    folder, database = DirectoryStore(tmp_path / "one"), SQLiteStore(tmp_path / "two")
    child = os.fork()
    if not child:
        status = 1
        try:
            folder.write_tiles([("a", b"child")])
            try:
                database.read_head()
            except ts.StoreError:
                with SQLiteStore(tmp_path / "two", create=False) as again:
                    again.write_tiles([("a", b"child")])
                status = 0
        finally:
            os._exit(status)
    assert os.waitpid(child, 0)[1] == 0
    assert folder.read_tiles(["a"]) == database.read_tiles(["a"]) == [b"child"]
    database.close()
