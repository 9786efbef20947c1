"""What a dishonest operator would do, who has the key: `python rewrite.py 1 OPERATOR` changes who did it.

The whole log is made again, with one entry changed and a signature that is good.
"""

import json
import shutil
import sys
from pathlib import Path

from service import KEY, NAME
from tallystick.liabilities import Ed25519Signer
from tallystick.logs import Log
from tallystick.stores import DirectoryStore


def main(index: int, operator: str) -> None:
    """Put another operator into the entry at `index`."""
    signer = Ed25519Signer.from_pem(NAME, KEY.read_bytes())
    old = Log.open(DirectoryStore("public", create=False, head_name="checkpoint"), signer=signer)
    entries = old.entries()
    entries[index] = json.dumps(json.loads(entries[index]) | {"operator": operator}).encode()
    shutil.rmtree(Path("public"))
    Log.create(DirectoryStore("public", head_name="checkpoint"), signer=signer).extend(entries)
    print(f"entry {index} was never anything else")


if __name__ == "__main__":
    main(int(sys.argv[1]), sys.argv[2])
