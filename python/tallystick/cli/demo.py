"""``tallystick demo``: two days of an exchange, from its tables to what customers and auditors check."""

from __future__ import annotations

import tempfile
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

from tallystick import liabilities
from tallystick.cli import demodata
from tallystick.cli.demoforgeries import Seen, try_forgeries
from tallystick.cli.demoreport import Story, print_report
from tallystick.cli.failures import Failure
from tallystick.cli.liabilities.audit import audit
from tallystick.cli.liabilities.commit import Terms, commit_holdings
from tallystick.cli.liabilities.export import export
from tallystick.cli.liabilities.holdings import Columns, Holdings
from tallystick.cli.liabilities.keys import key_file, signing_extra
from tallystick.cli.liabilities.summary import totals
from tallystick.cli.output import emit, json_option, write_file
from tallystick.cli.progress import Progress, shown_progress
from tallystick.liabilities import Ed25519Signer, Receipt, Snapshot, Statement
from tallystick.liabilities._pages.amounts import major

ORIGIN = "exchange.example"
DAYS = ("2026-01-01", "2026-01-02")
NOON = 1_767_268_800  # of the first day
CUSTOMER = "customer-000001"
# Customers who verify, if there are as many.
VERIFIED = 1_000


@click.command()
@click.option(
    "--customers",
    type=click.IntRange(min=100),
    default=100_000,
    show_default=True,
    help="Customers of the exchange.",
)
@click.option(
    "--dir",
    "directory",
    type=click.Path(path_type=Path),
    help="Work here.  [default: a new temporary directory]",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Of the tables; keys are random."
)
@json_option
def command(*, customers: int, directory: Path | None, seed: int, as_json: bool) -> None:
    """Run two days of an exchange that proves what it owes.

    Commits to made-up balances, signs the totals, exports all receipts; customers verify, forgeries are
    refused; the next day follows, the days are compared, a second truth is caught, an audit ends it. The
    files stay in a directory that is named at the end.
    """
    with signing_extra():
        signer = Ed25519Signer.generate(ORIGIN)
    place = _workplace(directory)
    with shown_progress() as progress:
        story = Play(place, customers, seed, signer, progress).play()
    if as_json:
        emit(True, _members(story), ())
    else:
        print_report(story)


@dataclass(frozen=True, slots=True)
class Day:
    """What the exchange has of one day."""

    table: Path
    folder: Path
    snapshot: Snapshot
    statement: Statement

    def holdings(self) -> Holdings:
        """Return the table, to be read again."""
        return _holdings(self.table)


