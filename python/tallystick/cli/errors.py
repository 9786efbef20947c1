"""The one place that turns an exception into a code and a message.

Commands raise; they never exit or print an error themselves.
"""

from __future__ import annotations

import json
import traceback
from typing import Any

import click

from tallystick.cli.failures import ClosedOutput, ExitCode, Failure
from tallystick.cli.spelling import plain
from tallystick.errors import (
    AuditError,
    ChainError,
    DecodeError,
    InvalidProof,
    InvalidSignature,
    NotFound,
    RootMismatch,
    StoreError,
)

# The first rule that fits counts: RootMismatch is an InvalidProof, FileNotFoundError an OSError.
_RULES: tuple[tuple[type[BaseException] | tuple[type[BaseException], ...], ExitCode], ...] = (
    ((InvalidProof, AuditError), ExitCode.REFUSED),
    ((click.Abort, KeyboardInterrupt), ExitCode.INTERRUPTED),
    (click.ClickException, ExitCode.USAGE),
    (DecodeError, ExitCode.BAD_DATA),
    ((NotFound, FileNotFoundError), ExitCode.NOT_FOUND),
    ((OSError, StoreError), ExitCode.IO),
)


def describe(error: BaseException) -> tuple[ExitCode, str, dict[str, Any]]:
    """Return exit code, message and details of ``error``; ``INTERNAL`` for one that nobody expected."""
    if isinstance(error, Failure):
        return error.code, str(error), error.details
    code = next((code for types, code in _RULES if isinstance(error, types)), ExitCode.INTERNAL)
    details: dict[str, Any] = {}
    if isinstance(error, InvalidProof):
        details["reason"] = error.reason.name
    if isinstance(error, RootMismatch):
        details |= {"expected": error.expected.hex(), "computed": error.computed.hex()}
    return code, _message(error, code), details


def report(error: BaseException, *, as_json: bool) -> ExitCode:
    """Write ``error`` to standard error, as one JSON object if ``as_json``, and return the exit code."""
    code, message, details = describe(error)
    if isinstance(error, ClosedOutput):
        return code
    if code is ExitCode.INTERNAL:
        click.echo(
            "\n".join(map(plain, "".join(traceback.format_exception(error)).split("\n"))), err=True, nl=False
        )
    if as_json:
        click.echo(json.dumps({"error": message, "exit_code": int(code), **details}), err=True)
    elif isinstance(error, click.ClickException):
        _show(error)
    else:
        click.echo(plain(f"tallystick: {message}"), err=True)
    return code


def _show(error: click.ClickException) -> None:
    # Without arguments the message is the help, which is ours and has many lines.
    if isinstance(error, click.UsageError) and type(error).__name__ != "NoArgsIsHelpError":
        error = click.UsageError(plain(error.format_message()), error.ctx)
    error.show()


def _message(error: BaseException, code: ExitCode) -> str:
    match error:
        case InvalidProof():
            kinds = {ChainError: "statement", InvalidSignature: "signature"}
            return f"{kinds.get(type(error), 'proof')} refused: {error}"
        case click.ClickException():
            return error.format_message()
        case OSError(strerror=str(reason), filename=name) if name is not None:
            return f"{click.format_filename(name)}: {reason}"
    if code is ExitCode.INTERRUPTED:
        return "interrupted"
    return f"{type(error).__name__}: {error}" if code is ExitCode.INTERNAL else str(error)
