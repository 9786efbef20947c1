"""Stores at places that were prepared to hurt whoever opens them."""

from __future__ import annotations

import os
import sqlite3
from pathlib import Path

import pytest
from tallystick.errors import StoreError
from tallystick.stores import DirectoryStore, EncryptingStore, MemoryStore, SQLiteStore


@pytest.mark.parametrize("create", [True, False])
def test_opening_removes_nothing_behind_a_link(tmp_path: Path, create: bool) -> None:
    other, folder = tmp_path / "other", tmp_path / "store"
    other.mkdir()
    folder.mkdir()
    leftover = "0" * 32 + "-0"
    for name in ("precious", leftover):
        (other / name).write_bytes(b"of somebody else")
    (folder / "~new").symlink_to(other)
    with pytest.raises(StoreError):
        DirectoryStore(folder, create=create)
    assert sorted(path.name for path in other.iterdir()) == [leftover, "precious"]


def test_opening_removes_leftovers_alone(tmp_path: Path) -> None:
    new = tmp_path / "~new"
    new.mkdir()
    (new / ("a" * 32 + "-17")).write_bytes(b"of a killed writer")
    (new / "notes").write_bytes(b"of somebody else")
    DirectoryStore(tmp_path).close()
    assert [path.name for path in new.iterdir()] == ["notes"]


def test_writing_does_not_follow_links(tmp_path: Path) -> None:
    other, folder = tmp_path / "other", tmp_path / "store"
    other.mkdir()
    store = DirectoryStore(folder)
    (folder / "~new").symlink_to(other)
    with pytest.raises(StoreError):
        store.write_tiles([("a", b"1")])
    assert list(other.iterdir()) == []
    assert store.read_tiles(["a"]) == [None]


def test_pipes_in_the_place_of_files_do_not_hold_anybody_up(tmp_path: Path) -> None:
    store = DirectoryStore(tmp_path)
    store.write_tiles([("a", b"1")])
    for name in ("head", "tile", "~lock"):
        (tmp_path / name).unlink(missing_ok=True)
        os.mkfifo(tmp_path / name)
    with pytest.raises(StoreError, match="not a regular file"):
        store.read_head()
    with pytest.raises(StoreError, match="not a regular file"):
        store.read_tiles(["tile"])
    with pytest.raises(StoreError, match="not a regular file"):
        store.publish_head(b"new", expected=None)
    assert store.read_tiles(["a"]) == [b"1"]


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT 'a' || i AS name FROM n"
TABLES = "CREATE TABLE tiles (name, bytes); CREATE TABLE head (one, bytes);"


def changed(path: Path, script: str) -> None:
    database = sqlite3.connect(path)
    database.executescript(script)
    database.close()


@pytest.mark.parametrize(
    "script",
    [
        f"CREATE TABLE head (one, bytes); CREATE VIEW tiles AS {ENDLESS};",
        f"{TABLES} CREATE TRIGGER t AFTER INSERT ON head BEGIN DELETE FROM tiles; END;",
    ],
)
def test_a_database_that_does_something_itself(tmp_path: Path, script: str) -> None:
    path = tmp_path / "store"
    changed(path, script)
    with pytest.raises(StoreError, match="something else"):
        SQLiteStore(path)


@pytest.mark.parametrize("value", ["5", "'text'", "2000000000"])
def test_a_database_whose_values_are_no_bytes(tmp_path: Path, value: str) -> None:
    path = tmp_path / "store"
    with SQLiteStore(path) as store:
        store.write_tiles([("a", b"1")])
        assert store.publish_head(b"head", expected=None)
        changed(path, f"UPDATE head SET bytes = {value}; UPDATE tiles SET bytes = {value};")
        with pytest.raises(StoreError):
            store.read_head()
        with pytest.raises(StoreError):
            store.read_tiles(["a"])
        with pytest.raises(StoreError):
            store.publish_head(b"new", expected=b"head")


class OldCopy(MemoryStore):
    """Reads come from a copy, which lags behind what is compared and swapped."""

    def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:  # noqa: ARG002 - as stores have it
        return False


@pytest.mark.parametrize("published", [False, True])
def test_encrypting_does_not_wait_for_a_copy_for_ever(published: bool) -> None:
    within = OldCopy()
    store = EncryptingStore(within, bytes(32))
    if published:
        assert MemoryStore.publish_head(within, store._encrypted(b"head", "head"), expected=None)
    with pytest.raises(StoreError, match="old copy"):
        store.publish_head(b"new", expected=b"head" if published else None)
