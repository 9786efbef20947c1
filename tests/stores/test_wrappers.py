"""What is put around stores: it is a store itself, and does what it is for."""

from __future__ import annotations

import asyncio
import doctest
import importlib
import sys
import threading
from collections.abc import Iterator, Sequence

import pytest
import tallystick as ts
from tallystick import protocols, stores

from tests.support import run_python

KEY = bytes(range(32))


@pytest.fixture(params=["caching", "retrying", "encrypting", "loop", "all"])
def wrapped(request: pytest.FixtureRequest) -> Iterator[protocols.Store]:
    inner = stores.MemoryStore()
    if request.param == "loop":
        loop = asyncio.new_event_loop()
        thread = threading.Thread(target=loop.run_forever)
        thread.start()
        with stores.in_loop(stores.in_thread(inner), loop) as store:
            yield store
        asyncio.run_coroutine_threadsafe(loop.shutdown_default_executor(), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
        return
    yield {
        "caching": lambda: stores.CachingStore(inner),
        "retrying": lambda: stores.RetryingStore(inner),
        "encrypting": lambda: stores.EncryptingStore(inner, KEY),
        "all": lambda: stores.CachingStore(stores.EncryptingStore(stores.RetryingStore(inner), KEY), ttl=9),
    }[request.param]()


def test_it_does_what_a_store_does(wrapped: protocols.Store) -> None:
    assert isinstance(wrapped, protocols.Store)
    assert wrapped.read_head() is None
    wrapped.write_tiles([("a/1", b"1"), ("a/2", b""), ("b", b"3")])
    for _ in range(2):
        assert list(wrapped.read_tiles(["b", "a/1", "c", "a/2", "b"])) == [b"3", b"1", None, b"", b"3"]
    wrapped.write_tiles([("b", b"new"), ("c", b"4")])
    assert list(wrapped.read_tiles(["b", "c"])) == [b"new", b"4"]
    wrapped.delete_tiles(["a/1", "none"])
    assert list(wrapped.read_tiles(["a/1"])) == [None]
    assert list(wrapped.list_tiles()) == ["a/2", "b", "c"]
    assert list(wrapped.list_tiles("a/")) == ["a/2"]
    assert wrapped.publish_head(b"one", expected=None)
    assert not wrapped.publish_head(b"two", expected=None)
    assert not wrapped.publish_head(b"two", expected=b"on")
    assert wrapped.publish_head(b"two", expected=b"one")
    assert wrapped.read_head() == b"two"
    for name in ("", "../a", "A"):
        with pytest.raises(ValueError):
            wrapped.read_tiles([name])
        with pytest.raises(ValueError):
            wrapped.write_tiles([("good", b""), (name, b"")])
    with pytest.raises(ValueError):
        wrapped.write_tiles([("x", b"1"), ("x", b"2")])
    assert list(wrapped.list_tiles()) == ["a/2", "b", "c"]


def test_a_tree_in_a_wrapped_store(wrapped: protocols.Store) -> None:
    tree = ts.SparseTree(store=wrapped)
    tree.update([ts.key(b"alice"), ts.key(b"bob")], [b"5", b"7"])
    assert ts.SparseTree.open(wrapped).head == tree.head


class Counting(stores.MemoryStore):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[list[str]] = []

    def read_tiles(self, names: Sequence[str], /) -> list[bytes | None]:
        self.asked.append(list(names))
        return super().read_tiles(names)


def test_a_cache_keeps_no_more_than_its_bytes_and_time(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("tallystick.stores._caching.time.monotonic", lambda: now[0])
    inner = Counting()
    inner.write_tiles([("a", bytes(4)), ("b", bytes(4)), ("c", bytes(4)), ("d", bytes(9))])
    store = stores.CachingStore(inner, ttl=10, max_bytes=8)
    store.read_tiles(["a"])
    store.read_tiles(["b"])
    store.read_tiles(["a"])
    store.read_tiles(["c"])  # and b, least recently used, has to go
    store.read_tiles(["d"])  # too large to be kept, and it takes all the rest with it
    assert inner.asked == [["a"], ["b"], ["c"], ["d"]]
    store.read_tiles(["a", "b"])
    now[0] = 9.9
    store.read_tiles(["a", "b"])
    now[0] = 10.0
    store.read_tiles(["a", "b", "e"])
    store.read_tiles(["e"])
    assert inner.asked[4:] == [["a", "b"], ["a", "b", "e"], ["e"]]


def test_what_was_read_before_a_write_is_not_kept() -> None:
    class Overtaken(stores.MemoryStore):
        def read_tiles(self, names: Sequence[str], /) -> list[bytes | None]:
            found = super().read_tiles(names)
            if found == [b"old"]:
                store.write_tiles([("a", b"new")])
            return found

    inner = Overtaken()
    inner.write_tiles([("a", b"old")])
    store = stores.CachingStore(inner)
    assert store.read_tiles(["a"]) == [b"old"]
    assert store.read_tiles(["a"]) == [b"new"]


class Answers(stores.MemoryStore):
    """Publishing fails, before or after the head has changed, as the script says."""

    def __init__(self, *script: str) -> None:
        super().__init__()
        self.script = list(script)

    def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:
        said = self.script.pop(0) if self.script else "ok"
        if said == "lost":
            raise ConnectionError("before")
        published = super().publish_head(head, expected=expected)
        if said == "overtaken":
            super().publish_head(b"other", expected=head)
        if said != "ok":
            raise TimeoutError("after")
        return published


def test_an_unknown_outcome_of_publishing_is_found_out() -> None:
    assert stores.RetryingStore(Answers("lost", "lost"), backoff=0).publish_head(b"new", expected=None)
    assert stores.RetryingStore(Answers("done"), backoff=0).publish_head(b"new", expected=None)
    assert not stores.RetryingStore(Answers(), backoff=0).publish_head(b"new", expected=b"x")
    with pytest.raises(ts.StoreError, match="perhaps"):
        stores.RetryingStore(Answers("overtaken"), backoff=0).publish_head(b"new", expected=None)
    never = Answers(*["lost"] * 9)
    with pytest.raises(ts.StoreError, match="3 attempts"):
        stores.RetryingStore(never, attempts=3, backoff=0).publish_head(b"new", expected=None)
    assert len(never.script) == 6


def test_waiting_grows_and_other_exceptions_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("tallystick.stores._retrying.time.sleep", waits.append)
    monkeypatch.setattr("tallystick.stores._retrying.random.uniform", lambda _, most: most)

    class Broken(stores.MemoryStore):
        error: Exception = ConnectionError("down")

        def read_head(self) -> bytes | None:
            raise self.error

    broken = Broken()
    store = stores.RetryingStore(broken, attempts=5, backoff=1, max_backoff=5)
    with pytest.raises(ConnectionError, match="down"):
        store.read_head()
    assert waits == [1, 2, 4, 5]
    broken.error = KeyError("not tried again")
    with pytest.raises(KeyError):
        store.read_head()
    assert len(waits) == 4


def test_what_was_changed_or_moved_is_refused() -> None:
    inner = stores.MemoryStore()
    store = stores.EncryptingStore(inner, KEY)
    store.write_tiles([("a", b"secret")])
    assert store.publish_head(b"secret", expected=None)
    (data,) = inner.read_tiles(["a"])
    assert data is not None
    assert b"secret" not in data
    for wrong in (
        data[:-1],
        data[:20],
        b"",
        *(bytes([*data[:i], data[i] ^ 1, *data[i + 1 :]]) for i in (0, 14, 33)),
    ):
        inner.write_tiles([("a", wrong)])
        with pytest.raises(ts.StoreError):
            store.read_tiles(["a"])
    inner.write_tiles([("b", data), ("head", data)])
    with pytest.raises(ts.StoreError):
        store.read_tiles(["b"])
    with pytest.raises(ts.StoreError):
        stores.EncryptingStore(inner, bytes(32)).read_head()
    assert inner.publish_head(data, expected=inner.read_head())
    with pytest.raises(ts.StoreError):
        store.read_head()
    with pytest.raises(ts.StoreError):
        store.publish_head(b"", expected=None)
    with pytest.raises(ValueError, match="at most"):
        store.write_tiles([("c", bytes(16 << 20))])
    with pytest.raises(ValueError, match="16, 24 or 32"):
        stores.EncryptingStore(inner, b"short")


def test_the_missing_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "cryptography.exceptions", None)
    with pytest.raises(ImportError, match=r"install 'tallystick\[signing\]'"):
        stores.EncryptingStore(stores.MemoryStore(), KEY)


def test_a_loop_does_not_wait_for_itself() -> None:
    async def within() -> None:
        store = stores.in_loop(stores.in_thread(stores.MemoryStore()), asyncio.get_running_loop())
        with pytest.raises(RuntimeError, match="itself"):
            store.read_head()

    asyncio.run(within())
    loop = asyncio.new_event_loop()
    with pytest.raises(RuntimeError, match="does not run"):
        stores.in_loop(stores.in_thread(stores.MemoryStore()), loop).read_head()
    loop.close()


@pytest.mark.parametrize(
    "name", ["_bridges", "_caching", "_directory", "_encrypting", "_memory", "_retrying", "_sqlite"]
)
def test_the_examples_of_stores_run(name: str) -> None:
    results = doctest.testmod(importlib.import_module(f"tallystick.stores.{name}"))
    assert results.attempted > 0
    assert results.failed == 0


def test_stores_bring_no_engine_that_is_not_used() -> None:
    code = """
import sys, tallystick.stores
print(sorted({"asyncio", "cryptography"} & set(sys.modules)))
"""
    assert run_python(code).stdout == "[]\n"


def test_stores_are_reached_from_the_package() -> None:
    code = """
import sys, tallystick as ts
before = "sqlite3" in sys.modules
print(before, ts.stores.SQLiteStore.__name__, ts.protocols.Store.__name__, hasattr(ts, "nothing"))
"""
    assert run_python(code).stdout == "False SQLiteStore Store False\n"
