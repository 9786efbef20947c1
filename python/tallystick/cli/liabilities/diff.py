"""``tallystick liabilities diff``: what changed between two snapshots."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tallystick import liabilities
from tallystick.cli.liabilities.files import open_snapshot
from tallystick.cli.liabilities.options import PATH
from tallystick.cli.liabilities.reports import refuse_reports, save_reports
from tallystick.cli.output import aligned, emit, json_option
from tallystick.cli.progress import shown_progress
from tallystick.liabilities import AssetDiff, DiffReport
from tallystick.liabilities._pages.amounts import major

_COUNTS = ("added", "gone", "more", "less", "same")


@click.command()
@click.argument("old", type=PATH)
@click.argument("new", type=PATH)
@click.option(
    "--keep",
    type=click.IntRange(min=0),
    default=100,
    show_default=True,
    help="Largest changes of each asset that the reports list.",
)
@click.option(
    "-o",
    "--report",
    "reports",
    multiple=True,
    type=PATH,
    help="Write the report: .html or .json. May be twice.",
)
@click.option("--overwrite", is_flag=True, help="Replace reports that exist.")
@json_option
def command(
    *, old: Path, new: Path, keep: int, reports: tuple[Path, ...], overwrite: bool, as_json: bool
) -> None:
    """Compare the snapshots in the directories OLD and NEW: who came and went, and the totals.

    Customers are counted by whether they hold an asset: only after (added), only before (gone), more, less,
    the same. Nothing is audited.
    """
    refuse_reports(reports, overwrite=overwrite)
    before, after = open_snapshot(old), open_snapshot(new)
    with shown_progress() as progress:
        progress.stage("Comparing", "customers")
        report = liabilities.diff(before, after, keep=keep)
    save_reports(report, reports)
    emit(as_json, _members(report, reports), [*lines(report), *(f"wrote {path}" for path in reports)])


def lines(report: DiffReport) -> list[str]:
    """Return what changed for people."""
    rows: list[tuple[str, ...]] = [("asset", "group", *_COUNTS, "change of total")]
    for asset in report.assets:
        counts = (f"{getattr(asset, name).holdings:,}" for name in _COUNTS)
        rows.append((asset.code, asset.group or "-", *counts, _change(asset)))
    return [
        f"{report.old.snapshot_id} to {report.new.snapshot_id}: {report.added:,} customers more, "
        f"{report.gone:,} less, {report.common:,} in both",
        *aligned(rows, right=range(2, 8)),
    ]


def _change(asset: AssetDiff) -> str:
    if asset.is_new or asset.is_gone:
        return "new" if asset.is_new else "not listed"
    if asset.old_decimals != asset.new_decimals:
        return "other decimals"
    change = asset.new_total - asset.old_total
    return f"{'-' if change < 0 else '+' if change else ''}{major(abs(change), asset.decimals)}"


def _members(report: DiffReport, reports: tuple[Path, ...]) -> dict[str, Any]:
    return {
        "customers": {name: str(getattr(report, name)) for name in ("added", "gone", "common")},
        "assets": [
            {
                "code": asset.code,
                "group": asset.group,
                "decimals": asset.decimals,
                "old_total": str(asset.old_total),
                "new_total": str(asset.new_total),
                **{
                    name: {"holdings": str(count.holdings), "sum": str(count.sum)}
                    for name in _COUNTS
                    for count in (getattr(asset, name),)
                },
            }
            for asset in report.assets
        ],
        "reports": [str(path) for path in reports],
        "seconds": round(report.seconds, 3),
    }
