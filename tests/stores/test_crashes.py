"""Kills and power cuts: after them the old head or the new one is there, and all the tiles it leads to."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from tallystick import stores
from tallystick.stores import _disk

WRITER = """
import sys
from tallystick import stores
kind, path = sys.argv[1:]
store = getattr(stores, kind)(path)
head = store.read_head()
number = int(head or b"0")
print("ready", flush=True)
while True:
    number += 1
    for part in range(2):
        store.write_tiles([(f"t/{number}/{part}/{i}", b"%d" % number * 500) for i in range(4)])
    assert store.publish_head(b"%d" % number, expected=head)
    head = b"%d" % number
    print(number, flush=True)
"""


def check(store: stores.DirectoryStore | stores.SQLiteStore, at_least: int) -> int:
    """The head is no older than what was said to be published, and every tile of it and before is whole."""
    number = int(store.read_head() or b"0")
    assert number >= at_least
    for one in range(max(1, number - 3), number + 1):
        names = [f"t/{one}/{part}/{i}" for part in range(2) for i in range(4)]
        assert store.read_tiles(names) == [b"%d" % one * 500] * 8
    # What was not published is there as a whole, or not at all.
    for name, tile in zip(names := list(store.list_tiles("t/")), store.read_tiles(names), strict=True):
        assert tile == name.split("/")[1].encode() * 500
    return number


def kill_many(
    kind: Callable[..., stores.DirectoryStore | stores.SQLiteStore], path: Path, times: int
) -> None:
    random_ = random.Random(7)
    reached = 0
    for _ in range(times):
        child = subprocess.Popen(
            [sys.executable, "-c", WRITER, kind.__name__, str(path)], stdout=subprocess.PIPE, text=True
        )
        assert child.stdout is not None
        with child.stdout:
            assert child.stdout.readline() == "ready\n"
            time.sleep(random_.random() * 0.2)
            os.kill(child.pid, signal.SIGKILL)
            said = child.stdout.read().split("\n")[:-1]
        assert child.wait() == -signal.SIGKILL
        with kind(path, create=False) as store:
            reached = check(store, max([reached, *map(int, said)]))
            store.delete_tiles([name for name in store.list_tiles() if int(name.split("/")[1]) < reached - 3])
        if kind is stores.DirectoryStore:
            assert list((path / "~new").iterdir()) == []
    assert reached > 0


@pytest.mark.parametrize("kind", [stores.DirectoryStore, stores.SQLiteStore])
def test_killed_writers(tmp_path: Path, kind: Callable[..., stores.DirectoryStore]) -> None:
    kill_many(kind, tmp_path / "store", 10)


@pytest.mark.exhaustive
@pytest.mark.parametrize("kind", [stores.DirectoryStore, stores.SQLiteStore])
def test_a_thousand_killed_writers(tmp_path: Path, kind: Callable[..., stores.DirectoryStore]) -> None:
    kill_many(kind, tmp_path / "store", 1000)


class Trace:
    """The steps that a store takes, and what a disk may hold after the power was cut behind one of them.

    A file's bytes are there once it was synced; before, any part of them. Names in a folder, made or moved,
    are there once the folder was synced; before, each may or may not be, in any order.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, root: Path) -> None:
        self.root = root
        self.steps: list[tuple[str, ...]] = []
        self.data: dict[str, bytes] = {}
        for name in ("write_new", "sync_file", "sync_folder", "rename", "make_folders"):
            monkeypatch.setattr(_disk, name, self.recorded(name, getattr(_disk, name)))

    def recorded(self, name: str, call: Callable[..., None]) -> Callable[..., None]:
        def step(*arguments: str | bytes) -> None:
            paths = [os.path.relpath(a, self.root) for a in arguments if isinstance(a, str)]
            if name == "make_folders":
                parts = paths[0].split("/")
                for end in range(1, len(parts) + 1):
                    folder = "/".join(parts[:end])
                    if folder != "." and not (self.root / folder).is_dir():
                        self.steps.append(("make", folder))
            else:
                self.steps.append((name, *paths))
            if name == "write_new":
                self.data[paths[0]] = bytes(arguments[1])  # type: ignore[arg-type]
            call(*arguments)

        return step

    def after(
        self, count: int, lucky: Callable[[], bool], torn: Callable[[bytes], bytes]
    ) -> dict[str, bytes | None]:
        """Files (and folders, ``None``) that are found at their names after ``count`` steps."""
        synced: set[str] = set()
        content: dict[str, bytes] = {}
        pending: dict[str, list[tuple[str, str]]] = {}
        durable: dict[str, str | None] = {}
        now: dict[str, str] = {}
        for kind, *paths in self.steps[:count]:
            folder = os.path.dirname(paths[-1]) or "."
            if kind == "make":
                pending.setdefault(folder, []).append((paths[0], ""))
            elif kind == "write_new":
                now[paths[0]] = paths[0]
            elif kind == "sync_file":
                synced.add(now[paths[0]])
            elif kind == "rename":
                now[paths[1]] = now.pop(paths[0])
                pending.setdefault(folder, []).append((paths[1], now[paths[1]]))
            elif kind == "sync_folder":
                for name, what in pending.pop(paths[0], []):
                    durable[name] = what or None
        for changes in pending.values():
            for name, what in changes:
                if lucky():
                    durable[name] = what or None
        for made in self.data:
            content[made] = self.data[made] if made in synced or lucky() else torn(self.data[made])
        found: dict[str, bytes | None] = {}
        for name in sorted(durable):
            above = os.path.dirname(name)
            if not above or above in found:
                source = durable[name]
                found[name] = None if source is None else content[source]
        return found


