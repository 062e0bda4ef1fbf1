"""Planning anew at noon: the points of the curve are plans that keep what was told."""

from __future__ import annotations

import pytest

from dispatcher.planning.checker import check
from dispatcher.planning.problem import Plan, Problem
from tests.benchmarks.virtual.noon import (
    PRICES_MIN,
    TOLD_MIN,
    Regained,
    curve,
    morning,
    svg,
    table,
    told_within,
    with_next_stops_frozen,
)


@pytest.fixture(scope="module")
def noon() -> tuple[Problem, Plan]:
    return morning(60, 10, 1)


@pytest.fixture(scope="module")
def points(noon: tuple[Problem, Plan]) -> list[Regained]:
    return list(curve(*noon, 4_000, 1))


def test_the_plan_in_force_keeps_every_rule_that_is_asked_of_the_new_one(noon: tuple[Problem, Plan]) -> None:
    """Against a plan that breaks the rules anything would look regained."""
    problem, before = noon
    assert before.unserved == ()
    for told_min in TOLD_MIN:
        asked = told_within(with_next_stops_frozen(problem, before), before, told_min, 5)
        assert check(asked, before) == ()


def test_nothing_is_given_away_at_noon(noon: tuple[Problem, Plan], points: list[Regained]) -> None:
    """A plan dearer than the one in force must not be proposed, at any price of a change."""
    assert len(points) == len(TOLD_MIN) * len(PRICES_MIN)
    for point in points:
        assert point.saved_s >= 0
        assert 0 <= point.changed <= 1


def test_a_dear_change_is_made_less_often(points: list[Regained]) -> None:
    """The price is what keeps a familiar face; it must do so."""
    for told_min in TOLD_MIN:
        of = [point.changed for point in points if point.told_min == told_min]
        assert of[-1] <= of[0]


def test_the_curve_is_drawn_and_told(points: list[Regained]) -> None:
    """Every rule has its line and every price its column."""
    assert svg(points, "noon").count("<polyline") == len(TOLD_MIN)
    assert table(points).count("\n") == len(TOLD_MIN) + 1
