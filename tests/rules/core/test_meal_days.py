"""A day with rounds as it is lived: cancelled, boxed, called away, late, planned anew."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from dispatcher.core.boxes import under_way
from dispatcher.core.plan import Day
from dispatcher.core.responders import whereabouts
from dispatcher.core.times import at, to_s
from dispatcher.planning.checker import check
from dispatcher.planning.from_desk import Keys, incumbent, to_problem, to_stops
from dispatcher.planning.improve_ortools import improve
from dispatcher.planning.problem import Plan, PlannedStop, Problem, Route
from schemas.base import StartWindow
from schemas.codes import AlarmKind, Obstruction
from schemas.facts import (
    AlarmRaised,
    CaregiverDeparted,
    PlanProposed,
    RequestCancelled,
    RequestMoved,
    VisitObstructed,
)
from tests.rules.core import laws
from tests.rules.core.kitchen_town import NEAR, kitchen_town
from tests.rules.core.small_town import Town, clock, only, point, span


def street(carers: int = 1, **settings: Any) -> tuple[Town, list[str]]:
    """Three neighbours whose lunches one caregiver fetches together; their visits, as they are brought."""
    town = kitchen_town(carers=carers, recipients=0, **settings)
    for number in range(3):
        town.recipient(f"n{number}", home=point(12_000, 8_000 + 2_000 * number))
    asked = [town.ask(f"n{number}", "HOT_LUNCH", span("11:00", "12:00")) for number in range(3)]
    planned = [only(said, "VisitPlanned").visit_id for said in asked]
    rounds = {town.desk.visits[visit_id].hands[0].round_id for visit_id in planned}
    assert len(rounds) == 1
    return town, sorted(planned, key=lambda visit_id: town.desk.visits[visit_id].start_s)


def day_of(town: Town, carer: str = "c1") -> Day:
    day = town.desk.board.day(town.desk, f"s-{carer}")
    assert day is not None
    return day


def cancel(town: Town, visit_id: str) -> tuple[Any, ...]:
    return town.tell(RequestCancelled(**town.base(), request_id=town.desk.visits[visit_id].request_id))


def depart(town: Town, visit_id: str, carer: str = "c1") -> None:
    base = town.base("CAREGIVER", carer)
    town.tell(CaregiverDeparted(**base, visit_id=visit_id, caregiver_id=carer))


def start(town: Town, visit_id: str) -> datetime:
    return at(town.desk.visits[visit_id].start_s)


def left(town: Town) -> datetime:
    return at(day_of(town).halts[0].left_s or 0)


def test_when_the_first_door_wants_nothing_the_next_is_the_first() -> None:
    """The way by the kitchen moves to the next door by itself; nobody stands there without a meal."""
    town, (first, second, third) = street()
    cancel(town, first)
    halts = day_of(town).halts
    assert [halt.visit_id for halt in halts] == [second, third]
    assert halts[0].kitchen is not None
    assert halts[1].kitchen is None
    laws.rounds_are_true(town.desk)


def test_a_meal_that_moves_to_the_evening_is_fetched_anew() -> None:
    """Its lunch is not carried about until supper."""
    town, visits = street()
    request_id = town.desk.visits[visits[1]].request_id
    town.tell(RequestMoved(**town.base(), request_id=request_id, window=span("16:30", "17:30")))
    day = day_of(town)
    assert [halt.visit_id for halt in day.halts] == [visits[0], visits[2], visits[1]]
    assert [halt.kitchen is not None for halt in day.halts] == [True, False, True]
    laws.rounds_are_true(town.desk)


def test_what_is_in_the_box_stays_there_when_the_first_door_does_not_open() -> None:
    """The caregiver goes on to the next door, not back to the kitchen."""
    town, (first, second, third) = street()
    gone_at = left(town)
    town.now = start(town, first) - timedelta(seconds=day_of(town).halts[0].travel_s)
    depart(town, first)
    town.now = start(town, first)
    town.check_in(first, "c1", town.now)
    base = town.base("CAREGIVER", "c1")
    town.tell(VisitObstructed(**base, visit_id=first, caregiver_id="c1", reason=Obstruction.NOBODY_HOME))
    halts = day_of(town).halts
    assert [halt.visit_id for halt in halts] == [second, third]
    assert [halt.kitchen for halt in halts] == [None, None]
    assert {at(halt.left_s or 0) for halt in halts} == {gone_at}
    assert town.desk.visits[second].hands[0].boxed_s == to_s(gone_at)


def test_nobody_joins_a_round_that_has_left_its_kitchen() -> None:
    """There is no soup for them in the box."""
    town, visits = street()
    town.recipient("late", home=point(12_500, 9_000))
    town.now = left(town) + timedelta(seconds=1)
    depart(town, visits[0])
    said = town.ask("late", "HOT_LUNCH", StartWindow(opens_at=town.now, closes_at=clock("13:00")))
    joined = only(said, "VisitPlanned").stops[0].round_id
    assert joined != town.desk.visits[visits[0]].hands[0].round_id
    laws.rounds_are_true(town.desk)


def test_somebody_who_set_out_for_the_kitchen_may_still_take_one_more() -> None:
    """As long as the box stands open."""
    town, visits = street()
    town.recipient("late", home=point(12_500, 9_000))
    town.now = start(town, visits[0]) - timedelta(seconds=day_of(town).halts[0].travel_s)
    depart(town, visits[0])
    said = town.ask("late", "HOT_LUNCH", StartWindow(opens_at=town.now, closes_at=clock("13:00")))
    late = town.desk.visits[only(said, "RequestAdmitted").visit_id]
    assert late.hands[0].round_id == town.desk.visits[visits[0]].hands[0].round_id
    laws.all_of(town, said)


def test_a_full_box_takes_no_fourth_portion() -> None:
    """The last neighbour's lunch would stand on the handlebars."""
    town, visits = street(carries={"E_SCOOTER": 3})
    town.recipient("n3", home=point(12_000, 15_000))
    said = town.ask("n3", "HOT_LUNCH", span("11:00", "12:00"))
    assert only(said, "VisitPlanned").stops[0].round_id != town.desk.visits[visits[0]].hands[0].round_id
    laws.rounds_are_true(town.desk)


