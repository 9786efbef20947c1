"""``tallystick commit``: a table becomes a directory of tree, head, key index and salts, or nothing does."""

from __future__ import annotations

import csv
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click
import numpy as np

import tallystick as ts
from tallystick import _core
from tallystick.cli import directory as layout
from tallystick.cli.context import SALT_SIZE, Column, TableContext
from tallystick.cli.directory import Manifest
from tallystick.cli.failures import BadData
from tallystick.cli.keyindex import Array, KeyIndex, digests
from tallystick.cli.output import emit, json_option, write_private
from tallystick.cli.progress import Progress, Stage, shown_progress
from tallystick.cli.tables import Table, key_at, open_table, require_column

UNSALTED = "rows are not salted: each proof lets its holder test guesses of a neighbour's row; see --salted"


@dataclass(frozen=True, slots=True)
class Options:
    """What a commitment is made of, beside the table."""

    key_column: str
    columns: tuple[str, ...] | None = None
    salted: bool = False
    hash: str = "blake3"


@click.command()
@click.argument("table", type=click.Path(path_type=Path))
@click.option(
    "-o", "--output", "directory", required=True, type=click.Path(path_type=Path), help="Directory to make."
)
@click.option(
    "--key-column",
    required=True,
    metavar="NAME",
    help="Column whose cells name the rows, each once (must be in --columns).",
)
@click.option("--columns", metavar="A,B,…", help="Columns of a leaf, in this order (default: all).")
@click.option(
    "--salted/--no-salted",
    default=False,
    help="Put 16 random bytes before each row, and keep them.  [default: no-salted]",
)
@click.option(
    "--hash",
    "hash_name",
    type=click.Choice([one.name for one in ts.hashes._BUILT_IN if one.cryptographic]),
    default="blake3",
    show_default=True,
    help="Hash function.",
)
@click.option(
    "--format",
    "table_format",
    type=click.Choice(["csv", "parquet", "arrow"]),
    help="If the name does not say.",
)
@click.option("--overwrite", is_flag=True, help="Replace an earlier commitment in the directory.")
@json_option
def command(
    *,
    table: Path,
    directory: Path,
    key_column: str,
    columns: str | None,
    salted: bool,
    hash_name: str,
    table_format: str | None,
    overwrite: bool,
    as_json: bool,
) -> None:
    """Commit to the rows of TABLE (CSV, Parquet or Arrow).

    Publish head.tally from the directory, and nothing else. The other files have mode 0600; of them, keys.npy
    and salts.npy are secret, and tree.tally is if the rows are not salted: whoever has them can test guesses.

    Rows are not salted unless you say so, so that everybody who has the table can compute its root. Say
    --salted if rows are private: a proof shows the digest of a neighbour, and without a salt that is a test
    for guesses of the neighbour's row.
    """
    chosen = _names_of(columns) if columns else None
    options = Options(key_column, chosen, salted, hash_name)
    layout.check_destination(directory, overwrite=overwrite)
    try:
        source = open_table(table, table_format)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    times = Times()
    with shown_progress() as progress:
        manifest = commit_table(
            source, directory, options, progress=progress, overwrite=overwrite, times=times
        )
    emit(
        as_json,
        {
            "directory": str(directory),
            "rows": str(manifest.rows),
            "key_column": key_column,
            "salted": salted,
            "hash": manifest.hash,
            "root": manifest.root,
            "seconds": times.rounded(),
        },
        (
            f"{manifest.rows:,} rows of {table} are committed to in {directory}.",
            f"root {manifest.root}",
            *times.lines(),
            *(() if salted else (UNSALTED,)),
            f"Publish {directory / layout.HEAD}; keep the rest to yourself.",
        ),
    )


def _names_of(columns: str) -> tuple[str, ...]:
    try:
        names = next(csv.reader([columns]))
    except csv.Error as error:
        raise click.UsageError(f"--columns is not one CSV record: {error}") from None
    if not names:
        raise click.UsageError("--columns names no column")
    return tuple(names)


class Times:
    """Seconds by what took them. ``encode`` has the keys' digests in it, ``tree`` hashing and writing."""

    def __init__(self) -> None:
        self.seconds = dict.fromkeys(("read", "encode", "tree", "keys", "files"), 0.0)

    @contextmanager
    def measured(self, what: str) -> Iterator[None]:
        """Add the time of the block to ``what``."""
        begin = time.perf_counter()
        try:
            yield
        finally:
            self.seconds[what] += time.perf_counter() - begin

    def rounded(self) -> dict[str, float]:
        """Return milliseconds as fractions of seconds."""
        return {what: round(seconds, 3) for what, seconds in self.seconds.items()}

    def lines(self) -> Iterator[str]:
        """Yield a line of the seconds, if there were any to wait for."""
        if sum(self.seconds.values()) >= 1:
            yield ", ".join(f"{what} {seconds:.1f} s" for what, seconds in self.seconds.items())


