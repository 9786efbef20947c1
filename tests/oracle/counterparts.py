"""Trees and proofs of other Rust crates: the program of `crates/`, built once, behind one call."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).parent / "crates"
TARGET = Path(__file__).parents[2] / "target" / "counterparts"

#: Requests, each a `call` of `crates/README.md` with what it takes, to their answers.
Ask = Callable[[list[dict[str, Any]]], list[dict[str, Any]]]


@cache
def build() -> Path:
    """Build the program. Cargo holds a lock on its folder, so that two runs do not build at once."""
    if shutil.which("cargo") is None:
        pytest.skip("cargo is not installed")
    built = subprocess.run(
        ["cargo", "build", "--release", "--locked", "--quiet", "--manifest-path", str(HERE / "Cargo.toml")],
        env={**os.environ, "CARGO_TARGET_DIR": str(TARGET)},
        capture_output=True,
        text=True,
        check=False,
        timeout=1800,
    )
    assert built.returncode == 0, f"the counterparts cannot be built: {built.stderr[-2000:]}"
    return TARGET / "release" / ("tallystick-counterparts" + (".exe" if os.name == "nt" else ""))


def ask(requests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return an answer for each request; one that is refused has an `error`."""
    done = subprocess.run(
        [str(build())],
        input=json.dumps({"requests": requests}),
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    answers: list[dict[str, Any]] = json.loads(done.stdout)["answers"]
    assert len(answers) == len(requests)
    return answers
