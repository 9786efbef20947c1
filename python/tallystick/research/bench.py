"""Running a grid."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import tallystick
from tallystick._core import Scheme
from tallystick.research import _environment
from tallystick.research._measure import CellBench, cell_of
from tallystick.research._subjects import is_bare
from tallystick.research.grid import Case
from tallystick.research.results import Cell, Figure, Omission, Results, Settings, Variant

__all__ = ["Bench"]

Told = Callable[[int, int, str], object]


class Bench:
    """A run over ``cases``, with ``settings`` or, named one by one, some of them.

    :meth:`run` measures; :attr:`results` has what was found so far, also after an exception in between: after
    Ctrl-C nothing that was measured is lost. While a run lasts, the number of threads is the cell's.

    >>> from tallystick import research
    >>> bench = research.Bench(research.grid(["rfc6962"], sizes=[64]), repeat=1, memory=False)
    >>> results = bench.run()
    >>> [figure.median for figure in results.select("calls_build")]
    [127.0]
    """

    def __init__(self, cases: Iterable[Case], settings: Settings | None = None, **changes: Any) -> None:
        self._cases = tuple(cases)
        for case in self._cases:
            if not isinstance(case, Case):
                raise TypeError(f"cases are made by grid, not {type(case).__name__}")
        self._settings = replace(settings or Settings(), **changes)
        self._environment = _environment.environment(with_memory=self._settings.memory)
        self._figures: list[Figure] = []
        self._omissions: list[Omission] = []
        self._variants: dict[str, Variant] = {}
        self._current: CellBench | None = None
        self._done = 0
        self._spent = False
        self._seconds = 0.0

    def run(self, told: Told | None = None) -> Results:
        """Measure all cells, in order, and return :attr:`results`.

        ``told(done, all, cell)`` is called before each cell. Whatever a scheme does not have, or does not
        take, becomes an :class:`Omission`. Raises ``RuntimeError`` if it has run before, and
        :class:`~tallystick.InvalidProof` if a proof is refused that should not be: a defect.

        >>> from tallystick import research
        >>> bench = research.Bench(research.grid(["rfc6962"], sizes=[8]), repeat=1, memory=False)
        >>> bench.run(lambda done, all, cell: print(f"{done} of {all}: {cell}"))
        0 of 1: rfc6962/sha256, 8 leaves, 1 threads
        <Results: 1 cells, ... figures>
        """
        if self._done or self._current is not None:
            raise RuntimeError("this bench has run; make another")
        begin, threads = time.monotonic(), _threads()
        try:
            for case in self._cases:
                self._seconds = time.monotonic() - begin
                cell = _cell(case, self._settings)
                if told is not None:
                    told(self._done, len(self._cases), str(cell))
                budget = self._settings.budget
                if budget is not None and self._seconds >= budget:
                    self._spent = True
                    self._omit(cell, f"the budget of {budget:g} seconds was spent")
                else:
                    self._measure(case, cell)
                self._done += 1
        finally:
            tallystick.set_threads(threads)
            self._seconds = time.monotonic() - begin
            self._environment = replace(self._environment, load_after=_environment.load())
        return self.results

    @property
    def results(self) -> Results:
        """What has been found so far. Cells that are not done are listed among the omissions."""
        figures, omissions = list(self._figures), list(self._omissions)
        current = self._current
        if current is not None:
            figures += current.figures
            omissions += [*current.omissions, Omission(current.cell, "", 0, "interrupted: partly measured")]
        begun = self._done + (current is not None)
        for case in self._cases[begun:]:
            omissions.append(Omission(_cell(case, self._settings), "", 0, "not measured"))
        return Results(
            self._environment,
            self._settings,
            tuple(self._variants.values()),
            tuple(figures),
            tuple(omissions),
            self._seconds,
            self._done == len(self._cases) and not self._spent,
        )

    def _measure(self, case: Case, cell: Cell) -> None:
        if isinstance(case.scheme, str):
            self._omit(cell, case.scheme)
            return
        tallystick.set_threads(case.threads)
        try:
            current = CellBench(cell, case.scheme, self._settings)
        except (TypeError, ValueError, OverflowError, MemoryError) as error:
            self._omit(cell, f"not supported: {error}")
            return
        self._current = current
        try:
            current.run()
        except (TypeError, ValueError, OverflowError, MemoryError) as error:
            # Before there is a tree: a size that the scheme does not take.
            if current.figures:
                raise
            self._omit(cell, f"not supported: {error}")
        self._figures += current.figures
        self._omissions += current.omissions
        if current.figures:
            self._variants[case.scheme.name] = _variant(case.scheme, cell.size, current.root)
        self._current = None

    def _omit(self, cell: Cell, reason: str) -> None:
        self._omissions.append(Omission(cell, "", 0, reason))


def _cell(case: Case, settings: Settings) -> Cell:
    if isinstance(case.scheme, Scheme):
        return cell_of(case.variant, case.scheme, case.size, case.threads, settings)
    return Cell(case.variant, "", case.hash, case.size, case.threads, settings.leaf_bytes)


def _threads() -> int | None:
    """Return what to give to ``set_threads`` to have today's number again."""
    return tallystick.get_threads()


def _variant(scheme: Scheme, size: int, root: str) -> Variant:
    return Variant(
        scheme.name,
        scheme.kind,
        scheme.binds_size,
        scheme.binds_scheme,
        scheme.binds_index,
        scheme.separates_leaves,
        scheme.appendable,
        is_bare(scheme),
        size,
        root,
    )
