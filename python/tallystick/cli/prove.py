"""``tallystick prove``: one proof file for each key."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import click
import numpy as np

from tallystick.cli import rows
from tallystick.cli.cells import Value, from_text
from tallystick.cli.context import Column
from tallystick.cli.directory import Commitment
from tallystick.cli.failures import BadData, Missing
from tallystick.cli.keyindex import digests
from tallystick.cli.output import emit, json_option, write_file
from tallystick.cli.progress import Progress, shown_progress
from tallystick.cli.prooffile import ProofFile
from tallystick.errors import DecodeError

CHUNK = 4096
# Keys that are listed for people.
LISTED = 20


@dataclass(frozen=True, slots=True)
class Written:
    """A proof file that was written: for which key, of which row, where."""

    key: str
    index: int
    path: Path


@click.command()
@click.argument("directory", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--key", "keys", multiple=True, metavar="K", help="Key of a row. May be given several times.")
@click.option("--keys-from", type=click.Path(path_type=Path), help="Text file of keys, one a line.")
@click.option("-o", "--output", type=click.Path(path_type=Path), help="Proof file, for a single key.")
@click.option(
    "--output-dir",
    type=click.Path(path_type=Path),
    help="Directory for files proof-<index>.json; made if missing, with parents. (default: the current one)",
)
@click.option("--overwrite", is_flag=True, help="Replace proof files that exist.")
@json_option
def command(
    *,
    directory: Path,
    keys: tuple[str, ...],
    keys_from: Path | None,
    output: Path | None,
    output_dir: Path | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Write a proof file for each key from the commitment in DIR.

    A proof file holds the row's index, salt and proof, and not the row. Give it to whom the row belongs.
    """
    wanted = list(dict.fromkeys((*keys, *(_keys_of(keys_from) if keys_from else ()))))
    if not wanted:
        raise click.UsageError("no key: give --key or --keys-from")
    if output is not None and (len(wanted) > 1 or output_dir is not None):
        raise click.UsageError("--output is for one key; give several keys an --output-dir and no --output")
    commitment = Commitment.open(directory)
    with shown_progress() as progress:
        written = write_proofs(
            commitment, wanted, output_dir or Path(), single=output, overwrite=overwrite, progress=progress
        )
    emit(
        as_json,
        {
            "root": commitment.head.root.hex(),
            "size": str(commitment.head.size),
            "proofs": [{"key": w.key, "index": str(w.index), "file": str(w.path)} for w in written],
        },
        _told(written),
    )


def _told(written: Sequence[Written]) -> list[str]:
    if len(written) == 1:
        return [f"wrote {written[0].path}"]
    lines = [f"wrote {one.path} for {one.key!r}" for one in written[:LISTED]]
    if len(written) > LISTED:
        lines.append(f"… and {len(written) - LISTED:,} more, {len(written):,} together; --json lists all")
    return lines


def _exists(path: Path) -> str:
    return f"{path} exists; --overwrite replaces it"


def write_proofs(
    commitment: Commitment,
    keys: Sequence[str],
    directory: Path,
    *,
    progress: Progress,
    single: Path | None = None,
    overwrite: bool = False,
) -> list[Written]:
    """Write a proof file for each of ``keys`` (distinct) into ``directory``, or the only one to ``single``.

    Raises ``Missing`` if a key is not in the commitment, ``BadData`` if one cannot be in its key column, and
    ``click.UsageError`` if a file exists and ``overwrite`` is not set; then nothing is written.
    """
    indices = find_rows(commitment, keys)
    paths = [single or directory / f"proof-{index}.json" for index in indices]
    for path in paths:
        if path.is_dir():
            raise click.UsageError(f"{path} is a directory, not a proof file")
        if os.path.lexists(path) and not overwrite:
            raise click.UsageError(_exists(path))
    if single is None:
        directory.mkdir(parents=True, exist_ok=True)
    stage = progress.stage("Writing proofs", "proofs")
    for done, (proof, path) in enumerate(zip(_proofs(commitment, indices), paths, strict=True), start=1):
        try:
            write_file(path, proof.to_json().encode(), overwrite=overwrite)
        except FileExistsError:
            raise click.UsageError(_exists(path)) from None
        stage.update(done, done / len(keys))
    return [Written(*row) for row in zip(keys, indices, paths, strict=True)]


def find_rows(commitment: Commitment, keys: Sequence[str]) -> list[int]:
    """Return the index of the row of each key, or raise ``Missing`` that names those without one."""
    name = commitment.manifest.key_column
    column = next(column for column in commitment.context.columns if column.name == name)
    cells = [[_key_cell(column, key)] for key in keys]
    found = commitment.keys.find(digests(rows.encode([column], cells)))
    missing = [keys[place] for place in np.flatnonzero(found < 0).tolist()]
    if missing:
        shown = ", ".join(repr(key) for key in missing[:5]) + (", …" if len(missing) > 5 else "")
        what = "no row has the key" if len(missing) == 1 else f"no rows have {len(missing)} of the keys:"
        raise Missing(f"{what} {shown}", keys=missing)
    if int(found.max()) >= commitment.head.size:
        raise DecodeError("the key index leads beyond the tree: it belongs to another one")
    return [int(index) for index in found]


def _key_cell(column: Column, key: str) -> Value:
    try:
        return from_text(column.type, key)
    except BadData as error:
        raise BadData(f"key: {error}", key=key) from None


def _proofs(commitment: Commitment, indices: Sequence[int]) -> Iterator[ProofFile]:
    for begin in range(0, len(indices), CHUNK):
        chunk = indices[begin : begin + CHUNK]
        batch = commitment.tree.prove_each(chunk)
        for place, index in enumerate(chunk):
            salt = None if commitment.salts is None else commitment.salts[index].tobytes()
            yield ProofFile(index, salt, batch[place])


def _keys_of(path: Path) -> list[str]:
    try:
        text = path.read_bytes().decode()
    except UnicodeDecodeError as error:
        raise BadData(f"{path}: not UTF-8: {error}") from None
    return [line.removesuffix("\r") for line in text.split("\n") if line not in ("", "\r")]
