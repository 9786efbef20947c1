"""``tallystick fsck``: sound logs and files are sound, and every change is found."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import tallystick as ts
from tallystick import _checks
from tallystick.liabilities import Ed25519Signer
from tallystick.logs import Log
from tallystick.stores import DirectoryStore, FileStore, SQLiteStore

from tests.cli.conftest import Run
from tests.support_logs import SIGNER, VERIFIER, DictStore, Stop

RunJson = Callable[..., dict[str, Any]]


def entries(count: int, begin: int = 0) -> list[bytes]:
    return [b"%d" % place * (place % 3) for place in range(begin, begin + count)]


def made(*batches: int, scheme: ts.Scheme = ts.schemes.RFC6962) -> DictStore:
    store = DictStore()
    log = Log.create(store, signer=SIGNER, scheme=scheme)
    for count in batches:
        log.extend(entries(count, len(log)))
    return store


@pytest.mark.parametrize("scheme", [ts.schemes.RFC6962, ts.schemes.NATIVE], ids=lambda scheme: scheme.name)
@pytest.mark.parametrize("batches", [(), (1,), (256,), (255, 1, 300), (65_536, 1), (66_000, 65_900)], ids=sum)
def test_sound_logs(run_json: RunJson, tmp_path: Path, scheme: ts.Scheme, batches: tuple[int, ...]) -> None:
    store = made(*batches, scheme=scheme)
    store.save(tmp_path)
    found = run_json("fsck", tmp_path, "--key", VERIFIER.to_text())
    assert found == {
        "kind": "log",
        "sound": True,
        "origin": SIGNER.name,
        "scheme": scheme.name,
        "size": str(sum(batches)),
        "root": ts.head_of(entries(sum(batches)), scheme=scheme).root.hex(),
        "signature": f"of {SIGNER.name}",
        "findings": [],
    }


def test_logs_in_the_stores_of_the_package(run_json: RunJson, tmp_path: Path) -> None:
    for kind in (DirectoryStore, SQLiteStore, FileStore):
        path = tmp_path / kind.__name__
        with kind(path) as store:
            log = Log.create(store, signer=SIGNER)
            log.extend(entries(300))
            log.extend(entries(5, 300))
            found = run_json("fsck", path, "--key", VERIFIER.to_text())
            assert (found["sound"], found["size"]) == (True, "305")
            # What is deleted in a store file is deleted with the next head.
            assert found["findings"] == [] or kind is FileStore
            store.write_tiles([("tile/1/000.p/1", bytes(32))])
            # What is written counts in a store file once a head is published behind it.
            head = store.read_head()
            assert head is not None
            assert store.publish_head(head, expected=head)
            found = run_json("fsck", path, code=1)
            assert [one["where"] for one in found["findings"]] == ["tile/1/000.p/1"]


def test_every_changed_tile_is_found() -> None:
    store = made(300, 66_000)
    assert _checks.check_store(store, None, "log").findings == []
    random_places = random.Random(7)
    for name, good in list(store.tiles.items()):
        # Not all of the many: those at the ends, and of each level some.
        if name[-3:] not in ("000", "001", "258") and ".p/" not in name:
            continue
        place = random_places.randrange(len(good))
        for bad in (
            good[:place] + bytes([good[place] ^ 1 << place % 8]) + good[place + 1 :],
            good[:-1],
            good + b"\0",
        ):
            store.tiles[name] = bad
            checked = _checks.check_store(store, None, "log")
            assert not checked.sound
            if "entries" not in name:
                assert [finding.where for finding in checked.findings] == [name]
        store.tiles[name] = good
        if name.endswith(".p/44") or name == "tile/1/000.p/1":  # of the older head
            continue
        del store.tiles[name]
        checked = _checks.check_store(store, None, "log")
        assert [(one.where, one.what) for one in checked.findings if one.damage] == [
            (name, "missing, though the head covers it")
        ]
        store.tiles[name] = good


def test_what_is_left_over_is_said_and_is_no_damage(run: Run, run_json: RunJson, tmp_path: Path) -> None:
    def stop(change: int) -> None:
        if change == 6:
            raise Stop

    store = made(300)
    log = Log.open(store, signer=SIGNER)
    store.changes, store.before = 0, stop
    with pytest.raises(Stop):
        log.extend(entries(100, 300))
    store.tiles["notes.txt"] = b"hello"
    store.save(tmp_path)
    found = run_json("fsck", tmp_path, "--key", VERIFIER.to_text())
    assert found["sound"]
    assert [one["where"].partition("/")[0] for one in found["findings"]] == [
        "head",
        "claim",
        "claim",
        "notes.txt",
        "tile",
        "tile",
    ]
    text = run("fsck", tmp_path).stdout
    assert text.startswith("log: sound\n")
    assert "  signature: not checked\n" in text
    assert "remark: notes.txt: no part of a log\n" in text


def test_damage_is_said_and_exits_with_1(run: Run, run_json: RunJson, tmp_path: Path) -> None:
    store = made(300)
    store.tiles["tile/0/000"] = bytes(32) + store.tiles["tile/0/000"][32:]
    store.save(tmp_path)
    result = run("fsck", tmp_path, code=1)
    assert result.stdout.startswith("log: DAMAGED\n")
    assert (
        "damage: tile/0/000: 1 of 256 digests are not those of the entries, the first at 0\n" in result.stdout
    )
    assert result.stderr == f"tallystick: {tmp_path}: damaged in 1 place\n"
    found = run_json("fsck", tmp_path, code=1)
    assert found["sound"] is False
    assert found["findings"][0]["where"] == "tile/0/000"


def test_a_rewritten_entry_with_its_tiles_is_found_by_the_root(tmp_path: Path, run_json: RunJson) -> None:
    store, other = made(300), DictStore()
    Log.create(other, signer=SIGNER).extend([b"nothing happened", *entries(300)[1:]])
    other.head = store.head
    other.save(tmp_path)
    found = run_json("fsck", tmp_path, "--key", VERIFIER.to_text(), code=1)
    assert [one["where"] for one in found["findings"]] == ["head"]


def test_heads_of_other_keys(tmp_path: Path, run: Run, run_json: RunJson) -> None:
    made(3).save(tmp_path)
    other = Ed25519Signer.generate(SIGNER.name).verifier
    assert run_json("fsck", tmp_path, "--key", other.to_text(), code=1)["signature"] == "refused"
    (tmp_path / "public").write_text(VERIFIER.to_text() + "\n")
    assert run_json("fsck", tmp_path, "--key", tmp_path / "public")["sound"]
    run("fsck", tmp_path, "--key", "nonsense", code=(3, 4))


def test_tree_files(tmp_path: Path, run_json: RunJson) -> None:
    trees = {
        "dense": ts.MerkleTree(entries(1000)),
        "sum": ts.SumTree(entries(1000), range(1000)),
    }
    for name, tree in trees.items():
        path = tmp_path / name
        tree.save(path)
        found = run_json("fsck", path)
        assert (found["kind"], found["sound"], found["size"]) == ("tree file", True, "1000")
        data = bytearray(path.read_bytes())
        data[len(data) // 2] ^= 1
        path.write_bytes(data)
        assert run_json("fsck", path, code=1)["findings"][0]["damage"] is True


def test_what_is_nothing_that_can_be_checked(tmp_path: Path, run: Run) -> None:
    (tmp_path / "file").write_bytes(b"hello")
    run("fsck", tmp_path / "file", code=3)
    run("fsck", tmp_path, code=3)
    run("fsck", tmp_path / "absent", code=4)
    (tmp_path / "head").write_bytes(b"hello")
    run("fsck", tmp_path, code=3)
