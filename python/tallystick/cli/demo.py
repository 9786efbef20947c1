"""``tallystick demo``: the whole story on a made-up table, with the time of each step."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click
import numpy as np

from tallystick.cli import directory as layout
from tallystick.cli import rows
from tallystick.cli.commit import Options, commit_table
from tallystick.cli.demodata import ASSETS, KEY_COLUMN, write_table
from tallystick.cli.demoreport import Story, print_report
from tallystick.cli.directory import Commitment
from tallystick.cli.failures import Failure
from tallystick.cli.output import emit, json_option
from tallystick.cli.progress import Progress, shown_progress
from tallystick.cli.prooffile import ProofFile
from tallystick.cli.prove import Written, write_proofs
from tallystick.cli.tablehead import TableHead
from tallystick.cli.tables import open_table
from tallystick.errors import InvalidProof

# Proof files, if the table has as many rows.
PROOFS = 1_000


@click.command()
@click.option(
    "--rows", "row_count", type=click.IntRange(min=2), default=1_000_000, show_default=True, help="Customers."
)
@click.option(
    "--proofs",
    "proof_count",
    type=click.IntRange(min=1),
    show_default="1000, or one a row",
    help="Proof files.",
)
@click.option("--dir", "directory", type=click.Path(path_type=Path), help="Work here and keep the files.")
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of the table; salts are random."
)
@json_option
def command(
    *, row_count: int, proof_count: int | None, directory: Path | None, seed: int, as_json: bool
) -> None:
    """Commit to a made-up table of customers, prove rows, verify them, and catch a forgery.

    Works in a temporary directory that is removed at the end, unless --dir names one to keep.
    """
    proof_count = min(PROOFS, row_count) if proof_count is None else proof_count
    if proof_count > row_count:
        raise click.UsageError(f"--proofs {proof_count} is more than --rows {row_count}")
    with _workplace(directory) as place, shown_progress() as progress:
        story = play(place, row_count, proof_count, seed, progress=progress)
    if as_json:
        emit(True, _members(story), ())
    else:
        print_report(story, directory)


def play(place: Path, row_count: int, proof_count: int, seed: int, *, progress: Progress) -> Story:
    """Run the demonstration in the directory ``place`` and return what it measured.

    Raises ``Failure`` if a forgery passes, and what the steps raise.
    """
    story = Story(row_count, proof_count)
    table_path, commitment_path = place / "customers.parquet", place / "commitment"
    proofs_path = place / "proofs"
    with story.step("make the table", row_count, "rows"):
        write_table(table_path, row_count, seed, progress.stage("Making the table", "rows"))
    table = open_table(table_path)
    with story.step("commit, salted", row_count, "rows"):
        manifest = commit_table(table, commitment_path, Options(KEY_COLUMN, salted=True), progress=progress)
    story.root = manifest.root
    customers = _sample(table, row_count, proof_count, seed)
    with story.step("open the commitment", 1, "times"):
        commitment = Commitment.open(commitment_path)
    with story.step("prove, one file each", proof_count, "proofs"):
        written = write_proofs(commitment, [c[KEY_COLUMN] for c in customers], proofs_path, progress=progress)
    head_path = commitment_path / layout.HEAD
    with story.step("verify from the files", proof_count, "proofs"):
        _verify_all(head_path, written, customers, progress)
    with story.step("try two forgeries", 2, "proofs"):
        story.refusals = _forge(head_path, written[0], customers[0], proofs_path / "tampered.json")
    files = (table_path, *(commitment_path / name for name in sorted(layout.FILES)))
    story.file_bytes = {file.name: file.stat().st_size for file in files}
    story.proof_bytes = len(ProofFile.read(written[0].path).proof.to_bytes())
    story.proof_file_bytes = written[0].path.stat().st_size
    return story


def _sample(table: Any, row_count: int, count: int, seed: int) -> list[dict[str, Any]]:
    """Return ``count`` rows of the table: what that many customers know about themselves."""
    chosen = np.sort(np.random.default_rng(seed).choice(row_count, count, replace=False))
    sample: list[dict[str, Any]] = []
    begin = 0
    for chunk, _ in table.chunks(table.schema.names):
        here = chosen[(chosen >= begin) & (chosen < begin + chunk.num_rows)] - begin
        sample += chunk.take(here).to_pylist()
        begin += chunk.num_rows
    return sample


def _verify_all(
    head_path: Path, written: list[Written], customers: list[dict[str, Any]], progress: Progress
) -> None:
    """Verify each proof file as its customer would: the published head, the file, and the own row."""
    head = TableHead.read(head_path)
    stage = progress.stage("Verifying proofs", "proofs")
    for done, (proof, customer) in enumerate(zip(written, customers, strict=True), start=1):
        head.verify(rows.from_json(head.context, json.dumps(customer)), ProofFile.read(proof.path))
        stage.update(done, done / len(written))


def _forge(head_path: Path, written: Written, customer: dict[str, Any], tampered: Path) -> dict[str, str]:
    """Return the refusals of one row with a raised balance and of one proof file with a changed digit."""
    head = TableHead.read(head_path)
    richer = {**customer, "BTC": customer["BTC"] + 1}
    members = json.loads(written.path.read_text())
    members["proof"] = members["proof"][:-1] + ("0" if members["proof"][-1] != "0" else "1")
    tampered.write_text(json.dumps(members))
    attempts = {
        f"{customer[KEY_COLUMN]} claims one more minor unit of BTC": (richer, written.path),
        "one hex digit of the proof file is changed": (customer, tampered),
    }
    refusals = {}
    for name, (row, path) in attempts.items():
        try:
            head.verify(rows.from_json(head.context, json.dumps(row)), ProofFile.read(path))
        except InvalidProof as refusal:
            refusals[name] = str(refusal)
        else:
            raise Failure(f"a forgery passed: {name}")
    return refusals


@contextmanager
def _workplace(directory: Path | None) -> Iterator[Path]:
    if directory is None:
        with tempfile.TemporaryDirectory(prefix="tallystick-demo-") as place:
            yield Path(place)
        return
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise click.UsageError(f"{directory} exists and is not an empty directory")
    directory.mkdir(exist_ok=True)
    yield directory


def _members(story: Story) -> dict[str, Any]:
    return {
        "rows": str(story.rows),
        "assets": len(ASSETS),
        "proofs": str(story.proofs),
        "root": story.root,
        "steps": [asdict(step) | {"count": str(step.count)} for step in story.steps],
        "file_bytes": {name: str(size) for name, size in story.file_bytes.items()},
        "proof_bytes": str(story.proof_bytes),
        "proof_file_bytes": str(story.proof_file_bytes),
        "refused": story.refusals,
    }
