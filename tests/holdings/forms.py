"""Columns as tables of every form. No tests, no assertions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pyarrow as pa
from tallystick import _core

Columns = Mapping[str, Any]
BATCH = 2
"""Rows of a batch in the forms that have several."""


def read(table: Any, **layout: Any) -> dict[str, Any]:
    return _core.read_holdings(table, **layout)


def amounts(table: Any, code: str = "BTC", **layout: Any) -> list[int]:
    """The amounts of one asset, customer by customer."""
    layout = {"id": "id", "assets": {code: 8}} | layout
    result = read(table, **layout)
    decimals, held = result["trees"][code, ""]
    assert decimals == layout["assets"][code]
    assert 0 not in held.values()
    return [held.get(customer, 0) for customer in range(len(result["customers"]))]


def generated(table: pa.Table) -> pa.RecordBatchReader:
    """A stream that makes its batches while it is read."""

    empty = pa.record_batch([pa.array([], field.type) for field in table.schema], schema=table.schema)

    def batches() -> Iterator[pa.RecordBatch]:
        for start in range(0, len(table), BATCH):
            yield from table.slice(start, BATCH).combine_chunks().to_batches()
            yield empty

    return pa.RecordBatchReader.from_batches(table.schema, batches())


def moved(table: pa.Table) -> pa.RecordBatch:
    """A batch whose arrays begin in the middle of others."""
    columns = [pa.concat_arrays([column.combine_chunks()] * 3) for column in table.columns]
    return pa.record_batch(columns, table.column_names).slice(len(table), len(table))


def unequal(table: pa.Table) -> dict[str, pa.ChunkedArray]:
    """Columns that are cut in different places."""
    columns = {}
    for place, name in enumerate(table.column_names):
        column, cut = table[name], place % 3 + 1
        columns[name] = pa.chunked_array(
            [*column.slice(0, cut).chunks, *column.slice(0, 0).chunks, *column.slice(cut).chunks],
            type=column.type,
        )
    return columns


ARROW: dict[str, Callable[[pa.Table], Any]] = {
    "table": lambda table: table,
    "batches": lambda table: table.to_reader(max_chunksize=BATCH),
    "generated batches": generated,
    "moved batch": moved,
    "struct": lambda table: pa.StructArray.from_arrays(
        [column.combine_chunks() for column in table.columns], table.column_names
    ),
    "mapping": lambda table: dict(zip(table.column_names, table.columns, strict=True)),
    "mapping of unequal chunks": unequal,
}
"""Arrow tables in every form."""
