"""Sparse trees in stores: opened again, pruned, failed, damaged."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
import tallystick as ts
from tallystick import protocols, stores

from tests.support_sparse import SPARSE_BUILT_IN

Open = Callable[[], protocols.Store]


def keys_of(count: int, seed: int = 1) -> list[bytes]:
    rng = random.Random(seed)
    return [rng.randbytes(32) for _ in range(count)]


def test_creating_and_opening_are_never_guessed(opener: Open) -> None:
    with pytest.raises(ts.NotFound, match="no tree"):
        ts.SparseTree.open(opener())
    tree = ts.SparseTree({}, store=opener())
    assert ts.SparseTree.open(opener()).root == tree.root
    with pytest.raises(ts.StoreError, match="already"):
        ts.SparseTree(store=opener())


def test_items_that_are_refused_leave_the_store_empty(opener: Open) -> None:
    key = bytes(32)
    for items, error in (
        ([(key, b"1"), (key, b"2")], ValueError),
        ({key[1:]: b"1"}, ValueError),
        ({key: 1}, TypeError),
    ):
        with pytest.raises(error):
            ts.SparseTree(items, store=opener())  # type: ignore[arg-type]
        assert opener().read_head() is None
        assert list(opener().list_tiles()) == []


def test_a_tree_goes_on_where_it_was(opener: Open) -> None:
    keys = keys_of(400)
    plain = ts.SparseTree(keep=None, time=0)
    tree = ts.SparseTree(keep=3, time=0, store=opener())
    for begin in range(0, 400, 50):
        for one in (plain, tree):
            one.update(keys[begin : begin + 50], [b"1"] * 50, time=begin)
            one.remove(keys[begin : begin + 9], time=begin + 1)
        tree = ts.SparseTree.open(opener(), keep=3)
        assert tree.head == plain.head
        assert len(tree.versions) == 3
        for version in tree.versions:
            old, model = tree.at(version), plain.at(version)
            assert (old.root, old.time, list(old.items(b"\x07"))) == (
                model.root,
                model.time,
                list(model.items(b"\x07")),
            )
    assert tree.diff(*tree.versions[::2]) == plain.diff(*tree.versions[::2])
    asked = [*keys[::7], *keys_of(20, 2)]
    assert tree.prove_many(asked) == plain.prove_many(asked)
    tree.prune(tree.version)
    tree.remove([key for key, _ in tree.items()])
    tree.prune(tree.version)
    assert len(list(opener().list_tiles())) == 1


class Failing:
    """Passes calls on, until one fails."""

    def __init__(self, store: protocols.Store, patience: int, error: Exception) -> None:
        self.store, self.patience, self.error = store, patience, error

    def __getattr__(self, name: str) -> Callable[..., object]:
        call = getattr(self.store, name)

        def passed_on(*args: object, **options: object) -> object:
            self.patience -= 1
            if self.patience == 0:
                raise self.error
            return call(*args, **options)

        return passed_on


@pytest.mark.parametrize(
    "error", [ts.StoreError("connection failed"), ConnectionError("reset"), KeyboardInterrupt()]
)
def test_failures_come_back_as_they_are_and_change_nothing(error: Exception) -> None:
    keys = keys_of(300)
    for patience in range(1, 30):
        store = stores.MemoryStore()
        tree = ts.SparseTree(dict.fromkeys(keys[:200], b"1"), store=store, keep=2)
        failing = Failing(store, 0, error)
        opened = ts.SparseTree.open(failing, keep=2)
        before = opened.root
        failing.patience = patience
        raised: BaseException | None = None
        try:
            opened.update(keys[100:], [b"2"] * 200)
        except BaseException as caught:
            raised = caught
        if raised is None:
            assert patience > 4
            break
        assert raised is error
        failing.patience = 0
        again = ts.SparseTree.open(store, keep=2)
        assert again.root == opened.root
        if opened.root == before:
            assert tree.root == before
            opened.update(keys[100:], [b"2"] * 200)
        assert (
            ts.SparseTree.open(store).root
            == ts.SparseTree(dict.fromkeys(keys[:100], b"1") | dict.fromkeys(keys[100:], b"2")).root
        )
    else:
        pytest.fail("it never went through")


def test_a_failure_is_never_taken_for_empty() -> None:
    store = stores.MemoryStore()
    ts.SparseTree(dict.fromkeys(keys_of(100), b"1"), store=store)
    error = ConnectionError("connection failed")
    with pytest.raises(ConnectionError):
        ts.SparseTree.open(Failing(store, 1, error))
    tree = ts.SparseTree.open(Failing(store, 3, error))
    with pytest.raises(ConnectionError):
        tree.prove(bytes(32))
    store.delete_tiles([name for name in store.list_tiles() if "/000-" in name])
    with pytest.raises(ts.StoreError, match="does not have"):
        ts.SparseTree.open(store).prove(bytes(32))


def test_a_second_writer_is_refused_and_loses_nothing_of_the_first(opener: Open) -> None:
    keys = keys_of(30)
    first = ts.SparseTree(dict.fromkeys(keys[:10], b"1"), store=opener())
    second = ts.SparseTree.open(opener(), keep=1)
    second.update(keys[10:20], [b"2"] * 10)
    with pytest.raises(ts.StoreError, match="another writer"):
        first.update(keys[20:], [b"3"] * 10)
    assert ts.SparseTree.open(opener()).root == second.root


@pytest.mark.parametrize("scheme", SPARSE_BUILT_IN, ids=lambda scheme: str(scheme.name))
def test_no_flipped_bit_is_ever_used(scheme: ts.Scheme) -> None:
    store = stores.MemoryStore()
    keys = keys_of(40)
    tree = ts.SparseTree(dict.fromkeys(keys, b"1"), store=store, scheme=scheme)
    entries, head = list(tree.items()), store.read_head()
    assert head is not None
    rng = random.Random(7)
    names = list(store.list_tiles())
    for _ in range(400):
        name = rng.choice(names)
        (good,) = store.read_tiles([name])
        assert good is not None
        bad = bytearray(good)
        bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
        store.write_tiles([(name, bytes(bad))])
        with contextlib.suppress(ts.StoreError):
            assert list(ts.SparseTree.open(store).items()) == entries
        store.write_tiles([(name, good)])


@pytest.mark.parametrize(
    ("store", "message"),
    [
        (object(), "object is no store: it has no read_tiles"),
        (b"path", "bytes is no store"),
        ("path", "a path is no store: open one there first"),
        (Path("path"), "a path is no store: open one there first"),
        (stores.MemoryStore, "MemoryStore is a class: open a store first"),
    ],
)
def test_what_is_no_store_is_refused(store: object, message: str) -> None:
    for call in (lambda: ts.SparseTree(store=store), lambda: ts.SparseTree.open(store)):  # type: ignore[arg-type]
        with pytest.raises(TypeError, match=message):
            call()


def test_a_reader_is_told_when_a_writer_let_go_of_its_version(tmp_path: Path) -> None:
    keys = keys_of(2000)
    writer = ts.SparseTree(
        dict.fromkeys(keys, b"1"), store=stores.SQLiteStore(tmp_path / "store.sqlite"), keep=1
    )
    reader = ts.SparseTree.open(stores.SQLiteStore(tmp_path / "store.sqlite"))
    head = reader.head
    head.verify_present(keys[0], b"1", reader.prove(keys[0]))
    writer.update(keys, [b"2"] * 2000)
    head.verify_present(keys[0], b"1", reader.prove(keys[0]))  # what was read, it has
    with pytest.raises(ts.StoreError, match="another writer has let go of its version"):
        reader.prove_many(keys)
    assert ts.SparseTree.open(stores.SQLiteStore(tmp_path / "store.sqlite")).head == writer.head


def test_a_store_of_something_else_holds_no_tree() -> None:
    store = stores.MemoryStore()
    store.publish_head(b"log.example/audit\n3\n", expected=None)
    with pytest.raises(ts.StoreError, match="the head of the store is not that of a sparse tree"):
        ts.SparseTree.open(store)


class Odd(stores.MemoryStore):
    """Answers as it likes."""

    answer: Sequence[object] | None = None

    def read_tiles(self, names: Sequence[str], /) -> list[bytes | None]:
        return super().read_tiles(names) if self.answer is None else list(self.answer)  # type: ignore[arg-type]


def test_odd_answers_are_refused() -> None:
    store = Odd()
    ts.SparseTree(dict.fromkeys(keys_of(100), b"1"), store=store)
    tree = ts.SparseTree.open(store)
    for answer, error in (
        ([], ts.StoreError),
        ([b"", b""], ts.StoreError),
        (["text"], TypeError),
        ([7], TypeError),
    ):
        store.answer = answer
        with pytest.raises(error):
            tree.prove(bytes(32))
    store.answer = None
    tree.head.verify_absent(bytes(32), tree.prove(bytes(32)))
