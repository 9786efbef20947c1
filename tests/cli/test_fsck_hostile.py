"""``tallystick fsck`` of stores that were made to hurt it: it ends soon, and says what is damaged."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
import tallystick as ts
from tallystick import _checks, hashes, stores
from tallystick.logs import _notes

from tests.cli.test_fsck import made
from tests.cli.test_fsck_sparse import filled
from tests.support_logs import SIGNER

STAMP = 16


def checked(body: bytes) -> bytes:
    return body + hashes.BLAKE3.digest(body)


@pytest.mark.parametrize("size", [3 * 256, 2**40, 2**63])
def test_a_head_may_state_any_size(size: int) -> None:
    store = made(3)
    head = ts.TreeHead(ts.schemes.RFC6962, size, bytes(range(32)))
    store.head = _notes.signed(SIGNER.name, head, SIGNER).to_bytes()
    found = _checks.check_store(store, None, "store")
    assert not found.sound
    assert len(found.findings) < 10


def record_with(count: int, kind: int = 3) -> Callable[[bytes], bytes]:
    def change(record: bytes) -> bytes:
        body = bytearray(record[:-32])
        (top,) = struct.unpack_from("<I", body, 29)
        at = 33 + top
        assert body[at] == 3
        body[at] = kind
        struct.pack_into("<Q", body, at + 1 + STAMP, count)
        return checked(bytes(body))

    return change


@pytest.mark.parametrize("change", [record_with(2**50), record_with(257), record_with(0, kind=9)])
@pytest.mark.parametrize("which", [1, -1])
def test_records_that_state_too_much(change: Callable[[bytes], bytes], which: int) -> None:
    store = stores.MemoryStore()
    filled(store, ts.schemes.NATIVE_SPARSE, keep=None)
    name = sorted(name for name in store.list_tiles() if name.endswith("/version"))[which]
    (record,) = store.read_tiles([name])
    assert record is not None
    assert _checks.check_store(store, None, "store").sound
    store.write_tiles([(name, change(record))])
    assert not _checks.check_store(store, None, "store").sound


@pytest.mark.parametrize(
    "page",
    [
        # A node below a node, over and over: the way there is a number of as many bits.
        pytest.param(b"\2" * (4 << 20), id="deep"),
        pytest.param(b"\2" * 257 + b"\1" * 9000, id="leaves-too-deep"),
        pytest.param(b"\2" * 6 + b"\3", id="no-stamp"),
        pytest.param(b"\2" * 6 + b"\3" + bytes(STAMP + 31), id="half-a-digest"),
        pytest.param(b"", id="empty"),
    ],
)
def test_pages_that_are_none(page: bytes) -> None:
    store = stores.MemoryStore()
    filled(store, ts.schemes.NATIVE_SPARSE)
    names = [name for name in store.list_tiles() if not name.endswith("/version")]
    store.write_tiles([(name, page) for name in names])
    found = _checks.check_store(store, None, "store")
    assert [one.damage for one in found.findings] == [True]
