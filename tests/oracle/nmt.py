"""Celestia's own Go program, built once: `go/nmt/main.go` says what it reads and writes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "go" / "nmt"


class Theirs:
    """`github.com/celestiaorg/nmt`, behind one call."""

    def __init__(self, binary: Path) -> None:
        self.binary = binary

    def __call__(
        self, trees: list[dict[str, Any]] | None = None, claims: list[dict[str, Any]] | None = None
    ) -> Any:
        done = subprocess.run(
            [str(self.binary)],
            input=json.dumps({"trees": trees or [], "claims": claims or []}),
            capture_output=True,
            text=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr
        return json.loads(done.stdout)


def build(directory: Path) -> Theirs:
    """Skip where there is no Go, or its module cannot be had."""
    if shutil.which("go") is None:
        pytest.skip("go is not installed")
    environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=readonly"}
    had = subprocess.run(
        ["go", "mod", "download"], cwd=HERE, env=environment, capture_output=True, text=True, check=False
    )
    if had.returncode != 0:
        pytest.skip(f"github.com/celestiaorg/nmt cannot be had: {had.stderr[-200:]}")
    binary = directory / "nmt"
    built = subprocess.run(
        ["go", "build", "-buildvcs=false", "-o", str(binary), "."],
        cwd=HERE,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert built.returncode == 0, built.stderr
    return Theirs(binary)
