"""Snapshots and files of receipts at their borders: what is refused, and that nothing is left behind."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
import tallystick as ts
from tallystick import liabilities
from tallystick.liabilities import Snapshot

BALANCES = {b"user-%d" % number: number * 3 for number in range(1000)}
TABLE = {"user": list(BALANCES), "BTC": list(BALANCES.values())}
ABOUT: dict[str, Any] = {
    "id": "user",
    "assets": {"BTC": 8},
    "origin": "exchange.example",
    "snapshot_id": "day 1",
    "time": 10,
    "secret": bytes(32),
}


def built(**options: Any) -> Snapshot:
    return liabilities.commit(TABLE, **(ABOUT | options))


DAY_1 = built()


@pytest.mark.parametrize(
    ("options", "error", "says"),
    [
        ({"origin": ""}, ValueError, "origin"),
        ({"origin": b"\xff"}, ValueError, "UTF-8"),
        ({"origin": 7}, TypeError, "origin"),
        ({"snapshot_id": ""}, ValueError, "snapshot id"),
        ({"snapshot_id": 'a"b'}, ValueError, "snapshot id"),
        ({"secret": bytes(31)}, ValueError, "secret"),
        ({"secret": "0" * 32}, TypeError, "secret"),
        ({"customer_key": "BTC"}, ValueError, "secret"),
        ({"time": -1}, ValueError, "time"),
        ({"time": 2**64}, OverflowError, "time"),
        ({"time": 1.5}, TypeError, "time"),
        ({"scheme": ts.schemes.NATIVE}, TypeError, "sum"),
        ({"scheme": ts.schemes.NATIVE_SUM.with_context(b"x")}, ValueError, "context"),
        ({"parts": 0}, ValueError, "parts"),
        ({"parts": 65_536}, ValueError, "parts"),
        ({"leaves": {"ETH": 7}}, ValueError, "ETH"),
        ({"leaves": "many"}, TypeError, "leaves"),
        ({"leaves": sum(BALANCES.values()) + 1}, ValueError, "leaves"),
        ({"previous": DAY_1.statement}, ts.ChainError, "day 1"),
        ({"previous": DAY_1.statement, "snapshot_id": "day 2", "time": 9}, ts.ChainError, "earlier"),
        ({"previous": DAY_1.statement, "snapshot_id": "day 2", "origin": "other"}, ts.ChainError, "origin"),
        ({"previous": DAY_1.statement, "snapshot_id": "day 2", "assets": {"BTC": 9}}, ValueError, "decimals"),
        ({"previous": b"", "snapshot_id": "day 2"}, TypeError, "previous"),
        ({"unit": "cents"}, ValueError, "unit"),
    ],
)
@pytest.mark.parametrize("in_files", [False, True])
def test_what_commit_refuses(
    options: dict[str, Any], error: type[Exception], says: str, in_files: bool, tmp_path: Path
) -> None:
    path = {"path": tmp_path / "snapshot"} if in_files else {}
    with pytest.raises(error, match=says):
        built(**options, **path)
    assert list(tmp_path.iterdir()) == []


def test_a_bad_row_leaves_nothing_behind(tmp_path: Path) -> None:
    table = {"user": ["a", "b", "a"], "BTC": [1, 2, 3]}
    with pytest.raises(ValueError, match="row 2"):
        liabilities.commit(table, **ABOUT, path=tmp_path / "snapshot")
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(OverflowError, match="BTC"):
        liabilities.commit({"user": ["a", "b"], "BTC": [2**127, 2**127]}, **ABOUT, path=tmp_path / "snapshot")
    assert list(tmp_path.iterdir()) == []


def test_assets_once_listed_stay_listed() -> None:
    two = liabilities.commit(TABLE | {"ETH": [0] * 1000}, **(ABOUT | {"assets": {"BTC": 8, "ETH": 18}}))
    with pytest.raises(ValueError, match="ETH"):
        built(previous=two.statement, snapshot_id="day 2")
    long = {"user": ["a"], "asset": ["BTC"], "amount": [5], "entity": ["EU"]}
    grouped = liabilities.commit(long, **ABOUT, asset="asset", amount="amount", group="entity")
    assert list(grouped.statement.groups) == [("BTC", "EU")]
    later = built(previous=grouped.statement, snapshot_id="day 2")
    assert list(later.statement.groups) == [("BTC", ""), ("BTC", "EU")]
    assert later.statement.groups["BTC", "EU"].leaves == 0
    liabilities.verify_chain([grouped.statement, later.statement])


def test_a_stream_that_was_read_already(tmp_path: Path) -> None:
    table = pa.table(TABLE)
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches())
    first = liabilities.commit(reader, **ABOUT)
    for path in (None, tmp_path / "snapshot"):
        with pytest.raises(ValueError, match="no rows"):
            liabilities.commit(reader, **(ABOUT | {"snapshot_id": "2"}), previous=first.statement, path=path)
    assert list(tmp_path.iterdir()) == []
    nobody = liabilities.commit({"user": [], "BTC": []}, **ABOUT)
    assert nobody.statement.assets["BTC"].leaves == 0
    assert list(nobody.receipts()) == []


def test_no_holdings(tmp_path: Path) -> None:
    for name, path in (("memory", None), ("files", tmp_path / "snapshot")):
        snapshot = liabilities.commit({"user": ["a"], "BTC": [0]}, **ABOUT, path=path)
        assert snapshot.statement.assets["BTC"].leaves == 0
        assert list(snapshot.receipts()) == []
        assert list(snapshot.encoded_receipts()) == []
        folder = tmp_path / name
        snapshot.export(folder)
        with liabilities.open_receipts(folder) as receipts:
            assert len(receipts) == 0
            assert "a" not in receipts
        with pytest.raises(KeyError):
            snapshot.receipt("a")


@pytest.mark.parametrize("user", ["user-0", "nobody", b"", "", "\ud800", b"x" * 70_000])
def test_no_receipt_for_nobody(user: str | bytes) -> None:
    with pytest.raises(KeyError):
        DAY_1.receipt(user)
    with pytest.raises(TypeError):
        DAY_1.receipt(7)  # type: ignore[arg-type]
    if user != "user-0":
        with pytest.raises(KeyError):
            DAY_1.erase(user)
        assert user not in DAY_1


def test_keys_at_random_and_from_a_column() -> None:
    one, other = built(secret=None), built(secret=None)
    assert one.statement.assets["BTC"].root != other.statement.assets["BTC"].root
    assert one.receipt("user-5").assets[0].parts[0].salt != other.receipt("user-5").assets[0].parts[0].salt
    keys = [liabilities.customer_key(bytes(32), "day 1", user) for user in BALANCES]
    given = liabilities.commit(TABLE | {"key": keys}, **(ABOUT | {"secret": None}), customer_key="key")
    assert given.statement == DAY_1.statement


def test_a_secret_is_not_in_the_files(tmp_path: Path) -> None:
    secret = random.Random(5).randbytes(32)
    built(secret=secret, path=tmp_path / "snapshot")
    for path in (tmp_path / "snapshot").rglob("*"):
        if path.is_file():
            assert secret not in path.read_bytes()
    assert (tmp_path / "snapshot").stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("in_files", [False, True])
def test_erasing(in_files: bool, tmp_path: Path) -> None:
    path = tmp_path / "snapshot" if in_files else None
    snapshot = built(path=path)
    before = snapshot.receipt("user-7")
    key = liabilities.customer_key(bytes(32), "day 1", "user-7")
    snapshot.erase("user-7")
    for again in [snapshot, *([liabilities.open(path)] if path else [])]:
        assert "user-7" not in again
        with pytest.raises(KeyError):
            again.receipt("user-7")
        with pytest.raises(KeyError):
            again.erase("user-7")
        assert again.customers == 1000
        assert b"user-7" not in [user for user, _ in again.receipts()]
        assert sum(len(chunk) for chunk in again.encoded_receipts()) == 998
        assert again.statement.verify(again.receipt("user-8"), "user-8") == {"BTC": 24}
    # What was handed out before still proves: only the operator forgets.
    assert snapshot.statement.verify(before, "user-7") == {"BTC": 21}
    for file in path.rglob("*") if path else ():
        if file.is_file():
            assert key not in file.read_bytes()
            assert before.assets[0].parts[0].salt not in file.read_bytes()
    if path:
        assert b"user-7user-8" not in (path / "customers.ids").read_bytes()
        copy = tmp_path / "copy"
        snapshot.save(copy)
        assert "user-7" not in liabilities.open(copy)
        assert "user-8" in liabilities.open(copy)


def test_an_erasure_that_was_stopped(tmp_path: Path) -> None:
    """The key is gone first; who erases again, finishes."""
    path = tmp_path / "snapshot"
    built(path=path)
    keys = bytearray((path / "customers.keys").read_bytes())
    keys[7 * 32 : 8 * 32] = bytes(32)
    (path / "customers.keys").write_bytes(keys)
    snapshot = liabilities.open(path)
    assert "user-7" not in snapshot
    assert b"user-7user-8" in (path / "customers.ids").read_bytes()
    snapshot.erase("user-7")
    assert b"user-7user-8" not in (path / "customers.ids").read_bytes()
    with pytest.raises(KeyError):
        snapshot.erase("user-7")


def test_erasing_where_another_snapshot_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither another working directory nor another folder in the place leads to somebody else's files."""
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    for folder in ("a", "b"):
        monkeypatch.chdir(tmp_path / folder)
        built(path="snapshot", snapshot_id=folder)
    other = {path.name: path.read_bytes() for path in (tmp_path / "b" / "snapshot").glob("customers*")}
    monkeypatch.chdir(tmp_path / "a")
    snapshot = liabilities.open("snapshot")
    monkeypatch.chdir(tmp_path / "b")
    snapshot.erase("user-7")
    assert "user-7" not in liabilities.open(tmp_path / "a" / "snapshot")
    (tmp_path / "a" / "snapshot").rename(tmp_path / "moved")
    (tmp_path / "b" / "snapshot").rename(tmp_path / "a" / "snapshot")
    with pytest.raises(OSError, match="not the file that was opened"):
        snapshot.erase("user-8")
    assert other == {
        path.name: path.read_bytes() for path in (tmp_path / "a" / "snapshot").glob("customers*")
    }
    # The one that is open is as it was.
    assert snapshot.customers == 1000
    assert snapshot.statement.verify(snapshot.receipt("user-8"), "user-8") == {"BTC": 24}


