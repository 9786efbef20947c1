"""What a log needs of its store: the capabilities of :mod:`tallystick.protocols` that it uses."""

from __future__ import annotations

import os
from typing import Protocol, TypeVar

from tallystick.protocols import (
    AsyncHeadPublisher,
    AsyncHeadReader,
    AsyncTileReader,
    AsyncTileWriter,
    HeadPublisher,
    HeadReader,
    TileReader,
    TileWriter,
)


class Readable(TileReader, HeadReader, Protocol):
    """A store to read a log from."""


class Writable(TileReader, TileWriter, HeadReader, HeadPublisher, Protocol):
    """A store to keep a log in. One that deletes too is kept tidy."""


class AsyncReadable(AsyncTileReader, AsyncHeadReader, Protocol):
    """A store to read a log from, awaited."""


class AsyncWritable(AsyncTileReader, AsyncTileWriter, AsyncHeadReader, AsyncHeadPublisher, Protocol):
    """A store to keep a log in, awaited."""


_READS = ("read_tiles", "read_head")
_WRITES = (*_READS, "write_tiles", "publish_head")
_Store = TypeVar("_Store", bound=Readable | AsyncReadable)
_Kept = TypeVar("_Kept", bound=Writable | AsyncWritable)


def readable(store: _Store) -> _Store:
    """Return a store to read from; ``TypeError`` for what is none."""
    _check(store, _READS)
    return store


def writable(store: _Kept) -> _Kept:
    """Return a store to keep a log in; ``TypeError`` for what is none."""
    _check(store, _WRITES)
    return store


def _check(store: object, methods: tuple[str, ...]) -> None:
    if isinstance(store, type):
        raise TypeError(f"{store.__name__} is a class: open a store first, as {store.__name__}(...)")
    if isinstance(store, str | os.PathLike):
        raise TypeError("a path is no store: open one there, as DirectoryStore(path, head_name='checkpoint')")
    for method in methods:
        if not hasattr(store, method):
            raise TypeError(f"{type(store).__name__} is no store for this: it has no {method}")
