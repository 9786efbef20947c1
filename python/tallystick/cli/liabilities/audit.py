"""``tallystick liabilities audit``: a snapshot made again by other code, and compared byte by byte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from tallystick import liabilities
from tallystick.cli.failures import ExitCode, Failure
from tallystick.cli.liabilities.files import open_snapshot, read_statement
from tallystick.cli.liabilities.holdings import Columns, Holdings
from tallystick.cli.liabilities.keys import read_verifier, signing_extra
from tallystick.cli.liabilities.options import PATH, column_options, key_option
from tallystick.cli.liabilities.reports import refuse_reports, save_reports
from tallystick.cli.output import aligned, emit, json_option
from tallystick.cli.progress import Progress, shown_progress
from tallystick.liabilities import AuditReport, Statement
from tallystick.liabilities._pages.amounts import major

_TABLE_ONLY = ("unit", "asset_column", "amount_column", "group", "table_format")


class AuditFailed(Failure):
    """The audit was done, and something is wrong with the snapshot."""

    code = ExitCode.REFUSED


@click.command()
@click.argument("directory", metavar="DIR", type=PATH)
@click.argument("statement", type=PATH)
@key_option
@click.option(
    "--table",
    "tables",
    multiple=True,
    type=PATH,
    help="Your own extract of all balances, to compare with; may be several. Needs --id-column, --unit.",
)
@column_options(required=False)
@click.option(
    "-o",
    "--report",
    "reports",
    multiple=True,
    type=PATH,
    help="Write the report: .html, a page to read, or .json. May be given twice.",
)
@click.option("--overwrite", is_flag=True, help="Replace reports that exist.")
@json_option
def command(
    *,
    directory: Path,
    statement: Path,
    key: str | None,
    tables: tuple[Path, ...],
    reports: tuple[Path, ...],
    overwrite: bool,
    as_json: bool,
    **options: Any,
) -> None:
    """Audit the snapshot in DIR against the published STATEMENT.

    Every leaf and node is made again and compared with the files; ids must be unique, totals right. With
    --table, customers and holdings are compared one by one with balances from elsewhere.

    Exit code 1 means that something is wrong: it is in the reports. What is erased is counted apart.
    """
    columns = _columns(tables, options)
    refuse_reports(reports, overwrite=overwrite)
    published = read_statement(statement)
    if not directory.is_dir():
        open_snapshot(directory)
    if key is not None:
        with signing_extra():
            published.verify_signature(read_verifier(key))
    holdings = None
    if columns is not None:
        codes = list(dict.fromkeys(code for code, _ in published.groups))
        holdings = Holdings(tables, columns, codes, options["table_format"])
    with shown_progress() as progress:
        report = audit(directory, published, holdings, progress=progress)
    save_reports(report, reports)
    if not report.ok:
        raise AuditFailed(
            _told(report, reports),
            findings={kind.name: str(count) for kind, count in report.counts.items()},
            reports=[str(path) for path in reports],
        )
    emit(as_json, _members(report, reports, key), _lines(report, reports, key))


def audit(
    directory: Path, statement: Statement, holdings: Holdings | None, *, progress: Progress
) -> AuditReport:
    """Audit the snapshot in ``directory``, perhaps with ``holdings``; what is wrong is in the report."""
    if holdings is None:
        progress.stage("Auditing", "leaves")
        return liabilities.audit(directory, statement)
    holdings.afterwards = "Auditing"
    with holdings.explained():
        return liabilities.audit(
            directory, statement, table=holdings.stream(progress), **holdings.columns.arguments()
        )


def _columns(tables: tuple[Path, ...], options: dict[str, Any]) -> Columns | None:
    if not tables:
        if options["id_column"] or any(options[name] for name in _TABLE_ONLY):
            raise click.UsageError("columns are of a --table, and there is none")
        return None
    if not options["id_column"] or not options["unit"]:
        raise click.UsageError("a --table needs --id-column and --unit")
    return Columns(
        options["id_column"],
        options["unit"],
        options["asset_column"],
        options["amount_column"],
        options["group"],
        options["nulls"],
    )


def _told(report: AuditReport, reports: tuple[Path, ...]) -> str:
    count = sum(report.counts.values())
    kinds = ", ".join(f"{kind.name} {number:,}" for kind, number in report.counts.items())
    where = f"; see {', '.join(map(str, reports))}" if reports else ""
    return (
        f"the audit found {count:,} fault{'s' * (count > 1)} ({kinds}): {report.findings[0].message}{where}"
    )


def _members(report: AuditReport, reports: tuple[Path, ...], key: str | None) -> dict[str, Any]:
    return {
        "ok": report.ok,
        "customers": str(report.customers),
        "erased": str(report.erased),
        "idle": str(report.idle),
        "leaves": str(sum(asset.leaves or 0 for asset in report.assets)),
        "nodes": str(sum(asset.nodes or 0 for asset in report.assets)),
        "table": None
        if report.table is None
        else {name: str(getattr(report.table, name)) for name in ("customers", "holdings", "equal")},
        "signature_checked": key is not None,
        "reports": [str(path) for path in reports],
        "seconds": round(report.seconds, 3),
    }


def _lines(report: AuditReport, reports: tuple[Path, ...], key: str | None) -> list[str]:
    rows = [("asset", "group", "leaves", "erased", "total")]
    for asset in report.assets:
        total = "" if asset.total is None else major(asset.total, asset.decimals)
        erased = f"{asset.erased_leaves or 0:,}"
        rows.append((asset.code, asset.group or "-", f"{asset.leaves or 0:,}", erased, total))
    told = [
        f"nothing is wrong with {report.snapshot_id} of {report.origin}: {report.customers:,} customers, "
        f"{report.seconds:.2f} s",
        *aligned(rows, right={2, 3, 4}),
    ]
    if report.table is not None:
        told.append(f"equal to the table in all {report.table.equal:,} holdings")
    if key is None:
        told.append("the signature was not checked: --key takes the operator's public key")
    return told + [f"wrote {path}" for path in reports]
