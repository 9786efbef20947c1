"""What was read from a store, kept for a while."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Sequence

from tallystick.protocols import TileReader
from tallystick.stores._wrapper import Wrapper


class CachingStore(Wrapper):
    """A store that keeps up to ``max_bytes`` of tiles that were read, for ``ttl`` seconds (``None``: always).

    Tiles that are not there are asked for each time, and so is the head. What is written or deleted through
    this object is forgotten by it; what others write over a name is seen once the time is over, or after
    :meth:`invalidate`. Safe for threads if the store is.

    >>> from tallystick import stores
    >>> slow = stores.MemoryStore()
    >>> store = stores.CachingStore(slow, ttl=60)
    >>> store.write_tiles([("a", b"1")])
    >>> store.read_tiles(["a"])
    [b'1']
    >>> slow.write_tiles([("a", b"2")])
    >>> store.read_tiles(["a"])
    [b'1']
    >>> store.invalidate()
    >>> store.read_tiles(["a"])
    [b'2']
    """

    def __init__(self, store: TileReader, *, ttl: float | None = None, max_bytes: int = 64 << 20) -> None:
        if ttl is not None and not ttl > 0:
            raise ValueError(f"ttl is above 0 seconds, or None for good, not {ttl}")
        if max_bytes < 0:
            raise ValueError(f"max_bytes is 0 or above, not {max_bytes}")
        super().__init__(store)
        self._ttl = ttl
        self._left = max_bytes
        self._kept: OrderedDict[str, tuple[bytes, float]] = OrderedDict()
        self._changes = 0
        self._lock = threading.Lock()

    def read_tiles(self, names: Sequence[str], /) -> list[bytes | None]:
        """As :meth:`~tallystick.protocols.TileReader.read_tiles`; only tiles that are not kept are read."""
        asked = list(names)
        now = time.monotonic()
        with self._lock:
            found = {name: tile for name in asked if (tile := self._find(name, now)) is not None}
            changes = self._changes
        lacking = [name for name in dict.fromkeys(asked) if name not in found]
        if lacking or not asked:
            read = self._store.read_tiles(lacking)
            fresh = {name: tile for name, tile in zip(lacking, read, strict=True) if tile is not None}
            with self._lock:
                # What was read before a change is perhaps what was there before it.
                if changes == self._changes:
                    for name, tile in fresh.items():
                        self._keep(name, tile, now)
            found.update(fresh)
        return [found.get(name) for name in asked]

    def write_tiles(self, tiles: Sequence[tuple[str, bytes]], /) -> None:
        """As :meth:`~tallystick.protocols.TileWriter.write_tiles`."""
        batch = list(tiles)
        try:
            self._store.write_tiles(batch)
        finally:
            self.invalidate([name for name, _ in batch])

    def delete_tiles(self, names: Sequence[str], /) -> None:
        """As :meth:`~tallystick.protocols.TileDeleter.delete_tiles`."""
        try:
            self._store.delete_tiles(names)
        finally:
            self.invalidate(names)

    def read_head(self) -> bytes | None:
        """As :meth:`~tallystick.protocols.HeadReader.read_head`; always read."""
        head: bytes | None = self._store.read_head()
        return head

    def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:
        """As :meth:`~tallystick.protocols.HeadPublisher.publish_head`."""
        published: bool = self._store.publish_head(head, expected=expected)
        return published

    def invalidate(self, names: Sequence[str] | None = None) -> None:
        """Forget the tiles of these names, or all."""
        with self._lock:
            self._changes += 1
            for name in list(self._kept) if names is None else names:
                self._drop(name)

    def _find(self, name: str, now: float) -> bytes | None:
        kept = self._kept.get(name)
        if kept is None:
            return None
        if self._ttl is not None and now - kept[1] >= self._ttl:
            self._drop(name)
            return None
        self._kept.move_to_end(name)
        return kept[0]

    def _keep(self, name: str, tile: bytes, now: float) -> None:
        self._drop(name)
        self._kept[name] = (tile, now)
        self._left -= len(tile)
        while self._left < 0:
            self._drop(next(iter(self._kept)))

    def _drop(self, name: str) -> None:
        kept = self._kept.pop(name, None)
        if kept is not None:
            self._left += len(kept[0])
