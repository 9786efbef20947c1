"""``tallystick fsck``: a store or a saved file, made again from what it keeps."""

from __future__ import annotations

from pathlib import Path

import click

from tallystick import _checks
from tallystick.cli.failures import BadData, ExitCode, Failure
from tallystick.cli.filekind import refuse_special
from tallystick.cli.liabilities.keys import read_verifier
from tallystick.cli.output import emit, json_option


class Damaged(Failure):
    """What was checked is not what its head says."""

    code = ExitCode.REFUSED


@click.command()
@click.argument("path", type=click.Path(path_type=Path))
@click.option("--key", metavar="KEY", help="The public key that has to have signed it, or a file with it.")
@json_option
def command(*, path: Path, key: str | None, as_json: bool) -> None:
    """Make what is at PATH again from its entries or leaves, and compare.

    PATH is a folder with a log or a sparse tree, whose head is 'checkpoint' or 'head'; an SQLite database
    or a store file with one; a tree file, or the file of a sparse tree. Of a log, tiles and root are computed
    from the entries alone, of a sparse tree the root of every version that is kept. Without --key the
    signature of a log's head is not checked.

    Exit code 0 means that nothing is damaged, and 1 that something is; each finding says where. What is left
    over from a crash is said too, and is no damage.
    """
    refuse_special(path)
    try:
        checked = _checks.check_path(path, None if key is None else read_verifier(key).to_text())
    except _checks.Unknown as error:
        raise BadData(str(error), file=str(path)) from None
    findings = [{"where": one.where, "what": one.what, "damage": one.damage} for one in checked.findings]
    found = {"kind": checked.kind, "sound": checked.sound, **checked.facts, "findings": findings}
    damaged = sum(one.damage for one in checked.findings)
    message = f"{path}: damaged in {damaged} {'place' if damaged == 1 else 'places'}"
    if as_json and not checked.sound:
        raise Damaged(message, **found)
    emit(
        as_json,
        found,
        (
            f"{checked.kind}: {'sound' if checked.sound else 'DAMAGED'}",
            *(f"  {name}: {value}" for name, value in checked.facts.items()),
            *(f"{'damage' if one.damage else 'remark'}: {one.where}: {one.what}" for one in checked.findings),
        ),
    )
    if not checked.sound:
        raise Damaged(message)
