"""What ``tallystick demo`` prints for people."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from tallystick.cli import directory as layout
from tallystick.cli.demodata import ASSETS

if TYPE_CHECKING:
    from tallystick.cli.demo import Story


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
