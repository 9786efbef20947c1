"""Stores at places that were prepared to hurt whoever opens them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from tallystick.errors import StoreError
from tallystick.stores import DirectoryStore


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
