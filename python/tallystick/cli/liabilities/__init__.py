"""``tallystick liabilities``: what an operator owes, from the nightly table to what a customer checks."""

from __future__ import annotations

import click

from tallystick.cli.lazy import LazyGroup


class Liabilities(LazyGroup):
    """The commands for snapshots, statements and receipts."""

    package = "tallystick.cli.liabilities"
    names = (
        "keygen",
        "commit",
        "statement",
        "export",
        "receipt",
        "verify",
        "audit",
        "diff",
        "equivocation",
        "erase",
    )


@click.group(cls=Liabilities)
def command() -> None:
    """Commit to what customers are owed, publish totals, hand out receipts, check them.

    The operator: keygen once; each night commit, export. The customer: verify. The auditor: audit, diff.
    """