class Hashing:
    """The table's rows as leaves, chunk by chunk; on the way their keys' digests and salts are kept."""

    def __init__(
        self, table: Table, options: Options, names: Sequence[str], stage: Stage, times: Times
    ) -> None:
        self.table, self.options, self.names = table, options, list(names)
        self.stage, self.times, self.rows = stage, times, 0
        self.key_digests: list[Array] = []
        self.salts: list[Array] = []

    def chunks(self) -> Iterator[ts.EncodedRows]:
        """Yield the leaves."""
        chunks = iter(self.table.chunks(self.names))
        while True:
            with self.times.measured("read"):
                following = next(chunks, None)
            if following is None:
                return
            chunk, fraction = following
            with self.times.measured("encode"):
                leaves = self._encoded(chunk)
            yield leaves
            self.rows += chunk.num_rows
            self.stage.update(self.rows, fraction)

    def _encoded(self, chunk: Any) -> ts.EncodedRows:
        key_column = self.options.key_column
        _check_keys(self.table, chunk.column(key_column), self.rows)
        salt = new_salts(chunk.num_rows) if self.options.salted else None
        try:
            leaves = ts.encode_rows(chunk, self.names, salts=salt)
            self.key_digests.append(digests(ts.encode_rows(chunk, [key_column])))
        except (TypeError, ValueError) as error:
            counted = f" (here row 0 is row {self.rows + 1:,} of the table)" if self.rows else ""
            raise BadData(f"{self.table.path}: {error}{counted}", file=str(self.table.path)) from error
        if salt is not None:
            self.salts.append(salt)
        return leaves


def commit_table(
    table: Table,
    directory: Path,
    options: Options,
    *,
    progress: Progress,
    overwrite: bool = False,
    times: Times | None = None,
) -> Manifest:
    """Write the commitment to ``table`` into ``directory``, and return its manifest.

    Raises ``click.UsageError`` for options that do not fit the table and ``BadData`` for a table that cannot
    be committed to; then nothing is left behind. The tree goes straight into its file; memory grows with the
    rows by the key index and salts only. ``times`` is told how long the parts took.
    """
    times = times or Times()
    context, scheme = _describe(table, options)
    with layout.building(directory, overwrite=overwrite) as work:
        hashing = Hashing(table, options, context.names, progress.stage("Hashing rows", "rows"), times)
        with times.measured("tree"):
            tree = ts.build_file(work / layout.TREE, hashing.chunks(), scheme=scheme)
        # The builder works between the chunks.
        times.seconds["tree"] -= times.seconds["read"] + times.seconds["encode"]
        stage = progress.stage("Sorting keys", "rows")
        with times.measured("keys"):
            keys = KeyIndex.build(hashing.key_digests)
            _refuse_repetition(table, options.key_column, keys)
        stage.update(len(tree), 1.0)
        head = tree.head
        stage = progress.stage("Writing files", "rows")
        with times.measured("files"):
            (work / layout.HEAD).write_bytes(head.to_bytes())
            write_private(work / layout.KEYS, lambda file: np.save(file, keys.array, allow_pickle=False))
            if options.salted:
                salts = hashing.salts or [np.empty((0, SALT_SIZE), np.uint8)]
                all_salts = np.concatenate(salts)
                write_private(work / layout.SALTS, lambda file: np.save(file, all_salts, allow_pickle=False))
            manifest = Manifest(
                table.path.name,
                head.size,
                options.key_column,
                options.salted,
                scheme.hash.name,
                head.root.hex(),
            )
            (work / layout.MANIFEST).write_text(manifest.to_json(), encoding="utf-8")
        stage.update(len(tree), 1.0)
    return manifest


def new_salts(count: int) -> Array:
    """Return ``count`` salts of 16 bytes from the system's random source, as a (count, 16) uint8 array."""
    return np.frombuffer(os.urandom(count * SALT_SIZE), np.uint8).reshape(count, SALT_SIZE)


def _describe(table: Table, options: Options) -> tuple[TableContext, ts.Scheme]:
    """Return the table context and the scheme that binds it, or say why there are none."""
    schema = table.schema
    names = options.columns or tuple(schema.names)
    for name in (*names, options.key_column):
        require_column(table, name)
        if names.count(name) > 1:
            raise click.UsageError(f"--columns names {name!r} twice")
    if options.key_column not in names:
        raise click.UsageError(f"the key column {options.key_column!r} must be one of --columns")
    try:
        types = _core.table_schema(schema.empty_table(), list(names))
    except (TypeError, ValueError) as error:
        raise BadData(f"{table.path}: {error}", file=str(table.path)) from error
    for name, kind in types:
        if kind == "null":
            hint = "all its cells are null and it has no type; cast it, or leave it out by --columns"
            raise BadData(f"{table.path}: column {name!r} cannot be committed to: {hint}")
    try:
        context = TableContext(options.salted, tuple(Column(name, kind) for name, kind in types))
    except ValueError as error:
        raise BadData(f"{table.path}: {error}", file=str(table.path)) from error
    return context, ts.schemes.native(ts.hashes.get(options.hash)).with_context(context.to_bytes())


def _check_keys(table: Table, column: Any, begin: int) -> None:
    """Refuse a null key and, in CSV, an empty one: there it is most often a blank line."""
    import pyarrow.compute as pc

    bad = pc.is_null(column)
    if table.unit == "line":
        bad = pc.or_(bad, pc.equal(column, ""))
    if pc.any(bad).as_py():
        place = table.place(begin + pc.index(bad, True).as_py())
        what = "empty (is the line blank?)" if table.unit == "line" else "null"
        _refuse_at(table, f"{table.unit} {place}: the key is {what}", place)


def _refuse_repetition(table: Table, key_column: str, keys: KeyIndex) -> None:
    found = keys.repeated()
    if found is None:
        return
    row, twin, count = found
    first, second = table.place(twin), table.place(row)
    key = key_at(table, key_column, row)
    more = f" ({count} rows repeat an earlier key)" if count > 1 else ""
    message = f"{table.unit}s {first} and {second}: both have the key {key!r}{more}"
    raise BadData(
        f"{table.path}, {message}", file=str(table.path), key=key, **{f"{table.unit}s": [first, second]}
    )


def _refuse_at(table: Table, message: str, place: int) -> None:
    raise BadData(f"{table.path}, {message}", file=str(table.path), **{table.unit: place})
