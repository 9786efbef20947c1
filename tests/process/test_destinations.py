"""Where a tree file can be put, and that it belongs to the process that builds it."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
import tallystick as ts

from tests.support import run_python


def never_asked() -> Iterator[list[bytes]]:
    pytest.fail("asked for a chunk")
    yield []


FORK = """
import os, sys, tallystick as ts
rows = [b"%d" % number for number in range(5000)]

def chunks():
    yield rows
    if os.fork() == 0:
        sys.exit(0)
    os.wait()
    yield rows

tree = ts.build_file(sys.argv[1], chunks())
assert tree.head == ts.MerkleTree(rows + rows).head
print(sorted(os.listdir(os.path.dirname(sys.argv[1]))))
"""

GOES_ON = """
import os, sys, tallystick as ts
rows = [b"%d" % number for number in range(200_000)]

def chunks():
    yield rows
    child = os.fork()
    if child:
        os.waitpid(child, 0)
    for _ in range(6):
        yield rows

mine = os.getpid()
try:
    tree = ts.build_file(sys.argv[1], chunks())
    print(len(tree))
except OSError as error:
    os.write(1, f"{error}\\n".encode())
    os._exit(0 if os.getpid() != mine else 1)
"""


@pytest.mark.parametrize("name", ["", ".", "..", "folder", "folder/", "new/", "x" * 300, "nul\0"])
@pytest.mark.parametrize("overwrite", [False, True])
def test_impossible_places_are_refused_before_the_first_chunk(
    name: str, overwrite: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "folder").mkdir()
    with pytest.raises((OSError, ValueError)):
        ts.build_file(name, never_asked(), overwrite=overwrite)
    assert os.listdir(tmp_path) == ["folder"]


def test_a_pipe_is_not_replaced(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(FileExistsError):
        ts.MerkleTree([b"a"]).save(path, overwrite=True)
    assert stat.S_ISFIFO(path.stat().st_mode)


def test_a_folder_that_is_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(IsADirectoryError) as caught:
        ts.MerkleTree.open(tmp_path)
    assert caught.value.filename == str(tmp_path)


def test_the_damaged_one_of_several_files_is_named(tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad"
    ts.MerkleTree([b"a"]).save(good)
    bad.write_bytes(good.read_bytes()[:-1])
    with pytest.raises(ts.DecodeError, match=str(bad)):
        ts.MerkleTree.open([good, bad])


def test_a_child_that_ends_leaves_the_parents_file_alone(tmp_path: Path) -> None:
    done = run_python(FORK, tmp_path / "tree")
    assert (done.stdout, done.stderr) == ("['tree']\n", "")


def test_a_child_that_goes_on_is_told(tmp_path: Path) -> None:
    done = run_python(GOES_ON, tmp_path / "tree")
    assert done.returncode == 0, done.stderr
    told, size = done.stdout.splitlines()
    assert told.startswith("the file is written by the process that began it")
    assert size == "1400000"
    assert os.listdir(tmp_path) == ["tree"]
