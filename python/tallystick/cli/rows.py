"""A claimed row: from JSON, a CSV line or Python values to the bytes of its leaf, by the table's columns.

Needs NumPy alone: whoever checks a proof file need not install what the command needs.
"""

from __future__ import annotations

import csv
import io
import json
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import tallystick as ts
from tallystick.cli import cells
from tallystick.cli.cells import Json, Number, Value
from tallystick.cli.context import Column, TableContext
from tallystick.cli.failures import BadData
from tallystick.cli.spelling import plain, printed, spell

# What the spec calls the class of a cell, for the types whose cells Python lists cannot hold.
DATE_CLASS, TIMESTAMP_CLASS = 7, 8


@dataclass(frozen=True, slots=True)
class Row:
    """The columns and the cells of one row, in order."""

    columns: tuple[Column, ...]
    values: tuple[Value, ...]

    def leaf(self, salt: bytes | None) -> bytes:
        """Return the bytes of the row's leaf (``docs/spec/rows.md``), after ``salt`` if there is one."""
        return (salt or b"") + encode(self.columns, [self.values])[0]

    def shown(self) -> dict[str, str | bool | None]:
        """Return column name and cell as JSON values: an object that states the row again."""
        return {column.name: spell(column.type, value) for column, value in self._pairs()}

    def printed(self) -> str:
        """Return a line for each cell, for people."""
        cells = ((column.name, printed(column.type, value)) for column, value in self._pairs())
        return "\n".join(plain(f"  {name} = {cell}") for name, cell in cells)

    def _pairs(self) -> zip[tuple[Column, Value]]:
        return zip(self.columns, self.values, strict=True)


def from_json(context: TableContext, text: str) -> Row:
    """Read a JSON array of the cells in column order, or a JSON object of all columns.

    Raises ``BadData`` for anything else: a column missing, unknown or stated twice, a cell of another type.
    """
    value = parse_json(text)
    names = context.names
    match value:
        case list():
            if len(value) != len(names):
                raise BadData(f"the row has {len(value)} cells, the table {len(names)} columns")
            stated = value
        case dict():
            stated = _in_order(names, value)
        case _:
            raise BadData("the row must be a JSON array of cells or a JSON object of columns")
    return _row(context, stated, cells.from_json)


def from_csv(context: TableContext, line: str) -> Row:
    """Read one CSV record of the cells in column order; ``BadData`` if it is none or a cell does not fit."""
    try:
        records = list(csv.reader(io.StringIO(line, newline=""), strict=True))
    except csv.Error as error:
        raise BadData(f"the row is not a CSV record: {error}") from None
    if len(records) != 1:
        raise BadData(f"one CSV record was expected, not {len(records)}")
    if len(records[0]) != len(context.columns):
        raise BadData(f"the row has {len(records[0])} cells, the table {len(context.columns)} columns")
    return _row(context, records[0], cells.from_csv)


def from_values(context: TableContext, row: Mapping[str, object]) -> Row:
    """Take a mapping of all column names to Python values; ``BadData`` names the column that does not fit.

    :func:`tallystick.cli.cells.from_value` says which Python type each column type takes.
    """
    return _row(context, _in_order(context.names, row), cells.from_value)


def parse_json(text: str) -> Json:
    """Parse JSON strictly: numbers stay as written, a repeated name or a bare NaN is ``BadData``."""

    def pairs(items: list[tuple[str, Json]]) -> dict[str, Json]:
        found = dict(items)
        if len(found) < len(items):
            names = [name for name, _ in items]
            raise BadData(f"{next(n for n in names if names.count(n) > 1)!r} is stated twice")
        return found

    def constant(name: str) -> Json:
        raise BadData(f"{name} is not JSON; write it in quotes")

    try:
        value: Json = json.loads(
            text, parse_int=Number, parse_float=Number, parse_constant=constant, object_pairs_hook=pairs
        )
    except json.JSONDecodeError as error:
        raise BadData(f"not JSON: {error}") from None
    except RecursionError:
        raise BadData("not JSON: nested too deeply") from None
    return value


def encode(columns: Sequence[Column], rows: Sequence[Sequence[Value]]) -> list[bytes]:
    """Return the bytes of each of ``rows`` under ``columns`` (``docs/spec/rows.md``): its cells in order."""
    cells_of = [_encoded(column.type, [row[place] for row in rows]) for place, column in enumerate(columns)]
    return [b"".join(cells) for cells in zip(*cells_of, strict=True)]


def _encoded(column_type: str, values: Sequence[Value]) -> Sequence[bytes]:
    """Return each cell's bytes by the library's encoder, where that takes Python values of the type."""
    kind, _, detail = column_type.partition(":")
    match kind:
        case "date":
            return [_counted(DATE_CLASS, value, "") for value in values]
        case "timestamp":
            unit, _, zone = detail.partition(":")
            return [_counted(TIMESTAMP_CLASS, value, f" {unit} {zone}") for value in values]
    return [bytes(cell) for cell in ts.encode_rows({"": list(values)})]


def _counted(class_: int, count: Value, suffix: str) -> bytes:
    """Return the cell of a count; a ``datetime`` has microseconds only, and ends with the year 9999."""
    if count is None:
        class_, suffix = 0, ""
    payload = f"{'' if count is None else count!s}{suffix}".encode()
    return struct.pack("<BI", class_, len(payload)) + payload


def _in_order(names: Sequence[str], row: Mapping[str, Any]) -> list[Any]:
    missing = [name for name in names if name not in row]
    unknown = [name for name in row if name not in set(names)]
    if missing:
        raise BadData(f"the row lacks {_listed(missing)}")
    if unknown:
        raise BadData(f"the table has no {_listed(unknown)}")
    return [row[name] for name in names]


def _row(context: TableContext, stated: Sequence[Any], parse: Any) -> Row:
    values = []
    for column, cell in zip(context.columns, stated, strict=True):
        try:
            values.append(parse(column.type, cell))
        except (BadData, OverflowError) as error:
            raise BadData(f"column {column.name!r}: {error}", column=column.name) from None
    return Row(context.columns, tuple(values))


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:5])
    return f"column{'s' if len(names) > 1 else ''} {shown}" + (", …" if len(names) > 5 else "")
