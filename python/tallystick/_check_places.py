"""Places that hold tiles and a head, read with nothing of the code that writes them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tallystick.errors import StoreError

if TYPE_CHECKING:
    from tallystick.stores import FileStore

# As a log is served, and as a store of a folder has it unless told otherwise.
HEADS = ("checkpoint", "head")
_MOST = 64 << 20
_SQLITE = b"SQLite format 3\0"
_STORE_FILE = b"tlyK"


def is_folder(path: Path) -> bool:
    """Say whether ``path`` is a folder with a head."""
    return any((path / name).is_file() for name in HEADS)


def open_folder(path: Path) -> Folder:
    """Return the folder as a store."""
    return Folder(path)


def is_store_file(path: Path) -> bool:
    """Say whether ``path`` is a store in one file."""
    return _begins(path, _STORE_FILE)


def open_store_file(path: Path) -> FileStore:
    """Return the file as a store: its pages are checksummed, and a damaged one raises ``StoreError``."""
    from tallystick.stores import FileStore

    return FileStore(path, create=False, read_only=True)


def _begins(path: Path, magic: bytes) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(len(magic)) == magic


class Folder:
    """A folder of tiles, to read from."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._head = next(name for name in HEADS if (path / name).is_file())

    def close(self) -> None:
        """Nothing to do: no file stays open."""

    def read_head(self) -> bytes | None:
        """Return the head."""
        return self._read(self._head)

    def read_tiles(self, names: Sequence[str], /) -> list[bytes | None]:
        """Return tiles; None where there is no file of the name."""
        return [self._read(name) for name in names]

    def list_tiles(self, prefix: str = "", /) -> Iterator[str]:
        """Return the names of all files but the head's."""
        found = []
        for folder, _, files in os.walk(self._path, onerror=_raise):
            names = ((Path(folder) / file).relative_to(self._path).as_posix() for file in files)
            found += [name for name in names if name != self._head and name.startswith(prefix)]
        # What a store of folders is writing, and its lock, have names that no tile can have.
        return iter(sorted(name for name in found if "~" not in name))

    def _read(self, name: str) -> bytes | None:
        path = self._path / name
        try:
            if not path.is_file():
                return None
            with path.open("rb") as file:
                return file.read(_MOST)
        except FileNotFoundError:
            return None


def is_database(path: Path) -> bool:
    """Say whether ``path`` is an SQLite database."""
    return _begins(path, _SQLITE)


def open_database(path: Path) -> Database:
    """Return the database as a store."""
    return Database(path)


class Database:
    """An SQLite database of tiles, to read from."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        except sqlite3.Error as error:
            raise StoreError(f"{path}: {error}") from error

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def read_head(self) -> bytes | None:
        """Return the head."""
        found = self._ask("SELECT bytes FROM head")
        return found[0][0] if found else None

    def read_tiles(self, names: Sequence[str], /) -> list[bytes | None]:
        """Return tiles; None where there is none of the name."""
        return [
            row[0][0] if (row := self._ask("SELECT bytes FROM tiles WHERE name = ?", name)) else None
            for name in names
        ]

    def list_tiles(self, prefix: str = "", /) -> Iterator[str]:
        """Return the names of all tiles that begin so."""
        names = (name for (name,) in self._ask("SELECT name FROM tiles ORDER BY name"))
        return (name for name in names if name.startswith(prefix))

    def _ask(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        try:
            return self._database.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(f"{self._path}: {error}") from error


def _raise(error: OSError) -> None:
    raise error
