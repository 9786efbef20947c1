"""What the tests of the command share: a runner, tables as files, commitments and proofs ready made."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("click")
pytest.importorskip("rich")
pa = pytest.importorskip("pyarrow")

from click.testing import CliRunner, Result  # noqa: E402
from pyarrow import csv as arrow_csv  # noqa: E402
from pyarrow import parquet  # noqa: E402
from tallystick.cli.app import app  # noqa: E402

Run = Callable[..., Result]
# Before click 8.2 the two streams are kept apart on request only.
APART = {"mix_stderr": False} if "mix_stderr" in inspect.signature(CliRunner).parameters else {}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run the command in an empty directory and check the exit code, or that it is one of several."""
    monkeypatch.chdir(tmp_path)

    def run(*args: object, code: int | tuple[int, ...] = 0) -> Result:
        result = CliRunner(**APART).invoke(app, [str(arg) for arg in args])
        expected = code if isinstance(code, tuple) else (code,)
        assert result.exit_code in expected, (result.stdout, result.stderr, result.exception)
        if result.exit_code == 0:
            assert result.stderr == ""
        assert "Traceback" not in result.stderr
        return result

    return run


@pytest.fixture
def run_json(run: Run) -> Callable[..., dict[str, Any]]:
    """As ``run``, with ``--json``: give the object of standard output, or of standard error if it fails."""

    def run_json(*args: object, code: int = 0) -> dict[str, Any]:
        result = run(*args, "--json", code=code)
        silent, speaking = (result.stderr, result.stdout) if not code else (result.stdout, result.stderr)
        assert silent == ""
        assert speaking.count("\n") == 1
        members: dict[str, Any] = json.loads(speaking)
        if code:
            assert members["exit_code"] == code
            assert members["error"]
        return members

    return run_json


def customers(rows: int) -> Any:
    """A table of text, integers, decimals and null cells."""
    from decimal import Decimal

    return pa.table(
        {
            "id": [f"customer-{number:06d}" for number in range(rows)],
            "note": pa.array(
                [None if number % 3 else f"née {number}" for number in range(rows)], pa.string()
            ),
            "balance": pa.array(range(rows), pa.int64()),
            "price": pa.array([Decimal(number).scaleb(-2) for number in range(rows)], pa.decimal128(12, 2)),
        }
    )


def write(table: Any, path: Path) -> Path:
    """Write ``table`` in the format that the name says."""
    match path.suffix:
        case ".csv":
            arrow_csv.write_csv(table, path)
        case ".parquet":
            parquet.write_table(table, path, row_group_size=7)
        case _:
            opened = pa.ipc.new_stream if path.stem.endswith("stream") else pa.ipc.new_file
            with opened(path, table.schema) as writer:
                writer.write_table(table, max_chunksize=5)
    return path


@pytest.fixture
def commitment(run: Run, tmp_path: Path) -> Path:
    """A salted commitment to 20 customers, with the proof ``proof.json`` of number 7 beside it."""
    table = write(customers(20), tmp_path / "customers.parquet")
    run("commit", table, "-o", "kept", "--key-column", "id", "--salted")
    run("prove", "kept", "--key", "customer-000007", "-o", "proof.json")
    return tmp_path / "kept"


ROW = {"id": "customer-000007", "note": None, "balance": 7, "price": "0.07"}


def verify_args(
    row: object = ROW, head: object = "kept/head.tally", proof: object = "proof.json"
) -> Sequence[object]:
    """The arguments that verify ``row``."""
    return ("verify", head, proof, "--row", row if isinstance(row, str) else json.dumps(row))
