"""Every Python session in docs/ does what the page shows."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.pages import ROOT, failures, sessions

PAGES = sorted(page for folder in ("guides", "concepts") for page in (ROOT / "docs" / folder).glob("*.md"))


# From Python 3.12 on, forking a process with threads warns; the page on threads says what to think of.
@pytest.mark.filterwarnings("ignore:.*fork:DeprecationWarning")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.parent.name}/{page.stem}")
def test_page(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert failures(sessions(page)) == ""


def test_pages_have_sessions() -> None:
    assert sum(bool(sessions(page).examples) for page in PAGES) >= 8
