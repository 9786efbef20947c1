"""What a command refuses, and the code that it then exits with. Needs neither click nor pyarrow.

Whoever verifies proof files without the command meets these exceptions; :mod:`errors` turns them, and all
others, into messages.
"""

from __future__ import annotations

import enum
from typing import Any


class ExitCode(enum.IntEnum):
    """What the process exits with. Scripts rely on the numbers: never change one."""

    OK = 0
    REFUSED = 1
    USAGE = 2
    BAD_DATA = 3
    NOT_FOUND = 4
    IO = 5
    INTERNAL = 70
    INTERRUPTED = 130


class Failure(Exception):
    """An expected error: ``message`` for people, ``details`` (JSON values) for programs."""

    code = ExitCode.IO

    def __init__(self, message: str, **details: Any) -> None:
        super().__init__(message)
        self.details = details


class BadData(Failure):
    """The input is not what it has to be: a ragged row, a repeated key, a cell of another type."""

    code = ExitCode.BAD_DATA


class Missing(Failure):
    """What was asked for is not there."""

    code = ExitCode.NOT_FOUND


class ClosedOutput(Failure):
    """Whoever read our standard output has gone; there is nobody to tell."""
