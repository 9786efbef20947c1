"""What the auditor runs, every hour: `python watch.py` takes the log's head only if the log has just grown.

The newest head that was accepted is kept in watched.note, which the service cannot write to. Exits with 1 if
the log has shrunk or its history is another one; both signed heads are then evidence.
"""

import sys
from pathlib import Path

import tallystick as ts
from tallystick.liabilities import Ed25519Verifier
from tallystick.logs import LogReader
from tallystick.stores import DirectoryStore
from tallystick.tlog import Checkpoint

KEPT = Path("watched.note")


def main() -> int:
    """Compare the log with the head of the last time; return 0, or 1 if it was rewritten."""
    verifier = Ed25519Verifier.from_text(Path("key.txt").read_text())
    store = DirectoryStore("public", create=False, head_name="checkpoint")
    kept = Checkpoint.from_text(KEPT.read_bytes().decode()).head if KEPT.exists() else None
    try:
        reader = LogReader.open(store, verifier=verifier, newest=kept)
    except ts.InvalidProof as refusal:
        Path("evidence.note").write_bytes(store.read_head() or b"")
        print(f"REWRITTEN: {refusal}")
        print("both heads are signed: watched.note and evidence.note")
        return 1
    KEPT.write_bytes(reader.note.encode())
    before = 0 if kept is None else kept.size
    print(f"{before} entries unchanged, {len(reader) - before} new")
    return 0


if __name__ == "__main__":
    sys.exit(main())
