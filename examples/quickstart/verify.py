"""Verify one row: `python verify.py head.tally for-customer-000007`.

Sees the head, the claim and the proof, and nothing else. The head must come from where it is published, not
from whoever hands out the proof. Exits with 1 if the claim is not proven.
"""

import json
import sys
from pathlib import Path

import tallystick as ts

# What the customer expects the head to be about. The root binds it.
CONTEXT = b"quickstart balances of 2026-01-31: customer text, eur_cents integer, btc_satoshi integer; salted"


def main(head_file: str, folder: str) -> int:
    """Print whether the claim in `folder` is proven; return 0 or 1."""
    head = ts.TreeHead.from_bytes(Path(head_file).read_bytes())
    if head.scheme != ts.schemes.NATIVE.with_context(CONTEXT):
        print("refused: the head is about something else")
        return 1
    claim = json.loads(Path(folder, "claim.json").read_text())
    proof = ts.InclusionProof.from_bytes(Path(folder, "proof.tally").read_bytes())
    customer, eur_cents, btc_satoshi = claim["row"]
    table = {"customer": [customer], "eur_cents": [eur_cents], "btc_satoshi": [btc_satoshi]}
    (leaf,) = ts.encode_rows(table, salts=[bytes.fromhex(claim["salt"])])
    try:
        head.verify_inclusion(claim["index"], leaf, proof)
    except ts.InvalidProof as refusal:
        print(f"refused: {refusal}")
        return 1
    balances = f"{eur_cents} EUR cents, {btc_satoshi} satoshi"
    print(f"proven: row {claim['index']} of {head.size} is {customer}: {balances}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
