"""What the guide shows is what happens: its console blocks, and its script, which needs NumPy alone."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.consoles import happens, shown

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "command.md"
ACCOUNTS = 'id,name,balance\n1,Ann,12.50\n2,Bob,0.00\n3,"Cy, jr.",7.25\n'
COMMAND = '$ tallystick() { python -m tallystick.cli "$@"; }\n'
SCRIPT = re.compile(r"^```python\n(.*?)^```", re.DOTALL | re.MULTILINE)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    (script,) = SCRIPT.findall(GUIDE.read_text(encoding="utf-8"))
    (tmp_path / "check.py").write_text(script)
    return tmp_path


def test_the_console_blocks(folder: Path) -> None:
    text = shown(GUIDE)
    assert text.count("$ tallystick") >= 5
    happened = happens(COMMAND + text, folder)
    assert re.sub(r"[0-9a-f]{16,64}…?", "5f1f…", happened) == COMMAND + text


def test_the_script_needs_numpy_alone(folder: Path) -> None:
    script = (folder / "check.py").read_text()
    happens(COMMAND + shown(GUIDE), folder)
    # The console blocks have changed it, to show a refusal.
    (folder / "check.py").write_text(script)
    hide = "import runpy, sys\nfor name in ('click', 'rich', 'pyarrow'): sys.modules[name] = None\n"
    done = subprocess.run(
        [sys.executable, "-c", hide + "runpy.run_path('check.py', run_name='__main__')"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.startswith("proven"), done.stderr
