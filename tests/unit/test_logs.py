"""Logs on stores: what is written, what is read, what is refused."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
import tallystick as ts
from tallystick.logs import AsyncLog, AsyncLogReader, Log, LogReader, _bundles, _writing
from tallystick.logs._layout import LONGEST_ENTRY, Tile
from tallystick.tlog import Checkpoint

from tests.support_logs import SIGNER, VERIFIER, AwaitedStore, DictStore

SCHEMES = (ts.schemes.RFC6962, ts.schemes.NATIVE.with_context(b"audit"), ts.schemes.TENDERMINT)


def entries(count: int, begin: int = 0) -> list[bytes]:
    return [b"entry %d " % place * (place % 4) for place in range(begin, begin + count)]


def made(count: int, scheme: ts.Scheme = ts.schemes.RFC6962) -> tuple[DictStore, Log]:
    store = DictStore()
    log = Log.create(store, signer=SIGNER, scheme=scheme)
    log.extend(entries(count))
    return store, log


def reader_of(store: DictStore, **options: Any) -> LogReader:
    return LogReader.open(store, verifier=VERIFIER, **options)


@pytest.mark.parametrize(
    ("tile", "name"),
    [
        (Tile(0, 0, 256), "tile/0/000"),
        (Tile(3, 5, 17), "tile/3/005.p/17"),
        (Tile(-1, 999, 256), "tile/entries/999"),
        (Tile(1, 1000, 256), "tile/1/x001/000"),
        (Tile(0, 1234067, 8), "tile/0/x001/x234/067.p/8"),
    ],
)
def test_names(tile: Tile, name: str) -> None:
    assert tile.name == name


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
@pytest.mark.parametrize("size", [0, 1, 2, 255, 256, 257, 600, 65_536, 66_100])
def test_heads_and_proofs_are_those_of_the_tree(scheme: ts.Scheme, size: int) -> None:
    store, log = made(size, scheme)
    tree = ts.MerkleTree(entries(size), scheme=scheme)
    reader = reader_of(store)
    assert log.head == reader.head == tree.head
    assert len(reader) == size
    assert reader.scheme == scheme
    for index in {0, size // 3, size - 1} if size else ():
        assert reader.prove(index) == log.prove(index) == tree.prove(index)
    if size:
        indices = sorted({0, size // 2, size - 1})[::-1]
        assert reader.prove_many(indices) == tree.prove_many(indices)
    for old in {1, size // 2, size - 1, size} if size > 1 else ():
        assert reader.prove_extends(old) == tree.prove_extends(old)
        earlier = tree.head_at(old)
        assert reader.prove(old - 1, head=earlier) == tree.prove(old - 1, head=earlier)
    assert reader.entries(size // 2) == entries(size)[size // 2 :]


def test_the_tiles_of_a_small_log() -> None:
    store, _ = made(300)
    assert sorted(store.tiles) == [
        "tile/0/000",
        "tile/0/001.p/44",
        "tile/1/000.p/1",
        "tile/entries/000",
        "tile/entries/001.p/44",
    ]
    assert len(store.tiles["tile/0/000"]) == 256 * 32
    assert store.tiles["tile/entries/000"][:13] == b"\0\0\0\x08entry 1 \0"


def test_the_head_is_a_checkpoint_for_rfc6962_and_no_other() -> None:
    for scheme in SCHEMES:
        _, log = made(3, scheme)
        if scheme == ts.schemes.RFC6962:
            assert Checkpoint.from_text(log.note).head == log.head
        else:
            with pytest.raises(ts.DecodeError):
                Checkpoint.from_text(log.note)


def test_appending_reads_nothing_and_writes_the_right_edge() -> None:
    store, log = made(70_000)
    store.reads.clear()
    store.written.clear()
    assert log.append(b"one more") == 70_000
    assert store.reads == []
    _, tiles = store.written
    assert sorted(tiles) == ["tile/0/273.p/113", "tile/entries/273.p/113"]
    Log.open(store, signer=SIGNER)
    assert [len(names) for names in store.reads] == [4]


def test_a_proof_is_one_batch_of_few_tiles() -> None:
    store, _ = made(70_000)
    reader = reader_of(store)
    store.reads.clear()
    reader.prove(5)
    assert [sorted(names) for names in store.reads] == [
        ["tile/0/000", "tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"]
    ]


def test_removed_partial_tiles_are_replaced_by_full_ones() -> None:
    store, log = made(300)
    reader = reader_of(store)
    tree = ts.MerkleTree(entries(600), scheme=ts.schemes.RFC6962)
    log.extend(entries(300, 300))
    for name in [name for name in store.tiles if name.endswith(".p/44")]:
        del store.tiles[name]
    store.tiles["tile/1/000.p/1"] = store.tiles["tile/1/000.p/1"]
    head = tree.head_at(300)
    assert reader.prove(299) == tree.prove(299, head=head)
    assert reader.entries(290) == entries(10, 290)
    assert reader.refresh() == tree.head


def test_refused_entries_change_nothing() -> None:
    store, log = made(3)
    before = dict(store.tiles), store.head
    for bad, error in (
        ([b"good", "text"], TypeError),
        ([b"good", bytes(LONGEST_ENTRY + 1)], ValueError),
    ):
        with pytest.raises(error, match=r"entries\[1\]"):
            log.extend(bad)  # type: ignore[arg-type]
    with pytest.raises(TypeError, match="use append"):
        log.extend(b"one")  # type: ignore[arg-type]
    assert log.extend([]) == range(3, 3)
    assert (store.tiles, store.head) == before


def test_large_batches_are_claimed_in_pieces() -> None:
    store = DictStore()
    log = Log.create(store, signer=SIGNER)
    batch = [bytes([place % 256]) * 60_000 for place in range(300)]
    assert log.extend(batch) == range(300)
    assert len(store.written[0]) > 3
    assert reader_of(store).entries(298) == batch[298:]


@pytest.mark.parametrize(
    ("scheme", "error"),
    [
        (ts.schemes.NATIVE_SUM, TypeError),
        (ts.schemes.NERVOS_MMR, TypeError),
        ("rfc6962/sha256", TypeError),
    ],
)
def test_other_schemes_are_refused(scheme: Any, error: type[Exception]) -> None:
    store = DictStore()
    with pytest.raises(error):
        Log.create(store, signer=SIGNER, scheme=scheme)
    assert store.head is None


@pytest.mark.parametrize(
    ("store", "message"),
    [("served", "a path is no store"), (DictStore, "DictStore is a class"), (None, "it has no read_tiles")],
)
def test_what_is_no_store_is_refused(store: Any, message: str) -> None:
    calls: tuple[Callable[[], object], ...] = (
        lambda: Log.create(store, signer=SIGNER),
        lambda: Log.open(store, signer=SIGNER),
        lambda: reader_of(store),
        lambda: asyncio.run(AsyncLog.create(store, signer=SIGNER)),
        lambda: asyncio.run(AsyncLog.open(store, signer=SIGNER)),
        lambda: asyncio.run(AsyncLogReader.open(store, verifier=VERIFIER)),
    )
    for call in calls:
        with pytest.raises(TypeError, match=message):
            call()


def test_a_store_of_something_else_has_no_log() -> None:
    store = DictStore()
    ts.SparseTree({bytes(32): b"value"}, store=store)
    with pytest.raises(ts.DecodeError, match="the store's head is not that of a log"):
        reader_of(store)


def test_creating_and_opening_are_never_guessed() -> None:
    with pytest.raises(ts.NotFound):
        Log.open(DictStore(), signer=SIGNER)
    with pytest.raises(ts.NotFound):
        reader_of(DictStore())
    store, _ = made(2)
    with pytest.raises(ts.StoreError, match="has a head already"):
        Log.create(store, signer=SIGNER)
    assert len(reader_of(store)) == 2


def test_what_is_not_there_cannot_be_asked_for() -> None:
    store, log = made(10)
    reader = reader_of(store)
    for index in (-1, 10, 2**70):
        with pytest.raises(IndexError):
            reader.prove(index)
    for begin, end in ((-1, 3), (5, 4), (0, 11)):
        with pytest.raises(IndexError):
            reader.entries(begin, end)
    for old in (0, 11):
        with pytest.raises(ValueError, match="no extension"):
            reader.prove_extends(old)
    with pytest.raises(ts.StaleHead):
        log.prove(0, head=ts.head_of([b"x"], scheme=ts.schemes.RFC6962))
    with pytest.raises(ts.StaleHead):
        log.prove(0, head=ts.head_of(entries(3)))


def test_a_store_without_deleting_is_enough() -> None:
    class Small:
        def __init__(self, store: DictStore) -> None:
            self.read_tiles, self.write_tiles = store.read_tiles, store.write_tiles
            self.read_head, self.publish_head = store.read_head, store.publish_head

    store = DictStore()
    log = Log.create(Small(store), signer=SIGNER)
    log.extend(entries(5))
    assert reader_of(store).entries() == entries(5)
    assert sum(name.startswith("claim/") for name in store.tiles) == 2


def test_awaited_logs_do_the_same() -> None:
    async def go() -> DictStore:
        store = DictStore()
        log = await AsyncLog.create(AwaitedStore(store), signer=SIGNER)
        ranges = await asyncio.gather(*(log.extend(entries(100, 100 * turn)) for turn in range(5)))
        assert ranges == [range(100 * turn, 100 * turn + 100) for turn in range(5)]
        reader = await AsyncLogReader.open(AwaitedStore(store), verifier=VERIFIER)
        tree = ts.MerkleTree(entries(501), scheme=ts.schemes.RFC6962)
        again = await AsyncLog.open(AwaitedStore(store), signer=SIGNER, newest=reader.head)
        assert await again.append(entries(1, 500)[0]) == 500
        assert await reader.refresh() == tree.head
        assert await reader.prove(7) == tree.prove(7)
        assert await reader.prove_many([7, 400]) == tree.prove_many([7, 400])
        assert await reader.prove_extends(300) == tree.prove_extends(300)
        assert await reader.entries(250, 260) == entries(10, 250)
        return store

    store = asyncio.run(go())
    same, _ = made(0)
    log = Log.open(same, signer=SIGNER)
    for turn in range(5):
        log.extend(entries(100, 100 * turn))
    log.extend(entries(1, 500))
    assert (store.tiles, store.head) == (same.tiles, same.head)


def test_pieces_of_a_claim_fit_a_tile_however_short_the_entries(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_writing, "_PIECE", 1000)
    for many in ([b""] * 10_000, [b"a", b""] * 3000, [bytes(999)] * 3):
        pieces = list(_writing._pieces(many))
        assert max(map(len, pieces)) < 1000 + 2 + max(map(len, many))
        assert b"".join(pieces) == _bundles.encode(many)
