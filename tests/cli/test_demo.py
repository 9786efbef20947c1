"""``tallystick demo`` on a small scale, and the table that it makes."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet
from tallystick.cli.demodata import ASSETS, CHUNK_ROWS, write_table
from tallystick.cli.progress import Silence

from tests.cli.conftest import Run


def test_the_story(run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    temporary = tmp_path / "temporary"
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setattr("tempfile.tempdir", None)
    text = run("demo", "--rows", 2000, "--proofs", 20).stdout
    for words in ("2,000 customers x 8 assets", "commit, salted", "verify from the files", "rows/s"):
        assert words in text
    assert "All 20 were read back and verified with the row and the head alone" in text
    assert text.count("root") >= 3  # the title and two refusals
    assert list(temporary.iterdir()) == []


def test_the_story_as_json(run_json, tmp_path: Path) -> None:
    told = run_json("demo", "--rows", 2000, "--proofs", 20, "--dir", "kept", "--seed", 7)
    assert (told["rows"], told["assets"], told["proofs"]) == ("2000", 8, "20")
    assert [step["count"] for step in told["steps"]] == ["2000", "2000", "1", "20", "20", "2"]
    assert all(step["seconds"] > 0 for step in told["steps"])
    assert len(told["refused"]) == 2
    assert len(list(Path("kept/proofs").glob("proof-*.json"))) == 20
    for name, size in told["file_bytes"].items():
        path = Path("kept", name) if name == "customers.parquet" else Path("kept/commitment", name)
        assert path.stat().st_size == int(size)


def test_the_files_it_keeps_are_files_of_the_command(run: Run) -> None:
    run("demo", "--rows", 50, "--proofs", 5, "--dir", "kept")
    for path in Path("kept/proofs").glob("proof-*.json"):
        index = int(json.loads(path.read_text())["index"])
        row = parquet.read_table("kept/customers.parquet")[index : index + 1].to_pylist()[0]
        run("verify", "kept/commitment/head.tally", path, "--row", json.dumps(row))
    run("verify", "kept/commitment/head.tally", "kept/proofs/tampered.json", "--row", json.dumps(row), code=1)


def test_a_small_table_has_a_proof_for_each_row(run_json) -> None:
    assert run_json("demo", "--rows", 10)["proofs"] == "10"


def test_what_it_refuses(run: Run) -> None:
    run("demo", "--rows", 10, "--proofs", 11, code=2)
    run("demo", "--rows", 1, code=2)
    Path("kept").mkdir()
    Path("kept/letter.txt").write_text("mine")
    run("demo", "--rows", 10, "--proofs", 1, "--dir", "kept", code=2)
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
    for asset, (share, _, _) in ASSETS.items():
        amounts = one.column(asset).to_numpy()
        assert amounts.min() == 0
        assert abs((amounts > 0).mean() - share) < 0.02
        held = np.sort(amounts[amounts > 0])
        # Heavy-tailed: the hundredth part with the most holds more than half of a tenth of everything.
        assert held[-len(held) // 100 :].sum() > 0.05 * held.sum()
