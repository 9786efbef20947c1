"""The page of an audit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from tallystick.liabilities._pages import plots
from tallystick.liabilities._pages.amounts import id_text
from tallystick.liabilities._pages.frame import (
    amount,
    asset_name,
    cell,
    definitions,
    escape,
    figure,
    number,
    page,
    section,
    table,
    utc,
)
from tallystick.liabilities.detection import checks_needed, detection_probability

if TYPE_CHECKING:
    from tallystick.liabilities.audits import AuditedAsset, AuditReport, Finding

__all__ = ["audit_page"]

# Findings of a kind that a page lists, and trees that are drawn: a page of thousands of plots shows nothing.
_SHOWN = 20
_DRAWN = 60
_CURVES = (1, 10, 100, 1000)
# Kinds of findings that say nothing against a snapshot by itself.
_OF_TABLES = frozenset(
    (
        "TABLE_ASSET",
        "TABLE_DECIMALS",
        "MISSING_CUSTOMER",
        "UNKNOWN_CUSTOMER",
        "MISSING_HOLDING",
        "EXTRA_HOLDING",
        "OTHER_AMOUNT",
    )
)


def audit_page(report: AuditReport) -> str:
    """Return the page of an audit."""
    origin, snapshot = escape(report.origin), escape(report.snapshot_id)
    count = sum(report.counts.values())
    if report.ok:
        kind, verdict = (
            "verdict",
            "<strong>Nothing was found.</strong> All that was checked is as the statement says.",
        )
    else:
        words = "finding" if count == 1 else "findings"
        told = "The snapshot is not what the statement says, or its files are damaged."
        if all(found in _OF_TABLES for found in (kind.name for kind in report.counts)):
            told = "The snapshot is what the statement says, and differs from the auditor's table."
        kind, verdict = "verdict bad", f"<strong>{number(count)} {words}.</strong> {told}"
    head = (
        f'<p class="kicker">Audit of liabilities</p>\n<h1>{origin}, snapshot {snapshot}</h1>\n'
        f'<p class="{kind}" role="status">{verdict}</p>'
    )
    sections = [section("figures", "In figures", _figures(report))]
    if report.findings:
        sections.append(section("findings", "Findings", "\n".join(_findings(report)), long=True))
    sections.append(section("assets", "Assets", "\n".join(_assets(report)), long=True))
    if report.assets:
        sections.append(section("distribution", "Sizes of leaves", _distribution(report), long=True))
    sections.append(section("detection", "If customers check too", _detection(report)))
    sections.append(section("scope", "What was checked, and what was not", _scope(report)))
    made = " · ".join(f"{escape(name)} {escape(version)}" for name, version in report.versions.items())
    foot = f"<p>Made {escape(utc(report.time))} in {report.seconds:.2f} s by {made}.</p>"
    return page(f"Audit of {report.origin}, snapshot {report.snapshot_id}", head, sections, foot)


def _figures(report: AuditReport) -> str:
    leaves = sum(asset.leaves or 0 for asset in report.assets)
    nodes = sum(asset.nodes or 0 for asset in report.assets)
    tiles = [
        ("customers", number(report.customers)),
        ("trees", number(len(report.assets))),
        ("leaves checked", number(leaves)),
        ("nodes made again", number(nodes)),
        ("erased customers", number(report.erased)),
        ("findings", number(sum(report.counts.values()))),
    ]
    facts = [
        ("statement", f"<code>{report.statement_digest.hex()}</code>"),
        ("sequence", number(report.sequence)),
        ("time", escape(utc(report.statement_time))),
        ("scheme", f"<code>{escape(report.scheme)}</code>"),
        (
            "audited",
            "a snapshot in memory"
            if report.folder is None
            else f"the files in <code>{escape(report.folder)}</code>",
        ),
    ]
    if report.table is not None:
        own = report.table
        told = f"{number(own.equal)} of {number(own.holdings)} holdings equal, "
        told += f"of {number(own.customers)} customers"
        facts.append(("the auditor's table", told))
    return definitions("tiles", tiles) + "\n" + definitions("facts", facts)


def _findings(report: AuditReport) -> Iterator[str]:
    rows = [
        (
            cell(f"<code>{kind.name}</code>", "h"),
            cell(escape(kind.value)),
            cell(f'<span class="bad-text">{number(count)}</span>', "n"),
        )
        for kind, count in report.counts.items()
    ]
    yield table("Findings by kind", [("kind", ""), ("what it means", ""), ("number", "n")], rows)
    shown = [
        finding
        for kind in report.counts
        for finding in [f for f in report.findings if f.kind is kind][:_SHOWN]
    ]
    every = sum(report.counts.values())
    caption = f"All {number(every)} findings"
    if len(shown) < every:
        caption = f"{number(len(shown))} of {number(every)}: the first {_SHOWN} of each kind. JSON has more"
    heads = [("kind", ""), ("asset", ""), ("where", ""), ("customer", ""), ("message", "")]
    yield "<p></p>" + table(caption, heads, (_finding(finding) for finding in shown))


def _finding(finding: Finding) -> list[str]:
    where = []
    if finding.file is not None:
        where.append(f"<code>{escape(finding.file)}</code>")
    if finding.level is not None:
        where.append(f"level {finding.level}, index {number(finding.index)}")
    elif finding.index is not None:
        where.append(f"number {number(finding.index)}")
    who = [] if finding.user_id is None else [f"<bdi>{escape(id_text(finding.user_id))}</bdi>"]
    if finding.customer is not None:
        who.append(f'<span class="soft">no. {number(finding.customer)}</span>')
    asset = "" if finding.code is None else escape(asset_name(finding.code, finding.group or ""))
    cells = [cell(f"<code>{finding.kind.name}</code>", "h"), cell(asset), cell("<br>".join(where))]
    return [*cells, cell(" ".join(who), "id"), cell(escape(finding.message), "id")]


def _assets(report: AuditReport) -> Iterator[str]:
    with_table = report.table is not None
    heads = [("asset", ""), ("holders", "n"), ("leaves", "n"), ("total", "n")]
    heads += [("table", "n")] if with_table else []
    heads += [("erased leaves", "n"), ("erased sum", "n")] if report.erased else []
    heads += [("result", "")]

    def row(asset: AuditedAsset) -> Iterator[str]:
        yield cell(escape(asset_name(asset.code, asset.group)), "h")
        yield cell(number(asset.holders), "n")
        yield cell(number(asset.leaves), "n")
        yield cell(amount(asset.total, asset.decimals), "n")
        if with_table:
            yield cell(amount(asset.table_total, asset.decimals), "n")
        if report.erased:
            yield cell(number(asset.erased_leaves), "n")
            yield cell(amount(asset.erased_total, asset.decimals), "n")
        if asset.leaves is None:
            yield cell('<span class="bad-text">not readable</span>', "r")
        elif asset.findings:
            word = "finding" if asset.findings == 1 else "findings"
            yield cell(f'<span class="bad-text">{number(asset.findings)} {word}</span>', "r")
        else:
            yield cell('<span class="good-text">as stated</span>', "r")

    yield table("What was counted, in whole assets", heads, (list(row(asset)) for asset in report.assets))
    drawn = report.assets[:_DRAWN]
    if not drawn:
        return
    more = f" The first {_DRAWN} of {len(report.assets)} trees." if len(report.assets) > _DRAWN else ""
    holders = [(asset_name(own.code, own.group), own.holders or 0, number(own.holders)) for own in drawn]
    label = "Holders of each asset: " + _told(holders)
    yield "<p></p>" + figure(
        plots.bars(label, holders), f"Customers with a balance; logarithmic.{more}", "Holders"
    )


def _told(rows: list[tuple[str, int, str]]) -> str:
    return ", ".join(f"{name} {figures}" for name, _, figures in rows)


def _distribution(report: AuditReport) -> str:
    text = (
        "<p>How many leaves have amounts of which size, in whole assets. Each power of ten has three "
        "bars, which "
        "begin at 1, 2 and 5. A leaf is a balance, or a part of one that the operator has split. The "
        "number on "
        "the left is that of the highest bar.</p>"
    )
    drawn = [asset for asset in report.assets if asset.histogram and any(asset.histogram)][:_DRAWN]
    figures = [
        figure(
            plots.histogram(asset_name(asset.code, asset.group), asset.histogram or (), asset.decimals),
            f"{number(asset.leaves)} leaves",
            asset_name(asset.code, asset.group),
        )
        for asset in drawn
    ]
    if not figures:
        return '<p class="soft">There are no leaves.</p>'
    return f'{text}<div class="grid">{"".join(figures)}</div>'


def _detection(report: AuditReport) -> str:
    users = report.customers - report.idle
    if users < 2:
        return '<p class="soft">There are too few customers to speak of chance.</p>'
    omitted = [number for number in _CURVES if number <= users]
    # Evenly on the axis, which is a logarithm, with both ends.
    checks = sorted({round(users ** (step / 120)) for step in range(121)} | {users})
    lines = [
        (
            f"{number(missing)} left out",
            [(checked, detection_probability(checked, missing, users)) for checked in checks],
        )
        for missing in omitted
    ]
    needed = {missing: checks_needed(0.99, missing, users) for missing in omitted}
    told = "; ".join(
        f"{number(missing)} left out: {number(count)} must check" for missing, count in needed.items()
    )
    label = (
        f"Probability that somebody notices, by how many of {number(users)} customers check. For 99 %: {told}"
    )
    rows = [
        (cell(number(missing), "h"), cell(number(count), "n"), cell(f"{count / users:.3%}", "n"))
        for missing, count in needed.items()
    ]
    heads = [("left out", ""), ("must check for 99 %", "n"), ("share of customers", "n")]
    text = (
        "<p>An audit sees what the operator shows. Who is left out of the table, the snapshot and the "
        "statement "
        "alike is found only by checking a receipt. If customers check at random, out of "
        f"{number(users)} who hold anything, this is how likely it is that one of "
        f"those who are left out notices.</p>"
    )
    return text + figure(plots.curves(label, users, lines), "") + table("How many must check", heads, rows)


def _scope(report: AuditReport) -> str:
    checked = [
        "the files of the snapshot: which there are, their lengths, headers, page sums and zeros"
        if report.folder is not None
        else "the snapshot as it is held in memory",
        "every customer: a place, an id of its own, a key",
        "every leaf: its owner, number of parts, salt, amount, digest and place in the order",
        "every node: made again from the two below it, its digest and its sum",
        "root, total, leaves and holders of each tree against the statement",
    ]
    if report.table is not None:
        checked.append("every holding of the auditor's table against the snapshot, and the other way round")
    not_checked = [
        "whether the statement is the published one: check its signature, and that it follows the one before",
        "whether the operator has what it owes",
        "whether customers are missing from the snapshot" + (" and from the table" if report.table else ""),
    ]
    if report.erased:
        not_checked.append(
            f"the leaves of {number(report.erased)} erased customers, whose ids and keys are gone: their "
            "amounts and places are checked, their owners and salts cannot be"
        )
    if report.idle:
        not_checked.append(
            f"ids and keys of {number(report.idle)} customers who hold nothing: no leaf binds them"
        )
    lists = [
        f"<h3>{name}</h3><ul>{''.join(f'<li>{escape(item)}</li>' for item in items)}</ul>"
        for name, items in (("Checked", checked), ("Not checked", not_checked))
    ]
    return "\n".join(lists)
