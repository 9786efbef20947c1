"""Programs in Go over `golang.org/x/mod/sumdb` and Tessera, built once; `go/tiles` says what they do."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "go" / "tiles"


@dataclass(frozen=True)
class Programs:
    """Where the two programs are."""

    folder: Path

    def sumdb(self, **asked: Any) -> Any:
        """What the program over `sumdb/tlog` and `sumdb/note` answers."""
        return json.loads(self.run("sumdb", input=json.dumps(asked)))

    def refused(self, **asked: Any) -> str:
        """Why it fails."""
        done = subprocess.run(
            [str(self.folder / "sumdb")],
            input=json.dumps(asked),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode != 0
        return done.stderr

    def run(self, name: str, *arguments: str, **options: Any) -> str:
        done = subprocess.run(
            [str(self.folder / name), *arguments],
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
            **options,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout


def build(directory: Path) -> Programs:
    """Skip where there is no Go, or its modules cannot be had."""
    if shutil.which("go") is None:
        pytest.skip("go is not installed")
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly"}

    def go(*arguments: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["go", *arguments],
            cwd=HERE,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=600,
        )

    had = go("mod", "download")
    if had.returncode != 0:
        pytest.skip(f"the modules of go/tiles cannot be had: {had.stderr[-200:]}")
    for name, package in (("sumdb", "."), ("tessera", "./tessera")):
        built = go("build", "-buildvcs=false", "-o", str(directory / name), package)
        assert built.returncode == 0, built.stderr
    return Programs(directory)
