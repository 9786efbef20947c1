"""What the commands have in common towards the outside: ``--json``, and files written whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import secrets
import stat
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import click

from tallystick.cli.spelling import plain

# What a file system without hard links says.
_NO_LINKS = (errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS)
Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]
json_option: Decorator = click.option(
    "--json", "as_json", is_flag=True, help="Print one JSON object; errors too, on standard error."
)


def aligned(rows: Sequence[Sequence[str]], right: Container[int] = ()) -> list[str]:
    """Return ``rows`` of cells as lines; the columns ``right`` are set to the right.

    >>> aligned([("asset", "total"), ("BTC", "1.5")], right={1})
    ['asset  total', 'BTC      1.5']
    """
    cells = [[plain(cell) for cell in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [
        "  ".join(
            cell.rjust(width) if place in right else cell.ljust(width)
            for place, (cell, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in cells
    ]


def emit(as_json: bool, members: Mapping[str, Any], lines: Sequence[str]) -> None:
    """Print ``members`` as one JSON object, or ``lines``, each :func:`plain`."""
    click.echo(json.dumps(members) if as_json else "\n".join(map(plain, lines)))


def write_file(path: Path, data: bytes, *, overwrite: bool, public: bool = False) -> None:
    """Write ``path``, readable for its owner only unless ``public``, beside its place and then into it.

    Unless to ``overwrite``, anything of this name raises ``FileExistsError``, also a link to nowhere.
    """
    work = path.with_name(f".{path.name}.{secrets.token_hex(4)}.partial")
    with naming(path, work):
        try:
            if public:
                _create(work, lambda file: file.write(data), 0o666)
            else:
                write_private(work, lambda file: file.write(data))
            if overwrite:
                work.replace(path)
            else:
                _link(work, path)
        finally:
            _remove(work)


@contextmanager
def naming(path: Path, work: Path) -> Iterator[None]:
    """Let an ``OSError`` about ``work``, where ``path`` is made, name ``path``: nobody knows ``work``."""
    try:
        yield
    except OSError as error:
        named = str(error.filename)
        if not named.startswith(str(work)):
            raise
        raise OSError(error.errno, error.strerror, named.replace(str(work), str(path), 1)) from error


def _link(work: Path, path: Path) -> None:
    try:
        path.hardlink_to(work)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        mode = stat.S_IMODE(work.stat().st_mode)
        _create(path, lambda file: file.write(work.read_bytes()), mode)


def _remove(work: Path) -> None:
    # Where its directory is none, there is no such file either.
    with suppress(FileNotFoundError, NotADirectoryError):
        work.unlink()


def write_private(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Create ``path``, readable for its owner only, and let ``write(file)`` fill it."""
    _create(path, write, 0o600)


def _create(path: Path, write: Callable[[BinaryIO], object], mode: int) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
        write(file)
