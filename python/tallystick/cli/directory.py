"""The directory of a commitment: its files, how they come to be in one step, how they are opened.

``head.tally`` is the only file to publish; the others let their holder test guesses, and have mode 0600.
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import click

import tallystick as ts
from tallystick.cli import filekind
from tallystick.cli.context import TableContext
from tallystick.cli.failures import BadData, Failure, Missing
from tallystick.cli.keyindex import Array, KeyIndex, map_array
from tallystick.cli.output import naming
from tallystick.errors import DecodeError

HEAD, MANIFEST = filekind.HEAD, filekind.MANIFEST
TREE, KEYS, SALTS = "tree.tally", "keys.npy", "salts.npy"
FILES = frozenset({TREE, HEAD, KEYS, SALTS, MANIFEST})
# Readable for their owner only.
SECRET = FILES - {HEAD}
FORMAT = "tallystick-commit"
VERSION = 1
_TYPES = {"table": str, "key_column": str, "salted": bool, "hash": str, "root": str}


@dataclass(frozen=True, slots=True)
class Manifest:
    """``commit.json``: what people want to know. Only the name of the key column is read by ``prove``."""

    table: str
    rows: int
    key_column: str
    salted: bool
    hash: str
    root: str

    def to_json(self) -> str:
        """Return the file's text."""
        members = {"format": FORMAT, "version": VERSION, "table": self.table, "rows": str(self.rows)}
        members |= {
            "key_column": self.key_column,
            "salted": self.salted,
            "hash": self.hash,
            "root": self.root,
        }
        return json.dumps(members, indent=2) + "\n"

    @classmethod
    def from_json(cls, data: bytes) -> Manifest:
        """Read what :meth:`to_json` wrote; ``DecodeError`` for anything else."""
        try:
            members = json.loads(data)
            if members.pop("format") != FORMAT or members.pop("version") != VERSION:
                raise DecodeError(f"not {FORMAT} version {VERSION}")
            members["rows"] = int(members["rows"])
            manifest = cls(**members)
            for name, kind in _TYPES.items():
                if type(getattr(manifest, name)) is not kind:
                    raise DecodeError(f"not the manifest of a commitment: {name} is no {kind.__name__}")
        except DecodeError:
            raise
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            raise DecodeError(f"not the manifest of a commitment: {error}") from None
        if manifest.to_json().encode() != data:
            raise DecodeError("not the manifest of a commitment as it was written")
        return manifest

    @classmethod
    def read(cls, directory: Path) -> Manifest:
        """Read ``commit.json`` in ``directory``."""
        path = directory / MANIFEST
        kind = filekind.other_than(directory, "the directory of a commitment")
        if directory.is_dir() and not path.exists():
            raise Missing(f"{directory} is not the directory of a commitment: it has no {MANIFEST}")
        if directory.exists() and not directory.is_dir():
            raise BadData(
                f"{directory} is not the directory of a commitment" + (f": it is {kind}" if kind else "")
            )
        try:
            return cls.from_json(filekind.read_small(path))
        except DecodeError as error:
            raise DecodeError(f"{path}: {error}") from None


@dataclass(frozen=True, slots=True)
class Commitment:
    """An opened directory: all that proving needs."""

    manifest: Manifest
    head: ts.TreeHead
    context: TableContext
    tree: ts.MerkleTree
    keys: KeyIndex
    salts: Array | None

    @classmethod
    def open(cls, directory: Path) -> Commitment:
        """Open the commitment in ``directory``; ``DecodeError`` if its files do not belong together."""
        manifest = Manifest.read(directory)
        head = ts.TreeHead.from_bytes(filekind.read_small(directory / HEAD))
        context = TableContext.from_bytes(head.scheme.context)
        tree = ts.MerkleTree.open(directory / TREE)
        keys = KeyIndex.open(directory / KEYS)
        salts = map_array(directory / SALTS) if context.salted else None
        shapes_fit = salts is None or (salts.shape == (head.size, 16) and salts.dtype == "u1")
        if tree.head != head or len(keys) != head.size or not shapes_fit:
            raise DecodeError(f"{directory}: its files do not belong to one commitment")
        if manifest.key_column not in context.names:
            raise DecodeError(f"{directory}: the manifest's key column is not a column of the head")
        return cls(manifest, head, context, tree, keys, salts)


