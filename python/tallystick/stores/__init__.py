"""Stores: where trees keep their tiles. Each is a :class:`tallystick.protocols.Store`.

The contract is in :mod:`tallystick.protocols`.
"""

from __future__ import annotations

from tallystick._core import FileStore
from tallystick.stores._directory import DirectoryStore
from tallystick.stores._memory import MemoryStore
from tallystick.stores._sqlite import SQLiteStore

__all__ = ["DirectoryStore", "FileStore", "MemoryStore", "SQLiteStore"]
