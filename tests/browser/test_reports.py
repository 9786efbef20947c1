"""Reports in a real browser: nothing on the console, figures in the page, and drawings that are seen."""

from __future__ import annotations

import html
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from tallystick import liabilities

from tests.audits.samples import HOSTILE, commit, table
from tests.browser.chromium import dom, picture, run

pytestmark = pytest.mark.browser

LIGHT = {"paper": (0xFC, 0xFB, 0xF8), "accent": (0x1F, 0x5F, 0x6B), "second": (0xB0, 0x6A, 0x2C)}
DARK = {"paper": (0x14, 0x18, 0x1D), "accent": (0x7C, 0xC3, 0xCD), "second": (0xDD, 0x9C, 0x5F)}


def count(image: npt.NDArray[np.uint8], colour: tuple[int, int, int]) -> int:
    """Pixels of a colour, give or take what a screen's profile does to it."""
    return int((np.abs(image.astype(int) - colour).max(axis=2) <= 3).sum())


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("pages")
    held = table(2_000)
    changed = [amount // 2 if row % 2 else 1 + 3 * amount // 2 for row, amount in enumerate(held["BTC"])]
    other = held | {"user": [HOSTILE, *held["user"][1:]], "BTC": changed}
    snapshot, later = commit(held), commit(other, "<script>console.error(2)</script>")
    liabilities.audit(snapshot, snapshot.statement, table=held, id="user").save(folder / "good.html")
    liabilities.audit(snapshot, snapshot.statement, table=other, id="user").save(folder / "bad.html")
    liabilities.diff(snapshot, later).save(folder / "diff.html")
    return folder


def test_the_console_is_heard(tmp_path: Path) -> None:
    """Without this, silence would prove nothing."""
    page = tmp_path / "loud.html"
    page.write_text("<!doctype html><title>x</title><body><script>console.error('heard')</script>")
    _, console = dom(page, tmp_path)
    assert len(console) == 1
    assert "heard" in console[0]


@pytest.mark.parametrize("name", ["good", "bad", "diff"])
def test_pages_are_silent_and_whole(pages: Path, tmp_path: Path, name: str) -> None:
    page, console = dom(pages / f"{name}.html", tmp_path)
    assert console == []
    written = (pages / f"{name}.html").read_text("utf-8")
    for element in ("<svg", "<table", "<section", "<rect", "<tr>"):
        # The browser adds none and drops none: what it read is what was meant.
        assert page.count(element) == written.count(element) > 0, element
    assert "<script" not in page
    assert page.rstrip().endswith("</body></html>")


def test_figures_are_in_the_page(pages: Path, tmp_path: Path) -> None:
    held = table(2_000)
    page, _ = dom(pages / "good.html", tmp_path)
    assert "Nothing was found." in page
    whole, rest = divmod(sum(held["EUR"]), 100)
    assert f"{whole:,}".replace(",", "\u202f") + f'<span class="soft">.{rest:02}</span>' in page
    page, _ = dom(pages / "bad.html", tmp_path)
    assert "OTHER_AMOUNT" in page
    assert html.escape(HOSTILE, quote=False) in page


@pytest.mark.parametrize("name", ["good", "bad", "diff"])
def test_drawings_are_seen_in_both_lights(pages: Path, tmp_path: Path, name: str) -> None:
    page = pages / f"{name}.html"
    light, dark = picture(page, tmp_path), picture(page, tmp_path, "--force-dark-mode")
    for image, colours in ((light, LIGHT), (dark, DARK)):
        area = image.shape[0] * image.shape[1]
        assert count(image, colours["paper"]) > area // 2
        assert count(image, colours["accent"]) > area // 2000
        assert name != "diff" or count(image, colours["second"]) > 100


def test_pages_fit_a_telephone_and_paper(pages: Path, tmp_path: Path) -> None:
    narrow = picture(pages / "good.html", tmp_path, width=500, height=1200)
    assert count(narrow[:, :8], LIGHT["paper"]) > 8 * 1200 * 0.99  # the margin stays free
    paper = tmp_path / "report.pdf"
    run(pages / "good.html", tmp_path, f"--print-to-pdf={paper}", "--no-pdf-header-footer")
    content = paper.read_bytes()
    assert content.startswith(b"%PDF")
    assert 2 <= content.count(b"/Type /Page\n") <= 8
