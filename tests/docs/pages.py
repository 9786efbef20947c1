"""Runs the Python sessions of a page: its ``pycon`` blocks, one after the other in one namespace."""

from __future__ import annotations

import doctest
import io
from pathlib import Path

ROOT = Path(__file__).parents[2]


def sessions(page: Path) -> doctest.DocTest:
    """One test of all ``pycon`` blocks. What is between them becomes empty lines: line numbers stay right."""
    lines, inside = [], False
    for line in page.read_text(encoding="utf-8").splitlines():
        fence = line.strip().startswith("```")
        inside = line.strip() == "```pycon" if fence else inside
        lines.append(line if inside and not fence else "")
    parser = doctest.DocTestParser()
    return parser.get_doctest("\n".join(lines) + "\n", {}, page.name, str(page), 0)


def failures(test: doctest.DocTest) -> str:
    """A report of the examples that fail; empty if none does."""
    report = io.StringIO()
    doctest.DocTestRunner(verbose=False, optionflags=doctest.ELLIPSIS).run(test, out=report.write)
    return report.getvalue()
