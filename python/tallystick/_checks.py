"""What ``tallystick fsck`` knows: which stores and files there are, and who recomputes each.

A *place* is what a path may be that holds tiles and a head; a *content* is what a head may say that a store
holds; a *file* is what is checked without a store. To add a kind, add a row to one of the tables. A row names
functions, which are imported when they are needed.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from tallystick.errors import StoreError


class CheckedStore(Protocol):
    """What checking needs of a store."""

    def read_tiles(self, names: Sequence[str], /) -> Sequence[bytes | None]:
        """Return tiles, None where there is none."""
        ...

    def list_tiles(self, prefix: str = "", /) -> Iterable[str]:
        """Return the names that begin so."""
        ...

    def read_head(self, /) -> bytes | None:
        """Return the head, None where none was published."""
        ...


class CheckedPlace(CheckedStore, Protocol):
    """A store at a path, and what can be said of that place itself."""

    def damage(self) -> str | None:
        """Return what is wrong with bytes that no content is made of, None if nothing is."""
        ...

    def close(self) -> None:
        """Let go of it."""
        ...


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it should be: damage, or only worth a word."""

    where: str
    what: str
    damage: bool = True


@dataclass(slots=True)
class Checked:
    """What was checked, what it says of itself, and what was found."""

    kind: str
    facts: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    @property
    def sound(self) -> bool:
        """Whether nothing is damaged."""
        return not any(finding.damage for finding in self.findings)

    def damage(self, where: str, what: str) -> None:
        """Add a finding of damage."""
        self.findings.append(Finding(where, what))

    def remark(self, where: str, what: str) -> None:
        """Add a finding that is no damage."""
        self.findings.append(Finding(where, what, damage=False))


class Kind(NamedTuple):
    """A row of a table: ``recognize`` and ``use`` are functions of ``module``."""

    name: str
    module: str
    recognize: str
    use: str


# recognize(path) says whether the path is such a place; use(path) opens a CheckedPlace.
PLACES = (
    Kind("folder", "tallystick._check_places", "is_folder", "open_folder"),
    Kind("SQLite database", "tallystick._check_places", "is_database", "open_database"),
    Kind("store file", "tallystick._check_places", "is_store_file", "open_store_file"),
)
# recognize(head) says whether a store with this head holds it; use(store, key) returns Checked.
CONTENTS = (
    Kind("log", "tallystick.logs._check", "is_log", "check"),
    Kind("sparse tree", "tallystick._check_sparse", "is_sparse", "check"),
)
# recognize(path) says whether it is such a file; use(path) returns Checked.
FILES = (
    Kind("tree file", "tallystick._check_files", "is_tree_file", "check_tree_file"),
    Kind("sparse tree in a file", "tallystick._check_sparse", "is_sparse_file", "check_sparse_file"),
)


class Unknown(ValueError):
    """The path is nothing that can be checked."""


class DamagedPlace(StoreError):
    """A place whose own bytes are not what was written: so nothing is known of what it held."""


def kind_of(path: Path) -> str | None:
    """Return the name of the kind that ``path`` is of; None for what cannot be checked."""
    return next((kind.name for kind in (*FILES, *PLACES) if _call(kind, kind.recognize, path)), None)


def check_path(path: Path, key: str | None = None) -> Checked:
    """Recompute what is at ``path``; ``key`` is the text of the public key that has to have signed it.

    Raises :class:`Unknown` for what is of no kind, ``OSError`` and ``StoreError`` where reading fails.
    """
    for kind in FILES:
        if _call(kind, kind.recognize, path):
            if key is not None:
                raise Unknown(f"{path}: a {kind.name}, which nobody signs: leave out the key")
            checked: Checked = _call(kind, kind.use, path)
            return checked
    for kind in PLACES:
        if _call(kind, kind.recognize, path):
            try:
                place: CheckedPlace
                with closing(_call(kind, kind.use, path)) as place:
                    checked = check_store(place, key, str(path))
                    if (wrong := place.damage()) is not None:
                        checked.damage(path.name, wrong)
                    return checked
            except DamagedPlace as error:
                damaged = Checked(kind.name)
                damaged.damage(path.name, str(error).removeprefix(f"{path}: "))
                return damaged
    raise Unknown(f"{path}: neither a store nor a file that can be checked")


def check_store(store: CheckedStore, key: str | None, name: str) -> Checked:
    """Recompute what is in a store."""
    head = store.read_head()
    if head is None:
        raise StoreError(f"{name}: no head was ever published")
    for kind in CONTENTS:
        if _call(kind, kind.recognize, head):
            checked: Checked = _call(kind, kind.use, store, key)
            return checked
    raise Unknown(f"{name}: its head is of nothing that can be checked")


def _call(kind: Kind, name: str, *arguments: object) -> Any:
    return getattr(importlib.import_module(kind.module), name)(*arguments)
