"""A commitment takes its place, or nothing that is there is touched, whoever else is at work."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest
from tallystick.cli import directory as layout

from tests.cli.conftest import Run, customers, write
from tests.cli.test_process import COMMAND

COMMIT = ("commit", "customers.parquet", "-o", "kept", "--key-column", "id")


def content(directory: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in directory.iterdir()}


def before_syncing(monkeypatch: pytest.MonkeyPatch, act) -> None:
    """Let ``act`` happen once, when all is written and before anything is put in place."""
    sync, done = layout._sync, []

    def first(path: Path) -> None:
        if not done:
            done.append(path)
            act()
        sync(path)

    monkeypatch.setattr(layout, "_sync", first)


@pytest.mark.parametrize("overwrite", [(), ("--overwrite",)])
def test_what_appears_meanwhile_is_not_removed(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, overwrite: tuple[str, ...]
) -> None:
    write(customers(3), tmp_path / "customers.parquet")

    def appear() -> None:
        Path("kept").mkdir()
        Path("kept/letter.txt").write_text("mine")

    before_syncing(monkeypatch, appear)
    refused = run(*COMMIT, *overwrite, code=2).stderr
    assert ("letter.txt" if overwrite else "exists and is not empty; --overwrite") in refused
    assert content(Path("kept")) == {"letter.txt": b"mine"}
    assert sorted(os.listdir()) == ["customers.parquet", "kept"]


def test_a_file_put_into_the_old_one_at_the_last_moment(
    run: Run, commitment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(commitment)
    rename = Path.rename

    def late(path: Path, target: Path) -> Path:
        if path == commitment:
            (path / "letter.txt").write_text("mine")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", late)
    assert "letter.txt" in run(*COMMIT, "--overwrite", code=2).stderr
    assert content(commitment) == before | {"letter.txt": b"mine"}
    assert sorted(os.listdir()) == ["customers.parquet", "kept", "proof.json"]


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, OSError])
@pytest.mark.parametrize("after", [False, True])
def test_the_old_one_comes_back(
    commitment: Path, monkeypatch: pytest.MonkeyPatch, error: type[BaseException], after: bool
) -> None:
    before = content(commitment)
    rename = Path.rename

    def failing(path: Path, target: Path) -> Path:
        if not after and path.suffix == ".partial":
            raise error
        result = rename(path, target)
        if after and target.suffix == ".old":
            raise error
        return result

    monkeypatch.setattr(Path, "rename", failing)
    with pytest.raises(error), layout.building(commitment, overwrite=True) as work:
        (work / "head.tally").write_bytes(b"new")
    assert content(commitment) == before
    assert sorted(os.listdir(commitment.parent)) == ["customers.parquet", "kept", "proof.json"]


def test_the_place_of_the_old_one_is_taken_meanwhile(
    run: Run, commitment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = content(commitment)
    rename = Path.rename

    def taken(path: Path, target: Path) -> Path:
        if path.suffix == ".partial":
            commitment.mkdir()
            (commitment / "letter.txt").write_text("mine")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", taken)
    told = run(*COMMIT, "--overwrite", code=5).stderr
    (aside,) = (path for path in commitment.parent.iterdir() if path.suffix == ".old")
    assert str(aside) in told
    assert content(aside) == before
    assert content(commitment) == {"letter.txt": b"mine"}


def test_only_own_files_of_the_old_one_are_removed(
    run: Run, commitment: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rename = Path.rename

    def late(path: Path, target: Path) -> Path:
        if path.suffix == ".partial":
            (aside,) = (other for other in path.parent.iterdir() if other.suffix == ".old")
            (aside / "letter.txt").write_text("mine")
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", late)
    run(*COMMIT, "--overwrite", code=5)
    (aside,) = (path for path in commitment.parent.iterdir() if path.suffix == ".old")
    assert content(aside) == {"letter.txt": b"mine"}
    monkeypatch.undo()
    layout.Commitment.open(commitment)


@pytest.mark.parametrize("name", ["salts.npy", "tree.tally", "commit.json"])
@pytest.mark.parametrize("kind", ["directory", "link", "text"])
def test_what_is_no_commitment_is_not_replaced(run: Run, commitment: Path, name: str, kind: str) -> None:
    path = commitment / name
    path.unlink()
    if kind == "directory":
        path.mkdir()
        (path / "letter.txt").write_text("mine")
    elif kind == "link":
        path.symlink_to("letter.txt")
    else:
        path.write_text("mine")
    refusable = kind != "text" or name == "commit.json"
    told = run(*COMMIT, "--overwrite", code=2 if refusable else 0).stderr
    if refusable:
        assert name in told
        assert os.path.lexists(path)
        assert path.is_dir() == (kind == "directory")


def test_of_two_at_once_one_wins(tmp_path: Path) -> None:
    write(customers(2000), tmp_path / "customers.parquet")
    pair = [
        subprocess.Popen([*COMMAND, *COMMIT], cwd=tmp_path, stdout=-1, stderr=-1, text=True) for _ in range(2)
    ]
    told = [process.communicate(timeout=120)[1] for process in pair]
    assert sorted(process.returncode for process in pair) == [0, 2], told
    assert any("exists and is not empty" in text for text in told)
    assert sorted(os.listdir(tmp_path)) == ["customers.parquet", "kept"]
    layout.Commitment.open(tmp_path / "kept")
