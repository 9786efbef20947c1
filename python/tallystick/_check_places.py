"""Places that hold tiles and a head, read with nothing of the code that writes them."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from tallystick._checks import DamagedPlace, Unknown
from tallystick.errors import NotFound, StoreError

if TYPE_CHECKING:
    from tallystick.stores import FileStore

Result = TypeVar("Result")
# As a log is served, and as a store of a folder has it unless told otherwise.
HEADS = ("checkpoint", "head")
_MOST = 64 << 20
_SQLITE = b"SQLite format 3\0"
_STORE_FILE = b"tlyK"
# Of a store in one file: the magic is there twice, for one may be what is damaged.
_SLOTS = (0, 4096)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_FORMAT)
_MADE = "SELECT type, coalesce(sql, '') FROM sqlite_master"
_TABLES = {
    ("table", "CREATE TABLE tiles (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID"),
    ("table", "CREATE TABLE head (one INTEGER PRIMARY KEY CHECK (one = 1), bytes BLOB NOT NULL)"),
}


def is_folder(path: Path) -> bool:
    """Say whether ``path`` is a folder with a head."""
    return any((path / name).is_file() for name in HEADS)


def open_folder(path: Path) -> Folder:
    """Return the folder as a store."""
    return Folder(path)


def is_store_file(path: Path) -> bool:
    """Say whether ``path`` is a store in one file."""
    return any(_has(path, _STORE_FILE, at) for at in _SLOTS)


def open_store_file(path: Path) -> StoreFile:
    """Return the file as a store."""
    return StoreFile(path)


def _has(path: Path, magic: bytes, at: int) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        file.seek(at)
        return file.read(len(magic)) == magic


class StoreFile:
    """A store in one file, to read from: each of its bytes has a checksum, and it says which fails."""

    def __init__(self, path: Path) -> None:
        from tallystick.stores import FileStore

        self._store: FileStore = _undamaged(lambda: FileStore(path, create=False, read_only=True))

    def damage(self) -> str | None:
        """Read every byte of the file."""
        try:
            _undamaged(self._store.check)
        except DamagedPlace as error:
            return str(error)
        return None

    def close(self) -> None:
        """Close the file."""
        self._store.close()

    def read_head(self) -> bytes | None:
        """Return the head."""
        return _undamaged(self._store.read_head)

    def read_tiles(self, names: Sequence[str], /) -> Sequence[bytes | None]:
        """Return tiles; None where there is none of the name."""
        return _undamaged(lambda: self._store.read_tiles(names))

    def list_tiles(self, prefix: str = "", /) -> Iterable[str]:
        """Return the names of all tiles that begin so."""
        return _undamaged(lambda: list(self._store.list_tiles(prefix)))


def _undamaged(call: Callable[[], Result]) -> Result:
    try:
        return call()
    except NotFound:
        raise
    except StoreError as error:
        # What the system refuses has its own error as the cause. Nothing else but damage stops a reader.
        if isinstance(error.__cause__, OSError):
            raise
        raise DamagedPlace(str(error)) from error


class Folder:
    """A folder of tiles, to read from."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._head = next(name for name in HEADS if (path / name).is_file())

    def damage(self) -> None:
        """Nothing to say: a folder has only what it holds."""

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
    return _has(path, _SQLITE, 0)


def open_database(path: Path) -> Database:
    """Return the database as a store."""
    return Database(path)


class Database:
    """An SQLite database of tiles, to read from."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with self._failures():
            self._database = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
        self._database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _MOST)
        # A view, or a column that is computed, may take for ever.
        made = {(kind, " ".join(made.split())) for kind, made in self._ask(_MADE)}
        if made != _TABLES:
            self._database.close()
            raise Unknown(f"{path}: a database of something else")

    def damage(self) -> str | None:
        """Ask SQLite for the first thing that is wrong with its pages and indexes."""
        ((found,),) = self._ask("PRAGMA integrity_check(1)")
        return None if found == "ok" else str(found)

    def close(self) -> None:
        """Close the database."""
        self._database.close()

    def read_head(self) -> bytes | None:
        """Return the head."""
        return self._bytes("SELECT bytes FROM head")

    def read_tiles(self, names: Sequence[str], /) -> list[bytes | None]:
        """Return tiles; None where there is none of the name."""
        return [self._bytes("SELECT bytes FROM tiles WHERE name = ?", name) for name in names]

    def list_tiles(self, prefix: str = "", /) -> Iterator[str]:
        """Return the names of all tiles that begin so."""
        names = [name for (name,) in self._ask("SELECT name FROM tiles ORDER BY name")]
        if not all(isinstance(name, str) for name in names):
            raise DamagedPlace(f"{self._path}: a name of a tile is no text")
        return (name for name in names if name.startswith(prefix))

    def _bytes(self, query: str, *values: str) -> bytes | None:
        found = self._ask(query, *values)
        if found and not isinstance(found[0][0], bytes):
            raise DamagedPlace(f"{self._path}: what should be bytes is not")
        return found[0][0] if found else None

    def _ask(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        with self._failures():
            return self._database.execute(query, values).fetchall()

    @contextmanager
    def _failures(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            damaged = getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGED
            raise (DamagedPlace if damaged else StoreError)(f"{self._path}: {error}") from error


def _raise(error: OSError) -> None:
    raise error
