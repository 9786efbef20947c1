"""Hash functions of other packages, by the entry points that they are installed with."""

from __future__ import annotations

from importlib.metadata import EntryPoint, entry_points
from typing import Any

GROUP = "tallystick.hashes"


def names() -> tuple[str, ...]:
    """Return the names of what is installed, ascending; nothing is loaded."""
    return tuple(sorted({entry.name for entry in entry_points(group=GROUP)}))


def load(name: str) -> Any | None:
    """Load what is installed by this name; None if nothing is.

    That is an object with ``__tallystick_hash__``, or a :class:`tallystick.Hash`. Raises ``ValueError`` where
    two packages claim the name, and what loading raises.
    """
    found: list[EntryPoint] = list(
        {entry.value: entry for entry in entry_points(group=GROUP, name=name)}.values()
    )
    if len(found) > 1:
        raise ValueError(f"two packages have a hash {name!r}: {found[0].value} and {found[1].value}")
    return found[0].load() if found else None
