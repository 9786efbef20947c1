"""The table of the demonstration: customers and what they hold, made a column at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tallystick.cli.progress import Stage

CHUNK_ROWS = 131_072
KEY_COLUMN = "customer_id"
# asset -> (share of customers that hold it, median holding in minor units, spread of its logarithm)
ASSETS = {
    "BTC": (0.45, 1_500_000, 2.6),
    "ETH": (0.38, 250_000_000, 2.4),
    "SOL": (0.15, 3_000_000_000, 2.2),
    "XRP": (0.12, 300_000_000, 2.3),
    "USDT": (0.30, 150_000_000, 2.5),
    "USDC": (0.22, 120_000_000, 2.5),
    "EUR": (0.25, 4_000, 2.0),
    "USD": (0.35, 5_000, 2.0),
}


def write_table(path: Path, rows: int, seed: int, stage: Stage) -> None:
    """Write a Parquet table of ``rows`` customers to ``path``; the same for the same ``seed`` and numpy.

    Each customer has an id and a balance of each of eight assets, in whole minor units: most are zero, few
    are large (log-normal).
    """
    from pyarrow import parquet

    first, *others = _chunks(rows, seed)
    with parquet.ParquetWriter(path, first.schema, compression="zstd") as writer:
        done = 0
        for chunk in (first, *others):
            writer.write_table(chunk)
            done += chunk.num_rows
            stage.update(done, done / rows)


def _chunks(rows: int, seed: int) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    random = np.random.default_rng(seed)
    digits = max(6, len(str(rows)))
    for begin in range(0, rows, CHUNK_ROWS):
        count = min(CHUNK_ROWS, rows - begin)
        numbers = pa.array(np.arange(begin + 1, begin + count + 1)).cast(pa.string())
        ids = pc.binary_join_element_wise("customer", pc.utf8_lpad(numbers, digits, "0"), "-")
        columns = {KEY_COLUMN: ids}
        for asset, (share, median, spread) in ASSETS.items():
            amounts = np.minimum(random.lognormal(np.log(median), spread, count), 2.0**62).astype(np.int64)
            columns[asset] = np.where(random.random(count) < share, amounts, 0)
        yield pa.table(columns)
