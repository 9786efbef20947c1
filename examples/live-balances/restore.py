"""The drill: `python restore.py` backs the newest version up, and makes it again in another kind of store."""

from pathlib import Path

import tallystick as ts
from committed import NIGHTS, STORE, opened
from tallystick.stores import FileStore, SQLiteStore

BACKUP, RESTORED = Path("backup.tally"), Path("restored.store")


def main() -> None:
    """Save and load: loading compares every check and the root, so a backup that was loaded is good."""
    with SQLiteStore(STORE, create=False) as store:
        tree = opened(store)
        tree.save(BACKUP, overwrite=True)
        head = tree.head
    RESTORED.unlink(missing_ok=True)
    with FileStore(RESTORED) as store:
        restored = ts.SparseTree.load(BACKUP, store=store, keep=NIGHTS)
        assert restored.head == head
        print(f"restored {len(restored):,} accounts, with the root that was published")


if __name__ == "__main__":
    main()
