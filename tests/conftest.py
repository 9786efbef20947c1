"""How the suite runs: seeded samples by default, the full-size runs and longer searches on request."""

from __future__ import annotations

import os

import pytest
from hypothesis import settings

# The same examples on every run, so that a failure is a change of the code.
settings.register_profile(
    "fast", derandomize=True, database=None, deadline=None, max_examples=200, stateful_step_count=25
)
settings.register_profile("thorough", deadline=None, max_examples=2000, stateful_step_count=80)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "fast"))

EXHAUSTIVE = "exhaustive: the full-size run of a test whose seeded sample runs by default; minutes"
BROWSER = "browser: opens pages in Chromium, which must be there; nox -s report"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", EXHAUSTIVE)
    config.addinivalue_line("markers", BROWSER)
    if not config.option.markexpr:
        config.option.markexpr = "not exhaustive and not browser"
