"""``tallystick liabilities receipt``, ``export``, ``verify`` and ``erase``."""

from __future__ import annotations

import json
import os
import pty
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from tallystick import liabilities
from tallystick.cli.app import app
from tallystick.liabilities import Receipt, ReceiptAsset, ReceiptPart, Statement

from tests.cli.conftest import APART, Run
from tests.cli.liabilities import commit, names, night

VERIFY = ("liabilities", "verify", "day-1.note")
EXPECT = ("--expect", "BTC=1.25", "--expect", "EUR=70.1")


@pytest.fixture(autouse=True)
def a_night(run: Run) -> None:
    night(run)


def bob() -> Receipt:
    return Receipt.from_bytes(Path("bob").read_bytes())


def test_a_customer_verifies(run: Run, run_json) -> None:
    text = run(*VERIFY, "bob", "--id", "bob").stdout
    for words in (
        "proven: exchange.example",
        "1.25000000",
        "70.10",
        "signature was NOT checked",
        "unproven, not zero",
    ):
        assert words in text
    text = run(*VERIFY, "bob", "--id", "bob", "--key", "key.pub", *EXPECT, "--expect", "XRP=0").stdout
    assert "NOT checked" not in text
    assert "signed by exchange.example+" in text
    assert "no more and no less" in text
    told = run_json(*VERIFY, "bob", "--id-hex", b"bob".hex(), "--key", "key.pub", *EXPECT)
    assert told["verified"] is True
    assert told["balances"] == {"BTC": "1.25000000", "EUR": "70.10"}
    assert told["signed_by"].startswith("exchange.example+")
    assert told["expected"] is True
    assert run_json(*VERIFY, "bob", "--id", "bob")["signed_by"] is None


def test_the_id_may_come_on_standard_input() -> None:
    for line, code in (
        (b"bob\n", 0),
        (b"bob\r\n", 0),
        (b"bob", 0),
        (b"alice\n", 1),
        (b"bob \n", 1),
        (b"", 2),
    ):
        result = CliRunner(**APART).invoke(app, [*VERIFY, "bob"], input=line)
        assert result.exit_code == code, (line, result.stderr)


@pytest.mark.parametrize(
    ("more", "code", "reason"),
    [
        (("--id", "alice"), 1, "ROOT_MISMATCH"),
        (("--id", "Bob"), 1, "ROOT_MISMATCH"),
        (("--id", "bob", "--expect", "BTC=1.25"), 1, "UNEXPECTED_BALANCE"),
        (("--id", "bob", "--expect", "BTC=1.2", "--expect", "EUR=70.1"), 1, "UNEXPECTED_BALANCE"),
        (("--id", "bob", *EXPECT, "--expect", "XRP=0.5"), 1, "UNEXPECTED_BALANCE"),
        (("--id", "bob", "--expect", "BTC=1.123456789"), 3, None),
        (("--id", "bob", "--expect", "BTC=-1"), 3, None),
        (("--id", "bob", "--expect", "BTC=1e3"), 3, None),
        (("--id", "bob", "--expect", "BTC=\u0661"), 3, None),
        (("--id", "bob", "--expect", "BTC"), 2, None),
        (("--id", "bob", "--expect", "BTC=1", "--expect", "BTC=1"), 2, None),
        (("--id", "bob", "--id-hex", "00"), 2, None),
        (("--id-hex", "0"), 2, None),
        (("--id", ""), 2, None),
        (("--id", "bob", "--follows", "day-1.note"), 1, "NOT_NEXT"),
        (("--id", "bob", "--key", "nothing"), 4, None),
    ],
)
def test_what_is_refused(run_json, more: tuple[str, ...], code: int, reason: str | None) -> None:
    told = run_json(*VERIFY, "bob", *more, code=code)
    assert told.get("reason") == reason


def part(change: dict[str, Any]) -> Receipt:
    """Bob's receipt, with something in its first part changed."""
    first, *others = bob().assets
    own = first.parts[0]
    fields = {name: getattr(own, name) for name in ("index", "amount", "salt", "proof")} | change
    return Receipt(bob().statement, [ReceiptAsset(first.code, "", [ReceiptPart(**fields)]), *others])


FORGED = {
    "amount": (lambda: part({"amount": 125_000_001}), "TOTAL_MISMATCH"),
    "salt": (lambda: part({"salt": bytes(16)}), "ROOT_MISMATCH"),
    "index": (lambda: part({"index": 2**60}), "INDEX_OUT_OF_RANGE"),
    "no asset": (lambda: Receipt(bob().statement, []), "EMPTY_CLAIM"),
    "statement": (lambda: Receipt(bytes(32), bob().assets), "OTHER_STATEMENT"),
    "order": (lambda: Receipt(bob().statement, bob().assets[::-1]), "ASSET_ORDER"),
}


