"""``tallystick bench``: as a process, with its files, errors and signals."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from tallystick import research
from tallystick.cli.app import app

from tests.cli.conftest import APART

COMMAND = [sys.executable, "-m", "tallystick.cli", "bench"]
TINY = (
    "--schemes",
    "native,ssz_vector({size}),filecoin(8)",
    "--sizes",
    "8,2^5",
    "--repeat",
    "1",
    "--counts",
    "1,50%",
)


def call(*args: object, cwd: Path, code: int = 0) -> tuple[str, str]:
    done = subprocess.run(
        [*COMMAND, *map(str, args)], cwd=cwd, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done.stdout, done.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder in which a tiny grid has been run with nothing said about where to write."""
    place = tmp_path_factory.mktemp("bench")
    out, err = call(*TINY, cwd=place)
    (place / "out.txt").write_text(out, encoding="utf-8")
    assert err == ""
    return place


def test_everything_is_written(folder: Path) -> None:
    place = folder / "tallystick-bench"
    results = research.from_json((place / "results.json").read_text(encoding="utf-8"))
    rows = research.from_csv((place / "results.csv").read_text(encoding="utf-8"))
    assert rows == (*results.figures, *results.omissions)
    assert results.complete
    assert (place / "tables.md").read_text(encoding="utf-8") == research.to_markdown(results)
    drawn = {path.name for path in place.glob("*.svg")}
    assert drawn == {
        f"{name}.svg" for name in ("build-by-scheme", "memory", "multi-bytes", "proof-bytes", "verify")
    }
    assert {path.stem for path in place.glob("*.png")} == {name.removesuffix(".svg") for name in drawn}
    assert results.select("peak_memory")


def test_the_table_and_what_was_left_out_are_printed(folder: Path) -> None:
    out = (folder / "out.txt").read_text(encoding="utf-8")
    assert "native/blake3" in out
    assert "wrote tallystick-bench/results.json" in out
    assert "left out: everything: filecoin(8)/sha256 with 32 leaves: not supported: " in out
    assert "complete" not in out


def test_what_exists_is_kept(folder: Path) -> None:
    before = (folder / "tallystick-bench" / "results.json").read_bytes()
    _, err = call(*TINY, cwd=folder, code=2)
    assert "--overwrite" in err
    assert (folder / "tallystick-bench" / "results.json").read_bytes() == before


def test_results_are_drawn_and_written_again(folder: Path, tmp_path: Path) -> None:
    source = folder / "tallystick-bench" / "results.json"
    call("--from", source, "--csv", tmp_path / "again.csv", "--plots", tmp_path / "drawn", cwd=tmp_path)
    assert (tmp_path / "again.csv").read_bytes() == (source.parent / "results.csv").read_bytes()
    for path in source.parent.glob("*.svg"):
        assert (tmp_path / "drawn" / path.name).read_bytes() == path.read_bytes()
    _, err = call("--from", source, "--csv", tmp_path / "again.csv", cwd=tmp_path, code=2)
    assert "exists" in err
    call("--from", source, "--csv", tmp_path / "again.csv", "--overwrite", cwd=tmp_path)
    _, err = call("--from", source, "--sizes", "8", cwd=tmp_path, code=2)
    assert "--from measures nothing" in err
    assert not (tmp_path / "tallystick-bench").exists()


def test_json_is_one_object_on_standard_output(tmp_path: Path) -> None:
    out, err = call(*TINY, "--no-memory", "--json", "-", cwd=tmp_path)
    assert err == ""
    results = research.from_json(out)
    assert len(results.cells) == 5
    assert not results.select("peak_memory")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--schemes", "nothing"), "there is no family"),
        (("--hashes", "md5"), "md5"),
        (("--sizes", "x"), "is not a number"),
        (("--sizes", "2^x"), "is not a number"),
        (("--threads", "0"), "number of threads"),
        (("--proofs", "all"), "no kind of proof"),
        (("--counts", "200%"), "neither"),
        (("--repeat", "0"), "--repeat"),
        (("--budget", "-1"), "--budget"),
    ],
)
def test_usage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    result = CliRunner(**APART).invoke(app, ["bench", *arguments])
    assert (result.exit_code, result.stdout) == (2, "")
    assert said in result.stderr
    result = CliRunner(**APART).invoke(app, ["bench", *arguments, "--json", "-"])
    assert (result.exit_code, result.stdout) == (2, "")
    assert json.loads(result.stderr)["exit_code"] == 2
    assert list(tmp_path.iterdir()) == []


def test_files_that_are_no_results(tmp_path: Path) -> None:
    (tmp_path / "other.json").write_text("{}", encoding="utf-8")
    _, err = call("--from", "other.json", cwd=tmp_path, code=3)
    assert "other.json" in err
    (tmp_path / "bytes.json").write_bytes(b"\xff")
    call("--from", "bytes.json", cwd=tmp_path, code=3)
    call("--from", "none.json", cwd=tmp_path, code=4)


def test_a_budget(tmp_path: Path) -> None:
    out, _ = call(*TINY, "--budget", "0", "--json", "all.json", cwd=tmp_path)
    assert "Not complete: 0 trees" in out
    results = research.from_json((tmp_path / "all.json").read_text(encoding="utf-8"))
    assert not results.complete


STOP_HALFWAY = """
import signal, sys, time
signal.signal(signal.SIGINT, signal.default_int_handler)
from tallystick.cli import main
from tallystick.research import _measure
measure = _measure.CellBench._multi
def wait(self, tree):
    measure(self, tree)
    if self.cell.size == 16:
        sys.stderr.write("waiting\\n")
        sys.stderr.flush()
        time.sleep(60)
_measure.CellBench._multi = wait
main(["bench", "--schemes", "native", "--sizes", "8,16,32", "--repeat", "1", "--no-memory", "-o", "kept"])
"""


@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_interrupted_it_writes_what_it_has(tmp_path: Path, sent: signal.Signals, code: int) -> None:
    args = [sys.executable, "-c", STOP_HALFWAY]
    with subprocess.Popen(
        args, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "waiting\n"
        process.send_signal(sent)
        out, err = process.communicate(timeout=60)
    assert process.returncode == code, (out, err)
    assert "Traceback" not in err
    results = research.from_json((tmp_path / "kept" / "results.json").read_text(encoding="utf-8"))
    assert [cell.size for cell in results.cells] == [8, 16]
    assert not results.complete
    assert "Not complete: 2 trees" in out
    said = {(one.cell.size, one.reason) for one in results.omissions if not one.measure}
    assert said == {(16, "interrupted: partly measured"), (32, "not measured")}
    assert research.from_csv((tmp_path / "kept" / "results.csv").read_text(encoding="utf-8"))
    assert (tmp_path / "kept" / "build-by-scheme.svg").exists()


def test_help_says_what_there_is(tmp_path: Path) -> None:
    out, _ = call("--help", cwd=tmp_path)
    for option in (
        "schemes",
        "hashes",
        "sizes",
        "threads",
        "proofs",
        "seed",
        "repeat",
        "budget",
        "csv",
        "json",
    ):
        assert f"--{option}" in out
    for option in ("--plots", "--quick", "--laptop", "--from", "--no-memory", "{size}"):
        assert option in out
