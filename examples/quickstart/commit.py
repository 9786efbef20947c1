"""Commit to a table of balances: `python commit.py balances.csv`.

Writes head.tally, which is published, and the folder kept/, which is not.
"""

import csv
import json
import secrets
import sys
from pathlib import Path

import tallystick as ts

# Bound by the root: what the rows are, and of which day. Whoever verifies states the same.
CONTEXT = b"quickstart balances of 2026-01-31: customer text, eur_cents integer, btc_satoshi integer; salted"


def main(path: str) -> None:
    """Commit to the table at `path`."""
    with open(path, newline="", encoding="utf-8") as file:
        records = list(csv.DictReader(file))
    rows = [(record["customer"], int(record["eur_cents"]), int(record["btc_satoshi"])) for record in records]
    customers, eur_cents, btc_satoshi = (list(column) for column in zip(*rows, strict=True))
    if len(set(customers)) != len(customers):
        raise SystemExit(f"{path}: a customer has two rows")

    # A proof shows a neighbour's digest. With a salt before each row, that is no test for guesses of the row.
    salts = [secrets.token_bytes(16) for _ in rows]
    table = {"customer": customers, "eur_cents": eur_cents, "btc_satoshi": btc_satoshi}
    leaves = ts.encode_rows(table, salts=salts)
    tree = ts.MerkleTree(leaves, scheme=ts.schemes.NATIVE.with_context(CONTEXT))

    kept = Path("kept")
    kept.mkdir(mode=0o700, exist_ok=True)
    tree.save(kept / "tree.tally", overwrite=True)
    claims = [
        {"index": index, "salt": salt.hex(), "row": list(row)}
        for index, (salt, row) in enumerate(zip(salts, rows, strict=True))
    ]
    (kept / "claims.json").write_text(json.dumps(dict(zip(customers, claims, strict=True))))
    Path("head.tally").write_bytes(tree.head.to_bytes())
    print(f"committed to {len(tree)} rows: publish head.tally, keep kept/ to yourself")


if __name__ == "__main__":
    main(sys.argv[1])
