"""Options that several commands share, and what their values mean."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from tallystick.cli.failures import BadData
from tallystick.cli.filekind import read_small
from tallystick.cli.tables import FORMATS

F = TypeVar("F", bound=Callable[..., Any])
PATH = click.Path(path_type=Path)
_NUMBER = re.compile(r"[0-9]{1,20}")

table_format_option = click.option(
    "--format",
    "table_format",
    type=click.Choice(sorted(set(FORMATS.values()))),
    help="If the name does not say.",
)
key_option = click.option(
    "--key", metavar="KEY", help="The operator's public key, or a file with it: check the signature."
)
overwrite_option = click.option("--overwrite", is_flag=True, help="Replace a file that exists.")


def column_options(*, required: bool) -> Callable[[F], F]:
    """Give a command the options that say what is in a table."""
    options = (
        click.option(
            "--id-column",
            required=required,
            metavar="NAME",
            help="Column of the customers' ids, text or bytes.",
        ),
        click.option(
            "--unit",
            type=click.Choice(["minor", "major"]),
            required=required,
            help="What amounts count: minor units (satoshi, cents), or major ones (BTC, EUR).",
        ),
        click.option(
            "--asset-column",
            metavar="NAME",
            help="Of a long table, a row a holding: column of assets' codes.",
        ),
        click.option("--amount-column", metavar="NAME", help="Of a long table: column of amounts."),
        click.option(
            "--group", metavar="NAME", help="Column of entities or jurisdictions, each with trees of its own."
        ),
        click.option(
            "--nulls",
            type=click.Choice(["refuse", "zero"]),
            default="refuse",
            show_default=True,
            help="What an amount is that is null or, in CSV, empty.",
        ),
        table_format_option,
    )

    def decorate(function: F) -> F:
        for option in reversed(options):
            function = option(function)
        return function

    return decorate


def id_options(function: F) -> F:
    """Give a command the options that state a customer's id."""
    function = click.option("--id-hex", metavar="HEX", help="The same, as the hex digits of its bytes.")(
        function
    )
    return click.option(
        "--id",
        "user_id",
        metavar="ID",
        help="The customer's id; without it, the first line of standard input.",
    )(function)


def stated_id(user_id: str | None, id_hex: str | None) -> bytes:
    """Return the id that was stated in one of three ways."""
    if user_id is not None and id_hex is not None:
        raise click.UsageError("state the id once: --id or --id-hex")
    if id_hex is not None:
        try:
            found = bytes.fromhex(id_hex)
        except ValueError:
            raise click.UsageError("--id-hex takes an even number of hex digits") from None
    elif user_id is not None:
        # Bytes of the command line that are no UTF-8 came as surrogates.
        found = user_id.encode("utf-8", "surrogateescape")
    else:
        stream = sys.stdin.buffer
        if stream.isatty():
            click.echo("id: ", nl=False, err=True)
        found = stream.readline().removesuffix(b"\n").removesuffix(b"\r")
    if not found:
        raise click.UsageError("no id: give --id or --id-hex, or a line on standard input")
    return found


def pairs(stated: Sequence[str], option: str, value: str) -> dict[str, str]:
    """Return what ``option`` says, several times ``CODE=VALUE``; ``click.UsageError`` for anything else."""
    found: dict[str, str] = {}
    for text in stated:
        code, sign, rest = text.partition("=")
        if not sign or not code or not rest:
            raise click.UsageError(f"{option} takes CODE={value}, not {text!r}")
        if code in found:
            raise click.UsageError(f"{option} names {code} twice")
        found[code] = rest
    return found


def decimals_of(stated: Sequence[str], path: Path | None) -> dict[str, int]:
    """Return the decimals of each code, from ``--asset`` and from the lines of the ``--assets`` file."""
    texts = list(stated)
    if path is not None:
        try:
            lines = read_small(path).decode().splitlines()
        except UnicodeDecodeError as error:
            raise BadData(f"{path}: not UTF-8: {error}", file=str(path)) from None
        texts += [line for line in map(str.strip, lines) if line and not line.startswith("#")]
    return numbers(pairs(texts, "--asset", "DECIMALS"), "--asset")


def numbers(stated: Mapping[str, str], option: str) -> dict[str, int]:
    """Return the numbers of ``CODE=NUMBER``."""
    for code, text in stated.items():
        if not _NUMBER.fullmatch(text):
            raise click.UsageError(f"{option} {code}: {text!r} is no number")
    return {code: int(text) for code, text in stated.items()}
