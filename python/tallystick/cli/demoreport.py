"""What ``tallystick demo`` measured, and what it prints of that for people."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from tallystick.cli import directory as layout
from tallystick.cli.demodata import ASSETS


@dataclass(frozen=True, slots=True)
class Step:
    """What was done, how often and how long it took."""

    name: str
    count: int
    unit: str
    seconds: float


@dataclass(slots=True)
class Story:
    """What the demonstration measured."""

    rows: int
    proofs: int
    steps: list[Step] = field(default_factory=list)
    root: str = ""
    file_bytes: dict[str, int] = field(default_factory=dict)
    proof_bytes: int = 0
    proof_file_bytes: int = 0
    refusals: dict[str, str] = field(default_factory=dict)

    @contextmanager
    def step(self, name: str, count: int, unit: str) -> Iterator[None]:
        """Time the block as a step."""
        begin = time.perf_counter()
        yield
        self.steps.append(Step(name, count, unit, time.perf_counter() - begin))


def print_report(story: Story, kept: Path | None) -> None:
    """Print the table of steps and a few plain sentences."""
    from rich.console import Console
    from rich.table import Table

    click.echo(f"{story.rows:,} customers x {len(ASSETS)} assets, root {story.root[:16]}…")
    table = Table()
    table.add_column("step")
    table.add_column("seconds", justify="right")
    table.add_column("rate", justify="right")
    for step in story.steps:
        rate = f"{step.count / max(step.seconds, 1e-9):,.0f} {step.unit}/s" if step.count > 1 else ""
        table.add_row(step.name, f"{step.seconds:.3f}", rate)
    table.add_row("together", f"{sum(step.seconds for step in story.steps):.3f}", "", style="bold")
    Console(markup=False, highlight=False).print(table)
    sizes = story.file_bytes
    table_size, tree_size, head_size = (
        _bytes(sizes[name]) for name in ("customers.parquet", layout.TREE, layout.HEAD)
    )
    proof_size, proof_file_size = _bytes(story.proof_bytes), _bytes(story.proof_file_bytes)
    click.echo(
        f"\nThe table of {table_size} became a tree file of {tree_size}. "
        f"Publish the head: {head_size}, whatever the number of rows.\n"
        f"A proof has {proof_size}, {proof_file_size} as a file. "
        f"All {story.proofs:,} were read back and verified with the row and the head alone.\n"
        "Two forgeries were tried, and both were refused:"
    )
    for attempt, refusal in story.refusals.items():
        click.echo(f"  - {attempt}: {refusal}")
    click.echo(f"The files are in {kept}." if kept else "The files are gone; --dir keeps them.")


def _bytes(count: int) -> str:
    """Return ``count`` in words, three digits or so.

    >>> _bytes(675), _bytes(64_013_824)
    ('675 bytes', '64.0 MB')
    """
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if count >= size:
            return f"{count / size:.1f} {unit}"
    return f"{count} bytes"
