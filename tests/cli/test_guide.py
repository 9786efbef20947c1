"""What the guide shows in its console blocks is what happens."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "docs" / "guides" / "command.md"
ACCOUNTS = 'id,name,balance\n1,Ann,12.50\n2,Bob,0.00\n3,"Cy, jr.",7.25\n'


def test_the_console_blocks(tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text(ACCOUNTS)
    blocks = re.findall(r"```console\n(.*?)```", GUIDE.read_text(encoding="utf-8"), re.DOTALL)
    shown = "".join(blocks)
    assert shown.count("$ tallystick") >= 5
    commands = [line[2:] for line in shown.splitlines() if line.startswith("$ ")]
    # Each command is printed as the guide prints it, then its output.
    steps = [
        f"printf '$ %s\\n' {shlex.quote(command)}; (exit $code); {command}; code=$?" for command in commands
    ]
    script = [f'tallystick() {{ {shlex.quote(sys.executable)} -m tallystick.cli "$@"; }}', "code=0", *steps]
    done = subprocess.run(
        ["bash", "-c", "\n".join(script)],
        cwd=tmp_path,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        check=False,
    )
    assert re.sub(r"[0-9a-f]{16,64}…?", "5f1f…", done.stdout) == shown
