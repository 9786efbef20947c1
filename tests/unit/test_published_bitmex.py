"""The format of BitMEX and River: written by the library and read by the twin, and the other way round."""

from __future__ import annotations

import os
import random
import signal
import stat
import threading
from pathlib import Path

import numpy as np
import pytest
import tallystick as ts
from tallystick.liabilities.published import bitmex

from tests.reference.published import bitmex as twin
from tests.unit.published import reason

KEY = bytes(range(32))


def tree(size: int, seed: int = 0) -> list[list[twin.Node]]:
    rng = random.Random(seed)
    nonces = [rng.randbytes(32) for _ in range(size)]
    amounts = [rng.choice([0, 1, rng.randrange(2**40)]) for _ in range(size)]
    return twin.levels([twin.leaf(at % 3, nonces[at % 3], 7, amounts[at], at) for at in range(size)])


def trusted(levels: list[list[twin.Node]]) -> dict[str, object]:
    return {"root": levels[0][0].hash, "total": levels[0][0].amount}


@pytest.mark.parametrize("size", [1, 2, 3, 5, 16, 100, 1000])
@pytest.mark.parametrize("split", [None, 1, 2, 5])
@pytest.mark.parametrize("shuffle", [True, False])
def test_what_is_written_is_read(size: int, split: int | None, shuffle: bool, tmp_path: Path) -> None:
    rng = np.random.default_rng(size)
    accounts = rng.permutation(3 * size)[:size]
    amounts = rng.integers(0, 1000, size) + (np.arange(size) == 0)
    path = tmp_path / "file.txt"
    written = bitmex.write(path, accounts, amounts, block_height=77, split=split, shuffle=shuffle)
    height, levels = twin.verify(path.read_text())
    assert (height, trusted(levels)) == (77, {"root": written.root, "total": written.total})
    assert written.total == amounts.sum()
    assert written.leaves == len(levels[-1])
    result = bitmex.verify(path, root=written.root, total=written.total)
    assert (result.totals, result.leaves, result.sound) == ({"BTC": written.total}, written.leaves, False)
    for place in range(0, size, max(1, size // 10)):
        nonce, account = bytes(written.nonces[place]), int(accounts[place])
        own = twin.balance(height, levels, account, nonce)
        assert list(own) == written.indices[written.offsets[place] : written.offsets[place + 1]].tolist()
        assert sum(own.values()) == amounts[place]
        who = {"root": written.root, "total": written.total, "account": account, "nonce": nonce}
        if amounts[place] == 0:
            assert reason(lambda who=who: bitmex.verify_account(path, **who)) is ts.Reason.NOT_INCLUDED
            continue
        assert bitmex.verify_account(path, **who).balances == {"BTC": amounts[place]}
        for index, amount in own.items():
            line = twin.path_line(height, levels, index)
            assert bitmex.verify_path(line, **who, block_height=77).balances == {"BTC": amount}


@pytest.mark.parametrize("size", [2, 4, 8, 512, 4096])
@pytest.mark.parametrize("end", ["", "\n"])
def test_the_twins_files_are_verified(size: int, end: str, tmp_path: Path) -> None:
    levels = tree(size)
    path = tmp_path / "file.txt"
    path.write_text(twin.text(7, levels).rstrip("\n") + end)
    assert bitmex.verify(path, **trusted(levels)).leaves == size


def test_every_change_of_a_small_file_is_refused(tmp_path: Path) -> None:
    levels = tree(4)
    text = twin.text(7, levels)
    path = tmp_path / "file.txt"
    height_line = text.index("\n")
    accepted = []
    for at in range(len(text)):
        for sign in "0a,-\n":
            other = text[:at] + sign + text[at + 1 :]
            if other == text:
                continue
            path.write_bytes(other.encode())
            try:
                bitmex.verify(path, **trusted(levels))
            except (ts.InvalidProof, ts.DecodeError):
                continue
            accepted.append((at, sign))
    # No node has the block height: only an account's leaves show it.
    assert all(at in range(13, height_line) and sign.isdigit() for at, sign in accepted)
    lines = text.splitlines(keepends=True)
    for at in range(len(lines)):
        for other in (
            lines[:at] + lines[at + 1 :],
            lines[: at + 1] + lines[at:],
            [*lines[:at], "\n", *lines[at:]],
        ):
            path.write_text("".join(other))
            with pytest.raises((ts.InvalidProof, ts.DecodeError)):
                bitmex.verify(path, **trusted(levels))


@pytest.mark.parametrize("size", [64, 2048])
def test_a_wrong_node_is_found_by_level_and_index(size: int, tmp_path: Path) -> None:
    levels = tree(size)
    path = tmp_path / "file.txt"
    rng = random.Random(size)
    for _ in range(40):
        level = rng.randrange(1, len(levels))
        index = rng.randrange(len(levels[level]))
        forged = [list(row) for row in levels]
        node = forged[level][index]
        more = rng.random() < 0.5
        other = twin.Node(node.hash if more else rng.randbytes(32), node.amount + more)
        forged[level][index] = other
        path.write_text(twin.text(7, forged))
        with pytest.raises(ts.InvalidProof) as caught:
            bitmex.verify(path, **trusted(levels))
        assert caught.value.reason is ts.Reason.NODE_MISMATCH
        line = 2 ** (level - 1) + index // 2 + 1
        assert f"node {index // 2} of level {level - 1} (line {line})" in str(caught.value)


def test_the_first_fault_is_told_whoever_finds_it(tmp_path: Path) -> None:
    # Large enough for many pieces on several levels.
    levels = tree(1 << 14)
    path = tmp_path / "file.txt"
    for threads in (1, 4):
        ts.set_threads(threads)
        forged = [list(row) for row in levels]
        for index in (16_000, 9_000, 8_997):
            forged[14][index] = twin.Node(bytes(32), 5)
        path.write_text(twin.text(7, forged))
        with pytest.raises(ts.InvalidProof, match="node 4498 of level 13"):
            bitmex.verify(path, **trusted(levels))
        lines = twin.text(7, forged).split("\n")
        lines[2**14 + 8_000] += "x"
        path.write_text("\n".join(lines))
        with pytest.raises(ts.DecodeError, match=f"line {2**14 + 8_001} "):
            bitmex.verify(path, **trusted(levels))
    ts.set_threads(None)


def test_lines_at_the_ends_of_pieces(tmp_path: Path) -> None:
    # The file is read in pieces of 2**16 bytes: wherever they cut it, the nodes are the same.
    path = tmp_path / "file.txt"
    for more in range(90):
        height = 10 ** (more % 19)
        leaves = [twin.Node(bytes([at % 251]) * 32, 10 ** (at * more % 13)) for at in range(1024)]
        levels = twin.levels(leaves)
        path.write_text(twin.text(height, levels))
        assert bitmex.verify(path, **trusted(levels)).leaves == 1024
    # And where a file ends with a piece.
    levels = twin.levels([twin.Node(bytes(32), 1) for _ in range(512)])
    text = twin.text(7, levels)
    for wanted in (2**16, 2**16 + 1):
        amounts = [1] * 512
        at = 0
        while len(text) < wanted and at < 512:
            amounts[at] *= 10
            if amounts[at] == 10**12:
                at += 1
            levels = twin.levels([twin.Node(bytes(32), amount) for amount in amounts])
            text = twin.text(7, levels)
            if len(text) in (wanted, wanted - 1):
                break
        path.write_text(text if len(text) == wanted else text[:-1])
        assert bitmex.verify(path, **trusted(levels)).leaves == 512


def test_the_same_key_makes_the_same_file_and_no_key_another(tmp_path: Path) -> None:
    accounts, amounts = range(50), [at * 3 for at in range(50)]
    texts = []
    for place, key in enumerate((KEY, KEY, bytes(32), None, None)):
        path = tmp_path / str(place)
        bitmex.write(path, accounts, amounts, block_height=1, key=key)
        texts.append(path.read_bytes())
    assert texts[0] == texts[1]
    assert len(set(texts)) == 4
    for threads in (1, 3):
        ts.set_threads(threads)
        bitmex.write(tmp_path / "threads", accounts, amounts, block_height=1, key=KEY, overwrite=True)
        assert (tmp_path / "threads").read_bytes() == texts[0]
    ts.set_threads(None)


def test_nonces_are_the_callers_or_others_for_each_height(tmp_path: Path) -> None:
    nonces = np.frombuffer(random.Random(1).randbytes(96), np.uint8).reshape(3, 32)
    path = tmp_path / "file"
    for given in (nonces, [bytes(row) for row in nonces]):
        written = bitmex.write(path, [1, 2, 3], [5, 6, 7], block_height=1, nonces=given, overwrite=True)
        assert (written.nonces == nonces).all()
    made = [
        bitmex.write(path, [1, 2], [5, 6], block_height=height, key=KEY, overwrite=True).nonces
        for height in (1, 2)
    ]
    assert len({bytes(row) for rows in made for row in rows}) == 4
    assert not written.nonces.flags.writeable
    nonce = bitmex.river_nonce(KEY, "user@example.com", 2)
    assert nonce == twin.river_nonce(KEY, "user@example.com", 2)


def test_leaves_of_the_file_are_an_accounts_only_under_its_number(tmp_path: Path) -> None:
    path = tmp_path / "file"
    written = bitmex.write(path, [100], [5_000], block_height=1)
    who = {"root": written.root, "total": written.total, "nonce": bytes(written.nonces[0])}
    assert bitmex.verify_account(path, account=100, **who).balances == {"BTC": 5_000}
    for account, nonce in ((424_242, who["nonce"]), (100, bytes(32))):
        other = {**who, "nonce": nonce, "account": account}
        assert reason(lambda other=other: bitmex.verify_account(path, **other)) is ts.Reason.NOT_INCLUDED
    # Under another height, they are nobody's.
    path.write_text(path.read_text().replace("block_height:1\n", "block_height:2\n"))
    assert reason(lambda: bitmex.verify_account(path, account=100, **who)) is ts.Reason.NOT_INCLUDED


def test_numbers_up_to_the_last(tmp_path: Path) -> None:
    path = tmp_path / "file"
    most = 2**64 - 1
    for amounts in ([most], [most - 3, 1, 2]):
        accounts = [most - at for at in range(len(amounts))]
        written = bitmex.write(path, accounts, amounts, block_height=most, overwrite=True)
        assert written.total == most
        assert bitmex.verify(path, root=written.root, total=most).totals == {"BTC": most}
        assert twin.verify(path.read_text())[0] == most
    leaves = [twin.Node(bytes(32), most), twin.Node(bytes(32), 1)]
    root = twin.Node(twin.parent(*leaves).hash, 0)
    path.write_text("\n".join(["block_height:1", *(node.line() for node in (root, *leaves))]))
    assert reason(lambda: bitmex.verify(path, root=root.hash, total=0)) is ts.Reason.SUM_OVERFLOW


def test_reasons(tmp_path: Path) -> None:
    path = tmp_path / "file"
    written = bitmex.write(path, [1, 2], [5, 6], block_height=1)
    with pytest.raises(ts.RootMismatch) as caught:
        bitmex.verify(path, root=bytes(32), total=11)
    assert (caught.value.expected, caught.value.computed) == (bytes(32), written.root)
    assert reason(lambda: bitmex.verify(path, root=written.root, total=12)) is ts.Reason.TOTAL_MISMATCH
    line = twin.path_line(1, twin.verify(path.read_text())[1], 0)
    who = {"root": written.root, "total": 11, "block_height": 1, "account": 1, "nonce": bytes(32)}
    with pytest.raises(ts.RootMismatch):
        bitmex.verify_path(line, **who)
    assert reason(lambda: bitmex.verify_path(line, **{**who, "block_height": 2})) is ts.Reason.LEAF_MISMATCH
    assert reason(lambda: bitmex.verify_path("8" + line[1:], **who)) is ts.Reason.INDEX_OUT_OF_RANGE
    for bad in ("", "1,2", line + ",", line.replace(",", ";"), "-" + line, line + "\n", line.upper() + "A"):
        with pytest.raises(ts.DecodeError):
            bitmex.verify_path(bad, **who)
    for bad in ("", "x\n", "block_height:1", "block_height:1\n", "block_height:-1\n" + "0" * 64 + ",1\n"):
        path.write_text(bad)
        with pytest.raises(ts.DecodeError):
            bitmex.verify(path, root=bytes(32), total=0)
    path.write_text("block_height:1\n" + f"{'0' * 64},1\n" * 6)
    with pytest.raises(ts.DecodeError, match="6 nodes"):
        bitmex.verify(path, root=bytes(32), total=0)
    with pytest.raises(FileNotFoundError):
        bitmex.verify(tmp_path / "missing", root=bytes(32), total=0)
    with pytest.raises(IsADirectoryError):
        bitmex.verify(tmp_path, root=bytes(32), total=0)
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(ts.DecodeError, match="regular"):
        bitmex.verify(tmp_path / "pipe", root=bytes(32), total=0)


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        ({"accounts": [1, 1]}, ValueError),
        ({"accounts": [1]}, ValueError),
        ({"accounts": [1, -1]}, ValueError),
        ({"accounts": [1, 2**64]}, OverflowError),
        ({"accounts": [1, 2.0]}, TypeError),
        ({"accounts": ["1", "2"]}, TypeError),
        ({"accounts": np.array([1.0, 2.0])}, TypeError),
        ({"amounts": [1, -1]}, ValueError),
        ({"amounts": [0, 0]}, ValueError),
        ({"amounts": [1, True]}, TypeError),
        ({"amounts": [2**64 - 1, 1]}, OverflowError),
        ({"amounts": [2**64, 0]}, OverflowError),
        ({"amounts": None}, TypeError),
        ({"accounts": [], "amounts": []}, ValueError),
        ({"block_height": -1}, ValueError),
        ({"block_height": 2**64}, OverflowError),
        ({"block_height": 1.0}, TypeError),
        ({"block_height": True}, TypeError),
        ({"key": bytes(31)}, ValueError),
        ({"key": "0" * 32}, TypeError),
        ({"nonces": [bytes(32)]}, ValueError),
        ({"nonces": [bytes(32), bytes(31)]}, ValueError),
        ({"nonces": np.zeros((2, 31), np.uint8)}, ValueError),
        ({"split": 0}, ValueError),
        ({"split": -1}, ValueError),
        ({"split": 2**31}, OverflowError),
        ({"split": 1.5}, TypeError),
    ],
)
def test_misuse_leaves_nothing_behind(arguments: dict, error: type[Exception], tmp_path: Path) -> None:
    path = tmp_path / "file"
    given = {"accounts": [1, 2], "amounts": [5, 6], "block_height": 1, **arguments}
    with pytest.raises(error):
        bitmex.write(path, **given)
    assert list(tmp_path.iterdir()) == []


