"""The group ``tallystick``: finds the sub-commands, and funnels every error through :mod:`errors`.

A sub-command's module is imported when it is asked for. Only those that read tables import pyarrow, where
they use it, so that the others start quickly.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click

from tallystick.cli.errors import report
from tallystick.cli.failures import ClosedOutput
from tallystick.cli.lazy import LazyGroup


class App(LazyGroup):
    """The commands, and what becomes of their errors."""

    package = "tallystick.cli"
    names = ("commit", "prove", "verify", "inspect", "fsck", "liabilities", "bench", "demo")

    def invoke(self, ctx: click.Context) -> Any:
        """Run the sub-command; a closed standard output is no proof refused, whatever click makes of it."""
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except BrokenPipeError as error:
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
            raise ClosedOutput("standard output was closed") from error
        return result

    def main(  # type: ignore[override]  # click's own always exits too unless told otherwise
        self, args: Sequence[str] | None = None, prog_name: str | None = None, **extra: Any
    ) -> NoReturn:
        """Run on ``args`` and exit with the documented code."""
        arguments = list(sys.argv[1:] if args is None else args)
        extra["standalone_mode"] = False
        code: object
        try:
            code = super().main(arguments, prog_name, **extra)
        except SystemExit:
            raise
        except BaseException as error:
            # A panic of the Rust core is a BaseException, and must not end as 1: that is a refused proof.
            code = report(error, as_json="--json" in arguments)
        sys.exit(code if isinstance(code, int) else 0)


@click.group(cls=App, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tallystick", prog_name="tallystick")
def app() -> None:
    """Commit to a table, prove its rows, verify the proofs; the same for what is owed to customers.

    Exit codes: 0 done; 1 proof refused; 2 usage; 3 bad input data; 4 key or file not found; 5 input or output
    failed; 70 a defect of the command; 130 interrupted; 143 terminated.
    """
