"""A store in a folder: a file a tile, which any web server can serve as it is."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Self

from tallystick.errors import NotFound, StoreError
from tallystick.stores._names import check_head, check_name, check_names, check_tiles

#: What files are called that are being written. No tile can be called so.
_BESIDE = "~"
_LOCK = "~lock"


class DirectoryStore:
    """A store in a folder: the file of a tile lies at its name.

    ``head_name`` is the file of the head. With ``create=False`` a folder that is not there raises
    :class:`NotFound`. Every file is written beside its place, synced and renamed; folders are synced
    before a head is published. Writers, also of other processes on this machine, take turns by a lock on
    the file ``~lock``; a file system that has no such locks is not for two writers. Failures of the
    system raise :class:`StoreError`.

    >>> import tempfile
    >>> from tallystick import stores
    >>> with stores.DirectoryStore(tempfile.mkdtemp()) as store:
    ...     store.write_tiles([("a/b", b"bytes")])
    ...     store.publish_head(b"head", expected=None)
    True
    """

    def __init__(self, path: str | os.PathLike[str], *, create: bool = True, head_name: str = "head") -> None:
        check_name(head_name)
        self._path = Path(path)
        self._head_name = head_name
        self._lock = threading.Lock()
        self._count = 0
        self._unsynced: set[Path] = set()
        with _failures(f"cannot open the store {self._path}"):
            if create:
                self._path.mkdir(parents=True, exist_ok=True)
            elif not self._path.is_dir():
                raise NotFound(f"there is no folder {self._path}")

    @property
    def path(self) -> Path:
        """The folder."""
        return self._path

    def _file(self, name: str) -> Path:
        if name == self._head_name or self._head_name.startswith(f"{name}/"):
            raise ValueError(f"{name!r} is where the head lies")
        return self._path / name

    def read_tiles(self, names: Sequence[str], /) -> list[bytes | None]:
        """Return the tiles of these names; ``None`` for one that is not there."""
        check_names(names)
        with _failures("cannot read tiles"):
            self._check_there()
            return [_read(self._file(name)) for name in names]

    def _check_there(self) -> None:
        # A folder that is gone, or not mounted, is no empty store.
        if not self._path.is_dir():
            raise StoreError(f"the store's folder {self._path} is gone")

    def write_tiles(self, tiles: Sequence[tuple[str, bytes]], /) -> None:
        """Write tiles over what is at their names."""
        checked = [(self._file(name), tile) for name, tile in check_tiles(tiles)]
        with self._lock, _failures("cannot write tiles"):
            self._check_there()
            for file, tile in checked:
                self._make_folder(file.parent)
                self._replace(file, tile)
                self._unsynced.add(file.parent)

    def _make_folder(self, folder: Path) -> None:
        try:
            folder.mkdir()
        except FileExistsError:
            return
        except FileNotFoundError:
            self._make_folder(folder.parent)
            folder.mkdir(exist_ok=True)
        # The name of a new folder is in the one above.
        self._unsynced.add(folder.parent)

    def _replace(self, file: Path, content: bytes) -> None:
        self._count += 1
        beside = file.parent / f"{_BESIDE}{os.getpid()}-{id(self)}-{self._count}"
        try:
            with beside.open("xb") as out:
                out.write(content)
                out.flush()
                os.fsync(out.fileno())
            beside.replace(file)
        except BaseException:
            with contextlib.suppress(OSError):
                beside.unlink()
            raise

    def _sync_folders(self) -> None:
        for folder in sorted(self._unsynced, reverse=True):
            _sync_folder(folder)
            self._unsynced.discard(folder)

    def list_tiles(self, prefix: str = "", /) -> Iterator[str]:
        """Give every name that begins so, in ascending order."""
        names: list[str] = []
        with _failures("cannot list tiles"):
            self._check_there()
            # Nothing outside of the last whole folder of the prefix begins so.
            begin = prefix.rpartition("/")[0]
            with contextlib.suppress(ValueError):
                if begin:
                    check_name(begin)
                for folder, _, files in os.walk(self._path / begin, onerror=_raise_unless_missing):
                    below = Path(folder).relative_to(self._path).as_posix()
                    names += [file if below == "." else f"{below}/{file}" for file in files]
        hidden = (self._head_name, _LOCK)
        return iter(
            sorted(
                name
                for name in names
                if name.startswith(prefix) and name not in hidden and _BESIDE not in name
            )
        )

    def delete_tiles(self, names: Sequence[str], /) -> None:
        """Delete tiles; one that is not there is no error."""
        check_names(names)
        files = [self._file(name) for name in names]
        with self._lock, _failures("cannot delete tiles"):
            self._check_there()
            for file in files:
                with contextlib.suppress(FileNotFoundError, NotADirectoryError):
                    file.unlink()
            for folder in {file.parent for file in files} - {self._path}:
                # A folder with something in it stays.
                with contextlib.suppress(OSError):
                    folder.rmdir()
                    self._unsynced.discard(folder)

    def read_head(self) -> bytes | None:
        """Return the head, ``None`` if none was published."""
        with _failures("cannot read the head"):
            self._check_there()
            return _read(self._path / self._head_name)

    def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:
        """Publish a head if the present one is ``expected``."""
        head = check_head(head)
        file = self._path / self._head_name
        with self._lock, _failures("cannot publish a head"):
            self._check_there()
            with (self._path / _LOCK).open("ab") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
                if _read(file) != expected:
                    return False
                self._sync_folders()
                self._make_folder(file.parent)
                self._replace(file, head)
                self._unsynced.add(file.parent)
                self._sync_folders()
                return True

    def close(self) -> None:
        """Nothing to do: no file stays open."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"DirectoryStore({str(self._path)!r})"


@contextlib.contextmanager
def _failures(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreError(f"{what}: {error}") from error


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return None


def _raise_unless_missing(error: OSError) -> None:
    if error.errno not in (errno.ENOENT, errno.ENOTDIR):
        raise error


def _sync_folder(folder: Path) -> None:
    try:
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except FileNotFoundError:
        return  # Deleted since, with all that was in it.
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
