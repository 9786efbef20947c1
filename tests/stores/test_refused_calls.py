"""What stores refuse, and stores that are not there or gone; what every store does is in `test_kit`."""

from __future__ import annotations

from pathlib import Path

import pytest
import tallystick as ts
from tallystick import protocols, stores


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


def test_absent_places_are_not_found(tmp_path: Path) -> None:
    for make in (stores.DirectoryStore, stores.SQLiteStore, stores.FileStore):
        with pytest.raises(ts.NotFound):
            make(tmp_path / "nowhere", create=False)
    (tmp_path / "file").write_bytes(b"no database, and no folder")
    for make in (stores.DirectoryStore, stores.SQLiteStore, stores.FileStore):
        with pytest.raises(
            ts.StoreError, match=r"is there and no folder|is not a database|the file is no store"
        ):
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
