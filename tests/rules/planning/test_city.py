"""The city engine: what it returns keeps every rule and costs what it says, at any moment and any size."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from dispatcher.planning.checker import check
from dispatcher.planning.city_arrays import FIRST, NEXT, City, city
from dispatcher.planning.city_gaps import search_gaps
from dispatcher.planning.city_held import OUT, Held, held
from dispatcher.planning.city_near import side_by_side
from dispatcher.planning.engine_rules import nothing_yet
from dispatcher.planning.improve_city import CityRun, improve
from dispatcher.planning.improve_ruin import Stop
from dispatcher.planning.price import price
from dispatcher.planning.problem import (
    Plan,
    PlanCaregiver,
    PlannedStop,
    PlanVisit,
    Problem,
    Role,
    Route,
    Weights,
)
from dispatcher.planning.travel import PointTravel
from tests.rules.planning.city_state import whole
from tests.rules.planning.days import random_day

SKILL = frozenset({"care"})


@pytest.mark.parametrize("seed", range(60))
def test_a_city_plan_keeps_every_rule(seed: int) -> None:
    """Else a recipient is promised someone who cannot come."""
    problem = random_day(seed)
    assert check(problem, improve(problem, None, Stop(1_500), seed)) == ()


@pytest.mark.parametrize("seed", range(30))
def test_its_price_is_the_published_price(seed: int) -> None:
    """An engine with prices of its own would chase savings that are not there."""
    day = random_day(seed, frozen=False)
    problem = replace(day, weights=replace(day.weights, worst_late=0))
    run = CityRun(problem, None, seed)
    for _ in range(4):
        run.go_on(200, 1.0, 0.1)
        assert run.price_s == price(problem, run.best()).total


@pytest.mark.parametrize("seed", range(20))
def test_after_every_step_the_plan_is_what_its_routes_say(seed: int) -> None:
    """A step taken back by half would leave somebody in two places."""
    problem = random_day(seed, visits=20)
    run = CityRun(problem, None, seed)
    for _ in range(40):
        run.go_on(5, 2.0, 0.5)
        whole(*run.state)


@pytest.mark.parametrize("seed", range(20))
def test_where_visits_are_cheap_to_leave_out_the_plan_is_what_its_routes_say(seed: int) -> None:
    """Whole routes are opened and closed there, and visits take places of others: no step is half done."""
    day = random_day(seed, visits=40, carers=6)
    run = CityRun(_cheap(day, 700), None, seed)
    for _ in range(60):
        run.go_on(5, 2.0, 0.5, 20.0)
        whole(*run.state)
    assert check(_cheap(day, 700), run.best()) == ()


def _cheap(problem: Problem, dear_s: int) -> Problem:
    """The same day with `dear_s`, or up to twice as much, for a visit left out."""
    visits = tuple(
        replace(v, unserved_price_s=dear_s + i % 7 * dear_s // 7) for i, v in enumerate(problem.visits)
    )
    return replace(problem, visits=visits)


def test_a_far_street_is_gone_to_when_all_of_it_pays_and_no_visit_alone() -> None:
    """Else ten neighbours in a village are left out together, each for being too far for one visit."""
    points = np.zeros((13, 3))
    points[:10, 0] = 20_000 + 100 * np.arange(10)
    visits = tuple(
        PlanVisit(f"v{i}", i, (Role(0, SKILL, 600),), 28_800, 60_000, unserved_price_s=2_000)
        for i in range(10)
    )
    staff = tuple(PlanCaregiver(f"c{i}", SKILL, 28_800, 64_800, 10 + i) for i in range(3))
    problem = Problem(staff, visits, PointTravel(points, 5_000), Weights())
    plan = improve(problem, nothing_yet(problem), Stop(200), 1)
    assert plan.unserved == ()
    poor = _cheap(problem, 300)
    assert len(improve(poor, nothing_yet(poor), Stop(200), 1).unserved) == 10


def test_a_visit_that_fits_in_one_place_only_takes_it_from_one_that_fits_elsewhere() -> None:
    """A nurse busy with cleaning is no reason to refuse nursing."""
    points = np.zeros((5, 3))
    points[:, 0] = (0, 10, 20, 0, 0)
    nurse, anyone = frozenset({"nursing", "care"}), frozenset({"care"})
    nursing = PlanVisit("nursing", 0, (Role(0, frozenset({"nursing"}), 3_600),), 30_000, 30_100)
    others = tuple(PlanVisit(f"care{i}", i, (Role(0, anyone, 3_600),), 30_000, 30_100) for i in (1, 2))
    staff = tuple(PlanCaregiver(f"c{i}", s, 28_800, 64_800, 3 + i) for i, s in enumerate((nurse, anyone)))
    problem = Problem(staff, (nursing, *others), PointTravel(points, 5_000), Weights())
    taken = Plan(
        (Route("c0", (PlannedStop("care1", 0, 30_000),)), Route("c1", ())),
        (("nursing", "NO_ROOM"), ("care2", "NO_ROOM")),
    )
    plan = improve(problem, taken, Stop(60), 1)
    assert check(problem, plan) == ()
    assert plan.routes[0].stops[0].visit_id == "nursing"
    assert len(plan.routes[1].stops) == 1


@pytest.mark.parametrize("seed", range(20))
def test_it_never_costs_more_than_the_plan_it_was_given(seed: int) -> None:
    """A plan dearer than the one in force would move people for nothing."""
    day = random_day(seed)
    problem = replace(day, weights=replace(day.weights, worst_late=0))
    first = improve(problem, nothing_yet(problem), Stop(600), seed)
    again = improve(problem, first, Stop(300), seed + 1)
    assert price(problem, first).total < price(problem, nothing_yet(problem)).total
    assert price(problem, again).total <= price(problem, first).total


def test_the_same_seed_and_steps_give_the_same_plan() -> None:
    """A replay that differs cannot be explained to anyone."""
    problem = random_day(3)
    one, other = (improve(problem, None, Stop(1_700), 7) for _ in range(2))
    assert one == other


def test_it_can_be_read_and_gone_on_with_at_any_moment() -> None:
    """A planner that is stopped hands over the best it has; its price only ever falls."""
    problem = random_day(5, visits=30, carers=6)
    run, last = CityRun(problem, None, 1), None
    for _ in range(10):
        run.go_on(100, 0.5, 0.1)
        assert check(problem, run.best()) == ()
        assert last is None or run.price_s <= last
        last = run.price_s


@pytest.mark.parametrize("seed", range(25))
def test_the_cheapest_gap_is_the_cheapest_of_all(seed: int) -> None:
    """On a small day every gap is beside a listed neighbour: missing one would cost somebody's way.

    Without breaks, that is: a search leaves each break in the gap it is in, and only timing moves it.
    """
    day = random_day(seed, frozen=False)
    staff = tuple(replace(c, breaks=()) for c in day.caregivers)
    problem = replace(day, caregivers=staff, weights=replace(day.weights, worst_late=0))
    run = CityRun(problem, None, seed)
    run.go_on(50, 0.5, 0.1)
    plan = run.best()
    given, names = city(problem)
    singles = [v for v in problem.visits if len(v.roles) == 1 and _stands(plan, v.visit_id)]
    for visit in singles[:4]:
        without = _timed(problem, _without(plan, visit.visit_id))
        assert without is not None
        h = _loaded(problem, given, without)
        before = price(problem, without).total - visit.unserved_price_s
        k = int(given.visit[problem.visits.index(visit), FIRST])
        assert names.visit[k] == problem.visits.index(visit)
        found = min(_cheapest(given, h, k) for _ in range(3))
        assert found == min(_by_trying(problem, without, visit)) - before


def _stands(plan: Plan, visit_id: str) -> bool:
    return all(v != visit_id for v, _ in plan.unserved)


def _without(plan: Plan, visit_id: str) -> Plan:
    routes = (replace(r, stops=tuple(s for s in r.stops if s.visit_id != visit_id)) for r in plan.routes)
    return Plan(tuple(routes), (*plan.unserved, (visit_id, "NO_ROOM")))


def _loaded(problem: Problem, given: City, plan: Plan) -> Held:
    from dispatcher.planning.city_load import load

    h = held(given, 1)
    load(problem, city(problem)[1], given, h, plan)
    return h


def _cheapest(given: City, h: Held, k: int) -> int:
    """The cheapest gap found; one search in a hundred passes a gap over."""
    return int(h.gaps[0, 0, 0]) if search_gaps(given, h, k, 0, 1, -1) else 1 << 40


def _by_trying(problem: Problem, plan: Plan, visit: PlanVisit) -> list[int]:
    """Prices of the plan with the visit in every gap of every caregiver, timed by the engine's own `load`."""
    prices = [1 << 40]
    for number, route in enumerate(plan.routes):
        carer = problem.caregiver_by_id[route.caregiver_id]
        if not problem.may_take(carer, visit.roles[0]):
            continue
        for at in range(len(route.stops) + 1):
            stop = PlannedStop(visit.visit_id, 0, 0)
            routes = list(plan.routes)
            routes[number] = replace(route, stops=(*route.stops[:at], stop, *route.stops[at:]))
            left_out = tuple(u for u in plan.unserved if u[0] != visit.visit_id)
            made = _timed(problem, Plan(tuple(routes), left_out))
            if made is not None:
                prices.append(price(problem, made).total)
    return prices


