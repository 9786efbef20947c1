"""What a court runs: `python check.py entry-1` needs the entry, its proof and key.txt, and no log.

In life, the key does not come from the place that the proof comes from. Exits with 1 if anything is refused.
"""

import json
import sys
from pathlib import Path

import tallystick as ts
from tallystick.liabilities import Ed25519Verifier
from tallystick.tlog import LogProof


def main(name: str) -> int:
    """Print what is proven; return 0, or 1 if something is refused."""
    verifier = Ed25519Verifier.from_text(Path("key.txt").read_text())
    entry = Path(f"{name}.json").read_bytes()
    try:
        proof = LogProof.from_text(Path(f"{name}.tlog-proof").read_bytes().decode())
        checkpoint = proof.checkpoint
        [signature] = [line.signature for line in checkpoint.signatures if line.key_id == verifier.key_id]
        verifier.verify(checkpoint.body, signature)
        checkpoint.head.verify_inclusion(proof.index, entry, proof.proof)
    except (ts.InvalidProof, ValueError) as refusal:
        print(f"refused: {refusal}")
        return 1
    said = json.loads(entry)
    did = " ".join(said[name] for name in ("operator", "action", "subject"))
    print(f"proven: entry {proof.index} of {checkpoint.origin}: {did}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
