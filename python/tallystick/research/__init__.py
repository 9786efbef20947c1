"""Measuring tree variants side by side: a grid of schemes, hashes, sizes and threads, one run, one file.

What a scheme can do is measured; what it cannot is listed with the reason. Times depend on the machine, which
is recorded; bytes and hash calls do not. ``tallystick bench`` is the same from the command line.

>>> from tallystick import research
>>> cases = research.grid(["native", "rfc6962"], hashes=["sha256"], sizes=[64, 1000])
>>> results = research.Bench(cases, repeat=1, memory=False).run()
>>> [(figure.cell.variant, figure.median) for figure in results.select("calls_build")]
[('native', 129.0), ('native', 2001.0), ('rfc6962', 127.0), ('rfc6962', 1999.0)]
>>> research.from_json(research.to_json(results)) == results
True
"""

from tallystick.research.bench import Bench
from tallystick.research.counts import HashCalls
from tallystick.research.formats import CSV_COLUMNS, from_csv, from_json, to_csv, to_json
from tallystick.research.grid import Case, grid, laptop, quick
from tallystick.research.plots import CHARTS, plot
from tallystick.research.results import (
    MEASURES,
    Cell,
    Environment,
    Figure,
    Omission,
    Results,
    Settings,
    Variant,
)
from tallystick.research.tables import to_markdown

__all__ = [
    "CHARTS",
    "CSV_COLUMNS",
    "MEASURES",
    "Bench",
    "Case",
    "Cell",
    "Environment",
    "Figure",
    "HashCalls",
    "Omission",
    "Results",
    "Settings",
    "Variant",
    "from_csv",
    "from_json",
    "grid",
    "laptop",
    "plot",
    "quick",
    "to_csv",
    "to_json",
    "to_markdown",
]
