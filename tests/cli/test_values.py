"""Rows from Python values, and cells as they are shown: what is shown can be stated again."""

from __future__ import annotations

import datetime
import json
import math
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tallystick.cli import cells, rows
from tallystick.cli.context import Column, TableContext
from tallystick.cli.failures import BadData
from tallystick.cli.prooffile import ProofFile
from tallystick.cli.rows import Row
from tallystick.cli.spelling import spell
from tallystick.cli.tablehead import TableHead

from tests.cli.conftest import ROW, Run

INT64 = st.integers(-(2**63), 2**63 - 1)
COUNTS = INT64 | st.integers(-(10**11), 10**11)
TYPES: dict[str, st.SearchStrategy[object]] = {
    "text": st.text(),
    "binary": st.binary(),
    "integer": st.integers(-(2**63), 2**64 - 1),
    "float": st.floats(allow_nan=False),
    "boolean": st.booleans(),
    "date": st.integers(-(2**53), 2**53 - 1) | st.integers(-800_000, 3_000_000),
    "decimal:0": st.integers(-(10**20), 10**20).map(Decimal),
    "decimal:3": st.integers(-(10**20), 10**20).map(lambda units: Decimal(units).scaleb(-3) + 0),
    **{f"timestamp:{unit}:{zone}": COUNTS for unit in ("s", "ms", "us", "ns") for zone in ("", "Asia/Tokyo")},
}


@pytest.mark.parametrize("kind", TYPES)
@given(data=st.data())
def test_what_is_shown_states_the_cell_again(kind: str, data: st.DataObject) -> None:
    value = data.draw(TYPES[kind])
    column = Column("a", kind)
    row = rows.from_values(TableContext(False, (column,)), {"a": value})
    again = rows.from_json(TableContext(False, (column,)), json.dumps(row.shown()))
    assert again == row
    assert again.leaf(None) == row.leaf(None)
    assert (
        cells.from_csv(
            kind,
            str(spell(kind, row.values[0])).lower() if kind == "boolean" else str(spell(kind, row.values[0])),
        )
        == row.values[0]
    )


@pytest.mark.parametrize(
    ("kind", "stated"),
    [
        ("timestamp:us:UTC", "2024-02-29T13:14:15.123456Z"),
        ("timestamp:s:", "1969-12-31T23:59:59"),
        ("timestamp:ns:UTC", "1677-09-21T00:12:43.145224192Z"),
        ("timestamp:s:UTC", "9223372036854775807"),
        ("date", "2024-02-29"),
        ("date", "0001-01-01"),
        ("date", "2147483647"),
        ("decimal:2", "-0.05"),
        ("float", "-0.0"),
        ("float", "NaN"),
        ("float", "-Infinity"),
        ("float", "1e-07"),
        ("boolean", True),
        ("binary", "00ff"),
        ("text", "2024"),
        ("integer", "-12"),
        ("integer", None),
    ],
)
def test_a_cell_is_shown_as_it_is_stated(kind: str, stated: object) -> None:
    row = rows.from_json(TableContext(False, (Column("a", kind),)), json.dumps([stated]))
    assert row.shown() == {"a": stated}


