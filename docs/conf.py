"""Sphinx configuration. Build with `nox -s docs`: nitpicky, and a warning is an error."""

import sys
from importlib.metadata import version as installed_version
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

project = "tallystick"
author = "The tallystick authors"
project_copyright = "2026, The tallystick authors"
version = release = installed_version("tallystick")

extensions = ["myst_parser", "sphinx.ext.autodoc", "stub_signatures"]
# The tables are parts of the pages about benchmarks and about variants.
exclude_patterns = ["_build", "benchmarks/table.md", "compare/tables.md"]
suppress_warnings: list[str] = []

myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3

autodoc_member_order = "bysource"
# Docstrings put code between single backquotes here and there; it is code in both ways of writing.
default_role = "code"

nitpicky = True
# Classes of other projects: their documentation is not at hand when a build has no network.
nitpick_ignore_regex = [
    ("py:class", r"(numpy|np|npt|os|pathlib|asyncio|typing|decimal|collections\.abc)\..*"),
    # What a log needs of its store: capabilities together, whose names the page says.
    ("py:class", r"(tallystick\.logs\._stores\.)?(Async)?(Readable|Writable)"),
    ("py:class", r"(PathLike|SupportsIndex|Sequence|Iterator|Mapping|Any|Self)"),
]

html_theme = "furo"
html_title = "tallystick"
html_show_sourcelink = False
