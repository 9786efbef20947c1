"""The driver of the peers: it runs, compares roots, and says what is missing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SMALL = ("--log2", "8", "--rounds", "2", "--proofs", "20", "--chosen", "9")


def driver(*arguments: str, path: str | None = None) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, **({} if path is None else {"PATH": path})}
    return subprocess.run(
        [sys.executable, str(ROOT / "benches" / "peers" / "run.py"), *SMALL, *arguments],
        capture_output=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )


def test_python_peers_run_and_agree(tmp_path: Path) -> None:
    pytest.importorskip("pymerkle")
    figures = tmp_path / "figures.json"
    only = ("plain Python and hashlib", "pymerkle", "merkletools' algorithm")
    done = driver("--json", str(figures), "--only", *only)
    assert done.returncode == 0, done.stdout + done.stderr
    assert "roots agree" in done.stdout
    found = json.loads(figures.read_text(encoding="utf-8"))
    rows = {row["name"]: row for row in found["rows"]}
    assert set(only) < set(rows)
    for name in only:
        for operation in ("build", "prove", "verify", "append"):
            measured = rows[name]["operations"][operation]
            assert len(measured["cpu"]) == len(measured["wall"]) == 2
            assert len(measured["ratio"]) == 3
        assert "missing" in rows[name]["operations"]["multi"]
    # Nine leaves more: a size that is not a power of two.
    rfc = [rows[name] for name in ("tallystick", *only[:2])]
    assert len({row["root"] for row in rfc}) == len({row["root after appending"] for row in rfc}) == 1
    assert rfc[0]["root"] != rfc[0]["root after appending"] != ""
    assert {"processor", "cores", "commit", "python", "tallystick"} <= set(found["machine"])


def test_missing_toolchains_get_a_line(tmp_path: Path) -> None:
    done = driver("--only", "rs_merkle", "merkletreejs", "merklecpp", path=str(tmp_path))
    assert done.returncode == 0, done.stdout + done.stderr
    for line in ("needs cargo, which is not there", "needs node, which is not there", "not measured"):
        assert line in done.stdout


def test_a_name_that_nobody_has() -> None:
    assert "there is no ['nobody']" in driver("--only", "nobody").stderr
