"""For a customer: `python give_proof.py NAME DAY` writes what proves a balance, or that there was none."""

import json
import sys
from pathlib import Path

import tallystick as ts
from accounts import on_day
from committed import DAY, STORE, key_of, opened, secret, value_of
from tallystick.stores import SQLiteStore


def main(name: str, day: int) -> None:
    """Write the proof for the head of that day, with the salt, which is for this customer alone."""
    with SQLiteStore(STORE, create=False) as store:
        try:
            then = opened(store).at_time(day * DAY)
        except ts.NotFound as error:
            raise SystemExit(f"too late: {error}") from None
        proof = then.prove(key_of(name))
    cents = on_day(day).get(name)
    salt = None if cents is None else value_of(name, cents, secret())[:16].hex()
    file = Path(f"{name}-{day}.json")
    file.write_text(json.dumps({"day": day, "salt": salt, "proof": proof.to_bytes().hex()}))
    print(f"wrote {file}, a proof of {len(proof)} digests")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