def test_files_are_not_replaced_unless_asked(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text("mine")
    with pytest.raises(FileExistsError):
        bitmex.write(path, [1], [1], block_height=1)
    assert path.read_text() == "mine"
    bitmex.write(path, [1], [1], block_height=1, overwrite=True)
    assert [entry.name for entry in tmp_path.iterdir()] == ["file"]
    assert stat.S_IMODE(path.stat().st_mode) & 0o400
    with pytest.raises(FileNotFoundError):
        bitmex.write(tmp_path / "no" / "file", [1], [1], block_height=1)


def test_verifiers_refuse_other_types(tmp_path: Path) -> None:
    path = tmp_path / "file"
    written = bitmex.write(path, [1], [1], block_height=1)
    for root, total in (
        ("0" * 64, 1),
        (written.root, 1.0),
        (written.root, None),
        (None, 1),
        (written.root, True),
    ):
        with pytest.raises(TypeError):
            bitmex.verify(path, root=root, total=total)
    with pytest.raises(ValueError, match="32 bytes"):
        bitmex.verify(path, root=bytes(31), total=1)
    with pytest.raises(TypeError):
        bitmex.verify_account(path, root=written.root, total=1, account="1", nonce=bytes(32))
    with pytest.raises(ValueError, match="nonce"):
        bitmex.verify_account(path, root=written.root, total=1, account=1, nonce=b"")


def test_an_interrupt_stops_both_and_leaves_nothing_behind(tmp_path: Path) -> None:
    path = tmp_path / "file"
    many = np.arange(300_000, dtype=np.uint64)
    written = bitmex.write(path, many, many, block_height=1, key=KEY)

    class Stopped(Exception):
        pass

    def stop(*_: object) -> None:
        raise Stopped

    before = signal.signal(signal.SIGUSR1, stop)
    try:
        for call in (
            lambda: bitmex.write(tmp_path / "other", many, many, block_height=1, key=KEY),
            lambda: bitmex.verify(path, root=written.root, total=written.total),
        ):
            ts.set_threads(1)
            timer = threading.Timer(0.03, os.kill, (os.getpid(), signal.SIGUSR1))
            timer.start()
            with pytest.raises(Stopped):  # noqa: PT012
                for _ in range(100):
                    call()
                    (tmp_path / "other").unlink(missing_ok=True)
            timer.join()
    finally:
        signal.signal(signal.SIGUSR1, before)
        ts.set_threads(None)
    assert {entry.name for entry in tmp_path.iterdir()} <= {"file", "other"}
