"""``tallystick liabilities keygen``: an Ed25519 key that signs statements, and its public half."""

from __future__ import annotations

from pathlib import Path

import click

from tallystick.cli.liabilities.files import refuse_existing
from tallystick.cli.liabilities.keys import key_file, read_password, signing_extra
from tallystick.cli.liabilities.options import PATH
from tallystick.cli.output import emit, json_option, write_file
from tallystick.liabilities import Ed25519Signer


@click.command()
@click.argument("name")
@click.option(
    "-o", "--output", required=True, type=PATH, help="File of the private key; the public one has .pub."
)
@click.option("--password-file", type=PATH, help="Encrypt the private key with the first line of this file.")
@json_option
def command(*, name: str, output: Path, password_file: Path | None, as_json: bool) -> None:
    """Make a key that signs the statements of NAME, such as exchange.example.

    The private key goes into a file that only its owner may read, and is shown nowhere. Publish the other
    file where customers find it without you.
    """
    public = output.with_name(f"{output.name}.pub")
    for path in (output, public):
        refuse_existing(path)
    password = None if password_file is None else read_password(password_file)
    with signing_extra():
        try:
            signer = Ed25519Signer.generate(name)
            data = key_file(signer, password)
        except ValueError as error:
            raise click.UsageError(str(error)) from None
    text = signer.verifier.to_text()
    write_file(output, data, overwrite=False)
    write_file(public, f"{text}\n".encode(), overwrite=False, public=True)
    emit(
        as_json,
        {"private": str(output), "public": str(public), "key": text},
        (text, f"wrote {output}, which is yours alone, and {public}, which you publish"),
    )