def _timed(problem: Problem, plan: Plan) -> Plan | None:
    """The plan with every stop as early as its sequence allows, crews as they stand; None if it is broken."""
    given, names = city(problem)
    h = _loaded(problem, given, plan)
    if int(h.tally[OUT]) != len(plan.unserved):
        return None
    n = len(names.visit)
    routes = []
    for c, carer in enumerate(problem.caregivers):
        stops, k = [], int(h.now[n + c, NEXT])
        while k < n:
            visit_id = problem.visits[names.visit[k]].visit_id
            stops.append(PlannedStop(visit_id, names.role[k], int(h.now[k, 3])))
            k = int(h.now[k, NEXT])
        routes.append(Route(carer.caregiver_id, tuple(stops)))
    made = Plan(tuple(routes), plan.unserved)
    return made if check(problem, made) == () else None


def test_a_plan_in_force_that_the_world_broke_is_kept_as_far_as_it_holds() -> None:
    """A caregiver who falls behind must not take the whole day's plan with her."""
    problem = random_day(11, visits=16, frozen=False)
    good = improve(problem, None, Stop(600), 1)
    late = replace(problem.caregivers[0], shift_start_s=problem.caregivers[0].shift_end_s - 60)
    broken = replace(problem, caregivers=(late, *problem.caregivers[1:]))
    again = improve(broken, good, Stop(1), 1)
    assert check(broken, again) == ()
    assert again.routes[0].stops == ()


