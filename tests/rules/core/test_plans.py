"""A proposed plan: what is still valid is adopted, the rest changes nothing; the desk's day as a problem."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from dispatcher.core.desk import dump
from dispatcher.planning.checker import check
from dispatcher.planning.from_desk import incumbent, to_problem, to_stops
from dispatcher.planning.improve_ortools import improve
from schemas.base import StartWindow
from schemas.codes import Acceptance, AlarmKind, Channel
from schemas.facts import AlarmRaised, Asks, CaregiverCheckedIn, CaregiverDeparted, PlanProposed
from schemas.shapes import ProposedStop
from tests.rules.core import laws
from tests.rules.core.small_town import SETTINGS, Town, clock, only, point, small_town, span, words


def propose(
    town: Town, stops: tuple[ProposedStop, ...], price_s: int = 1, base_price_s: int = 2
) -> tuple[Any, ...]:
    return town.tell(
        PlanProposed(
            **town.base("PLANNER", "pl"),
            base_seq=len(town.rows),
            engine="ORTOOLS",
            stops=stops,
            price_s=price_s,
            base_price_s=base_price_s,
            solve_ms=1,
        )
    )


def crossed(acceptance: Acceptance = Acceptance.SHIFT) -> tuple[Town, str]:
    """One visit, booked while only a far caregiver was there; now one lives next door."""
    town = Town()
    town.open()
    town.provider("p1", acceptance)
    town.caregiver("far", home=point(-40_000, -40_000))
    town.recipient("r1", home=point(30_000, 30_000))
    town.now = clock("07:00")
    visit_id = only(town.ask("r1", "BATH_BED", span("14:00", "15:00")), "VisitPlanned").visit_id
    town.caregiver("near", home=point(30_500, 30_500))
    return town, visit_id


def stop(town: Town, visit_id: str, carer: str, shift_s: int = 0, role: int = 0) -> ProposedStop:
    start = clock("00:00") + timedelta(
        seconds=town.desk.visits[visit_id].hands[role].start_s - int(clock("00:00").timestamp()) + shift_s
    )
    return ProposedStop(visit_id=visit_id, role=role, caregiver_id=carer, start_at=start)


def test_a_better_plan_is_adopted_with_what_it_saves() -> None:
    town, visit_id = crossed()
    said = propose(town, (stop(town, visit_id, "near"),))
    planned = only(said, "VisitPlanned")
    assert (planned.origin, planned.engine) == ("PLAN", "ORTOOLS")
    assert planned.reasons[0].code == "PLAN_BETTER"
    assert planned.reasons[0].numbers["saved_s"] > 0
    bound = only(said, "AssignmentBound")
    assert (bound.caregiver_id, bound.origin) == ("near", "PLAN")
    assert not any(d.changed for d in said if d.word == "PromiseMade")
    again = propose(town, (stop(town, visit_id, "near"),))
    assert again == ()


def test_a_plan_may_cost_a_little_travel_that_the_usual_caregiver_comes() -> None:
    """The desk would throw away what the planner was asked to weigh."""
    town = Town()
    town.open()
    town.provider("p1")
    town.caregiver("near", home=point(30_500, 30_500))
    town.recipient("r1", home=point(30_000, 30_000), usual_caregiver_ids=("usual",))
    town.now = clock("07:00")
    visit_id = only(town.ask("r1", "BATH_BED", span("14:00", "15:00")), "VisitPlanned").visit_id
    town.caregiver("usual", home=point(30_000, 28_000))
    said = propose(town, (stop(town, visit_id, "usual"),))
    assert only(said, "AssignmentBound").caregiver_id == "usual"
    town.caregiver("stranger", home=point(30_000, 26_000))
    assert propose(town, (stop(town, visit_id, "stranger"),)) == ()


NONSENSE = [
    (
        "an unknown visit",
        lambda t, v: (ProposedStop(visit_id="x", role=0, caregiver_id="near", start_at=t.now),),
    ),
    ("an unknown caregiver", lambda t, v: (stop(t, v, "nobody"),)),
    ("outside the promise", lambda t, v: (stop(t, v, "near", 7_200),)),
    ("before the window", lambda t, v: (stop(t, v, "near", -7_200),)),
    ("the same role twice", lambda t, v: (stop(t, v, "near"), stop(t, v, "far"))),
    ("a start off shift", lambda t, v: (stop(t, v, "near", 86_400),)),
    ("another role", lambda t, v: (stop(t, v, "near").model_copy(update={"role": 2}),)),
]


@pytest.mark.parametrize(("what", "make"), NONSENSE, ids=[what for what, _ in NONSENSE])
def test_nonsense_changes_nothing(what: str, make: Any) -> None:
    town, visit_id = crossed()
    before = dump(town.desk)
    said = propose(town, make(town, visit_id))
    assert said == ()
    assert dump(town.desk) == before


def test_a_plan_that_claims_to_be_dearer_moves_nobody() -> None:
    town, visit_id = crossed()
    assert propose(town, (stop(town, visit_id, "near"),), price_s=3) == ()


def test_a_caregiver_on_the_road_is_not_turned_back() -> None:
    town, visit_id = crossed()
    town.tell(CaregiverDeparted(**town.base(), visit_id=visit_id, caregiver_id="far"))
    assert propose(town, (stop(town, visit_id, "near"),)) == ()


def test_who_accepted_in_person_keeps_the_visit() -> None:
    town, visit_id = crossed(Acceptance.CAREGIVER)
    town.tell(CaregiverDeparted(**town.base(), visit_id=visit_id, caregiver_id="far"))
    hand = town.desk.visits[visit_id].hands[0]
    assert hand.bound
    assert propose(town, (stop(town, visit_id, "near"),)) == ()


def test_a_stop_that_no_longer_fits_leaves_the_rest_of_the_plan_standing() -> None:
    town, visit_id = crossed()
    near = Asks(caregiver_ids=("near",))
    asked = town.ask("r1", "BATH_BED", span("14:00", "15:00"), asks=near)
    other = only(asked, "VisitPlanned").visit_id
    first = town.desk.visits[other].hands[0]
    assert first.caregiver_id == "near"
    said = propose(town, (stop(town, visit_id, "near"),))
    laws.all_of(town, said)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_the_planners_plan_of_the_desks_day_passes_the_checker_and_is_adopted(seed: int) -> None:
    """The whole way: the desk's day becomes a problem, OR-Tools plans it, the desk adopts the stops."""
    town = small_town(6, 10, seed=seed)
    for number in range(10):
        opens, closes = ("10:00", "12:00") if number % 2 else ("13:00", "16:00")
        code = ("BATH_BED", "MEAL_LUNCH", "BATH_HOME", "CLEAN_HOME")[number % 4]
        town.ask(f"r{number + 1}", code, span(opens, closes))
    horizon = StartWindow(opens_at=town.now, closes_at=town.now + timedelta(days=2))
    problem, keys = to_problem(town.desk, town.now, horizon)
    assert len(problem.visits) == 10
    assert check(problem, incumbent(town.desk, problem, keys)) == ()
    found = improve(problem, incumbent(town.desk, problem, keys), 20.0, solutions=20)
    assert found is not None
    plan = found.plan
    assert check(problem, plan) == ()
    said = propose(town, to_stops(plan, keys))
    laws.all_of(town, said)
    assert "AssignmentBound" in words(said)
    served = {s.visit_id for r in plan.routes for s in r.stops}
    for visit_id in served:
        assert town.desk.visits[visit_id].bound


