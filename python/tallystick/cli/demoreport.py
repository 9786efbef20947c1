"""What ``tallystick demo`` measured and saw, and what it prints of that for people."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from tallystick.cli.demodata import ASSETS
from tallystick.cli.output import aligned


@dataclass(frozen=True, slots=True)
class Step:
    """What was done, how often and how long it took."""

    name: str
    count: int
    unit: str
    seconds: float


@dataclass(frozen=True, slots=True)
class Refusal:
    """A forgery and why it was refused: the name of the reason, and words."""

    forgery: str
    reason: str
    message: str


@dataclass(slots=True)
class Story:
    """What the demonstration measured and saw."""

    customers: int
    directory: Path
    steps: list[Step] = field(default_factory=list)
    refused: list[Refusal] = field(default_factory=list)
    proven: dict[str, str] = field(default_factory=dict)
    totals: list[str] = field(default_factory=list)
    changes: str = ""
    equivocation: str = ""
    audited: str = ""
    receipt_bytes: int = 0

    @contextmanager
    def step(self, name: str, count: int, unit: str) -> Iterator[None]:
        """Time the block as a step."""
        begin = time.perf_counter()
        yield
        self.steps.append(Step(name, count, unit, time.perf_counter() - begin))


def print_report(story: Story) -> None:
    """Print the table of steps and what came out."""
    from rich.console import Console
    from rich.table import Table

    click.echo(f"exchange.example owes {story.customers:,} customers {len(ASSETS)} assets")
    table = Table()
    table.add_column("step")
    table.add_column("seconds", justify="right")
    table.add_column("rate", justify="right")
    for step in story.steps:
        rate = f"{step.count / max(step.seconds, 1e-9):,.0f} {step.unit}/s" if step.count > 1 else ""
        table.add_row(step.name, f"{step.seconds:.3f}", rate)
    table.add_row("together", f"{sum(step.seconds for step in story.steps):.3f}", "", style="bold")
    Console(markup=False, highlight=False).print(table)
    balances = ", ".join(f"{amount} {asset}" for asset, amount in story.proven.items())
    click.echo("\nThe totals that are published, signed:")
    _indented(story.totals)
    click.echo(
        f"customer-000001 verified, with a receipt of {story.receipt_bytes:,} bytes: {balances}.\n"
        f"{len(story.refused)} forgeries were tried, and all were refused:"
    )
    _indented(aligned([(one.forgery, one.reason) for one in story.refused]))
    click.echo(f"{story.changes}\n{story.equivocation}\n{story.audited}\nThe files are in {story.directory}.")


def _indented(lines: list[str]) -> None:
    for line in lines:
        click.echo(f"  {line}")