@contextmanager
def building(directory: Path, *, overwrite: bool) -> Iterator[Path]:
    """Give a new hidden directory beside ``directory`` that takes its place if the block ends well.

    If the block raises, the new directory is removed and ``directory`` stays as it was.
    """
    target = Path(os.path.realpath(directory))
    check_destination(target, overwrite=overwrite)
    tag = secrets.token_hex(4)
    work = target.with_name(f".{target.name}.{tag}.partial")
    with naming(directory, work):
        _make(work)
        try:
            mode = stat.S_IMODE(work.stat().st_mode)
            # Nobody else looks in before the files have the modes that they keep.
            work.chmod(0o700)
            yield work
            for name in SECRET & set(os.listdir(work)):
                (work / name).chmod(0o600)
            work.chmod(mode)
            _put_in_place(work, target, target.with_name(f".{target.name}.{tag}.old"), overwrite=overwrite)
        finally:
            shutil.rmtree(work, ignore_errors=True)


def _make(work: Path) -> None:
    try:
        work.mkdir()
    except FileNotFoundError as error:
        raise FileNotFoundError(
            error.errno, "the directory that it is to be in does not exist", str(work)
        ) from None


def check_destination(directory: Path, *, overwrite: bool, called: Path | None = None) -> None:
    """Raise ``click.UsageError`` unless ``directory`` is new, empty or, to overwrite, a commitment.

    Messages name it ``called``, if that is given.
    """
    called = called or directory
    if not directory.exists():
        return
    if not directory.is_dir():
        raise click.UsageError(f"{called} is not a directory")
    names = set(os.listdir(directory))
    if not names:
        return
    if not overwrite:
        raise click.UsageError(_occupied(called))
    why = _foreign(directory, names)
    if why:
        raise click.UsageError(
            f"{called} is not replaced: {why}, and only a commitment's own files are removed"
        )


def _occupied(directory: Path) -> str:
    return f"{directory} exists and is not empty; --overwrite replaces an earlier commitment"


def _foreign(directory: Path, names: set[str]) -> str | None:
    """Return why ``directory``, which holds ``names``, is not a commitment alone; None if it is."""
    others = sorted(names - FILES)
    if others:
        return f"it also has {others[0]!r}"
    if MANIFEST not in names:
        return f"it has no {MANIFEST}"
    odd = [name for name in sorted(names) if not stat.S_ISREG((directory / name).lstat().st_mode)]
    if odd:
        return f"its {odd[0]} is not a regular file"
    try:
        Manifest.from_json(filekind.read_small(directory / MANIFEST))
    except (DecodeError, BadData) as error:
        return f"its {MANIFEST} is not one of ours ({error})"
    return None


def _put_in_place(work: Path, target: Path, aside: Path, *, overwrite: bool) -> None:
    """Rename ``work`` to ``target``; an earlier commitment waits in ``aside``, and returns if that fails."""
    for path in work.iterdir():
        _sync(path)
    _sync(work)
    if not overwrite:
        _take(work, target)
        _sync(target.parent)
        return
    try:
        _set_aside(target, aside)
        _take(work, target)
        _sync(target.parent)
    finally:
        # Whatever was raised, also between the renames: as long as ``work`` is there, its place is not taken.
        if work.exists():
            _put_back(aside, target)
        else:
            _remove_old(aside)


def _take(work: Path, target: Path) -> None:
    """Rename to an absent or empty directory: the kernel refuses any other, whenever it came to be."""
    try:
        work.rename(target)
    except OSError as error:
        if error.errno in (errno.ENOTEMPTY, errno.EEXIST):
            raise click.UsageError(_occupied(target)) from error
        check_destination(target, overwrite=False)
        raise


def _set_aside(target: Path, aside: Path) -> None:
    check_destination(target, overwrite=True)
    with suppress(FileNotFoundError):
        target.rename(aside)
    # Once more, now that nobody finds it by its name.
    check_destination(aside, overwrite=True, called=target)


def _put_back(aside: Path, target: Path) -> None:
    if not aside.exists():
        return
    try:
        aside.rename(target)
    except OSError as error:
        raise Failure(f"{target}: something else has taken its place; the earlier one is {aside}") from error


def _remove_old(aside: Path) -> None:
    """Remove the files of a commitment, and the directory if that leaves it empty."""
    try:
        for name in FILES:
            with suppress(FileNotFoundError):
                (aside / name).unlink()
        with suppress(FileNotFoundError):
            aside.rmdir()
    except OSError as error:
        raise Failure(f"committed, but of the earlier one {aside} is left: {error.strerror}") from error


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
