"""``tallystick liabilities receipt``: one customer's receipt."""

from __future__ import annotations

from pathlib import Path

import click

from tallystick.cli.failures import Failure, Missing
from tallystick.cli.liabilities.files import encoded, form_of, open_source, refuse_existing
from tallystick.cli.liabilities.options import PATH, id_options, overwrite_option, stated_id
from tallystick.cli.output import aligned, emit, json_option, write_file
from tallystick.errors import InvalidProof
from tallystick.liabilities import ReceiptFiles
from tallystick.liabilities._pages.amounts import id_text, major


@click.command()
@click.argument("source", metavar="DIR", type=PATH)
@id_options
@click.option("-o", "--output", required=True, type=PATH, help="File of the receipt.")
@click.option(
    "--as",
    "form",
    type=click.Choice(["binary", "json", "protobuf"]),
    help="Its form.  [default: as the name ends: .json, .pb; else binary]",
)
@overwrite_option
@json_option
def command(
    *,
    source: Path,
    user_id: str | None,
    id_hex: str | None,
    output: Path,
    form: str | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write one customer's receipt, from the DIR of a snapshot or of exported receipts.

    It is verified before it is written. Give it to the customer alone: it has salts, with which others could
    test guesses of the id.
    """
    refuse_existing(output, overwrite=overwrite)
    identity = stated_id(user_id, id_hex)
    opened = open_source(source)
    try:
        receipt = opened[identity] if isinstance(opened, ReceiptFiles) else opened.receipt(identity)
    except KeyError:
        raise Missing(
            f"{source}: no receipt for {id_text(identity)}: no such customer, or no holding"
        ) from None
    statement = opened.statement
    try:
        proven = statement.verify(receipt, identity)
    except InvalidProof as error:
        raise Failure(f"{source}: damaged: the receipt does not verify: {error}") from None
    form = form_of(output, form, "binary")
    data = encoded(receipt, "binary" if form == "note" else form)
    write_file(output, data, overwrite=overwrite)
    decimals = {code: head.decimals for (code, _), head in statement.groups.items()}
    amounts = {code: major(amount, decimals[code]) for code, amount in proven.items()}
    emit(
        as_json,
        {
            "file": str(output),
            "bytes": str(len(data)),
            "statement": statement.digest.hex(),
            "balances": {
                code: {"minor": str(proven[code]), "major": amount} for code, amount in amounts.items()
            },
        },
        (
            f"wrote {output}, {len(data):,} bytes, for {id_text(identity)} in {statement.snapshot_id}",
            *(f"  {line}" for line in aligned(list(amounts.items()), right={1})),
        ),
    )
