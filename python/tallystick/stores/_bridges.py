"""Stores that block as stores that are awaited, and the other way round."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Iterator, Sequence
from itertools import islice
from typing import Any, Self, TypeVar

from tallystick.protocols import AsyncTileReader, TileReader
from tallystick.stores._opened import Opened

Result = TypeVar("Result")
_AT_ONCE = 1000


class ThreadedStore:
    """What :func:`in_thread` makes: an asynchronous store, closed by ``await close()`` or ``async with``."""

    def __init__(self, store: TileReader) -> None:
        self._store: Any = store

    async def read_tiles(self, names: Sequence[str], /) -> Sequence[bytes | None]:
        """As :meth:`~tallystick.protocols.TileReader.read_tiles`."""
        return await asyncio.to_thread(self._store.read_tiles, names)

    async def write_tiles(self, tiles: Sequence[tuple[str, bytes]], /) -> None:
        """As :meth:`~tallystick.protocols.TileWriter.write_tiles`."""
        await asyncio.to_thread(self._store.write_tiles, tiles)

    async def list_tiles(self, prefix: str = "", /) -> AsyncIterator[str]:
        """As :meth:`~tallystick.protocols.TileLister.list_tiles`; up to 1,000 names a step."""
        names = await asyncio.to_thread(lambda: iter(self._store.list_tiles(prefix)))
        while page := await asyncio.to_thread(lambda: list(islice(names, _AT_ONCE))):
            for name in page:
                yield name

    async def delete_tiles(self, names: Sequence[str], /) -> None:
        """As :meth:`~tallystick.protocols.TileDeleter.delete_tiles`."""
        await asyncio.to_thread(self._store.delete_tiles, names)

    async def read_head(self) -> bytes | None:
        """As :meth:`~tallystick.protocols.HeadReader.read_head`."""
        return await asyncio.to_thread(self._store.read_head)

    async def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:
        """As :meth:`~tallystick.protocols.HeadPublisher.publish_head`."""
        return await asyncio.to_thread(self._store.publish_head, head, expected=expected)

    async def close(self) -> None:
        """Close the store within, if it can be closed."""
        close = getattr(self._store, "close", None)
        if close is not None:
            await asyncio.to_thread(close)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


class LoopStore(Opened):
    """What :func:`in_loop` makes: a store that blocks. Closing it closes the store within, in its loop."""

    def __init__(self, store: AsyncTileReader, loop: asyncio.AbstractEventLoop) -> None:
        self._store: Any = store
        self._loop = loop

    def read_tiles(self, names: Sequence[str], /) -> Sequence[bytes | None]:
        """As :meth:`~tallystick.protocols.TileReader.read_tiles`."""
        found: Sequence[bytes | None] = self._run(self._store.read_tiles(names))
        return found

    def write_tiles(self, tiles: Sequence[tuple[str, bytes]], /) -> None:
        """As :meth:`~tallystick.protocols.TileWriter.write_tiles`."""
        self._run(self._store.write_tiles(tiles))

    def list_tiles(self, prefix: str = "", /) -> Iterator[str]:
        """As :meth:`~tallystick.protocols.TileLister.list_tiles`; up to 1,000 names a step."""
        names = aiter(self._store.list_tiles(prefix))

        async def page() -> list[str]:
            found: list[str] = []
            async for name in names:
                found.append(name)
                if len(found) == _AT_ONCE:
                    break
            return found

        while some := self._run(page()):
            yield from some

    def delete_tiles(self, names: Sequence[str], /) -> None:
        """As :meth:`~tallystick.protocols.TileDeleter.delete_tiles`."""
        self._run(self._store.delete_tiles(names))

    def read_head(self) -> bytes | None:
        """As :meth:`~tallystick.protocols.HeadReader.read_head`."""
        head: bytes | None = self._run(self._store.read_head())
        return head

    def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:
        """As :meth:`~tallystick.protocols.HeadPublisher.publish_head`."""
        published: bool = self._run(self._store.publish_head(head, expected=expected))
        return published

    def close(self) -> None:
        """Close the store within, if it can be closed."""
        close = getattr(self._store, "close", None)
        if close is not None:
            self._run(close())

    def _run(self, coroutine: Coroutine[Any, Any, Result]) -> Result:
        try:
            inside = asyncio.get_running_loop() is self._loop
        except RuntimeError:
            inside = False
        if inside:
            coroutine.close()
            raise RuntimeError("the store's own loop would wait for itself: call it from another thread")
        if not self._loop.is_running():
            coroutine.close()
            raise RuntimeError("the store's loop does not run: run it in another thread")
        future = asyncio.run_coroutine_threadsafe(coroutine, self._loop)
        try:
            return future.result()
        except BaseException:
            future.cancel()
            raise


def in_thread(store: TileReader) -> ThreadedStore:
    """Return an asynchronous store that calls ``store`` in the threads of ``asyncio.to_thread``.

    A call that was cancelled goes on in its thread.

    >>> import asyncio
    >>> from tallystick import stores
    >>> async def work():
    ...     async with stores.in_thread(stores.MemoryStore()) as store:
    ...         return await store.publish_head(b"head", expected=None)
    >>> asyncio.run(work())
    True
    """
    return ThreadedStore(store)


def in_loop(store: AsyncTileReader, loop: asyncio.AbstractEventLoop) -> LoopStore:
    """Return a store that awaits ``store`` in ``loop``, which runs in another thread than the caller's.

    A call from the loop's own thread, or while it does not run, is a ``RuntimeError``.

    >>> import asyncio, threading
    >>> from tallystick import stores
    >>> loop = asyncio.new_event_loop()
    >>> thread = threading.Thread(target=loop.run_forever)
    >>> thread.start()
    >>> store = stores.in_loop(stores.in_thread(stores.MemoryStore()), loop)
    >>> store.publish_head(b"head", expected=None), store.read_head()
    (True, b'head')
    >>> store.close(), loop.call_soon_threadsafe(loop.stop) and None, thread.join()
    (None, None, None)
    >>> loop.run_until_complete(loop.shutdown_default_executor()), loop.close()
    (None, None)
    """
    return LoopStore(store, loop)