class Play:
    """The demonstration in one directory; :meth:`play` runs it."""

    def __init__(
        self, place: Path, customers: int, seed: int, signer: Ed25519Signer, progress: Progress
    ) -> None:
        self.place, self.customers, self.seed = place, customers, seed
        self.signer, self.progress = signer, progress
        self.story = Story(customers, place)

    def play(self) -> Story:
        """Run all of it; ``Failure`` if a forgery passes, and what the steps raise."""
        # So that no step has it in its time.
        import pyarrow.parquet  # noqa: F401

        write_file(self.place / "signing.key", key_file(self.signer, None), overwrite=False)
        public = f"{self.signer.verifier.to_text()}\n".encode()
        write_file(self.place / "signing.key.pub", public, overwrite=False, public=True)
        first = self._day(1, None)
        self.story.totals = totals(first.statement)
        self._receipts(first)
        second = self._day(2, first)
        self._forgeries(first, second)
        self._days(first, second)
        self._equivocation(second, first)
        self._audit(second)
        return self.story

    def _day(self, number: int, earlier: Day | None) -> Day:
        table, folder = self.place / f"day-{number}.parquet", self.place / f"day-{number}"
        with self.story.step(f"make the table of day {number}", self.customers, "customers"):
            stage = self.progress.stage("Making the table", "customers")
            if earlier is None:
                demodata.write_table(table, self.customers, self.seed, stage)
            else:
                demodata.write_next_day(table, earlier.table, self.seed, stage)
        terms = _terms(number, None if earlier is None else earlier.statement)
        with self.story.step(f"commit to day {number}, and sign", self.customers, "customers"):
            snapshot, statement = commit_holdings(
                _holdings(table),
                folder,
                terms,
                folder.with_suffix(".note"),
                self.signer,
                progress=self.progress,
            )
        return Day(table, folder, snapshot, statement)

    def _receipts(self, day: Day) -> None:
        """Export all receipts; then customers verify theirs, with what is public and their own balances."""
        folder = self.place / "receipts"
        with self.story.step("export all receipts", self.customers, "customers"):
            export(day.snapshot, folder, None, progress=self.progress)
        expected = _sample(day.table, self.customers, self.seed)
        note = day.folder.with_suffix(".note").read_bytes()
        with liabilities.open_receipts(folder) as receipts:
            given = {user_id: receipts.encoded(user_id) for user_id in expected}
            write_file(self.place / f"{CUSTOMER}.receipt", given[CUSTOMER], overwrite=False)
            with self.story.step("verify receipts, as customers", len(given), "receipts"):
                statement = Statement.from_note(note)
                statement.verify_signature(self.signer.verifier)
                proven = {
                    user_id: statement.verify(Receipt.from_bytes(data), user_id, expected[user_id])
                    for user_id, data in given.items()
                }
        self.story.receipt_bytes = len(given[CUSTOMER])
        self.story.proven = {
            code: major(amount, demodata.DECIMALS[code]) for code, amount in proven[CUSTOMER].items()
        }

    def _forgeries(self, first: Day, second: Day) -> None:
        receipts = (first.snapshot.receipt(CUSTOMER), second.snapshot.receipt(CUSTOMER))
        seen = Seen(
            self.signer.verifier, first.statement, second.statement, *receipts, CUSTOMER, demodata.FIRST
        )
        with self.story.step("refuse forgeries", 1, "forgeries"):
            self.story.refused = try_forgeries(seen)

    def _days(self, first: Day, second: Day) -> None:
        with self.story.step("check the chain of statements", 1, "chains"):
            liabilities.verify_chain([first.statement, second.statement], verifier=self.signer.verifier)
        with self.story.step("compare the days", self.customers, "customers"):
            self.progress.stage("Comparing", "customers")
            changes = liabilities.diff(first.snapshot, second.snapshot)
            changes.save(self.place / "changes.html")
        self.story.changes = (
            f"From day 1 to day 2: {changes.added:,} customers came, {changes.gone:,} left; see changes.html."
        )

    def _equivocation(self, day: Day, earlier: Day) -> None:
        """Sign another statement for the same day, in which the largest balances are missing; catch it."""
        from pyarrow import parquet

        table = parquet.read_table(day.table)
        richest = int(np.argmax(table.column("BTC").to_numpy()))
        fewer = table.take(np.delete(np.arange(table.num_rows), richest))
        with self.story.step("catch a second truth", 1, "times"):
            other = liabilities.commit(
                fewer,
                id=demodata.KEY_COLUMN,
                assets=demodata.DECIMALS,
                origin=ORIGIN,
                snapshot_id=day.statement.snapshot_id,
                previous=earlier.statement,
            ).statement.sign(self.signer)
            record = liabilities.equivocation(day.statement, other)
            if record is None:
                raise Failure("two statements of one day do not clash")
            clash = record.verify(self.signer.verifier)
        write_file(self.place / "equivocation.bin", record.to_bytes(), overwrite=False, public=True)
        self.story.equivocation = (
            "A second statement for day 2, without the customer who holds the most BTC, was caught: both are "
            f"signed, with the same {clash}; see equivocation.bin."
        )

    def _audit(self, day: Day) -> None:
        with self.story.step("audit day 2, with the table", day.snapshot.customers, "customers"):
            report = audit(day.folder, day.statement, day.holdings(), progress=self.progress)
            for suffix in ("html", "json"):
                report.save(self.place / f"audit.{suffix}")
        report.check()
        leaves = sum(asset.leaves or 0 for asset in report.assets)
        self.story.audited = f"The audit made {leaves:,} leaves and all sums again: no fault; see audit.html."


def _terms(number: int, previous: Statement | None) -> Terms:
    moment = NOON + (number - 1) * 86_400
    return Terms(ORIGIN, DAYS[number - 1], demodata.DECIMALS, previous, moment)


def _holdings(table: Path) -> Holdings:
    return Holdings([table], Columns(demodata.KEY_COLUMN, "minor"), list(demodata.ASSETS), None)


def _sample(table: Path, rows: int, seed: int) -> dict[str, dict[str, int]]:
    """Return what some customers know of themselves, the first of all among them: their balances by id."""
    from pyarrow import parquet

    chosen = np.random.default_rng(seed).choice(rows - 1, min(VERIFIED, rows) - 1, replace=False) + 1
    picked = parquet.read_table(table).take(np.concatenate([[0], np.sort(chosen)])).to_pylist()
    known = {row.pop(demodata.KEY_COLUMN): row for row in picked}
    # Who holds nothing has no receipt.
    return {user_id: balances for user_id, balances in known.items() if any(balances.values())}


def _workplace(directory: Path | None) -> Path:
    if directory is None:
        return Path(tempfile.mkdtemp(prefix="tallystick-demo-"))
    if directory.exists() and (not directory.is_dir() or any(directory.iterdir())):
        raise click.UsageError(f"{directory} exists and is not an empty directory")
    directory.mkdir(exist_ok=True)
    return directory


def _members(story: Story) -> dict[str, Any]:
    return {
        "customers": str(story.customers),
        "assets": len(demodata.ASSETS),
        "directory": str(story.directory),
        "steps": [asdict(step) | {"count": str(step.count)} for step in story.steps],
        "receipt_bytes": str(story.receipt_bytes),
        "proven": story.proven,
        "refused": [asdict(one) for one in story.refused],
        "files": {
            path.name: str(path.stat().st_size)
            for path in sorted(story.directory.iterdir())
            if path.is_file()
        },
    }
