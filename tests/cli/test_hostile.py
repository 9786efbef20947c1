"""Files made to deceive or to trip the command: what they say is shown escaped, and they exit with 3."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pyarrow as pa
import pytest
import tallystick as ts
from tallystick.cli import output
from tallystick.cli import verify as verify_module
from tallystick.cli.context import Column, TableContext
from tallystick.cli.prooffile import ProofFile
from tallystick.cli.rows import from_json
from tallystick.cli.spelling import plain

from tests.cli.conftest import Run, write

EVIL = "a\n\x1b[2J\u202e\x9b1m\rproven"
ZONE = "timestamp:s:Z\n\x1b[31m', 'x': integer"


def test_what_a_head_says_is_shown_escaped(run: Run, tmp_path: Path) -> None:
    context = TableContext(False, (Column(EVIL, "text"), Column("t", ZONE)))
    row = from_json(context, '["\\u001b[0m\\n", 5]')
    tree = ts.MerkleTree([row.leaf(None)], scheme=ts.schemes.NATIVE.with_context(context.to_bytes()))
    Path(f"{tmp_path}/h").write_bytes(tree.head.to_bytes())
    Path(f"{tmp_path}/p").write_text(ProofFile(0, None, tree.prove(0)).to_json())
    told = [
        run("inspect", "h").stdout,
        run("verify", "h", "p", "--row", '["\\u001b[0m\\n", 5]').stdout,
        run("verify", "h", "p", "--row", '["", "x"]', code=3).stderr,
        run("verify", "h", "p", "--row", "{}", code=3).stderr,
        run("verify", EVIL, "p", "--row", "[]", code=4).stderr,
        run("inspect", "h", "--check", code=2).stderr,
    ]
    for text in told:
        assert all(plain(line) == line for line in text.split("\n")), text
    assert len(told[1].splitlines()) == 3
    assert "\\x1b[2J" in told[1]
    Path(EVIL).write_bytes(tree.head.to_bytes())
    usage = run("inspect", EVIL, "--check", code=2).stderr
    assert all(plain(line) == line for line in usage.split("\n"))


HEADERS = [
    "(" * 3000,
    "{'descr': '<u1', 'fortran_order': False, 'shape': (1," + "-" * 3000 + "1)}\n",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (99999999999999999999, 16)}\n",
    "{'descr': '|u1', 'fortran_order': False, 'shape': (1, 16), []: 3}\n",
    "{'descr': [('digest_high', '>u8'), ('digest_low', '>u8'), ('index', '<u8')], 'fortran_order': False, "
    "'shape': ()}\n",
]


@pytest.mark.parametrize("header", HEADERS)
def test_a_crafted_array(run: Run, tmp_path: Path, header: str) -> None:
    length = len(header).to_bytes(2, "little")
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x01\x00" + length + header.encode() + bytes(64))
    run("inspect", "a.npy", code=3)


def test_an_array_with_a_huge_header_is_not_read(run: Run, tmp_path: Path) -> None:
    (tmp_path / "a.npy").write_bytes(b"\x93NUMPY\x02\x00" + b"\xff\xff\xff\x7f")
    os.truncate(tmp_path / "a.npy", 1 << 31)
    assert "header of more than" in run("inspect", "a.npy", code=3).stderr


@pytest.mark.parametrize("suffix", ["arrow", "parquet", "csv"])
def test_a_column_name_that_is_not_text(run: Run, tmp_path: Path, suffix: str) -> None:
    path = write(pa.table({"id": ["a"], "QQQQ": ["b"]}), tmp_path / f"t.{suffix}")
    path.write_bytes(path.read_bytes().replace(b"QQQQ", b"Q\xffQQ"))
    run("commit", path, "-o", "kept", "--key-column", "id", code=3)


@pytest.mark.parametrize("columns", ["id\rname", "id\nname", "\n"])
def test_columns_that_are_no_record(run: Run, tmp_path: Path, columns: str) -> None:
    path = write(pa.table({"id": ["a"]}), tmp_path / "t.arrow")
    run("commit", path, "-o", "kept", "--key-column", "id", "--columns", columns, code=2)


@pytest.mark.parametrize("days", [2**31 - 1, -(2**31)])
def test_dates_beyond_those_of_python(run: Run, run_json, tmp_path: Path, days: int) -> None:
    for count, code in ((2, 3), (1, 0)):
        dates = pa.array([days] * count, pa.int32()).view(pa.date32())
        path = write(pa.table({"id": dates}), tmp_path / "t.arrow")
        told = run_json("commit", path, "-o", f"kept{count}", "--key-column", "id", code=code)
    run("prove", "kept1", "--key", days, "-o", "p.json")
    assert told["rows"] == "1"
    for claim, code in ((days, 0), (2**53 - 1, 1), (2**53, 3), (10**30, 3)):
        run("verify", "kept1/head.tally", "p.json", "--row", f"[{claim}]", code=code)


@pytest.mark.parametrize("overwrite", [(), ("--overwrite",)])
@pytest.mark.parametrize("output_file", [".", "", "/", ".."])
def test_a_proof_file_without_a_name(run: Run, commitment: Path, output_file: str, overwrite) -> None:
    run("prove", "kept", "--key", "customer-000001", "-o", output_file, *overwrite, code=2)


def test_devices_and_pipes_are_not_read(run: Run, commitment: Path) -> None:
    os.mkfifo("pipe")
    for path in ("/dev/zero", "pipe"):
        run("verify", path, "proof.json", "--row", "[]", code=3)
        run("verify", "kept/head.tally", path, "--row", "[]", code=3)
        run("inspect", path, code=3)
    run("verify", "kept/head.tally", "proof.json", "--row-file", "/dev/zero", code=3)


def test_files_that_are_too_large(run: Run, commitment: Path) -> None:
    for name in ("kept/head.tally", "proof.json"):
        os.truncate(name, (16 << 20) + 1)
        assert "16 MiB" in run("inspect", name, code=3).stderr
    assert "16 MiB" in run("verify", "kept/head.tally", "proof.json", "--row", "[]", code=3).stderr


def test_a_panic_is_no_refusal(run: Run, commitment: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    panic = type("PanicException", (BaseException,), {"__module__": "pyo3_runtime"})

    def fail(path: Path) -> None:
        raise panic("index out of bounds")

    monkeypatch.setattr(verify_module.TableHead, "read", fail)
    with pytest.raises(AssertionError, match="Traceback"):
        run("verify", "kept/head.tally", "proof.json", "--row", "[]", code=70)


def test_a_proof_file_is_never_replaced_unasked(
    run: Run, commitment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    prove = ("prove", "kept", "--key", "customer-000001", "-o", "new.json")
    Path("new.json").symlink_to("nowhere")
    run(*prove, code=2)
    assert Path("new.json").is_symlink()
    assert not Path("nowhere").exists()
    Path("new.json").unlink()
    write_private = output.write_private

    def late(path: Path, fill) -> None:
        write_private(path, fill)
        Path("new.json").write_text("mine")

    monkeypatch.setattr(output, "write_private", late)
    assert "--overwrite" in run(*prove, code=2).stderr
    assert Path("new.json").read_text() == "mine"
    assert not [path for path in Path().iterdir() if path.suffix == ".partial"]
    run(*prove, "--overwrite")
    assert Path("new.json").read_text() != "mine"


@pytest.mark.parametrize(
    ("name", "value"),
    [("table", [[]] * 3), ("table", None), ("salted", "perhaps"), ("salted", 1), ("hash", []), ("root", 3)],
)
def test_a_manifest_of_other_types_is_refused(run: Run, commitment: Path, name: str, value: object) -> None:
    path = commitment / "commit.json"
    members = json.loads(path.read_text()) | {name: value}
    path.chmod(0o600)
    path.write_text(json.dumps(members, indent=2) + "\n")
    assert "not the manifest of a commitment" in run("inspect", str(path), code=3).stderr


def test_a_manifest_nested_deep_is_refused(run: Run, commitment: Path) -> None:
    path = commitment / "commit.json"
    members = json.loads(path.read_text())
    path.chmod(0o600)
    for depth in (100, 980, 100_000):
        text = json.dumps(members | {"table": "here"}, indent=2).replace('"here"', "[" * depth + "]" * depth)
        path.write_text(text + "\n")
        run("inspect", str(path), code=3)
