"""``tallystick bench``: schemes, hashes, sizes and threads side by side; tables, CSV, JSON and plots."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tallystick.cli.failures import BadData
from tallystick.cli.output import write_file
from tallystick.cli.progress import shown_progress
from tallystick.errors import DecodeError

if TYPE_CHECKING:
    from tallystick.research import Bench, Case, Results, Settings

FOLDER = Path("tallystick-bench")
# A terminal of fewer columns shows these alone; the files have all.
WIDE = 200
NARROW = ("scheme", "leaves", "threads", "build", "prove", "verify", "proof bytes", "hash calls")
# Commas between names, not those between the parameters of one.
_BETWEEN = re.compile(r",(?![^(]*\))")
_SIZE = re.compile(r"(?:2\^(?P<exponent>[0-9]{1,2})|(?P<number>[0-9_]{1,20}))")
Parsed = Callable[[click.Context, click.Parameter, str | None], Any]


def _names(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[str, ...] | None:
    del ctx, param
    if value is None:
        return None
    return tuple(filter(None, (name.strip() for name in _BETWEEN.split(value))))


def _numbers(ctx: click.Context, param: click.Parameter, value: str | None) -> tuple[int, ...] | None:
    names = _names(ctx, param, value)
    return None if names is None else tuple(map(_number, names))


def _number(text: str) -> int:
    match = _SIZE.fullmatch(text)
    if match is None:
        raise click.BadParameter(f"{text!r} is not a number such as 4096 or 2^12")
    try:
        return 2 ** int(match["exponent"]) if match["exponent"] else int(match["number"])
    except ValueError:
        raise click.BadParameter(f"{text!r} is not a number such as 4096 or 2^12") from None


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where results go: a file each, and a folder for plots; what is None is not written."""

    json: Path | None
    csv: Path | None
    tables: Path | None
    plots: Path | None

    @property
    def to_stdout(self) -> bool:
        """Whether the JSON is what is printed."""
        return self.json == Path("-")

    def files(self) -> list[Path]:
        """Return what may be written."""
        from tallystick.research import CHARTS

        plots = self.plots
        drawn = (
            [] if plots is None else [plots / f"{name}.{form}" for name in CHARTS for form in ("svg", "png")]
        )
        named = [path for path in (self.json, self.csv, self.tables) if path not in (None, Path("-"))]
        return [*filter(None, named), *drawn]

    def prepare(self, *, overwrite: bool) -> None:
        """Make the folders; ``click.UsageError`` if a file is there already, before anything is measured."""
        for path in self.files():
            if not overwrite and (path.exists() or path.is_symlink()):
                raise click.UsageError(f"{path} exists; --overwrite replaces it")
        for path in self.files():
            path.parent.mkdir(parents=True, exist_ok=True)


@click.command()
@click.option(
    "--laptop", "preset", flag_value="laptop", help="All families, in less than five minutes.  [default]"
)
@click.option("--quick", "preset", flag_value="quick", help="All families, small trees, in some seconds.")
@click.option(
    "--schemes",
    callback=_names,
    metavar="NAMES",
    help="Families or full names, between commas: rfc6962,native/blake3.",
)
@click.option(
    "--hashes",
    callback=_names,
    metavar="NAMES",
    help="Each family with each of these.  [default: a family's own]",
)
@click.option(
    "--sizes", callback=_numbers, metavar="NUMBERS", help="Leaves: 1000,2^12.  [default: 64,4096,100000,2^18]"
)
@click.option("--threads", callback=_numbers, metavar="NUMBERS", help="Threads.  [default: 1]")
@click.option(
    "--proofs",
    callback=_names,
    metavar="KINDS",
    help="Of single,batch,multi,growth,namespace.  [default: all]",
)
@click.option("--counts", callback=_names, metavar="COUNTS", help="Leaves of a multi-proof: 10,1000,50%.")
@click.option(
    "--leaf-bytes",
    type=click.IntRange(1, 1 << 20),
    metavar="N",
    help="Length of a leaf that is no digest.  [default: 32]",
)
@click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), metavar="N", help="Of leaves and indices.  [default: 1]"
)
@click.option(
    "--repeat",
    type=click.IntRange(min=1),
    metavar="N",
    help="Samples of each time, at most.  [default: 15; --quick 3]",
)
@click.option(
    "--budget", type=click.FloatRange(min=0), metavar="SECONDS", help="Begin no further tree after so long."
)
@click.option(
    "--memory/--no-memory",
    default=True,
    help="Build each tree once more, in a process of its own.  [default: yes]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help=f"Write all of the following there.  [default: {FOLDER}]",
)
@click.option(
    "--json",
    "json_file",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Everything, to be read again; - prints it, and no table.",
)
@click.option(
    "--csv", "csv_file", type=click.Path(path_type=Path), metavar="FILE", help="One line for each figure."
)
@click.option("--tables", type=click.Path(path_type=Path), metavar="FILE", help="Tables in Markdown.")
@click.option(
    "--plots",
    type=click.Path(path_type=Path),
    metavar="DIR",
    help="Plots, SVG and PNG; needs the extra plots.",
)
@click.option(
    "--from",
    "source",
    type=click.Path(path_type=Path),
    metavar="FILE",
    help="Measure nothing: read the JSON of an earlier run.",
)
@click.option("--overwrite", is_flag=True, help="Replace files that exist.")
def command(
    *,
    preset: str | None,
    output: Path | None,
    json_file: Path | None,
    csv_file: Path | None,
    tables: Path | None,
    plots: Path | None,
    source: Path | None,
    overwrite: bool,
    **options: Any,
) -> None:
    """Compare tree variants: times, bytes of proofs, peak memory, hash calls.

    Builds trees of every scheme, size and number of threads that is asked for, does everything with them that
    they can do, and says what they cannot. Interrupted, it writes what it has. Without any of the options
    from --schemes to --threads the grid is that of --laptop. A family may have parameters, in which {size}
    and {depth} stand for the number of leaves and of levels: ssz_vector({size}).
    """
    for option, path in (("--csv", csv_file), ("--tables", tables)):
        if path == Path("-"):
            raise click.UsageError(f"{option} names a file; only --json - prints")
    outputs = _outputs(output, json_file, csv_file, tables, plots)
    if source is not None:
        if preset or any(value is not None for name, value in options.items() if name != "memory"):
            raise click.UsageError("--from measures nothing, so nothing can be said about measuring")
        results = _read(source)
        outputs.prepare(overwrite=overwrite)
        _finish(results, outputs, overwrite=overwrite)
        return
    bench = _bench(preset or "laptop", options)
    outputs.prepare(overwrite=overwrite)
    try:
        with shown_progress() as progress:
            stage = progress.stage("Measuring", "trees")
            bench.run(lambda done, cells, _: stage.update(done, done / max(cells, 1)))
    except BaseException:
        # Whatever ended it: minutes of figures are worth more than a clean exit.
        _finish(bench.results, outputs, overwrite=overwrite)
        raise
    _finish(bench.results, outputs, overwrite=overwrite)


