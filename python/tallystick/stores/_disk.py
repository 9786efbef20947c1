"""Files and folders as the directory store changes them, a step a function.

Nothing here decides an order; what makes a batch safe is the order in ``_directory``.
"""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager


def write_new(path: str, data: bytes) -> None:
    """Write a file that does not exist. It is not on the disk before :func:`sync_file`."""
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644)
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(file, rest) :]
    finally:
        os.close(file)


def sync_file(path: str) -> None:
    """Bring what was written to a file to the disk; not its name."""
    _sync(path, os.O_RDONLY)


def sync_folder(path: str) -> None:
    """Bring the names in a folder to the disk."""
    _sync(path, os.O_RDONLY | os.O_DIRECTORY)


def rename(source: str, target: str) -> None:
    """Move a file over another, in one step."""
    os.rename(source, target)


def make_folders(path: str) -> None:
    """Make a folder and those above it, where they lack."""
    os.makedirs(path, exist_ok=True)


def read(path: str, limit: int) -> bytes:
    """Return what is in a file, and at most one byte more than ``limit``."""
    # Opening a pipe would wait for who writes to it.
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        mode = os.fstat(file).st_mode
        if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
            raise OSError(errno.EINVAL, "not a regular file", path)
        parts = []
        left = limit + 1
        while left and (part := os.read(file, min(left, 1 << 20))):
            parts.append(part)
            left -= len(part)
        return b"".join(parts)
    finally:
        os.close(file)


@contextmanager
def locked(path: str, kind: int) -> Iterator[int]:
    """Hold a lock on a file or folder, against threads and processes alike, since each opens it anew.

    Gives its descriptor. What is a link is refused: behind it lies what is none of the store's.
    """
    file = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        fcntl.flock(file, kind)
        yield file
    finally:
        os.close(file)


def _sync(path: str, flags: int) -> None:
    file = os.open(path, flags | os.O_CLOEXEC)
    try:
        os.fsync(file)
    finally:
        os.close(file)
