"""Results as tables for people: Markdown for pages, and the rows of the command's table."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tallystick.research.results import Cell, Figure, Results

__all__ = ["to_markdown"]

Found = dict[tuple[Cell, str, int], Figure]
MISSING = "-"


@dataclass(frozen=True, slots=True)
class _Column:
    """A column: its title, the measure that it shows, and how."""

    title: str
    measure: str
    show: Callable[[Figure], str]


def seconds(value: float) -> str:
    """Return a time with three digits and a unit.

    >>> from tallystick.research.tables import seconds
    >>> seconds(0.00125), seconds(3.2e-7)
    ('1.25 ms', '320 ns')
    """
    for unit, scale in (("s", 1.0), ("ms", 1e-3), ("µs", 1e-6)):
        if value >= scale * 0.9995:
            return f"{_digits(value / scale)} {unit}"
    return f"{_digits(value / 1e-9)} ns"


def _digits(value: float) -> str:
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 99.95 else f"{value:,.0f}"


def size(value: float) -> str:
    """Return a number of bytes with three digits and a unit.

    >>> from tallystick.research.tables import size
    >>> size(358), size(16_777_216)
    ('358 B', '16.8 MB')
    """
    for unit, scale in (("GB", 1e9), ("MB", 1e6), ("kB", 1e4)):
        if value >= scale:
            return f"{_digits(value / min(scale, {'GB': 1e9, 'MB': 1e6, 'kB': 1e3}[unit]))} {unit}"
    return f"{value:,.0f} B"


def _time(figure: Figure) -> str:
    return seconds(figure.median)


def _range(figure: Figure) -> str:
    middle = f"{figure.mean:.1f}".removesuffix(".0")
    if figure.least == figure.most:
        return middle
    return f"{middle} ({figure.least:.0f} to {figure.most:.0f})"


def _count(figure: Figure) -> str:
    return f"{figure.mean:,.1f}".removesuffix(".0")


COLUMNS = (
    _Column("build", "build", _time),
    _Column("append", "append", _time),
    _Column("extend", "extend", _time),
    _Column("update", "update", _time),
    _Column("prove", "prove", _time),
    _Column("verify", "verify", _time),
    _Column("in a batch", "verify_batch", _time),
    _Column("proof bytes", "proof_bytes", _range),
    _Column("memory", "tree_memory", lambda figure: size(figure.median)),
    _Column("hash calls", "calls_build", _count),
    _Column("to verify", "calls_verify", _range),
)
MULTI = (
    _Column("bytes", "multi_bytes", _count),
    _Column("prove", "prove_multi", _time),
    _Column("verify", "verify_multi", _time),
    _Column("hash calls", "calls_verify_multi", _count),
)
GROWTH = (
    _Column("bytes", "growth_bytes", _range),
    _Column("prove", "prove_growth", _time),
    _Column("verify", "verify_growth", _time),
    _Column("hash calls", "calls_verify_growth", _range),
)

NAMESPACES = (
    _Column("bytes", "namespace_bytes", _range),
    _Column("prove", "prove_namespace", _time),
    _Column("verify", "verify_namespace", _time),
    _Column("hash calls", "calls_verify_namespace", _range),
)


def to_markdown(results: Results) -> str:
    """Return ``results`` as Markdown: the environment, what schemes promise, and a table for each size.

    >>> from tallystick import research
    >>> results = research.Bench(research.grid(["rfc6962"], sizes=[8]), repeat=1, memory=False).run()
    >>> "| rfc6962/sha256 |" in research.to_markdown(results)
    True
    """
    found = {(figure.cell, figure.measure, figure.count): figure for figure in results.figures}
    blocks = [_environment(results), _promises(results)]
    groups = dict.fromkeys((cell.size, cell.threads) for cell in results.cells)
    for leaves, threads in groups:
        cells = [cell for cell in results.cells if (cell.size, cell.threads) == (leaves, threads)]
        blocks.append(f"**{leaves:,} leaves, {_threads(threads)}**\n\n{_cells_table(cells, found)}")
    largest = max((cell.size for cell in results.cells), default=0)
    cells = [cell for cell in results.cells if (cell.size, cell.threads) == (largest, 1)]
    blocks.append(_counts_table(f"Proofs of many of {largest:,} leaves together", cells, found, MULTI))
    blocks.append(_counts_table(f"Growth to {largest:,} leaves", cells, found, GROWTH))
    blocks.append(_counts_table(f"All leaves of a namespace, of {largest:,}", cells, found, NAMESPACES))
    blocks.append(_left_out(results))
    return "\n\n".join(filter(None, blocks)) + "\n"


def main_rows(results: Results) -> tuple[list[str], list[list[str]]]:
    """Return titles and rows of the one table that the command prints: all cells, the main measures.

    >>> from tallystick import research
    >>> from tallystick.research.tables import main_rows
    >>> results = research.Bench(research.grid(["rfc6962"], sizes=[8]), repeat=1, memory=False).run()
    >>> main_rows(results)[1][0][:3]
    ['rfc6962/sha256', '8', '1']
    """
    found = {(figure.cell, figure.measure, figure.count): figure for figure in results.figures}
    titles = ["scheme", "leaves", "threads", *(column.title for column in COLUMNS)]
    rows = [
        [name(cell), f"{cell.size:,}", str(cell.threads), *(_cell(cell, one, found) for one in COLUMNS)]
        for cell in results.cells
    ]
    return titles, rows


def name(cell: Cell) -> str:
    """Return what a cell's scheme is called in tables.

    >>> from tallystick.research import Cell
    >>> from tallystick.research.tables import name
    >>> name(Cell("ssz_vector({size})", "ssz_vector(64)/sha256", "sha256", 64, 1, 32))
    'ssz_vector({size})/sha256'
    """
    return f"{cell.variant}/{cell.hash}"


def left_out(results: Results) -> list[str]:
    """Return a line for each reason for which something was not measured: what, of which schemes, and why.

    >>> from tallystick import research
    >>> from tallystick.research.tables import left_out
    >>> cases = research.grid(["bitcoin", "nervos_mmr"], sizes=[8, 64])
    >>> print(*left_out(research.Bench(cases, repeat=1, memory=False, counts=["1"]).run()))
    prove growth: all schemes: not supported: there are no proofs of growth for this scheme
    """
    sizes: dict[tuple[str, str, str], list[int]] = {}
    for one in results.omissions:
        reason = (
            one.reason.replace(one.cell.scheme or one.reason, "this scheme") if one.measure else one.reason
        )
        found = sizes.setdefault((reason, one.measure, name(one.cell)), [])
        if one.cell.size not in found:
            found.append(one.cell.size)
    measured = {(cell.size, name(cell)) for cell in results.cells}
    asked = measured | {(one.cell.size, name(one.cell)) for one in results.omissions}
    lines: dict[tuple[str, str, tuple[int, ...]], list[str]] = {}
    for (reason, measure, scheme), few in sizes.items():
        # An empty tree has nothing to replace or to prove, so nothing of it is left out.
        every = {
            size for size, of in (measured if measure else asked) if of == scheme and (size or not measure)
        }
        where = () if set(few) >= every else tuple(few)
        lines.setdefault((reason, scheme, where), []).append(measure.replace("_", " ") or "everything")
    groups: dict[tuple[str, str, tuple[int, ...]], list[str]] = {}
    for (reason, scheme, where), measures in lines.items():
        groups.setdefault((reason, ", ".join(measures), where), []).append(scheme)
    return [
        f"{measures}: {_schemes(schemes, where, asked)}{_listed(where)}: {reason}"
        for (reason, measures, where), schemes in groups.items()
    ]


def _schemes(names: list[str], sizes: Sequence[int], asked: set[tuple[int, str]]) -> str:
    """Return the names, or that they are all that the run has, with these sizes if there are any."""
    every = {scheme for size, scheme in asked if not sizes or size in sizes}
    return "all schemes" if len(every) > 1 and set(names) == every else ", ".join(names)


def _listed(sizes: Sequence[int]) -> str:
    if not sizes:
        return ""
    numbers = [f"{size:,}" for size in sizes]
    return " with " + " and ".join(filter(None, [", ".join(numbers[:-1]), numbers[-1]])) + " leaves"


def _environment(results: Results) -> str:
    here = results.environment
    short, dash, dirty = here.commit.partition("-")
    commit = f" ({short[:12]}{dash}{dirty})" if short else ""
    state = "" if results.complete else " **The run ended before it was complete.**"
    return (
        f"{here.cpu}, {here.cores} cores, {here.simd}, {size(here.memory)} of memory; {here.system}; "
        f"{here.python}, NumPy {here.numpy}, tallystick {here.tallystick}{commit}; {here.date}; "
        f"load {here.load} before and {here.load_after} after; memory: {here.memory_method}. "
        f"Seed {results.settings.seed}, {results.settings.repeat} repeats at most, "
        f"{results.seconds:.0f} seconds.{state}"
    )


def _promises(results: Results) -> str:
    titles = (
        "binds size",
        "binds scheme",
        "binds index",
        "separates leaves",
        "appendable",
        "leaves are digests",
    )
    rows = []
    for variant in dict.fromkeys(cell.variant for cell in results.cells):
        names = {cell.scheme for cell in results.cells if cell.variant == variant}
        one = next((known for known in results.variants if known.scheme in names), None)
        if one is not None:
            values = (
                one.binds_size,
                one.binds_scheme,
                one.binds_index,
                one.separates_leaves,
                one.appendable,
                one.bare_leaves,
            )
            rows.append([variant, *("yes" if value else "no" for value in values)])
    return _table(["family", *titles], rows) if rows else ""


def _cells_table(cells: Sequence[Cell], found: Found) -> str:
    used = [one for one in COLUMNS if any(_cell(cell, one, found) != MISSING for cell in cells)]
    rows = [[name(cell), *(_cell(cell, one, found) for one in used)] for cell in cells]
    return _table(["scheme", *(one.title for one in used)], rows)


def _cell(cell: Cell, column: _Column, found: Found) -> str:
    counts = [count for one, measure, count in found if one == cell and measure == column.measure]
    return column.show(found[cell, column.measure, max(counts)]) if counts else MISSING


def _counts_table(title: str, cells: Sequence[Cell], found: Found, columns: Sequence[_Column]) -> str:
    rows = []
    for cell in cells:
        counts = sorted({key[2] for key in found if key[0] == cell and key[1] == columns[0].measure})
        for count in counts:
            values = [found.get((cell, one.measure, count)) for one in columns]
            shown = [
                one.show(value) if value else MISSING for one, value in zip(columns, values, strict=True)
            ]
            rows.append([name(cell), f"{count:,}", *shown])
    heads = ["scheme", "leaves proven", *(one.title for one in columns)]
    if columns is not MULTI:
        rows, heads = [[row[0], *row[2:]] for row in rows], [heads[0], *heads[2:]]
    return f"**{title}**\n\n{_table(heads, rows)}" if rows else ""


def _left_out(results: Results) -> str:
    lines = left_out(results)
    return "**Left out**\n\n" + "\n".join(f"- {_plain(line)}" for line in lines) if lines else ""


def _threads(count: int) -> str:
    return "one thread" if count == 1 else f"{count} threads"


def _table(titles: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    lines = [titles, ["---"] * len(titles), *rows]
    return "\n".join("| " + " | ".join(map(_plain, line)) + " |" for line in lines)


def _plain(text: str) -> str:
    """Return ``text`` so that Markdown and templates leave it alone."""
    return text.replace("|", "\\|").replace("\n", " ")