def test_every_moment_of_a_power_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    root = tmp_path / "store"
    root.mkdir()
    trace = Trace(monkeypatch, root)
    store = stores.DirectoryStore(root)
    done: list[tuple[int, int]] = [(0, 0)]
    for number in (1, 2, 3):
        for part in range(2):
            store.write_tiles([(f"t/{number}/{part}/{i}", b"%d" % number * 500) for i in range(4)])
        assert store.publish_head(b"%d" % number, expected=b"%d" % (number - 1) if number > 1 else None)
        done.append((len(trace.steps), number))
    monkeypatch.undo()
    assert {kind for kind, *_ in trace.steps} == {"make", "write_new", "sync_file", "sync_folder", "rename"}
    random_ = random.Random(11)
    seen: set[int] = set()
    for count in range(len(trace.steps) + 1):
        at_least = max(number for steps, number in done if steps <= count)
        for chance in (0.0, 1.0, 0.5, 0.5, 0.5, 0.9):
            after = tmp_path / f"{count}"
            after.mkdir()
            files = trace.after(
                count,
                lambda chance=chance: random_.random() < chance,
                lambda data: data[: random_.randrange(len(data) + 1)],
            )
            for name, data in files.items():
                if data is None:
                    (after / name).mkdir()
                else:
                    (after / name).write_bytes(data)
            seen.add(check(stores.DirectoryStore(after), at_least))
            subprocess.run(["rm", "-r", str(after)], check=True)
    assert seen == {0, 1, 2, 3}


def test_the_replay_finds_a_missing_sync(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    trace = Trace(monkeypatch, tmp_path)
    store = stores.DirectoryStore(tmp_path)
    store.write_tiles([("t/1", b"1")])
    trace.steps = [step for step in trace.steps if step[0] != "sync_file"]
    found = trace.after(len(trace.steps), lambda: True, lambda _: b"")
    assert found["t/1"] == b"1"
    unlucky = iter([True] * 3)
    found = trace.after(len(trace.steps), lambda: next(unlucky, False), lambda _: b"")
    assert found["t/1"] == b""


def test_a_full_disk_leaves_the_store_as_it_was(tmp_path: Path) -> None:
    code = """
import resource, signal, sys
import tallystick as ts
from tallystick import stores
kind, path = sys.argv[1:]
store = getattr(stores, kind)(path)
store.write_tiles([("a", b"old")])
assert store.publish_head(b"1", expected=None)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
try:
    store.write_tiles([("a", b"new"), ("b", bytes(1_000_000))])
except ts.StoreError:
    print("refused")
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(store.read_tiles(["a", "b"]), store.read_head())
store.write_tiles([("b", bytes(1_000_000))])
print(store.publish_head(b"2", expected=b"1"))
"""
    for kind in ("DirectoryStore", "SQLiteStore"):
        done = subprocess.run(
            [sys.executable, "-c", code, kind, str(tmp_path / kind)],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.stdout == "refused\n[b'old', None] b'1'\nTrue\n", done.stderr
