"""Who may read the files of a commitment, and what is said of rows without salts."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest
from tallystick.cli import directory as layout

from tests.cli.conftest import Run


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@pytest.mark.parametrize("salted", ["--salted", "--no-salted"])
def test_secrets_are_for_their_owner_only(run: Run, commitment: Path, salted: str) -> None:
    run("commit", "customers.parquet", "-o", "again", "--key-column", "id", salted)
    Path("plain").mkdir()
    Path("plain/file").write_bytes(b"")
    for path in Path("again").iterdir():
        assert mode(path) == (mode(Path("plain/file")) if path.name == "head.tally" else 0o600), path
    assert mode(Path("again")) == mode(Path("plain"))
    assert mode(commitment / "../proof.json") == 0o600


def test_nobody_else_looks_into_a_commitment_in_the_making(tmp_path: Path) -> None:
    with layout.building(tmp_path / "kept", overwrite=False) as work:
        assert mode(work) == 0o700


def test_rows_without_salts_are_said_to_be(run: Run, commitment: Path) -> None:
    words = (
        "rows are not salted: each proof lets its holder test guesses of a neighbour's row; see --salted\n"
    )
    arguments = ("commit", "customers.parquet", "--overwrite", "--key-column", "id", "-o", "kept")
    assert words in run(*arguments).stdout
    assert words not in run(*arguments, "--salted").stdout