def test_receipts_on_their_way_are_forgotten() -> None:
    snapshot = built()
    one, chunks = snapshot.receipts(), snapshot.encoded_receipts(chunk=10)
    next(one)
    next(chunks)
    snapshot.erase("user-5")
    snapshot.erase("user-15")
    assert not {b"user-5", b"user-15"} & {user for user, _ in one}
    found = [(user, chunk[place]) for chunk in chunks for place, user in enumerate(chunk.ids)]
    assert (found[5][0], found[6][0]) != (b"user-15", b"user-16")
    assert not {b"user-15", b""} & {user for user, _ in found}
    for user, data in found:
        snapshot.statement.verify(liabilities.Receipt.from_bytes(data), user)


def test_what_stands_in_the_place_of_a_shard(tmp_path: Path) -> None:
    built(snapshot_id="other").export(tmp_path / "other", shards=2)
    name = "receipts-00001-of-00002.tlyx"
    for what in ("empty", "folder", "other"):
        folder = tmp_path / f"in the way of {what}"
        folder.mkdir()
        if what == "folder":
            (folder / name).mkdir()
        else:
            (folder / name).write_bytes((tmp_path / "other" / name).read_bytes() if what == "other" else b"")
        with pytest.raises(ValueError, match="not this shard"):
            DAY_1.export(folder, shards=2)


