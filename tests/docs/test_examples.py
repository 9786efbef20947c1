"""Every example does what its README shows."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.docs.consoles import happens, shown

# Plug-ins are packages with tests of their own: `nox -s plugins` builds and tests them.
EXAMPLES = sorted(
    page
    for page in (Path(__file__).parents[2] / "examples").glob("*/README.md")
    if not page.parent.name.startswith("plugin-")
)


@pytest.mark.parametrize("page", EXAMPLES, ids=lambda page: page.parent.name)
def test_example(page: Path, tmp_path: Path) -> None:
    folder = tmp_path / page.parent.name
    shutil.copytree(page.parent, folder)
    expected = shown(page)
    assert expected.count("$ ") > 0
    assert happens(expected, folder) == expected


def test_there_are_examples() -> None:
    assert EXAMPLES
