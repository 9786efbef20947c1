"""How likely it is that somebody notices: k of n customers check, and the operator left some out."""

from __future__ import annotations

import math
from decimal import Context, Decimal, localcontext
from typing import SupportsIndex

__all__ = ["checks_needed", "detection_probability"]

# Below this number factorials are taken exactly, from it on Stirling's series is exact to 40 digits.
_EXACT = 1000
# B(2k) / (2k (2k - 1)), the coefficients of n^(1-2k) in Stirling's series, as fractions.
_STIRLING = (
    (1, 12),
    (-1, 360),
    (1, 1260),
    (-1, 1680),
    (1, 1188),
    (-691, 360_360),
    (1, 156),
    (-3617, 122_400),
)
_DIGITS = 60
_LN_2_PI = Decimal("1.837877066409345483560659472811235279722794947275566825634303080965531391")


def detection_probability(checked: SupportsIndex, omitted: SupportsIndex, users: SupportsIndex) -> float:
    """Return the probability that one or more of ``omitted`` users are among ``checked`` out of ``users``.

    An operator leaves out, or shrinks, the balances of ``omitted`` users; ``checked`` of all ``users``
    check their receipts, drawn at random without regard to whether they are left out. Then this is the
    probability that somebody notices: 1 - C(users - omitted, checked) / C(users, checked), the
    hypergeometric distribution. It says too much if the operator knows who will check: see the guide.

    Takes integers of any size. The result is exact to the last bits of a float; it is 1.0 only where no
    other float is nearer. Raises ``ValueError`` for numbers that cannot be: below 0, or more checked or
    omitted than there are users; ``TypeError`` for anything but integers. Takes below a millisecond.

    >>> from tallystick import liabilities
    >>> round(liabilities.detection_probability(checked=500, omitted=100, users=100_000), 4)
    0.3944
    >>> liabilities.detection_probability(2, 1, 4)
    0.5
    """
    return float(_probability(*_numbers(checked, omitted, users)))


def checks_needed(probability: float, omitted: SupportsIndex, users: SupportsIndex) -> int:
    """Return how many of ``users`` have to check, so that ``omitted`` ones are noticed with this probability.

    The least ``checked`` for which :func:`detection_probability` is not below ``probability``; for 1, the
    least for which it is certain.

    Raises ``ValueError`` for a probability that is not from 0 to 1, for more omitted than users, and if
    nobody is omitted while the probability is above 0; ``TypeError`` for other types.

    >>> from tallystick import liabilities
    >>> liabilities.checks_needed(0.99, omitted=100, users=100_000)
    4499
    """
    if isinstance(probability, bool) or not isinstance(probability, (float, int)):
        raise TypeError(f"a probability is a float, not {type(probability).__name__}")
    if not 0 <= probability <= 1:
        raise ValueError(f"a probability is from 0 to 1, not {probability}")
    _, missing, count = _numbers(0, omitted, users)
    if missing == 0 and probability > 0:
        raise ValueError("nobody is omitted: there is nothing to be noticed")
    # From so many on it is certain: fewer users are not omitted. Floats near 1 do not tell.
    certain = count - missing + 1 if missing else 0
    low, high = certain if probability == 1 else 0, certain
    while low < high:
        middle = (low + high) // 2
        if float(_probability(middle, missing, count)) >= probability:
            high = middle
        else:
            low = middle + 1
    return low


def _numbers(checked: SupportsIndex, omitted: SupportsIndex, users: SupportsIndex) -> tuple[int, int, int]:
    numbers = []
    for name, number in (("checked", checked), ("omitted", omitted), ("users", users)):
        if isinstance(number, bool) or not hasattr(number, "__index__"):
            raise TypeError(f"{name} must be an integer, not {type(number).__name__}")
        numbers.append(number.__index__())
        if numbers[-1] < 0:
            raise ValueError(f"{name} must not be negative, not {numbers[-1]}")
    checks, missing, count = numbers
    for name, number in (("checked", checks), ("omitted", missing)):
        if number > count:
            raise ValueError(f"{name} is {number}, and there are {count} users")
    return checks, missing, count


def _probability(checked: int, omitted: int, users: int) -> Decimal:
    if not checked or not omitted:
        return Decimal(0)
    if checked + omitted > users:
        return Decimal(1)  # Fewer are not omitted than check.
    # Logarithms of factorials have as many digits before the point as there are users, and they cancel.
    with localcontext(Context(prec=_DIGITS + 2 * len(str(users)))):
        none = _ln_factorial(users - checked) + _ln_factorial(users - omitted)
        none -= _ln_factorial(users) + _ln_factorial(users - checked - omitted)
        return 1 - none.exp()


def _ln_factorial(number: int) -> Decimal:
    if number < _EXACT:
        return Decimal(math.factorial(number)).ln()
    n = Decimal(number)
    series = (n + Decimal("0.5")) * n.ln() - n + _LN_2_PI / 2
    power = n
    for above, below in _STIRLING:
        series += Decimal(above) / (below * power)
        power *= n * n
    return series
