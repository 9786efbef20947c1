"""A store whose tiles and head only the key can read."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

from tallystick.errors import StoreError
from tallystick.protocols import TileReader
from tallystick.stores._names import MAX_HEAD, MAX_TILE, check_head, check_tiles
from tallystick.stores._wrapper import Wrapper

_NONCE = 12
_TAG = 16
_MORE = _NONCE + _TAG


class EncryptingStore(Wrapper):
    """A store that encrypts tiles and the head with AES-GCM, by a ``key`` of 16, 24 or 32 bytes.

    Needs the package ``cryptography``, which the extra ``signing`` brings. Each is a random nonce of 12
    bytes, the ciphertext and a tag of 16 bytes, so tiles and heads may be 28 bytes shorter than elsewhere.
    The name is authenticated: a tile that stands under another name, or was changed, is a
    :exc:`~tallystick.errors.StoreError`. Names, sizes and the order of writes are not hidden, and an older
    tile put back in its place is not noticed. A key is for fewer than 2**32 writes.

    >>> from tallystick import stores
    >>> within = stores.MemoryStore()
    >>> store = stores.EncryptingStore(within, bytes(32))
    >>> store.write_tiles([("a", b"secret")])
    >>> store.read_tiles(["a"]), len(within.read_tiles(["a"])[0])
    ([b'secret'], 34)
    """

    def __init__(self, store: TileReader, key: bytes) -> None:
        if len(key) not in (16, 24, 32):
            raise ValueError(f"a key has 16, 24 or 32 bytes, not {len(key)}")
        try:
            from cryptography.exceptions import InvalidTag
            from cryptography.hazmat.primitives.ciphers.aead import AESGCM
        except ImportError as error:
            raise ImportError(
                "encrypting needs the package cryptography: install 'tallystick[signing]'"
            ) from error

        super().__init__(store)
        self._cipher = AESGCM(key)
        self._refusal: type[Exception] = InvalidTag

    def read_tiles(self, names: Sequence[str], /) -> list[bytes | None]:
        """As :meth:`~tallystick.protocols.TileReader.read_tiles`."""
        asked = list(names)
        read: Sequence[Any] = self._store.read_tiles(asked)
        return [
            None if data is None else self._decrypted(data, f"tile {name}")
            for name, data in zip(asked, read, strict=True)
        ]

    def write_tiles(self, tiles: Sequence[tuple[str, bytes]], /) -> None:
        """As :meth:`~tallystick.protocols.TileWriter.write_tiles`."""
        batch = check_tiles(tiles)
        for name, data in batch:
            if len(data) > MAX_TILE - _MORE:
                raise ValueError(
                    f"{name} has {len(data)} bytes; encrypted, a tile has at most {MAX_TILE - _MORE}"
                )
        self._store.write_tiles([(name, self._encrypted(data, f"tile {name}")) for name, data in batch])

    def delete_tiles(self, names: Sequence[str], /) -> None:
        """As :meth:`~tallystick.protocols.TileDeleter.delete_tiles`."""
        self._store.delete_tiles(names)

    def read_head(self) -> bytes | None:
        """As :meth:`~tallystick.protocols.HeadReader.read_head`."""
        data = self._store.read_head()
        return None if data is None else self._decrypted(data, "head")

    def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:
        """As :meth:`~tallystick.protocols.HeadPublisher.publish_head`."""
        head = check_head(head)
        if len(head) > MAX_HEAD - _MORE:
            raise ValueError(f"a head of {len(head)} bytes; encrypted, it has at most {MAX_HEAD - _MORE}")
        data = self._encrypted(head, "head")
        refused: list[bytes | None] = []
        while True:
            # The same head has other bytes whenever it is encrypted, so those that are there are compared.
            present = self._store.read_head()
            if (None if present is None else self._decrypted(present, "head")) != expected:
                return False
            if present in refused:
                raise StoreError("the store refuses to replace the head that it gives: is it an old copy?")
            if self._store.publish_head(data, expected=present):
                return True
            refused = [present]

    def _encrypted(self, data: bytes, what: str) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, data, what.encode())

    def _decrypted(self, data: bytes, what: str) -> bytes:
        if len(data) < _MORE:
            raise StoreError(f"the {what} has {len(data)} bytes, too few to be encrypted")
        try:
            return self._cipher.decrypt(data[:_NONCE], data[_NONCE:], what.encode())
        except self._refusal as error:
            raise StoreError(f"the {what} was changed, or is not of this key") from error
