"""What the author of a store runs against it: a contract, faults, two writers, and kills.

Needs nothing but the package; :class:`StoreContract` is written for pytest to find its tests.

>>> from tallystick import stores, testing
>>> store = stores.MemoryStore()
>>> testing.check_random_calls(lambda: store, seed=1, steps=50)
>>> testing.check_faults(stores.MemoryStore)
"""

from __future__ import annotations

from tallystick.testing.contract import StoreContract, check_random_calls
from tallystick.testing.crash import Workload, check_kills
from tallystick.testing.faults import Fault, FaultyStore, check_faults, check_two_writers

__all__ = [
    "Fault",
    "FaultyStore",
    "StoreContract",
    "Workload",
    "check_faults",
    "check_kills",
    "check_random_calls",
    "check_two_writers",
]
