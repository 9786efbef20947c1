"""Drawings of reports: SVG in the colours of the page. Each says in words what it shows."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tallystick.liabilities._pages.amounts import major
from tallystick.liabilities._pages.frame import escape, number

__all__ = ["bars", "curves", "histogram", "pairs"]

_WIDTH = 960
_ROW = 24
_LABEL = 150
_VALUE = 230


def _svg(width: float, height: float, label: str, body: list[str]) -> str:
    inside = "\n".join(body)
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(label)}" '
        f'style="max-width: {width:g}px">\n{inside}\n</svg>'
    )


def _text(x: float, y: float, text: str, *, anchor: str = "start", kind: str = "") -> str:
    own = f' class="{kind}"' if kind else ""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}"{own}>{escape(text)}</text>'


def _line(x1: float, y1: float, x2: float, y2: float, kind: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{kind}"/>'


def _rect(x: float, y: float, width: float, height: float, kind: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{max(width, 0):.2f}" height="{height:.1f}" class="{kind}"/>'


def _short(text: str, most: int = 20) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def bars(label: str, rows: Sequence[tuple[str, int, str]]) -> str:
    """Draw a bar for each row: a name, a number, and how it is written. Lengths are logarithms, from 1 on."""
    height = _ROW * len(rows) + 26
    width = _WIDTH - _LABEL - _VALUE
    powers = max(1, math.ceil(max((_log10(value) for _, value, _ in rows), default=1) + 1e-9))
    every = math.ceil(powers / 8)
    body = []
    for power in range(0, powers + 1, every):
        x = _LABEL + width * power / powers
        body.append(_line(x, 0, x, height - 22, "rule"))
        body.append(_text(x, height - 8, _power(power), anchor="middle"))
    for place, (name, value, written) in enumerate(rows):
        y = place * _ROW
        body.append(_text(_LABEL - 10, y + 15, _short(name), anchor="end", kind="strong"))
        # One thing is a log of 0: it is drawn as a stroke, and nothing as nothing.
        if value > 0:
            body.append(_rect(_LABEL, y + 4, max(width * _log10(value) / powers, 2), _ROW - 9, "bar"))
        body.append(_text(_WIDTH - 2, y + 15, written, anchor="end"))
    body.append(_line(_LABEL, 0, _LABEL, height - 22, "axis"))
    return _svg(_WIDTH, height, label, body)


def _round(share: float) -> float:
    """Return the next of 1, 2, 4, 6, 8 and 10 times a power of ten, of which the half is round too."""
    power = 10.0 ** math.floor(math.log10(share))
    return next(power * step for step in (1, 2, 4, 6, 8, 10) if power * step >= share * (1 - 1e-9))


def pairs(label: str, rows: Sequence[tuple[str, float, float, str]]) -> str:
    """Draw for each row what went and what came, as shares, to the left and to the right of a middle line."""
    height = _ROW * len(rows) + 26
    width = _WIDTH - _LABEL - _VALUE
    most = _round(max((max(left, right) for _, left, right, _ in rows), default=0) or 1)
    middle = _LABEL + width / 2
    body = []
    for part in (-1, -0.5, 0.5, 1):
        x = middle + part * width / 2
        body.append(_line(x, 0, x, height - 22, "rule"))
        body.append(
            _text(x, height - 8, f"{part * most * 100:+.3g} %".replace("-", "\u2212"), anchor="middle")
        )
    for place, (name, left, right, written) in enumerate(rows):
        y = place * _ROW
        body.append(_text(_LABEL - 10, y + 15, _short(name), anchor="end", kind="strong"))
        reach = width / 2 * left / most
        body.append(_rect(middle - reach, y + 4, reach, _ROW - 9, "bar2"))
        body.append(_rect(middle, y + 4, width / 2 * right / most, _ROW - 9, "bar"))
        body.append(_text(_WIDTH - 2, y + 15, written, anchor="end"))
    body.append(_line(middle, 0, middle, height - 22, "axis"))
    body.append(_text(middle, height - 8, "0", anchor="middle"))
    return _svg(_WIDTH, height, label, body)


def histogram(name: str, bins: Sequence[int], decimals: int) -> str:
    """Draw how many leaves have amounts of each size. Bins begin at 1, 2 and 5 times powers of ten."""
    used = [place for place, count in enumerate(bins) if count]
    first, last = (min(used) // 3, max(used) // 3) if used else (0, 0)
    width, height, left, low = 320, 170, 8, 30
    count = (last - first + 1) * 3
    step = (width - 2 * left) / count
    most = max(bins, default=0) or 1
    body = [
        _line(left, 12 + (height - low - 12) * part, width - left, 12 + (height - low - 12) * part, "rule")
        for part in (0, 0.5)
    ]
    for place in range(count):
        value = bins[first * 3 + place]
        if value:
            tall = max((height - low - 12) * value / most, 1)
            body.append(_rect(left + place * step + 0.5, height - low - tall, step - 1, tall, "bar"))
    powers = last - first + 1
    every = math.ceil((powers + 1) / 5)
    for power in range(0, powers + 1, every):
        x = left + power * 3 * step
        body.append(_line(x, height - low, x, height - low + 4, "axis"))
        # The first and the last stay inside.
        anchor = "start" if power == 0 else "end" if power == powers else "middle"
        edge = {"start": x - 2, "middle": x, "end": x + 2}[anchor]
        body.append(_text(edge, height - 12, _power(first + power - decimals, 4), anchor=anchor))
    body.append(_line(left, height - low, width - left, height - low, "axis"))
    body.append(_text(left, 9, number(most)))
    total = sum(bins)
    told = (
        f"Distribution of {number(total)} leaf amounts of {name}: from {_edge(used[0], decimals)} "
        if used
        else ""
    )
    label = told + f"to below {_edge(used[-1] + 1, decimals)}" if used else f"No leaves of {name}"
    return _svg(width, height, label, body)


def _edge(place: int, decimals: int) -> str:
    text = major((1, 2, 5)[place % 3] * 10 ** (place // 3), decimals)
    return text.rstrip("0").rstrip(".") if "." in text else text


def curves(label: str, users: int, lines: Sequence[tuple[str, Sequence[tuple[int, float]]]]) -> str:
    """Draw probabilities over how many check, a logarithm; at most four lines, told apart by dashes."""
    width, height, left, right, low = _WIDTH, 320, 46, 150, 42
    span = max(_log10(users), 1e-9)

    def x(checked: int) -> float:
        return left + (width - left - right) * _log10(checked) / span

    def y(probability: float) -> float:
        return 10 + (height - low - 10) * (1 - probability)

    body = []
    for part in range(0, 101, 20):
        body.append(_line(left, y(part / 100), width - right, y(part / 100), "rule"))
        body.append(_text(left - 8, y(part / 100) + 4, f"{part} %", anchor="end"))
    for power in range(int(span) + 1):
        body.append(_line(x(10**power), y(0), x(10**power), y(0) + 5, "axis"))
        body.append(_text(x(10**power), y(0) + 18, _power(power), anchor="middle"))
    body.append(_line(left, y(0), width - right, y(0), "axis"))
    body.append(_text((left + width - right) / 2, height - 4, "customers who check", anchor="middle"))
    lowest = 0.0
    for place, (name, points) in enumerate(lines):
        path = " ".join(f"{x(checked):.1f},{y(probability):.1f}" for checked, probability in points)
        body.append(f'<polyline points="{path}" class="line dash{place}"/>')
        # The key stands to the right, one line below the other.
        key = 18 + place * 20
        body.append(_line(width - right + 12, key - 4, width - right + 40, key - 4, f"line dash{place}"))
        body.append(_text(width - right + 46, key, name))
        lowest = max(lowest, key)
    return _svg(width, height, label, body)


def _log10(value: int) -> float:
    """Also of numbers that no float has."""
    return math.log10(value) if value > 0 else 0.0


def _power(power: int, most: int = 6) -> str:
    """Write a power of ten, in figures while they are few."""
    if 0 <= power <= most:
        return number(10**power)
    if -3 <= power < 0:
        return f"{10.0**power:.{-power}f}"
    return "10" + str(power).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