def test_only_the_owner_may_read(tmp_path: Path) -> None:
    built(path=tmp_path / "built")
    DAY_1.save(tmp_path / "saved")
    DAY_1.export(tmp_path / "receipts", shards=3)
    with liabilities.open_receipts(tmp_path / "receipts") as receipts:
        receipts.erase("user-7")
    for path in tmp_path.rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o700 if path.is_dir() else 0o600), path


def test_two_readers_erase(tmp_path: Path) -> None:
    DAY_1.export(tmp_path / "receipts", shards=1)
    with (
        liabilities.open_receipts(tmp_path / "receipts") as one,
        liabilities.open_receipts(tmp_path / "receipts") as other,
    ):
        one.erase("user-7")
        other.erase("user-8")
        assert "user-7" not in other
        with pytest.raises(KeyError):
            other.erase("user-7")
    with liabilities.open_receipts(tmp_path / "receipts") as receipts:
        assert "user-7" not in receipts
        assert "user-8" not in receipts
        assert receipts["user-9"] == DAY_1.receipt("user-9")
    # What a killed call left is in nobody's way.
    (tmp_path / "receipts" / ".receipts-00000-of-00001.tlyx.tmp").write_bytes(b"half")
    DAY_1.export(tmp_path / "receipts", shards=1)
    with liabilities.open_receipts(tmp_path / "receipts") as receipts:
        receipts.erase("user-9")
        for wrong in (7, None, 1.5):
            with pytest.raises(TypeError, match="bytes or str"):
                receipts[wrong]  # type: ignore[index]
        assert receipts[bytearray(b"user-10")] == DAY_1.receipt("user-10")  # type: ignore[index]


