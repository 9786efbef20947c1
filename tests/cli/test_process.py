"""The command as a process: entry point, exit codes, streams, terminals, signals."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ROW, customers, write

COMMAND = [sys.executable, "-m", "tallystick.cli"]


def call(*args: object, cwd: Path, code: int = 0, env: dict[str, str] | None = None) -> tuple[str, str]:
    done = subprocess.run(
        [*COMMAND, *map(str, args)],
        cwd=cwd,
        env=os.environ | (env or {}),
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == code, done.stderr
    return done.stdout, done.stderr


def test_from_table_to_verdict(tmp_path: Path) -> None:
    write(customers(20), tmp_path / "t.parquet")
    out, err = call("commit", "t.parquet", "-o", "kept", "--key-column", "id", "--salted", cwd=tmp_path)
    assert out.startswith("20 rows of t.parquet")
    assert err == ""
    call("prove", "kept", "--key", "customer-000007", "-o", "proof.json", cwd=tmp_path)
    verify = ("verify", "kept/head.tally", "proof.json", "--row")
    out, err = call(*verify, json.dumps(ROW), "--json", cwd=tmp_path)
    assert json.loads(out)["verified"] is True
    assert err == ""
    out, err = call(*verify, json.dumps({**ROW, "balance": 8}), "--json", cwd=tmp_path, code=1)
    assert out == ""
    assert json.loads(err)["reason"] == "ROOT_MISMATCH"
    call(*verify, "[]", cwd=tmp_path, code=3)
    call("prove", "kept", "--key", "nobody", cwd=tmp_path, code=4)
    call("prove", cwd=tmp_path, code=2)
    _, err = call("prove", "--json", cwd=tmp_path, code=2)
    assert json.loads(err)["exit_code"] == 2


def test_help_and_version(tmp_path: Path) -> None:
    out, _ = call("--help", cwd=tmp_path)
    for name in ("commit", "prove", "verify", "inspect", "liabilities", "demo", "Exit codes", "70", "143"):
        assert name in out
    out, _ = call("--version", cwd=tmp_path)
    assert out.startswith("tallystick, version ")
    for name in ("commit", "prove", "verify", "inspect", "demo"):
        out, _ = call(name, "--help", cwd=tmp_path)
        assert "--json" in out
    told = {name: " ".join(call(name, "--help", cwd=tmp_path)[0].split()) for name in ("commit", "verify")}
    for words in (
        "not salted unless you say so",
        "[default: no-salted]",
        "keys.npy and salts.npy are secret",
    ):
        assert words in told["commit"]
    assert "(must be in --columns)" in told["commit"]
    assert "xxh3" not in told["commit"]
    for words in ("all columns", "every cell is text", "1 that the proof was refused"):
        assert words in told["verify"]
    call("nonsense", cwd=tmp_path, code=2)


def python(code: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-c", code], cwd=cwd, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("imported", "absent"),
    [("tallystick", ("click", "rich", "pyarrow")), ("tallystick.cli.app", ("rich", "pyarrow"))],
)
def test_what_an_import_leaves_alone(tmp_path: Path, imported: str, absent: tuple[str, ...]) -> None:
    done = python(
        f"import sys, {imported}; print([name for name in {absent} if name in sys.modules])", tmp_path
    )
    assert done.stdout == "[]\n", done.stderr


CHECK_WITHOUT_THE_EXTRA = """
import sys
from pathlib import Path
for name in ("click", "rich", "pyarrow"):
    sys.modules[name] = None
from tallystick.cli import rows
from tallystick.cli.prooffile import ProofFile
from tallystick.cli.tablehead import TableHead
from tallystick.errors import InvalidProof
head, proof = TableHead.read(Path("kept/head.tally")), ProofFile.read(Path("proof.json"))
head.verify(rows.from_json(head.context, Path("row.json").read_text()), proof)
try:
    head.verify(rows.from_csv(head.context, "customer-000007,,8,0.07"), proof)
except InvalidProof:
    print("refused")
