"""Stores for tests of logs, which are as small as they can be, and what goes wrong with them."""

from __future__ import annotations

import asyncio
import base64
import functools
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tallystick.liabilities import Ed25519Signer

SIGNER = Ed25519Signer.from_seed("log.example/audit", bytes(32))
VERIFIER = SIGNER.verifier
# The private key as tools for signed notes in Go have it.
SIGNER_TEXT = "+".join(
    ("PRIVATE+KEY", SIGNER.name, SIGNER.key_id.hex(), base64.b64encode(b"\1" + bytes(32)).decode())
)


class Stop(Exception):
    """The process ends here."""


class DictStore:
    """A store in memory. ``before`` is called ahead of every change with its number, and may raise."""

    def __init__(self, before: Callable[[int], None] = lambda _: None) -> None:
        self.tiles: dict[str, bytes] = {}
        self.head: bytes | None = None
        self.before = before
        self.changes = 0
        self.reads: list[list[str]] = []
        self.written: list[list[str]] = []

    def change(self) -> None:
        self.changes += 1
        self.before(self.changes)

    def read_tiles(self, names: Sequence[str], /) -> list[bytes | None]:
        self.reads.append(list(names))
        return [self.tiles.get(name) for name in names]

    def write_tiles(self, tiles: Sequence[tuple[str, bytes]], /) -> None:
        assert len(dict(tiles)) == len(tiles)
        self.written.append([name for name, _ in tiles])
        # A crash may leave any part of a batch.
        for name, data in tiles:
            self.change()
            self.tiles[name] = data

    def list_tiles(self, prefix: str = "", /) -> Iterable[str]:
        return sorted(name for name in self.tiles if name.startswith(prefix))

    def delete_tiles(self, names: Sequence[str], /) -> None:
        self.change()
        for name in names:
            self.tiles.pop(name, None)

    def read_head(self, /) -> bytes | None:
        return self.head

    def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:
        self.change()
        if self.head != expected:
            return False
        self.head = head
        return True

    def copy(self) -> DictStore:
        other = DictStore()
        other.tiles, other.head = dict(self.tiles), self.head
        return other

    def save(self, folder: Path) -> None:
        """Write it as a folder that a static web server can serve."""
        for name, data in [*self.tiles.items(), ("checkpoint", self.head or b"")]:
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(data)


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """Serve a folder by a static web server of the standard library; its address."""
    handler = functools.partial(Quiet, directory=str(folder))
    with ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


class Quiet(SimpleHTTPRequestHandler):
    """A server of files that logs nothing."""

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
        """Say nothing."""


class AwaitedStore:
    """The same, awaited."""

    def __init__(self, store: DictStore) -> None:
        self.store = store

    async def read_tiles(self, names: Sequence[str], /) -> list[bytes | None]:
        await asyncio.sleep(0)
        return self.store.read_tiles(names)

    async def write_tiles(self, tiles: Sequence[tuple[str, bytes]], /) -> None:
        await asyncio.sleep(0)
        self.store.write_tiles(tiles)

    async def delete_tiles(self, names: Sequence[str], /) -> None:
        await asyncio.sleep(0)
        self.store.delete_tiles(names)

    async def read_head(self, /) -> bytes | None:
        await asyncio.sleep(0)
        return self.store.read_head()

    async def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:
        await asyncio.sleep(0)
        return self.store.publish_head(head, expected=expected)