def test_erasing_what_may_not_be_written_to(tmp_path: Path) -> None:
    path = tmp_path / "snapshot"
    built(path=path)
    snapshot = liabilities.open(path)
    (path / "customers.keys").rename(path / "hidden")
    with pytest.raises((OSError, ts.DecodeError)):
        snapshot.erase("user-7")
    (path / "hidden").rename(path / "customers.keys")
    again = liabilities.open(path)
    assert again.statement.verify(again.receipt("user-7"), "user-7") == {"BTC": 21}


def test_saving_over_something_and_opening_nothing(tmp_path: Path) -> None:
    DAY_1.save(tmp_path / "snapshot")
    for call in (DAY_1.save, lambda path: built(path=path)):
        with pytest.raises(FileExistsError):
            call(tmp_path / "snapshot")
        with pytest.raises(FileNotFoundError):
            call(tmp_path / "no" / "folder")
    with pytest.raises(FileNotFoundError):
        liabilities.open(tmp_path / "nothing")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["snapshot"]


@pytest.mark.parametrize("name", ["statement.bin", "customers.ids", "customers.ends", "customers.keys"])
@pytest.mark.parametrize("how", ["missing", "longer", "shorter"])
def test_damaged_snapshots(name: str, how: str, tmp_path: Path) -> None:
    path = tmp_path / "snapshot"
    DAY_1.save(path)
    file = path / name
    old = file.read_bytes()
    file.unlink()
    if how != "missing":
        file.write_bytes(old + b"x" if how == "longer" else old[:-1])
    with pytest.raises(ts.DecodeError, match=name):
        liabilities.open(path)


@pytest.mark.parametrize("name", ["trees/0000.tally", "trees/0000.holdings"])
def test_damaged_trees(name: str, tmp_path: Path) -> None:
    path = tmp_path / "snapshot"
    DAY_1.save(path)
    (path / name).rename(path / "elsewhere")
    with pytest.raises(ts.DecodeError, match=name):
        liabilities.open(path)
    built(snapshot_id="day 2", path=tmp_path / "other")
    (tmp_path / "other" / name).rename(path / name)
    if name.endswith("tally"):
        with pytest.raises(ts.DecodeError, match="statement"):
            liabilities.open(path)
    else:
        # It has the right length: its receipts prove nothing, and an audit finds it.
        snapshot = liabilities.open(path)
        receipts = [(user, receipt) for user, receipt in snapshot.receipts()]
        with pytest.raises(ts.InvalidProof):
            assert all(snapshot.statement.verify(receipt, user) for user, receipt in receipts)


@pytest.mark.parametrize("shards", [1, 7, 1000, 1500])
def test_files_of_receipts(shards: int, tmp_path: Path) -> None:
    told = []
    DAY_1.export(tmp_path / "receipts", shards=shards, progress=lambda done, of: told.append((done, of)))
    assert told[-1] == (1000, 1000)
    assert told == sorted(told)
    with liabilities.open_receipts(tmp_path / "receipts") as receipts:
        assert receipts.statement == DAY_1.statement
        assert len(receipts) == 999
        assert list(receipts) == list(BALANCES)[1:]
        for number in (1, 500, 999):
            assert receipts[f"user-{number}"] == DAY_1.receipt(f"user-{number}")
        assert "user-0" not in receipts
        with pytest.raises(KeyError):
            receipts["user-0"]
        receipts.erase("user-500")
        assert len(receipts) == 998
        assert "user-500" not in receipts
        for number in (1, 499, 501, 999):
            assert receipts[f"user-{number}"] == DAY_1.receipt(f"user-{number}")
    with liabilities.open_receipts(tmp_path / "receipts") as receipts:
        assert len(receipts) == 998
    assert len(list((tmp_path / "receipts").iterdir())) == shards + 1


def test_exports_that_do_not_fit(tmp_path: Path) -> None:
    DAY_1.export(tmp_path, shards=3)
    for other, shards in ((DAY_1, 4), (built(snapshot_id="day 2"), 3)):
        with pytest.raises(ValueError, match="another folder"):
            other.export(tmp_path, shards=shards)
    for shards in (0, 100_000, -1):
        with pytest.raises(ValueError, match=r"shards|negative"):
            DAY_1.export(tmp_path / "x", shards=shards)
    (tmp_path / "receipts-00001-of-00003.tlyx").unlink()
    with pytest.raises(ts.DecodeError, match="missing"):
        liabilities.open_receipts(tmp_path)
    with pytest.raises(FileNotFoundError):
        liabilities.open_receipts(tmp_path / "x")


