"""What a planner says: only what changes or waits, why, and who is left out; the desk takes it up."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from random import Random
from typing import Any

import numpy as np
import pytest

from dispatcher.plan_requests import Asked, Work
from dispatcher.planner_roads import moving_of
from dispatcher.planning import desk_ways
from dispatcher.planning.checker import check
from dispatcher.planning.from_desk import incumbent, to_problem
from dispatcher.planning.plan_day import plan_day
from dispatcher.planning.planned import Planned
from dispatcher.planning.price import price
from dispatcher.planning.travel import PointTravel
from dispatcher.proposal import Basis, fitted, proposal_of
from schemas.base import StartWindow
from schemas.codes import TravelMode
from schemas.envelope import MAX_BODY_BYTES
from schemas.facts import FACT, PlanProposed, TravelTablePublished
from schemas.reasons import SENTENCES, sentence
from tests.rules.core.small_town import SETTINGS, Town, clock, only, point, small_town, span


def basis_of(town: Town) -> Basis:
    """What a planner works on."""
    horizon = StartWindow(opens_at=town.now, closes_at=town.now + timedelta(days=2))
    problem, keys = to_problem(town.desk, town.now, horizon)
    return Basis("a1", len(town.rows), problem, keys, incumbent(town.desk, problem, keys))


def said(town: Town, basis: Basis, found: Planned | None) -> PlanProposed | None:
    """What the planner says of a plan."""
    return proposal_of(
        basis, found, fact_id=town.new_id(), said_at=town.now, speaker="planner-1", solve_ms=1_000
    )


def crossed() -> tuple[Town, str]:
    """A visit booked while only a far caregiver was there; now one lives next door."""
    town = Town()
    town.open()
    town.provider("p1")
    town.caregiver("far", home=point(-40_000, -40_000))
    town.recipient("r1", home=point(30_000, 30_000))
    town.now = clock("07:00")
    visit_id = only(town.ask("r1", "BATH_BED", span("14:00", "15:00")), "VisitPlanned").visit_id
    town.caregiver("near", home=point(30_500, 30_500))
    return town, visit_id


def test_a_change_reaches_the_decision_with_its_reason_in_both_languages() -> None:
    """Who loses a visit to a better plan is told why, and the supervisor can read it years later."""
    town, _ = crossed()
    basis = basis_of(town)
    planned = plan_day(basis.problem, basis.before, 0.3, 1)
    proposal = said(town, basis, planned)
    assert planned is not None
    assert proposal is not None
    assert proposal.gains is not None
    assert sum(gain.routes for gain in proposal.gains.values()) == 1
    assert sum(gain.saved_s for gain in proposal.gains.values()) == proposal.base_price_s - proposal.price_s
    told = only(town.tell(proposal), "VisitPlanned")
    assert [reason.code for reason in told.reasons] == ["PLAN_BETTER", "SAVES_TRAVEL"]
    assert told.reasons[1].numbers["saved_s"] > 600
    assert "少走" in sentence(told.reasons[1], "zh")
    assert "saves" in sentence(told.reasons[1], "en")


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_plan_in_force_of_caregivers_at_many_speeds_keeps_every_rule(seed: int) -> None:
    """A way a second longer than the desk's breaks tight days: nothing could be begun from them or saved."""
    town, dice = Town(), Random(seed)
    town.open()
    town.provider("p1")
    for number, mode in enumerate([*TravelMode, *TravelMode]):
        home = point(dice.randint(-30_000, 30_000), dice.randint(-30_000, 30_000))
        town.caregiver(f"c{number}", home=home, mode=mode)
    town.now = clock("07:00")
    for number in range(40):
        home = point(dice.randint(-30_000, 30_000), dice.randint(-30_000, 30_000))
        town.recipient(f"r{number}", home=home)
        hour = dice.randint(8, 15)
        town.ask(f"r{number}", "BATH_HOME", span(f"{hour:02}:00", f"{hour + 1:02}:00"))
    basis = basis_of(town)
    assert len({carer.mode for carer in basis.problem.caregivers}) > 2
    assert sum(len(route.stops) for route in basis.before.routes) > 20
    assert check(basis.problem, basis.before) == ()