@pytest.mark.parametrize("forgery", FORGED)
def test_forged_receipts(run_json, run: Run, forgery: str) -> None:
    make, reason = FORGED[forgery]
    Path("forged").write_bytes(make().to_bytes())
    told = run_json(*VERIFY, "forged", "--id", "bob", "--key", "key.pub", code=1)
    assert told["reason"] == reason
    assert run(*VERIFY, "forged", "--id", "bob", code=1).stderr.startswith("tallystick: proof refused: ")


def test_every_changed_byte_is_refused(run: Run) -> None:
    data = Path("bob").read_bytes()
    for place in range(0, len(data), 7):
        Path("forged").write_bytes(data[:place] + bytes([data[place] ^ 1]) + data[place + 1 :])
        run(*VERIFY, "forged", "--id", "bob", *EXPECT, code=(1, 3))
    for length in range(0, len(data), 11):
        Path("forged").write_bytes(data[:length])
        run(*VERIFY, "forged", "--id", "bob", code=3)


def test_another_night_and_another_key(run: Run, run_json) -> None:
    run(*commit("-o", "day-2", "--previous", "day-1", "--sign", "key", day="2026-01-02"))
    other = ("liabilities", "verify", "day-2.note", "bob", "--id", "bob")
    assert run_json(*other, code=1)["reason"] == "OTHER_STATEMENT"
    run("liabilities", "receipt", "day-2", "--id", "bob", "-o", "bob-2")
    newer = ("liabilities", "verify", "day-2.note", "bob-2", "--id", "bob", "--key", "key.pub")
    assert run_json(*newer, "--follows", "day-1.note")["follows"] is True
    run("liabilities", "keygen", "exchange.example", "-o", "stranger")
    assert run(*VERIFY, "bob", "--id", "bob", "--key", "stranger.pub", code=1).stderr.startswith(
        "tallystick: signature refused"
    )


def test_receipts_of_every_source_and_form(run: Run, run_json) -> None:
    run("liabilities", "receipt", "day-1", "--id", "bob", "-o", "again")
    assert Path("again").read_bytes() == Path("bob").read_bytes()
    assert stat.S_IMODE(Path("again").stat().st_mode) == 0o600
    told = run_json("liabilities", "receipt", "receipts", "--id", "bob", "-o", "bob.json")
    assert told["balances"]["BTC"] == {"minor": "125000000", "major": "1.25000000"}
    run(*VERIFY, "bob.json", "--id", "bob", *EXPECT)
    run("liabilities", "receipt", "day-1", "--id", "bob", "-o", "bob.pb")
    assert Receipt.from_protobuf(Path("bob.pb").read_bytes()) == bob()
    run("liabilities", "receipt", "day-1", "--id", "bob", "-o", "again", code=2)
    run("liabilities", "receipt", "day-1", "--id", "bob", "-o", "again", "--overwrite")


def test_receipts_that_are_not_there(run: Run, run_json) -> None:
    for source in ("day-1", "receipts"):
        told = run_json("liabilities", "receipt", source, "--id", "zed", "-o", "zed", code=4)
        assert "no receipt for zed" in told["error"]
    run("liabilities", "receipt", "nothing", "--id", "bob", "-o", "zed", code=4)
    run("liabilities", "receipt", ".", "--id", "bob", "-o", "zed", code=3)
    run("liabilities", "receipt", "day-1", "--id", "bob", "-o", "missing/zed", code=2)
    assert "zed" not in names()


def test_a_damaged_snapshot_gives_no_receipt(run: Run) -> None:
    keys = Path("day-1/customers.keys")
    keys.write_bytes(bytes(len(keys.read_bytes()) - 1) + b"\x01")
    error = run("liabilities", "receipt", "day-1", "--id", "carol", "-o", "carol", code=(3, 5)).stderr
    assert error.count("\n") == 1
    assert not Path("carol").exists()


