"""A folder with a file for each tile, which a static web server can serve as it is.

What is written stands beside first, in ``~new``, is synced there and renamed; so a file in its place is
always whole. The names of files are synced when a head is published, ahead of it. ``~`` is in no tile's name.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import secrets
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from tallystick.errors import NotFound, StoreError
from tallystick.stores import _disk
from tallystick.stores._names import MAX_HEAD, MAX_TILE, check_head, check_name, check_names, check_tiles
from tallystick.stores._opened import Opened

_NEW = "~new"
_LOCK = "~lock"
_LEFTOVER = re.compile(r"[0-9a-f]{32}-[0-9]+")
_ABSENT = (errno.ENOENT, errno.ENOTDIR, errno.EISDIR)
# A folder that is made may be removed, being empty, before a file is in it.
_TRIES = 100


class DirectoryStore(Opened):
    """A store in the folder ``path``: a file of its name for each tile, and the file ``head_name``.

    ``create=False`` raises :exc:`~tallystick.errors.NotFound` where no store is, and ``create=True`` makes
    one, with the folders above it. No tile can have the name of the head, or lie below it: ``ValueError``.

    A batch takes an ``fsync`` a tile, a head one for each folder that was written to and two more. Heads are
    compared and swapped under a lock of the file ``~lock``, which threads and processes heed, but not every
    network file system. Nothing is kept open, so an object can be used after a fork that happened between
    its calls. Leftovers of killed writers lie in ``~new`` and are removed when the store is opened next.

    Once an ``fsync`` of a folder has failed, what it held may be lost, and this object publishes no more
    heads.

    >>> import tempfile
    >>> from tallystick.stores import DirectoryStore
    >>> with tempfile.TemporaryDirectory() as folder, DirectoryStore(folder) as store:
    ...     store.write_tiles([("tile/0/000", b"digests")])
    ...     store.publish_head(b"head", expected=None)
    ...     (store.path / "tile/0/000").read_bytes()
    True
    b'digests'
    """

    def __init__(self, path: str | os.PathLike[str], *, create: bool = True, head_name: str = "head") -> None:
        check_name(head_name)
        self._head_name = head_name
        self._path = os.path.abspath(os.fspath(path))
        self._unsynced: set[str] = set()
        self._failed = False
        self._lock = threading.Lock()
        with _failures("open"):
            if create:
                self._create()
            elif not os.path.isdir(self._path):
                raise NotFound(f"there is no folder {self._path}")
            self._remove_leftovers()

    @property
    def path(self) -> Path:
        """The folder."""
        return Path(self._path)

    def read_tiles(self, names: Sequence[str], /) -> list[bytes | None]:
        """As :meth:`~tallystick.protocols.TileReader.read_tiles`."""
        checked = self._checked(names)
        with _failures("read"):
            found = [self._read(name, MAX_TILE) for name in checked]
            if None in found:
                self._check_there()
            return found

    def write_tiles(self, tiles: Sequence[tuple[str, bytes]], /) -> None:
        """As :meth:`~tallystick.protocols.TileWriter.write_tiles`."""
        batch = dict(check_tiles(tiles))
        self._checked(list(batch))
        with _failures("write to"), self._writing():
            self._put(batch)

    def list_tiles(self, prefix: str = "", /) -> Iterator[str]:
        """As :meth:`~tallystick.protocols.TileLister.list_tiles`; lazily, a folder at a time."""
        return self._walk("", prefix)

    def delete_tiles(self, names: Sequence[str], /) -> None:
        """As :meth:`~tallystick.protocols.TileDeleter.delete_tiles`."""
        checked = self._checked(names)
        with _failures("delete from"):
            self._check_there()
            for name in checked:
                self._delete(name)

    def read_head(self) -> bytes | None:
        """As :meth:`~tallystick.protocols.HeadReader.read_head`."""
        with _failures("read"):
            head = self._read(self._head_name, MAX_HEAD)
            if head is None:
                self._check_there()
            return head

    def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:
        """As :meth:`~tallystick.protocols.HeadPublisher.publish_head`."""
        head = check_head(head)
        with (
            _failures("publish in"),
            self._writing(),
            _disk.locked(self._place(_LOCK), fcntl.LOCK_EX),
        ):
            if self._read(self._head_name, MAX_HEAD) != expected:
                return False
            self._sync_folders()
            self._put({self._head_name: head})
            self._sync_folders()
        return True

    def _create(self) -> None:
        if os.path.isdir(self._path):
            return
        made = []
        above = self._path
        while not os.path.exists(above):
            above = os.path.dirname(above)
            made.append(above)
        try:
            _disk.make_folders(self._path)
        except FileExistsError as error:
            raise StoreError(f"{self._path} is there and no folder") from error
        for folder in made:
            _disk.sync_folder(folder)

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """Keep others from taking what is being written for leftovers."""
        self._check_there()
        _disk.make_folders(self._place(_NEW))
        with suppress(FileExistsError):
            _disk.write_new(self._place(_LOCK), b"")
        with _disk.locked(self._place(_NEW), fcntl.LOCK_SH):
            yield

    def _remove_leftovers(self) -> None:
        new = self._place(_NEW)
        # A writer holds the lock, and then nothing is left over for sure. Whoever may only read removes
        # nothing.
        with (
            suppress(BlockingIOError, FileNotFoundError, PermissionError),
            _disk.locked(new, fcntl.LOCK_EX | fcntl.LOCK_NB) as folder,
        ):
            # By the folder that is open, which is no link to another one, and only what a writer calls so.
            for name in filter(_LEFTOVER.fullmatch, os.listdir(folder)):
                os.unlink(name, dir_fd=folder)

    def _put(self, batch: dict[str, bytes]) -> None:
        """Write files beside, sync them, and only then move each to its place."""
        made: dict[str, str] = {}
        stem = self._place(_NEW, secrets.token_hex(16))
        try:
            for place, (name, data) in enumerate(batch.items()):
                made[name] = f"{stem}-{place}"
                _disk.write_new(made[name], data)
            for beside in made.values():
                _disk.sync_file(beside)
            for name in batch:
                self._move(made[name], name)
                del made[name]
        finally:
            for beside in made.values():
                with suppress(OSError):
                    os.unlink(beside)

    def _move(self, beside: str, name: str) -> None:
        target = self._place(name)
        folder = os.path.dirname(target)
        for left in reversed(range(_TRIES)):
            try:
                _disk.make_folders(folder)
                _disk.rename(beside, target)
                break
            except FileNotFoundError:
                if not left or not os.path.exists(beside):
                    raise
        # Only now: another thread that publishes in between syncs the folder without the name, and forgets
        # it.
        with self._lock:
            # All the way up, since nobody may have synced the names of folders that another process has just
            # made.
            while folder not in self._unsynced:
                self._unsynced.add(folder)
                if folder == self._path:
                    break
                folder = os.path.dirname(folder)

    def _sync_folders(self) -> None:
        if self._failed:
            raise StoreError(
                "an fsync failed before, so tiles may be lost; open the store again and write them"
            )
        with self._lock:
            folders = sorted(self._unsynced, reverse=True)
            self._unsynced.clear()
        try:
            for folder in folders:
                # Deleting its last tile removes a folder.
                with suppress(FileNotFoundError):
                    _disk.sync_folder(folder)
        except BaseException as error:
            # Names that are not synced stay so, whatever else happens; after a failure a second try tells
            # nothing.
            with self._lock:
                self._unsynced.update(folders)
            self._failed |= isinstance(error, OSError)
            raise

    def _read(self, name: str, limit: int) -> bytes | None:
        try:
            data = _disk.read(self._place(name), limit)
        except OSError as error:
            if error.errno in _ABSENT:
                return None
            raise
        if len(data) > limit:
            raise StoreError(f"{name} has more than {limit:,} bytes")
        return data

    def _delete(self, name: str) -> None:
        try:
            os.unlink(self._place(name))
        except OSError as error:
            if error.errno not in _ABSENT:
                raise
            return
        with suppress(OSError):
            while "/" in name:
                name = name.rpartition("/")[0]
                os.rmdir(self._place(name))

    def _walk(self, folder: str, prefix: str) -> Iterator[str]:
        with _failures("list"):
            if not folder:
                self._check_there()
            try:
                with os.scandir(self._place(folder)) as listed:
                    # A folder is sorted with the slash behind it, which makes the order that of whole names.
                    found = sorted((entry.name + "/" * entry.is_dir(), entry.is_dir()) for entry in listed)
            except FileNotFoundError:
                if not folder:
                    raise
                return
        for part, is_folder in found:
            name = folder + part
            if is_folder and "~" not in part and (name.startswith(prefix) or prefix.startswith(name)):
                yield from self._walk(name, prefix)
            elif not is_folder and name.startswith(prefix) and _is_name(name) and name != self._head_name:
                yield name

    def _checked(self, names: Sequence[str]) -> list[str]:
        for name in check_names(names):
            # Equal, or one of them a folder of the other.
            if f"{name}/".startswith(f"{self._head_name}/") or self._head_name.startswith(f"{name}/"):
                raise ValueError(
                    f"no tile can be called {name!r}: {self._head_name!r} is where the head lies"
                )
        return list(names)

    def _check_there(self) -> None:
        # Of a folder that was unmounted or moved, nothing is known.
        if not os.path.isdir(self._path):
            raise StoreError(f"the store's folder {self._path} is gone")

    def close(self) -> None:
        """Nothing to do: no file stays open."""

    def __repr__(self) -> str:
        return f"DirectoryStore({self._path!r})"

    def _place(self, *names: str) -> str:
        return os.path.join(self._path, *names)


@contextmanager
def _failures(doing: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"could not {doing} the store: {error}") from error


def _is_name(name: str) -> bool:
    try:
        check_name(name)
    except ValueError:
        return False
    return True
