"""A store whose failures are tried again."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from tallystick.errors import StoreError
from tallystick.protocols import TileReader
from tallystick.stores._wrapper import Wrapper

Result = TypeVar("Result")


class RetryingStore(Wrapper):
    """A store that calls another up to ``attempts`` times while it raises one of ``retry_on``.

    Before the n-th new try it waits a random time of up to ``backoff * 2**(n-1)`` seconds, and never above
    ``max_backoff``. The last failure is raised as it is.

    After a failed :meth:`publish_head` nobody knows whether the head is published, so it is read. If it is
    the new one, the answer is ``True``; if it is the expected one, it is tried again; of any other one
    nothing can be said, and that is a :exc:`~tallystick.errors.StoreError`.

    >>> from tallystick import stores
    >>> class Shaky(stores.MemoryStore):
    ...     failures = 2
    ...     def read_head(self):
    ...         self.failures -= 1
    ...         if self.failures >= 0:
    ...             raise ConnectionError("try again")
    ...         return super().read_head()
    >>> print(stores.RetryingStore(Shaky(), backoff=0.001).read_head())
    None
    """

    def __init__(
        self,
        store: TileReader,
        *,
        attempts: int = 5,
        backoff: float = 0.1,
        max_backoff: float = 10.0,
        retry_on: tuple[type[Exception], ...] = (StoreError, OSError),
    ) -> None:
        if attempts < 1:
            raise ValueError(f"attempts is 1 or above, not {attempts}")
        if not (backoff >= 0 and max_backoff >= 0):
            raise ValueError("backoff and max_backoff are seconds, 0 or above")
        super().__init__(store)
        self._attempts, self._backoff, self._max_backoff = attempts, backoff, max_backoff
        self._retry_on = retry_on

    def read_tiles(self, names: Sequence[str], /) -> Sequence[bytes | None]:
        """As :meth:`~tallystick.protocols.TileReader.read_tiles`."""
        found: Sequence[bytes | None] = self._tried(lambda: self._store.read_tiles(names))
        return found

    def write_tiles(self, tiles: Sequence[tuple[str, bytes]], /) -> None:
        """As :meth:`~tallystick.protocols.TileWriter.write_tiles`."""
        batch = list(tiles)
        self._tried(lambda: self._store.write_tiles(batch))

    def list_tiles(self, prefix: str = "", /) -> Iterable[str]:
        """As :meth:`~tallystick.protocols.TileLister.list_tiles`; all names are read at once."""
        return self._tried(lambda: list(self._store.list_tiles(prefix)))

    def delete_tiles(self, names: Sequence[str], /) -> None:
        """As :meth:`~tallystick.protocols.TileDeleter.delete_tiles`."""
        self._tried(lambda: self._store.delete_tiles(names))

    def read_head(self) -> bytes | None:
        """As :meth:`~tallystick.protocols.HeadReader.read_head`."""
        head: bytes | None = self._tried(self._store.read_head)
        return head

    def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:
        """As :meth:`~tallystick.protocols.HeadPublisher.publish_head`."""
        failure: Exception | None = None
        for attempt in range(self._attempts):
            if attempt:
                self._wait(attempt)
            try:
                if self._store.publish_head(head, expected=expected):
                    return True
                if failure is None:
                    return False
            except self._retry_on as error:
                failure = error
            present = self.read_head()
            if present == head:
                return True
            if present != expected:
                raise StoreError("a head was perhaps published, and perhaps replaced since") from failure
        raise StoreError(f"no head was published in {self._attempts} attempts") from failure

    def _tried(self, call: Callable[[], Result]) -> Result:
        for attempt in range(1, self._attempts):
            try:
                return call()
            except self._retry_on:
                self._wait(attempt)
        return call()

    def _wait(self, attempt: int) -> None:
        time.sleep(random.uniform(0, min(self._max_backoff, self._backoff * 2.0 ** min(attempt - 1, 64))))
