"""Progress bars drawn by rich."""

from __future__ import annotations

from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, ProgressColumn, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text


class RateColumn(ProgressColumn):
    """Things done, and how many a second."""

    def render(self, task: Task) -> Text:
        """Return text such as ``1,000,000 rows  2,100,000 rows/s``."""
        count, unit = task.fields["count"], task.fields["unit"]
        if task.total is None:
            return Text()
        elapsed = task.elapsed or 0.0
        rate = f"{count / elapsed:,.0f} {unit}/s" if elapsed > 0 else ""
        return Text(f"{count:>12,} {unit}  {rate}")


class Bars:
    """Stages as bars, one below the other; gone from the screen when the work is done."""

    def __init__(self, console: Console | None = None) -> None:
        self._progress = Progress(
            TextColumn("{task.description:<22}", markup=False),
            BarColumn(),
            RateColumn(),
            TimeRemainingColumn(),
            console=console or Console(stderr=True),
            transient=True,
        )

    def __enter__(self) -> Self:
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def stage(self, title: str, unit: str) -> Bar:
        """Begin a stage: a new bar, which pulses until it is told how far the work is."""
        return Bar(self._progress, self._progress.add_task(title, total=None, count=0, unit=unit))


class Bar:
    """The bar of one stage."""

    def __init__(self, progress: Progress, task: TaskID) -> None:
        self._progress = progress
        self._task = task

    def update(self, count: int, fraction: float) -> None:
        """Move the bar."""
        self._progress.update(self._task, total=1.0, completed=fraction, count=count)
