"""Logs in tiles, both ways, with Go's `sumdb` and with Tessera: theirs are read here, ours there."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest
import tallystick as ts
from tallystick.logs import Log, LogReader
from tallystick.protocols import Store
from tallystick.stores import DirectoryStore

from tests.oracle import tiles
from tests.support_logs import SIGNER, SIGNER_TEXT, VERIFIER, DictStore, served

BATCHES = [1, 254, 2, 1, 300, 66_000, 511]


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> tiles.Programs:
    return tiles.build(tmp_path_factory.mktemp("tiles"))


def entries(begin: int, end: int) -> list[bytes]:
    return [b"entry %d" % place for place in range(begin, end)]


def grow(store: Store, batches: list[int]) -> None:
    log = Log.create(store, signer=SIGNER)
    for count in batches:
        log.extend(entries(len(log), len(log) + count))


def grown(batches: list[int]) -> DictStore:
    store = DictStore()
    grow(store, batches)
    return store


@pytest.mark.parametrize("batches", [[], [1], [256], BATCHES], ids=sum)
def test_they_read_and_verify_what_we_serve(
    programs: tiles.Programs, batches: list[int], tmp_path: Path
) -> None:
    grow(DirectoryStore(tmp_path, head_name="checkpoint"), batches)
    size = sum(batches)
    tree = ts.MerkleTree(entries(0, size), scheme=ts.schemes.RFC6962)
    records = sorted({0, 255, 256, size // 2, size - 1} & set(range(size)))
    older = sorted({1, 255, 256, size // 2, size} & set(range(1, size + 1)))
    with served(tmp_path) as address:
        found = programs.sumdb(read=address, key=VERIFIER.to_text(), records=records, older=older)
        if size:
            programs.run("tessera", "check", address, VERIFIER.to_text())
    assert found["size"] == size
    assert [base64.b64decode(entry) for entry in found["entries"]] == [b"entry %d" % one for one in records]
    assert [base64.b64decode(root) for root in found["roots"]] == [tree.head_at(one).root for one in older]


def test_they_refuse_what_is_changed(programs: tiles.Programs, tmp_path: Path) -> None:
    store = grown([600])
    tile = store.tiles["tile/0/001"]
    store.tiles["tile/0/001"] = tile[:-1] + bytes([tile[-1] ^ 1])
    store.save(tmp_path)
    with served(tmp_path) as address:
        refused = programs.refused(read=address, key=VERIFIER.to_text(), records=[300], older=[])
    assert "invalid transparency proof" in refused


def test_they_read_a_log_with_a_claim(programs: tiles.Programs, tmp_path: Path) -> None:
    """Between a claim and the new head, the old one is what is served."""

    class Stop(Exception):
        pass

    def stop(change: int) -> None:
        if change == 4:
            raise Stop

    store = grown([300])
    log = Log.open(store, signer=SIGNER)
    store.changes, store.before = 0, stop
    with pytest.raises(Stop):
        log.extend(entries(300, 400))
    assert b"tallystick.log/claim" in (store.head or b"")
    store.save(tmp_path)
    with served(tmp_path) as address:
        found = programs.sumdb(read=address, key=VERIFIER.to_text(), records=[299], older=[1])
        programs.run("tessera", "check", address, VERIFIER.to_text())
    assert found["size"] == 300


@pytest.mark.parametrize("batches", [[], [1], [256], [200, 600, 70_000]], ids=sum)
def test_we_read_and_verify_what_sumdb_writes(
    programs: tiles.Programs, batches: list[int], tmp_path: Path
) -> None:
    sizes = [sum(batches[: turn + 1]) for turn in range(len(batches))]
    programs.sumdb(write=str(tmp_path), key=SIGNER_TEXT, sizes=sizes)
    check_log(tmp_path, sum(batches))


@pytest.mark.parametrize("size", [1, 256, 1000])
def test_we_read_and_verify_what_tessera_writes(programs: tiles.Programs, size: int, tmp_path: Path) -> None:
    programs.run("tessera", "write", str(tmp_path), SIGNER_TEXT, str(size))
    check_log(tmp_path, size)


def check_log(folder: Path, size: int) -> None:
    reader = LogReader.open(DirectoryStore(folder, create=False, head_name="checkpoint"), verifier=VERIFIER)
    read = reader.entries()
    assert len(read) == size
    # Tessera orders what is added at one time as it likes.
    assert sorted(read) == sorted(entries(0, size))
    tree = ts.MerkleTree(read, scheme=ts.schemes.RFC6962)
    assert reader.head == tree.head
    for index in {0, 255, size // 2, size - 1} & set(range(size)):
        assert reader.prove(index) == tree.prove(index)
    for old in {1, 256, size // 2} & set(range(1, size)):
        assert reader.prove_extends(old) == tree.prove_extends(old)
