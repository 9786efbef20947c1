"""Tiles: bytes at names, in batches."""

from __future__ import annotations

from collections.abc import AsyncIterable, Iterable, Sequence
from typing import Protocol, runtime_checkable


@runtime_checkable
class TileReader(Protocol):
    """Reads tiles."""

    def read_tiles(self, names: Sequence[str], /) -> Sequence[bytes | None]:
        """Return the tiles of these names, in their order; ``None`` for one that is not there.

        A failure raises. It is never taken for a tile that is not there.
        """
        ...


@runtime_checkable
class TileWriter(Protocol):
    """Writes tiles."""

    def write_tiles(self, tiles: Sequence[tuple[str, bytes]], /) -> None:
        """Write tiles, each as a whole, over what is at its name.

        They survive a crash once a head is published after them. Raises ``ValueError``, and writes none, for
        what is no name, a name twice, or a tile of more than 16 MiB:
        :func:`~tallystick.stores.check_tiles`.
        """
        ...


@runtime_checkable
class TileLister(Protocol):
    """Lists tiles."""

    def list_tiles(self, prefix: str = "", /) -> Iterable[str]:
        """Give every name that begins so, in ascending order."""
        ...


@runtime_checkable
class TileDeleter(Protocol):
    """Deletes tiles."""

    def delete_tiles(self, names: Sequence[str], /) -> None:
        """Delete the tiles of these names; one that is not there is no error."""
        ...


@runtime_checkable
class AsyncTileReader(Protocol):
    """Reads tiles, awaited."""

    async def read_tiles(self, names: Sequence[str], /) -> Sequence[bytes | None]:
        """As :meth:`TileReader.read_tiles`."""
        ...


@runtime_checkable
class AsyncTileWriter(Protocol):
    """Writes tiles, awaited."""

    async def write_tiles(self, tiles: Sequence[tuple[str, bytes]], /) -> None:
        """As :meth:`TileWriter.write_tiles`."""
        ...


@runtime_checkable
class AsyncTileLister(Protocol):
    """Lists tiles, awaited."""

    def list_tiles(self, prefix: str = "", /) -> AsyncIterable[str]:
        """As :meth:`TileLister.list_tiles`."""
        ...


@runtime_checkable
class AsyncTileDeleter(Protocol):
    """Deletes tiles, awaited."""

    async def delete_tiles(self, names: Sequence[str], /) -> None:
        """As :meth:`TileDeleter.delete_tiles`."""
        ...
