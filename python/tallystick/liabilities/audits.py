"""The auditor's mode: a snapshot made again from its customers and amounts, compared with what is stored."""

from __future__ import annotations

import enum
import json
import os
import platform
import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, fields
from types import MappingProxyType
from typing import Any, Literal, SupportsIndex

from tallystick import _core
from tallystick._core import Snapshot, Statement
from tallystick.errors import AuditError
from tallystick.liabilities._pages.amounts import id_fields, major
from tallystick.liabilities._pages.audit import audit_page
from tallystick.liabilities._pages.saving import save

__all__ = ["AuditReport", "AuditedAsset", "Finding", "FindingKind", "TableComparison", "audit"]


class FindingKind(enum.Enum):
    """What can be wrong with a snapshot: the ``kind`` of a :class:`Finding`."""

    OTHER_STATEMENT = "the snapshot is of another statement"
    MISSING_FILE = "a file is missing, or cannot be read"
    UNKNOWN_FILE = "something is there that no snapshot has"
    FILE_LENGTH = "a file, or a list, is longer or shorter than it must be"
    FILE_HEADER = "the header of a tree file is not the one that the statement requires"
    PAGE_SUM = "a page of a tree file does not have its sum"
    PADDING = "bytes that must be zero are not"
    CUSTOMER_ENDS = "an id has no place, or no length that an id can have"
    DUPLICATE_ID = "two customers have one id"
    ERASED_ID = "a customer without a key still has an id"
    UNKNOWN_OWNER = "a leaf belongs to nobody in the list of customers"
    OWNER_ORDER = "the owners of leaves do not ascend"
    LEAF_INDEX = "a leaf stands outside of its tree, twice or nowhere in the list of holdings"
    PARTS = "a balance is split into more parts than there can be"
    ZERO_AMOUNT = "a leaf has no amount"
    LEAF_DIGEST = "a leaf is not that of its customer, part and amount"
    LEAF_ORDER = "a leaf does not stand behind the one before it by order key and digest"
    NODE = "a node is not that of the two nodes below it"
    SUM_OVERFLOW = "sums add to 2^128 or more"
    ROOT = "the tree has another root than the statement says"
    TOTAL = "the tree has another total than the statement says"
    LEAVES = "the tree has another number of leaves than the statement says"
    HOLDERS = "the tree has another number of holders than the statement says"
    TABLE_ASSET = "the table has an asset that the statement has not, or the other way round"
    TABLE_DECIMALS = "the table was read with other decimals than the statement says"
    MISSING_CUSTOMER = "a customer of the table is not in the snapshot"
    UNKNOWN_CUSTOMER = "a customer of the snapshot is not in the table"
    MISSING_HOLDING = "a holding of the table is not in the snapshot"
    EXTRA_HOLDING = "a holding of the snapshot is not in the table"
    OTHER_AMOUNT = "a holding has another amount in the table"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that is wrong, and where.

    ``message`` says it in words, with numbers. ``code`` and ``group`` name the asset; ``level`` and
    ``index`` a node (leaves are on level 0), or ``index`` a page of a file; ``customer`` is a number in the
    snapshot's list of customers, ``user_id`` that customer's id; ``file`` is a name in the snapshot's
    folder. What does not apply is ``None``.
    """

    kind: FindingKind
    message: str
    code: str | None = None
    group: str | None = None
    level: int | None = None
    index: int | None = None
    customer: int | None = None
    user_id: bytes | None = None
    file: str | None = None

    def __str__(self) -> str:
        asset = f"{self.code}{f' of {self.group!r}' if self.group else ''}: " if self.code else ""
        return f"{self.kind.name}: {asset}{self.message}"


@dataclass(frozen=True, slots=True)
class AuditedAsset:
    """What the statement says of one tree, and what was counted in it.

    The fields that begin with ``stated`` are the statement's. ``leaves``, ``holders``, ``total``, ``nodes``
    (made again above the leaves), ``root``, ``erased_leaves``, ``erased_total`` (leaves of erased
    customers, and what they add to) and ``histogram`` were counted; ``None`` where the tree could not be
    read, ``total`` also where amounts add to 2**128 or more. ``histogram[3 * p + j]`` counts leaves of 1, 2
    or 5 (j = 0, 1, 2) times 10**p minor units or more, up to the next bin. ``table_total`` is what the
    table's holdings add to, if there is a table. ``findings`` counts what is wrong with this tree. Amounts
    are in minor units.
    """

    code: str
    group: str
    decimals: int
    stated_leaves: int
    stated_holders: int | None
    stated_total: int
    stated_root: bytes
    findings: int
    leaves: int | None
    holders: int | None
    total: int | None
    nodes: int | None
    root: bytes | None
    erased_leaves: int | None
    erased_total: int | None
    histogram: tuple[int, ...] | None
    table_total: int | None


@dataclass(frozen=True, slots=True)
class TableComparison:
    """A table beside a snapshot: its customers, its holdings above 0, and those equal in the snapshot."""

    customers: int
    holdings: int
    equal: int


@dataclass(frozen=True, slots=True, repr=False)
class AuditReport:
    """What an audit found. Read-only values; made by :func:`audit`.

    ``counts`` has the number of findings of each kind that was found; ``findings`` the first hundred of
    each. ``assets`` are in the statement's order. ``folder`` is what was read, ``None`` for a snapshot in
    memory. ``customers`` counts the snapshot's list, ``erased`` those without a key, and ``idle`` those who
    hold nothing: nothing binds their ids and keys. ``seconds`` is how long it took, ``time`` when it was
    done, in Unix seconds; ``versions`` names what did it.

    >>> from tallystick import liabilities
    >>> snapshot = liabilities.commit(
    ...     {"user": ["alice", "bob"], "BTC": [5, 7]},
    ...     id="user", assets={"BTC": 8}, origin="exchange.example", snapshot_id="day 1")
    >>> report = liabilities.audit(snapshot, snapshot.statement)
    >>> report.ok, report.assets[0].total
    (True, 12)
    """

    origin: str
    sequence: int
    snapshot_id: str
    statement_time: int
    statement_digest: bytes
    scheme: str
    folder: str | None
    assets: tuple[AuditedAsset, ...]
    counts: Mapping[FindingKind, int]
    findings: tuple[Finding, ...]
    customers: int
    erased: int
    idle: int
    table: TableComparison | None
    seconds: float
    time: int
    versions: Mapping[str, str]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.counts

    def check(self) -> None:
        """Return if nothing was found; else raise :class:`AuditError`, with this report.

        >>> from tallystick import liabilities
        >>> table = {"user": ["alice", "bob"], "BTC": [5, 7]}
        >>> snapshot = liabilities.commit(
        ...     table, id="user", assets={"BTC": 8}, origin="exchange.example", snapshot_id="day 1")
        >>> table["BTC"] = [5, 8]
        >>> liabilities.audit(snapshot, snapshot.statement, table=table, id="user").check()
        Traceback (most recent call last):
        tallystick.errors.AuditError: 1 finding, the first: OTHER_AMOUNT: BTC: the table has 8, the snapshot 7
        """
        if self.counts:
            count = sum(self.counts.values())
            first = f"{count} finding{'s' * (count > 1)}, the first: {self.findings[0]}"
            raise AuditError(first, self)

    def to_json(self) -> str:
        """Return the report as JSON, of one layout: see the guide.

        Counts, amounts, indices and times are decimal strings, since readers of JSON round numbers above
        2**53; amounts stand there in minor units and, exactly, in whole assets. Ids are text where they are
        UTF-8 without unprintable characters, else hex, under another name.

        >>> import json
        >>> from tallystick import liabilities
        >>> snapshot = liabilities.commit(
        ...     {"user": ["alice"], "BTC": [5]},
        ...     id="user", assets={"BTC": 8}, origin="exchange.example", snapshot_id="day 1")
        >>> report = json.loads(liabilities.audit(snapshot, snapshot.statement).to_json())
        >>> report["ok"], report["assets"][0]["counted"]["total"]
        (True, {'minor': '5', 'major': '0.00000005'})
        """
        return json.dumps(_document(self), ensure_ascii=False, indent=1) + "\n"

    def to_html(self) -> str:
        """Return the report as one HTML page that needs nothing else: no scripts, no other files, no network.

        >>> from tallystick import liabilities
        >>> snapshot = liabilities.commit(
        ...     {"user": ["alice"], "BTC": [5]},
        ...     id="user", assets={"BTC": 8}, origin="exchange.example", snapshot_id="day 1")
        >>> liabilities.audit(snapshot, snapshot.statement).to_html().splitlines()[0]
        '<!doctype html>'
        """
        return audit_page(self)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write :meth:`to_html` or :meth:`to_json`, by the suffix of ``path``: ``.html`` or ``.json``.

        The file is written beside its place and renamed; one that is there is replaced. Raises
        ``ValueError`` for another suffix, before anything is written, and ``OSError``.

        >>> import pathlib, tempfile
        >>> from tallystick import liabilities
        >>> snapshot = liabilities.commit(
        ...     {"user": ["alice"], "BTC": [5]},
        ...     id="user", assets={"BTC": 8}, origin="exchange.example", snapshot_id="day 1")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     liabilities.audit(snapshot, snapshot.statement).save(pathlib.Path(folder, "report.html"))
        """
        save(self, path)

    def __reduce__(self) -> tuple[object, ...]:
        values = (getattr(self, field.name) for field in fields(self))
        return _restored, tuple(dict(own) if isinstance(own, Mapping) else own for own in values)

    def __repr__(self) -> str:
        verdict = "ok" if self.ok else f"{sum(self.counts.values())} findings"
        return f"<AuditReport {self.snapshot_id} of {self.origin}: {len(self.assets)} trees, {verdict}>"