"""


def test_a_proof_file_is_verified_with_numpy_alone(commitment: Path) -> None:
    (commitment.parent / "row.json").write_text(json.dumps(ROW))
    done = python(CHECK_WITHOUT_THE_EXTRA, commitment.parent)
    assert done.stdout == "refused\n", done.stderr


@pytest.mark.parametrize("command", ["prove", "verify", "inspect"])
def test_pyarrow_is_for_tables(commitment: Path, command: str) -> None:
    arguments = {
        "prove": ["kept", "--key", "customer-000001"],
        "verify": ["kept/head.tally", "proof.json", "--row", json.dumps(ROW)],
        "inspect": ["kept"],
    }
    hide = "import sys; sys.modules['pyarrow'] = None\nfrom tallystick.cli.app import app\n"
    hide += f"app({[command, *arguments[command]]})"
    done = python(hide, commitment.parent)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("name", ["click", "rich", "pyarrow"])
def test_without_the_extra(tmp_path: Path, name: str) -> None:
    hide = (
        "import importlib.util, sys\n"
        "find = importlib.util.find_spec\n"
        f"importlib.util.find_spec = lambda module: None if module == {name!r} else find(module)\n"
        "from tallystick.cli import main\n"
        "main(['--help'])\n"
    )
    done = python(hide, tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    assert (
        done.stderr
        == f"The command needs {name}: install 'tallystick[cli]', in a checkout: pip install '.[cli]'\n"
    )


def test_bars_on_a_terminal_and_nowhere_else(tmp_path: Path) -> None:
    args = [*COMMAND, "demo", "--customers", "5000"]
    ours, theirs = pty.openpty()
    env = os.environ | {"TERM": "xterm", "COLUMNS": "120", "TMPDIR": str(tmp_path)}
    with subprocess.Popen(args, cwd=tmp_path, env=env, stdout=subprocess.PIPE, stderr=theirs) as process:
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
    assert process.returncode == 0
    for words in (b"Reading holdings", b"rows/s", b"Writing receipts", b"customers/s"):
        assert words in drawn
    assert b"Reading" not in told
    assert b"\x1b" not in told
    silent = subprocess.run(args, cwd=tmp_path, env=env, capture_output=True, check=True)
    assert silent.stderr == b""
    assert b"\x1b" not in silent.stdout


STOP_HALFWAY = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from tallystick.cli import commit, main
def wait(parts):
    sys.stderr.write("waiting\\n")
    sys.stderr.flush()
    time.sleep(60)
commit.KeyIndex.build = wait
main(["commit", "t.csv", "-o", "kept", "--key-column", "id"])
"""


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_an_interrupted_commit_leaves_nothing(tmp_path: Path, number: int, code: int) -> None:
    write(customers(20), tmp_path / "t.csv")
    args = [sys.executable, "-c", STOP_HALFWAY]
    with subprocess.Popen(args, cwd=tmp_path, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "waiting\n"
        assert len(list(tmp_path.iterdir())) == 2
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
    assert process.returncode == code
    assert "Traceback" not in err
    assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]


def test_a_terminal_without_the_letters(tmp_path: Path) -> None:
    write(customers(20), tmp_path / "t.parquet")
    call("commit", "t.parquet", "-o", "kept", "--key-column", "id", cwd=tmp_path)
    call("prove", "kept", "--key", "customer-000006", "-o", "proof.json", cwd=tmp_path)
    row = json.dumps({"id": "customer-000006", "note": "née 6", "balance": 6, "price": "0.06"})
    env = {"PYTHONIOENCODING": "koi8-r"}
    out, _ = call("verify", "kept/head.tally", "proof.json", "--row", row, cwd=tmp_path, env=env)
    assert "n\\xe9e 6" in out
    call("demo", "--customers", 100, "--dir", "kept-demo", cwd=tmp_path, env=env)


def test_a_reader_that_leaves(tmp_path: Path) -> None:
    write(customers(20), tmp_path / "t.csv")
    reading, writing = os.pipe()
    os.close(reading)
    args = [*COMMAND, "commit", "t.csv", "-o", "kept", "--key-column", "id"]
    done = subprocess.run(args, cwd=tmp_path, stdout=writing, stderr=subprocess.PIPE, text=True, check=False)
    os.close(writing)
    assert done.returncode == 5
    assert done.stderr == ""