def _city(visits: int, carers: int) -> Problem:
    """A plane of 30 by 30 km with one kind of care, and crews."""
    rng = np.random.default_rng(4)
    points = np.zeros((visits + carers, 3))
    points[:, :2] = rng.uniform(0, 30_000, (visits + carers, 2))
    alone = (Role(0, SKILL, 1800),)
    crew = (Role(0, SKILL, 1800), Role(1, SKILL, 1800))
    asked = tuple(
        PlanVisit(f"v{i}", i, crew if i % 10 == 0 else alone, 28_800 + i % 6 * 3600, 36_000 + i % 6 * 3600)
        for i in range(visits)
    )
    staff = tuple(PlanCaregiver(f"c{i}", SKILL, 28_800, 64_800, visits + i) for i in range(carers))
    return Problem(staff, asked, PointTravel(points, 5_000), Weights())


def test_memory_grows_with_the_city_and_not_with_its_square() -> None:
    """A matrix of a hundred thousand doors would need forty gigabytes."""

    def bytes_of(visits: int, carers: int) -> int:
        g, _ = city(_city(visits, carers))
        arrays = [*g, *held(g, 1)]
        return sum(a.nbytes for a in arrays if isinstance(a, np.ndarray))

    small, large = bytes_of(1_000, 150), bytes_of(4_000, 600)
    assert large < 4.4 * small


