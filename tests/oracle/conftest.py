"""What the comparisons with other implementations share."""

from __future__ import annotations

import pytest

from tests.oracle import counterparts


@pytest.fixture(scope="session")
def crates() -> counterparts.Ask:
    """The program of other Rust crates, built once."""
    counterparts.build()
    return counterparts.ask
