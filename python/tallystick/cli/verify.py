"""``tallystick verify``: a head, a proof file and a row, and nothing else."""

from __future__ import annotations

from pathlib import Path

import click

from tallystick.cli import rows
from tallystick.cli.context import TableContext
from tallystick.cli.failures import BadData
from tallystick.cli.filekind import MAX_BYTES
from tallystick.cli.output import emit, json_option
from tallystick.cli.prooffile import ProofFile
from tallystick.cli.rows import Row
from tallystick.cli.tablehead import TableHead


@click.command()
@click.argument("head", type=click.Path(path_type=Path))
@click.argument("proof", type=click.Path(path_type=Path))
@click.option("--row", metavar="JSON", help="The row: a JSON array of all cells, or object of all columns.")
@click.option("--row-csv", metavar="LINE", help="The row: a CSV line of all cells.")
@click.option("--row-file", type=click.Path(path_type=Path), help="A file with the row as JSON.")
@json_option
def command(
    *, head: Path, proof: Path, row: str | None, row_csv: str | None, row_file: Path | None, as_json: bool
) -> None:
    """Verify that a row is in the table that HEAD commits to, by the proof file PROOF.

    The head is the only thing trusted: get it from where the table's owner publishes it.

    State the row once, with all columns of the table: 'tallystick inspect HEAD' lists them. In a table from a
    CSV file every cell is text, also numbers: --row '["3", "7.25"]'.

    Exit code 0 means proven, and 1 that the proof was refused: the table does not have this row at this
    place, or the proof is of something else. A row that does not fit the columns exits with 3.
    """
    if sum(given is not None for given in (row, row_csv, row_file)) != 1:
        raise click.UsageError("give the row once: --row, --row-csv or --row-file")
    table_head = TableHead.read(head)
    proof_file = ProofFile.read(proof)
    claim = _claim(table_head.context, row, row_csv, row_file)
    table_head.verify(claim, proof_file)
    root, size, index = table_head.head.root.hex(), table_head.head.size, proof_file.index
    emit(
        as_json,
        {"verified": True, "index": str(index), "size": str(size), "root": root, "row": claim.shown()},
        (
            f"proven: the table of {size:,} rows under root {root[:16]}… has at index {index} the row",
            *claim.printed().split("\n"),
        ),
    )


def _claim(context: TableContext, row: str | None, row_csv: str | None, row_file: Path | None) -> Row:
    if row_csv is not None:
        return rows.from_csv(context, row_csv)
    if row_file is not None:
        try:
            with row_file.open("rb") as file:
                data = file.read(MAX_BYTES + 1)
            if len(data) > MAX_BYTES:
                raise BadData(f"{row_file}: more than {MAX_BYTES >> 20} MiB")
            row = data.decode()
        except UnicodeDecodeError as error:
            raise BadData(f"{row_file}: not UTF-8: {error}") from None
    return rows.from_json(context, row or "")