def test_who_goes_by_the_kitchen_is_looked_for_there() -> None:
    """An alarm goes to who is near, and not to who would be if there were no soup to fetch."""
    town, _ = street()
    day, desk = day_of(town), town.desk
    halt = day.halts[0]
    assert halt.kitchen is not None
    assert halt.left_s is not None
    leaves_s = halt.start_s - halt.travel_s
    depart_s = leaves_s + day.gaps[0].way_s
    place, _, _ = whereabouts(desk, day, depart_s + 30)
    assert (place.lat_udeg, place.lon_udeg) == (NEAR.place.lat_udeg, NEAR.place.lon_udeg)
    door, _, _ = whereabouts(desk, day, halt.start_s - 1)
    assert abs(door.lat_udeg - halt.place.lat_udeg) < 200


def alarm(town: Town) -> tuple[Any, ...]:
    """A fall close by; who is called."""
    base = town.base("DEVICE", "d1")
    return town.tell(
        AlarmRaised(**base, case_id=town.new_id(), kind=AlarmKind.FALL, recipient_id="n0", place=None)
    )


def test_who_is_called_away_with_the_box_on_the_wheel_leaves_cold_soup_to_nobody() -> None:
    """What would be cold behind the emergency is fetched anew by somebody else, or a human has it by name."""
    town, (first, second, third) = street(carers=2)
    carer = town.desk.visits[first].hands[0].caregiver_id or ""
    town.now = start(town, first)
    town.check_in(first, carer, town.now)
    said = alarm(town)
    laws.all_of(town, said)
    for visit_id in (second, third):
        visit = town.desk.visits[visit_id]
        hand = visit.hands[0]
        if hand.caregiver_id == carer and hand.caregiver_id is not None:
            assert visit.meal is not None
            assert hand.start_s - to_s(left(town)) <= visit.meal.fresh_s


def test_a_meal_that_would_be_cold_behind_a_long_door_is_thought_of_in_time() -> None:
    """Another brings it hot, or its recipient is rung."""
    town, (first, _, _) = street()
    town.now = start(town, first)
    depart(town, first)
    town.check_in(first, "c1", town.now)
    town.now += timedelta(minutes=75)
    said = town.check_out(first, "c1", town.now)
    codes = [d.reason.code for d in said if d.word in ("CallBackOpened", "AssignmentWithdrawn")]
    assert set(codes) <= {"RUNS_LATE", "MEAL_COLD"}
    assert codes


def problem_of(town: Town) -> tuple[Problem, Keys, Plan]:
    horizon = StartWindow(opens_at=town.now, closes_at=town.now + timedelta(days=1))
    problem, keys = to_problem(town.desk, town.now, horizon)
    return problem, keys, incumbent(town.desk, problem, keys)


def test_the_rounds_in_force_are_a_plan_that_the_checker_passes() -> None:
    """A planner begins from what holds, and says nothing where nothing is better."""
    town, visits = street()
    town.ask("n1", "CLEAN_HOME", span("13:00", "15:00"))
    problem, keys, plan = problem_of(town)
    assert check(problem, plan) == ()
    stops = {stop.visit_id: stop for route in plan.routes for stop in route.stops}
    assert {stops[visit_id].left_kitchen_s for visit_id in visits} == {to_s(left(town)) - keys.origin_s}
    held = {visit_id: town.desk.visits[visit_id].hands[0].round_id for visit_id in visits}
    assert {s.visit_id: s.round_id for s in to_stops(plan, keys) if s.visit_id in held} == held


