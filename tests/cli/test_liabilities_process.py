"""The commands of liabilities as processes: an export that is killed and goes on, bars, interrupts."""

from __future__ import annotations

import hashlib
import os
import pty
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyarrow as pa
import pytest

from tests.cli.conftest import write
from tests.cli.liabilities import BALANCES, commit
from tests.cli.test_process import COMMAND, call

CUSTOMERS = 40_000
SHARDS = 16


def table(path: Path, rows: int) -> None:
    ids = [f"customer-{number:06d}" for number in range(rows)]
    write(pa.table({"user": ids, "BTC": range(1, rows + 1), "EUR": [7] * rows}), path)


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("liabilities")
    table(folder / "t.parquet", CUSTOMERS)
    call(*commit("-o", "day", table="t.parquet"), cwd=folder)
    return folder


def contents(folder: Path) -> dict[str, str]:
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_an_export_that_is_killed_goes_on_and_ends_the_same(day: Path) -> None:
    call("liabilities", "export", "day", "-o", "whole", "--shards", SHARDS, cwd=day)
    expected = contents(day / "whole")
    assert len(expected) == SHARDS + 1
    args = [*COMMAND, "liabilities", "export", "day", "-o", "resumed", "--shards", str(SHARDS)]
    resumed, chance, killed = day / "resumed", random.Random(1), 0
    for wanted in sorted(chance.sample(range(1, SHARDS), 4)):
        with subprocess.Popen(args, cwd=day, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE) as process:
            while process.poll() is None and len(list(resumed.glob("*.tlyx"))) < wanted:
                time.sleep(0.001)
            process.kill()
            process.communicate()
        killed += process.returncode == -signal.SIGKILL
        for name, digest in contents(resumed).items():
            # Whole files are right ones; one that was being written has another name.
            assert name not in expected or expected[name] == digest
    assert killed
    call("liabilities", "export", "day", "-o", "resumed", "--shards", SHARDS, cwd=day)
    assert contents(resumed) == expected


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (commit("-o", "other", table="t.parquet", day="2"), (b"Reading holdings", b"Building trees")),
        (("liabilities", "export", "day", "-o", "all"), (b"Writing receipts", b"customers/s")),
        (("liabilities", "audit", "day", "day.note"), (b"Auditing",)),
        (("liabilities", "diff", "day", "day"), (b"Comparing",)),
    ],
    ids=["commit", "export", "audit", "diff"],
)
def test_bars_on_a_terminal(day: Path, arguments: tuple[object, ...], words: tuple[bytes, ...]) -> None:
    ours, theirs = pty.openpty()
    env = os.environ | {"TERM": "xterm", "COLUMNS": "120"}
    args = [*COMMAND, *map(str, arguments)]
    with subprocess.Popen(args, cwd=day, env=env, stdout=subprocess.PIPE, stderr=theirs) as process:
        os.close(theirs)
        drawn = b""
        while True:
            try:
                piece = os.read(ours, 65536)
            except OSError:
                break
            if not piece:
                break
            drawn += piece
        assert process.stdout is not None
        told = process.stdout.read()
    os.close(ours)
    assert process.returncode == 0, drawn
    for word in words:
        assert word in drawn
    assert told
    assert b"\x1b" not in told


STOP_HALFWAY = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from tallystick.cli import main
from tallystick.cli.progress import Silence
def wait(self, title, unit):
    if title == "Building trees":
        sys.stderr.write("waiting\\n")
        sys.stderr.flush()
        time.sleep(60)
    return self
Silence.stage = wait
main(sys.argv[1:])
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_commit_leaves_nothing(tmp_path: Path, number: int, code: int) -> None:
    (tmp_path / "balances.csv").write_text(BALANCES)
    args = [sys.executable, "-c", STOP_HALFWAY, *map(str, commit("-o", "day"))]
    with subprocess.Popen(args, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "waiting\n"
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert process.returncode == code, err
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["balances.csv"]


def test_help_of_every_command(tmp_path: Path) -> None:
    out, _ = call("liabilities", "--help", cwd=tmp_path)
    names = (
        "keygen",
        "commit",
        "statement",
        "export",
        "receipt",
        "verify",
        "audit",
        "diff",
        "equivocation",
        "erase",
    )
    for name in names:
        assert name in out
        told, _ = call("liabilities", name, "--help", cwd=tmp_path)
        assert "--json" in told
    call("liabilities", "nonsense", cwd=tmp_path, code=2)
    told = " ".join(call("liabilities", "verify", "--help", cwd=tmp_path)[0].split())
    for words in (
        "Exit code 0 means proven",
        "the receipt has none",
        "not both from whoever hands you the receipt",
    ):
        assert words in told


@pytest.mark.parametrize("missing", ["pyarrow", "cryptography"])
def test_a_customer_needs_neither_pyarrow_nor_without_a_key_cryptography(day: Path, missing: str) -> None:
    call("liabilities", "receipt", "day", "--id", "customer-000007", "-o", missing, cwd=day)
    verify = ["liabilities", "verify", "day.note", missing, "--id", "customer-000007"]
    hide = f"import sys; sys.modules[{missing!r}] = None\nfrom tallystick.cli.app import app\n"
    done = subprocess.run(
        [sys.executable, "-c", hide + f"app({verify})"], cwd=day, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    key = "exchange.example+c5acaf1a+AQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
    done = subprocess.run(
        [sys.executable, "-c", hide + f"app({[*verify, '--key', key]})"],
        cwd=day, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode in (1, 2, 3)
    assert "Traceback" not in done.stderr
