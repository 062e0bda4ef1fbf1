"""Engines: whatever they return keeps every rule, and costs what the price says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from dispatcher.planning import improve_ortools, improve_ruin
from dispatcher.planning.checker import check
from dispatcher.planning.decompose import join, zones
from dispatcher.planning.engine_rules import nothing_yet
from dispatcher.planning.improve_ruin import Stop
from dispatcher.planning.plan_day import plan_day
from dispatcher.planning.portfolio import ENGINES
from dispatcher.planning.price import price
from dispatcher.planning.ruin_anneal import settle
from dispatcher.planning.ruin_arrays import NEVER, arrays, held, order_of, plan_of
from dispatcher.planning.ruin_decode import decode
from dispatcher.planning.ruin_moves import change
from dispatcher.planning.ruin_retime import least_growth, pick_up, retime, ways_growth
from tests.rules.planning.days import random_day


@pytest.mark.parametrize("seed", range(60))
def test_an_annealed_plan_keeps_every_rule(seed: int) -> None:
    """Else a recipient is promised someone who cannot come."""
    problem = random_day(seed)
    plan = improve_ruin.improve(problem, None, Stop(3_000), seed)
    assert check(problem, plan) == ()


@pytest.mark.parametrize("seed", [136, 267])
def test_whoever_is_with_a_crew_already_gets_no_second_role_of_it(seed: int) -> None:
    """The checker would throw the whole annealed day away for it."""
    problem = random_day(seed, visits=6, carers=3)
    assert check(problem, improve_ruin.improve(problem, None, Stop(300), seed)) == ()


@pytest.mark.parametrize("seed", range(20))
def test_annealing_serves_more_than_nobody_and_never_costs_more_than_its_start(seed: int) -> None:
    """A plan dearer than the one in force would move people for nothing."""
    problem = random_day(seed)
    first = improve_ruin.improve(problem, nothing_yet(problem), Stop(3_000), seed)
    again = improve_ruin.improve(problem, first, Stop(1_000), seed + 1)
    assert price(problem, first).total < price(problem, nothing_yet(problem)).total
    assert price(problem, again).total <= price(problem, first).total


@pytest.mark.parametrize("seed", range(20))
def test_the_compiled_price_is_the_published_price_after_every_change(seed: int) -> None:
    """Were the quick re-timing wrong, the improver would chase savings that are not there."""
    problem = random_day(seed, frozen=False)
    given = arrays(problem)
    order, carer = order_of(problem, given, improve_ruin.improve(problem, None, Stop(200), seed))
    h = held(given, order, carer, seed + 1)
    decode(given, h)
    for step in range(300):
        change(given, h, NEVER)
        if h.tally[0] == 0:
            continue
        pick_up(given, h)
        grown, before = ways_growth(given, h), int(h.tally[4])
        tried = retime(given, h, grown, NEVER)
        assert tried - before >= least_growth(given, h, grown)
        assert grown in {-NEVER, h.tally[9]} or h.tally[11] != 0
        settle(given, h, step % 3 != 0, tried)
        fresh = held(given, h.order, h.carer, 1)
        assert decode(given, fresh) == h.tally[4]
        assert (fresh.tally[[7, 8, 10, 12]] == h.tally[[7, 8, 10, 12]]).all()
        for kept, made in ((h.before, fresh.before), (h.after, fresh.after), (h.tail, fresh.tail)):
            assert (kept == made).all()
        assert (h.late_to == fresh.late_to).all()
        assert (h.worst_to == fresh.worst_to).all()
        assert price(problem, plan_of(problem, given, fresh)).total == h.tally[4]


@pytest.mark.parametrize("seed", range(20))
def test_a_change_given_up_early_would_have_been_too_dear(seed: int) -> None:
    """Else the improver would throw good changes away unseen."""
    problem = random_day(seed, frozen=False)
    given = arrays(problem)
    order, carer = order_of(problem, given, improve_ruin.improve(problem, None, Stop(3_000), seed))
    h = held(given, order, carer, seed + 1)
    decode(given, h)
    for step in range(300):
        change(given, h, NEVER)
        if h.tally[0] == 0:
            continue
        pick_up(given, h)
        grown, before, allowed = ways_growth(given, h), int(h.tally[4]), 100.0 * (step % 7)
        given_up = retime(given, h, grown, allowed) == NEVER
        h.mark[h.touched[: h.tally[3]]] -= 2
        h.state[:, 4] = 0
        h.state[h.pinned[: h.pinned[-1]], 4] = 2
        pick_up(given, h)
        tried = retime(given, h, grown, NEVER)
        assert not given_up or tried - before > allowed
        settle(given, h, tried <= before + allowed, tried)


def test_the_same_seed_and_steps_give_the_same_plan() -> None:
    """A replay that differs cannot be explained to anyone."""
    problem = random_day(3)
    one, other = (improve_ruin.improve(problem, None, Stop(4_500), 7) for _ in range(2))
    assert one == other


@pytest.mark.parametrize("seed", range(3))
def test_a_long_run_from_several_starts_is_as_sound_and_repeatable_as_a_short_one(seed: int) -> None:
    """A second start that forgot the first would give back a worse plan after more time."""
    problem = random_day(seed, visits=5, carers=3, frozen=False)
    steps = 4 * improve_ruin.VISIT_STEPS * len(problem.visits)
    heard: list[int] = []
    first = improve_ruin.improve(problem, None, Stop(steps), seed, met=lambda _, s: heard.append(s))
    assert first == improve_ruin.improve(problem, None, Stop(steps), seed)
    assert check(problem, first) == ()
    short = improve_ruin.improve(problem, None, Stop(steps // 20), seed)
    again = improve_ruin.improve(problem, short, Stop(steps), seed + 1)
    assert price(problem, again).total <= price(problem, short).total
    assert price(problem, first).total <= min(heard)


@pytest.mark.parametrize("soft", [False, True])
def test_the_engines_shares_follow_what_lateness_means_on_the_day(soft: bool) -> None:
    """Where everyone may come late at a price, time given to engines that find nothing then is lost."""
    day = random_day(4)
    problem = replace(day, visits=tuple(replace(v, soft_due=soft) for v in day.visits))
    shares = {engine.name: engine.share(problem) for engine in ENGINES}
    assert shares["ORTOOLS"] > 0
    assert (shares["CITY"] > 0) is not soft
    assert (shares["RUIN"] > 10 * shares["ORTOOLS"]) is soft


@pytest.mark.parametrize("seed", range(12))
def test_an_ortools_plan_keeps_every_rule(seed: int) -> None:
    """OR-Tools' answer is believed no more than anyone's."""
    problem = random_day(seed)
    found = improve_ortools.improve(problem, None, 5.0, solutions=1)
    assert found is not None
    assert not found.adopted
    assert check(problem, found.plan) == ()


@pytest.mark.parametrize("seed", range(12))
def test_ortools_takes_over_the_plan_in_force(seed: int) -> None:
    """Begun elsewhere, it would move everyone."""
    problem = random_day(seed)
    start = improve_ruin.improve(problem, None, Stop(3_000), seed)
    found = improve_ortools.improve(problem, start, 0.5)
    assert found is not None
    assert found.adopted
    assert check(problem, found.plan) == ()
    assert len(found.plan.unserved) <= len(start.unserved)


@pytest.mark.parametrize("seed", range(6))
def test_zones_joined_keep_every_rule_of_the_whole(seed: int) -> None:
    """A crew cut in two by a zone's edge must still begin together."""
    problem = random_day(seed, visits=40, carers=16)
    start = improve_ruin.improve(problem, None, Stop(5_000), seed)
    cut = zones(problem, start, most=4)
    assert len(cut) == 4
    assert sorted(c.caregiver_id for z in cut for c in z.problem.caregivers) == sorted(
        c.caregiver_id for c in problem.caregivers
    )
    assert join(problem, ((z, z.plan) for z in cut)).routes == start.routes
    better = [(z, improve_ruin.improve(z.problem, z.plan, Stop(2_000), seed)) for z in cut]
    joined = join(problem, better)
    assert check(problem, joined) == ()
    assert price(problem, joined).unserved <= price(problem, start).unserved


