"""A build that is killed: nothing half done at the path, and the next one works."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import tallystick as ts

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")

COUNT = 600_000
CODE = """
import sys
import numpy as np, tallystick as ts
leaves = np.arange(600_000 * 4, dtype="<u8").view(np.uint8).reshape(-1, 32)
print("begin", flush=True)
ts.build_file(sys.argv[1], (leaves[i : i + 50_000] for i in range(0, len(leaves), 50_000)))
print("end", flush=True)
"""
LEAVES = np.arange(COUNT * 4, dtype="<u8").view(np.uint8).reshape(-1, 32)


def killed_after(seconds: float, path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", CODE, str(path)], stdout=subprocess.PIPE) as child:
        assert child.stdout is not None
        assert child.stdout.readline() == b"begin\n"
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
        child.wait()


def test_a_killed_build_leaves_no_half_file(tmp_path: Path) -> None:
    head, path = ts.head_of(LEAVES), tmp_path / "tree"
    begin = time.perf_counter()
    ts.build_file(path, [LEAVES])
    took = time.perf_counter() - begin
    chance = random.Random(0)
    outcomes = []
    for _ in range(12):
        path.unlink(missing_ok=True)
        killed_after(chance.uniform(0, 1.5 * took), path)
        outcomes.append(path.exists())
        if path.exists():
            assert ts.MerkleTree.open(path, check=True).head == head
        others = [found.name for found in tmp_path.iterdir() if found != path]
        assert all(name.startswith(".tallystick-") and name.endswith(".tmp") for name in others)
        assert ts.build_file(path, [LEAVES], overwrite=True).head == head
    print(f"whole {sum(outcomes)}, absent {12 - sum(outcomes)}")


def test_a_killed_build_goes_on_with_the_missing_shard(tmp_path: Path) -> None:
    border = 4096 * 73
    paths = [tmp_path / "first", tmp_path / "second"]
    ts.build_file(paths[0], [LEAVES[:border]])
    before = paths[0].read_bytes()
    killed_after(0.05, paths[1])
    if not paths[1].exists():
        assert ts.build_file(paths[1], [LEAVES[border:]], begin=border) is None
        assert ts.MerkleTree.open(paths).head == ts.head_of(LEAVES)
    assert paths[0].read_bytes() == before
