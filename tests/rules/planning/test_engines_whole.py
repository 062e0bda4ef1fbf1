"""Engines on days that ask everything: they plan what they can, and what they cannot stays as it is."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from dispatcher.planning import improve_city, improve_ortools, improve_ruin
from dispatcher.planning.bound import lower_bound
from dispatcher.planning.checker import check
from dispatcher.planning.decompose import join, zones
from dispatcher.planning.engine_rules import RULES, beyond, nothing_yet, of_caregiver, share, supports
from dispatcher.planning.improve_ruin import Stop
from dispatcher.planning.plan_day import plan_day
from dispatcher.planning.price import price
from dispatcher.planning.problem import Plan, Problem
from tests.rules.planning.days import random_day
from tests.rules.planning.whole_days import frozen_day, plan_by_hand, whole_day


def half_plain(seed: int) -> Problem:
    """A day of which every engine can plan a part, without the reserve that none of them sees."""
    return replace(whole_day(seed, visits=24, carers=9, plain_share=0.8), reserve=())


@pytest.mark.parametrize("seed", range(30))
def test_annealing_leaves_what_it_cannot_plan_and_never_breaks_a_rule(seed: int) -> None:
    """A meal thrown out of its round because an engine knows no kitchens would be nobody's lunch."""
    problem = half_plain(seed)
    start = plan_by_hand(problem, seed)
    plan = improve_ruin.improve(problem, start, Stop(1_000), seed)
    assert check(problem, plan) == ()
    assert price(problem, plan).total <= price(problem, start).total
    assert stays(problem, start, plan, improve_ruin.CAN)


@pytest.mark.parametrize("seed", range(60))
def test_the_city_engine_plans_all_of_such_a_day_and_keeps_every_rule(seed: int) -> None:
    """Each rule it forgot would have the checker throw its whole plan away."""
    day = half_plain(seed) if seed % 2 else replace(whole_day(seed, visits=24, carers=9), reserve=())
    problem = replace(day, weights=replace(day.weights, worst_late=0))
    start = plan_by_hand(problem, seed)
    for begun in (start, None):
        plan = improve_city.improve(problem, begun, Stop(300), seed)
        assert check(problem, plan) == ()
        if begun is not None:
            assert price(problem, plan).total <= price(problem, start).total


def stays(problem: Problem, before: Plan, after: Plan, can: frozenset[str]) -> bool:
    """Whether the routes that ask more than the engine can do are as they were."""
    may = supports(problem, can)
    old = {r.caregiver_id: r for r in before.routes}
    return all(
        old[r.caregiver_id] == r
        for r in after.routes
        if any(s.visit_id not in may for s in (*r.stops, *old[r.caregiver_id].stops))
        or not of_caregiver(problem, problem.caregiver_by_id[r.caregiver_id]) <= can
    )


@pytest.mark.parametrize("seed", range(30))
def test_ortools_takes_over_escorts_loads_modes_and_hours(seed: int) -> None:
    """If it took over a rule wrongly, it would begin elsewhere and move everyone."""
    problem = half_plain(seed)
    start = plan_by_hand(problem, seed)
    found = improve_ortools.improve(problem, start, 0.5)
    assert found is not None
    assert found.adopted
    assert check(problem, found.plan) == ()
    assert price(problem, found.plan).unserved <= price(problem, start).unserved
    assert stays(problem, start, found.plan, improve_ortools.CAN)


@pytest.mark.parametrize("seed", range(12))
def test_ortools_begins_such_a_day_from_nothing_and_keeps_every_rule(seed: int) -> None:
    """What it finds by itself is believed no more than what it was given."""
    problem = whole_day(seed)
    found = improve_ortools.improve(problem, None, 5.0, solutions=1)
    assert found is not None
    assert check(problem, found.plan) == ()


@pytest.mark.parametrize("seed", range(12))
def test_what_is_under_way_stays_with_every_engine(seed: int) -> None:
    """At noon half the crews are at their doors: the other halves must still come to them."""
    day = half_plain(seed)
    start = plan_by_hand(day, seed)
    problem = frozen_day(day, start)
    assert check(problem, start) == ()
    for engine in (improve_ruin, improve_city):
        assert check(problem, engine.improve(problem, start, Stop(500), seed)) == ()
    found = improve_ortools.improve(problem, start, 0.5)
    assert found is not None
    assert check(problem, found.plan) == ()


@pytest.mark.parametrize("seed", range(8))
def test_the_port_plans_such_a_day_and_never_makes_it_dearer(seed: int) -> None:
    """The planners' one door takes every day a desk can hold."""
    problem = whole_day(seed)
    start = plan_by_hand(problem, seed)
    planned = plan_day(problem, start, 0.4, seed)
    assert planned is not None
    assert check(problem, planned.plan) == ()
    assert planned.price.total <= price(problem, start).total
    assert planned.price == price(problem, planned.plan)


@pytest.mark.parametrize("seed", range(8))
def test_zones_of_such_a_day_joined_are_the_day(seed: int) -> None:
    """An escort whose way back is another zone's must still find its second half there."""
    problem = whole_day(seed, visits=40, carers=12)
    start = plan_by_hand(problem, seed)
    cut = zones(problem, start, most=4)
    assert join(problem, ((z, z.plan) for z in cut)).routes == start.routes
    better = [(z, improve_ruin.improve(z.problem, z.plan, Stop(300), seed)) for z in cut]
    assert check(problem, join(problem, better)) == ()


def test_a_plain_day_is_shared_with_nobody() -> None:
    """A day that every engine can plan whole must not be cut."""
    problem = random_day(1)
    assert share(problem, None, frozenset()) is None
    assert beyond(problem, frozenset()) == frozenset()
    assert supports(problem, frozenset()) == {v.visit_id for v in problem.visits}


def test_each_rule_is_asked_by_some_day_and_done_by_some_engine() -> None:
    """A rule that no engine keeps would leave its visits unplanned for ever, unsaid."""
    asked = frozenset().union(*(beyond(whole_day(seed), frozenset()) for seed in range(20)))
    assert asked == RULES
    assert beyond(whole_day(1), RULES) == frozenset()


def test_no_bound_is_told_for_a_day_that_asks_more_than_it_knows() -> None:
    """A bound too high would say of a plan that it is better than the best there can be."""
    problem = whole_day(1)
    with pytest.raises(ValueError, match="MEAL"):
        lower_bound(problem, nothing_yet(problem))


def test_who_may_take_a_role_depends_on_when_its_certificate_ends() -> None:
    """A bath by someone whose certificate ran out at noon is not insured in the afternoon."""
    for seed in range(10):
        problem = whole_day(seed)
        for carer in problem.caregivers:
            for visit in problem.visits:
                for role in visit.roles:
                    early = problem.may_take(carer, role)
                    assert early or not problem.may_take_whenever(carer, visit, role)


def test_legs_of_a_route_are_joined_end_to_end() -> None:
    """A way that begins where nobody is costs nothing real."""
    from dispatcher.planning.price import halts, legs

    for seed in range(10):
        problem = whole_day(seed)
        for route in plan_by_hand(problem, seed).routes:
            for one, other in pairwise(halts(problem, route)):
                assert (one.leaves_at, other.place) in set(legs(problem, route))
