"""Peak memory: a build holds the leaves, the nodes, and little else."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
import tallystick as ts

from tests.support import run_python

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")

# A child that forks from a large process inherits its peak in getrusage; VmHWM begins anew.
MEASURE = """
import sys
import numpy as np, tallystick as ts
def peak():
    return next(int(l.split()[1]) for l in open("/proc/self/status") if l.startswith("VmHWM")) * 1024
def now():
    return next(int(l.split()[1]) for l in open("/proc/self/status") if l.startswith("VmRSS")) * 1024
{prepare}
before = now()
{work}
print(peak() - before)
"""

MIB = 1 << 20
COUNT = 1 << 20
LEAVES = COUNT * 32
NODES = 2 * COUNT * 32


def extra(prepare: str, work: str, threads: int = 2) -> int:
    code = MEASURE.format(prepare=prepare, work=work)
    done = run_python(code, env={"TALLYSTICK_THREADS": str(threads)})
    assert done.returncode == 0, done.stderr
    print(f"{int(done.stdout) / MIB:.1f} MiB beyond what there was")
    return int(done.stdout)


ARRAY = f"data = np.random.default_rng(0).integers(0, 256, ({COUNT}, 32), dtype=np.uint8)"


@pytest.mark.parametrize("threads", [1, 2, 8])
@pytest.mark.parametrize("scheme", ["NATIVE", "RFC6962"])
def test_a_build_takes_its_nodes_and_32_mib(scheme: str, threads: int) -> None:
    """Leaves + nodes + 32 MiB, the leaves being there already."""
    used = extra(ARRAY, f"tree = ts.MerkleTree(data, scheme=ts.schemes.{scheme})", threads)
    assert NODES * 0.9 < used <= NODES + 32 * MIB


def test_a_build_from_a_list_adds_no_copy_of_the_leaves() -> None:
    """16 bytes a row for views, and the nodes."""
    used = extra(f"data = [i.to_bytes(32) for i in range({COUNT})]", "tree = ts.MerkleTree(data)")
    assert used <= NODES + 16 * COUNT + 8 * COUNT + 32 * MIB


def test_a_head_alone_takes_no_rows() -> None:
    assert extra(ARRAY, "head = ts.head_of(data)") <= 16 * MIB


def test_chunks_of_proofs_take_the_memory_of_few_chunks() -> None:
    """All proofs of 2^20 leaves are 640 MiB; chunks of 4,096 are 2.5 MiB each."""
    work = "assert sum(len(batch) for batch in tree.proofs()) == len(tree)"
    assert extra(f"{ARRAY}; tree = ts.MerkleTree(data)", work) <= 24 * MIB


def test_many_keys_take_a_byte_a_node() -> None:
    """20,000 keys have nearly five million nodes above them, and proofs a bit for each."""
    prepare = "from tests.support_sparse import lone_key; head, present, absent, proof = lone_key(20_000)"
    assert extra(prepare, "head.verify_many(present, absent, proof)") <= 24 * MIB


def test_an_opened_file_is_mapped_and_not_read(tmp_path: Path) -> None:
    path = tmp_path / "tree"
    ts.MerkleTree(np.zeros((COUNT, 32), np.uint8)).save(path)
    assert path.stat().st_size > NODES * 0.9
    work = "tree = ts.MerkleTree.open(path); tree.prove(5); assert len(tree) == 1 << 20"
    assert extra(f"path = {str(path)!r}", work) <= 8 * MIB


CHUNKS = """
def chunks():
    for start in range(0, 1 << 22, 1 << 17):
        yield np.full((1 << 17, 32), start % 251, np.uint8)
def anonymous():
    status = open("/proc/self/status").read().split()
    return int(status[status.index("RssAnon:") + 1]) * 1024
"""
# Two chunks of 4 MiB (one is made while the last is let go), three buffers, level 12 and page sums.
BOUND = 2 * 4 * MIB + 3 * 9 * MIB + 2 * MIB


def test_a_file_is_built_in_the_memory_of_its_buffers(tmp_path: Path) -> None:
    """2^22 leaves are 128 MiB and their file 256 MiB; the program has 224 MiB of data altogether."""
    code = f"""
import resource, sys, threading
import numpy as np, tallystick as ts
{CHUNKS}
ts.build_file(sys.argv[1] + ".small", [[b"a"]])
before, peak, over = anonymous(), 0, threading.Event()
def watch():
    global peak
    while not over.wait(0.002):
        peak = max(peak, anonymous())
limit = 224 << 20
resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
watcher = threading.Thread(target=watch)
watcher.start()
tree = ts.build_file(sys.argv[1], chunks())
over.set()
watcher.join()
assert len(tree) == 1 << 22
print(peak - before)
"""
    done = run_python(code, tmp_path / "tree", env={"TALLYSTICK_THREADS": "2"})
    assert done.returncode == 0, done.stderr
    print(f"{int(done.stdout) / MIB:.1f} MiB beyond what there was")
    assert int(done.stdout) <= BOUND + 16 * MIB
    assert (tmp_path / "tree").stat().st_size > 256 * MIB


def test_a_mapped_piece_is_not_read_at_once(tmp_path: Path) -> None:
    """One piece of 256 MiB, of which nothing is copied."""
    np.lib.format.open_memmap(tmp_path / "leaves", "w+", np.uint8, (1 << 23, 32))
    code = f"""
import sys, threading
import numpy as np, tallystick as ts
{CHUNKS}
leaves = np.load(sys.argv[1], mmap_mode="r")
before, peak, over = anonymous(), 0, threading.Event()
def watch():
    global peak
    while not over.wait(0.002):
        peak = max(peak, anonymous())
watcher = threading.Thread(target=watch)
watcher.start()
ts.build_file(sys.argv[2], [leaves], lowest=4)
over.set()
watcher.join()
print(peak - before)
"""
    done = run_python(code, tmp_path / "leaves", tmp_path / "tree", env={"TALLYSTICK_THREADS": "2"})
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) <= 32 * MIB