def _restored(*values: Any) -> AuditReport:
    """Make what was pickled: views of mappings have no pickle of their own."""
    views: list[Any] = [MappingProxyType(own) if isinstance(own, dict) else own for own in values]
    return AuditReport(*views)


def audit(
    snapshot_or_dir: Snapshot | str | os.PathLike[str],
    statement: Statement,
    *,
    table: Any = None,
    id: str | None = None,  # noqa: A002 - as commit has it
    assets: Mapping[str, SupportsIndex] | Iterable[str] | None = None,
    unit: Literal["minor", "major"] = "minor",
    asset: str | None = None,
    amount: str | None = None,
    group: str | None = None,
    nulls: Literal["refuse", "zero"] = "refuse",
) -> AuditReport:
    """Make every leaf and node of a snapshot again, and compare all of it with the files and the statement.

    ``snapshot_or_dir`` is a :class:`Snapshot` or the folder of one; a snapshot that has files is audited by
    its files, byte by byte. ``statement`` is the published one: check its signature first. Nothing that is
    wrong raises: it is a finding in the report, also a file that is missing or damaged;
    :meth:`AuditReport.check` raises.

    ``table`` is the auditor's own extract of all balances, as :func:`commit` takes tables; its customers
    and holdings are compared one by one with the snapshot's. ``id``, ``unit``, ``asset``, ``amount``,
    ``group`` and ``nulls`` say what is in it, as in :func:`commit`. ``assets`` are the codes to read, or a
    mapping to decimals; by default those of the statement.

    What is erased cannot be made again: leaves of erased customers and their sum are counted apart.

    Raises ``TypeError`` and ``ValueError`` for arguments and tables that are none, ``FileNotFoundError``
    for a folder that is not there. Costs about half a microsecond a leaf on two cores, and about 30 bytes
    of memory a leaf of the largest tree and a customer, more with a table; can be interrupted.

    >>> from tallystick import liabilities
    >>> table = {"user": ["alice", "bob"], "BTC": [5, 7]}
    >>> snapshot = liabilities.commit(
    ...     table, id="user", assets={"BTC": 8}, origin="exchange.example", snapshot_id="day 1")
    >>> liabilities.audit(snapshot, snapshot.statement, table=table, id="user")
    <AuditReport day 1 of exchange.example: 1 trees, ok>
    """
    if table is not None and id is None:
        raise TypeError("a table is compared by its ids: name their column by id")
    if table is None and any(given is not None for given in (id, assets, asset, amount, group)):
        raise ValueError("columns are given and no table")
    if not isinstance(statement, Statement):
        raise TypeError(f"the statement must be a Statement, not {type(statement).__name__}")
    decimals = _decimals(assets, statement)
    begin = time.perf_counter()
    found = _core.liabilities_audit(
        snapshot_or_dir,
        statement,
        table,
        id=id or "",
        assets=decimals,
        unit=unit,
        asset=asset,
        amount=amount,
        group=group,
        nulls=nulls,
    )
    seconds = time.perf_counter() - begin
    return _report(statement, found, seconds)