def _outputs(
    output: Path | None,
    json_file: Path | None,
    csv_file: Path | None,
    tables: Path | None,
    plots: Path | None,
) -> Outputs:
    named = Outputs(json_file, csv_file, tables, plots)
    if plots is not None:
        _need_plots()
    if output is None and (json_file or csv_file or tables or plots):
        return named
    folder = output or FOLDER
    everything = Outputs(
        json_file or folder / "results.json",
        csv_file or folder / "results.csv",
        tables or folder / "tables.md",
        plots or (folder if _can_plot() else None),
    )
    return everything


def _can_plot() -> bool:
    from tallystick.research.plots import require_matplotlib

    try:
        require_matplotlib()
    except ImportError:
        return False
    return True


def _need_plots() -> None:
    from tallystick.research.plots import require_matplotlib

    try:
        require_matplotlib()
    except ImportError as error:
        raise click.UsageError(str(error)) from None


def _bench(preset: str, options: dict[str, Any]) -> Bench:
    from tallystick import research

    chosen = {name: options.pop(name) for name in ("schemes", "hashes", "sizes", "threads")}
    try:
        cases, settings = {"laptop": research.laptop, "quick": research.quick}[preset]()
        if any(value is not None for value in chosen.values()):
            cases = _cases(cases, **chosen)
        given = {name: value for name, value in options.items() if value is not None}
        return research.Bench(cases, _settings(settings, given))
    except ValueError as error:
        raise click.UsageError(str(error)) from None


def _settings(settings: Settings, given: dict[str, Any]) -> Settings:
    return replace(settings, **given)


def _cases(
    preset: tuple[Case, ...],
    schemes: tuple[str, ...] | None,
    hashes: tuple[str, ...] | None,
    sizes: tuple[int, ...] | None,
    threads: tuple[int, ...] | None,
) -> tuple[Case, ...]:
    """Return the grid of what is given, with what the preset has for the rest."""
    from tallystick import research

    own = dict.fromkeys(case.variant for case in preset)
    return research.grid(
        tuple(own) if schemes is None else schemes,
        hashes=hashes or (),
        sizes=tuple(dict.fromkeys(case.size for case in preset)) if sizes is None else sizes,
        threads=threads or (1,),
    )


def _read(path: Path) -> Results:
    from tallystick import research

    try:
        return research.from_json(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise BadData(f"{path}: results of a bench are UTF-8", file=str(path)) from None
    except DecodeError as error:
        raise BadData(f"{path}: {error}", file=str(path)) from None


def _finish(results: Results, outputs: Outputs, *, overwrite: bool) -> None:
    """Write everything, then print the table, or with ``--json -`` the JSON alone."""
    from tallystick import research

    texts = (
        (outputs.json, research.to_json),
        (outputs.csv, research.to_csv),
        (outputs.tables, research.to_markdown),
    )
    written: list[Path] = []
    for path, text in texts:
        if path is not None and path != Path("-"):
            write_file(path, text(results).encode(), overwrite=overwrite, public=True)
            written.append(path)
    if outputs.plots is not None:
        written += research.plot(results, outputs.plots)
    if outputs.to_stdout:
        click.echo(research.to_json(results), nl=False)
        return
    _print(results, written, plotted=outputs.plots is not None)


def _print(results: Results, written: list[Path], *, plotted: bool) -> None:
    from rich.console import Console
    from rich.table import Table

    from tallystick.research.tables import left_out, main_rows

    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        # A file has no right margin.
        console.width = 240
    titles, rows = main_rows(results)
    shown = [place for place, title in enumerate(titles) if console.width >= WIDE or title in NARROW]
    table = Table()
    for place in shown:
        table.add_column(titles[place], justify="left" if place == 0 else "right", overflow="fold")
    for row in rows:
        table.add_row(*(row[place] for place in shown))
    with contextlib.suppress(BrokenPipeError):
        console.print(table)
    for line in left_out(results):
        click.echo(f"left out: {line}")
    if not results.complete:
        click.echo(
            f"Not complete: {len(results.cells)} trees were measured, and this is what there is of them."
        )
    if not plotted:
        click.echo("No plots: they need the extra plots, and --plots or a folder to write to.")
    for path in written:
        click.echo(f"wrote {path}")
