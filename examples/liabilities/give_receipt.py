"""Give a customer the own receipt: `python give_receipt.py 2026-01-01 bob`."""

import sys
from pathlib import Path

from tallystick import liabilities


def main(day: str, customer: str) -> None:
    """Write the receipt of one customer, from the files of all."""
    with liabilities.open_receipts(f"kept/{day}-receipts") as receipts:
        if customer not in receipts:
            raise SystemExit(f"there is no receipt for {customer}")
        Path(f"{customer}-{day}.receipt").write_bytes(receipts.encoded(customer))
    print(f"wrote {customer}-{day}.receipt")


if __name__ == "__main__":
    main(*sys.argv[1:])
