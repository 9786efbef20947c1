"""Plots of results, drawn by matplotlib: the extra ``[plots]``. The same results give the same bytes of SVG.

Colours are those of Okabe and Ito, which the colour-blind tell apart, and each line has a marker of its own.
Figures have a light ground of their own, so that they can be read on dark pages too.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import ModuleType
from typing import Any

from tallystick.research.results import Cell, Figure, Results
from tallystick.research.tables import name, seconds, size

__all__ = ["CHARTS", "plot"]

_COLOURS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#56B4E9", "#B8860B", "#000000")
_MARKERS = "osD^vPX<>hp*"
_STYLES = ("-", "--", ":")
_SETTINGS = {
    "svg.hashsalt": "tallystick",
    "svg.fonttype": "none",
    "font.size": 9,
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "grid.color": "#d9d9d9",
    "grid.linewidth": 0.6,
    "figure.facecolor": "#ffffff",
    "axes.facecolor": "#ffffff",
    "savefig.facecolor": "#ffffff",
    "text.color": "#1a1a1a",
    "axes.labelcolor": "#1a1a1a",
    "xtick.color": "#1a1a1a",
    "ytick.color": "#1a1a1a",
    "axes.edgecolor": "#4d4d4d",
}


@dataclass(frozen=True, slots=True)
class _Line:
    """A series: its label, and figures with the place of each on the first axis."""

    label: str
    points: tuple[tuple[float, Figure], ...]

    @property
    def values(self) -> tuple[tuple[float, float, float, float], ...]:
        return tuple((place, one.median, one.least, one.most) for place, one in self.points)

    def scaled(self, chart: _Chart) -> tuple[tuple[float, float, float, float], ...]:
        """Return the values as they are drawn: by leaf, if the chart is by leaf."""
        if not chart.by_leaf:
            return self.values
        return tuple((n, middle / n, least / n, most / n) for n, middle, least, most in self.values)


@dataclass(frozen=True, slots=True)
class _Chart:
    title: str
    below: str
    beside: str
    lines: Callable[[Results], list[_Line]]
    exact: bool = False
    bars: bool = False
    by_leaf: bool = False


def plot(
    results: Results, folder: str | os.PathLike[str], *, formats: Sequence[str] = ("svg", "png")
) -> tuple[Path, ...]:
    """Draw every chart that ``results`` has figures for into ``folder``, and return the files.

    The folder is made if it is not there, and files in it that have a chart's name are replaced. A chart
    without figures is not drawn: ``CHARTS`` says what each is made of. Raises ``ImportError`` without
    matplotlib, ``ValueError`` for a format other than ``svg`` and ``png``, ``OSError``.

    >>> import tempfile
    >>> from tallystick import research
    >>> results = research.Bench(research.grid(["rfc6962"], sizes=[8, 64]), repeat=1, memory=False).run()
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     [path.name for path in research.plot(results, folder, formats=["svg"])][:2]
    ['build-by-scheme.svg', 'proof-bytes.svg']
    """
    for one in formats:
        if one not in ("svg", "png"):
            raise ValueError(f"plots are svg or png, not {one!r}")
    drawing = require_matplotlib()
    place = Path(folder)
    place.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    leaves = f"{max((cell.size for cell in results.cells), default=0):,} leaves"
    with drawing.rc_context(_SETTINGS):
        for chart_name, chart in _CHARTS.items():
            lines = chart.lines(results)
            if not lines:
                continue
            titled = replace(chart, title=chart.title.replace("the largest tree", leaves))
            figure = _bars(drawing, titled, lines) if chart.bars else _curves(drawing, titled, lines)
            for form in formats:
                path = place / f"{chart_name}.{form}"
                # Without a date and without the version of what drew it.
                empty = {"Date": None, "Creator": None} if form == "svg" else {"Software": None}
                figure.savefig(path, metadata=empty, dpi=144)
                written.append(path)
    return tuple(written)


def require_matplotlib() -> Any:
    """Import what draws; ``ImportError`` that names the extra, if it is not there.

    >>> from tallystick.research.plots import require_matplotlib
    >>> require_matplotlib().rc_context is not None
    True
    """
    try:
        return _Drawing()
    except ImportError as error:
        raise ImportError(
            "plots need matplotlib: install 'tallystick[plots]', in a checkout: pip install '.[plots]'"
        ) from error


class _Drawing:
    """The part of matplotlib that is used: no window, and nothing of what the process has set."""

    def __init__(self) -> None:
        import matplotlib as mpl
        import matplotlib.figure
        import matplotlib.ticker

        self._mpl: ModuleType = mpl
        self.ticker: ModuleType = matplotlib.ticker
        self._figure: ModuleType = matplotlib.figure

    def rc_context(self, settings: dict[str, Any]) -> Any:
        return self._mpl.rc_context({**self._mpl.rcParamsDefault, **settings, "backend": "agg"})

    def figure(self, width: float, height: float) -> Any:
        return self._figure.Figure(figsize=(width, height), layout="constrained")


def _by(
    measure: str, key: Callable[[Cell], str], keep: Callable[[Figure], bool]
) -> Callable[[Results], list[_Line]]:
    """Return what makes lines over sizes: one for each ``key`` of the cells to ``keep``."""

    def lines(results: Results) -> list[_Line]:
        return _gathered(
            (key(figure.cell), float(figure.cell.size), figure)
            for figure in results.select(measure)
            if figure.cell.size and keep(figure)
        )

    return lines


def _gathered(found: Any) -> list[_Line]:
    series: dict[str, dict[float, Figure]] = {}
    for label, place, figure in found:
        series.setdefault(label, {})[place] = figure
    return [
        _Line(label, tuple(sorted(points.items(), key=lambda one: one[0])))
        for label, points in series.items()
    ]


def _own_hash(results: Results) -> dict[str, str]:
    """Return the hash of each variant that its lines show: the one it was measured with first."""
    found: dict[str, str] = {}
    for cell in results.cells:
        found.setdefault(cell.variant, cell.hash)
    return found


def _schemes(measure: str) -> Callable[[Results], list[_Line]]:
    def lines(results: Results) -> list[_Line]:
        own = _own_hash(results)
        return _by(
            measure,
            name,
            lambda figure: figure.cell.threads == 1 and own[figure.cell.variant] == figure.cell.hash,
        )(results)

    return lines


def _hashes(results: Results) -> list[_Line]:
    """Lines of the variant that was measured with the most hashes, if there is more than one."""
    used: dict[str, set[str]] = {}
    for cell in results.cells:
        if cell.threads == 1:
            used.setdefault(cell.variant, set()).add(cell.hash)
    variant = max(used, key=lambda one: len(used[one]), default="")
    if len(used.get(variant, ())) < 2:
        return []
    return _by("build", name, lambda one: one.cell.threads == 1 and one.cell.variant == variant)(results)


def _largest(figures: Sequence[Figure]) -> tuple[Figure, ...]:
    most = max((figure.cell.size for figure in figures), default=0)
    return tuple(one for one in figures if one.cell.size == most and one.cell.threads == 1)


def _multi(results: Results) -> list[_Line]:
    own = _own_hash(results)
    return _gathered(
        (name(figure.cell), float(figure.count), figure)
        for figure in _largest(results.select("multi_bytes"))
        if own[figure.cell.variant] == figure.cell.hash
    )


def _threads(results: Results) -> list[_Line]:
    figures = results.select("build")
    most = max((figure.cell.size for figure in figures), default=0)
    lines = _gathered(
        (name(figure.cell), float(figure.cell.threads), figure)
        for figure in figures
        if figure.cell.size == most
    )
    return [line for line in lines if len(line.points) > 1]


def _verify(results: Results) -> list[_Line]:
    """One proof by itself, and one of a batch, of the largest tree: a row for each scheme."""
    found = [*results.select("verify"), *results.select("verify_batch")]
    titles = {"verify": "one by one", "verify_batch": "in a batch"}
    return [
        _Line(f"{name(figure.cell)}\t{titles[figure.measure]}", ((0.0, figure),))
        for figure in _largest(found)
    ]


def _memory(results: Results) -> list[_Line]:
    found = [*results.select("peak_memory"), *results.select("tree_memory")]
    titles = {"peak_memory": "the whole process", "tree_memory": "added by the build"}
    return [
        _Line(f"{name(figure.cell)}\t{titles[figure.measure]}", ((0.0, figure),))
        for figure in _largest(found)
    ]


_LEAVES = "leaves"
_CHARTS: dict[str, _Chart] = {
    "build-by-scheme": _Chart(
        "Build, by scheme, one thread", _LEAVES, "time a leaf", _schemes("build"), by_leaf=True
    ),
    "build-by-hash": _Chart("Build, by hash, one thread", _LEAVES, "time a leaf", _hashes, by_leaf=True),
    "proof-bytes": _Chart("Proof of one leaf", _LEAVES, "bytes", _schemes("proof_bytes"), exact=True),
    "multi-bytes": _Chart(
        "One proof of many leaves of the largest tree", "leaves proven together", "bytes", _multi, exact=True
    ),
    "verify": _Chart("Verifying one leaf of the largest tree", "time", "", _verify, bars=True),
    "threads": _Chart("Build of the largest tree, by threads", "threads", "time", _threads),
    "memory": _Chart("Peak memory of a build of the largest tree", "bytes", "", _memory, bars=True),
}
#: The names of the charts, which are those of their files, and their titles.
CHARTS: dict[str, str] = {chart_name: chart.title for chart_name, chart in _CHARTS.items()}


def _curves(drawing: Any, chart: _Chart, lines: Sequence[_Line]) -> Any:
    """Draw lines on logarithmic axes, with the reach of the values; series that are equal are one line."""
    merged = _merged(lines) if chart.exact else [(line.label, line) for line in lines]
    # As they stand at the right end, so that the legend is in the order of the lines.
    merged.sort(key=lambda one: one[1].scaled(chart)[-1][1], reverse=True)
    height = max(3.8, 0.9 + 0.185 * sum(label.count("\n") + 1 for label, _ in merged))
    figure = drawing.figure(9.2, height)
    axes = figure.add_subplot()
    for place, (label, line) in enumerate(merged):
        values = line.scaled(chart)
        places, middle = [one[0] for one in values], [one[1] for one in values]
        reach = [[one[1] - one[2] for one in values], [one[3] - one[1] for one in values]]
        axes.errorbar(
            places, middle, yerr=reach, label=label, color=_COLOURS[place % len(_COLOURS)],
            marker=_MARKERS[place % len(_MARKERS)], linestyle=_STYLES[place // len(_COLOURS) % len(_STYLES)],
            markersize=5, linewidth=1.4, elinewidth=0.9, capsize=2, alpha=0.9,
        )  # fmt: skip
    _logarithmic(drawing, axes.xaxis, sorted({one[0] for line in lines for one in line.values}))
    axes.set_yscale("log")
    _labelled(drawing, axes.yaxis, lines)
    axes.set(title=chart.title, xlabel=f"{chart.below}, logarithmic", ylabel=f"{chart.beside}, logarithmic")
    axes.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), frameon=False, fontsize=8)
    return figure


def _logarithmic(drawing: Any, axis: Any, places: Sequence[float]) -> None:
    """Let ``axis`` be logarithmic, with a tick at each of ``places``, unless they are many."""
    axis.axes.set_xscale("log", base=2)
    if len(places) <= 8:
        axis.set_major_locator(drawing.ticker.FixedLocator(places))
    axis.set_major_formatter(drawing.ticker.FuncFormatter(lambda value, _: f"{value:,.0f}"))
    axis.set_minor_locator(drawing.ticker.NullLocator())


def _labelled(drawing: Any, axis: Any, lines: Sequence[_Line]) -> None:
    """Let a logarithmic ``axis`` of values have ticks at 1, 2 and 5, with their units."""
    show = seconds if lines[0].points[0][1].unit == "s" else size
    axis.set_major_locator(drawing.ticker.LogLocator(subs=(1.0, 2.0, 5.0), numticks=30))
    axis.set_major_formatter(drawing.ticker.FuncFormatter(lambda value, _: _short(show(value))))
    axis.set_minor_locator(drawing.ticker.NullLocator())


def _short(text: str) -> str:
    """Return a number and its unit without zeros behind the point."""
    number, _, unit = text.partition(" ")
    return f"{number.rstrip('0').rstrip('.') if '.' in number else number} {unit}"


def _merged(lines: Sequence[_Line]) -> list[tuple[str, _Line]]:
    found: dict[object, list[_Line]] = {}
    for line in lines:
        found.setdefault(line.values, []).append(line)
    return [("\n".join(line.label for line in equal), equal[0]) for equal in found.values()]


def _bars(drawing: Any, chart: _Chart, lines: Sequence[_Line]) -> Any:
    """Draw a row for each scheme, the least first, with a mark for each kind of value."""
    rows: dict[str, list[tuple[str, Figure]]] = {}
    for line in lines:
        row, _, kind = line.label.partition("\t")
        rows.setdefault(row, []).append((kind, line.points[0][1]))
    names = sorted(rows, key=lambda row: rows[row][0][1].median, reverse=True)
    kinds = list(dict.fromkeys(kind for values in rows.values() for kind, _ in values))
    figure = drawing.figure(7.6, 1.3 + 0.24 * len(names))
    axes = figure.add_subplot()
    for number, kind in enumerate(kinds):
        found = [(place, one) for place, row in enumerate(names) for own, one in rows[row] if own == kind]
        middle = [one.median for _, one in found]
        axes.errorbar(
            middle, [place for place, _ in found],
            xerr=[[one.median - one.least for _, one in found], [one.most - one.median for _, one in found]],
            label=kind, color=_COLOURS[number], marker=_MARKERS[number], linestyle="none", markersize=6,
            elinewidth=1.2, capsize=2,
        )  # fmt: skip
    axes.set_yticks(range(len(names)), names)
    axes.set_xscale("log")
    _labelled(drawing, axes.xaxis, lines)
    axes.set(xlabel=f"{chart.below}, logarithmic", ylim=(-0.7, len(names) - 0.3))
    figure.suptitle(chart.title, fontsize=10)
    axes.legend(loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, frameon=False, fontsize=8)
    return figure
