"""What if: the same day with somebody missing, a road closed, or more hands; told as it would be."""

from __future__ import annotations

from datetime import timedelta

import pytest

from dispatcher.core.records import Place
from dispatcher.core.travel import FAR_S
from dispatcher.planning.checker import check
from dispatcher.planning.from_desk import incumbent, to_problem
from dispatcher.planning.plan_day import plan_day
from dispatcher.planning.what_if import WITHIN_PERMILLE, Closed, with_closed, with_more
from infra.trouble import Trouble
from infra.what_if import Day, _circle, told
from schemas.base import StartWindow
from schemas.codes import TravelMode
from tests.rules.core.small_town import Town, small_town, span


def booked(carers: int = 3) -> Town:
    """A town in which everybody is to have lunch brought."""
    town = small_town(carers, 9, seed=4)
    for number in range(9):
        town.ask(f"r{number + 1}", "MEAL_LUNCH", span("10:00", "14:00"))
    return town


def day(town: Town, without: tuple[str, ...] = ()) -> Day:
    """The town's day."""
    horizon = StartWindow(opens_at=town.now, closes_at=town.now + timedelta(days=1))
    problem, keys = to_problem(town.desk, town.now, horizon, without)
    recipient_of = {v.visit_id: town.desk.visits[v.visit_id].recipient_id for v in problem.visits}
    return Day(problem, keys, incumbent(town.desk, problem, keys), recipient_of)


def test_the_visits_of_a_sick_caregiver_go_to_others() -> None:
    """Before somebody is told to stay at home, one wants to know who would have to go instead."""
    town = booked(6)
    held = [hand.caregiver_id for visit in town.desk.visits.values() for hand in visit.hands]
    busiest = max(town.desk.caregivers, key=held.count)
    now_is, would_be = day(town), day(town, (busiest,))
    assert {v.visit_id for v in would_be.problem.visits} == {v.visit_id for v in now_is.problem.visits}
    made = plan_day(would_be.problem, would_be.before, 0.2, 1)
    assert made is not None
    assert check(would_be.problem, made.plan) == ()
    assert made.plan.unserved == ()
    lines = list(told(now_is, would_be.problem, would_be.keys, made.plan, {}))
    assert lines[0] == "服务 / served: 9 → 9"
    moved = [line for line in lines if f"{busiest} " in line and "→" in line]
    assert moved
    assert all("原来没有人去" in line and "nobody went before" in line for line in moved)


def test_with_nobody_left_everybody_is_named_with_the_reason() -> None:
    """The worst day is the one to be told of in full."""
    town = booked(1)
    now_is, would_be = day(town), day(town, ("c1",))
    lines = list(told(now_is, would_be.problem, would_be.keys, would_be.before, {}))
    assert lines[0].endswith("→ 0")
    assert sum("没人去 / left out" in line for line in lines) == len(now_is.problem.visits)


def test_more_caregivers_may_do_what_the_one_they_are_like_may() -> None:
    """A helper who may take nothing would show that help is of no use."""
    now_is = day(booked(1))
    more = with_more(now_is.problem, 2)
    assert [c.caregiver_id for c in more.caregivers][-2:] == ["more-1", "more-2"]
    for before, after in zip(now_is.problem.visits, more.visits, strict=True):
        assert before.roles[0].allowed is not None
        assert after.roles[0].allowed == before.roles[0].allowed | {"more-1", "more-2"}
    made = plan_day(more, now_is.before, 0.2, 1)
    assert made is not None
    assert check(more, made.plan) == ()


@pytest.mark.parametrize("times", [None, 4_000])
def test_a_closed_circle_makes_only_ways_through_it_longer(times: int | None) -> None:
    """A closed road in one corner must not slow the whole town."""
    now_is = day(booked())
    places = now_is.keys.places
    here = next(p for p in places)
    closed = with_closed(now_is.problem, places, Closed(Place(here.lat_udeg, here.lon_udeg), 50.0, times))
    inside = [n for n, p in enumerate(places) if (p.lat_udeg, p.lon_udeg) == (here.lat_udeg, here.lon_udeg)]
    before, after = now_is.problem.travel.matrix_s, closed.travel.matrix_s
    for row in range(len(places)):
        for column in range(len(places)):
            if row in inside or column in inside:
                permille = WITHIN_PERMILLE if times is None else times
                assert after[row, column] == before[row, column] * permille // 1000
            else:
                assert after[row, column] in (before[row, column], FAR_S, before[row, column] * 4)
    assert (after >= before).all()
    assert (after == before).any()


def test_a_closed_road_is_closed_to_whoever_goes_faster_too() -> None:
    """A road under water stops the car as well as the bicycle."""
    town = booked()
    town.caregiver("driver", mode=TravelMode.CAR)
    now_is = day(town)
    here = now_is.keys.places[0]
    closed = with_closed(
        now_is.problem, now_is.keys.places, Closed(Place(here.lat_udeg, here.lon_udeg), 50.0)
    )
    [mode] = {carer.mode for carer in now_is.problem.caregivers} - {None}
    before, after = (problem.travel_by_mode[mode].matrix_s for problem in (now_is.problem, closed))
    assert (after >= before).all()
    assert (after > before).any()


def test_a_circle_is_read_or_refused_in_both_languages() -> None:
    assert _circle("33.0,112.5,800,3").slower_permille == 3_000
    assert _circle("33.0,112.5,800").slower_permille is None
    for nonsense in ("", "33.0", "north,112.5,800", "133.0,112.5,800"):
        with pytest.raises(Trouble):
            _circle(nonsense)
