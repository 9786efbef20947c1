"""The examples of the readers of published formats run."""

from __future__ import annotations

import doctest
import types

import pytest
from tallystick.liabilities import published
from tallystick.liabilities.published import result

MODULES = [getattr(published, name) for name in published.__all__]
FORMATS = [module for module in MODULES if isinstance(module, types.ModuleType)]


@pytest.mark.parametrize("module", [published, result, *FORMATS], ids=lambda module: module.__name__)
def test_examples_run(module: types.ModuleType) -> None:
    assert doctest.testmod(module).failed == 0


def test_every_format_has_its_weaknesses_and_a_docstring() -> None:
    assert len(FORMATS) == 9
    for module in FORMATS:
        assert module.__doc__
        assert set(module.__all__) >= {"WEAKNESSES", "verify"}
        for name in module.__all__:
            assert getattr(module, name).__doc__
