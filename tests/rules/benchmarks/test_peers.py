"""Peers: whatever they say becomes a plan that keeps every rule, and nothing of theirs is lost on the way."""

from __future__ import annotations

import random
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.planning.checker import check
from dispatcher.planning.price import price
from dispatcher.planning.problem import PlanCaregiver, PlanVisit, Problem, Role
from dispatcher.planning.travel import MatrixTravel
from tests.benchmarks.peers.apart import apart
from tests.benchmarks.peers.mend import mend, sequences
from tests.benchmarks.peers.nearest_first import nearest_first
from tests.benchmarks.peers.registry import PEERS, absent, as_sequences, loaded, solve
from tests.benchmarks.peers.timetable import Hand, timed
from tests.benchmarks.results import KEPT
from tests.benchmarks.works.home_care import home_care_day
from tests.benchmarks.works.zones import in_zones

ALWAYS = ("nearest-first", "OR-Tools")
OPTIONAL = ("VROOM", "PyVRP", "Timefold")
HOUR_S = 3600


def needs(name: str) -> None:
    """Skip where the peer cannot be had; nothing is fetched for a test."""
    if name == "Timefold" and not (KEPT / "timefold" / "Main.class").exists():
        pytest.skip("Timefold is absent: make bench fetches and compiles it")
    if missing := absent(name):
        pytest.skip(f"{name} is absent: {missing}; pip install .[peers]")
    try:
        loaded(name)
    except ImportError as error:
        pytest.skip(f"{name} is absent: {error}")


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", ALWAYS + OPTIONAL)
def test_what_each_peer_plans_keeps_every_rule(name: str) -> None:
    """A peer would be compared by a plan that no caregiver could follow."""
    if name in OPTIONAL:
        needs(name)
    problem = home_care_day(40, 8, 3)
    plan = solve(name, problem, 1.0, 1)
    assert plan is not None
    assert check(problem, plan) == ()
    assert len(plan.unserved) < 20


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("name", ["VROOM", "PyVRP", "OR-Tools", "Timefold"])
def test_each_peer_knows_loads_and_whoever_ends_anywhere(name: str) -> None:
    """A peer told less than the problem says would be made to look worse than it is."""
    if name in OPTIONAL:
        needs(name)
    plain = home_care_day(24, 6, 5)
    visits = tuple(replace(visit, roles=visit.roles[:1], load=2) for visit in plain.visits)
    carers = tuple(replace(carer, end_place=None, breaks=(), capacity=9) for carer in plain.caregivers)
    problem = Problem(carers, visits, plain.travel)
    said = loaded(name)(problem, 1.0, 1)
    given = as_sequences(problem, said)
    done = sum(len(hands) for hands in given.values())
    plan = mend(problem, given)
    assert check(problem, plan) == ()
    assert sum(len(route.stops) for route in plan.routes) >= done > 12


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), carers=st.integers(5, 9))
def test_nearest_first_keeps_every_rule(seed: int, carers: int) -> None:
    """What all are measured against would be no plan."""
    problem = home_care_day(40, carers, seed)
    assert check(problem, nearest_first(problem, 0.0, 0)) == ()


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10_000), loss=st.floats(0, 0.5))
def test_any_sequences_at_all_become_a_plan_that_keeps_every_rule(seed: int, loss: float) -> None:
    """A peer would be thrown out for one stop."""
    plain, rng = home_care_day(24, 6, seed), random.Random(seed)
    visits = [replace(v, soft_due=rng.random() < 0.2, load=rng.randrange(3)) for v in plain.visits]
    carers = [replace(c, capacity=8, overtime_s=rng.choice([0, HOUR_S])) for c in plain.caregivers]
    problem = Problem(tuple(carers), tuple(visits), plain.travel)
    stops = [single.hand for single in apart(problem) if rng.random() >= loss]
    stops += rng.sample(stops, min(3, len(stops)))
    said: dict[str, list[Hand]] = {c.caregiver_id: [] for c in problem.caregivers}
    for stop in rng.sample(stops, len(stops)):
        said[rng.choice(list(said))].append(stop)
    assert check(problem, mend(problem, said)) == ()


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_a_plan_that_keeps_the_rules_loses_nothing_by_being_mended(seed: int) -> None:
    """Mending would take from a peer what it had found."""
    problem = home_care_day(40, 7, seed)
    plan = nearest_first(problem, 0.0, 0)
    mended = mend(problem, sequences(plan, problem))
    assert check(problem, mended) == ()
    assert price(problem, mended).total <= price(problem, plan).total
    assert {v for v, _ in mended.unserved} <= {v for v, _ in plan.unserved}


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 10_000))
def test_roles_apart_keep_their_offsets_whatever_is_chosen(seed: int) -> None:
    """A peer without crews would be given times at which no crew can meet."""
    problem, rng = home_care_day(30, 7, seed), random.Random(seed)
    chosen: dict[str, dict[int, int]] = {}
    for single in apart(problem):
        hand = single.hand
        assert hand.low_s <= hand.high_s
        chosen.setdefault(hand.visit.visit_id, {})[hand.role] = rng.randint(hand.low_s, hand.high_s)
    for visit in problem.visits:
        starts = chosen[visit.visit_id]
        for role in visit.roles[1:]:
            assert role.offset_min_s <= starts[role.role] - starts[0] <= role.offset_max_s


