"""``tallystick demo`` on a small scale, and the tables that it makes."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet
from tallystick import liabilities
from tallystick.cli import demoforgeries
from tallystick.cli.demodata import ASSETS, CHUNK_ROWS, FIRST, write_next_day, write_table
from tallystick.cli.progress import Silence

from tests.cli.conftest import Run

pytest.importorskip("cryptography")

README = Path(__file__).parents[2] / "README.md"
FILES = {
    "audit.html",
    "audit.json",
    "changes.html",
    "customer-000001.receipt",
    "day-1",
    "day-1.note",
    "day-1.parquet",
    "day-2",
    "day-2.note",
    "day-2.parquet",
    "equivocation.bin",
    "receipts",
    "signing.key",
    "signing.key.pub",
}


def test_the_story(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    text = run("demo", "--customers", 500).stdout
    for words in (
        "500 customers 8 assets",
        "commit to day 1, and sign",
        "customers/s",
        "1.25000000 BTC",
        "7 forgeries were tried, and all were refused",
        "UNEXPECTED_BALANCE",
        "was caught",
        "no fault",
    ):
        assert words in text
    # The README shows a part of it.
    (shown,) = re.findall(r"```text\n(.*?)```", README.read_text(encoding="utf-8"), re.DOTALL)
    assert shown in text
    # It names the directory of its files.
    (place,) = temporary.iterdir()
    assert text.endswith(f"The files are in {place}.\n")
    assert {path.name for path in place.iterdir()} == FILES


def test_the_story_as_json(run_json) -> None:
    told = run_json("demo", "--customers", 500, "--dir", "kept", "--seed", 7)
    assert (told["customers"], told["assets"], told["directory"]) == ("500", 8, "kept")
    assert all(step["seconds"] >= 0 for step in told["steps"])
    assert len(told["steps"]) == 11
    assert told["proven"] == {"BTC": "1.25000000", "ETH": "2.500000000", "EUR": "70.10"}
    assert [one["reason"] for one in told["refused"]] == [
        "TOTAL_MISMATCH",
        "TOTAL_MISMATCH",
        "ROOT_MISMATCH",
        "UNEXPECTED_BALANCE",
        "OTHER_STATEMENT",
        "WRONG_SIGNATURE",
        "NOT_NEXT",
    ]
    for name, size in told["files"].items():
        assert Path("kept", name).stat().st_size == int(size)


def test_the_files_it_leaves_are_files_of_the_commands(run: Run, run_json) -> None:
    run("demo", "--customers", 300, "--dir", "kept")
    key = ("--key", "kept/signing.key.pub")
    own = ("kept/day-1.note", "kept/customer-000001.receipt", "--id", "customer-000001")
    expect = [f"--expect={code}={text}" for code, text in (("BTC", "1.25"), ("ETH", "2.5"), ("EUR", "70.10"))]
    run("liabilities", "verify", *own, *key, *expect)
    run("liabilities", "statement", "kept/day-1.note", "kept/day-2.note", *key)
    run("liabilities", "equivocation", "kept/equivocation.bin", *key)
    run("liabilities", "receipt", "kept/receipts", "--id", "customer-000001", "-o", "mine")
    assert Path("mine").read_bytes() == Path("kept/customer-000001.receipt").read_bytes()
    table = ("--table", "kept/day-2.parquet", "--id-column", "customer_id", "--unit", "minor")
    assert run_json("liabilities", "audit", "kept/day-2", "kept/day-2.note", *table, *key)["ok"]
    assert json.loads(Path("kept/audit.json").read_text())["ok"] is True
    assert len(liabilities.open_receipts("kept/receipts")) > 200


def test_a_forgery_that_passes_is_told(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(demoforgeries, "_larger_amount", lambda part: part)
    assert "a forgery passed" in run("demo", "--customers", 100, "--dir", "kept", code=5).stderr


def test_what_it_refuses(run: Run) -> None:
    run("demo", "--customers", 10, code=2)
    Path("kept").mkdir()
    Path("kept/letter.txt").write_text("mine")
    run("demo", "--customers", 100, "--dir", "kept", code=2)
    assert [path.name for path in Path("kept").iterdir()] == ["letter.txt"]


def test_the_table_is_a_likely_one_and_the_same_for_a_seed(tmp_path: Path) -> None:
    rows = CHUNK_ROWS + 1000
    for name, seed in (("one", 1), ("same", 1), ("other", 2)):
        write_table(tmp_path / name, rows, seed, Silence())
    one, same, other = (parquet.read_table(tmp_path / name) for name in ("one", "same", "other"))
    assert one == same
    assert one != other
    assert one.num_rows == rows
    assert one.column_names == ["customer_id", *ASSETS]
    ids = one.column("customer_id").to_pylist()
    assert ids[0] == "customer-000001"
    assert ids[-1] == f"customer-{rows}"
    assert len(set(ids)) == rows
    for asset, (_, share, _, _) in ASSETS.items():
        amounts = one.column(asset).to_numpy()
        assert amounts.min() == 0
        assert amounts[0] == FIRST.get(asset, 0)
        assert abs((amounts > 0).mean() - share) < 0.02
        held = np.sort(amounts[amounts > 0])
        # Heavy-tailed: the hundredth part with the most holds more than half of a tenth of everything.
        assert held[-len(held) // 100 :].sum() > 0.05 * held.sum()


@pytest.mark.parametrize("rows", [100, 5000])
def test_the_next_day_has_other_customers_and_other_amounts(tmp_path: Path, rows: int) -> None:
    write_table(tmp_path / "one", rows, 1, Silence())
    write_next_day(tmp_path / "two", tmp_path / "one", 1, Silence())
    days = []
    for name in ("one", "two"):
        listed = parquet.read_table(tmp_path / name).to_pylist()
        days.append({row.pop("customer_id"): row for row in listed})
        assert len(days[-1]) == len(listed)
    first, second = days
    assert set(first) - set(second)
    assert set(second) - set(first)
    assert first["customer-000001"] == second["customer-000001"]
    changed = sum(first[user_id] != second[user_id] for user_id in set(first) & set(second))
    assert 0 < changed < rows / 2
    assert all(amount >= 0 for row in second.values() for amount in row.values())
