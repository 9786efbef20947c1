"""``tallystick liabilities commit``: a table of holdings becomes a snapshot and its statement."""

from __future__ import annotations

import datetime
import re
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

import tallystick as ts
from tallystick import liabilities
from tallystick.cli.liabilities.files import encoded, read_statement, refuse_existing
from tallystick.cli.liabilities.holdings import Columns, Holdings
from tallystick.cli.liabilities.keys import read_secret, read_signer
from tallystick.cli.liabilities.options import PATH, column_options, decimals_of, numbers, pairs
from tallystick.cli.liabilities.summary import members, totals
from tallystick.cli.output import emit, json_option, write_file
from tallystick.cli.progress import Progress, shown_progress
from tallystick.errors import ChainError
from tallystick.liabilities import Ed25519Signer, Snapshot, Statement

_SECRET_KEPT = (
    "while the secret exists, salts can be made again from ids: nobody is erased before it is destroyed"
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a snapshot is made of, beside the table."""

    origin: str
    snapshot_id: str
    assets: Mapping[str, int]
    previous: Statement | None = None
    time: int | None = None
    secret: bytes | None = None
    parts: int = 1
    leaves: int | Mapping[str, int] | None = None
    state_holders: bool = True
    hash: str = "blake3"


@click.command()
@click.argument("tables", metavar="TABLE…", nargs=-1, required=True, type=PATH)
@click.option(
    "-o", "--output", "directory", required=True, type=PATH, help="Directory of the snapshot, to make."
)
@column_options(required=True)
@click.option(
    "--asset", "assets", multiple=True, metavar="CODE=DECIMALS", help="An asset, such as BTC=8; each of them."
)
@click.option("--assets", "assets_file", type=PATH, help="A file of such lines; # begins a comment.")
@click.option("--customer-key", metavar="NAME", help="Column of 32-byte keys that you keep (CSV: hex).")
@click.option(
    "--secret-file",
    type=PATH,
    help="Keys from this secret: 32 bytes, or 64 hex digits. Else they are random.",
)
@click.option("--origin", required=True, metavar="TEXT", help="Who owes, such as exchange.example.")
@click.option(
    "--snapshot-id", required=True, metavar="TEXT", help="Of when, such as 2026-01-01; never the same twice."
)
@click.option(
    "--time", "moment", metavar="WHEN", help="Unix seconds or 2026-01-01T00:00:00Z.  [default: now]"
)
@click.option(
    "--previous", type=PATH, help="The statement that this one follows, or its snapshot's directory."
)
@click.option(
    "--parts", type=click.IntRange(1, 65_535), default=1, help="Split balances over up to as many leaves."
)
@click.option(
    "--leaves", multiple=True, metavar="[CODE=]NUMBER", help="Least leaves of each tree, or of an asset's."
)
@click.option("--hide-holders", is_flag=True, help="Leave the numbers of holders out of the statement.")
@click.option(
    "--hash",
    "hash_name",
    type=click.Choice([one.name for one in ts.hashes._BUILT_IN if one.cryptographic]),
    default="blake3",
    show_default=True,
    help="Hash function.",
)
@click.option("--note", type=PATH, help="File of the statement.  [default: DIR.note]")
@click.option("--sign", type=PATH, metavar="KEYFILE", help="Sign the statement with this private key.")
@click.option(
    "--key-name", metavar="NAME", help="The key's name.  [default: as its file says, or the origin]"
)
@click.option("--password-file", type=PATH, help="The password of KEYFILE, on the first line of this file.")
@json_option
def command(
    *,
    tables: tuple[Path, ...],
    directory: Path,
    note: Path | None,
    sign: Path | None,
    key_name: str | None,
    password_file: Path | None,
    moment: str | None,
    previous: Path | None,
    secret_file: Path | None,
    assets: tuple[str, ...],
    assets_file: Path | None,
    leaves: tuple[str, ...],
    hide_holders: bool,
    hash_name: str,
    as_json: bool,
    **options: Any,
) -> None:
    """Commit to what customers are owed by one or several TABLEs of balances (CSV, Parquet or Arrow).

    A wide table has a row a customer and a column an asset, called by its code; a long one a row a holding.
    Amounts are exact: text, integers and decimals, never floats.

    Publish the statement, which is a text. The directory holds every id and key, and is yours alone. It is
    written in one go, or not at all.
    """
    before = None if previous is None else read_statement(previous)
    codes = decimals_of(assets, assets_file) or ({} if before is None else _decimals(before))
    if not codes:
        raise click.UsageError("no asset: give --asset CODE=DECIMALS, or a file of them by --assets")
    columns = Columns(
        options["id_column"],
        options["unit"],
        options["asset_column"],
        options["amount_column"],
        options["group"],
        options["nulls"],
        options["customer_key"],
    )
    terms = Terms(
        options["origin"],
        options["snapshot_id"],
        codes,
        before,
        None if moment is None else _seconds(moment),
        None if secret_file is None else read_secret(secret_file),
        options["parts"],
        _leaves(leaves),
        not hide_holders,
        hash_name,
    )
    note = note or directory.with_name(f"{directory.name}.note")
    _refuse_place(directory, note)
    signer = None if sign is None else read_signer(sign, terms.origin, key_name, password_file)
    holdings = Holdings(tables, columns, list(codes), options["table_format"])
    begin = time.perf_counter()
    with shown_progress() as progress:
        snapshot, statement = commit_holdings(holdings, directory, terms, note, signer, progress=progress)
    seconds = time.perf_counter() - begin
    publish = f"Publish {note}" + ("" if sign else ", signed: 'liabilities statement --sign'")
    emit(
        as_json,
        {
            "directory": str(directory),
            "note": str(note),
            "customers": str(snapshot.customers),
            **members(statement),
            "seconds": round(seconds, 3),
        },
        (
            f"{snapshot.customers:,} customers are committed to in {directory}, in {seconds:.2f} s.",
            *totals(statement),
            f"digest {statement.digest.hex()}",
            *((_SECRET_KEPT,) if secret_file else ()),
            f"{publish}; keep the directory to yourself.",
        ),
    )


def commit_holdings(
    holdings: Holdings,
    directory: Path,
    terms: Terms,
    note: Path,
    signer: Ed25519Signer | None = None,
    *,
    progress: Progress,
) -> tuple[Snapshot, Statement]:
    """Write the snapshot of ``holdings`` to ``directory`` and its statement, perhaps signed, to ``note``.

    Raises ``BadData`` for a table that is refused, ``click.UsageError`` for terms that cannot be; then
    neither is written.
    """
    with holdings.explained(), _terms_explained(directory):
        snapshot = liabilities.commit(
            holdings.stream(progress),
            **holdings.columns.arguments(),
            customer_key=holdings.columns.customer_key,
            assets=dict(terms.assets),
            secret=terms.secret,
            origin=terms.origin,
            snapshot_id=terms.snapshot_id,
            previous=terms.previous,
            path=directory,
            time=terms.time,
            scheme=ts.schemes.native_sum(ts.hashes.get(terms.hash)),
            parts=terms.parts,
            leaves=terms.leaves
            if terms.leaves is None or isinstance(terms.leaves, int)
            else dict(terms.leaves),
            state_holders=terms.state_holders,
        )
    statement = snapshot.statement if signer is None else snapshot.statement.sign(signer)
    write_file(note, encoded(statement, "note"), overwrite=False, public=True)
    return snapshot, statement


class _terms_explained:  # noqa: N801 - used as a statement
    """What cannot follow is a wrong call, no refused proof; a directory that is there is named."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        del kind, trace
        if isinstance(error, ChainError):
            raise click.UsageError(f"it cannot follow the previous statement: {error}") from None
        if isinstance(error, FileExistsError):
            raise click.UsageError(_exists(self.directory)) from None


def _refuse_place(directory: Path, note: Path) -> None:
    if directory.exists() or directory.is_symlink():
        raise click.UsageError(_exists(directory))
    refuse_existing(note)
    if not directory.parent.is_dir():
        raise click.UsageError(f"{directory}: the directory that it is to be in does not exist")


def _exists(directory: Path) -> str:
    return f"{directory} exists: a snapshot is never replaced, since its statement may be known"


def _decimals(statement: Statement) -> dict[str, int]:
    return {code: head.decimals for (code, _), head in statement.groups.items()}


def _leaves(stated: tuple[str, ...]) -> int | dict[str, int] | None:
    if not stated:
        return None
    if len(stated) == 1 and "=" not in stated[0]:
        return numbers({"": stated[0]}, "--leaves")[""]
    return numbers(pairs(stated, "--leaves", "NUMBER"), "--leaves")


def _seconds(moment: str) -> int:
    """Return Unix seconds of what ``--time`` says."""
    if re.fullmatch(r"[0-9]{1,18}", moment):
        return int(moment)
    if re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z", moment):
        try:
            return int(datetime.datetime.fromisoformat(moment).timestamp())
        except (ValueError, OverflowError):
            pass
    raise click.UsageError(
        f"--time takes Unix seconds or a time such as 2026-01-01T00:00:00Z, not {moment!r}"
    )
