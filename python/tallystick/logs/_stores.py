"""What a log needs of its store: the capabilities of :mod:`tallystick.protocols` that it uses."""

from __future__ import annotations

from typing import Protocol

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
