"""The nightly job of an exchange: `python nightly.py 2026-01-01 balances.csv`.

Writes public/, which is published: a signed statement a day; and kept/, which is not: key, snapshots and
receipts.
"""

import csv
import sys
from pathlib import Path

from tallystick import liabilities

ASSETS = {"BTC": 8, "ETH": 18, "EUR": 2}  # decimals: 10**8 satoshi are 1 BTC
ORIGIN = "exchange.example"


def signer() -> liabilities.Ed25519Signer:
    """Return the key that signs; in the first night it is made. A hardware module does as well."""
    path = Path("kept/signing.pem")
    if path.exists():
        return liabilities.Ed25519Signer.from_pem(ORIGIN, path.read_bytes())
    made = liabilities.Ed25519Signer.generate(ORIGIN)
    path.touch(mode=0o600)
    path.write_bytes(made.to_pem())
    Path("public/key.txt").write_text(made.verifier.to_text())
    return made


def main(day: str, table: str) -> None:
    """Commit to the balances in `table`, publish the statement, write a receipt for everybody."""
    Path("public").mkdir(exist_ok=True)
    Path("kept").mkdir(mode=0o700, exist_ok=True)
    key = signer()
    notes = [liabilities.Statement.from_note(path.read_bytes()) for path in Path("public").glob("*.note")]
    latest = max(notes, key=lambda statement: statement.sequence, default=None)
    if latest:
        latest.verify_signature(key.verifier)
    # Or Parquet, Arrow, a data frame: anything with columns.
    with open(table, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    columns = {name: [row[name] for row in rows] for name in ("customer", *ASSETS)}
    kept = Path("kept", day)
    if kept.exists():  # The night was interrupted. A second snapshot would be another truth.
        snapshot = liabilities.open(kept)
    else:
        snapshot = liabilities.commit(
            columns,
            id="customer",
            assets=ASSETS,
            unit="major",
            origin=ORIGIN,
            snapshot_id=day,
            previous=latest,
            path=kept,
        )
    liabilities.audit(snapshot, snapshot.statement, table=columns, id="customer", unit="major").check()
    snapshot.export(f"kept/{day}-receipts")
    Path(f"public/{day}.note").write_bytes(snapshot.statement.sign(key).to_note().encode())
    totals = {code: head.total for (code, _), head in snapshot.statement.groups.items()}
    print(f"{day}: {snapshot.customers} customers, in minor units {totals}")


if __name__ == "__main__":
    main(*sys.argv[1:])
