"""A claimed row: from JSON or a CSV line to the bytes of its leaf, by the columns of a table context."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import tallystick as ts
from tallystick.cli import cells
from tallystick.cli.cells import Json, Number, Value
from tallystick.cli.context import Column, TableContext
from tallystick.cli.errors import BadData

DAY_MILLISECONDS = 86_400_000


@dataclass(frozen=True, slots=True)
class Row:
    """The columns and the cells of one row, in order."""

    columns: tuple[Column, ...]
    values: tuple[Value, ...]

    def leaf(self, salt: bytes | None) -> bytes:
        """Return the bytes of the row's leaf (``docs/spec/rows.md``), after ``salt`` if there is one."""
        return (salt or b"") + bytes(encode(self.columns, [self.values])[0])

    def shown(self) -> dict[str, str | None]:
        """Return column name and cell as text, for people and JSON."""
        pairs = zip(self.columns, self.values, strict=True)
        return {column.name: None if value is None else _show(value) for column, value in pairs}


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
            missing = [name for name in names if name not in value]
            unknown = [name for name in value if name not in set(names)]
            if missing:
                raise BadData(f"the row lacks {_listed(missing)}")
            if unknown:
                raise BadData(f"the table has no {_listed(unknown)}")
            stated = [value[name] for name in names]
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


def encode(columns: Sequence[Column], rows: Sequence[Sequence[Value]]) -> Any:
    """Return the ``Rows`` of ``rows`` under ``columns``: an Arrow table through the library's own encoder."""
    import pyarrow as pa

    arrays = [_array(pa, column.type, [row[place] for row in rows]) for place, column in enumerate(columns)]
    return ts.encode_rows(pa.Table.from_arrays(arrays, names=[column.name for column in columns]))


def _row(context: TableContext, stated: Sequence[Any], parse: Any) -> Row:
    values = []
    for column, cell in zip(context.columns, stated, strict=True):
        try:
            values.append(parse(column.type, cell))
        except BadData as error:
            raise BadData(f"column {column.name!r}: {error}", column=column.name) from None
    return Row(context.columns, tuple(values))


def _array(pa: Any, column_type: str, values: list[Value]) -> Any:
    kind, _, detail = column_type.partition(":")
    match kind:
        case "integer":
            signed = all(value is None or (isinstance(value, int) and value < 2**63) for value in values)
            return pa.array(values, pa.int64() if signed else pa.uint64())
        case "decimal":
            return pa.array(values, pa.decimal256(76, int(detail)))
        case "date":
            days = [value * DAY_MILLISECONDS if isinstance(value, int) else None for value in values]
            return pa.array(days, pa.int64()).view(pa.date64())
        case "timestamp":
            unit, _, zone = detail.partition(":")
            return pa.array(values, pa.int64()).view(pa.timestamp(unit, zone or None))
    simple = {"text": pa.string, "binary": pa.binary, "float": pa.float64, "boolean": pa.bool_}
    return pa.array(values, simple[kind]())


def _show(value: Value) -> str:
    match value:
        case bool():
            return str(value).lower()
        case bytes():
            return value.hex()
    return str(value)


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:5])
    return f"column{'s' if len(names) > 1 else ''} {shown}" + (", …" if len(names) > 5 else "")
