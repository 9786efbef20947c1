"""Tables from files, as a stream of Arrow tables: Parquet and Arrow here, CSV in :mod:`csvfile`.

Whatever is wrong with the content of a file is ``BadData`` that names the file and, where it can, the line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import click

from tallystick.cli.content import content_errors
from tallystick.cli.csvfile import CsvTable
from tallystick.cli.failures import BadData
from tallystick.cli.spelling import spell

CHUNK_ROWS = 131_072
FORMATS = {".csv": "csv", ".parquet": "parquet", ".arrow": "arrow", ".feather": "arrow"}


class Table(Protocol):
    """A table in a file. It can be read more than once."""

    path: Path
    unit: str

    @property
    def schema(self) -> Any:
        """The ``pyarrow.Schema`` of all columns."""

    def chunks(self, columns: Sequence[str]) -> Iterator[tuple[Any, float]]:
        """Yield Arrow tables of ``columns`` in row order, each with the fraction of the file read so far."""

    def place(self, row: int) -> int:
        """Return where row ``row`` (from 0) stands, counted from 1 in ``unit``: "line" or "row"."""


def open_table(path: Path, table_format: str | None = None) -> Table:
    """Return the table in the file at ``path``, of ``table_format`` or else of the format its name says.

    Raises ``ValueError`` for a name that says none, ``OSError`` and ``BadData`` as reading does.
    """
    if table_format is None:
        table_format = FORMATS.get(path.suffix.lower())
        if table_format is None:
            raise ValueError(f"{path}: the name ends in none of {', '.join(FORMATS)}; say --format")
    path.open("rb").close()
    with content_errors(path):
        if table_format == "csv":
            return CsvTable(path)
        table: Table = ParquetTable(path) if table_format == "parquet" else ArrowTable(path)
        # Arrow decodes names no earlier than they are asked for.
        _ = table.schema.names
        return table


def require_column(table: Table, name: str) -> None:
    """Raise ``click.UsageError`` if ``table`` has no column ``name``, and ``BadData`` if it has two."""
    names = table.schema.names
    if name not in names:
        there = ", ".join(map(repr, names[:20])) + (", …" if len(names) > 20 else "")
        hint = _delimiter_hint(table, names)
        raise click.UsageError(f"{table.path} has no column {name!r}; it has {there}{hint}")
    if names.count(name) > 1:
        raise BadData(f"{table.path}: two columns are named {name!r}", file=str(table.path))


def _delimiter_hint(table: Table, names: Sequence[str]) -> str:
    other = next((name for mark, name in ((";", "';'"), ("\t", "a tab")) if mark in names[0]), None)
    if table.unit != "line" or len(names) > 1 or other is None:
        return ""
    return f": commas separate columns, and this header has {other} instead"


class ParquetTable:
    """A Parquet file, read in chunks of rows."""

    unit = "row"

    def __init__(self, path: Path) -> None:
        from pyarrow import parquet

        self.path = path
        self._file = parquet.ParquetFile(path, memory_map=True)

    @property
    def schema(self) -> Any:
        """The ``pyarrow.Schema`` of all columns."""
        return self._file.schema_arrow

    def chunks(self, columns: Sequence[str]) -> Iterator[tuple[Any, float]]:
        """Yield Arrow tables of ``columns``, with the fraction of rows read so far."""
        import pyarrow as pa

        done, size = 0, self._file.metadata.num_rows
        with content_errors(self.path):
            for batch in self._file.iter_batches(CHUNK_ROWS, columns=list(columns)):
                done += batch.num_rows
                yield pa.Table.from_batches([batch]).select(list(columns)), done / size

    def place(self, row: int) -> int:
        """Return the number of ``row`` counted from 1."""
        return row + 1


class ArrowTable:
    """An Arrow IPC file or stream, mapped."""

    unit = "row"

    def __init__(self, path: Path) -> None:
        import pyarrow as pa

        self.path = path
        self._size = max(path.stat().st_size, 1)
        with self._open(pa) as reader:
            self._schema = reader.schema

    @property
    def schema(self) -> Any:
        """The ``pyarrow.Schema`` of all columns."""
        return self._schema

    @staticmethod
    def _is_file(path: Path) -> bool:
        with path.open("rb") as file:
            return file.read(6) == b"ARROW1"

    @contextmanager
    def _open(self, pa: Any) -> Iterator[Any]:
        with pa.memory_map(str(self.path)) as source:
            opened = pa.ipc.open_file(source) if self._is_file(self.path) else pa.ipc.open_stream(source)
            with opened as reader:
                yield reader

    def chunks(self, columns: Sequence[str]) -> Iterator[tuple[Any, float]]:
        """Yield Arrow tables of ``columns``, with the fraction of bytes read so far."""
        import pyarrow as pa

        done = 0
        with content_errors(self.path), self._open(pa) as reader:
            for batch in _batches(reader):
                done += batch.nbytes
                table = pa.Table.from_batches([batch]).select(list(columns))
                for begin in range(0, table.num_rows, CHUNK_ROWS):
                    yield table.slice(begin, CHUNK_ROWS), min(done / self._size, 1.0)

    def place(self, row: int) -> int:
        """Return the number of ``row`` counted from 1."""
        return row + 1


def _batches(reader: Any) -> Iterator[Any]:
    if hasattr(reader, "get_batch"):
        return (reader.get_batch(place) for place in range(reader.num_record_batches))
    return iter(reader)


def key_at(table: Table, column: str, row: int) -> str:
    """Return the cell of ``column`` in row ``row`` (from 0) as ``prove --key`` takes it: reads it again."""
    begin = 0
    for chunk, _ in table.chunks([column]):
        if row < begin + chunk.num_rows:
            return _key_text(chunk.column(0)[row - begin])
        begin += chunk.num_rows
    raise BadData(f"{table.path} has changed while it was read")


def _key_text(cell: Any) -> str:
    import pyarrow as pa

    if isinstance(cell, pa.TimestampScalar):
        return str(cell.value)
    if isinstance(cell, pa.Date32Scalar | pa.Date64Scalar):
        # Python's own dates end with the year 9999.
        days = cell.value if isinstance(cell, pa.Date32Scalar) else cell.value // 86_400_000
        return str(spell("date", days))
    value = cell.as_py()
    return value.hex() if isinstance(value, bytes) else str(cell.cast(pa.string()).as_py())
