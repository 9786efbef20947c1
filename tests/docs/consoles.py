"""Runs the console blocks of a page: commands after ``$``, each with its output."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

FENCED = re.compile(r"^```console\n(.*?)^```", re.DOTALL | re.MULTILINE)


def shown(page: Path) -> str:
    """Everything that the console blocks of ``page`` show."""
    return "".join(FENCED.findall(page.read_text(encoding="utf-8")))


def happens(text: str, folder: Path) -> str:
    """What a shell in ``folder`` shows for the commands of ``text``; ``python`` is this interpreter."""
    commands = [line[2:] for line in text.splitlines() if line.startswith("$ ")]
    steps = [f"printf '$ %s\\n' {shlex.quote(one)}; (exit $code); {one}; code=$?" for one in commands]
    script = [f'python() {{ {shlex.quote(sys.executable)} "$@"; }}', "code=0", *steps]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=folder,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    return done.stdout
