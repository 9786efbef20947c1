"""The store that is one file: its lock, its readers, forks, damage, a full disk, killed writers."""

from __future__ import annotations

import io
import os
import random
import re
import resource
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
import tallystick as ts
from tallystick import stores

WRITER = """
import sys
from tallystick import stores
store = stores.FileStore(sys.argv[1])
head = store.read_head()
number = int(head or b"0")
print("ready", flush=True)
while True:
    number += 1
    store.write_tiles([(f"tile/{number}/{part}", f"{number}".encode() * 500 * part) for part in range(8)])
    store.publish_head(str(number).encode(), expected=head)
    head = str(number).encode()
    print(number, flush=True)
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "store"


def filled(path: Path) -> dict[str, bytes]:
    """Make a store of several batches, with replaced and deleted tiles."""
    tiles = {f"tile/{number:02}": bytes([number]) * (number * 40) for number in range(40)}
    with stores.FileStore(path) as store:
        store.write_tiles([("tile/00", b"old"), ("gone", b"soon")])
        store.publish_head(b"one", expected=None)
        store.write_tiles(list(tiles.items()))
        store.delete_tiles(["gone"])
        store.publish_head(b"two", expected=b"one")
    return tiles


def test_a_second_writer_is_refused_until_the_first_closes(path: Path) -> None:
    store = stores.FileStore(path)
    with pytest.raises(ts.StoreError, match="open for writing elsewhere"):
        stores.FileStore(path)
    program = "import sys; from tallystick import stores; stores.FileStore(sys.argv[1])"
    command = [sys.executable, "-c", program, path]
    other = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "StoreError" in other.stderr
    store.close()
    store.close()
    with pytest.raises(ts.StoreError, match="closed"):
        store.read_tiles(["a"])
    stores.FileStore(path, create=False).close()


def test_readers_see_new_heads_and_cannot_write(path: Path) -> None:
    with pytest.raises(ts.NotFound):
        stores.FileStore(path, read_only=True)
    store = stores.FileStore(path)
    reader = stores.FileStore(path, read_only=True)
    store.write_tiles([("a", b"one")])
    assert (store.read_tiles(["a"]), reader.read_tiles(["a"])) == ([b"one"], [None])
    assert store.publish_head(b"head", expected=None)
    assert reader.read_head() == b"head"
    assert reader.list_tiles() == ["a"]
    store.compact()
    store.write_tiles([("b", b"two")])
    assert store.publish_head(b"next", expected=b"head")
    assert reader.read_head() == b"next"
    assert reader.read_tiles(["a", "b"]) == [b"one", b"two"]
    for call in (lambda: reader.write_tiles([]), lambda: reader.delete_tiles(["a"]), reader.compact):
        with pytest.raises(io.UnsupportedOperation):
            call()
    with pytest.raises(io.UnsupportedOperation):
        reader.publish_head(b"", expected=b"next")


def test_a_fork_is_refused_and_keeps_no_lock(path: Path) -> None:
    store = stores.FileStore(path)
    store.write_tiles([("a", b"one")])
    read, write = os.pipe()
    child = os.fork()
    if child == 0:
        refused = 0
        calls = (store.read_head, lambda: store.read_tiles(["a"]), lambda: store.write_tiles([("b", b"")]))
        for call in calls:
            try:
                call()
            except ts.StoreError:
                refused += 1
        store.close()
        os.write(write, bytes([refused]))
        signal.pause()
    try:
        assert os.read(read, 1) == b"\x03"
        assert store.publish_head(b"head", expected=None)
        store.close()
        with stores.FileStore(path) as again:  # though the child still has the file
            assert (again.read_head(), again.read_tiles(["a", "b"])) == (b"head", [b"one", None])
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


def flips(length: int) -> Iterator[tuple[int, int]]:
    chosen = random.Random(9)
    for place in [*range(0, 56), *range(4096, 4152), *(chosen.randrange(8192, length) for _ in range(400))]:
        yield place, chosen.randrange(8)


def test_flipped_bits_are_found_or_harmless(path: Path) -> None:
    tiles = filled(path)
    whole = path.read_bytes()
    refused = 0
    for place, bit in flips(len(whole)):
        damaged = bytearray(whole)
        damaged[place] ^= 1 << bit
        path.write_bytes(damaged)
        try:
            with stores.FileStore(path, read_only=True) as store:
                assert store.read_head() == b"two"
                assert store.list_tiles() == sorted(tiles)
                assert store.read_tiles(["gone"]) == [None]
                for name, tile in tiles.items():
                    assert store.read_tiles([name]) == [tile]
        except ts.StoreError:
            refused += 1
    assert refused > 300


@pytest.mark.parametrize("kept", [0, 100, 8191, 8192, 9000, -97, -1])
def test_a_file_that_lost_its_end_is_refused(path: Path, kept: int) -> None:
    filled(path)
    path.write_bytes(path.read_bytes()[:kept])
    for read_only in (True, False):
        with pytest.raises(ts.StoreError):
            stores.FileStore(path, read_only=read_only)


def test_what_a_crash_left_behind_the_end_is_cut(path: Path) -> None:
    tiles = filled(path)
    whole = path.read_bytes()
    path.write_bytes(whole + b"T\x01" + bytes(5000))
    with stores.FileStore(path) as store:
        assert store.read_head() == b"two"
        assert path.stat().st_size == len(whole)
        assert store.read_tiles(list(tiles)) == list(tiles.values())


def test_a_full_disk_changes_nothing(path: Path) -> None:
    store = stores.FileStore(path)
    store.write_tiles([("a", b"one")])
    assert store.publish_head(b"head", expected=None)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (path.stat().st_size + 5000, hard))
    try:
        store.write_tiles([("b", bytes(20_000))])
        with pytest.raises(ts.StoreError) as caught:
            store.publish_head(b"next", expected=b"head")
        assert isinstance(caught.value.__cause__, OSError)
        assert (store.read_head(), store.read_tiles(["a"])) == (b"head", [b"one"])
        with stores.FileStore(path, read_only=True) as reader:
            assert (reader.read_head(), reader.list_tiles()) == (b"head", ["a"])
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, handler)
    assert store.publish_head(b"next", expected=b"head")
    store.close()
    with stores.FileStore(path) as store:
        assert (store.read_head(), store.read_tiles(["b"])) == (b"next", [bytes(20_000)])


def kill_writers(path: Path, times: int, seed: int) -> None:
    """Kill writers at moments of all kinds; every head that one reported is there, with its tiles."""
    chosen, last = random.Random(seed), 0
    for _ in range(times):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, path], stdout=subprocess.PIPE, text=True)
        assert writer.stdout is not None
        assert writer.stdout.readline() == "ready\n"
        timer = threading.Timer(chosen.random() * 0.05, writer.kill)
        timer.start()
        reported = [int(line) for line in writer.stdout if line.endswith("\n")]
        writer.wait()
        writer.stdout.close()
        timer.join()
        last = reported[-1] if reported else last
        with stores.FileStore(path) as store:
            number = int(store.read_head() or b"0")
            assert number in (last, last + 1)
            last = number
            for batch in range(max(1, number - 20), number + 1):
                expected = [f"{batch}".encode() * 500 * part for part in range(8)]
                assert store.read_tiles([f"tile/{batch}/{part}" for part in range(8)]) == expected
    assert last > times // 10


def test_killed_writers_lose_nothing_that_was_published(path: Path) -> None:
    kill_writers(path, 12, 5)


@pytest.mark.exhaustive
def test_a_thousand_killed_writers_lose_nothing(path: Path) -> None:
    kill_writers(path, 1000, 6)


def test_threads_read_while_one_writes(path: Path) -> None:
    store = stores.FileStore(path)
    wrong: list[object] = []
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            number = int(store.read_head() or b"0")
            found = store.read_tiles([f"t/{number}"]) if number else [None]
            if number and found != [str(number).encode() * 1000]:
                wrong.append(number)

    threads = [threading.Thread(target=read) for _ in range(3)]
    for thread in threads:
        thread.start()
    for number in range(1, 200):
        store.write_tiles([(f"t/{number}", str(number).encode() * 1000)])
        store.publish_head(str(number).encode(), expected=store.read_head())
        if number % 50 == 0:
            store.compact()
    stop.set()
    for thread in threads:
        thread.join()
    assert wrong == []
    assert len(store.list_tiles()) == 199


def test_a_check_reads_what_nobody_reads(path: Path) -> None:
    with stores.FileStore(path) as store:
        store.check()
        for value in (b"dead" * 9, b"alive" * 9):
            store.write_tiles([("a", value)])
            store.publish_head(value, expected=store.read_head())
        store.check()
    with pytest.raises(ts.StoreError, match="closed"):
        store.check()
    file = path.read_bytes()
    path.write_bytes(file.replace(b"dead" * 9, b"daed" * 9))
    with stores.FileStore(path) as store:
        assert store.read_tiles(["a"]) == [b"alive" * 9]
        with pytest.raises(ts.StoreError, match="damaged: a tile at byte 8192"):
            store.check()
        store.compact()
        store.check()


def test_a_pipe_is_no_store_and_no_tree(path: Path) -> None:
    os.mkfifo(path)
    for read_only in (False, True):
        with pytest.raises(ts.StoreError, match="is no file, but a folder, a pipe or a device"):
            stores.FileStore(path, create=False, read_only=read_only)
    with pytest.raises(ts.StoreError, match="is no file"):
        stores.FileStore(path)
    with pytest.raises(ts.DecodeError, match="not a regular file"):
        ts.SparseTree.load(path)


@pytest.mark.parametrize("name", ["none", "empty", "text"])
def test_other_files_are_no_stores(path: Path, name: str) -> None:
    path.write_bytes({"none": b"", "empty": bytes(10_000), "text": b"text" * 5000}[name])
    before = path.read_bytes()
    with pytest.raises(ts.StoreError, match=f"{re.escape(str(path))}: the file is no store"):
        stores.FileStore(path)
    assert path.read_bytes() == before
