"""Tables of holdings from files, as one stream of Arrow batches whose faults are named by file and line."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from tallystick.cli.failures import BadData, Failure
from tallystick.cli.progress import Progress
from tallystick.cli.tables import Table, open_table, require_column

_PLACE = re.compile(r"row ([0-9]+)(, .*)", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Columns:
    """What is in a table: names of columns, and what its amounts count."""

    id: str
    unit: str
    asset: str | None = None
    amount: str | None = None
    group: str | None = None
    nulls: str = "refuse"
    customer_key: str | None = None

    def __post_init__(self) -> None:
        if (self.asset is None) != (self.amount is None):
            raise click.UsageError(
                "a long table has both --asset-column and --amount-column, a wide one neither"
            )

    def amounts(self, codes: Sequence[str]) -> list[str]:
        """Return the columns of amounts."""
        return list(codes) if self.amount is None else [self.amount]

    def names(self, codes: Sequence[str]) -> list[str]:
        """Return all columns that are read."""
        others = (self.asset, self.group, self.customer_key)
        wanted = [self.id, *self.amounts(codes), *(name for name in others if name is not None)]
        return list(dict.fromkeys(wanted))

    def arguments(self) -> dict[str, Any]:
        """Return these as the library takes them."""
        members = ("id", "unit", "asset", "amount", "group", "nulls")
        return {name: getattr(self, name) for name in members}


class Holdings:
    """Tables, one behind the other, that are read once.

    ``stream()`` is what the library reads; :meth:`explained` turns what it says about a row into a message
    that names file and line, and lets what was raised while a file was read come out as it was.
    """

    def __init__(
        self, paths: Sequence[Path], columns: Columns, codes: Sequence[str], table_format: str | None
    ) -> None:
        try:
            self.tables = [open_table(path, table_format) for path in paths]
        except ValueError as error:
            raise click.UsageError(str(error)) from None
        self.columns, self.names = columns, columns.names(codes)
        self.amounts = set(columns.amounts(codes))
        for table in self.tables:
            for name in self.names:
                require_column(table, name)
        self.schema = self._schema()
        self.begun = False
        # What is done once all is read, for the bars.
        self.afterwards = "Building trees"
        # Of each table that was begun: the number of its first row.
        self._begins: list[int] = []
        self._raised: BaseException | None = None

    def _schema(self) -> Any:
        import pyarrow as pa

        fields = []
        for name in self.names:
            first, *others = (table.schema.field(name).type for table in self.tables)
            for table, other in zip(self.tables[1:], others, strict=True):
                if other != first:
                    raise BadData(
                        f"{table.path}: column {name!r} is of {other}, in {self.tables[0].path} of {first}",
                        file=str(table.path),
                    )
            is_key = name == self.columns.customer_key and self.tables[0].unit == "line"
            fields.append(pa.field(name, pa.binary() if is_key else first))
        return pa.schema(fields)

    def stream(self, progress: Progress) -> Any:
        """Return a ``pyarrow.RecordBatchReader`` over all rows; ``progress`` is told of them."""
        import pyarrow as pa

        return pa.RecordBatchReader.from_batches(self.schema, self._batches(progress))

    def _batches(self, progress: Progress) -> Iterator[Any]:
        import pyarrow as pa

        self.begun = True
        stage, row = progress.stage("Reading holdings", "rows"), 0
        try:
            for number, table in enumerate(self.tables):
                self._begins.append(row)
                for chunk, fraction in table.chunks(self.names):
                    own = self._of_csv(table, chunk, row) if table.unit == "line" else chunk
                    for batch in own.to_batches():
                        yield pa.RecordBatch.from_arrays(batch.columns, schema=self.schema)
                    row += chunk.num_rows
                    stage.update(row, (number + fraction) / len(self.tables))
            progress.stage(self.afterwards, "leaves")
        except GeneratorExit:
            raise
        except BaseException as error:
            # Arrow would make a text of it.
            self._raised = error
            raise

    def _of_csv(self, table: Table, chunk: Any, begin: int) -> Any:
        """Return rows of a CSV file with types that text cannot have: null amounts, and keys."""
        import pyarrow as pa
        import pyarrow.compute as pc

        for place, name in enumerate(self.names):
            column = chunk.column(place)
            if name in self.amounts and self.columns.nulls == "zero":
                column = pc.if_else(pc.equal(column, ""), pa.scalar(None, pa.string()), column)
            elif name == self.columns.customer_key:
                column = pa.array(self._keys(table, column, begin), pa.binary())
            else:
                continue
            chunk = chunk.set_column(place, name, column)
        return chunk

    def _keys(self, table: Table, column: Any, begin: int) -> Iterator[bytes]:
        for row, text in enumerate(column.to_pylist()):
            try:
                yield bytes.fromhex(text)
            except ValueError:
                raise self._bad(
                    table, begin + row - self._begins[-1], ": the key is not of hex digits"
                ) from None

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Turn what the block raises about the table into ``BadData``, and about arguments into usage."""
        try:
            yield
        except Failure:
            raise
        except (TypeError, ValueError, OverflowError) as error:
            if self._raised is not None:
                raise self._raised from None
            # A column of another type is seen before the first batch is asked for.
            if not self.begun and not str(error).startswith("column "):
                raise click.UsageError(str(error)) from None
            raise self._explanation(str(error)) from None

    def _explanation(self, message: str) -> BadData:
        match = _PLACE.fullmatch(message)
        if match is None or not self._begins:
            path = self.tables[0].path if len(self.tables) == 1 else "the tables"
            return BadData(f"{path}: {message}", file=str(self.tables[0].path))
        row = int(match[1])
        number = max(place for place, begin in enumerate(self._begins) if begin <= row)
        return self._bad(self.tables[number], row - self._begins[number], match[2])

    @staticmethod
    def _bad(table: Table, row: int, rest: str) -> BadData:
        place = table.place(row)
        return BadData(
            f"{table.path}, {table.unit} {place}{rest}", file=str(table.path), **{table.unit: place}
        )
