"""All objects that have wire forms, and how to find their fields."""

from __future__ import annotations

from tests.reference.layouts import LAYOUTS, Layout
from tests.reference.layouts_sums import SUM_LAYOUTS

FORMATS: dict[type, Layout] = LAYOUTS | SUM_LAYOUTS
TYPES = {layout.name: wanted for wanted, layout in FORMATS.items()}


def layout_of(value: object) -> Layout:
    return FORMATS[type(value)]


def others(wanted: type) -> list[Layout]:
    """The objects that another is told apart from in vectors. Those of dense trees were there first."""
    told = LAYOUTS if wanted in LAYOUTS else FORMATS
    return [layout for layout in told.values() if layout.name != FORMATS[wanted].name]
