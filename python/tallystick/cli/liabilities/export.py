"""``tallystick liabilities export``: all receipts of a snapshot, in files with an index."""

from __future__ import annotations

import time
from pathlib import Path

import click

from tallystick.cli.liabilities.files import open_snapshot
from tallystick.cli.liabilities.options import PATH
from tallystick.cli.output import emit, json_option
from tallystick.cli.progress import Progress, shown_progress
from tallystick.liabilities import Snapshot, open_receipts


@click.command()
@click.argument("source", metavar="DIR", type=PATH)
@click.option("-o", "--output", required=True, type=PATH, help="Directory of the receipts; made if missing.")
@click.option(
    "--shards",
    type=click.IntRange(1, 99_999),
    help="Files of receipts.  [default: one for every 65,536 customers]",
)
@json_option
def command(*, source: Path, output: Path, shards: int | None, as_json: bool) -> None:
    """Write the receipts of all customers of the snapshot in DIR to files.

    After a kill, the same command goes on with the files that are missing. Serve a single receipt from there
    with 'liabilities receipt', or from Python with open_receipts. The files are as confidential as the table.
    """
    snapshot = open_snapshot(source)
    begin = time.perf_counter()
    with shown_progress() as progress:
        export(snapshot, output, shards, progress=progress)
    seconds = time.perf_counter() - begin
    with open_receipts(output) as receipts:
        count = len(receipts)
    sizes = [path.stat().st_size for path in output.glob("receipts-*-of-*.tlyx")]
    emit(
        as_json,
        {
            "directory": str(output),
            "receipts": str(count),
            "shards": len(sizes),
            "bytes": str(sum(sizes)),
            "seconds": round(seconds, 3),
        },
        (
            f"{count:,} receipts are in {output}, in {seconds:.2f} s: "
            f"{len(sizes):,} file{'s' * (len(sizes) != 1)} of {sum(sizes):,} bytes",
        ),
    )


def export(snapshot: Snapshot, output: Path, shards: int | None, *, progress: Progress) -> None:
    """Write all receipts to ``output``; ``click.UsageError`` for a directory that has something else."""
    stage = progress.stage("Writing receipts", "customers")
    try:
        snapshot.export(
            output,
            shards=shards,
            progress=lambda done, customers: stage.update(done, done / max(customers, 1)),
        )
    except (FileExistsError, NotADirectoryError):
        raise click.UsageError(f"{output} is not a directory") from None
    except ValueError as error:
        raise click.UsageError(f"{output}: {error}") from None
