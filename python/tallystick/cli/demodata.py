"""The tables of the demonstration: customers and what they hold on two days, made a column at a time."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from tallystick.cli.progress import Stage

CHUNK_ROWS = 131_072
KEY_COLUMN = "customer_id"
# asset -> (decimals, share of customers that hold it, median holding in minor units, spread of its logarithm)
ASSETS = {
    "BTC": (8, 0.45, 1_500_000, 2.6),
    "ETH": (9, 0.38, 250_000_000, 2.4),
    "SOL": (9, 0.15, 3_000_000_000, 2.2),
    "XRP": (6, 0.12, 300_000_000, 2.3),
    "USDT": (6, 0.30, 150_000_000, 2.5),
    "USDC": (6, 0.22, 120_000_000, 2.5),
    "EUR": (2, 0.25, 4_000, 2.0),
    "USD": (2, 0.35, 5_000, 2.0),
}
DECIMALS = {asset: decimals for asset, (decimals, *_) in ASSETS.items()}
# What the first customer holds on both days, whatever the seed.
FIRST = {"BTC": 125_000_000, "ETH": 2_500_000_000, "EUR": 7010}
# Of the customers, those who leave and who come from one day to the next, and whose amounts change.
LEAVE, COME, CHANGE = 0.01, 0.02, 0.10


def write_table(path: Path, rows: int, seed: int, stage: Stage) -> None:
    """Write a Parquet table of ``rows`` customers to ``path``; the same for the same ``seed`` and numpy.

    Each customer has an id and a balance of each of eight assets, in whole minor units: most are zero, few
    are large (log-normal).
    """
    _write(path, _chunks(range(rows), seed), rows, stage)


def write_next_day(path: Path, earlier: Path, seed: int, stage: Stage) -> None:
    """Write the table of the day after ``earlier``: some leave, some come, some amounts change."""
    from pyarrow import parquet

    table = parquet.read_table(earlier)
    new = _chunks(range(table.num_rows, table.num_rows + max(1, int(table.num_rows * COME))), seed + 1)
    _write(path, (_changed(table, seed), *new), table.num_rows, stage)


def _write(path: Path, chunks: Any, rows: int, stage: Stage) -> None:
    from pyarrow import parquet

    first, *others = chunks
    with parquet.ParquetWriter(path, first.schema, compression="zstd") as writer:
        done = 0
        for chunk in (first, *others):
            writer.write_table(chunk)
            done += chunk.num_rows
            stage.update(done, min(done / rows, 1.0))


def _chunks(numbers: range, seed: int) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.compute as pc

    random = np.random.default_rng(seed)
    for begin in range(numbers.start, numbers.stop, CHUNK_ROWS):
        count = min(CHUNK_ROWS, numbers.stop - begin)
        texts = pa.array(np.arange(begin + 1, begin + count + 1)).cast(pa.string())
        ids = pc.binary_join_element_wise("customer", pc.utf8_lpad(texts, 6, "0"), "-")
        columns = {KEY_COLUMN: ids}
        for asset, (_, share, median, spread) in ASSETS.items():
            amounts = np.minimum(random.lognormal(np.log(median), spread, count), 2.0**62).astype(np.int64)
            columns[asset] = np.where(random.random(count) < share, amounts, 0)
            if begin == 0:
                columns[asset][0] = FIRST.get(asset, 0)
        yield pa.table(columns)


def _changed(table: Any, seed: int) -> Any:
    import pyarrow as pa

    random = np.random.default_rng(seed)
    stays = random.random(table.num_rows) >= LEAVE
    # One leaves and one stays, whatever the seed.
    stays[0], stays[-1] = True, False
    columns = {KEY_COLUMN: table.column(KEY_COLUMN).filter(pa.array(stays))}
    for asset in ASSETS:
        amounts = table.column(asset).to_numpy()
        factors = np.where(
            random.random(len(amounts)) < CHANGE, random.lognormal(0.0, 0.2, len(amounts)), 1.0
        )
        factors[0] = 1.0
        columns[asset] = np.where(factors == 1.0, amounts, (amounts * factors).astype(np.int64))[stays]
    return pa.table(columns)