def test_verify_shows_the_spelling_that_is_stated(run: Run, run_json, tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    moment = pa.array([1_709_212_455_123], pa.timestamp("ms", "UTC"))
    day = pa.array([19_782], pa.date32())
    table = {
        "id": [7],
        "at": moment,
        "day": day,
        "paid": [True],
        "note": ["a\nb"],
        "none": pa.array([None], pa.int8()),
    }
    parquet.write_table(pa.table(table), tmp_path / "t.parquet")
    run("commit", "t.parquet", "-o", "kept", "--key-column", "id")
    run("prove", "kept", "--key", "7", "-o", "p.json")
    row = {"id": "7", "at": "2024-02-29T13:14:15.123Z", "day": "2024-02-29", "paid": True, "note": "a\nb"}
    row["none"] = None
    arguments = ("verify", "kept/head.tally", "p.json", "--row", json.dumps(row))
    shown = run(*arguments).stdout.splitlines()[1:]
    assert shown == [
        "  id = 7",
        "  at = 2024-02-29T13:14:15.123Z",
        "  day = 2024-02-29",
        "  paid = true",
        "  note = 'a\\nb'",
        "  none = null",
    ]
    assert run_json(*arguments)["row"] == row


TOKYO = datetime.timezone(datetime.timedelta(hours=9))


@pytest.mark.parametrize(
    ("kind", "value", "cell"),
    [
        ("date", datetime.date(1970, 1, 3), 2),
        ("timestamp:s:", datetime.datetime(1970, 1, 1, 0, 1), 60),
        ("timestamp:ns:", datetime.datetime(1970, 1, 1, 0, 0, 0, 1), 1000),
        ("timestamp:us:UTC", datetime.datetime(1970, 1, 1, 9, 0, 0, 1, TOKYO), 1),
        ("timestamp:ms:Asia/Tokyo", 1500, 1500),
        ("float", math.inf, math.inf),
        ("decimal:2", Decimal("1E+2").quantize(Decimal("0.01")), Decimal("100.00")),
    ],
)
def test_python_values(kind: str, value: object, cell: object) -> None:
    assert cells.from_value(kind, value) == cell


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("text", 7),
        ("text", b"7"),
        ("text", "\ud800"),
        ("binary", "00"),
        ("integer", "7"),
        ("integer", 7.0),
        ("integer", True),
        ("integer", 2**64),
        ("float", 1),
        ("boolean", 1),
        ("decimal:2", "7.25"),
        ("decimal:2", 7.25),
        ("decimal:2", Decimal("7.250")),
        ("decimal:2", Decimal("NaN")),
        ("date", datetime.datetime(1970, 1, 1)),
        ("date", "1970-01-01"),
        ("timestamp:s:", datetime.date(1970, 1, 1)),
        ("timestamp:s:", datetime.datetime(1970, 1, 1, tzinfo=datetime.UTC)),
        ("timestamp:s:UTC", datetime.datetime(1970, 1, 1)),
        ("timestamp:s:", datetime.datetime(1970, 1, 1, 0, 0, 0, 1)),
        ("timestamp:ms:", datetime.datetime(1970, 1, 1, 0, 0, 0, 1001)),
        ("timestamp:s:UTC", datetime.datetime.min.replace(tzinfo=TOKYO)),
        ("timestamp:ns:", datetime.datetime.max),
    ],
)
def test_values_that_do_not_fit_their_column(kind: str, value: object) -> None:
    with pytest.raises(BadData, match=r"^column 'a': ") as caught:
        rows.from_values(TableContext(False, (Column("a", kind),)), {"a": value})
    assert caught.value.details == {"column": "a"}


def test_a_row_of_other_columns_is_named_and_not_refused_by_its_root(commitment: Path) -> None:
    head, proof = TableHead.read(commitment / "head.tally"), ProofFile.read(commitment / "../proof.json")
    values = ROW | {"price": Decimal("0.07")}
    head.verify(rows.from_values(head.context, values), proof)
    with pytest.raises(BadData, match="column 'balance': '7' is of type str, and a cell of integer is int"):
        rows.from_values(head.context, values | {"balance": "7"})
    with pytest.raises(BadData, match="lacks column 'price'"):
        rows.from_values(head.context, {name: values[name] for name in ("id", "note", "balance")})
    with pytest.raises(BadData, match="no column 'prize'"):
        rows.from_values(head.context, values | {"prize": 1})
    columns = list(head.context.columns)
    columns[2] = Column("balance", "text")
    with pytest.raises(BadData, match="'balance' of text where the table has 'balance' of integer"):
        head.verify(Row(tuple(columns), ("customer-000007", None, "7", Decimal("0.07"))), proof)
    with pytest.raises(BadData, match="the row has 3 columns, the table 4"):
        head.verify(Row(tuple(columns[:3]), ("customer-000007", None, "7")), proof)
