"""Progress of long work: bars on standard error, and nothing when that is no terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Protocol


class Stage(Protocol):
    """One piece of work, told how far it is."""

    def update(self, count: int, fraction: float) -> None:
        """Say that ``count`` things are done, which is ``fraction`` of the work."""


class Progress(Protocol):
    """Where stages are shown."""

    def stage(self, title: str, unit: str) -> Stage:
        """Begin a stage called ``title`` that counts things called ``unit``."""


class Silence:
    """Shows nothing."""

    def stage(self, title: str, unit: str) -> Stage:
        """Begin a stage that shows nothing."""
        del title, unit
        return self

    def update(self, count: int, fraction: float) -> None:
        """Show nothing."""


@contextmanager
def shown_progress() -> Iterator[Progress]:
    """Give a :class:`Progress` that draws on standard error if that is a terminal, else a silent one."""
    if not sys.stderr.isatty():
        yield Silence()
        return
    from tallystick.cli.bars import Bars

    with Bars() as bars:
        yield bars
