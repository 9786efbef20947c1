"""What the tests of ``tallystick liabilities`` share: a small night, and the arguments that make it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.conftest import Run

pytest.importorskip("cryptography")

BALANCES = "user,BTC,EUR\nalice,0.5,0\nbob,1.25,70.10\ncarol,0,12\n"
WIDE = ("--id-column", "user", "--unit", "major")
ASSETS = ("--asset", "BTC=8", "--asset", "EUR=2")
TERMS = ("--origin", "exchange.example", "--snapshot-id")


def commit(*more: object, table: object = "balances.csv", day: str = "2026-01-01") -> tuple[object, ...]:
    """The arguments that commit to ``table``."""
    return ("liabilities", "commit", table, *WIDE, *ASSETS, *TERMS, day, *more)


def night(run: Run) -> None:
    """Make in the current directory: ``key``, ``day-1``, its signed ``day-1.note``, ``receipts``, ``bob``."""
    Path("balances.csv").write_text(BALANCES)
    run("liabilities", "keygen", "exchange.example", "-o", "key")
    run(*commit("-o", "day-1", "--sign", "key", "--time", "2026-01-01T00:00:00Z"))
    run("liabilities", "export", "day-1", "-o", "receipts", "--shards", 2)
    run("liabilities", "receipt", "receipts", "--id", "bob", "-o", "bob")


def names() -> set[str]:
    """Everything in the current directory."""
    return {path.name for path in Path().iterdir()}
