"""Stores that lie about a log, that lose a race, and that stop in the middle."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import tallystick as ts
from tallystick.liabilities import Ed25519Signer
from tallystick.logs import Log, LogReader

from tests.support_logs import SIGNER, VERIFIER, DictStore, Stop

SCHEMES = (ts.schemes.RFC6962, ts.schemes.NATIVE)
SIZE = 65_536 + 300


def entries(count: int, begin: int = 0) -> list[bytes]:
    return [b"%d" % place for place in range(begin, begin + count)]


def made(count: int, scheme: ts.Scheme = ts.schemes.RFC6962) -> DictStore:
    store = DictStore()
    Log.create(store, signer=SIGNER, scheme=scheme).extend(entries(count))
    return store


def reader_of(store: DictStore) -> LogReader:
    return LogReader.open(store, verifier=VERIFIER)


@pytest.mark.exhaustive
@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
def test_every_bit_of_a_log_that_is_flipped_is_seen(scheme: ts.Scheme) -> None:
    """All bits of all tiles, and of the head, each in a log that is then read whole."""
    store = made(300, scheme)
    assert store.head is not None
    files: list[tuple[str | None, bytes]] = [(None, store.head), *store.tiles.items()]
    for name, good in files:
        for bit in range(8 * len(good)):
            flipped = bytearray(good)
            flipped[bit // 8] ^= 1 << bit % 8
            if name is None:
                store.head = bytes(flipped)
            else:
                store.tiles[name] = bytes(flipped)
            with pytest.raises((ts.StoreError, ts.InvalidProof, ts.DecodeError)):
                everything(reader_of(store))
        if name is None:
            store.head = good
        else:
            store.tiles[name] = good
    everything(reader_of(store))


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: scheme.name)
def test_every_changed_byte_of_every_tile_that_is_read_is_seen(scheme: ts.Scheme) -> None:
    store = made(600, scheme)
    asked: dict[str, Callable[[LogReader], object]] = {
        name: (lambda reader: reader.entries()) if "entries" in name else (lambda reader: reader.prove(300))
        for name in ["tile/0/001", "tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/001"]
    }
    for name, ask in asked.items():
        good = store.tiles[name]
        for place in range(0, len(good), 61 if len(good) > 4000 else 3):
            store.tiles[name] = good[:place] + bytes([good[place] ^ 1 << place % 8]) + good[place + 1 :]
            with pytest.raises(ts.StoreError, match="tile/"):
                ask(reader_of(store))
        for wrong in (b"", good[:-1], good + b"\0", good[32:], good * 2):
            store.tiles[name] = wrong
            with pytest.raises(ts.StoreError, match="tile/"):
                ask(reader_of(store))
        store.tiles[name] = good
        ask(reader_of(store))


def test_changed_tiles_of_the_right_edge_are_not_appended_to() -> None:
    store = made(600)
    for name in ("tile/0/002.p/88", "tile/1/000.p/2", "tile/entries/002.p/88"):
        good = store.tiles[name]
        store.tiles[name] = good[:-1] + bytes([good[-1] ^ 1])
        with pytest.raises(ts.StoreError, match="tile/"):
            Log.open(store, signer=SIGNER)
        store.tiles[name] = good


def everything(reader: LogReader) -> None:
    reader.entries()
    reader.prove(0)


def test_missing_tiles_are_a_failure_and_never_an_empty_log() -> None:
    store = made(600)
    for name in list(store.tiles):
        kept = store.tiles.pop(name)
        with pytest.raises(ts.StoreError, match="is missing"):
            everything(reader_of(store))
        store.tiles[name] = kept


def test_a_failing_store_is_not_an_empty_one() -> None:
    store = made(10)

    def refuse(*_: object) -> None:
        raise ConnectionError("connection refused")

    reader = reader_of(store)
    store.read_tiles = refuse  # type: ignore[method-assign, assignment]
    with pytest.raises(ConnectionError):
        reader.prove(0)
    store.read_head = refuse  # type: ignore[method-assign, assignment]
    with pytest.raises(ConnectionError):
        reader.refresh()
    assert len(reader) == 10


def test_heads_that_were_not_signed_by_the_key_of_the_log() -> None:
    store = made(10)
    assert store.head is not None
    other = Ed25519Signer.from_seed(SIGNER.name, bytes(31) + b"\1")
    with pytest.raises(ts.InvalidSignature):
        LogReader.open(store, verifier=other.verifier)
    with pytest.raises(ts.InvalidProof, match="of the log"):
        LogReader.open(store, verifier=VERIFIER, origin="log.example/other")
    text = store.head.decode()
    for changed in (text.replace("\n10\n", "\n9\n"), text.replace("— log", "— lag")):
        store.head = changed.encode()
        with pytest.raises(ts.InvalidSignature):
            reader_of(store)
    for changed in (b"", b"\xff", text.encode()[:-1], b"x" * 70_000):
        store.head = changed
        with pytest.raises(ts.DecodeError):
            reader_of(store)


def test_shrunk_logs_and_stale_checkpoints_are_seen() -> None:
    store = made(300)
    old = store.copy()
    Log.open(store, signer=SIGNER).extend(entries(300, 300))
    reader = reader_of(store)
    store.tiles, store.head = old.tiles, old.head
    with pytest.raises(ts.InvalidProof):
        reader.refresh()
    assert len(reader) == 600
    with pytest.raises(ts.InvalidProof):
        Log.open(store, signer=SIGNER, newest=reader.head)


def test_an_old_claim_makes_no_writer_sign_a_second_history() -> None:
    """A store refuses a claim, keeps what was signed, and shows it when the log has gone another way."""
    store = made(300)
    log = Log.open(store, signer=SIGNER)
    claims: list[tuple[bytes, dict[str, bytes]]] = []

    def refuse(head: bytes, *, expected: bytes | None) -> bool:
        claims.append((head, dict(store.tiles)))
        return False

    publish = store.publish_head
    store.publish_head = refuse  # type: ignore[method-assign]
    with pytest.raises(ts.StoreError, match="nothing was appended"):
        log.append(b"one way")
    store.publish_head = publish  # type: ignore[method-assign]
    log = Log.open(store, signer=SIGNER)
    log.append(b"another way")
    ((head, tiles),) = claims
    published: list[bytes] = []

    def note(head: bytes, *, expected: bytes | None) -> bool:
        published.append(head)
        return publish(head, expected=expected)

    store.head, store.tiles, store.publish_head = head, tiles, note  # type: ignore[method-assign]
    before = store.copy()
    with pytest.raises(ts.InvalidProof):
        Log.open(store, signer=SIGNER, newest=log.head)
    assert published == []
    assert store.tiles == before.tiles
    # The same claim is carried out for who knows nothing newer.
    assert Log.open(store, signer=SIGNER, newest=reader_of(made(300)).head).head.size == 301
    assert reader_of(store).entries(300) == [b"one way"]


@pytest.mark.parametrize("more", [0, 200])
def test_forked_histories_are_seen(more: int) -> None:
    store, fork = made(300), DictStore()
    changed = [b"nothing happened" if place == 7 else entry for place, entry in enumerate(entries(300))]
    Log.create(fork, signer=SIGNER).extend(changed + entries(more, 300))
    reader = reader_of(store)
    store.tiles, store.head = fork.tiles, fork.head
    with pytest.raises(ts.RootMismatch):
        reader.refresh()
    assert reader_of(store).entries(7, 8) == [b"nothing happened"]


def test_a_second_writer_is_refused_and_nothing_is_lost() -> None:
    store = made(300)
    first, second = Log.open(store, signer=SIGNER), Log.open(store, signer=SIGNER)
    first.extend(entries(7, 300))
    for _ in range(2):
        with pytest.raises(ts.StoreError, match="open the log again"):
            second.extend([b"other"] * 7)
    assert reader_of(store).entries() == entries(307)
    assert Log.open(store, signer=SIGNER).append(b"307") == 307
    assert reader_of(store).entries() == entries(308)


@pytest.mark.parametrize("at", range(1, 11))
def test_a_writer_that_comes_in_between_never_costs_an_entry(at: int) -> None:
    """Before each change of one writer, another opens the log and appends."""
    store = made(254)
    log = Log.open(store, signer=SIGNER)

    def interrupt(change: int) -> None:
        if change == at:
            store.before = lambda _: None
            Log.open(store, signer=SIGNER).extend([b"second"] * 3)

    store.changes, store.before = 0, interrupt
    won = True
    try:
        log.extend([b"first"] * 3)
    except ts.StoreError:
        won = False
    assert store.changes >= at
    found = reader_of(store).entries()[254:]
    assert found in ([b"first"] * 3 * won + [b"second"] * 3, [b"second"] * 3)
    assert (b"first" in found) == won
    assert Log.open(store, signer=SIGNER).append(b"third") == 254 + len(found)
    assert reader_of(store).entries()[254:] == [*found, b"third"]


def test_a_crash_at_every_change_leaves_the_old_or_the_new_log() -> None:
    begun = made(254)
    outcomes = set()
    for at in range(1, 30):
        store = begun.copy()

        def stop(change: int, at: int = at) -> None:
            if change >= at:
                raise Stop

        log = Log.open(store, signer=SIGNER)
        store.before = stop
        try:
            log.extend(entries(600, 254))
            done = True
        except Stop:
            done = False
        before = reader_of(store).entries()
        assert before in (entries(254), entries(854))
        store.before = lambda _: None
        # A log that is opened again has all of the batch, or nothing of it, and goes on.
        again = Log.open(store, signer=SIGNER)
        after = reader_of(store).entries()
        assert after in (entries(254), entries(854))
        assert len(after) >= len(before)
        again.extend(entries(300, len(after)))
        assert reader_of(store).entries() == entries(len(after) + 300)
        outcomes.add((done, len(before), len(after)))
    assert outcomes == {(False, 254, 254), (False, 254, 854), (False, 854, 854), (True, 854, 854)}


def test_claims_that_the_writer_did_not_make_are_refused() -> None:
    """A store that adds a claim of its own does not make the writer sign what is in it."""
    store = made(3)
    stop_at: list[int] = []

    def stop(change: int) -> None:
        if change in stop_at:
            raise Stop

    forger = Ed25519Signer.from_seed(SIGNER.name, b"\1" * 32)
    own = Log.open(store, signer=SIGNER)
    assert store.head is not None
    # The forger's log has the same head, so its claims differ in the signature alone.
    forged = made(3)
    forged.head = store.head
    lies = Log.open(forged, signer=SIGNER)
    object.__setattr__(lies._keys, "signer", forger)
    forged.before = stop
    forged.changes, stop_at = 0, [4]
    with pytest.raises(Stop):
        lies.append(b"a lie")
    assert own.head == reader_of(forged).head
    with pytest.raises(ts.InvalidSignature):
        Log.open(forged, signer=SIGNER)
    name = next(name for name in forged.tiles if name.startswith("claim/"))
    forged.tiles[name] += b"\0"
    with pytest.raises((ts.StoreError, ts.InvalidSignature)):
        Log.open(forged, signer=SIGNER)
    for name in [name for name in forged.tiles if name.startswith("claim/")]:
        del forged.tiles[name]
    with pytest.raises(ts.StoreError, match="claims entries"):
        Log.open(forged, signer=SIGNER)
