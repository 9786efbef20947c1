"""Statements, receipts and folders as commands are given them, in whatever form they are."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import click

from tallystick import liabilities
from tallystick.cli.failures import BadData, Missing
from tallystick.cli.filekind import kind_of, read_small
from tallystick.errors import DecodeError
from tallystick.liabilities import Equivocation, Receipt, ReceiptFiles, Snapshot, Statement

STATEMENT = "statement.bin"
T = TypeVar("T", Statement, Receipt, Equivocation)
_NAMED = re.compile(rb'\s*\{"format":"tallystick-([a-z-]{1,30})"')
# What a suffix says about the form of a file.
FORMS = {".json": "json", ".bin": "binary", ".tally": "binary", ".pb": "protobuf", ".note": "note"}


def read_statement(path: Path) -> Statement:
    """Read a statement: a note, its binary or JSON form, or the folder of a snapshot or of receipts."""
    if path.is_dir():
        path = path / STATEMENT
    return _read(path, "a statement", b"tlyt", Statement, Statement.from_note)


def read_receipt(path: Path) -> Receipt:
    """Read a receipt in binary or JSON."""
    return _read(path, "a receipt", b"tlyp", Receipt, None)


def read_equivocation(path: Path) -> Equivocation:
    """Read the record of an equivocation in binary or JSON."""
    return _read(path, "an equivocation", b"tlye", Equivocation, None)


def _read(path: Path, what: str, magic: bytes, kind: type[T], other: Callable[[bytes], T] | None) -> T:
    if path.is_dir():
        raise BadData(f"{path}: not {what}: this is a directory", file=str(path))
    data = read_small(path)
    try:
        if data.startswith(magic):
            return kind.from_bytes(data)
        if data.lstrip().startswith(b"{"):
            return kind.from_json(data.decode(errors="replace").removesuffix("\n"))
        if other is not None:
            return other(data)
    except DecodeError as error:
        raise DecodeError(f"{path}: not {what}{_hint(path, what, data, error)}") from None
    raise DecodeError(f"{path}: not {what}{_hint(path, what, data, None)}")


def _hint(path: Path, what: str, data: bytes, error: DecodeError | None) -> str:
    named = _NAMED.match(data)
    found = kind_of(path) if named is None else f"a {named[1].decode().replace('-', ' ')}"
    if found is not None and found.removesuffix("'s note") != what:
        return f": this is {found}"
    return f": {error}" if error else " of tallystick"


def encoded(value: Statement | Receipt | Equivocation, form: str) -> bytes:
    """Return ``value`` as bytes of a file, in one of ``FORMS``."""
    match form:
        case "json":
            return f"{value.to_json()}\n".encode()
        case "protobuf":
            return value.to_protobuf()
        case "note" if isinstance(value, Statement):
            try:
                return value.to_note().encode()
            except ValueError as error:
                raise BadData(str(error)) from None
    return value.to_bytes()


def form_of(path: Path, stated: str | None, default: str) -> str:
    """Return the form in which to write ``path``: as stated, else as its suffix says, else the default."""
    return stated or FORMS.get(path.suffix.lower(), default)


def is_receipts(path: Path) -> bool:
    """Whether ``path`` is a folder of exported receipts."""
    return path.is_dir() and any(path.glob("receipts-*-of-*.tlyx"))


def is_snapshot(path: Path) -> bool:
    """Whether ``path`` looks like the folder of a snapshot."""
    return (path / STATEMENT).exists() and (path / "customers.ids").exists()


def open_snapshot(path: Path) -> Snapshot:
    """Open the folder of a snapshot, or say what ``path`` is instead."""
    if not path.exists():
        raise Missing(f"{path}: there is no such directory", file=str(path))
    if not is_snapshot(path):
        hint = ": it has exported receipts" if is_receipts(path) else ", which 'liabilities commit' makes"
        raise BadData(f"{path} is not the directory of a snapshot{hint}", file=str(path))
    return liabilities.open(path)


def open_source(path: Path) -> Snapshot | ReceiptFiles:
    """Open what receipts come from: the folder of a snapshot, or one of exported receipts."""
    return liabilities.open_receipts(path) if is_receipts(path) else open_snapshot(path)


def refuse_existing(path: Path, *, overwrite: bool = False) -> None:
    """Raise ``click.UsageError`` if a file to be written is there already, or never can be."""
    if path.is_dir():
        raise click.UsageError(f"{path} is a directory, not a file")
    if (path.exists() or path.is_symlink()) and not overwrite:
        raise click.UsageError(f"{path} exists; --overwrite replaces it")
    if not path.parent.is_dir():
        raise click.UsageError(f"{path}: the directory that it is to be in does not exist")
