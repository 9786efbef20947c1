"""All objects that have wire forms, and how to find their fields."""

from __future__ import annotations

from tests.reference.layouts import LAYOUTS, Layout
from tests.reference.layouts_liabilities import ITEMS, LIABILITY_LAYOUTS
from tests.reference.layouts_namespaced import NAMESPACED_LAYOUTS
from tests.reference.layouts_patricia import PATRICIA_LAYOUTS
from tests.reference.layouts_sparse import SPARSE_LAYOUTS
from tests.reference.layouts_sums import SUM_LAYOUTS

FORMATS: dict[type, Layout] = (
    LAYOUTS | SUM_LAYOUTS | LIABILITY_LAYOUTS | NAMESPACED_LAYOUTS | SPARSE_LAYOUTS | PATRICIA_LAYOUTS
)
TYPES = {layout.name: wanted for wanted, layout in FORMATS.items()}


def fields_of(wanted: type) -> Layout:
    """The layout of an object, or of an item inside one."""
    return FORMATS.get(wanted) or ITEMS[wanted]


def layout_of(value: object) -> Layout:
    return fields_of(type(value))


def others(wanted: type) -> list[Layout]:
    """The objects that another is told apart from in vectors. Those of dense trees were there first."""
    if wanted in LAYOUTS:
        told = LAYOUTS
    elif wanted in SUM_LAYOUTS:
        told = LAYOUTS | SUM_LAYOUTS
    elif wanted in LIABILITY_LAYOUTS:
        told = LAYOUTS | SUM_LAYOUTS | LIABILITY_LAYOUTS
    elif wanted in NAMESPACED_LAYOUTS:
        told = LAYOUTS | SUM_LAYOUTS | LIABILITY_LAYOUTS | NAMESPACED_LAYOUTS
    elif wanted in SPARSE_LAYOUTS:
        told = LAYOUTS | SUM_LAYOUTS | LIABILITY_LAYOUTS | NAMESPACED_LAYOUTS | SPARSE_LAYOUTS
    else:
        told = FORMATS
    return [layout for layout in told.values() if layout.name != FORMATS[wanted].name]
