"""What a customer runs: `python check.py FILE NAME CENTS`, with `none` for an account that there was not.

Needs the file, and the head that was published for its day. Name and balance are what the customer says,
never what the file does.
"""

import json
import sys
from pathlib import Path

import tallystick as ts


def main(file: str, name: str, cents: str) -> None:
    """Print that it is proven, or exit with 1."""
    given = json.loads(Path(file).read_text())
    head = ts.SparseHead.from_bytes(Path(f"published/{int(given['day'])}.head").read_bytes())
    try:
        proof = ts.SparseProof.from_bytes(bytes.fromhex(given["proof"]))
        key = ts.key(name.encode())
        if cents == "none":
            head.verify_absent(key, proof)
        else:
            head.verify_present(key, bytes.fromhex(given["salt"] or "") + cents.encode(), proof)
    except (ts.InvalidProof, ts.DecodeError) as refusal:
        raise SystemExit(f"refused: {refusal}") from None
    print(f"proven: on day {given['day']} {name} had {cents}")


if __name__ == "__main__":
    main(*sys.argv[1:])
