"""What `import tallystick` costs beyond `import numpy`: milliseconds, threads, modules of optional engines.

Prints one JSON object. With --check, exits with 1 when more than 150 ms, a thread or an optional engine came
along.
"""

import json
import sys
import time
from pathlib import Path

LIMIT_MS = 150
OPTIONAL = ("click", "rich", "pyarrow", "polars", "pandas")


def threads() -> int:
    tasks = Path("/proc/self/task")
    return len(list(tasks.iterdir())) if tasks.is_dir() else 1


def measure() -> dict[str, object]:
    begin = time.perf_counter()
    import numpy  # noqa: F401

    between, threads_before = time.perf_counter(), threads()
    import tallystick as ts

    end, threads_after = time.perf_counter(), threads()
    engines = [name for name in OPTIONAL if name in sys.modules]
    tree = ts.MerkleTree([b"a", b"b", b"c"])
    tree.head.verify_inclusion(1, b"b", tree.prove(1))
    return {
        "numpy_ms": (between - begin) * 1e3,
        "tallystick_ms": (end - between) * 1e3,
        "threads": threads_after - threads_before,
        "engines": engines,
    }


def main() -> int:
    cost = measure()
    print(json.dumps(cost))
    if "--check" not in sys.argv[1:]:
        return 0
    return int(cost["tallystick_ms"] > LIMIT_MS or cost["threads"] != 0 or bool(cost["engines"]))


if __name__ == "__main__":
    sys.exit(main())