def test_progress_may_end_an_export(tmp_path: Path) -> None:
    def stop(done: int, _: int) -> None:
        if done > 400:
            raise RuntimeError("enough")

    with pytest.raises(RuntimeError, match="enough"):
        DAY_1.export(tmp_path / "receipts", shards=5, progress=stop)
    files = sorted(path.name for path in (tmp_path / "receipts").iterdir())
    assert 2 <= len(files) <= 4
    assert not [name for name in files if name.endswith(".tmp")]
    DAY_1.export(tmp_path / "receipts", shards=5)
    DAY_1.export(tmp_path / "whole", shards=5)
    for path in (tmp_path / "whole").iterdir():
        assert path.read_bytes() == (tmp_path / "receipts" / path.name).read_bytes()


def test_damaged_files_of_receipts_give_no_wrong_receipt(tmp_path: Path) -> None:
    DAY_1.export(tmp_path, shards=1)
    file = tmp_path / "receipts-00000-of-00001.tlyx"
    whole, chance, proven = file.read_bytes(), random.Random(1), 0
    for place in range(60):
        # At places of every kind: anywhere, in the header, in the last bytes, in the index.
        places = [
            chance.randrange(len(whole)),
            place,
            len(whole) - 1 - place,
            len(whole) - 8000 + 130 * place,
        ]
        data = bytearray(whole)
        data[places[place % 4]] ^= 1 << chance.randrange(8)
        file.unlink()
        file.write_bytes(data)
        try:
            receipts = liabilities.open_receipts(tmp_path)
        except ts.DecodeError:
            continue
        with receipts:
            for number in (1, 2, 3, 499, 500, 998, 999):
                user = f"user-{number}"
                try:
                    assert DAY_1.statement.verify(receipts[user], user) == {"BTC": number * 3}
                except (KeyError, ts.DecodeError, ts.InvalidProof):
                    continue
                proven += 1
    # Damage in one place leaves most others whole.
    assert proven > 100


KILLED = """
import os, signal, sys
from tallystick import liabilities
left = int(sys.argv[3])
def progress(done, of):
    global left
    left -= 1
    if left == 0:
        os.kill(os.getpid(), signal.SIGKILL)
liabilities.open(sys.argv[1]).export(sys.argv[2], shards=40, progress=progress)
"""


def test_an_export_that_is_killed_goes_on(tmp_path: Path) -> None:
    """Killed at twenty points, in the middle of shards among them; the files are those of one left alone."""
    users = [b"%07d" % number for number in range(4000)]
    table = {"user": users, "BTC": list(range(1, 4001))}
    snapshot = liabilities.commit(table, **ABOUT, path=tmp_path / "snapshot")
    snapshot.export(tmp_path / "whole", shards=40)
    command = [sys.executable, "-c", KILLED, str(tmp_path / "snapshot"), str(tmp_path / "killed")]
    chance, halves = random.Random(3), 0
    for _ in range(20):
        done = len(list((tmp_path / "killed").glob("receipts*")))
        killed = subprocess.run([*command, str(done + chance.randint(1, 4))], check=False)
        assert killed.returncode == -signal.SIGKILL
        halves += len(list((tmp_path / "killed").glob(".*.tmp")))
    assert done < 40
    assert 0 < halves < 20
    subprocess.run([*command, "0"], check=True)
    found = {path.name: path.read_bytes() for path in (tmp_path / "killed").iterdir()}
    assert found == {path.name: path.read_bytes() for path in (tmp_path / "whole").iterdir()}


def test_receipts_while_customers_are_erased() -> None:
    snapshot = built()
    failures: list[BaseException] = []

    def read() -> None:
        try:
            for user, receipt in snapshot.receipts():
                if user:
                    snapshot.statement.verify(receipt, user)
            for number in range(1, 1000):
                try:
                    snapshot.statement.verify(snapshot.receipt(f"user-{number}"), f"user-{number}")
                except KeyError:
                    continue
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=read) for _ in range(4)]
    for thread in threads:
        thread.start()
    for number in range(1, 1000, 3):
        snapshot.erase(f"user-{number}")
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_snapshot_survives_a_fork() -> None:
    child = os.fork()
    if child == 0:
        try:
            receipt = DAY_1.receipt("user-9")
            os._exit(0 if DAY_1.statement.verify(receipt, "user-9") == {"BTC": 27} else 1)
        finally:
            os._exit(2)
    assert os.waitpid(child, 0)[1] == 0
