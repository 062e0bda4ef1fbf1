"""Why nobody serves a visit, and why a plan changes one: said so that a person can act on it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatcher.planning import improve_ruin
from dispatcher.planning.improve_ruin import Stop
from dispatcher.planning.not_served import NotServed, not_served
from dispatcher.planning.plan_day import plan_day
from dispatcher.planning.price import price
from dispatcher.planning.problem import Plan, PlannedStop, Problem, Role, Route
from dispatcher.planning.why_changed import Change, Why, changes
from tests.rules.planning.days import HOUR_S, random_day
from tests.rules.planning.test_plannable import CARE, SOUND, carer, day, visit


def planned(problem: Problem, *starts: tuple[str, str, int]) -> Plan:
    """A plan of (caregiver, visit, start) with everything else left out."""
    stops: dict[str, list[PlannedStop]] = {c.caregiver_id: [] for c in problem.caregivers}
    for caregiver_id, visit_id, start_s in starts:
        stops[caregiver_id].append(PlannedStop(visit_id, 0, start_s))
    done = {visit_id for _, visit_id, _ in starts}
    left_out = tuple((v.visit_id, "NO_ROOM") for v in problem.visits if v.visit_id not in done)
    return Plan(tuple(Route(c, tuple(s)) for c, s in stops.items()), left_out)


NURSE = (Role(0, frozenset({"nursing"}), 1800),)
EARLY = 8 * HOUR_S + 1500
REASONS = [
    ("nobody has the skill", day((visit(5, roles=NURSE),)), NotServed("v5", "SKILL_MISSING")),
    (
        "nobody may",
        day((visit(5, roles=(Role(0, CARE, 1800, allowed=frozenset()),)),)),
        NotServed("v5", "NO_CAREGIVER"),
    ),
    (
        "the nearest is five minutes late",
        day((visit(5, due_s=8 * HOUR_S + 1200),), (carer(1), carer(2, start_place=7, available_place=0))),
        NotServed("v5", "ARRIVES_LATE", "c1", 300),
    ),
    (
        "the shift ends too early",
        day((visit(5, ready_s=11 * HOUR_S),), (carer(1, shift_end_s=11 * HOUR_S + 1800),)),
        NotServed("v5", "SHIFT_ENDS", "c1", 1500),
    ),
]


@pytest.mark.parametrize(("what", "problem", "told"), REASONS, ids=[what for what, _, _ in REASONS])
def test_a_visit_left_out_is_told_with_who_came_nearest_and_by_how_much(
    what: str, problem: Problem, told: NotServed
) -> None:
    """Nobody can ask for ten minutes more if all they hear is that there was no room."""
    assert not_served(problem, planned(problem)) == (told,)


def test_a_visit_that_would_delay_another_says_by_how_much() -> None:
    """The visit that is in the way is the one to talk about."""
    problem = day((visit(1, due_s=EARLY), visit(2, due_s=EARLY)), (carer(1),))
    plan = planned(problem, ("c1", "v2", 8 * HOUR_S + 1200))
    assert not_served(problem, plan) == (NotServed("v1", "BREAKS_PROMISE", "c1", 1200),)


@pytest.mark.parametrize("seed", range(15))
def test_every_visit_left_out_of_a_random_day_has_its_reason(seed: int) -> None:
    """Each of them is a person whom somebody must call."""
    made = plan_day(random_day(seed, visits=30, carers=3), None, 0.2, seed)
    assert made is not None
    told = not_served(random_day(seed, visits=30, carers=3), made.plan)
    assert [one.visit_id for one in told] == [visit_id for visit_id, _ in made.plan.unserved]
    assert all(one.code for one in told)


BEFORE = day(SOUND)
CHANGES = [
    (
        "a home",
        BEFORE,
        planned(BEFORE),
        planned(BEFORE, ("c1", "v1", 8 * HOUR_S + 300)),
        (Why("GIVEN_A_HOME"),),
    ),
    (
        "a promise",
        BEFORE,
        planned(BEFORE, ("c1", "v1", 12 * HOUR_S + 60)),
        planned(BEFORE, ("c2", "v1", 11 * HOUR_S)),
        (Why("KEEPS_PROMISE", 60),),
    ),
    (
        "the usual caregiver",
        day((replace(SOUND[0], usual={"c2": -300}),)),
        planned(BEFORE, ("c1", "v1", 10 * HOUR_S)),
        planned(BEFORE, ("c2", "v1", 10 * HOUR_S)),
        (Why("USUAL_CAREGIVER", 300),),
    ),
    (
        "hours",
        day(SOUND[:1], (carer(1, stop_price_s=600), carer(2))),
        planned(BEFORE, ("c1", "v1", 10 * HOUR_S)),
        planned(BEFORE, ("c2", "v1", 10 * HOUR_S)),
        (Why("EVENS_HOURS", 600),),
    ),
    (
        "travel",
        day(SOUND[:1], (carer(1), carer(2, start_place=1, end_place=1))),
        planned(BEFORE, ("c1", "v1", 10 * HOUR_S)),
        planned(BEFORE, ("c2", "v1", 10 * HOUR_S)),
        (Why("SAVES_TRAVEL", 600),),
    ),
]


@pytest.mark.parametrize(("what", "problem", "before", "after", "why"), CHANGES, ids=[c[0] for c in CHANGES])
def test_a_change_is_told_with_what_going_back_would_cost(
    what: str, problem: Problem, before: Plan, after: Plan, why: tuple[Why, ...]
) -> None:
    """A caregiver whose visit is taken away asks why, and "the computer" is no answer."""
    assert changes(problem, before, after) == (Change("v1", why),)


def test_a_visit_that_makes_room_names_the_one_it_makes_room_for() -> None:
    """Two visits are swapped for the sake of a third, and each of the two is told which."""
    problem = day(SOUND)
    at_nine = 9 * HOUR_S
    before = planned(problem, ("c1", "v1", at_nine))
    after = planned(problem, ("c2", "v1", at_nine), ("c1", "v2", at_nine))
    told = {change.visit_id: change.reasons for change in changes(problem, before, after)}
    assert told == {"v1": (Why("MAKES_ROOM", for_visit_id="v2"),), "v2": (Why("GIVEN_A_HOME"),)}


@pytest.mark.parametrize("seed", range(20))
def test_exactly_what_changed_is_told_and_what_is_said_to_be_saved_is(seed: int) -> None:
    """A reason that does not add up is worse than none."""
    problem = random_day(seed)
    before = improve_ruin.improve(problem, None, Stop(50), seed)
    after = improve_ruin.improve(problem, before, Stop(5_000), seed)
    told = {change.visit_id: change.reasons for change in changes(problem, before, after)}
    places = [
        {(s.visit_id, s.role): (r.caregiver_id, s.start_s) for r in plan.routes for s in r.stops}
        for plan in (before, after)
    ]
    moved = {key[0] for key in places[1] if places[0].get(key) != places[1][key]}
    assert set(told) == moved & {s.visit_id for r in after.routes for s in r.stops} - set(
        dict(after.unserved)
    )
    assert all(told.values())
    assert all(why.saved_s is None or why.saved_s > 0 for reasons in told.values() for why in reasons)
    assert changes(problem, after, after) == ()
    assert price(problem, after).total <= price(problem, before).total
