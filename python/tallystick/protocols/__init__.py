"""What an application fills in: one capability a protocol, in batches, sync and async.

A store has tiles, bytes at names, and one head. A tree that is kept in a store needs :class:`Store`; who
only reads one needs :class:`TileReader` and :class:`HeadReader`. Names are 1 to 200 characters of ``a-z
0-9 . _ -``, in parts between slashes, none of them empty, ``.`` or ``..``; no name is a folder of
another. A tile has at most 16 MiB, a head 64 KiB.

A failure raises :class:`tallystick.StoreError` or an exception of the adapter's own, which passes
through unchanged; that something is not there is ``None``. Never one for the other. Methods may be
called from several threads.
"""

from __future__ import annotations

from typing import Protocol, runtime_checkable

from tallystick.protocols.heads import AsyncHeadPublisher, AsyncHeadReader, HeadPublisher, HeadReader
from tallystick.protocols.tiles import (
    AsyncTileDeleter,
    AsyncTileLister,
    AsyncTileReader,
    AsyncTileWriter,
    TileDeleter,
    TileLister,
    TileReader,
    TileWriter,
)

__all__ = [
    "AsyncHeadPublisher",
    "AsyncHeadReader",
    "AsyncStore",
    "AsyncTileDeleter",
    "AsyncTileLister",
    "AsyncTileReader",
    "AsyncTileWriter",
    "HeadPublisher",
    "HeadReader",
    "Store",
    "TileDeleter",
    "TileLister",
    "TileReader",
    "TileWriter",
]


@runtime_checkable
class Store(TileReader, TileWriter, TileLister, TileDeleter, HeadReader, HeadPublisher, Protocol):
    """All capabilities together."""


@runtime_checkable
class AsyncStore(
    AsyncTileReader,
    AsyncTileWriter,
    AsyncTileLister,
    AsyncTileDeleter,
    AsyncHeadReader,
    AsyncHeadPublisher,
    Protocol,
):
    """All capabilities together, awaited."""
