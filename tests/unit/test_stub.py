"""The stub of the native module says what the module has."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_stub_and_module_agree(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "mypy.stubtest", "tallystick._core", "--ignore-disjoint-bases"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stdout + done.stderr
