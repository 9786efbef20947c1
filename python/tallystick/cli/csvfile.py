"""A CSV table: every column is text, nothing is guessed, and what is wrong is named by its physical line.

pyarrow parses. It would let pass what is refused here: a quote that is never closed (it would swallow the
rest of the file into one cell) and two columns of one name.
"""

from __future__ import annotations

import codecs
import csv
import io
import secrets
import sys
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NoReturn

from tallystick.cli.content import content_errors
from tallystick.cli.failures import BadData

BLOCK_BYTES = 8 << 20


class CsvTable:
    """A UTF-8 CSV file with a header line, quoted as RFC 4180 says."""

    unit = "line"

    def __init__(self, path: Path) -> None:
        import pyarrow as pa

        self.path = path
        names = self._header()
        self._schema = pa.schema([(name, pa.string()) for name in names])

    @property
    def schema(self) -> Any:
        """The ``pyarrow.Schema``: all text."""
        return self._schema

    def chunks(self, columns: Sequence[str]) -> Iterator[tuple[Any, float]]:
        """Yield Arrow tables of ``columns``, with the fraction of bytes read so far."""
        import pyarrow as pa

        names = self._schema.names
        sentinel = secrets.token_hex(16)
        size = max(self.path.stat().st_size, 1)
        with _SentinelFile(self.path, ",".join([sentinel] * len(names)).encode()) as file:
            kept: Any = None
            for batch in self._batches(file, names, columns):
                if kept is not None and kept.num_rows:
                    yield pa.Table.from_batches([kept]), min(file.tell() / size, 1.0)
                kept = batch
            last = kept.num_rows - 1
            if kept.column(0)[last].as_py() != sentinel:
                line = _last_record_line(self.path)
                self._refuse(line, "a quote is opened here and never closed")
            if last:
                yield pa.Table.from_batches([kept.slice(0, last)]), 1.0

    def place(self, row: int) -> int:
        """Return the physical line (from 1) on which ``row`` begins."""
        for line, _ in _records(self.path, skip=row + 1):
            return line
        return 0

    def _batches(self, file: Any, names: list[str], columns: Sequence[str]) -> Iterator[Any]:
        import pyarrow as pa
        from pyarrow import csv as arrow_csv

        ragged: list[Any] = []

        def refuse(row: Any) -> str:
            ragged.append(row)
            return "error"

        try:
            with content_errors(self.path):
                yield from arrow_csv.open_csv(
                    file,
                    read_options=arrow_csv.ReadOptions(block_size=BLOCK_BYTES),
                    parse_options=arrow_csv.ParseOptions(
                        newlines_in_values=True, ignore_empty_lines=False, invalid_row_handler=refuse
                    ),
                    convert_options=arrow_csv.ConvertOptions(
                        column_types=dict.fromkeys(names, pa.string()),
                        include_columns=list(columns),
                        strings_can_be_null=False,
                        check_utf8=True,
                    ),
                )
        except BadData as error:
            self._explain(error, ragged, len(names))

    def _explain(self, error: BadData, ragged: list[Any], width: int) -> NoReturn:
        """Raise again with the physical line, found by a second, slower reading."""
        if ragged:
            for line, record in _records(self.path):
                # A blank line is read as a row of empty cells, and refused for its empty key.
                if record and len(record) != width:
                    hint = "; is a quote left open?" if any("\n" in cell for cell in record) else ""
                    self._refuse(line, f"the row has {_cells(len(record))}, the header {width}{hint}")
        if "straddl" in str(error):
            line = max(_records(self.path), key=lambda item: sum(map(len, item[1])))[0]
            self._refuse(line, f"the row is longer than {BLOCK_BYTES >> 20} MiB; is a quote left open?")
        offset = _first_invalid(self.path)
        if offset is not None:
            self._refuse(_line_of(self.path, offset), "not UTF-8")
        raise error

    def _header(self) -> list[str]:
        try:
            with _field_limit_lifted(), self.path.open(encoding="utf-8-sig", newline="") as file:
                names = next(csv.reader(file, strict=True), None)
        except csv.Error as error:
            self._refuse(1, f"the header is not a CSV record: {error}")
        except UnicodeDecodeError:
            # The decoder reads ahead, so the fault may be further down: there it is named as well.
            self._refuse(_line_of(self.path, _first_invalid(self.path) or 0), "not UTF-8")
        if not names:
            self._refuse(1, "no header: the first line must name the columns")
        name, count = Counter(names).most_common(1)[0]
        if count > 1:
            self._refuse(1, f"two columns are named {name!r}")
        return names

    def _refuse(self, line: int, why: str) -> NoReturn:
        raise BadData(f"{self.path}, line {line}: {why}", file=str(self.path), line=line)


