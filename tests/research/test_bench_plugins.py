"""``tallystick bench`` with hashes of other packages, found by the names that they are installed with."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from tallystick import research

ROOT = Path(__file__).resolve().parents[2]
MODULE = """
import hashlib
import tallystick as ts
from tests.hashes.tables import Wrapped

def numbers(message):
    if not message or len(message) % 32:
        raise ts.errors.RefusedMessage("a message is no list of numbers")
    return hashlib.sha3_256(message).digest()

WRAPPED = Wrapped(name=b"wrapped")
NUMBERS = ts.hashes.from_callable("numbers", numbers, digest_size=32)
"""
ENTRIES = """[tallystick.hashes]
wrapped = hashes_of_others:WRAPPED
numbers = hashes_of_others:NUMBERS
"""


@pytest.fixture
def place(tmp_path: Path) -> Path:
    """A folder from which two hashes are installed."""
    (tmp_path / "hashes_of_others.py").write_text(MODULE)
    information = tmp_path / "hashes_of_others-1.0.dist-info"
    information.mkdir()
    (information / "METADATA").write_text("Metadata-Version: 2.1\nName: hashes-of-others\nVersion: 1.0\n")
    (information / "entry_points.txt").write_text(ENTRIES)
    return tmp_path


def bench(place: Path, *arguments: str, code: int = 0) -> str:
    path = os.pathsep.join([str(place), str(ROOT), os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(
        [sys.executable, "-m", "tallystick.cli", "bench", "--sizes", "8,64", "--repeat", "1", *arguments],
        cwd=place,
        env={**os.environ, "PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout + done.stderr


def test_plugins_are_measured_and_drawn(place: Path) -> None:
    printed = bench(place, "--schemes", "native,rfc6962", "--hashes", "sha256,wrapped")
    assert "native/wrapped" in printed
    made = place / "tallystick-bench"
    results = research.from_json((made / "results.json").read_text(encoding="utf-8"))
    measured = {figure.cell.hash for figure in results.select("build")}
    assert measured == {"sha256", "wrapped"}
    assert {figure.cell.hash for figure in results.select("peak_memory")} == measured
    assert "wrapped" in (made / "build-by-hash.svg").read_text(encoding="utf-8")


def test_a_hash_that_a_scheme_cannot_use_is_left_out(place: Path) -> None:
    printed = bench(place, "--schemes", "rfc6962,lean_imt", "--hashes", "numbers", "--no-memory")
    assert "lean_imt/numbers" in printed
    assert "left out: everything: rfc6962/numbers" in printed


def test_a_hash_that_nobody_has(place: Path) -> None:
    assert "there is no hash 'absent'" in bench(place, "--hashes", "absent", code=2)
