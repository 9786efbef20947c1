"""Claims of logs: what a store may show to a writer, and what that writer must not sign, lose or report."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence

import pytest
import tallystick as ts
from tallystick.logs import Log, LogReader

from tests.support_logs import SIGNER, VERIFIER, DictStore, Stop

ENTRIES = [b"0", b"1", b"2"]


def made() -> DictStore:
    store = DictStore()
    Log.create(store, signer=SIGNER).extend(ENTRIES)
    return store


def claimed() -> DictStore:
    """A log with a claim to one entry more, whose writer ended when the claim was published."""

    def stop(change: int) -> None:
        if change == 4:  # two tiles of the claim and the head come before
            raise Stop

    store = made()
    log = Log.open(store, signer=SIGNER)
    store.changes, store.before = 0, stop
    with pytest.raises(Stop):
        log.append(b"3")
    store.before = lambda _: None
    return store


def entries_of(store: DictStore) -> list[bytes]:
    return LogReader.open(store, verifier=VERIFIER).entries()


def pieces_of(store: DictStore) -> tuple[str, str]:
    """The names of the list of a claim, which begins with the length of a signature, and of its piece."""
    top, piece = sorted(
        (name for name in store.tiles if name.startswith("claim/")), key=lambda name: -len(store.tiles[name])
    )
    return top, piece


def test_a_claim_is_carried_out_by_who_opens_the_log() -> None:
    store = claimed()
    assert entries_of(store) == ENTRIES
    Log.open(store, signer=SIGNER)
    assert entries_of(store) == [*ENTRIES, b"3"]


def bundle(entry: bytes) -> bytes:
    return len(entry).to_bytes(2, "big") + entry


def listed(store: DictStore, digests: bytes) -> None:
    """Put another list into the claim, behind the signature."""
    top, _ = pieces_of(store)
    data = store.tiles[top]
    store.tiles[top] = data[: 2 + int.from_bytes(data[:2], "big")] + digests


def another_list(store: DictStore) -> None:
    head = LogReader.open(store, verifier=VERIFIER).head
    digest = hashlib.sha256(head.to_bytes() + bundle(b"a lie")).digest()
    listed(store, digest)
    store.tiles[f"claim/{digest.hex()}"] = bundle(b"a lie")


def another_piece(store: DictStore) -> None:
    store.tiles[pieces_of(store)[1]] = bundle(b"a lie")


def no_list(store: DictStore) -> None:
    listed(store, b"")


def list_with_more(store: DictStore) -> None:
    top, _ = pieces_of(store)
    store.tiles[top] += bytes(32)


@pytest.mark.parametrize("change", [another_list, another_piece, no_list, list_with_more])
def test_nothing_is_signed_but_what_was_claimed(change: Callable[[DictStore], None]) -> None:
    store = claimed()
    honest = store.copy()
    change(store)
    with pytest.raises(ts.StoreError, match="is not what the log's head claims"):
        Log.open(store, signer=SIGNER)
    assert store.head == honest.head
    Log.open(honest, signer=SIGNER)
    assert entries_of(honest) == [*ENTRIES, b"3"]


def test_another_writer_may_carry_a_claim_out_while_it_is_read() -> None:
    store = claimed()
    read = store.read_tiles

    def slow(names: Sequence[str], /) -> list[bytes | None]:
        if names[0].startswith("claim/"):
            store.read_tiles = read  # type: ignore[method-assign]
            Log.open(store, signer=SIGNER)
        return read(names)

    store.read_tiles = slow  # type: ignore[method-assign]
    assert Log.open(store, signer=SIGNER).append(b"4") == 4
    assert entries_of(store) == [*ENTRIES, b"3", b"4"]


def test_who_was_overtaken_after_its_claim_opens_the_log_again() -> None:
    """Another writer carries the claim out and goes on: the batch is there, the first one's state is old."""
    store = made()
    log = Log.open(store, signer=SIGNER)
    publish = store.publish_head

    def overtaken(head: bytes, *, expected: bytes | None) -> bool:
        if b"\n4\n" in head:
            store.publish_head = publish  # type: ignore[method-assign]
            Log.open(store, signer=SIGNER).append(b"4")
        return publish(head, expected=expected)

    store.publish_head = overtaken  # type: ignore[method-assign]
    assert log.append(b"3") == 3
    with pytest.raises(ts.StoreError, match="open the log again"):
        log.append(b"5")
    assert entries_of(store) == [*ENTRIES, b"3", b"4"]


def test_a_batch_that_a_store_takes_back_is_not_reported_as_appended() -> None:
    store = made()
    old = store.head
    log = Log.open(store, signer=SIGNER)
    publish = store.publish_head

    def back(head: bytes, *, expected: bytes | None) -> bool:
        if b"\n4\n" in head:
            store.head = old
            return False
        return publish(head, expected=expected)

    store.publish_head = back  # type: ignore[method-assign]
    with pytest.raises(ts.InvalidProof):
        log.append(b"3")


def test_what_is_no_leaf_is_refused_before_it_is_claimed() -> None:
    store = DictStore()
    log = Log.create(store, signer=SIGNER, scheme=ts.schemes.PROMOTED)
    before = store.copy()
    with pytest.raises(ValueError):
        log.extend([bytes(32), b"no digest"])
    assert (store.head, store.tiles) == (before.head, before.tiles)
    assert Log.open(store, signer=SIGNER).append(bytes(32)) == 0


def test_an_answer_of_too_few_tiles_is_a_failure() -> None:
    store = made()
    reader = LogReader.open(store, verifier=VERIFIER)
    read = store.read_tiles
    store.read_tiles = lambda names, /: read(names)[:-1]  # type: ignore[method-assign]
    with pytest.raises(ts.StoreError, match="answered with"):
        reader.prove(0)
