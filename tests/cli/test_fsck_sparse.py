"""``tallystick fsck`` of sparse trees: sound ones are sound, and what is changed is found."""

from __future__ import annotations

import random
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tallystick as ts
from tallystick import _checks, stores

from tests.support_sparse import SPARSE_BUILT_IN

Run = Callable[..., object]
RunJson = Callable[..., dict[str, Any]]


def filled(store: object, scheme: ts.Scheme, *, keep: int | None = 4) -> ts.SparseTree:
    rng = random.Random(5)
    keys = [rng.randbytes(32) for _ in range(90)]
    keys += [bytes(20) + key[20:] for key in keys[:10]]
    tree = ts.SparseTree(store=store, scheme=scheme, keep=keep)  # type: ignore[arg-type]
    for begin in range(0, 100, 20):
        tree.update(keys[begin : begin + 20], [b"value"] * 20)
        tree.remove(keys[begin : begin + 3])
    return tree


@pytest.mark.parametrize("scheme", SPARSE_BUILT_IN, ids=lambda scheme: str(scheme.name))
def test_sound_trees(run_json: RunJson, tmp_path: Path, scheme: ts.Scheme) -> None:
    folder, database, file = tmp_path / "folder", tmp_path / "tree.sqlite", tmp_path / "tree.store"
    places = (stores.DirectoryStore(folder), stores.SQLiteStore(database), stores.FileStore(file))
    for place, store in zip((folder, database, file), places, strict=True):
        tree = filled(store, scheme)
        tree.save(tmp_path / "tree.tally", overwrite=True)
        store.close()
        found = run_json("fsck", place)
        assert found == {
            "kind": "sparse tree",
            "sound": True,
            "scheme": scheme.name,
            "versions": "7 to 10",
            "keys": "85",
            "root": tree.root.hex(),
            "findings": [],
        }
    found = run_json("fsck", tmp_path / "tree.tally")
    assert (found["kind"], found["sound"], found["root"]) == ("sparse tree in a file", True, tree.root.hex())


def test_small_trees() -> None:
    for count in (0, 1, 2):
        store = stores.MemoryStore()
        ts.SparseTree({bytes([number]) * 32: b"" for number in range(count)}, store=store)
        checked = _checks.check_store(store, None, "store")
        assert checked.sound
        assert checked.facts["keys"] == str(count)


def test_what_is_changed_is_found() -> None:
    store = stores.MemoryStore()
    filled(store, ts.schemes.NATIVE_SPARSE)
    rng = random.Random(9)
    names = list(store.list_tiles())
    for _ in range(150):
        name = rng.choice(names)
        (good,) = store.read_tiles([name])
        assert good is not None
        bad = bytearray(good)
        bad[rng.randrange(len(bad))] ^= 1 << rng.randrange(8)
        store.write_tiles([(name, bytes(bad))])
        checked = _checks.check_store(store, None, "store")
        assert not checked.sound, (name, checked)
        store.delete_tiles([name])
        assert not _checks.check_store(store, None, "store").sound
        store.write_tiles([(name, good)])
    assert _checks.check_store(store, None, "store").sound


def test_every_bit_of_a_store_file(tmp_path: Path) -> None:
    path = tmp_path / "tree.store"
    with stores.FileStore(path) as store:
        filled(store, ts.schemes.NATIVE_SPARSE)
    good = path.read_bytes()
    rng = random.Random(10)
    slots = [8 * at + bit for at in (0, 4, 15, 55, 56, 4095, 4096, 4151, 8191) for bit in (0, 7)]
    for bit in slots + [rng.randrange(8 * len(good)) for _ in range(150)]:
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << bit % 8
        path.write_bytes(bad)
        assert not _checks.check_path(path).sound, bit
    path.write_bytes(good + b"of a killed writer")
    assert _checks.check_path(path).sound


def test_a_page_of_a_database(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "tree.sqlite"
    with stores.SQLiteStore(path) as store:
        filled(store, ts.schemes.NATIVE_SPARSE)
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA writable_schema = on")
        database.execute("UPDATE sqlite_master SET rootpage = rootpage + 1 WHERE name = 'head'")
    database.close()
    run("fsck", path, code=1)


def test_what_no_version_needs_is_said_and_no_damage(run_json: RunJson, tmp_path: Path) -> None:
    store = stores.DirectoryStore(tmp_path)
    filled(store, ts.schemes.NATIVE_SPARSE)
    store.write_tiles([("sparse/00-00/version", b"of a killed writer")])
    found = run_json("fsck", tmp_path)
    assert found["sound"]
    assert [finding["where"] for finding in found["findings"]] == ["sparse/00-00/version"]
