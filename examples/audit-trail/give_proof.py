"""What anybody runs who can read the log: `python give_proof.py 1`.

Writes entry-1.json and entry-1.tlog-proof.
"""

import sys
from pathlib import Path

from tallystick.liabilities import Ed25519Verifier
from tallystick.logs import LogReader
from tallystick.stores import DirectoryStore
from tallystick.tlog import Checkpoint, LogProof


def main(index: int) -> None:
    """Write the entry at `index`, and its proof with the signed head that it is for."""
    store = DirectoryStore("public", create=False, head_name="checkpoint")
    reader = LogReader.open(store, verifier=Ed25519Verifier.from_text(Path("key.txt").read_text()))
    [entry] = reader.entries(index, index + 1)
    proof = LogProof(index, reader.prove(index), Checkpoint.from_text(reader.note))
    Path(f"entry-{index}.json").write_bytes(entry)
    Path(f"entry-{index}.tlog-proof").write_bytes(proof.to_text().encode())
    print(f"wrote entry {index} of {len(reader)}, and a proof of {len(proof.proof)} digests")


if __name__ == "__main__":
    main(int(sys.argv[1]))
