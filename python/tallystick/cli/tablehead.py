"""What a verifier of rows trusts: a head, and the columns that it binds. Needs NumPy alone."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import tallystick as ts
from tallystick.cli.context import TableContext
from tallystick.cli.failures import BadData
from tallystick.cli.filekind import HEAD, other_than, read_small
from tallystick.cli.prooffile import ProofFile
from tallystick.cli.rows import Row
from tallystick.cli.spelling import plain
from tallystick.errors import DecodeError, InvalidProof, Reason


@dataclass(frozen=True, slots=True)
class TableHead:
    """A head and the columns that it binds: all that a verifier of rows trusts."""

    head: ts.TreeHead
    context: TableContext

    @classmethod
    def read(cls, path: Path) -> TableHead:
        """Read the head file at ``path``; ``DecodeError`` if it is none or is not of a table."""
        kind = other_than(path, "a head")
        if kind is not None:
            where = path / HEAD if kind == "the directory of a commitment" else HEAD
            raise DecodeError(f"{path}: this is {kind}; the head is {where}")
        try:
            head = ts.TreeHead.from_bytes(read_small(path))
            return cls(head, TableContext.from_bytes(head.scheme.context))
        except DecodeError as error:
            raise DecodeError(f"{path}: {error}") from None

    def verify(self, row: Row, proof: ProofFile) -> None:
        """Raise ``InvalidProof`` unless ``row`` is in the table, at ``proof.index``.

        Proves that the tree under this head has exactly this row at exactly this index. It does not prove who
        made the head, nor anything about other rows. A row of other columns is ``BadData``: it was made for
        another head. Takes one leaf hash and one hash a level.
        """
        self._refuse_other_columns(row)
        if self.context.salted != (proof.salt is not None):
            has, are = ("no", "are") if self.context.salted else ("a", "are not")
            raise InvalidProof(f"the proof has {has} salt, but the rows {are} salted", Reason.MALFORMED_LEAF)
        self.head.verify_inclusion(proof.index, row.leaf(proof.salt), proof.proof)

    def _refuse_other_columns(self, row: Row) -> None:
        if len(row.columns) != len(self.context.columns):
            raise BadData(f"the row has {len(row.columns)} columns, the table {len(self.context.columns)}")
        for own, table in zip(row.columns, self.context.columns, strict=True):
            if own != table:
                stated, bound = (f"{column.name!r} of {plain(column.type)}" for column in (own, table))
                raise BadData(f"the row has {stated} where the table has {bound}", column=table.name)
