"""Where a run takes place, as far as it bears on figures."""

from __future__ import annotations

import datetime
import os
import platform
import subprocess
from pathlib import Path

import numpy as np

import tallystick
from tallystick.research._memory import MemoryUnknown, memory_method
from tallystick.research.results import Environment


def environment(*, with_memory: bool) -> Environment:
    """Return the environment now; ``load_after`` is 0 until the run is over."""
    try:
        method = memory_method() if with_memory else "not measured"
    except MemoryUnknown as error:
        method = f"not measured: {error}"
    return Environment(
        cpu=_cpu(),
        cores=_cores(),
        simd=tallystick.get_simd(),
        memory=_memory(),
        system=f"{platform.system()} {platform.release()} {platform.machine()}",
        python=f"{platform.python_implementation()} {platform.python_version()}",
        numpy=np.__version__,
        tallystick=tallystick.__version__,
        commit=_commit(),
        date=datetime.datetime.now(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        load=load(),
        load_after=0.0,
        memory_method=method,
    )


def load() -> float:
    """Return the mean number of running processes over the last minute; 0 where the system has none."""
    try:
        return round(os.getloadavg()[0], 2)
    except OSError:
        return 0.0


def _cpu() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return (names or [platform.processor() or platform.machine() or "unknown"])[0]


def _cores() -> int:
    """Return the processors that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _memory() -> int:
    try:
        return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (ValueError, OSError):
        return 0


def _commit() -> str:
    """Return the commit of the checkout that the package is in, or nothing."""
    folder = Path(tallystick.__file__).resolve().parents[2]
    # An environment inside somebody else's checkout is none of ours.
    if not (folder / ".git").exists() or not (folder / "rust" / "tallystick-proof").is_dir():
        return ""
    try:
        command = ["git", "-C", str(folder), "describe", "--always", "--dirty", "--abbrev=40", "--exclude=*"]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=20)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.strip()
