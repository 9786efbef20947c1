"""Reports as HTML: the frame of a page, its style and its tables. All text is escaped; nothing is loaded."""

from __future__ import annotations

import datetime
import html
from collections.abc import Iterable, Sequence
from importlib.resources import files

from tallystick.liabilities._pages.amounts import grouped

__all__ = [
    "amount",
    "asset_name",
    "cell",
    "definitions",
    "escape",
    "figure",
    "number",
    "page",
    "section",
    "table",
    "utc",
    "written",
]

# No script runs and nothing is fetched, whatever stands in a report.
_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'"

# Not printable to Python, and in our own numbers.
_SPACES = "\u202f"
_DASH = "\u2013"


def escape(text: object) -> str:
    """Return text as HTML, in content and in quoted attributes; what is not printable, as escapes."""
    plain = str(text)
    if not plain.isprintable():
        plain = "".join(c if c.isprintable() or c in _SPACES else ascii(c)[1:-1] for c in plain)
    return html.escape(plain, quote=True)


def number(value: int | None) -> str:
    """Return a count with thin spaces between groups of three, or a dash."""
    return _DASH if value is None else grouped(value)[0]


def amount(minor: int | None, decimals: int, *, signed: bool = False) -> str:
    """Return an amount in whole assets, as HTML; what is behind the point is softer. A dash for none."""
    if minor is None:
        return _DASH
    whole, rest = grouped(minor, decimals)
    sign = "+" if signed and minor > 0 else ""
    return f'{sign}{whole}<span class="soft">{rest}</span>' if rest else f"{sign}{whole}"


def asset_name(code: str, group: str) -> str:
    """Return what a tree is called."""
    return f"{code} · {group}" if group else code


def written(minor: int | None, decimals: int) -> str:
    """Return an amount for a drawing: without HTML."""
    return _DASH if minor is None else "".join(grouped(minor, decimals))


def utc(seconds: int) -> str:
    """Return a time as people read it; the number where no calendar has it."""
    try:
        moment = datetime.datetime.fromtimestamp(seconds, datetime.UTC)
    except (ValueError, OverflowError, OSError):
        return str(seconds)
    return f"{moment:%Y-%m-%d %H:%M:%S} UTC"


def cell(content: str, kind: str = "") -> str:
    """Return a cell of HTML that is escaped already; ``n`` is for numbers, ``h`` for the head of a row."""
    if kind == "h":
        return f'<th scope="row">{content}</th>'
    return f'<td class="{kind}">{content}</td>' if kind else f"<td>{content}</td>"


def table(caption: str, heads: Sequence[tuple[str, str]], rows: Iterable[Sequence[str]]) -> str:
    """Return a table from heads with their kinds, and rows of cells."""
    head = "".join(
        f'<th scope="col"{f" class={kind}" if kind else ""}>{escape(name)}</th>' for name, kind in heads
    )
    body = "\n".join(f"<tr>{''.join(row)}</tr>" for row in rows)
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(caption)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{head}</tr></thead><tbody>\n{body}\n</tbody></table></div>"
    )


def definitions(kind: str, items: Iterable[tuple[str, str]]) -> str:
    """Return names with what they stand for, which is escaped already: ``tiles`` or ``facts``."""
    wrap = (lambda item: f"<div>{item}</div>") if kind == "tiles" else (lambda item: item)
    body = "\n".join(wrap(f"<dt>{escape(name)}</dt><dd>{value}</dd>") for name, value in items)
    return f'<dl class="{kind}">\n{body}\n</dl>'


def figure(drawing: str, caption: str, title: str = "") -> str:
    """Return a drawing with what it shows."""
    head = f"<h3>{escape(title)}</h3>" if title else ""
    foot = f"<figcaption>{escape(caption)}</figcaption>" if caption else ""
    return f"<figure>{head}{drawing}{foot}</figure>"


def section(name: str, title: str, body: str, *, long: bool = False) -> str:
    """Return a section that can be linked to."""
    kind = ' class="long"' if long else ""
    head = f'<h2 id="{name}-title">{escape(title)}</h2>'
    return f'<section id="{name}" aria-labelledby="{name}-title"{kind}>{head}\n{body}\n</section>'


def page(title: str, head: str, sections: Iterable[str], foot: str) -> str:
    """Return the whole document."""
    style = files("tallystick.liabilities._pages").joinpath("report.css").read_text("utf-8")
    body = "\n".join(sections)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{_POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
<style>
{style}</style>
</head>
<body>
<main>
<header>
{head}
</header>
{body}
<footer>
{foot}
</footer>
</main>
</body>
</html>
"""
