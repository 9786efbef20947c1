"""Give a customer the proof of the own row: `python give_proof.py customer-000007`.

Needs kept/. Writes a folder with two files for that customer alone: the claim (place, salt, row), the proof.
"""

import json
import sys
from pathlib import Path

import tallystick as ts


def main(customer: str) -> None:
    """Write the folder of one customer."""
    claims = json.loads(Path("kept/claims.json").read_text())
    if customer not in claims:
        raise SystemExit(f"there is no {customer}")
    claim = claims[customer]
    proof = ts.MerkleTree.open("kept/tree.tally").prove(claim["index"])
    folder = Path(f"for-{customer}")
    folder.mkdir(exist_ok=True)
    (folder / "claim.json").write_text(json.dumps(claim))
    (folder / "proof.tally").write_bytes(proof.to_bytes())
    print(f"wrote {folder}: a claim, and a proof of {len(proof)} digests")


if __name__ == "__main__":
    main(sys.argv[1])
