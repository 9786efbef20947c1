"""The command ``tallystick``: commit to a table, prove its rows, verify them.

Only :func:`main` lives here. It must import without the extra ``cli``, so nothing of click, rich or pyarrow
may be imported at the top of this module. The same holds for what verifies a proof file: :mod:`tablehead`,
:mod:`prooffile`, :mod:`rows` and what these import.
"""

from __future__ import annotations

import importlib.util
import io
import signal
import sys
import threading
from collections.abc import Sequence
from typing import NoReturn


def main(args: Sequence[str] | None = None) -> NoReturn:
    """Run the command on ``args`` (default: those of the process) and exit with its code.

    Raises ``SystemExit`` always; ``docs/guides/command.md`` lists the codes.
    """
    missing = [name for name in ("click", "rich", "pyarrow") if importlib.util.find_spec(name) is None]
    if missing:
        names = ", ".join(missing)
        sys.stderr.write(
            f"The command needs {names}: install 'tallystick[cli]', in a checkout: pip install '.[cli]'\n"
        )
        sys.exit(2)
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A terminal that cannot show a letter is no reason to fail.
        sys.stdout.reconfigure(errors="backslashreplace")
    if threading.current_thread() is threading.main_thread():
        signal.signal(signal.SIGTERM, _terminate)
    from tallystick.cli.app import app

    app.main(args, prog_name="tallystick")


def _terminate(*_: object) -> NoReturn:
    """Leave by an exception, so that half-written files are removed on the way."""
    sys.exit(143)
