"""A store in memory."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence

from tallystick.stores._names import check_head, check_names, check_tiles
from tallystick.stores._opened import Opened


class MemoryStore(Opened):
    """A store that lasts as long as the object: for tests, and for trees that are copied elsewhere.

    >>> from tallystick import stores
    >>> store = stores.MemoryStore()
    >>> store.write_tiles([("a/b", b"bytes")])
    >>> store.read_tiles(["a/b", "a/c"])
    [b'bytes', None]
    >>> store.publish_head(b"first", expected=None), store.publish_head(b"second", expected=None)
    (True, False)
    """

    def __init__(self) -> None:
        self._tiles: dict[str, bytes] = {}
        self._head: bytes | None = None
        self._lock = threading.Lock()

    def read_tiles(self, names: Sequence[str], /) -> list[bytes | None]:
        """Return the tiles of these names; ``None`` for one that is not there."""
        check_names(names)
        with self._lock:
            return [self._tiles.get(name) for name in names]

    def write_tiles(self, tiles: Sequence[tuple[str, bytes]], /) -> None:
        """Write tiles over what is at their names."""
        checked = check_tiles(tiles)
        with self._lock:
            self._tiles.update(checked)

    def list_tiles(self, prefix: str = "", /) -> Iterator[str]:
        """Give every name that begins so, in ascending order."""
        with self._lock:
            names = sorted(name for name in self._tiles if name.startswith(prefix))
        return iter(names)

    def delete_tiles(self, names: Sequence[str], /) -> None:
        """Delete tiles; one that is not there is no error."""
        check_names(names)
        with self._lock:
            for name in names:
                self._tiles.pop(name, None)

    def read_head(self) -> bytes | None:
        """Return the head, ``None`` if none was published."""
        with self._lock:
            return self._head

    def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:
        """Publish a head if the present one is ``expected``."""
        head = check_head(head)
        with self._lock:
            if self._head != expected:
                return False
            self._head = head
            return True

    def close(self) -> None:
        """Nothing to do."""
