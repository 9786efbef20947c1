"""What changed between two snapshots."""

from __future__ import annotations

import json
import os
import platform
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, SupportsIndex

from tallystick import _core
from tallystick._core import Snapshot
from tallystick.liabilities._pages.amounts import id_fields, major
from tallystick.liabilities._pages.diff import diff_page
from tallystick.liabilities._pages.saving import save

__all__ = ["AssetDiff", "Count", "DiffReport", "DiffSide", "Moved", "diff"]


@dataclass(frozen=True, slots=True)
class Count:
    """A number of holdings, and what they add to in minor units."""

    holdings: int
    sum: int


@dataclass(frozen=True, slots=True)
class Moved:
    """A customer's amount before and after, in minor units; 0 where there was or is none."""

    user_id: bytes
    old: int
    new: int


@dataclass(frozen=True, slots=True)
class DiffSide:
    """One of the snapshots: what its statement says, how many customers it has, and how many are erased."""

    origin: str
    snapshot_id: str
    sequence: int
    time: int
    digest: bytes
    customers: int
    erased: int


@dataclass(frozen=True, slots=True)
class AssetDiff:
    """What changed in one asset, or one group of it. Amounts are in minor units.

    ``added`` and ``gone`` count customers who hold it only after and only before; ``more`` and ``less``
    those who hold more and less, with the sum of the differences; ``same`` those who hold as much as
    before. ``old_erased`` and ``new_erased`` count holdings of customers who are erased in the older and in
    the newer snapshot, which are in none of the others. ``moved`` has the largest changes, the largest
    first. ``old_decimals`` and ``new_decimals`` are ``None`` where the statement does not list the asset.
    """

    code: str
    group: str
    old_decimals: int | None
    new_decimals: int | None
    old_total: int
    new_total: int
    added: Count
    gone: Count
    more: Count
    less: Count
    same: Count
    old_erased: Count
    new_erased: Count
    moved: tuple[Moved, ...]

    @property
    def decimals(self) -> int:
        """Decimals of the newer statement that lists it."""
        return self.old_decimals or 0 if self.new_decimals is None else self.new_decimals

    @property
    def is_new(self) -> bool:
        """Whether only the newer statement lists it."""
        return self.old_decimals is None

    @property
    def is_gone(self) -> bool:
        """Whether only the older statement lists it."""
        return self.new_decimals is None

    @property
    def in_both(self) -> bool:
        """Whether both statements list it."""
        return not self.is_new and not self.is_gone


