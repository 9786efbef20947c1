"""What all stores around a store do alike."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from tallystick.protocols import TileReader
from tallystick.stores._opened import Opened


class Wrapper(Opened):
    """A store around another one, and closed with it."""

    def __init__(self, store: TileReader) -> None:
        self._store: Any = store

    def list_tiles(self, prefix: str = "", /) -> Iterable[str]:
        """As :meth:`~tallystick.protocols.TileLister.list_tiles`."""
        names: Iterable[str] = self._store.list_tiles(prefix)
        return names

    def close(self) -> None:
        """Close the store within, if it can be closed."""
        close = getattr(self._store, "close", None)
        if close is not None:
            close()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self._store!r})"