def test_export(run: Run, run_json) -> None:
    told = run_json("liabilities", "export", "day-1", "-o", "all")
    assert (told["receipts"], told["shards"]) == ("3", 1)
    with liabilities.open_receipts("all") as receipts:
        assert list(receipts) == [b"alice", b"bob", b"carol"]
    # Again is no harm; another number of shards, another snapshot, or other files are.
    run("liabilities", "export", "day-1", "-o", "all")
    assert "another" in run("liabilities", "export", "day-1", "-o", "all", "--shards", 2, code=2).stderr
    run(*commit("-o", "day-2", day="2026-01-02"))
    run("liabilities", "export", "day-2", "-o", "all", code=2)
    run("liabilities", "export", "day-1", "-o", "bob", code=2)
    run("liabilities", "export", "receipts", "-o", "more", code=3)
    run("liabilities", "export", "nothing", "-o", "more", code=4)
    run("liabilities", "export", "day-1", "-o", "more", "--shards", 0, code=2)
    assert "more" not in names()


def test_erase(run: Run, run_json) -> None:
    before = Path("receipts").stat()
    run("liabilities", "receipt", "day-1", "--id", "alice", "-o", "alice")
    assert "--yes" in run("liabilities", "erase", "day-1", "--id", "bob", code=2).stderr
    run("liabilities", "erase", "day-1", "receipts", "--id", "zed", "--yes", code=4)
    told = run_json("liabilities", "erase", "day-1", "receipts", "--id", "bob", "--yes")
    assert told == {"erased": ["day-1", "receipts"], "absent": []}
    assert before.st_ino == Path("receipts").stat().st_ino
    for folder in ("day-1", "receipts"):
        assert all(b"bob" not in path.read_bytes() for path in Path(folder).rglob("*") if path.is_file())
        run("liabilities", "receipt", folder, "--id", "bob", "-o", "gone", code=4)
        run("liabilities", "receipt", folder, "--id", "alice", "-o", "alice", "--overwrite")
        run(*VERIFY, "alice", "--id", "alice", "--key", "key.pub", "--expect", "BTC=0.5")
    run("liabilities", "erase", "day-1", "receipts", "--id", "bob", "--yes", code=4)
    told = run_json("liabilities", "audit", "day-1", "day-1.note")
    assert (told["erased"], told["ok"]) == ("1", True)
    # What bob has still verifies.
    run(*VERIFY, "bob", "--id", "bob")


def test_erasing_where_only_one_has_the_customer(run_json) -> None:
    shutil.copytree("receipts", "copy")
    run_json("liabilities", "erase", "copy", "--id", "carol", "--yes")
    told = run_json("liabilities", "erase", "copy", "receipts", "--id", "carol", "--yes")
    assert told == {"erased": ["receipts"], "absent": ["copy"]}


@pytest.mark.parametrize(("answer", "code"), [("y", 0), ("n", 130)])
def test_erasing_asks_on_a_terminal(answer: str, code: int) -> None:
    ours, theirs = pty.openpty()
    args = [sys.executable, "-m", "tallystick.cli", "liabilities", "erase", "day-1", "--id", "bob"]
    with subprocess.Popen(args, stdin=theirs, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL) as process:
        os.close(theirs)
        os.write(ours, f"{answer}\n".encode())
        assert process.stderr is not None
        asked = process.stderr.read()
    os.close(ours)
    assert process.returncode == code
    assert b"Erase bob from day-1, for good?" in asked
    assert ("bob" in liabilities.open("day-1")) == (answer == "n")


def test_ids_that_are_no_text(run: Run, run_json) -> None:
    import pyarrow as pa

    from tests.cli.conftest import write
    from tests.cli.liabilities import ASSETS, TERMS

    write(pa.table({"user": [b"\xff\x00", b"b"], "BTC": [1, 2], "EUR": [0, 0]}), Path("t.parquet"))
    terms = ("--id-column", "user", "--unit", "minor", *ASSETS, *TERMS, "1")
    run("liabilities", "commit", "t.parquet", *terms, "-o", "bytes")
    told = run("liabilities", "receipt", "bytes", "--id-hex", "ff00", "-o", "odd").stdout
    assert "for 0xff00" in told
    assert run_json("liabilities", "verify", "bytes", "odd", "--id-hex", "FF00")["balances"] == {
        "BTC": "0.00000001"
    }


def test_statements_in_every_form_verify(run: Run) -> None:
    for name in ("s.json", "s.bin"):
        run("liabilities", "statement", "day-1", "-o", name)
        run("liabilities", "verify", name, "bob", "--id", "bob", *EXPECT)
    Path("s.json").write_text(json.dumps(json.loads(Path("s.json").read_text()), indent=1))
    run("liabilities", "verify", "s.json", "bob", "--id", "bob", code=3)
    assert Statement.from_note(Path("day-1.note").read_bytes()).signatures
