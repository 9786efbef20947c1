"""Stores: where trees keep their tiles. Each is a :class:`tallystick.protocols.Store`.

The contract is in :mod:`tallystick.protocols`. :class:`CachingStore`, :class:`RetryingStore` and
:class:`EncryptingStore` are put around stores, yours too; :func:`in_thread` and :func:`in_loop` turn stores
that block into stores that are awaited, and back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from tallystick._core import FileStore
from tallystick.stores._caching import CachingStore
from tallystick.stores._directory import DirectoryStore
from tallystick.stores._encrypting import EncryptingStore
from tallystick.stores._memory import MemoryStore
from tallystick.stores._names import check_head, check_names, check_tiles
from tallystick.stores._retrying import RetryingStore
from tallystick.stores._sqlite import SQLiteStore

if TYPE_CHECKING:
    from tallystick.stores._bridges import LoopStore, ThreadedStore, in_loop, in_thread
else:

    def __getattr__(name):
        # They bring asyncio.
        if name in ("LoopStore", "ThreadedStore", "in_loop", "in_thread"):
            from tallystick.stores import _bridges

            return getattr(_bridges, name)
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "CachingStore",
    "DirectoryStore",
    "EncryptingStore",
    "FileStore",
    "LoopStore",
    "MemoryStore",
    "RetryingStore",
    "SQLiteStore",
    "ThreadedStore",
    "check_head",
    "check_names",
    "check_tiles",
    "in_loop",
    "in_thread",
]
