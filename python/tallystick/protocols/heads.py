"""The head of a store: what leads to everything else in it."""

from __future__ import annotations

from typing import Protocol, runtime_checkable


@runtime_checkable
class HeadReader(Protocol):
    """Reads the head."""

    def read_head(self) -> bytes | None:
        """Return the head, ``None`` if none was ever published. A failure raises."""
        ...


@runtime_checkable
class HeadPublisher(Protocol):
    """Publishes a head."""

    def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:
        """Publish a head if the present one is ``expected``, ``None`` for none: compare-and-swap.

        Return ``False`` if it is another, and change nothing. Once this returned ``True``, the head
        survives a crash, and so does every tile that was written before by the same object. After a
        crash there is the old head or the new one. Raises ``ValueError`` for a head of more than 64 KiB:
        :func:`~tallystick.stores.check_head`.
        """
        ...


@runtime_checkable
class AsyncHeadReader(Protocol):
    """Reads the head, awaited."""

    async def read_head(self) -> bytes | None:
        """As :meth:`HeadReader.read_head`."""
        ...


@runtime_checkable
class AsyncHeadPublisher(Protocol):
    """Publishes a head, awaited."""

    async def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:
        """As :meth:`HeadPublisher.publish_head`."""
        ...