def test_a_city_of_thousands_is_planned_without_a_cut() -> None:
    """Zones cost a fifth of the way, so one engine must hold it whole."""
    problem = _city(2_000, 350)
    plan = improve(problem, None, Stop(2_000), 1)
    assert check(problem, plan) == ()
    assert len(plan.unserved) < 100


def test_a_plan_names_all_in_the_order_of_the_day() -> None:
    """The engine numbers by the ground; who compares two plans row by row must not see it."""
    problem = _city(700, 20)
    plan = improve(problem, None, Stop(200), 1)
    assert [r.caregiver_id for r in plan.routes] == [c.caregiver_id for c in problem.caregivers]
    left_out = {v for v, _ in plan.unserved}
    assert [v for v, _ in plan.unserved] == [v.visit_id for v in problem.visits if v.visit_id in left_out]
    assert left_out


def test_what_is_near_is_numbered_near() -> None:
    """Numbered at random, a step of a large city waits for memory more than it works."""
    problem = _city(4_000, 600)
    numbered = side_by_side(problem)
    assert sorted(v.visit_id for v in numbered.visits) == sorted(v.visit_id for v in problem.visits)
    assert sorted(c.caregiver_id for c in numbered.caregivers) == sorted(
        c.caregiver_id for c in problem.caregivers
    )
    assert _apart_m(numbered, [v.place for v in numbered.visits]) < 2_000
    assert _apart_m(numbered, [c.start_place for c in numbered.caregivers]) < 4_000


def _apart_m(problem: Problem, places: list[int]) -> float:
    """How far on average one place stands from the next; 15 km where they are in no order."""
    assert isinstance(problem.travel, PointTravel)
    return float(np.linalg.norm(np.diff(problem.travel.points_m[places], axis=0), axis=1).mean())


def test_whoever_can_carry_no_more_is_given_no_more() -> None:
    """A scooter with ten lunches has no room for an eleventh."""
    day = _city(60, 6)
    visits = tuple(replace(v, roles=v.roles[:1], load=1) for v in day.visits)
    staff = tuple(replace(c, capacity=3) for c in day.caregivers)
    problem = replace(day, visits=visits, caregivers=staff)
    plan = improve(problem, None, Stop(500), 1)
    assert check(problem, plan) == ()
    assert [len(r.stops) for r in plan.routes] == [3] * 6


def test_a_certificate_that_has_ended_counts_as_no_skill() -> None:
    """A plan with one such stop would be thrown away whole by the checker."""
    day = _city(12, 3)
    ended = tuple(replace(c, valid_until_s={"care": c.shift_start_s + 600}) for c in day.caregivers[:2])
    problem = replace(day, caregivers=(*ended, *day.caregivers[2:]))
    plan = improve(problem, None, Stop(50), 1)
    assert check(problem, plan) == ()
    assert [bool(r.stops) for r in plan.routes] == [False, False, True]


def test_visits_nobody_can_do_are_left_out_by_name() -> None:
    """The operator must hear which, and that it is for want of somebody, not of room."""
    day = _city(20, 3)
    nursing = replace(day.visits[3], roles=(Role(0, frozenset({"nursing"}), 1800),))
    problem = replace(day, visits=(*day.visits[:3], nursing, *day.visits[4:]))
    assert ("v3", "NO_CAREGIVER") in improve(problem, None, Stop(50), 1).unserved


@pytest.mark.parametrize("visits", [0, 1])
def test_a_day_with_next_to_nothing_is_a_day(visits: int) -> None:
    """The first call of the morning finds an empty plan."""
    plan = improve(_city(visits, 2), None, Stop(20), 1)
    assert sum(len(r.stops) for r in plan.routes) == 2 * visits
    nobody = Problem((), _city(visits, 1).visits, _city(visits, 1).travel)
    assert [reason for _, reason in improve(nobody, None, Stop(20), 1).unserved] == ["NO_CAREGIVER"] * visits
