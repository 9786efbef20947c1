"""What is said of a statement, for people and for programs."""

from __future__ import annotations

import datetime
from typing import Any

from tallystick.cli.output import aligned
from tallystick.liabilities import Statement
from tallystick.liabilities._pages.amounts import major

_LAST = 253_402_300_799  # The end of the year 9999.


def shown_time(seconds: int) -> str:
    """Return Unix seconds as a time of UTC.

    >>> shown_time(1_767_225_600)
    '2026-01-01T00:00:00Z'
    """
    if seconds > _LAST:
        return f"{seconds} seconds since 1970"
    moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def members(statement: Statement) -> dict[str, Any]:
    """Return what a statement says as JSON values: numbers that may be large are decimal strings."""
    return {
        "origin": statement.origin,
        "sequence": str(statement.sequence),
        "snapshot_id": statement.snapshot_id,
        "time": str(statement.time),
        "digest": statement.digest.hex(),
        "previous": statement.previous.hex() if statement.sequence else None,
        "scheme": statement.scheme.name,
        "assets": [
            {
                "code": code,
                "group": group,
                "decimals": head.decimals,
                "leaves": str(head.leaves),
                "holders": None if head.holders is None else str(head.holders),
                "total": {"minor": str(head.total), "major": major(head.total, head.decimals)},
                "root": head.root.hex(),
            }
            for (code, group), head in statement.groups.items()
        ],
        "signatures": [{"name": line.name, "key_id": line.key_id.hex()} for line in statement.signatures],
    }


def totals(statement: Statement) -> list[str]:
    """Return a table of the assets: holders, leaves, totals in major units."""
    grouped = any(group for _, group in statement.groups)
    rows = [("asset", *(("group",) if grouped else ()), "holders", "leaves", "total")]
    for (code, group), head in statement.groups.items():
        holders = "-" if head.holders is None else f"{head.holders:,}"
        figures = (holders, f"{head.leaves:,}", major(head.total, head.decimals))
        rows.append((code, *((group or "-",) if grouped else ()), *figures))
    width = len(rows[0])
    return aligned(rows, right=range(width - 3, width))


def lines(statement: Statement) -> list[str]:
    """Return what a statement says for people."""
    signed = ", ".join(f"{line.name}+{line.key_id.hex()}" for line in statement.signatures)
    return [
        f"statement {statement.sequence} of {statement.origin}: {statement.snapshot_id}, "
        f"{shown_time(statement.time)}",
        *totals(statement),
        f"digest {statement.digest.hex()}",
        f"signed by {signed}" if signed else "not signed",
    ]