@dataclass(frozen=True, slots=True, repr=False)
class DiffReport:
    """What changed from one snapshot to another. Read-only values; made by :func:`diff`.

    ``common`` counts ids that both have. ``assets`` has every asset that one of the statements lists, by
    code and group.

    >>> from tallystick import liabilities
    >>> def day(number, amounts):
    ...     return liabilities.commit({"user": list(amounts), "BTC": list(amounts.values())}, id="user",
    ...                               assets={"BTC": 8}, origin="exchange.example", snapshot_id=str(number))
    >>> changes = liabilities.diff(day(1, {"alice": 5, "bob": 7}), day(2, {"bob": 9, "carol": 1}))
    >>> changes.added, changes.gone, changes.assets[0].more
    (1, 1, Count(holdings=1, sum=2))
    >>> changes.assets[0].moved[0]
    Moved(user_id=b'alice', old=5, new=0)
    """

    old: DiffSide
    new: DiffSide
    common: int
    assets: tuple[AssetDiff, ...]
    seconds: float
    time: int
    versions: Mapping[str, str]

    @property
    def added(self) -> int:
        """Customers whom only the newer snapshot has, but for the erased."""
        return self.new.customers - self.new.erased - self.common

    @property
    def gone(self) -> int:
        """Customers whom only the older snapshot has, those among them who were erased since."""
        return self.old.customers - self.old.erased - self.common

    def to_json(self) -> str:
        """Return the report as JSON; numbers and ids as in :meth:`AuditReport.to_json`.

        >>> import json
        >>> from tallystick import liabilities
        >>> snapshot = liabilities.commit({"user": ["alice"], "BTC": [5]}, id="user", assets={"BTC": 8},
        ...                               origin="exchange.example", snapshot_id="day 1")
        >>> json.loads(liabilities.diff(snapshot, snapshot).to_json())["assets"][0]["same"]
        {'holdings': '1', 'sum': {'minor': '5', 'major': '0.00000005'}}
        """
        return json.dumps(_document(self), ensure_ascii=False, indent=1) + "\n"

    def to_html(self) -> str:
        """Return the report as one HTML page that needs nothing else: no scripts, no other files, no network.

        >>> from tallystick import liabilities
        >>> snapshot = liabilities.commit({"user": ["alice"], "BTC": [5]}, id="user", assets={"BTC": 8},
        ...                               origin="exchange.example", snapshot_id="day 1")
        >>> liabilities.diff(snapshot, snapshot).to_html().splitlines()[0]
        '<!doctype html>'
        """
        return diff_page(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write :meth:`to_html` or :meth:`to_json`, by the suffix of ``path``: as :meth:`AuditReport.save`.

        >>> import pathlib, tempfile
        >>> from tallystick import liabilities
        >>> snapshot = liabilities.commit({"user": ["alice"], "BTC": [5]}, id="user", assets={"BTC": 8},
        ...                               origin="exchange.example", snapshot_id="day 1")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     liabilities.diff(snapshot, snapshot).save(pathlib.Path(folder, "changes.json"))
        """
        save(self, path)

    def __reduce__(self) -> tuple[object, ...]:
        *values, versions = (getattr(self, field.name) for field in fields(self))
        return _restored, (*values, dict(versions))

    def __repr__(self) -> str:
        old, new = self.old.snapshot_id, self.new.snapshot_id
        customers = f"{self.added} customers more, {self.gone} less"
        return f"<DiffReport {old} to {new}: {customers}, {len(self.assets)} trees>"


def _restored(*values: Any) -> DiffReport:
    """Make what was pickled: views of mappings have no pickle of their own."""
    views: list[Any] = [*values[:-1], MappingProxyType(values[-1])]
    return DiffReport(*views)


def diff(
    old: Snapshot | str | os.PathLike[str],
    new: Snapshot | str | os.PathLike[str],
    *,
    keep: SupportsIndex | None = 100,
) -> DiffReport:
    """Compare two snapshots, or folders of them: who came, who went, whose amounts changed, and the totals.

    Customers are the same where their ids are. All changes are counted and summed by asset; the ``keep``
    largest of each asset are listed with ids and amounts, ``None`` lists all. Erased customers have no ids:
    their holdings are counted apart, and who was erased since counts as gone. Nothing is audited:
    :func:`audit` says whether a snapshot is what its statement says.

    Raises ``TypeError`` for anything but snapshots and paths, ``ValueError`` for a negative ``keep``,
    :class:`DecodeError` for damaged files, ``OSError``. Costs about a microsecond a customer and holding, and
    memory of the larger list of customers and the largest tree; can be interrupted.

    >>> from tallystick import liabilities
    >>> snapshot = liabilities.commit({"user": ["alice"], "BTC": [5]}, id="user", assets={"BTC": 8},
    ...                               origin="exchange.example", snapshot_id="day 1")
    >>> liabilities.diff(snapshot, snapshot)
    <DiffReport day 1 to day 1: 0 customers more, 0 less, 1 trees>
    """
    if isinstance(keep, bool) or not (keep is None or hasattr(keep, "__index__")):
        raise TypeError(f"keep must be an integer or None, not {type(keep).__name__}")
    kept = sys.maxsize if keep is None else keep.__index__()
    if kept < 0:
        raise ValueError(f"keep must not be negative, not {kept}")
    before, after = (one if isinstance(one, Snapshot) else Snapshot.open(one) for one in (old, new))
    begin = time.perf_counter()
    found = _core.liabilities_diff(before, after, min(kept, sys.maxsize))
    seconds = time.perf_counter() - begin
    first, second = (
        DiffSide(
            snapshot.statement.origin,
            snapshot.statement.snapshot_id,
            snapshot.statement.sequence,
            snapshot.statement.time,
            snapshot.statement.digest,
            customers,
            erased,
        )
        for snapshot, customers, erased in zip(
            (before, after), found["customers"], found["erased"], strict=True
        )
    )
    assets = (
        AssetDiff(
            code=own["code"],
            group=own["group"],
            old_decimals=own["decimals"][0],
            new_decimals=own["decimals"][1],
            old_total=own["totals"][0],
            new_total=own["totals"][1],
            **{name: Count(*own[name]) for name in ("added", "gone", "more", "less", "same")},
            old_erased=Count(*own["erased"][0]),
            new_erased=Count(*own["erased"][1]),
            moved=tuple(Moved(*moved) for moved in own["moved"]),
        )
        for own in found["assets"]
    )
    versions = {
        "tallystick": _core.__version__,
        "python": platform.python_version(),
        "system": platform.platform(),
    }
    made = int(time.time())
    return DiffReport(
        first, second, found["common"], tuple(assets), seconds, made, MappingProxyType(versions)
    )


def _document(found: DiffReport) -> dict[str, Any]:
    """Return the report as JSON has it."""

    def amount(number: int, asset: AssetDiff) -> dict[str, str]:
        return {"minor": str(number), "major": major(number, asset.decimals)}

    def side(own: DiffSide) -> dict[str, Any]:
        return {
            "origin": own.origin,
            "snapshot_id": own.snapshot_id,
            "sequence": str(own.sequence),
            "time": str(own.time),
            "digest": own.digest.hex(),
            "customers": str(own.customers),
            "erased": str(own.erased),
        }

    def asset(own: AssetDiff) -> dict[str, Any]:
        def count(one: Count) -> dict[str, Any]:
            return {"holdings": str(one.holdings), "sum": amount(one.sum, own)}

        names = ("added", "gone", "more", "less", "same", "old_erased", "new_erased")
        return {
            "code": own.code,
            "group": own.group,
            "old_decimals": own.old_decimals,
            "new_decimals": own.new_decimals,
            "old_total": amount(own.old_total, own),
            "new_total": amount(own.new_total, own),
            **{name: count(getattr(own, name)) for name in names},
            "moved": [
                {**id_fields(moved.user_id), "old": amount(moved.old, own), "new": amount(moved.new, own)}
                for moved in own.moved
            ],
        }

    return {
        "tallystick": "diff-report",
        "version": 1,
        "old": side(found.old),
        "new": side(found.new),
        "common": str(found.common),
        "added": str(found.added),
        "gone": str(found.gone),
        "assets": [asset(own) for own in found.assets],
        "seconds": round(found.seconds, 3),
        "time": str(found.time),
        "versions": dict(found.versions),
    }
