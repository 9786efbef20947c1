"""``python -m tallystick.research._child``: builds one tree and prints how much memory that took.

Reads one JSON object on standard input, prints one on standard output. Of no use by itself.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import resource
import sys
from pathlib import Path

_STATUS = Path("/proc/self/status")


def main() -> None:
    """Do what standard input says."""
    order = json.load(sys.stdin)
    if not order:
        print(json.dumps({"method": _method()}))
        return
    import tallystick as ts
    from tallystick.research._inputs import inputs
    from tallystick.research._subjects import subject

    # Decoders load no plug-in; asking for its name does.
    ts.hashes.get(order["hash"])
    scheme = ts.Scheme.from_bytes(bytes.fromhex(order["scheme"]))
    ts.set_threads(order["threads"])
    data = inputs(scheme.kind, order["size"], order["leaf_bytes"], order["seed"])
    before = _begin()
    head = subject(scheme).build(data).head
    del head
    peak = _peak()
    print(json.dumps({"peak": peak, "grown": max(peak - before, 0)}))


def _begin() -> int:
    """Set the mark back to what is in memory now, where that can be done, and return it."""
    # What was freed goes back first: a tree that is built in it would cost nothing.
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).malloc_trim(0)
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return _peak()
    return _status("VmRSS") or _peak()


def _peak() -> int:
    """Return the largest number of bytes that this process had in memory since the mark was set."""
    # Kilobytes on Linux, bytes on macOS.
    unit = 1 if sys.platform == "darwin" else 1024
    return _status("VmHWM") or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit


def _method() -> str:
    if not _status("VmHWM"):
        return "ru_maxrss of a fresh process"
    try:
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
    except OSError:
        return "VmHWM of a fresh process"
    return "VmHWM of a fresh process, set back before the build"


def _status(name: str) -> int:
    """Return a size of this process in bytes; 0 where the system does not say."""
    try:
        text = _STATUS.read_text(encoding="ascii")
    except OSError:
        return 0
    for line in text.splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    return 0


if __name__ == "__main__":
    main()
