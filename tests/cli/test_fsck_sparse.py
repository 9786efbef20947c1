"""``tallystick fsck`` of sparse trees: sound ones are sound, and what is changed is found."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tallystick as ts
from tallystick import _checks, stores

RunJson = Callable[..., dict[str, Any]]
SCHEMES = [ts.schemes.NATIVE_SPARSE, ts.schemes.JELLYFISH, ts.schemes.NERVOS_SMT, ts.schemes.SPARSE_256]


def filled(store: object, scheme: ts.Scheme, *, keep: int | None = 4) -> ts.SparseTree:
    rng = random.Random(5)
    keys = [rng.randbytes(32) for _ in range(90)]
    keys += [bytes(20) + key[20:] for key in keys[:10]]
    tree = ts.SparseTree(store=store, scheme=scheme, keep=keep)  # type: ignore[arg-type]
    for begin in range(0, 100, 20):
        tree.update(keys[begin : begin + 20], [b"value"] * 20)
        tree.remove(keys[begin : begin + 3])
    return tree


@pytest.mark.parametrize("scheme", SCHEMES, ids=lambda scheme: str(scheme.name))
def test_sound_trees(run_json: RunJson, tmp_path: Path, scheme: ts.Scheme) -> None:
    folder, database = tmp_path / "folder", tmp_path / "tree.sqlite"
    for place, store in ((folder, stores.DirectoryStore(folder)), (database, stores.SQLiteStore(database))):
        tree = filled(store, scheme)
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
    tree.save(tmp_path / "tree.tally")
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


def test_what_no_version_needs_is_said_and_no_damage(run_json: RunJson, tmp_path: Path) -> None:
    store = stores.DirectoryStore(tmp_path)
    filled(store, ts.schemes.NATIVE_SPARSE)
    store.write_tiles([("sparse/00-00/version", b"of a killed writer")])
    found = run_json("fsck", tmp_path)
    assert found["sound"]
    assert [finding["where"] for finding in found["findings"]] == ["sparse/00-00/version"]
