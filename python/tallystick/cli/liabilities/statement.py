"""``tallystick liabilities statement``: what a statement says, who signed it, what it follows."""

from __future__ import annotations

from pathlib import Path

import click

from tallystick import liabilities
from tallystick.cli.liabilities.files import encoded, form_of, read_statement, refuse_existing
from tallystick.cli.liabilities.keys import read_signer, read_verifier, signing_extra
from tallystick.cli.liabilities.options import PATH, key_option, overwrite_option
from tallystick.cli.liabilities.summary import lines, members
from tallystick.cli.output import emit, json_option, write_file
from tallystick.liabilities import Statement


@click.command()
@click.argument("files", metavar="STATEMENT…", nargs=-1, required=True, type=PATH)
@key_option
@click.option(
    "--follows", type=PATH, metavar="OLDER", help="Check that the first one is the next after this."
)
@click.option("--sign", type=PATH, metavar="KEYFILE", help="Add a signature by this private key.")
@click.option(
    "--key-name", metavar="NAME", help="The key's name.  [default: as its file says, or the origin]"
)
@click.option("--password-file", type=PATH, help="The password of KEYFILE, on the first line of this file.")
@click.option("-o", "--output", type=PATH, help="Write the statement to this file.")
@click.option(
    "--as",
    "form",
    type=click.Choice(["note", "json", "binary", "protobuf"]),
    help="Its form.  [default: as the name ends: .json, .bin, .pb; else a note, which alone has signatures]",
)
@overwrite_option
@json_option
def command(
    *,
    files: tuple[Path, ...],
    key: str | None,
    follows: Path | None,
    sign: Path | None,
    key_name: str | None,
    password_file: Path | None,
    output: Path | None,
    form: str | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Show a STATEMENT, check it, sign it, write it in another form.

    A statement is a note, its binary or JSON form, or the directory of a snapshot or of receipts. Several,
    the oldest first, must be a chain: each the next after the one before it. With --key, each is signed.
    """
    if len(files) > 1 and (sign or output):
        raise click.UsageError("--sign and --output are for one statement")
    if sign and output is None:
        raise click.UsageError("--sign needs --output: the file of the signed statement")
    if output is not None:
        refuse_existing(output, overwrite=overwrite)
    statements = [read_statement(path) for path in files]
    checked = _check(statements, key, None if follows is None else read_statement(follows))
    if sign is not None:
        signer = read_signer(sign, statements[0].origin, key_name, password_file)
        try:
            statements[0] = statements[0].sign(signer)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
    if output is not None:
        written = form_of(output, form, "note")
        if sign and written != "note":
            raise click.UsageError("a signature is kept in a note only: --as note")
        write_file(output, encoded(statements[0], written), overwrite=overwrite, public=True)
        checked.append(f"wrote {output}")
    emit(
        as_json,
        {
            "statements": [members(statement) for statement in statements],
            "signature_checked": key is not None,
            "chain_checked": len(statements) > 1 or follows is not None,
        },
        [*(line for statement in statements for line in lines(statement)), *checked],
    )


def _check(statements: list[Statement], key: str | None, older: Statement | None) -> list[str]:
    """Check signatures and order; return what was checked, in words."""
    verifier = None if key is None else read_verifier(key)
    if older is not None:
        statements[0].follows(older)
    with signing_extra():
        if len(statements) > 1:
            liabilities.verify_chain(statements, verifier=verifier)
        elif verifier is not None:
            statements[0].verify_signature(verifier)
    told = []
    if len(statements) > 1:
        told.append(f"checked: a chain of {len(statements)} statements")
    if older is not None:
        told.append(f"checked: it is the next after statement {older.sequence}, {older.snapshot_id}")
    if verifier is None:
        told.append("signatures were not checked: --key takes the operator's public key")
    else:
        told.append(f"checked: signed by {verifier.name}+{verifier.key_id.hex()}")
    return told
