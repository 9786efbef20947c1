"""Draws what run.py wrote: `python benches/peers/plot.py FILE.json [--into docs/benchmarks]`.

Writes build.svg, prove.svg and verify.svg, logarithmic, and table.md. Needs matplotlib.
"""

from __future__ import annotations

import argparse
import json
import statistics
from pathlib import Path
from typing import Any

import matplotlib as mpl
from report import short

mpl.use("svg")

import matplotlib.pyplot as plt

CHARTS = ("build", "prove", "verify")
COLUMNS = ("build", "prove", "verify", "multi", "verify_multi", "append", "append_again")
OURS, OTHERS = "#1f6f8b", "#b0b0b0"
#: The same bytes for the same figures.
SETTINGS = {"svg.hashsalt": "tallystick", "svg.fonttype": "none", "font.size": 9, "font.family": "sans-serif"}

Row = dict[str, Any]


def label(row: Row) -> str:
    return f"{row['name']} {row['version']}".strip() if not row["ours"] else str(row["name"])


def shapes(rows: list[Row]) -> list[tuple[str, int]]:
    return list(dict.fromkeys((row["shape"], row["log2"]) for row in rows))


def chart(rows: list[Row], operation: str, title: str, path: Path) -> None:
    """A panel for each shape and size, a bar a contestant, a line from the fastest to the slowest round."""
    groups = shapes(rows)
    panels = []
    for group in groups:
        here = [row for row in rows if (row["shape"], row["log2"]) == group]
        panels.append([row for row in here if "cpu" in row["operations"][operation]])
    heights = [len(panel) + 0.9 for panel in panels]
    figure, axes = plt.subplots(
        len(panels), 1, figsize=(7.6, 0.34 * sum(heights) + 0.9), squeeze=False, height_ratios=heights,
        layout="constrained", sharex=True,
    )  # fmt: skip
    for (shape, log2), panel, (axis,) in zip(groups, panels, axes, strict=True):
        places = range(len(panel))
        times = [row["operations"][operation]["cpu"] for row in panel]
        middle = [statistics.median(each) for each in times]
        reach = [[m - min(t) for m, t in zip(middle, times, strict=True)],
                 [max(t) - m for m, t in zip(middle, times, strict=True)]]  # fmt: skip
        axis.barh(
            places, middle, xerr=reach, color=[OURS if row["ours"] else OTHERS for row in panel],
            error_kw={"elinewidth": 0.8, "ecolor": "#404040"},
        )  # fmt: skip
        axis.set_yticks(places, [label(row) for row in panel])
        axis.invert_yaxis()
        axis.set_xscale("log")
        for place, row, most in zip(places, panel, times, strict=True):
            found = row["operations"][operation]["ratio"]
            axis.text(max(most) * 1.15, place, short(found[0]) if found else "", va="center", fontsize=8)
        axis.set_title(f"{shape}, 2^{log2} leaves", fontsize=9, loc="left")
        axis.spines[["top", "right"]].set_visible(False)
    seconds = [each for panel in panels for row in panel for each in row["operations"][operation]["cpu"]]
    axes[-1][0].set_xlim(min(seconds) / 2, max(seconds) * 6)
    axes[-1][0].set_xlabel("CPU seconds, one thread, logarithmic; the number is the ratio to tallystick")
    figure.suptitle(title, fontsize=11)
    figure.savefig(path, metadata={"Date": None, "Creator": "benches/peers/plot.py"})
    plt.close(figure)


def cell(operation: dict[str, Any]) -> str:
    if "missing" in operation:
        return "-"
    seconds = f"{short(statistics.median(operation['cpu']) * 1e3)} ms"
    if not operation["ratio"]:
        return seconds
    middle, least, most = (short(each) for each in operation["ratio"])
    spread = "" if least == most else f" ({least} to {most})"
    return f"{seconds}, **{middle}**{spread}"


def markdown(found: dict[str, Any]) -> str:
    titles, rows = found["settings"]["titles"], found["rows"]
    lines = []
    for shape, log2 in shapes(rows):
        lines += [f"**{shape}, 2^{log2} leaves of 32 bytes**", ""]
        lines.append("| | " + " | ".join(titles[name] for name in COLUMNS) + " | peak MB |")
        lines.append("|---" * (len(COLUMNS) + 2) + "|")
        remarks = []
        for row in rows:
            if (row["shape"], row["log2"]) != (shape, log2):
                continue
            if row["failed"]:
                lines.append(f"| {label(row)} | {row['failed']} |" + " |" * len(COLUMNS))
                continue
            cells = [cell(row["operations"][name]) for name in COLUMNS]
            lines.append(f"| {label(row)} | " + " | ".join(cells) + f" | {row['peak'] / 1e6:.0f} |")
            missing = dict.fromkeys(
                operation["missing"] for operation in row["operations"].values() if "missing" in operation
            )
            said = "; ".join([*([row["note"]] if row["note"] else []), *missing])
            remarks += [f"- {row['name']}: {said}."] if said else []
        lines += ["", *remarks, ""]
    machine = ", ".join(f"{name} {value}" for name, value in found["machine"].items())
    rounds = found["settings"]["rounds"]
    lines += [f"{rounds} rounds. Machine: {machine}.", ""]
    return "\n".join(lines)


def main() -> None:
    parser = argparse.ArgumentParser(description="Draw the figures of run.py.")
    parser.add_argument("figures", type=Path, metavar="FILE")
    parser.add_argument("--into", type=Path, default=Path("docs/benchmarks"), metavar="FOLDER")
    arguments = parser.parse_args()
    found = json.loads(arguments.figures.read_text(encoding="utf-8"))
    arguments.into.mkdir(parents=True, exist_ok=True)
    with plt.rc_context(SETTINGS):
        for operation in CHARTS:
            title = found["settings"]["titles"][operation]
            chart(found["rows"], operation, title, arguments.into / f"{operation}.svg")
    (arguments.into / "table.md").write_text(markdown(found), encoding="utf-8")


if __name__ == "__main__":
    main()
