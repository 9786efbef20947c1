"""Faults of a store, and what a tree must make of them: an error or the truth, and never a third thing."""

from __future__ import annotations

import enum
import random
from collections.abc import Callable, Iterable, Sequence

from tallystick._core import SparseTree
from tallystick.errors import StoreError
from tallystick.protocols import Store


class Fault(enum.Enum):
    """What goes wrong once."""

    #: The call raises, and did nothing.
    RAISES = "raises"
    #: The call raises, and did all: an answer that was lost.
    RAISES_AFTER = "raises after"
    #: Of the tiles some are written or read, in another order, then the call raises.
    TORN = "torn"
    #: A tile that was read lacks its end.
    SHORT = "short"
    #: One bit of a tile or head that was read is another.
    FLIPPED = "flipped"
    #: A tile or head is read as it was before it was written last; not there, if it was written once.
    STALE = "stale"


class FaultyStore:
    """Passes calls on to another store, and does one fault at a call that is chosen.

    ``at`` counts the calls from 0. ``happened`` tells whether the fault had its place: not every fault can
    befall every call.

    >>> from tallystick import stores, testing
    >>> store = testing.FaultyStore(stores.MemoryStore(), testing.Fault.RAISES, at=1)
    >>> store.read_head()
    >>> store.read_head()
    Traceback (most recent call last):
    tallystick.errors.StoreError: connection failed
    """

    def __init__(self, store: Store, fault: Fault, *, at: int, seed: int = 0) -> None:
        self._store, self._fault, self._at = store, fault, at
        self._rng = random.Random(seed)
        self._before: dict[str, bytes | None] = {}
        self._head_before: bytes | None = None
        self.happened = False

    def _is_now(self, *faults: Fault) -> bool:
        self._at -= 1
        now = self._at == -1 and self._fault in faults
        self.happened |= now
        return now

    def read_tiles(self, names: Sequence[str], /) -> list[bytes | None]:
        """As the store, or not."""
        now = self._is_now(
            Fault.RAISES, Fault.RAISES_AFTER, Fault.TORN, Fault.SHORT, Fault.FLIPPED, Fault.STALE
        )
        tiles = list(self._store.read_tiles(names))
        if not now:
            return tiles
        if self._fault in (Fault.RAISES, Fault.RAISES_AFTER, Fault.TORN):
            raise StoreError("connection failed")
        there = [place for place, tile in enumerate(tiles) if tile]
        if there:
            place = self._rng.choice(there)
            tiles[place] = self._changed(names[place], tiles[place] or b"")
        return tiles

    def _changed(self, name: str, tile: bytes) -> bytes | None:
        if self._fault is Fault.STALE:
            return self._before.get(name)
        if self._fault is Fault.SHORT:
            return tile[: self._rng.randrange(len(tile))]
        bit = self._rng.randrange(8 * len(tile))
        return tile[: bit // 8] + bytes([tile[bit // 8] ^ 1 << bit % 8]) + tile[bit // 8 + 1 :]

    def write_tiles(self, tiles: Sequence[tuple[str, bytes]], /) -> None:
        """As the store, or not."""
        now = self._is_now(Fault.RAISES, Fault.RAISES_AFTER, Fault.TORN)
        if now and self._fault is Fault.RAISES:
            raise StoreError("connection failed")
        for (name, _), tile in zip(tiles, self._store.read_tiles([name for name, _ in tiles]), strict=True):
            self._before[name] = tile
        if now and self._fault is Fault.TORN:
            some = self._rng.sample(list(tiles), self._rng.randint(0, len(tiles)))
            self._store.write_tiles(some)
        else:
            self._store.write_tiles(tiles)
        if now:
            raise StoreError("connection failed")

    def list_tiles(self, prefix: str = "", /) -> Iterable[str]:
        """As the store."""
        return self._store.list_tiles(prefix)

    def delete_tiles(self, names: Sequence[str], /) -> None:
        """As the store, or not."""
        now = self._is_now(Fault.RAISES, Fault.RAISES_AFTER, Fault.TORN)
        if now and self._fault is Fault.RAISES:
            raise StoreError("connection failed")
        self._store.delete_tiles(names[::2] if now and self._fault is Fault.TORN else names)
        if now:
            raise StoreError("connection failed")

    def read_head(self) -> bytes | None:
        """As the store, or not."""
        now = self._is_now(Fault.RAISES, Fault.RAISES_AFTER, Fault.FLIPPED, Fault.SHORT, Fault.STALE)
        if now and self._fault in (Fault.RAISES, Fault.RAISES_AFTER):
            raise StoreError("connection failed")
        head = self._store.read_head()
        if now and self._fault is Fault.STALE:
            return self._head_before
        return self._changed("", head) if now and head else head

    def publish_head(self, head: bytes, /, *, expected: bytes | None) -> bool:
        """As the store, or not."""
        now = self._is_now(Fault.RAISES, Fault.RAISES_AFTER)
        if now and self._fault is Fault.RAISES:
            raise StoreError("connection failed")
        before = self._store.read_head()
        published = self._store.publish_head(head, expected=expected)
        if published:
            self._head_before = before
        if now:
            raise StoreError("connection failed")
        return published


def _keys(count: int) -> list[bytes]:
    rng = random.Random(5)
    return [rng.randbytes(32) for _ in range(count)]


def check_faults(make: Callable[[], Store], *, most: int = 24) -> None:
    """Do every fault at every call that a small tree makes on a store, and look at what is left.

    ``make`` gives a new, empty store each time. Raises ``AssertionError`` where a call gives neither the
    truth nor an error, or where afterwards the store has neither the old tree nor the new one. Costs some
    hundred small trees.

    >>> from tallystick import stores, testing
    >>> testing.check_faults(stores.MemoryStore, most=3)
    """
    keys = _keys(120)
    old = dict.fromkeys(keys[:80], b"old")
    new = old | dict.fromkeys(keys[60:], b"new")
    roots = {SparseTree(old).root: old, SparseTree(new).root: new}
    for fault in Fault:
        for at in range(most):
            store = make()
            SparseTree(old, store=store, keep=2)
            faulty = FaultyStore(store, fault, at=at, seed=at)
            told = _change(faulty, keys, roots)
            tree = SparseTree.open(store)
            assert tree.root in roots, f"{fault} at call {at}: neither the old tree nor the new one"
            assert told is None or tree.root == told, f"{fault} at call {at}: another tree than was told"
            assert len(list(tree.items())) == len(roots[tree.root]), f"{fault} at call {at}: keys are lost"
            if not faulty.happened and told is not None:
                break


def _change(store: FaultyStore, keys: list[bytes], roots: dict[bytes, dict[bytes, bytes]]) -> bytes | None:
    """Return the root that a changed tree says it has; None if there was an error."""
    try:
        tree = SparseTree.open(store, keep=2)
        values = roots[tree.root]
        for key in (keys[0], keys[-1]):
            proof = tree.prove(key)
            if key in values:
                tree.head.verify_present(key, values[key], proof)
            else:
                tree.head.verify_absent(key, proof)
        tree.update(keys[60:], [b"new"] * 60)
        return tree.root
    except (StoreError, LookupError):
        return None


def check_two_writers(opener: Callable[[], Store], *, rounds: int = 10) -> None:
    """Let two trees write to one store, in turn: one wins each time, and nothing of it is lost.

    ``opener`` opens the same store each time, first an empty one.

    >>> from tallystick import stores, testing
    >>> store = stores.MemoryStore()
    >>> testing.check_two_writers(lambda: store)
    """
    keys = _keys(rounds * 2 + 1)
    SparseTree({keys[0]: b""}, store=opener())
    values = {keys[0]: b""}
    for place in range(1, 2 * rounds, 2):
        writers = [SparseTree.open(opener(), keep=2) for _ in range(2)]
        first = place % 4 // 2
        writers[first].update([keys[place]], [b"first"])
        values[keys[place]] = b"first"
        try:
            writers[1 - first].update([keys[place + 1]], [b"second"])
        except StoreError:
            pass
        else:
            raise AssertionError("two writers of one version both won")
        assert SparseTree.open(opener()).root == SparseTree(values).root, "what the winner wrote is lost"
