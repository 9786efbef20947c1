"""Places that hold tiles and a head, read with nothing of the code that writes them."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tallystick.stores import SQLiteStore

# As a log is served, and as a store of a folder has it unless told otherwise.
HEADS = ("checkpoint", "head")
_MOST = 64 << 20


def is_folder(path: Path) -> bool:
    """Say whether ``path`` is a folder with a head."""
    return any((path / name).is_file() for name in HEADS)


def open_folder(path: Path) -> Folder:
    """Return the folder as a store."""
    return Folder(path)


def is_database(path: Path) -> bool:
    """Say whether ``path`` is a database of SQLite."""
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return file.read(16) == b"SQLite format 3\0"


def open_database(path: Path) -> SQLiteStore:
    """Return the database as a store."""
    from tallystick.stores import SQLiteStore

    return SQLiteStore(path, create=False)


class Folder:
    """A folder of tiles, to read from."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._head = next(name for name in HEADS if (path / name).is_file())

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


def _raise(error: OSError) -> None:
    raise error
