"""What a customer runs: `python check.py 2026-01-01 bob BTC=125000000 EUR=7010`.

Sees what is public and the own receipt. The amounts are what the customer expects, in minor units. Exits
with 1 if anything is refused. In life, the key does not come from the place that the statement comes from.
"""

import sys
from pathlib import Path

from tallystick import InvalidProof, liabilities


def main(day: str, customer: str, *expected: str) -> int:
    """Print what is proven; return 0, or 1 if something is refused."""
    verifier = liabilities.Ed25519Verifier.from_text(Path("public/key.txt").read_text())
    statement = liabilities.Statement.from_note(Path(f"public/{day}.note").read_bytes())
    receipt = liabilities.Receipt.from_bytes(Path(f"{customer}-{day}.receipt").read_bytes())
    wanted = {code: int(amount) for code, amount in (text.split("=") for text in expected)}
    try:
        statement.verify_signature(verifier)
        proven = statement.verify(receipt, customer, wanted)
    except InvalidProof as refusal:
        print(f"refused: {refusal}")
        return 1
    print(f"proven: {statement.origin} counts for {customer} on {statement.snapshot_id}: {proven}")
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
