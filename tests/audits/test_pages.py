"""Pages of reports, read as HTML: figures, structure, and that nothing in them is taken for markup."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from xml.etree import ElementTree as ET

import pytest
from tallystick import liabilities
from tallystick.liabilities import AuditReport
from tallystick.liabilities._pages.amounts import grouped, id_text, major
from tallystick.liabilities._pages.frame import escape, utc

from tests.audits.samples import HOSTILE, commit, table

VOID = {"meta", "link", "br"}
TEXT = "\u202eevil\x00\ud800"


class Page(HTMLParser):
    """Elements with their attributes, in order; text; and whether elements are closed in order."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]


def hostile() -> AuditReport:
    held = table(400)
    held["entity"] = [HOSTILE, '" onload="alert(1)'.replace('"', "'")] * 200
    snapshot = commit(held, "<img src=x onerror=alert(1)>", group="entity", origin="<b>&amp;</b>")
    other = held | {"user": [HOSTILE, *held["user"][1:-1], "\u202eevil"]}
    return liabilities.audit(snapshot, snapshot.statement, table=other, id="user", group="entity")


def test_text_is_never_markup() -> None:
    report = hostile()
    page = report.to_html()
    read = Page(page)
    assert read.open == []
    assert not read.named("script")
    assert not read.named("img")
    assert not read.named("b")
    assert not [name for _, attributes in read.elements for name in attributes if name.startswith("on")]
    assert HOSTILE in "".join(read.text)
    assert "<b>&amp;</b>, snapshot <img src=x onerror=alert(1)>" in "".join(read.text)
    assert "\u202e" not in page
    assert "0x" + "\u202eevil".encode().hex() in page


def test_a_page_needs_nothing_else() -> None:
    for page in (hostile().to_html(), liabilities.diff(commit(table(9)), commit(table(8), "2")).to_html()):
        read = Page(page)
        links = [
            own
            for _, attributes in read.elements
            for name, own in attributes.items()
            if name in ("src", "href")
        ]
        assert links == ["data:,"]
        assert not re.search(r"https?:|url\(|@import|<script", page)
        policy = next(own["content"] for own in read.named("meta") if own.get("http-equiv"))
        assert policy is not None
        assert policy.startswith("default-src 'none';")


def test_a_page_can_be_read_aloud() -> None:
    read = Page(hostile().to_html())
    assert read.named("html") == [{"lang": "en"}]
    assert len(read.named("h1")) == len(read.named("main")) == len(read.named("title")) == 1
    assert len(read.named("caption")) == len(read.named("table")) > 2
    assert all(own.get("scope") in ("col", "row") for own in read.named("th"))
    drawings = read.named("svg")
    assert len(drawings) >= 4
    assert all(own["role"] == "img" and own["aria-label"] for own in drawings)
    names = [own["id"] for own in read.named("section")]
    assert len(set(names)) == len(names)
    assert {own["aria-labelledby"] for own in read.named("section")} <= {
        own.get("id") for own in read.named("h2")
    }


def test_figures_stand_in_the_page() -> None:
    held = table(1000)
    snapshot = commit(held)
    report = liabilities.audit(snapshot, snapshot.statement, table=held, id="user")
    text = "".join(Page(report.to_html()).text)
    assert "Nothing was found." in text
    for code, decimals in (("BTC", 8), ("ETH", 18), ("EUR", 2)):
        assert "".join(grouped(sum(held[code]), decimals)) in text
    assert report.statement_digest.hex() in text
    drawings = re.findall(r"<svg.*?</svg>", report.to_html(), re.DOTALL)
    assert len(drawings) == 1 + 3 + 1
    # A bar for each asset, one for each bin that is not empty, a line for each number left out and its key.
    bars = [len(ET.fromstring(drawing).findall("rect")) for drawing in drawings]
    assert bars[0] == 3
    assert bars[1:4] == [sum(map(bool, asset.histogram or ())) for asset in report.assets]
    assert len(ET.fromstring(drawings[4]).findall("polyline")) == 4
    wrong = liabilities.audit(snapshot, snapshot.statement, table=table(999), id="user")
    text = "".join(Page(wrong.to_html()).text)
    assert "1 finding." in text
    assert "differs from the auditor's table" in text
    assert "UNKNOWN_CUSTOMER" in text


def test_pages_of_little() -> None:
    nobody = commit({"user": [], "BTC": []}, assets={"BTC": 8})
    one = commit({"user": ["a"], "BTC": [2**128 - 1]}, assets={"BTC": 255})
    none = commit({"user": [], "BTC": []}, "2", assets={"BTC": 8})
    for page in (
        liabilities.audit(nobody, nobody.statement).to_html(),
        liabilities.audit(one, one.statement).to_html(),
        liabilities.diff(nobody, none).to_html(),
        liabilities.diff(one, one).to_html(),
    ):
        assert Page(page).open == []


@pytest.mark.parametrize(
    ("minor", "decimals", "text", "short"),
    [
        (0, 0, "0", ("0", "")),
        (0, 2, "0.00", ("0", ".00")),
        (5, 8, "0.00000005", ("0", ".00000005")),
        (123_456_700, 8, "1.23456700", ("1", ".234567")),
        (-1_234_567, 2, "-12345.67", ("\u221212\u202f345", ".67")),
        (2**128 - 1, 0, str(2**128 - 1), (f"{2**128 - 1:,}".replace(",", "\u202f"), "")),
        (7, 255, "0." + "7".zfill(255), ("0", "." + "7".zfill(255))),
    ],
)
def test_amounts_are_written_exactly(minor: int, decimals: int, text: str, short: tuple[str, str]) -> None:
    assert major(minor, decimals) == text
    assert grouped(minor, decimals) == short


def test_texts_are_shown_as_they_are_or_as_escapes() -> None:
    assert escape("<&\"'>") == "&lt;&amp;&quot;&#x27;&gt;"
    assert escape(TEXT) == r"\u202eevil\x00\ud800"
    assert id_text(b"user@example.org") == "user@example.org"
    assert id_text(b"\xff\x00") == "0xff00"
    assert id_text(b"a\nb") == "0x610a62"
    assert utc(0) == "1970-01-01 00:00:00 UTC"
    assert utc(2**64 - 1) == str(2**64 - 1)
