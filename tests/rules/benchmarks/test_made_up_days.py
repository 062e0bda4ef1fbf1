"""Made-up home-care days: the same from a seed, plausible, and possible."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.planning.checker import check
from dispatcher.planning.price import price
from dispatcher.planning.problem import Problem
from dispatcher.planning.travel import PointTravel
from tests.benchmarks.peers.nearest_first import nearest_first
from tests.benchmarks.works.home_care import BREAK_S, home_care_day

HOUR_S = 3600
some_days = st.builds(
    home_care_day,
    visits=st.integers(1, 120),
    carers=st.integers(5, 30),
    seed=st.integers(0, 10_000),
)


def points(problem: Problem) -> PointTravel:
    assert isinstance(problem.travel, PointTravel)
    return problem.travel


def test_the_same_seed_makes_the_same_day_and_another_seed_another() -> None:
    """A table could not be made again."""
    one, same, other = (home_care_day(120, 18, seed) for seed in (7, 7, 8))
    assert one.visits == same.visits
    assert one.caregivers == same.caregivers
    assert np.array_equal(points(one).points_m, points(same).points_m)
    assert one.visits != other.visits
    assert not np.array_equal(points(one).points_m, points(other).points_m)


@settings(max_examples=40, deadline=None)
@given(some_days)
def test_every_role_is_within_somebodys_skills(problem: Problem) -> None:
    """A day on which nobody can do a thing measures nothing."""
    for visit in problem.visits:
        for role in visit.roles:
            assert any(problem.may_take(carer, role) for carer in problem.caregivers)


@settings(max_examples=40, deadline=None)
@given(some_days)
def test_windows_shifts_and_breaks_leave_room_to_work(problem: Problem) -> None:
    """A window that closes before it opens, or a break outside the shift, would favour whoever ignores it."""
    for visit in problem.visits:
        assert 7 * HOUR_S <= visit.ready_s < visit.due_s <= 18 * HOUR_S
        assert visit.due_s - visit.ready_s <= 4 * HOUR_S
        for role in visit.roles[1:]:
            assert 0 <= role.offset_min_s <= role.offset_max_s
    for carer in problem.caregivers:
        ((low_s, high_s, rest_s),) = carer.breaks
        assert carer.shift_start_s <= low_s < high_s <= carer.shift_end_s - rest_s
        assert rest_s == BREAK_S


def test_shares_are_those_of_a_city() -> None:
    """A day without crews, second roles or narrow windows would be another, easier problem."""
    problem = home_care_day(4_000, 600, 1)
    crews = [v for v in problem.visits if len(v.roles) == 2 and v.roles[1].offset_max_s == 0]
    followed = [v for v in problem.visits if len(v.roles) == 2 and v.roles[1].offset_max_s > 0]
    assert len(crews) / 4_000 == pytest.approx(0.10, abs=0.02)
    assert len(followed) / 4_000 == pytest.approx(0.05, abs=0.015)
    narrow = sum(1 for v in problem.visits if v.due_s - v.ready_s <= HOUR_S)
    assert narrow / 4_000 == pytest.approx(0.3, abs=0.05)
    assert len({carer.skills for carer in problem.caregivers}) > 3
    assert len({carer.shift_start_s for carer in problem.caregivers}) > 3


def test_a_larger_day_is_wider_and_not_fuller() -> None:
    """Cost for each visit could not be compared between sizes."""
    small, large = (points(home_care_day(n, n // 7, 1)).points_m for n in (1_000, 16_000))
    assert np.ptp(large[:, 0]) == pytest.approx(4 * np.ptp(small[:, 0]), rel=0.1)


def test_a_day_of_a_city_shares_what_is_the_same() -> None:
    """A hundred thousand visits would take gigabytes before anybody planned them."""
    tracemalloc.start()
    problem = home_care_day(8_000, 1_200, 1)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held / len(problem.visits) < 1_000
    assert len({id(visit.roles) for visit in problem.visits}) < 50


def test_a_day_is_about_full_for_whoever_goes_nearest_first() -> None:
    """On an empty day every planner is as good as the next."""
    problem = home_care_day(1_000, 150, 1)
    plan = nearest_first(problem, 0.0, 0)
    assert check(problem, plan) == ()
    assert 20 < len(plan.unserved) < 200
    assert price(problem, plan).unserved < 200 * 12 * HOUR_S
