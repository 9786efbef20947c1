"""Snapshots that the tests of this folder audit. No tests, no assertions."""

from __future__ import annotations

from typing import Any

from tallystick import liabilities
from tallystick.liabilities import Snapshot, Statement

ASSETS = {"BTC": 8, "ETH": 18, "EUR": 2}
HOSTILE = "<script>alert(1)</script>"
Table = dict[str, list[Any]]


def table(count: int, *, first: int = 0) -> Table:
    """Customers of whom all hold the first asset, some the second, and few the third."""
    numbers = range(first, first + count)
    return {
        "user": [f"user-{number}@example.org" for number in numbers],
        "BTC": [number * 7_919 % 1_000_003 + 1 for number in numbers],
        "ETH": [10**18 * (number % 50) + number if number % 3 else 0 for number in numbers],
        "EUR": [number * 31 if number % 7 == 1 else 0 for number in numbers],
    }


def commit(held: Table, day: str = "day 1", **options: Any) -> Snapshot:
    settings = {"id": "user", "assets": ASSETS, "origin": "exchange.example", "secret": bytes(range(32))}
    return liabilities.commit(held, snapshot_id=day, time=1_767_225_600, **(settings | options))


def statement_with(statement: Statement, **changed: Any) -> Statement:
    """The same statement with other parts."""
    parts = {
        name: getattr(statement, name)
        for name in ("origin", "sequence", "snapshot_id", "time", "previous", "scheme")
    }
    return Statement(**(parts | {"assets": dict(statement.groups)} | changed))
