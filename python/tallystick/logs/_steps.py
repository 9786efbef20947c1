"""What a log asks of its store, as values; who does it, at once or awaiting, is one of two short loops.

Every operation of a log is a generator that yields requests and is sent their answers, so that reading and
writing are written once.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, TypeVar

from tallystick.errors import StoreError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Request:
    """A call of one method of the store, and what its answer has to be."""

    method: str
    arguments: tuple[Any, ...]
    options: dict[str, Any]

    def call(self, store: Any) -> Any:
        """Call the method: the answer, or for an asynchronous store what is awaited for it."""
        return getattr(store, self.method)(*self.arguments, **self.options)


Steps = Generator[Request, Any, T]


def read_tiles(names: Sequence[str]) -> Steps[list[bytes | None]]:
    """Read tiles, in the order of ``names``; None where there is none."""
    if not names:
        return []
    answer = yield Request("read_tiles", (names,), {})
    found = list(answer)
    if len(found) != len(names):
        raise StoreError(f"the store was asked for {len(names)} tiles and answered with {len(found)}")
    return [tile if tile is None else _bytes(tile, name) for name, tile in zip(names, found, strict=True)]


def write_tiles(tiles: Sequence[tuple[str, bytes]]) -> Steps[None]:
    """Write tiles, if there are any."""
    if tiles:
        yield Request("write_tiles", (tiles,), {})


def forget_tiles(names: Sequence[str]) -> Steps[None]:
    """Delete tiles that nobody needs; where that fails, or the store cannot, they stay."""
    with suppress(StoreError, OSError, AttributeError):
        yield Request("delete_tiles", (names,), {})


def read_head() -> Steps[bytes | None]:
    """Read the head; None where none was ever published."""
    head = yield Request("read_head", (), {})
    return None if head is None else _bytes(head, "the head")


def publish_head(head: bytes, expected: bytes | None) -> Steps[bool]:
    """Publish ``head`` where the current one is ``expected``, and say whether it was."""
    done = yield Request("publish_head", (head,), {"expected": expected})
    if not isinstance(done, bool):
        raise StoreError(f"the store answered with {type(done).__name__} whether a head is published")
    return done


def run(store: Any, steps: Steps[T]) -> T:
    """Do ``steps`` on a store; what it raises is raised where the step asks."""
    answer: Any = None
    error: Exception | None = None
    while True:
        try:
            request = steps.send(answer) if error is None else steps.throw(error)
        except StopIteration as done:
            result: T = done.value
            return result
        answer = error = None
        try:
            answer = request.call(store)
        except Exception as raised:
            error = raised


async def run_async(store: Any, steps: Steps[T]) -> T:
    """Do ``steps`` on an asynchronous store; what it raises is raised where the step asks."""
    answer: Any = None
    error: Exception | None = None
    while True:
        try:
            request = steps.send(answer) if error is None else steps.throw(error)
        except StopIteration as done:
            result: T = done.value
            return result
        answer = error = None
        try:
            answer = await request.call(store)
        except Exception as raised:
            error = raised


def _bytes(data: object, name: str) -> bytes:
    if not isinstance(data, bytes | bytearray | memoryview):
        raise StoreError(f"the store answered with {type(data).__name__} in place of the bytes of {name}")
    return bytes(data)
