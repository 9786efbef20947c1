"""Tables as they come from files, warehouses and data frames."""

from __future__ import annotations

import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pandas as pd
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.holdings.forms import amounts, read

COUNT = 1_000


def wide() -> pa.Table:
    """Customers with three assets, few of which they hold."""
    rows = range(COUNT)
    return pa.table(
        {
            "id": pa.array([f"customer-{row:06d}" for row in rows]),
            "BTC": pa.array([row * 10**6 if row % 3 == 0 else 0 for row in rows], pa.int64()),
            "ETH": pa.array(
                [Decimal(row) * 10**20 if row % 5 == 0 else 0 for row in rows], pa.decimal128(38, 0)
            ),
            "USD": pa.array([str(row) if row % 2 else "0" for row in rows]),
        }
    )


ASSETS = {"BTC": 8, "ETH": 18, "USD": 2}
EXPECTED = {
    ("BTC", ""): (8, {row: row * 10**6 for row in range(3, COUNT, 3)}),
    ("ETH", ""): (18, {row: row * 10**20 for row in range(5, COUNT, 5)}),
    ("USD", ""): (2, {row: row for row in range(1, COUNT, 2)}),
}


def test_parquet(tmp_path: Path) -> None:
    path = tmp_path / "holdings.parquet"
    pq.write_table(wide(), path, row_group_size=300, use_dictionary=["id", "USD"])
    file = pq.ParquetFile(path)
    stream = pa.RecordBatchReader.from_batches(file.schema_arrow, file.iter_batches(batch_size=128))
    assert read(stream, id="id", assets=ASSETS)["trees"] == EXPECTED
    encoded = pq.ParquetFile(path, read_dictionary=["id", "USD"])
    stream = pa.RecordBatchReader.from_batches(encoded.schema_arrow, encoded.iter_batches(batch_size=128))
    assert pa.types.is_dictionary(stream.schema.field("USD").type)
    assert read(stream, id="id", assets=ASSETS)["trees"] == EXPECTED
    frame = pl.scan_parquet(path).filter(pl.col("BTC") > 0).collect()
    assert read(frame, id="id", assets={"BTC": 8})["trees"] == {
        ("BTC", ""): (8, dict(enumerate(range(3 * 10**6, COUNT * 10**6, 3 * 10**6)))),
    }


def test_a_stream_is_let_go_batch_by_batch() -> None:
    rows, batches = 100_000, 12
    live = []

    def made() -> Any:
        for batch in range(batches):
            live.append(pa.total_allocated_bytes() - before)
            ids = pa.array([f"{batch}-{row}" for row in range(rows)])
            yield pa.record_batch({"id": ids, "BTC": pa.array(range(rows), pa.int64())})
            del ids

    before = pa.total_allocated_bytes()
    schema = pa.schema({"id": pa.string(), "BTC": pa.int64()})
    reader = pa.RecordBatchReader.from_batches(schema, made())
    result = read(reader, id="id", assets={"BTC": 8}, summary=True)
    assert result["customers"] == rows * batches
    # When a batch is asked for, the generator has the one before, and nobody has more.
    one = rows * (8 + 4 + 8)
    assert len(live) == batches
    assert max(live) < 2 * one


def test_a_warehouse_export() -> None:
    """As Snowflake writes one: names in capitals, every number NUMBER(38, s), few strings as dictionaries."""
    schema = pa.schema(
        {
            "USER_ID": pa.string(),
            "CURRENCY": pa.dictionary(pa.int32(), pa.string()),
            "ENTITY": pa.dictionary(pa.int32(), pa.string()),
            "BALANCE": pa.decimal128(38, 18),
            "BALANCE_MINOR": pa.decimal128(38, 0),
            "UPDATED_AT": pa.timestamp("ns", "UTC"),
        }
    )
    now = datetime.datetime(2026, 1, 2, tzinfo=datetime.UTC)
    rows = [
        ("u1", "BTC", "EU", Decimal("0.5"), 50_000_000, now),
        ("u1", "ETH", "EU", Decimal("0.000000000000000001"), 1, now),
        ("u2", "BTC", "US", Decimal("20999999.99999999"), 2_099_999_999_999_999, now),
        ("u1", "BTC", "US", Decimal(0), 0, None),
    ]
    table = pa.Table.from_pylist([dict(zip(schema.names, row, strict=True)) for row in rows], schema)
    layout = {"id": "USER_ID", "asset": "CURRENCY", "group": "ENTITY", "assets": {"BTC": 8, "ETH": 18}}
    expected = {
        ("BTC", "EU"): (8, {0: 50_000_000}),
        ("ETH", "EU"): (18, {0: 1}),
        ("BTC", "US"): (8, {1: 2_099_999_999_999_999}),
        ("ETH", "US"): (18, {}),
    }
    assert read(table, amount="BALANCE", unit="major", **layout)["trees"] == expected
    assert read(table, amount="BALANCE_MINOR", **layout)["trees"] == expected
    with pytest.raises(
        ValueError, match='row 0, id "u1", column "BALANCE": must be a whole number of minor units'
    ):
        read(table, amount="BALANCE", **layout)
    with pytest.raises(ValueError, match=r'no column "user_id"; it has .*"USER_ID"'):
        read(table, amount="BALANCE", unit="major", **(layout | {"id": "user_id"}))