def test_a_day_under_way_becomes_a_problem_that_leaves_it_alone() -> None:
    town = small_town(3, 6)
    said = town.ask("r1", "BATH_HOME", span("08:30", "09:00"))
    visit_id = only(said, "VisitPlanned").visit_id
    town.ask("r2", "BATH_BED", span("11:00", "13:00"))
    town.now = clock("09:00")
    carer = town.desk.visits[visit_id].hands[0].caregiver_id or ""
    town.check_in(visit_id, carer, clock("09:00"))
    horizon = StartWindow(opens_at=town.now, closes_at=town.now + timedelta(days=2))
    problem, keys = to_problem(town.desk, town.now, horizon)
    assert visit_id not in problem.visit_by_id
    busy = problem.caregiver_by_id[f"s-{carer}"]
    assert keys.origin_s + (busy.available_from_s or 0) >= int(clock("10:00").timestamp())
    assert check(problem, incumbent(town.desk, problem, keys)) == ()


def day_of(town: Town) -> tuple[Any, Any]:
    horizon = StartWindow(opens_at=town.now, closes_at=town.now + timedelta(days=2))
    problem, keys = to_problem(town.desk, town.now, horizon)
    return problem, incumbent(town.desk, problem, keys)


def test_a_care_plans_visit_is_told_when_it_is_bound_and_planned_freely_until_then() -> None:
    """Told at once, tomorrow's visits would be nailed to half an hour in which nobody has planned them."""
    town = small_town(2, 2)
    window = span("10:00", "12:00", days=1)
    town.shift("s-next", "c1", "08:00", "18:00", days=1)
    said = town.ask("r1", "BATH_BED", window, channel=Channel.CARE_PLAN)
    visit_id = only(said, "VisitPlanned").visit_id
    assert "PromiseMade" not in words(said)
    problem, _ = day_of(town)
    (planned,) = problem.visits
    assert planned.told is None
    assert planned.due_s - planned.ready_s == 7_200
    assert words(propose(town, (stop(town, visit_id, "c1", 1_800),))) == ["VisitPlanned"]
    later = town.tick(clock("19:00") + timedelta(seconds=SETTINGS.plan_wait_s))
    assert words(later).count("PromiseMade") == 1
    promise = only(later, "PromiseMade")
    assert promise.caregiver_ids == ("c1",)
    assert promise.told.opens_at <= clock("10:30", 1) <= promise.told.closes_at


