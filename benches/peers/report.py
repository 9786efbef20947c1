"""What was measured, as a table, as Markdown and as JSON."""

from __future__ import annotations

import os
import platform
import statistics
import subprocess
from collections.abc import Iterator, Sequence
from importlib import metadata
from pathlib import Path

from contestants import HERE
from running import OPERATIONS, Row

Json = dict[str, object]
Ratio = tuple[float, float, float]


def processor() -> str:
    information = Path("/proc/cpuinfo")
    if information.exists():
        for line in information.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def said(*command: str) -> str:
    try:
        done = subprocess.run(command, cwd=HERE, capture_output=True, encoding="utf-8", check=False)
    except OSError:
        return "not there"
    return done.stdout.strip().splitlines()[0] if done.stdout.strip() else "not known"


def environment() -> Json:
    import tallystick as ts

    return {
        "processor": processor(),
        "cores": os.cpu_count(),
        "load before": round(os.getloadavg()[0], 2),
        "system": f"{platform.system()} {platform.machine()}",
        "kernels": ts.get_simd(),
        "python": platform.python_version(),
        "numpy": metadata.version("numpy"),
        "rustc": said("rustc", "--version"),
        "node": said("node", "--version"),
        "tallystick": ts.__version__,
        "commit": said("git", "rev-parse", "--short=12", "HEAD"),
        "changes beside the commit": said("git", "status", "--porcelain", "-uno") != "not known",
    }


def reference_of(row: Row, rows: Sequence[Row], operation: str) -> Row | None:
    """The first way of tallystick of this shape and size that has the operation."""
    for other in rows:
        same = other.contestant.shape == row.contestant.shape and other.log2 == row.log2
        if same and other.contestant.ours and operation in other.cpu:
            return other
    return None


def ratio(row: Row, rows: Sequence[Row], operation: str) -> Ratio | None:
    """CPU time over the reference's in the same round: median, least, most."""
    reference = reference_of(row, rows, operation)
    if reference is None or operation not in row.cpu:
        return None
    pairs = zip(row.cpu[operation], reference.cpu[operation], strict=False)
    ratios = [mine / max(theirs, 1e-9) for mine, theirs in pairs]
    return statistics.median(ratios), min(ratios), max(ratios)


def as_json(rows: Sequence[Row], settings: Json, machine: Json) -> Json:
    found = []
    for row in rows:
        contestant = row.contestant
        operations: Json = {}
        for operation in OPERATIONS:
            if operation in row.cpu:
                operations[operation] = {
                    "cpu": row.cpu[operation],
                    "wall": row.wall[operation],
                    "ratio": ratio(row, rows, operation),
                }
            else:
                operations[operation] = {"missing": row.missing.get(operation, row.failed or "not measured")}
        found.append({
            "name": contestant.name,
            "version": row.version,
            "language": contestant.language,
            "shape": contestant.shape,
            "ours": contestant.ours,
            "note": contestant.note,
            "log2": row.log2,
            "failed": row.failed,
            "root": row.root,
            "root after appending": row.root_after,
            "root compared": contestant.comparable,
            "peak": row.peak,
            "operations": operations,
        })  # fmt: skip
    return {"machine": machine, "settings": settings, "rows": found}


def short(number: float) -> str:
    """Three digits that count, without an exponent."""
    return f"{number:.0f}" if number >= 100 else f"{number:.3g}"


def table(rows: Sequence[Row], titles: dict[str, str]) -> Iterator[str]:
    """A line for every contestant and operation: seconds, and the ratio to tallystick with its spread."""
    group = None
    for row in rows:
        if group != (group := (row.contestant.shape, row.log2)):
            yield f"\n{row.contestant.shape}, 2^{row.log2} leaves of 32 bytes"
            yield f"{'':40} {'':26} {'CPU s':>9} {'wall s':>9} {'ratio':>7} {'least':>7} {'most':>7}"
        name = f"{row.contestant.name} {row.version}"[:40]
        if row.failed:
            yield f"{name:40} {row.failed}"
            continue
        for operation in OPERATIONS:
            title = titles[operation]
            if operation not in row.cpu:
                yield f"{name:40} {title:26} - {row.missing.get(operation, 'not measured')}"
                continue
            cpu, wall = statistics.median(row.cpu[operation]), statistics.median(row.wall[operation])
            found = ratio(row, rows, operation)
            ratios = [short(each) for each in found] if found else ["-", "-", "-"]
            yield f"{name:40} {title:26} {cpu:>9.5f} {wall:>9.5f} " + " ".join(
                f"{each:>7}" for each in ratios
            )
        yield f"{name:40} {'peak memory':26} {row.peak / 1e6:>9.0f} MB"
