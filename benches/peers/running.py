"""Runs contestants beside each other: one process each, operations in turn, so a slow moment slows all."""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

import numpy as np
from contestants import Contestant, NotReady, Ready

OPERATIONS = ("build", "prove", "verify", "multi", "verify_multi", "append", "append_again")
#: Where a tree moves to make room, it does so at the first appending after a build.
SENT = {"append_again": "append"}
ONE_THREAD = ("TALLYSTICK_THREADS", "RAYON_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")


@dataclass(slots=True)
class Row:
    """What one contestant did at one size. `cpu` and `wall` have an entry a round for each operation."""

    contestant: Contestant
    log2: int
    version: str = ""
    started: bool = False
    #: Why the contestant did not run, or ended early.
    failed: str = ""
    #: Operations that failed, and how: also in `missing`.
    errors: dict[str, str] = field(default_factory=dict)
    #: Operations without figures, and why.
    missing: dict[str, str] = field(default_factory=dict)
    cpu: dict[str, list[float]] = field(default_factory=dict)
    wall: dict[str, list[float]] = field(default_factory=dict)
    peak: int = 0
    root: str = ""
    root_after: str = ""


class Running:
    """A contestant's process, which has read the input."""

    def __init__(self, row: Row, ready: Ready, folder: Path) -> None:
        self.row = row
        row.version, row.started = ready.version, True
        environment = os.environ | dict.fromkeys(ONE_THREAD, "1")
        command = [str(folder) if word == "FOLDER" else word for word in ready.command]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, encoding="ascii", env=environment
        )
        if "ready" not in self.answer():
            row.failed = "did not start"

    def answer(self) -> dict[str, object]:
        line = stream(self.process.stdout).readline()
        if not line:
            self.row.failed = f"ended with {self.process.wait()}"
            return {}
        found: dict[str, object] = json.loads(line)
        return found

    def ask(self, operation: str) -> dict[str, object]:
        if self.row.failed:
            return {}
        asked = stream(self.process.stdin)
        try:
            asked.write(operation + "\n")
            asked.flush()
        except BrokenPipeError:
            self.row.failed = "ended early"
            return {}
        return self.answer()

    def timed(self, operation: str) -> None:
        if operation in self.row.missing:
            return
        answer = self.ask(SENT.get(operation, operation))
        if "missing" in answer:
            self.row.missing[operation] = str(answer["missing"])
        elif "error" in answer:
            self.row.errors[operation] = str(answer["error"])
            self.row.missing[operation] = f"failed: {answer['error']}"
            # Figures of earlier rounds would hide it.
            self.row.cpu.pop(operation, None)
            self.row.wall.pop(operation, None)
        elif answer:
            self.row.cpu.setdefault(operation, []).append(float(str(answer["cpu"])))
            self.row.wall.setdefault(operation, []).append(float(str(answer["wall"])))

    def close(self) -> None:
        with contextlib.suppress(BrokenPipeError):
            stream(self.process.stdin).close()
        self.process.wait()


def stream(found: IO[str] | None) -> IO[str]:
    if found is None:
        raise RuntimeError("no pipe")
    return found


def write_input(folder: Path, log2: int, proofs: int, chosen: int) -> None:
    """The same leaves and indices for everyone, from one seed."""
    random, size = np.random.default_rng(1), 1 << log2
    random.integers(0, 256, (size, 32), dtype=np.uint8).tofile(folder / "leaves")
    random.integers(0, 256, (chosen, 32), dtype=np.uint8).tofile(folder / "more")
    random.integers(0, size, proofs).astype("<u8").tofile(folder / "indices")
    np.sort(random.choice(size, chosen, replace=False)).astype("<u8").tofile(folder / "chosen")


def beside(
    contestants: Sequence[Contestant],
    log2: int,
    folder: Path,
    rounds: int,
    ready: dict[str, Ready | NotReady],
) -> list[Row]:
    """Run these contestants at one size. Those that are not ready get a row that says so."""
    rows = [Row(contestant, log2) for contestant in contestants]
    running = []
    try:
        for row in rows:
            found = ready[row.contestant.name]
            if isinstance(found, NotReady):
                row.failed = str(found)
            else:
                running.append(Running(row, found, folder))
        for number in range(rounds):
            # The first one of a round changes, so that nobody always runs after the same neighbour.
            first = number % max(len(running), 1)
            one_round(running[first:] + running[:first])
            if number == 0:
                for each in running:
                    each.row.peak = int(str(each.ask("peak").get("peak", 0)))
    finally:
        for each in running:
            each.close()
    return rows


def one_round(running: Sequence[Running]) -> None:
    for operation in OPERATIONS:
        for each in running:
            each.timed(operation)
        for each in running:
            if operation == "build":
                each.row.root = str(each.ask("root").get("root", ""))
            elif operation == "append" and operation in each.row.cpu:
                each.row.root_after = str(each.ask("root").get("root", ""))


def disagreements(rows: Sequence[Row]) -> Iterator[str]:
    """Roots that differ although shape and size are the same: of the tree as built, and as appended to."""
    roots: dict[tuple[str, int, str], dict[str, list[str]]] = {}
    for row in rows:
        for when, root in (("built", row.root), ("appended to", row.root_after)):
            if row.contestant.comparable and root:
                group = roots.setdefault((row.contestant.shape, row.log2, when), {})
                group.setdefault(root, []).append(row.contestant.name)
    for (shape, log2, when), found in roots.items():
        if len(found) > 1:
            yield f"{shape}, 2^{log2}, {when}: the roots differ: {list(found.values())}"
