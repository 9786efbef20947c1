"""``tallystick verify``: a head, a proof file and a row, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import click

import tallystick as ts
from tallystick.cli import rows
from tallystick.cli.context import TableContext
from tallystick.cli.errors import BadData
from tallystick.cli.output import emit, json_option
from tallystick.cli.prooffile import ProofFile
from tallystick.cli.rows import Row
from tallystick.errors import DecodeError, InvalidProof, Reason


@dataclass(frozen=True, slots=True)
class TableHead:
    """A head and the columns that it binds: all that a verifier of rows trusts."""

    head: ts.TreeHead
    context: TableContext

    @classmethod
    def read(cls, path: Path) -> TableHead:
        """Read the head file at ``path``; ``DecodeError`` if it is none or is not of a table."""
        try:
            head = ts.TreeHead.from_bytes(path.read_bytes())
            return cls(head, TableContext.from_bytes(head.scheme.context))
        except DecodeError as error:
            raise DecodeError(f"{path}: {error}") from None

    def verify(self, row: Row, proof: ProofFile) -> None:
        """Raise ``InvalidProof`` unless ``row`` is in the table, at ``proof.index``.

        Proves that the tree under this head has exactly this row at exactly this index. It does not prove who
        made the head, nor anything about other rows. Takes one leaf hash and one hash a level.
        """
        if self.context.salted != (proof.salt is not None):
            has, are = ("no", "are") if self.context.salted else ("a", "are not")
            raise InvalidProof(f"the proof has {has} salt, but the rows {are} salted", Reason.MALFORMED_LEAF)
        self.head.verify_inclusion(proof.index, row.leaf(proof.salt), proof.proof)


@click.command()
@click.argument("head", type=click.Path(path_type=Path))
@click.argument("proof", type=click.Path(path_type=Path))
@click.option("--row", metavar="JSON", help="The row: a JSON array of cells, or a JSON object of columns.")
@click.option("--row-csv", metavar="LINE", help="The row: a CSV line of the cells.")
@click.option("--row-file", type=click.Path(path_type=Path), help="A file with the row as JSON.")
@json_option
def command(
    *, head: Path, proof: Path, row: str | None, row_csv: str | None, row_file: Path | None, as_json: bool
) -> None:
    """Verify that a row is in the table that HEAD commits to, by the proof file PROOF.

    The head is the only thing trusted: get it from where the table's owner publishes it.
    """
    if sum(given is not None for given in (row, row_csv, row_file)) != 1:
        raise click.UsageError("give the row once: --row, --row-csv or --row-file")
    table_head = TableHead.read(head)
    proof_file = ProofFile.read(proof)
    claim = _claim(table_head.context, row, row_csv, row_file)
    table_head.verify(claim, proof_file)
    root, size, index = table_head.head.root.hex(), table_head.head.size, proof_file.index
    shown = claim.shown()
    cells = "\n".join(f"  {name} = {'null' if cell is None else repr(cell)}" for name, cell in shown.items())
    emit(
        as_json,
        {"verified": True, "index": str(index), "size": str(size), "root": root, "row": shown},
        f"proven: the table of {size:,} rows under root {root[:16]}… has at index {index} the row\n{cells}",
    )


def _claim(context: TableContext, row: str | None, row_csv: str | None, row_file: Path | None) -> Row:
    if row_csv is not None:
        return rows.from_csv(context, row_csv)
    if row_file is not None:
        try:
            row = row_file.read_bytes().decode()
        except UnicodeDecodeError as error:
            raise BadData(f"{row_file}: not UTF-8: {error}") from None
    return rows.from_json(context, row or "")
