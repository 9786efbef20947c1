"""Probabilities against exact fractions."""

from __future__ import annotations

import random
from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tallystick.liabilities import checks_needed, detection_probability


def exact(checked: int, omitted: int, users: int) -> Fraction:
    """From the definition."""
    return 1 - Fraction(comb(users - omitted, checked), comb(users, checked))


def product(checked: int, omitted: int, users: int) -> Fraction:
    """From another one, for numbers that are too large for binomials: draw the smaller set one by one."""
    few, many = sorted((checked, omitted))
    none = Fraction(1)
    for place in range(few):
        none *= Fraction(users - many - place, users - place)
    return 1 - none


numbers = st.integers(0, 2500).flatmap(lambda n: st.tuples(st.integers(0, n), st.integers(0, n), st.just(n)))


@given(numbers)
def test_probabilities_are_those_of_fractions(drawn: tuple[int, int, int]) -> None:
    # The nearest float, not one beside it.
    assert detection_probability(*drawn) == float(exact(*drawn))


@pytest.mark.parametrize(
    "drawn",
    [
        (1, 1, 10**9),
        (3, 2, 10**12),
        (5, 10**6, 10**9),
        (10**6, 5, 10**9),
        (1000, 3, 10**18),
        (7, 1, 10**30),
        (999, 1000, 10**9),
        (1000, 999, 1001),
        (2, 10**40 - 1, 10**40),
    ],
)
def test_large_numbers_stay_exact(drawn: tuple[int, int, int]) -> None:
    assert detection_probability(*drawn) == float(product(*drawn))


def test_large_sets_of_many_users() -> None:
    # Beyond what fractions can do, between bounds that they can: 1 - (1 - k/n)^c <= p <= c k / n.
    checked, omitted, users = 10**8, 10**5, 10**16
    found = detection_probability(checked, omitted, users)
    share = Fraction(checked * omitted, users)
    assert share - share**2 / 2 < Fraction(found) < share
    assert detection_probability(omitted, checked, users) == found


def test_edges() -> None:
    assert detection_probability(0, 5, 10) == 0.0
    assert detection_probability(5, 0, 10) == 0.0
    assert detection_probability(0, 0, 0) == 0.0
    assert detection_probability(10, 1, 10) == 1.0
    assert detection_probability(6, 5, 10) == 1.0
    assert detection_probability(5, 5, 10) == float(1 - Fraction(1, 252))


def test_it_grows_with_both() -> None:
    draw = random.Random(1)
    for _ in range(200):
        users = draw.randint(2, 10**6)
        omitted, checked = draw.randint(1, users - 1), draw.randint(0, users - 1)
        here = detection_probability(checked, omitted, users)
        assert here <= detection_probability(checked + 1, omitted, users)
        assert here <= detection_probability(checked, omitted + 1, users)
        assert here == detection_probability(omitted, checked, users)


@pytest.mark.parametrize("wrong", [(-1, 1, 2), (1, -1, 2), (0, 0, -1), (3, 1, 2), (1, 3, 2)])
def test_impossible_numbers_are_refused(wrong: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match=r"must not be negative|there are"):
        detection_probability(*wrong)


@pytest.mark.parametrize("wrong", [(1.0, 1, 2), (1, True, 2), (1, 1, "2"), (None, 1, 2)])
def test_other_types_are_refused(wrong: tuple[object, object, object]) -> None:
    with pytest.raises(TypeError, match="must be an integer"):
        detection_probability(*wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("probability", [1e-300, 0.01, 0.5, 0.9, 0.999999, 1 - 2**-53, 1])
@pytest.mark.parametrize(("omitted", "users"), [(1, 1), (1, 10), (5, 1000), (1000, 1000), (7, 10**9)])
def test_as_many_checks_as_needed_and_no_more(probability: float, omitted: int, users: int) -> None:
    checked = checks_needed(probability, omitted, users)
    assert detection_probability(checked, omitted, users) >= probability
    if probability < 1 - 2**-53:  # Floats do not tell the last ones apart.
        assert detection_probability(checked - 1, omitted, users) < probability


def test_needs_that_cannot_be_met() -> None:
    assert checks_needed(0, 3, 10) == 0
    assert checks_needed(0.0, 0, 0) == 0
    assert checks_needed(1, 3, 10**9) == 10**9 - 2
    for wrong in ((1.5, 1, 2), (-0.1, 1, 2), (float("nan"), 1, 2), (0.5, 0, 2), (0.5, 3, 2)):
        with pytest.raises(ValueError):
            checks_needed(*wrong)
    for other in ((True, 1, 2), ("1", 1, 2), (None, 1, 2), (0.5, 1.0, 2)):
        with pytest.raises(TypeError):
            checks_needed(*other)  # type: ignore[arg-type]
