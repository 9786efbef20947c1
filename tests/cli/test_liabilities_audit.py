"""``tallystick liabilities audit`` and ``diff``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.liabilities import BALANCES, WIDE, commit, names, night

AUDIT = ("liabilities", "audit", "day-1", "day-1.note")
TABLE = ("--table", "balances.csv", *WIDE)


@pytest.fixture(autouse=True)
def a_night(run: Run) -> None:
    night(run)


def test_nothing_is_wrong(run: Run, run_json) -> None:
    text = run(*AUDIT, *TABLE, "--key", "key.pub", "-o", "r.html", "-o", "r.json").stdout
    for words in (
        "nothing is wrong with 2026-01-01",
        "1.75000000",
        "all 4 holdings",
        "wrote r.html",
        "wrote r.json",
    ):
        assert words in text
    assert "not checked" not in text
    assert Path("r.html").read_text().startswith("<!doctype html>")
    assert json.loads(Path("r.json").read_text())["ok"] is True
    told = run_json(*AUDIT)
    assert (told["ok"], told["customers"], told["leaves"], told["table"]) == (True, "3", "4", None)
    assert "not checked" in run(*AUDIT).stdout


def test_what_is_wrong_is_said_and_written(run: Run, run_json) -> None:
    Path("balances.csv").write_text(BALANCES.replace("bob,1.25", "bob,1.5") + "dave,1,0\n")
    error = run(*AUDIT, *TABLE, "-o", "r.json", code=1).stderr
    assert error.startswith("tallystick: the audit found ")
    assert "see r.json" in error
    assert error.count("\n") == 1
    assert json.loads(Path("r.json").read_text())["ok"] is False
    told = run_json(*AUDIT, *TABLE, "-o", "r.html", code=1)
    assert told["findings"]["OTHER_AMOUNT"] == "1"
    assert told["findings"]["MISSING_CUSTOMER"] == "1"
    assert told["reports"] == ["r.html"]


@pytest.mark.parametrize(
    "name", ["customers.ids", "customers.keys", "trees/0000.tally", "trees/0001.holdings"]
)
def test_a_flipped_bit_is_found(run: Run, name: str) -> None:
    path = Path("day-1", name)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 4
    path.write_bytes(data)
    assert "the audit found" in run(*AUDIT, code=1).stderr


def test_a_missing_file_is_found(run: Run) -> None:
    Path("day-1/customers.ids").unlink()
    assert "MISSING_FILE" in run(*AUDIT, code=1).stderr


def test_another_statement_is_found(run: Run) -> None:
    run(*commit("-o", "day-2", day="2026-01-02"))
    assert "OTHER_STATEMENT" in run("liabilities", "audit", "day-1", "day-2.note", code=1).stderr


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("--id-column", "user"), 2),
        (("--table", "balances.csv"), 2),
        (("--table", "balances.csv", "--id-column", "user"), 2),
        (("--table", "nothing.csv", *WIDE), 4),
        (("--table", "balances.csv", "--id-column", "nobody", "--unit", "major"), 2),
        (("-o", "report.pdf"), 2),
        (("-o", "missing/report.html"), 2),
        (("-o", "day-1.html", "--key", "nothing"), 4),
    ],
)
def test_calls_that_cannot_be(run: Run, arguments: tuple[str, ...], code: int) -> None:
    before = names()
    run(*AUDIT, *arguments, code=code)
    assert names() == before


def test_bad_tables_signatures_and_places(run: Run, run_json) -> None:
    Path("bad.csv").write_text("user,BTC,EUR\nalice,-1,0\n")
    told = run_json(*AUDIT, "--table", "bad.csv", *WIDE, code=3)
    assert told["line"] == 2
    run("liabilities", "keygen", "exchange.example", "-o", "stranger")
    assert "signature refused" in run(*AUDIT, "--key", "stranger.pub", code=1).stderr
    run("liabilities", "audit", "nothing", "day-1.note", code=4)
    run("liabilities", "audit", "day-1", "nothing", code=4)
    run("liabilities", "audit", "balances.csv", "day-1.note", code=3)
    Path("r.html").write_text("mine")
    run(*AUDIT, "-o", "r.html", code=2)
    assert Path("r.html").read_text() == "mine"
    run(*AUDIT, "-o", "r.html", "--overwrite")
    assert "doctype" in Path("r.html").read_text()


def test_diff(run: Run, run_json) -> None:
    Path("next.csv").write_text("user,BTC,EUR\nalice,0.25,0\ncarol,0,12\ndave,3,1\n")
    run(*commit("-o", "day-2", "--previous", "day-1", table="next.csv", day="2026-01-02"))
    text = run("liabilities", "diff", "day-1", "day-2", "-o", "d.html").stdout
    for words in ("1 customers more, 1 less, 2 in both", "+1.50000000", "-69.10", "wrote d.html"):
        assert words in text
    told = run_json("liabilities", "diff", "day-1", "day-2", "-o", "d.json")
    assert told["customers"] == {"added": "1", "gone": "1", "common": "2"}
    bitcoin = told["assets"][0]
    assert bitcoin["less"] == {"holdings": "1", "sum": "25000000"}
    assert bitcoin["added"] == {"holdings": "1", "sum": "300000000"}
    assert bitcoin["gone"] == {"holdings": "1", "sum": "125000000"}
    assert Path("d.html").read_text().startswith("<!doctype html>")
    assert json.loads(Path("d.json").read_text())
    run("liabilities", "diff", "day-1", "receipts", code=3)
    run("liabilities", "diff", "day-1", "nothing", code=4)
    run("liabilities", "diff", "day-1", "day-2", "-o", "d.html", code=2)
