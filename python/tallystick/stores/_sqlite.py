"""A store in an SQLite database: one file, one transaction a batch."""

from __future__ import annotations

import contextlib
import os
import sqlite3
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

from tallystick.errors import NotFound, StoreError
from tallystick.stores._names import check_head, check_names, check_tiles
from tallystick.stores._opened import Opened

_AT_ONCE = 500
_TABLES = """
    CREATE TABLE IF NOT EXISTS tiles (name TEXT PRIMARY KEY, bytes BLOB NOT NULL) WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS head (one INTEGER PRIMARY KEY CHECK (one = 1), bytes BLOB NOT NULL);
"""


class SQLiteStore(Opened):
    """A store in an SQLite database.

    Several processes may have it open: SQLite's locks put their transactions one behind the other, and a
    write waits up to ``timeout`` seconds for another's. Every transaction is synced. With
    ``create=False`` a file that is not there raises :class:`NotFound`. Failures raise
    :class:`StoreError`. The object may be used from several threads, but not in a forked child: open it
    there.

    >>> import tempfile
    >>> from pathlib import Path
    >>> from tallystick import stores
    >>> with stores.SQLiteStore(Path(tempfile.mkdtemp()) / "tree.sqlite") as store:
    ...     store.write_tiles([("a/b", b"bytes")])
    ...     list(store.list_tiles("a/"))
    ['a/b']
    """

    def __init__(self, path: str | os.PathLike[str], *, create: bool = True, timeout: float = 60.0) -> None:
        self._path = Path(path)
        self._lock = threading.Lock()
        self._process = os.getpid()
        if not create and not self._path.exists():
            raise NotFound(f"there is no file {self._path}")
        with _failures(f"cannot open the store {self._path}"):
            self._database = sqlite3.connect(
                self._path, timeout=timeout, isolation_level=None, check_same_thread=False
            )
            try:
                self._prepare(create)
            except BaseException:
                self._database.close()
                raise

    def _prepare(self, create: bool) -> None:
        there = dict(self._database.execute("SELECT name, type FROM sqlite_master"))
        names = set(there)
        # A view or a trigger in their place would do what it likes whenever the store is used.
        if names - {"tiles", "head"} or set(there.values()) - {"table"}:
            raise StoreError(f"{self._path} is a database of something else")
        if not names and not create:
            raise NotFound(f"there is no store in {self._path}")
        self._database.execute("PRAGMA journal_mode = WAL")
        self._database.execute("PRAGMA synchronous = FULL")
        if len(names) < 2:
            self._database.executescript(_TABLES)

    @contextlib.contextmanager
    def _using(self, what: str) -> Iterator[sqlite3.Connection]:
        if os.getpid() != self._process:
            raise StoreError("an SQLite database is not used by a fork of the process that opened it")
        with self._lock, _failures(what):
            yield self._database

    @contextlib.contextmanager
    def _writing(self, what: str) -> Iterator[sqlite3.Connection]:
        with self._using(what) as database:
            database.execute("BEGIN IMMEDIATE")
            try:
                yield database
                database.execute("COMMIT")
            except BaseException:
                with contextlib.suppress(sqlite3.Error):
                    database.execute("ROLLBACK")
                raise

    def read_tiles(self, names: Sequence[str], /) -> list[bytes | None]:
        """Return the tiles of these names; ``None`` for one that is not there."""
        check_names(names)
        found: dict[str, bytes] = {}
        with self._using("cannot read tiles") as database:
            for begin in range(0, len(names), _AT_ONCE):
                some = names[begin : begin + _AT_ONCE]
                marks = ",".join("?" * len(some))
                rows = database.execute(f"SELECT name, bytes FROM tiles WHERE name IN ({marks})", some)
                found.update((name, _bytes(tile)) for name, tile in rows)
        return [found.get(name) for name in names]

    def write_tiles(self, tiles: Sequence[tuple[str, bytes]], /) -> None:
        """Write tiles over what is at their names, in one transaction."""
        checked = check_tiles(tiles)
        with self._writing("cannot write tiles") as database:
            database.executemany("INSERT OR REPLACE INTO tiles VALUES (?, ?)", checked)

    def list_tiles(self, prefix: str = "", /) -> Iterator[str]:
        """Give every name that begins so, in ascending order."""
        with self._using("cannot list tiles") as database:
            # Names are ASCII: what begins so is below the prefix with a higher character behind it.
            rows = database.execute(
                "SELECT name FROM tiles WHERE name >= ? AND name < ? ORDER BY name", (prefix, prefix + "\x7f")
            ).fetchall()
        return iter([name for (name,) in rows])

    def delete_tiles(self, names: Sequence[str], /) -> None:
        """Delete tiles, in one transaction; one that is not there is no error."""
        check_names(names)
        with self._writing("cannot delete tiles") as database:
            database.executemany("DELETE FROM tiles WHERE name = ?", [(name,) for name in names])

    def read_head(self) -> bytes | None:
        """Return the head, ``None`` if none was published."""
        with self._using("cannot read the head") as database:
            return _head(database)

    def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:
        """Publish a head if the present one is ``expected``."""
        head = check_head(head)
        with self._writing("cannot publish a head") as database:
            if _head(database) != expected:
                return False
            database.execute("INSERT OR REPLACE INTO head VALUES (1, ?)", (head,))
            return True

    def close(self) -> None:
        """Close the database. Later calls raise :class:`StoreError`."""
        if os.getpid() == self._process:
            with self._lock, _failures("cannot close the store"):
                self._database.close()

    def __repr__(self) -> str:
        return f"SQLiteStore({str(self._path)!r})"


def _head(database: sqlite3.Connection) -> bytes | None:
    row = database.execute("SELECT bytes FROM head").fetchone()
    return None if row is None else _bytes(row[0])


def _bytes(value: object) -> bytes:
    # A column of SQLite holds values of any type, whatever its own.
    if not isinstance(value, bytes):
        raise StoreError("the database is damaged: what should be bytes is not")
    return value


@contextlib.contextmanager
def _failures(what: str) -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise StoreError(f"{what}: {error}") from error
