"""Reports as files, by the suffix of their path."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import Protocol

__all__ = ["save"]


class _Report(Protocol):
    def to_html(self) -> str: ...

    def to_json(self) -> str: ...


def save(report: _Report, path: str | os.PathLike[str]) -> None:
    """Write a report by the suffix of its path."""
    place = Path(os.fsdecode(path))
    makers = {".html": report.to_html, ".json": report.to_json}
    make = makers.get(place.suffix)
    if make is None:
        raise ValueError(f"a report is saved as .html or .json, not as {place.name!r}")
    content = make().encode("utf-8")
    beside = place.with_name(f".tallystick-{secrets.token_hex(8)}.tmp")
    try:
        with beside.open("xb") as file:
            file.write(content)
        beside.replace(place)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise
