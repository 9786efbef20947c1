"""The page of a difference."""

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
    written,
)

if TYPE_CHECKING:
    from tallystick.liabilities.diffs import AssetDiff, Count, DiffReport

__all__ = ["diff_page"]

# Trees that are drawn, and changes that are listed of each: all are in JSON.
_DRAWN = 60
_SHOWN = 100
_DASH = "\u2013"


def diff_page(report: DiffReport) -> str:
    """Return the page of a difference."""
    old, new = report.old, report.new
    head = (
        f'<p class="kicker">Difference of two snapshots</p>\n<h1>{escape(new.origin)}: '
        f"{escape(old.snapshot_id)} to {escape(new.snapshot_id)}</h1>"
        f'\n<p class="soft">What customers were owed, and what changed.</p>'
    )
    tiles = [
        ("customers before", number(old.customers)),
        ("customers after", number(new.customers)),
        ("in both", number(report.common)),
        ("only after", number(report.added)),
        ("only before", number(report.gone)),
        ("erased before / after", f"{number(old.erased)} / {number(new.erased)}"),
    ]
    facts = [
        (
            name,
            f"<code>{side.digest.hex()}</code>, sequence {number(side.sequence)}, {escape(utc(side.time))}",
        )
        for name, side in (("older statement", old), ("newer statement", new))
    ]
    sections = [section("figures", "In figures", definitions("tiles", tiles) + definitions("facts", facts))]
    sections.append(section("assets", "Assets", "\n".join(_flows(report)), long=True))
    for place, asset in enumerate(own for own in report.assets if own.moved):
        sections.append(_moved(place, asset))
    sections.append(
        section(
            "scope",
            "How to read this",
            "<p>Customers are found in both snapshots by their ids. An erased customer has none, so one who "
            "was "
            "erased since counts as gone, and what erased customers hold is listed apart. Totals are those "
            "that "
            "the statements have; whether they are right, an "
            "audit says.</p>",
        )
    )
    made = " · ".join(f"{escape(name)} {escape(version)}" for name, version in report.versions.items())
    foot = f"<p>Made {escape(utc(report.time))} in {report.seconds:.2f} s by {made}.</p>"
    title = f"Difference of {old.snapshot_id} and {new.snapshot_id}, {new.origin}"
    return page(title, head, sections, foot)


def _flows(report: DiffReport) -> Iterator[str]:
    def head(asset: AssetDiff) -> str:
        listed = (
            ""
            if asset.in_both
            else f' <span class="soft">only {"after" if asset.is_new else "before"}</span>'
        )
        return cell(escape(asset_name(asset.code, asset.group)) + listed, "h")

    def totals(asset: AssetDiff) -> Iterator[str]:
        yield head(asset)
        yield cell(amount(asset.old_total, asset.decimals), "n")
        yield cell(amount(asset.new_total, asset.decimals), "n")
        change = asset.new_total - asset.old_total
        yield cell(amount(change, asset.decimals, signed=True), "n")
        share = f"{change / asset.old_total:+.3%}".replace("-", "\u2212") if asset.old_total else _DASH
        yield cell(share if change else "0", "n")

    heads = [("asset", ""), ("before", "n"), ("after", "n"), ("change", "n"), ("share", "n")]
    yield table("Totals, in whole assets", heads, (list(totals(asset)) for asset in report.assets))

    def count(own: Count, asset: AssetDiff) -> str:
        small = f'<br><span class="soft">{amount(own.sum, asset.decimals)}</span>' if own.holdings else ""
        return cell(number(own.holdings) + small, "n")

    def counts(asset: AssetDiff) -> Iterator[str]:
        yield head(asset)
        for own in (asset.added, asset.gone, asset.more, asset.less, asset.same):
            yield count(own, asset)
        if erased:
            yield count(asset.old_erased, asset)
            yield count(asset.new_erased, asset)

    erased = report.old.erased or report.new.erased
    names = ["new holders", "gone holders", "hold more", "hold less", "unchanged"]
    names += ["erased before", "erased after"] if erased else []
    heads = [("asset", ""), *((name, "n") for name in names)]
    rows_of = (list(counts(asset)) for asset in report.assets)
    yield "<p></p>" + table("Customers, and by how much", heads, rows_of)
    rows = []
    for asset in report.assets[:_DRAWN]:
        base = asset.old_total or asset.new_total
        if base:
            came, went = asset.added.sum + asset.more.sum, asset.gone.sum + asset.less.sum
            change = asset.new_total - asset.old_total
            net = ("+" if change > 0 else "") + written(change, asset.decimals)
            rows.append((asset_name(asset.code, asset.group), went / base, came / base, net))
    if rows:
        told = ", ".join(f"{name} {went:.3%} out, {came:.3%} in" for name, went, came, _ in rows)
        caption = "What went out of balances (left) and came into them (right): shares of the total before."
        yield "<p></p>" + figure(plots.pairs(f"Flows of each asset: {told}", rows), caption, "Flows")


def _moved(place: int, asset: AssetDiff) -> str:
    every = sum(own.holdings for own in (asset.added, asset.gone, asset.more, asset.less))
    rows = (
        (
            cell(f"<bdi>{escape(id_text(own.user_id))}</bdi>", "h"),
            cell(amount(own.old, asset.decimals), "n"),
            cell(amount(own.new, asset.decimals), "n"),
            cell(amount(own.new - own.old, asset.decimals, signed=True), "n"),
        )
        for own in asset.moved[:_SHOWN]
    )
    shown = min(len(asset.moved), _SHOWN)
    caption = f"{number(shown)} of {number(every)} changes, the largest first"
    heads = [("customer", ""), ("before", "n"), ("after", "n"), ("change", "n")]
    name = asset_name(asset.code, asset.group)
    return section(f"moved-{place}", f"Largest changes of {name}", table(caption, heads, rows), long=True)
