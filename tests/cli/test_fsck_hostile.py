"""``tallystick fsck`` of stores that were made to hurt it: it ends soon, and says what is damaged."""

from __future__ import annotations

import random
import sqlite3
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tallystick as ts
from tallystick import _checks, hashes, stores
from tallystick.logs import _notes

from tests.cli.conftest import Run
from tests.cli.test_fsck import made
from tests.cli.test_fsck_sparse import filled
from tests.support_logs import SIGNER

RunJson = Callable[..., dict[str, Any]]
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


def test_damaged_store_files_exit_with_1(run_json: RunJson, tmp_path: Path) -> None:
    path = tmp_path / "tree.store"
    with stores.FileStore(path) as store:
        filled(store, ts.schemes.NATIVE_SPARSE)
    good = path.read_bytes()
    assert run_json("fsck", path)["sound"]
    rng = random.Random(3)
    for length in (100, len(good) // 2, len(good) - 1):
        path.write_bytes(good[:length])
        found = run_json("fsck", path, code=1)
        assert (found["kind"], found["sound"]) == ("store file", False)
    kinds = set()
    for _ in range(60):
        bad = bytearray(good)
        bad[rng.randrange(4, len(bad))] ^= 1 << rng.randrange(8)
        path.write_bytes(bad)
        checked = _checks.check_path(path)
        if not checked.sound:
            kinds.add(checked.kind)
    # Seen by the file's own checksums, or by those above them once a tile fails.
    assert kinds == {"store file", "sparse tree"}


@pytest.mark.parametrize("begin", [4096, 8192, 16_384])
def test_damaged_databases_exit_with_1(run: Run, tmp_path: Path, begin: int) -> None:
    path = tmp_path / "tree.sqlite"
    with stores.SQLiteStore(path) as store:
        filled(store, ts.schemes.NATIVE_SPARSE)
    bad = bytearray(path.read_bytes())
    assert len(bad) > begin
    bad[begin : begin + 64] = b"\xff" * 64
    path.write_bytes(bad)
    run("fsck", path, code=1)


ENDLESS = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT"


@pytest.mark.parametrize(
    "made",
    [
        f"CREATE VIEW tiles AS {ENDLESS} 'a' || i AS name, x'00' AS bytes FROM n; CREATE TABLE head (bytes);",
        f"CREATE TABLE tiles (name, bytes); CREATE VIEW head AS {ENDLESS} zeroblob(1000000) AS bytes FROM n;",
        "CREATE TABLE tiles (name, bytes); CREATE TABLE head (a, bytes AS (zeroblob(900000000)));"
        "INSERT INTO head VALUES (1);",
        "CREATE TABLE other (a);",
    ],
)
def test_databases_of_something_else(run: Run, tmp_path: Path, made: str) -> None:
    path = tmp_path / "other.sqlite"
    database = sqlite3.connect(path)
    database.executescript(made)
    database.close()
    run("fsck", path, code=3)


@pytest.mark.parametrize("change", ["UPDATE head SET bytes = 5", "UPDATE head SET bytes = 'text'"])
def test_a_database_whose_values_are_no_bytes(run: Run, tmp_path: Path, change: str) -> None:
    path = tmp_path / "tree.sqlite"
    with stores.SQLiteStore(path) as store:
        filled(store, ts.schemes.NATIVE_SPARSE)
    database = sqlite3.connect(path)
    with database:
        database.execute(change)
    database.close()
    run("fsck", path, code=1)