def test_what_is_not_worth_its_travel_is_left_out_on_the_peers_behalf() -> None:
    """A peer that serves by priority would be billed for visits nobody asked it to weigh."""
    ways = MatrixTravel(np.array([[0, 600, 9000], [600, 0, 9000], [9000, 9000, 0]], dtype=np.int32))
    carer = PlanCaregiver("c", frozenset(), 0, 12 * HOUR_S, 0, 0)
    roles = (Role(0, frozenset(), 900),)
    visits = tuple(
        PlanVisit(name, place, roles, 0, 10 * HOUR_S, unserved_price_s=5_000)
        for name, place in (("near", 1), ("far", 2))
    )
    problem = Problem((carer,), visits, ways)
    hands = [Hand(visit, 0, visit.ready_s, visit.due_s) for visit in visits]
    plan = mend(problem, {"c": hands})
    assert [stop.visit_id for stop in plan.routes[0].stops] == ["near"]
    assert price(problem, plan).total == 1_200 + 5_000
    assert mend(problem, {"c": hands[1:]}) == plan


def test_a_stop_is_timed_around_the_break_by_hand() -> None:
    """A break would be forgotten, or cost a peer a visit that fits."""
    ways = MatrixTravel(np.array([[0, 600], [600, 0]], dtype=np.int32))
    carer = PlanCaregiver("c", frozenset(), 0, 4 * HOUR_S, 0, 0, breaks=((1800, HOUR_S, 1200),))
    visits = [PlanVisit(n, 1, (Role(0, frozenset(), 1800),), 0, 3 * HOUR_S) for n in ("a", "b")]
    problem = Problem((carer,), tuple(visits), ways)
    hands = [Hand(visit, 0, visit.ready_s, visit.due_s) for visit in visits]
    found = timed(problem, carer, hands)
    assert found.starts_s == (600, 2400 + 1200)
    assert found.holds
    early = replace(carer, breaks=((0, 300, 1200),))
    assert timed(problem, early, hands).starts_s == (1800, 3600)
    short = replace(carer, shift_end_s=5000)
    assert not timed(problem, short, hands).holds


def test_zones_together_make_one_plan_of_the_whole_day() -> None:
    """Visits between zones would be counted twice or not at all."""
    problem = home_care_day(400, 60, 2)
    said = in_zones(nearest_first, problem, 0.0, 1)
    stops = [(hand.visit.visit_id, hand.role) for hands in said.values() for hand in hands]
    assert len(stops) == len(set(stops)) > 300
    assert check(problem, mend(problem, said)) == ()


def test_a_peer_that_is_not_installed_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """`make bench` would end at the first thing missing."""
    monkeypatch.setitem(PEERS, "VROOM", replace(PEERS["VROOM"], needs="no_such_thing"))
    assert absent("VROOM") == "no_such_thing is not installed"
    with pytest.raises(ImportError, match="no_such_thing"):
        loaded("VROOM")
