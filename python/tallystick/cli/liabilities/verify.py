"""``tallystick liabilities verify``: what a customer runs, with a statement, a receipt and the own id."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import click

from tallystick.cli.failures import BadData
from tallystick.cli.liabilities.files import read_receipt, read_statement
from tallystick.cli.liabilities.keys import read_verifier, signing_extra
from tallystick.cli.liabilities.options import PATH, id_options, key_option, pairs, stated_id
from tallystick.cli.liabilities.summary import shown_time
from tallystick.cli.liabilities.units import minor
from tallystick.cli.output import aligned, emit, json_option
from tallystick.errors import InvalidProof, Reason, RootMismatch
from tallystick.liabilities import Receipt, Statement
from tallystick.liabilities._pages.amounts import id_text, major

UNSIGNED = "the signature was NOT checked: with --key, which takes the operator's public key, it is"
UNEXPECTED = (
    "not compared with what you expect (--expect): an asset that is not in the list is unproven, not zero"
)


@click.command()
@click.argument("statement", type=PATH)
@click.argument("receipt", type=PATH)
@id_options
@click.option(
    "--expect",
    "expected",
    multiple=True,
    metavar="CODE=AMOUNT",
    help="What you hold, such as BTC=1.25; each asset of which you hold any.",
)
@key_option
@click.option(
    "--follows", type=PATH, metavar="OLDER", help="Check that it is the next after the last one you saw."
)
@json_option
def command(
    *,
    statement: Path,
    receipt: Path,
    user_id: str | None,
    id_hex: str | None,
    expected: tuple[str, ...],
    key: str | None,
    follows: Path | None,
    as_json: bool,
) -> None:
    """Verify by a RECEIPT that what a customer is owed is counted in a STATEMENT.

    Type your id as you know it; the receipt has none. Get the statement where everybody gets it, and the key
    from elsewhere: not both from whoever hands you the receipt.

    Exit code 0 means proven, 1 that something was refused. It does not prove that the operator has what it
    owes, nor that other customers are counted.
    """
    verifier = None if key is None else read_verifier(key)
    trusted, own = read_statement(statement), read_receipt(receipt)
    older = None if follows is None else read_statement(follows)
    identity = stated_id(user_id, id_hex)
    if verifier is not None:
        with signing_extra():
            trusted.verify_signature(verifier)
    if older is not None:
        trusted.follows(older)
    wanted = pairs(expected, "--expect", "AMOUNT") if expected else None
    proven = verified(trusted, own, identity, wanted)
    signer = None if verifier is None else f"{verifier.name}+{verifier.key_id.hex()}"
    emit(
        as_json,
        {
            "verified": True,
            "origin": trusted.origin,
            "snapshot_id": trusted.snapshot_id,
            "sequence": str(trusted.sequence),
            "time": str(trusted.time),
            "digest": trusted.digest.hex(),
            "balances": proven,
            "signed_by": signer,
            "expected": wanted is not None,
            "follows": older is not None,
        },
        (
            f"proven: {trusted.origin}, {trusted.snapshot_id} ({shown_time(trusted.time)}), counts for "
            f"{id_text(identity)}",
            *(f"  {line}" for line in aligned(list(proven.items()), right={1})),
            *_checks(signer, wanted, older),
        ),
    )


def _checks(signer: str | None, wanted: Mapping[str, str] | None, older: Statement | None) -> Sequence[str]:
    return (
        UNSIGNED if signer is None else f"signed by {signer}",
        UNEXPECTED if wanted is None else "and that is what you expect, no more and no less",
        *(() if older is None else (f"it is the next statement after {older.snapshot_id}",)),
    )


def verified(
    statement: Statement, receipt: Receipt, identity: bytes, wanted: Mapping[str, str] | None
) -> dict[str, str]:
    """Return what is proven, by code, in major units; raise ``InvalidProof`` for anything else.

    ``wanted`` are the amounts that the customer expects, as text in major units; ``BadData`` if one is none.
    """
    decimals = {code: head.decimals for (code, _), head in statement.groups.items()}
    expected: dict[str, int] | None = None if wanted is None else {}
    unlisted = None
    for code, text in (wanted or {}).items():
        try:
            # Of an asset that the statement does not list, only whether any is expected can be said.
            amount = minor(text, decimals.get(code, 300))
        except ValueError as error:
            raise BadData(f"--expect {code}: {error}") from None
        if code in decimals and expected is not None:
            expected[code] = amount
        elif amount:
            unlisted = unlisted or code
    try:
        proven = statement.verify(receipt, identity, expected)
    except RootMismatch as error:
        hint = f"{error}: the id is another, or the receipt was changed"
        raise RootMismatch(hint, error.expected, error.computed) from None
    if unlisted is not None:
        raise InvalidProof(
            f"{unlisted} is expected, and the statement does not list it", Reason.UNEXPECTED_BALANCE
        )
    return {code: major(amount, decimals[code]) for code, amount in proven.items()}