def test_the_port_names_the_engines_behind_a_plan_and_never_makes_a_day_dearer() -> None:
    """Who found a plan is told as it was."""
    problem = random_day(5)
    planned = plan_day(problem, None, 0.5, 1)
    assert planned is not None
    assert check(problem, planned.plan) == ()
    assert set(planned.engine.split("+")) <= {"CITY", "RUIN", "ORTOOLS"}
    assert set(planned.routes_by_engine) <= {"CITY", "RUIN", "ORTOOLS"}
    assert sum(planned.routes_by_engine.values()) == sum(1 for r in planned.plan.routes if r.stops)
    again = plan_day(problem, planned.plan, 0.3, 2)
    assert again is not None
    assert again.price.total <= planned.price.total


def test_a_day_with_nothing_to_move_is_returned_as_it_is() -> None:
    """Late in the day there is nothing left to plan, and that is no error."""
    problem = random_day(1, visits=0, carers=3)
    plan = improve_ruin.improve(problem, None, Stop(100), 1)
    assert check(problem, plan) == ()
    assert all(not r.stops for r in plan.routes)


def test_ortools_takes_over_a_day_of_thirty_caregivers_and_keeps_its_breaks() -> None:
    """The size of a zone: what holds for five caregivers alone would not help the line."""
    problem = random_day(1, visits=150, carers=30)
    start = improve_ruin.improve(problem, None, Stop(100_000), 1)
    found = improve_ortools.improve(problem, start, 2.0)
    assert found is not None
    assert found.adopted
    assert check(problem, found.plan) == ()


def test_a_caregiver_whose_day_holds_no_room_for_a_break_gets_no_visits() -> None:
    """A break the shift cannot hold is a mistake in the roster, not a reason to plan nothing."""
    problem = random_day(2, frozen=False)
    short = replace(problem.caregivers[0], breaks=((13 * 3600, 14 * 3600, 9 * 3600),))
    problem = replace(problem, caregivers=(short, *problem.caregivers[1:]))
    annealed = improve_ruin.improve(problem, None, Stop(3_000), 1)
    found = improve_ortools.improve(problem, annealed, 0.5)
    assert found is not None
    assert found.adopted
    for plan in (annealed, found.plan):
        assert check(problem, plan) == ()
        assert not plan.routes[0].stops
        assert any(route.stops for route in plan.routes)
