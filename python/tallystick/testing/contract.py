"""What every store does, as tests for pytest, and as random calls beside a dictionary."""

from __future__ import annotations

import random
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tallystick.protocols import Store

Opener = Callable[[], Store]

_BAD_NAMES = ("", "/", "a/", "/a", "a//b", ".", "..", "a/../b", "A", "a b", "a\n", "ä", "a" * 201)


def _refuses(error: type[Exception], call: Callable[[], Any]) -> None:
    try:
        call()
    except error:
        return
    raise AssertionError(f"{error.__name__} was expected")


class StoreContract:
    """Tests of one store. Subclass it and give a fixture ``opener``.

    ``opener`` is a function that opens the same store each time it is called, for the first time an empty
    one. A store that one object has for itself may give that object again.

    >>> import pytest
    >>> from tallystick import stores, testing
    >>> class TestMemoryStore(testing.StoreContract):
    ...     @pytest.fixture
    ...     def opener(self):
    ...         store = stores.MemoryStore()
    ...         return lambda: store
    """

    def test_an_empty_store_says_so(self, opener: Opener) -> None:
        """Nothing is there: None, and no error."""
        store = opener()
        assert isinstance(store, Store)
        assert store.read_head() is None
        assert list(store.read_tiles(["a", "a/b"])) == [None, None]
        assert list(store.read_tiles([])) == []
        assert list(store.list_tiles()) == []

    def test_tiles_are_read_as_they_were_written(self, opener: Opener) -> None:
        """In the order that is asked for, by any object."""
        store = opener()
        tiles = [
            ("b", b""),
            ("a/x/1", b"one"),
            ("a/x/2", bytes(range(256))),
            ("a.p/5", b"p" * 100_000),
            ("a/zz", b""),
        ]
        store.write_tiles(tiles)
        store.write_tiles([])
        names = [name for name, _ in tiles]
        store.publish_head(b"head", expected=None)
        for other in (store, opener()):
            assert list(other.read_tiles([*names, "a/z"])) == [*(tile for _, tile in tiles), None]
            assert list(other.read_tiles(names[::-1])) == [tile for _, tile in tiles[::-1]]
            assert list(other.list_tiles()) == sorted(names)
            assert list(other.list_tiles("a/")) == ["a/x/1", "a/x/2", "a/zz"]
        store.write_tiles([("b", b"new")])
        assert list(store.read_tiles(["b"])) == [b"new"]
        store.delete_tiles(["a/x/1", "nothing"])
        store.delete_tiles([])
        assert list(store.read_tiles(["a/x/1", "a/x/2"])) == [None, bytes(range(256))]

    def test_batches_may_be_large(self, opener: Opener) -> None:
        """Thousands of tiles in one call."""
        store = opener()
        tiles = [(f"many/{number:05}", number.to_bytes(4, "big")) for number in range(3000)]
        store.write_tiles(tiles)
        assert list(store.read_tiles([name for name, _ in tiles])) == [tile for _, tile in tiles]
        store.delete_tiles([name for name, _ in tiles])
        assert set(store.read_tiles([name for name, _ in tiles])) == {None}

    def test_a_head_is_published_only_over_the_expected_one(self, opener: Opener) -> None:
        """Compare-and-swap: False changes nothing."""
        store = opener()
        assert store.publish_head(b"new", expected=b"old") is False
        assert store.read_head() is None
        assert store.publish_head(b"one", expected=None) is True
        assert store.publish_head(b"two", expected=None) is False
        assert store.publish_head(b"two", expected=b"on") is False
        assert opener().read_head() == b"one"
        assert opener().publish_head(b"", expected=b"one") is True
        assert store.read_head() == b""
        assert store.publish_head(bytes(65_536), expected=b"") is True
        assert list(store.list_tiles()) == []

    def test_one_of_many_writers_wins_each_head(self, opener: Opener) -> None:
        """No publication is lost."""
        wins: list[int] = []

        def write(number: int) -> None:
            store = opener()
            for _ in range(15):
                head = store.read_head()
                if store.publish_head(str(int(head or b"0") + 1).encode(), expected=head):
                    wins.append(number)

        with ThreadPoolExecutor(4) as threads:
            list(threads.map(write, range(4)))  # and raises what one of them raised
        assert opener().read_head() == str(len(wins)).encode()

    def test_bad_calls_write_nothing(self, opener: Opener) -> None:
        """Bad names, a name twice, what is too long: ValueError."""
        store = opener()
        for name in _BAD_NAMES:
            _refuses(ValueError, lambda name=name: store.write_tiles([("good", b""), (name, b"")]))  # type: ignore[misc]
        _refuses(ValueError, lambda: store.write_tiles([("a", b"1"), ("a", b"2")]))
        _refuses(ValueError, lambda: store.write_tiles([("a", bytes((16 << 20) + 1))]))
        _refuses(ValueError, lambda: store.publish_head(bytes(65_537), expected=None))
        assert list(store.read_tiles(["good", "a"])) == [None, None]
        assert store.read_head() is None

    def test_random_calls(self, opener: Opener) -> None:
        """A store and a dictionary go through the same calls."""
        check_random_calls(opener, seed=1, steps=60)


def check_random_calls(opener: Opener, *, seed: int, steps: int) -> None:
    """Make random calls on an empty store and on a dictionary; raise ``AssertionError`` where they differ.

    >>> from tallystick import stores, testing
    >>> store = stores.MemoryStore()
    >>> testing.check_random_calls(lambda: store, seed=7, steps=100)
    """
    rng = random.Random(seed)
    names = [f"{a}/{b}" for a in ("x", "y/z", "w.p") for b in range(5)]
    tiles: dict[str, bytes] = {}
    head: bytes | None = None
    store = opener()
    for _ in range(steps):
        some = rng.sample(names, rng.randint(0, 6))
        call = rng.randrange(6)
        if call == 0:
            written = {name: rng.randbytes(rng.choice((0, 1, 50, 5000))) for name in some}
            store.write_tiles(list(written.items()))
            tiles |= written
        elif call == 1:
            store.delete_tiles(some)
            tiles = {name: tile for name, tile in tiles.items() if name not in some}
        elif call == 2:
            new, expected = rng.randbytes(8), rng.choice((head, head, None, b"other"))
            assert store.publish_head(new, expected=expected) == (expected == head), "compare-and-swap"
            head = new if expected == head else head
        elif call == 3:
            # What was not published may be gone with the object.
            new = rng.randbytes(8)
            assert store.publish_head(new, expected=head)
            head, store = new, opener()
        else:
            assert list(store.read_tiles(some)) == [tiles.get(name) for name in some], "tiles"
            prefix = rng.choice(("", "x/", "y", "y/z/1"))
            assert list(store.list_tiles(prefix)) == sorted(n for n in tiles if n.startswith(prefix)), "names"
            assert store.read_head() == head, "head"