def test_a_router_is_asked_for_modes_whose_speed_the_area_never_said() -> None:
    """An area that knows bicycles only would otherwise have no plan once somebody comes by car."""
    town = Town()
    town.open(SETTINGS.model_copy(update={"speed_mm_s": {TravelMode.BICYCLE: 3_000}}))
    town.provider("p1")
    town.caregiver("c1", mode=TravelMode.BICYCLE)
    town.caregiver("c2", mode=TravelMode.CAR)
    town.now = clock("07:00")
    moving = moving_of(town.desk, basis_of(town).keys)
    assert moving is not None
    assert sorted(moving.mode_of.values()) == ["BICYCLE", "CAR"]
    assert moving.speed_mm_s["BICYCLE"] == 3_000
    assert moving.speed_mm_s["CAR"] > 0


def test_a_plan_that_changes_nothing_says_no_stop() -> None:
    """Every stop said costs every reader; a plan of a city would not fit a message."""
    town, _ = crossed()
    basis = basis_of(town)
    stands = Planned(basis.before, "IN_FORCE", price(basis.problem, basis.before))
    proposal = said(town, basis, stands)
    assert proposal is not None
    assert {stop.visit_id for stop in proposal.stops} == basis.keys.waiting
    assert proposal.changes == ()
    assert proposal.left_out == 0


def test_without_a_plan_the_one_in_force_stays_and_who_is_left_out_is_named() -> None:
    """A planner that died must not leave the office guessing who has nobody."""
    town, visit_id = crossed()
    basis = basis_of(town)
    assert said(town, basis, None) is None
    nobody = replace(
        basis.problem.visits[0], roles=(replace(basis.problem.visits[0].roles[0], allowed=frozenset()),)
    )
    lost = replace(
        basis,
        problem=replace(basis.problem, visits=(nobody,)),
        before=replace(basis.before, routes=(), unserved=((visit_id, "NO_ROOM"),)),
    )
    proposal = said(town, lost, None)
    assert proposal is not None
    assert (proposal.stops, proposal.left_out, proposal.engine) == ((), 1, "IN_FORCE")
    assert proposal.not_planned is not None
    assert [(one.visit_id, one.reason.code) for one in proposal.not_planned] == [(visit_id, "NO_CAREGIVER")]
    assert town.tell(proposal) == ()


def test_a_proposal_too_large_for_a_message_is_cut_between_visits() -> None:
    """Kafka refuses what is too large, and the whole plan with it."""
    town = small_town(6, 10)
    for number in range(10):
        town.ask(f"r{number + 1}", "BATH_HOME", span("10:00", "16:00"))
    basis = basis_of(town)
    proposal = said(town, basis, plan_day(basis.problem, basis.before, 0.3, 1))
    assert proposal is not None
    stop = proposal.stops[0]
    many = tuple(
        stop.model_copy(update={"visit_id": f"visit-{n}", "role": role})
        for n in range(2_000)
        for role in (0, 1)
    )
    cut = fitted(proposal.model_copy(update={"stops": many}))
    assert len(FACT.dump_json(cut)) <= MAX_BODY_BYTES
    assert len(cut.stops) > 1_000
    assert all(sum(s.visit_id == one.visit_id for s in cut.stops) == 2 for one in cut.stops[:50])


def test_former_proposals_keep_their_bytes() -> None:
    """A field that appears in an old row would break its hash."""
    town, _ = crossed()
    bare = PlanProposed(
        **town.base("PLANNER"), base_seq=1, engine="RUIN", stops=(), price_s=1, base_price_s=1, solve_ms=1
    )
    assert not {"bound_s", "gains", "changes", "left_out", "not_planned"} & set(bare.model_dump())


