"""``tallystick liabilities erase``: a customer's key, salts, id and receipts are deleted."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from tallystick.cli.failures import Missing
from tallystick.cli.liabilities.files import open_source
from tallystick.cli.liabilities.options import PATH, id_options, stated_id
from tallystick.cli.output import emit, json_option
from tallystick.liabilities import ReceiptFiles, Snapshot
from tallystick.liabilities._pages.amounts import id_text

REMAINS = (
    "What remains: digests and amounts. Not reached: the table, a column of keys or a secret that keys came "
    "from, exports elsewhere, receipts handed out, backups."
)


@click.command()
@click.argument("sources", metavar="DIR…", nargs=-1, required=True, type=PATH)
@id_options
@click.option("--yes", is_flag=True, help="Do not ask.")
@json_option
def command(
    *, sources: tuple[Path, ...], user_id: str | None, id_hex: str | None, yes: bool, as_json: bool
) -> None:
    """Erase a customer from each DIR: of snapshots and of exported receipts.

    The key and the id are overwritten, the receipt is taken out; all other receipts still verify. It cannot
    be undone. A secret that keys came from must be destroyed too: with it, salts can be made again.
    """
    identity = stated_id(user_id, id_hex)
    opened: list[tuple[Path, Snapshot | ReceiptFiles]] = [(path, open_source(path)) for path in sources]
    found = [(path, one) for path, one in opened if identity in one]
    finished = [str(path) for path, one in opened if (path, one) not in found and finishes(one, identity)]
    if not found and not finished:
        raise Missing(f"no customer {id_text(identity)} in {', '.join(map(str, sources))}")
    names = ", ".join(str(path) for path, _ in found)
    if found and not yes:
        if not sys.stdin.isatty():
            raise click.UsageError("erasing cannot be undone: say --yes where nobody can be asked")
        click.confirm(f"Erase {id_text(identity)} from {names}, for good?", abort=True, err=True)
    for _, one in found:
        one.erase(identity)
    erased = [str(path) for path, _ in found] + finished
    emit(
        as_json,
        {
            "erased": erased,
            "absent": [str(path) for path, _ in opened if str(path) not in erased],
        },
        (f"{id_text(identity)} is erased from {', '.join(erased)}.", REMAINS),
    )


def finishes(one: Snapshot | ReceiptFiles, identity: bytes) -> bool:
    """Finish an erasure that was stopped, if there is one: nobody need be asked again."""
    try:
        one.erase(identity)
    except KeyError:
        return False
    return True
