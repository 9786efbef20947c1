"""``tallystick liabilities equivocation``: the record of two statements that cannot both be true."""

from __future__ import annotations

from pathlib import Path

import click

from tallystick import liabilities
from tallystick.cli.failures import BadData, Missing
from tallystick.cli.liabilities.files import (
    encoded,
    form_of,
    read_equivocation,
    read_statement,
    refuse_existing,
)
from tallystick.cli.liabilities.keys import read_verifier, signing_extra
from tallystick.cli.liabilities.options import PATH, key_option, overwrite_option
from tallystick.cli.output import emit, json_option, write_file
from tallystick.liabilities import Equivocation

_WORDS = {"sequence": "sequence", "snapshot_id": "snapshot id", "previous": "previous statement"}


@click.command()
@click.argument("files", metavar="FILE [FILE]", nargs=-1, required=True, type=PATH)
@key_option
@click.option("-o", "--output", type=PATH, help="File of the record (.json: JSON; else binary).")
@overwrite_option
@json_option
def command(
    *, files: tuple[Path, ...], key: str | None, output: Path | None, overwrite: bool, as_json: bool
) -> None:
    """Record that an operator has signed two statements that cannot both be true; or check such a record.

    Two FILEs are statements, signed notes: if they clash (in sequence, snapshot id or the statement before),
    the record of it is written. One FILE is a record: with the operator's public key anyone can check it.

    Exit code 4 means that the statements do not clash, 1 that they are not signed by the key.
    """
    if len(files) > 2 or (len(files) == 2) != (output is not None):
        raise click.UsageError("give two statements and --output, or one record alone")
    verifier = None if key is None else read_verifier(key)
    if output is None:
        record = read_equivocation(files[0])
    else:
        refuse_existing(output, overwrite=overwrite)
        record = _found(files)
    clash = None
    if verifier is not None:
        with signing_extra():
            clash = record.verify(verifier)
    elif output is None:
        raise click.UsageError("a record proves nothing without the operator's public key: --key")
    if output is not None:
        write_file(output, encoded(record, form_of(output, None, "binary")), overwrite=overwrite, public=True)
    first, second = record.statements
    emit(
        as_json,
        {
            "origin": first.origin,
            "first": first.digest.hex(),
            "second": second.digest.hex(),
            "clash": clash,
            "signature_checked": verifier is not None,
            **({} if output is None else {"file": str(output)}),
        },
        (
            f"two statements of {first.origin} that cannot both be true:",
            *(f"  {one.sequence} {one.snapshot_id}  digest {one.digest.hex()}" for one in (first, second)),
            "signatures were not checked: with --key they are"
            if clash is None or verifier is None
            else f"{verifier.name}+{verifier.key_id.hex()} signed both, with the same {_WORDS[clash]}",
            *(() if output is None else (f"wrote {output}",)),
        ),
    )


def _found(files: tuple[Path, ...]) -> Equivocation:
    one, other = map(read_statement, files)
    try:
        record = liabilities.equivocation(one, other)
    except ValueError as error:
        raise BadData(str(error)) from None
    if record is None:
        why = "they are the same" if one == other else "both can be true"
        raise Missing(f"no equivocation of {files[0]} and {files[1]}: {why}")
    return record