class _SentinelFile(io.RawIOBase):
    """The file's bytes, then a line of its own: if that does not come out as a row, a quote was left open.

    No piece ends between CR and LF: Arrow takes an LF that begins a block after a CR for the rest of a line
    end, and drops it, even where both stand inside quotes and belong to the cell.
    """

    def __init__(self, path: Path, line: bytes) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._line = line
        self._rest: bytes | None = None
        self._last = b"\n"
        self._held = b""

    def readable(self) -> bool:
        """Say yes."""
        return True

    def tell(self) -> int:
        """Return how many bytes of the file have been read."""
        return self._file.tell()

    def read(self, size: int = -1, /) -> bytes:
        """Return ``size`` bytes, fewer only at the end or where CR and LF would be parted."""
        wanted = sys.maxsize if size < 0 else size
        data = self._held + self._take(wanted - len(self._held))
        self._held = b"\r" if len(data) > 1 and data.endswith(b"\r") else b""
        return data.removesuffix(self._held)

    def _take(self, size: int) -> bytes:
        """Return ``size`` bytes of file and line, fewer only at the end: a first block needs a line end."""
        data = b""
        if self._rest is None:
            data = self._file.read(size) if size < sys.maxsize else self._file.read()
            self._last = data[-1:] or self._last
            if len(data) == size:
                return data
            self._rest = (b"" if self._last in (b"\n", b"\r") else b"\n") + self._line
        room = size - len(data)
        data, self._rest = data + self._rest[:room], self._rest[room:]
        return data

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()


class _field_limit_lifted:  # noqa: N801 - used as a statement
    """The csv module refuses fields of 128 KiB unless told otherwise, for the whole process."""

    def __enter__(self) -> None:
        self._limit = csv.field_size_limit(sys.maxsize)

    def __exit__(self, *_: object) -> None:
        csv.field_size_limit(self._limit)


def _records(path: Path, skip: int = 0) -> Iterator[tuple[int, list[str]]]:
    """Yield (physical line where it begins, cells) of every record from number ``skip`` on; the header is 0.

    Bytes are taken for Latin-1: delimiters, quotes and line ends are the same, and nothing is undecodable.
    """
    with _field_limit_lifted(), path.open(encoding="latin-1", newline="") as file:
        reader = csv.reader(file)
        line = 1
        for number, record in enumerate(reader):
            if number >= skip:
                yield line, record
            line = reader.line_num + 1


def _last_record_line(path: Path) -> int:
    return max(line for line, _ in _records(path))


def _first_invalid(path: Path) -> int | None:
    """Return the offset of the first byte that is not UTF-8, None if all are."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    offset = 0
    with path.open("rb") as file:
        while True:
            block = file.read(BLOCK_BYTES)
            pending = len(decoder.getstate()[0])
            try:
                decoder.decode(block, final=not block)
            except UnicodeDecodeError as error:
                return offset - pending + error.start
            if not block:
                return None
            offset += len(block)


def _line_of(path: Path, offset: int) -> int:
    """Return the number from 1 of the physical line that holds the byte at ``offset``."""
    with path.open("rb") as file:
        before = file.read(offset)
    return 1 + before.count(b"\n") + before.replace(b"\r\n", b"").count(b"\r")


def _cells(count: int) -> str:
    return "1 cell" if count == 1 else f"{count} cells"
