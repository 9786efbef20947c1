"""Files of reports: where they may go."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from tallystick.cli.liabilities.files import refuse_existing
from tallystick.liabilities import AuditReport, DiffReport


def refuse_reports(paths: Sequence[Path], *, overwrite: bool) -> None:
    """Raise ``click.UsageError`` for a report that has no form, or is there already."""
    for path in paths:
        if path.suffix not in (".html", ".json"):
            raise click.UsageError(f"{path}: a report is .html or .json")
        refuse_existing(path, overwrite=overwrite)


def save_reports(report: AuditReport | DiffReport, paths: Sequence[Path]) -> None:
    """Write ``report`` to each of ``paths``."""
    for path in paths:
        report.save(path)
