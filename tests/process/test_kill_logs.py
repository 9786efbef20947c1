"""A log whose writer is killed at any moment: the next one goes on, and nothing that was promised is lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from tallystick import _checks
from tallystick.logs import Log
from tallystick.stores import DirectoryStore, FileStore, SQLiteStore

from tests.support_logs import SIGNER, VERIFIER

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")

# Appends batches of 40 entries, and says after each how many entries there are.
CODE = """
import sys
from tallystick import stores
from tallystick.liabilities import Ed25519Signer
from tallystick.logs import Log
store = getattr(stores, sys.argv[1])(sys.argv[2])
log = Log.open(store, signer=Ed25519Signer.from_seed("log.example/audit", bytes(32)))
print(len(log), flush=True)
while True:
    log.extend([b"%d" % place for place in range(len(log), len(log) + 40)])
    print(len(log), flush=True)
"""


def killed(kind: str, path: Path, seconds: float) -> int:
    """Let a writer append for some time; the number of entries that it has promised."""
    with subprocess.Popen(
        [sys.executable, "-c", CODE, kind, str(path)],
        stdout=subprocess.PIPE,
        env={**os.environ, "TALLYSTICK_THREADS": "1"},
    ) as child:
        assert child.stdout is not None
        promised = [int(child.stdout.readline())]
        time.sleep(seconds)
        child.send_signal(signal.SIGKILL)
        # What is behind the last newline was being written.
        promised += map(int, child.stdout.read().split(b"\n")[:-1])
    return promised[-1]


@pytest.mark.parametrize(
    ("kind", "rounds"),
    [
        ("DirectoryStore", 4),
        ("SQLiteStore", 4),
        ("FileStore", 4),
        pytest.param("DirectoryStore", 500, marks=pytest.mark.exhaustive),
        pytest.param("SQLiteStore", 500, marks=pytest.mark.exhaustive),
        pytest.param("FileStore", 500, marks=pytest.mark.exhaustive),
    ],
)
def test_a_killed_writer_leaves_a_good_log(kind: str, rounds: int, tmp_path: Path) -> None:
    path = tmp_path / "log"
    chance = random.Random(1)
    open_store = {"DirectoryStore": DirectoryStore, "SQLiteStore": SQLiteStore, "FileStore": FileStore}[kind]
    with open_store(path) as store:
        Log.create(store, signer=SIGNER)
    for _ in range(rounds):
        promised = killed(kind, path, chance.uniform(0, 0.3))
        checked = _checks.check_path(path, VERIFIER.to_text())
        assert checked.sound, checked.findings
        assert int(checked.facts["size"]) >= promised
        with open_store(path) as store:
            log = Log.open(store, signer=SIGNER)
            assert promised <= len(log) <= promised + 40
            assert log.entries() == [b"%d" % place for place in range(len(log))]
    assert len(log) > 0
    assert _checks.check_path(path, VERIFIER.to_text()).sound
