"""The service: `python service.py OPERATOR ACTION SUBJECT` does a sensitive operation, and records it first.

The log is in public/, which any static web server may serve as it is. The first run makes the key: key.pem
signs and stays here, key.txt checks and is for everybody.
"""

import json
import os
import sys
import time
from pathlib import Path

import tallystick as ts
from tallystick.liabilities import Ed25519Signer
from tallystick.logs import Log
from tallystick.stores import DirectoryStore

NAME = "bank.example/audit"
KEY = Path("key.pem")


def open_log() -> Log:
    """Return the log, made at the first run; what an earlier run began and did not end is ended now."""
    store = DirectoryStore("public", head_name="checkpoint")
    if not KEY.exists():
        signer = Ed25519Signer.generate(NAME)
        Path("key.txt").write_text(signer.verifier.to_text())
        with os.fdopen(os.open(KEY, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(signer.to_pem())
    signer = Ed25519Signer.from_pem(NAME, KEY.read_bytes())
    try:
        return Log.open(store, signer=signer)
    except ts.NotFound:  # nothing was ever recorded, which a store that fails does not say
        return Log.create(store, signer=signer)


def main(operator: str, action: str, subject: str) -> None:
    """Record the operation, then do it: what is not in the log does not happen."""
    entry = {"time": int(time.time()), "operator": operator, "action": action, "subject": subject}
    log = open_log()
    index = log.append(json.dumps(entry).encode())
    print(f"recorded as entry {index} of {len(log)}: {operator} {action} {subject}")
    # ... and here the operation itself.


if __name__ == "__main__":
    main(*sys.argv[1:])