def test_a_round_under_way_is_no_matter_for_planners() -> None:
    """Nobody gives away a lunch that is already on the scooter."""
    town, visits = street()
    town.now = start(town, visits[0]) - timedelta(seconds=day_of(town).halts[0].travel_s)
    problem, keys, _ = problem_of(town)
    assert not set(visits) & set(problem.visit_by_id)
    assert set(visits) <= keys.pinned
    assert all(under_way(town.desk, town.desk.visits[visit_id], to_s(town.now)) for visit_id in visits)


def propose(town: Town, keys: Keys, plan: Plan) -> tuple[Any, ...]:
    """A planner says this plan."""
    said = PlanProposed(
        **town.base("PLANNER", "pl1"), base_seq=len(town.rows), engine="CITY", stops=to_stops(plan, keys),
        price_s=1, base_price_s=2, solve_ms=1,
    )  # fmt: skip
    return town.tell(said)


def test_a_plan_that_fetches_two_lunches_together_is_adopted_with_its_round() -> None:
    """What a planner saves at the kitchen reaches the caregiver's phone."""
    town, visits = street()
    town.caregiver("c2", home=point(13_000, 9_000))
    problem, keys, plan = problem_of(town)
    stops = next(route.stops for route in plan.routes if route.caregiver_id == "s-c1")
    moved = Plan((Route("s-c1"), Route("s-c2", _by(problem, "s-c2", stops))))
    assert check(problem, moved) == ()
    said = propose(town, keys, moved)
    laws.all_of(town, said)
    hands = [town.desk.visits[visit_id].hands[0] for visit_id in visits]
    assert {hand.caregiver_id for hand in hands} == {"c2"}
    assert len({hand.round_id for hand in hands}) == 1
    day = day_of(town, "c2")
    assert [halt.kitchen is not None for halt in day.halts] == [True, False, False]
    told = [d.stops[0] for d in said if d.word == "VisitPlanned" and d.visit_id == visits[0]]
    assert told[0].travel_s == day.halts[0].travel_s


def _by(problem: Problem, shift_id: str, stops: tuple[PlannedStop, ...]) -> tuple[PlannedStop, ...]:
    """The same round by another caregiver, as early as the first may be."""
    carer, found = problem.caregiver_by_id[shift_id], list[PlannedStop]()
    first = problem.visit_by_id[stops[0].visit_id]
    assert first.meal is not None
    free_s, place = stops[0].start_s, first.place
    left_s = free_s - problem.way_s(carer, first.meal.kitchen, first.place)
    for stop in stops:
        visit = problem.visit_by_id[stop.visit_id]
        start_s = max(stop.start_s, free_s + problem.way_s(carer, place, visit.place))
        found.append(PlannedStop(stop.visit_id, 0, start_s, left_s))
        free_s, place = start_s + visit.roles[0].duration_s, visit.place
    return tuple(found)


def test_a_plan_that_overfills_a_box_or_serves_cold_soup_is_not_adopted() -> None:
    """The desk checks for itself, whatever the planner believes."""
    town, visits = street(carries={"E_SCOOTER": 3})
    town.recipient("n3", home=point(12_000, 15_000))
    only(town.ask("n3", "HOT_LUNCH", span("11:00", "12:00")), "VisitPlanned")
    problem, keys, plan = problem_of(town)
    stops = next(route.stops for route in plan.routes if route.caregiver_id == "s-c1")
    before = [town.desk.visits[visit_id].hands[0] for visit_id in visits]
    crowded = Plan((Route("s-c1", _by(problem, "s-c1", stops)),))
    assert "OVERLOADED" in {v.code for v in check(problem, crowded)}
    said = propose(town, keys, crowded)
    laws.all_of(town, said)
    after = [town.desk.visits[visit_id].hands[0] for visit_id in visits]
    kept = [(hand.caregiver_id, hand.start_s, hand.round_id) for hand in before]
    assert [(hand.caregiver_id, hand.start_s, hand.round_id) for hand in after] == kept


@pytest.mark.parametrize("seed", [1, 2])
def test_a_planner_that_knows_no_kitchens_plans_around_the_rounds(seed: int) -> None:
    """The whole way: the day becomes a problem, OR-Tools plans what it can, the desk adopts what holds."""
    town = kitchen_town(carers=4, recipients=12, seed=seed)
    for number in range(12):
        code = ("HOT_LUNCH", "CLEAN_HOME", "BATH_BED")[number % 3]
        town.ask(f"r{number + 1}", code, span("10:30", "13:00"))
    problem, keys, plan = problem_of(town)
    assert check(problem, plan) == ()
    found = improve(problem, plan, 20.0, solutions=20)
    assert found is not None
    assert check(problem, found.plan) == ()
    said = propose(town, keys, found.plan)
    laws.all_of(town, said)
    problem, keys, plan = problem_of(town)
    assert check(problem, plan) == ()