def _decimals(
    assets: Mapping[str, SupportsIndex] | Iterable[str] | None, statement: Statement
) -> Mapping[str, SupportsIndex]:
    """Codes that are read from a table, with their decimals."""
    stated = {code: head.decimals for (code, _), head in statement.groups.items()}
    if assets is None:
        return stated
    if isinstance(assets, Mapping):
        return assets
    if isinstance(assets, str):
        raise TypeError("assets must be a mapping or several codes, not one str")
    codes = list(assets)
    if missing := [code for code in codes if code not in stated]:
        raise ValueError(f"the statement does not list {missing[0]!r}: give its decimals, in a mapping")
    return {code: stated[code] for code in codes}


def _report(statement: Statement, found: dict[str, Any], seconds: float) -> AuditReport:
    names = list(statement.groups)
    findings = []
    for kind, message, tree, level, index, customer, user_id, file in found["findings"]:
        code, group = (None, None) if tree is None else names[tree]
        findings.append(
            Finding(FindingKind[kind], message, code, group, level, index, customer, user_id, file)
        )
    assets = []
    for ((code, group), head), (count, counted, table_total) in zip(
        statement.groups.items(), found["assets"], strict=True
    ):
        leaves, holders, total, erased_leaves, erased_total, nodes, root, histogram = counted or (None,) * 8
        own = AuditedAsset(
            code=code,
            group=group,
            decimals=head.decimals,
            stated_leaves=head.leaves,
            stated_holders=head.holders,
            stated_total=head.total,
            stated_root=head.root,
            findings=count,
            leaves=leaves,
            holders=holders,
            total=total,
            nodes=nodes,
            root=root,
            erased_leaves=erased_leaves,
            erased_total=erased_total,
            histogram=None if histogram is None else tuple(histogram),
            table_total=table_total,
        )
        assets.append(own)
    customers, erased, idle = found["customers"]
    compared = found["compared"]
    return AuditReport(
        origin=statement.origin,
        sequence=statement.sequence,
        snapshot_id=statement.snapshot_id,
        statement_time=statement.time,
        statement_digest=statement.digest,
        scheme=statement.scheme.name,
        folder=found["folder"],
        assets=tuple(assets),
        counts=MappingProxyType({FindingKind[kind]: count for kind, count in found["counts"]}),
        findings=tuple(findings),
        customers=customers,
        erased=erased,
        idle=idle,
        table=None if compared is None else TableComparison(*compared),
        seconds=seconds,
        time=int(time.time()),
        versions=MappingProxyType(
            {
                "tallystick": _core.__version__,
                "python": platform.python_version(),
                "system": platform.platform(),
            }
        ),
    )


