"""JavaScript libraries of others, asked by `node/oracle.mjs`, and their installation. No tests.

They are installed once, into `node/node_modules`, which is not in the repository: see
docs/decisions/0022-javascript-in-tests.md. Without Node and npm a test that asks is skipped, and says so.
"""

from __future__ import annotations

import fcntl
import functools
import hashlib
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

NODE = Path(__file__).parent / "node"
INSTALL = ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]


@functools.cache
def install() -> None:
    """Install the packages unless those of this package.json are there; one process at a time."""
    wanted = hashlib.sha256((NODE / "package.json").read_bytes()).hexdigest()
    stamp = NODE / "node_modules" / ".installed-for"
    with (NODE / ".install-lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if stamp.exists() and stamp.read_text() == wanted:
            return
        shutil.rmtree(NODE / "node_modules", ignore_errors=True)
        done = subprocess.run(INSTALL, cwd=NODE, capture_output=True, text=True, check=False, timeout=600)
        assert done.returncode == 0, done.stderr
        stamp.write_text(wanted)


def ask(questions: list[dict[str, Any]]) -> list[Any]:
    """The libraries' answers, in the order of the questions."""
    for program in ("node", "npm"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed, so no JavaScript library can be asked")
    install()
    done = subprocess.run(
        ["node", "--no-warnings", "oracle.mjs"],
        cwd=NODE,
        input=json.dumps(questions),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    assert len(answers) == len(questions)
    return answers


def asked(questions: list[dict[str, Any]]) -> list[Any]:
    """The same where no library may refuse."""
    answers = ask(questions)
    refused = [answer["error"] for answer in answers if isinstance(answer, dict) and "error" in answer]
    assert not refused
    return answers


def h(data: Any) -> str:
    """Bytes as the libraries have them."""
    return "0x" + bytes(data).hex()