def test_a_day_on_which_somebody_is_already_late_can_still_be_planned() -> None:
    """One late caregiver would stop every improvement of the area until the evening."""
    town = small_town(1, 3)
    first = only(town.ask("r1", "CLEAN_HOME", span("09:00", "09:15")), "VisitPlanned").visit_id
    only(town.ask("r2", "MEAL_LUNCH", span("10:30", "10:45")), "VisitPlanned")
    town.now = clock("09:05")
    base = town.base("CAREGIVER", "c1")
    town.tell(CaregiverDeparted(**base, visit_id=first, caregiver_id="c1"))
    town.now = clock("10:05")
    base = town.base("CAREGIVER", "c1")
    town.tell(CaregiverCheckedIn(**base, visit_id=first, caregiver_id="c1"))
    problem, before = day_of(town)
    assert [v.visit_id for v in problem.visits] != []
    assert check(problem, before) == ()


def test_who_helps_in_an_emergency_keeps_tomorrows_visits() -> None:
    """Every visit of a responder would change hands, and be told anew, for one fall."""
    town = small_town(3, 3)
    for carer in ("c1", "c2", "c3"):
        town.shift(f"next-{carer}", carer, "08:00", "18:00", days=1)
    for number in (1, 2, 3):
        town.ask(f"r{number}", "BATH_BED", span("10:00", "12:00", days=1))
    town.now = clock("09:00")
    town.tell(
        AlarmRaised(
            **town.base("DEVICE"), case_id="k1", kind=AlarmKind.FALL, recipient_id="r1", device_id="d1"
        )
    )
    assert town.desk.busy
    problem, before = day_of(town)
    assert check(problem, before) == ()


def test_the_last_minutes_of_a_promise_are_not_planned_away() -> None:
    """A stop pushed to the end of what was told is late as soon as one road is slow."""
    town = small_town(1, 2)
    visit_id = only(town.ask("r1", "BATH_BED", span("10:00", "12:00")), "VisitPlanned").visit_id
    told = town.desk.visits[visit_id].told
    town.ask("r2", "CLEAN_HOME", span("08:00", "12:00"))
    assert told is not None
    day = town.desk.board.day(town.desk, "s-c1")
    assert day is not None
    (halt,) = [halt for halt in day.halts if halt.visit_id == visit_id]
    assert halt.latest_s <= told[1] - 900