def holed(town: Town) -> Any:
    """A published travel table of two rows that lacks the way there."""
    data = np.array([[0, -1], [300, 0]], "<i4").tobytes()
    return TravelTablePublished(
        **town.base("REGISTER"), table_id="t", sha256=sha256(data).hexdigest(), size=2, opened=data
    )


def odd_desks() -> dict[str, Town]:
    """Desks that the world left in a state nobody meant."""
    empty = Town()
    empty.open()
    nobody = Town()
    nobody.open()
    nobody.provider("p1")
    nobody.recipient("r1", home=point(0, 0))
    nobody.now = clock("07:00")
    nobody.ask("r1", "BATH_BED", span("14:00", "15:00"))
    late, _ = crossed()
    late.now = clock("14:50")  # the caregiver never set out: the plan in force cannot be kept
    holes = Town()
    holes.open()
    holes.tell(holed(holes))
    holes.provider("p1")
    holes.caregiver("c1", home=point(0, 0), shift=None)
    holes.shift("s1", "c1", "08:00", "18:00", station=point(0, 0), station_table_index=0)
    holes.recipient("r1", home=point(9_000, 9_000), table_index=1)
    holes.now = clock("07:00")
    holes.ask("r1", "BATH_BED", span("14:00", "15:00"))
    return {
        "an empty desk": empty,
        "nobody at work": nobody,
        "a plan in force that is too late": late,
        "a travel table with a hole": holes,
    }


@pytest.mark.parametrize("what", odd_desks())
def test_an_odd_desk_is_planned_without_an_exception(what: str) -> None:
    """The desk of a street that has just opened, or of one where everything is late, is a desk too."""
    town = odd_desks()[what]
    basis = basis_of(town)
    planned = plan_day(basis.problem, basis.before, 0.1, 1)
    assert planned is not None
    proposal = said(town, basis, planned)
    assert proposal is not None
    town.tell(proposal)
    assert all(one.reason.code in SENTENCES for one in proposal.not_planned or ())


def test_a_newer_request_ends_a_long_solve_but_not_one_that_has_just_begun() -> None:
    """A busy area would otherwise never get a plan, and a quiet one would wait for an old one."""
    work = Work()
    work.begin("a1", 7, 0.1)
    work.note(Asked("a2", 9, span("08:00", "18:00")))
    work.note(Asked("a1", 7, span("08:00", "18:00")))
    assert not work.stopped()
    work.note(Asked("a1", 8, span("08:00", "18:00")))
    assert not work.stopped()
    time.sleep(0.11)
    assert work.stopped()
    work.begin("a2", 1, 0.1)
    assert not work.stopped()
    work.wish("a2")
    assert work.stopped()
    work.begin("a3", 1, 0.1)
    work.end()
    assert work.stopped()


def test_many_places_are_points_with_the_desks_own_seconds(monkeypatch: pytest.MonkeyPatch) -> None:
    """All ways of a city are gigabytes; and a planner that travels unlike the desk plans wrongly."""
    town = small_town(12, 40, seed=3)
    for number in range(40):
        town.ask(f"r{number + 1}", "MEAL_LUNCH", span("10:00", "16:00"))
    matrix = basis_of(town).problem
    monkeypatch.setattr(desk_ways, "MATRIX_PLACES", 10)
    points = basis_of(town).problem
    assert isinstance(points.travel, PointTravel)
    assert np.abs(points.travel.matrix_s - matrix.travel.matrix_s).max() <= 1
    assert points.visits == matrix.visits


def test_visits_alike_share_who_may_take_them() -> None:
    """A set of thousands for each of thousands of visits would fill the machine."""
    town = small_town(12, 40, seed=3)
    for number in range(40):
        town.ask(f"r{number + 1}", "MEAL_LUNCH", span("10:00", "16:00"))
    asked = {visit.roles[0].allowed for visit in basis_of(town).problem.visits}
    assert len({id(allowed) for allowed in asked}) == len(asked)
    assert len(asked) <= 2