def test_pandas() -> None:
    frame = pd.DataFrame(
        {
            "id": pd.array(["a", "b", "c"], dtype="string"),
            "BTC": pd.array([1, None, 3], dtype="Int64"),
            "ETH": [Decimal("1.5"), Decimal("0"), Decimal("1E-18")],
            "USD": [5, 0, 7],
            "segment": pd.Categorical(["x", "y", "x"]),
        },
        index=[7, 8, 9],
    )
    expected = {
        ("BTC", ""): (8, {0: 10**8, 2: 3 * 10**8}),
        ("ETH", ""): (18, {0: 15 * 10**17, 2: 1}),
        ("USD", ""): (2, {0: 500, 2: 700}),
    }
    layout = {"id": "id", "assets": ASSETS, "unit": "major"}
    assert read(frame, nulls="zero", **layout)["trees"] == expected
    columns = {name: frame[name] for name in frame}
    assert read(columns, nulls="zero", **layout)["trees"] == expected
    arrays = {name: frame[name].to_numpy(object) for name in ("id", "ETH", "USD")}
    assets = {"ETH": 18, "USD": 2}
    assert read(arrays, id="id", assets=assets, unit="major")["trees"] == {
        key: expected[key] for key in (("ETH", ""), ("USD", ""))
    }
    with pytest.raises(ValueError, match='row 1, id "b", column "BTC": must not be null'):
        read(frame, **layout)
    missing = {"id": ["a"], "BTC": [pd.NA]}
    with pytest.raises(TypeError, match=r'row 0, id "a", column "BTC": .*NAType; None is null'):
        read(missing, nulls="zero", **(layout | {"assets": {"BTC": 8}}))
    with pytest.raises(TypeError, match=r'column "BTC" is of .*; floats are rounded already'):
        amounts(pd.DataFrame({"id": ["a", "b"], "BTC": [1, None]}))
    with pytest.raises(TypeError, match=r'column "id" is of .*cast it to text'):
        amounts(pd.DataFrame({"id": [1, 2], "BTC": [1, 2]}))


def test_pandas_groups_by_category() -> None:
    frame = pd.DataFrame({"id": ["a", "b"], "g": pd.Categorical(["x", "y"]), "BTC": [1, 2]})
    trees = read(frame, id="id", assets={"BTC": 8}, group="g")["trees"]
    assert trees == {("BTC", "x"): (8, {0: 1}), ("BTC", "y"): (8, {1: 2})}


def test_polars() -> None:
    frame = pl.DataFrame(
        {
            "id": ["a", "b", "a", "c"],
            "asset": pl.Series(["BTC", "ETH", "ETH", "BTC"], dtype=pl.Categorical),
            "entity": pl.Series(["x", "y", "x", "y"], dtype=pl.Enum(["y", "x"])),
            "amount": pl.Series(
                [Decimal("0.5"), Decimal("2"), Decimal("0.25"), Decimal("0")], dtype=pl.Decimal(38, 10)
            ),
        }
    )
    layout = {
        "id": "id",
        "asset": "asset",
        "amount": "amount",
        "assets": {"BTC": 8, "ETH": 18},
        "unit": "major",
    }
    expected = {("BTC", ""): (8, {0: 50_000_000}), ("ETH", ""): (18, {0: 25 * 10**16, 1: 2 * 10**18})}
    assert read(frame, **layout)["trees"] == expected
    assert read(frame.to_dict(), **layout)["trees"] == expected
    assert read(pl.concat([frame[:1], frame[1:3], frame[3:]], rechunk=False), **layout)["trees"] == expected
    assert set(read(frame, group="entity", **layout)["trees"]) == {
        ("BTC", "x"), ("ETH", "x"), ("BTC", "y"), ("ETH", "y"),
    }  # fmt: skip
    with pytest.raises(ValueError, match='row 2, id "a", column "id": the id came before with asset ETH'):
        read(frame.with_columns(asset=pl.lit("ETH")), **layout)