def _document(found: AuditReport) -> dict[str, Any]:
    """Return the report as JSON has it."""

    def amount(number: int | None, decimals: int) -> dict[str, str] | None:
        return None if number is None else {"minor": str(number), "major": major(number, decimals)}

    def text(number: int | None) -> str | None:
        return None if number is None else str(number)

    def asset(own: AuditedAsset) -> dict[str, Any]:
        counted = None
        if own.leaves is not None and own.root is not None:
            counted = {
                "leaves": text(own.leaves),
                "holders": text(own.holders),
                "total": amount(own.total, own.decimals),
                "nodes": text(own.nodes),
                "root": own.root.hex(),
                "erased_leaves": text(own.erased_leaves),
                "erased_total": amount(own.erased_total, own.decimals),
                "histogram": [str(number) for number in own.histogram or ()],
            }
        return {
            "code": own.code,
            "group": own.group,
            "decimals": own.decimals,
            "findings": text(own.findings),
            "stated": {
                "leaves": text(own.stated_leaves),
                "holders": text(own.stated_holders),
                "total": amount(own.stated_total, own.decimals),
                "root": own.stated_root.hex(),
            },
            "counted": counted,
            "table_total": amount(own.table_total, own.decimals),
        }

    def finding(own: Finding) -> dict[str, Any]:
        node = {"code": own.code, "group": own.group, "level": own.level, "index": text(own.index)}
        who = {"customer": text(own.customer), **id_fields(own.user_id), "file": own.file}
        every = {"kind": own.kind.name, "message": own.message, **node, **who}
        return {name: value for name, value in every.items() if value is not None}

    table = found.table
    return {
        "tallystick": "audit-report",
        "version": 1,
        "ok": found.ok,
        "origin": found.origin,
        "snapshot_id": found.snapshot_id,
        "sequence": text(found.sequence),
        "statement_time": text(found.statement_time),
        "statement_digest": found.statement_digest.hex(),
        "scheme": found.scheme,
        "folder": found.folder,
        "customers": text(found.customers),
        "erased": text(found.erased),
        "idle": text(found.idle),
        "assets": [asset(own) for own in found.assets],
        "table": table
        and {
            "customers": text(table.customers),
            "holdings": text(table.holdings),
            "equal": text(table.equal),
        },
        "counts": {kind.name: text(count) for kind, count in found.counts.items()},
        "findings": [finding(own) for own in found.findings],
        "seconds": round(found.seconds, 3),
        "time": text(found.time),
        "versions": dict(found.versions),
    }
