"""To hospital and back: from the request over both legs to the bill, and what may go wrong between."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from dispatcher.core.desk import dump, load
from dispatcher.core.responders import whereabouts
from dispatcher.core.times import at
from dispatcher.planning.checker import check
from dispatcher.planning.from_desk import incumbent, to_problem, to_stops
from dispatcher.planning.improve_ortools import improve
from schemas.base import Point, StartWindow
from schemas.codes import Acceptance, EvidenceMethod
from schemas.facts import AssignmentAccepted, AssignmentDeclined, PersonForgotten, PlanProposed
from schemas.shapes import TripSecret
from tests.rules.core import laws
from tests.rules.core.small_town import Town, clock, only, point, small_town, span, words

HOSPITAL = point(20_000, -20_000)


def asked(town: Town, wait_s: int | None = None, **more: Any) -> str:
    """An escort of r1 in the morning; the visit's id."""
    trip = TripSecret(goal=HOSPITAL, wait_s=wait_s)
    window = more.pop("window", span("09:00", "09:30"))
    return str(only(town.ask("r1", "ESCORT_HOSPITAL", window, opened=trip, **more), "VisitPlanned").visit_id)


def leg(town: Town, visit_id: str, role: int, there: Point | None, **when: datetime) -> tuple[Any, ...]:
    """A leg as it is lived: arrival at `came`, end at `left`, with good positions."""
    said: tuple[Any, ...] = ()
    carer = town.desk.visits[visit_id].hands[role].caregiver_id or ""
    for word, moment in when.items():
        town.now = moment
        press = town.check_in if word == "came" else town.check_out
        said = press(visit_id, carer, moment, point=there, accuracy_m=10, method=EvidenceMethod.POSITION)
    return said


def starts(town: Town, visit_id: str) -> list[datetime]:
    return [at(hand.start_s) for hand in town.desk.visits[visit_id].hands]


def homes(town: Town) -> Point:
    home = town.desk.recipients["r1"].home
    assert home is not None
    return Point(lat_udeg=home.lat_udeg, lon_udeg=home.lon_udeg)


def test_an_escort_is_planned_there_and_back_around_the_wait() -> None:
    """The way back stands in somebody's day before the caller hangs up."""
    town = small_town(2, 1)
    visit_id = asked(town)
    visit = town.desk.visits[visit_id]
    there, back = visit.needs
    home, goal = visit.begins_at(0), visit.ends_at(0)
    assert home is not None
    assert goal is not None
    ride_s = town.desk.board.ways(town.desk).travel_s(home, goal, 6_400)
    assert ride_s > 0
    assert there.duration_s == back.duration_s == 1_200 + ride_s
    first, second = starts(town, visit_id)
    wait_s = (second - first).total_seconds() - there.duration_s
    assert 1_800 <= wait_s <= 5_400
    laws.all_of(town, ())
    assert dump(load(dump(town.desk))) == dump(town.desk)


def test_the_wait_that_the_caller_expects_counts_before_the_items_own() -> None:
    town = small_town(2, 1)
    visit_id = asked(town, wait_s=10_800)
    first, second = starts(town, visit_id)
    wait_s = (second - first).total_seconds() - town.desk.visits[visit_id].needs[0].duration_s
    assert 9_000 <= wait_s <= 12_600


def test_an_escort_to_nowhere_is_refused_with_what_is_missing() -> None:
    said = small_town(2, 1).ask("r1", "ESCORT_HOSPITAL", span("09:00", "09:30"))
    assert words(said) == ["RequestRefused"]
    assert [reason.code for reason in only(said, "RequestRefused").reasons] == ["DESTINATION_MISSING"]


def test_one_caregiver_does_both_legs_and_is_paid_for_both() -> None:
    """Each leg is proven where it begins, at the door and at the hospital; two clean legs are one bill."""
    town = small_town(1, 1)
    visit_id = asked(town)
    visit = town.desk.visits[visit_id]
    assert visit.people == ("c1",)
    first, second = starts(town, visit_id)
    hour = timedelta(hours=1)
    leg(town, visit_id, 0, homes(town), came=first, left=first + hour)
    assert town.desk.visits[visit_id].hands[1].came is None
    said = leg(town, visit_id, 1, HOSPITAL, came=second, left=second + hour)
    verdict = only(said, "VisitVerified")
    assert (verdict.grade, verdict.caregiver_ids) == ("VERIFIED", ("c1",))
    assert verdict.billed_s == sum(need.duration_s for need in visit.needs)
    priced = only(said, "VisitPriced")
    assert [(pay.caregiver_id, pay.amount_fen) for pay in priced.pay] == [("c1", 10_000)]


def test_a_button_pressed_twice_at_the_hospital_does_not_end_the_way_back() -> None:
    town = small_town(1, 1)
    visit_id = asked(town)
    first, _ = starts(town, visit_id)
    leg(town, visit_id, 0, homes(town), came=first, left=first + timedelta(hours=1))
    town.check_out(visit_id, "c1", first + timedelta(minutes=61))
    assert town.desk.visits[visit_id].hands[1].left is None
    assert town.desk.visits[visit_id].closed is None


def test_who_says_no_to_the_way_back_is_replaced_and_the_way_there_stands() -> None:
    """Otherwise the person who is already at the hospital would be fetched from home once more."""
    town = small_town(2, 1, Acceptance.CAREGIVER)
    visit_id = asked(town)
    town.tick(clock("07:05"))
    town.tick(clock("07:11"))
    offers = [o for o in town.desk.offers.values() if o.state == "OPEN"]
    assert [o.role for o in offers] == [0, 1]
    carer = offers[0].caregiver_id
    for offer in offers[:1]:
        town.tell(AssignmentAccepted(**town.base("CAREGIVER", carer), offer_id=offer.offer_id))
    first, _ = starts(town, visit_id)
    leg(town, visit_id, 0, homes(town), came=first, left=first + timedelta(minutes=40))
    before = town.desk.visits[visit_id].hands[0]
    said = town.tell(
        AssignmentDeclined(**town.base("CAREGIVER", carer), offer_id=offers[1].offer_id, reason="ILL")
    )
    hands = town.desk.visits[visit_id].hands
    assert hands[0] == before
    assert hands[1].caregiver_id not in (None, carer)
    laws.all_of(town, said)


def test_when_nobody_else_can_bring_them_back_an_operator_hears_of_it() -> None:
    town = small_town(1, 1)
    visit_id = asked(town)
    first, _ = starts(town, visit_id)
    leg(town, visit_id, 0, homes(town), came=first, left=first + timedelta(minutes=40))
    said = town.shift("s-c1", "c1", "08:00", "10:00", withdrawn=True)
    assert only(said, "HelpEscalated").visit_id == visit_id
    visit = town.desk.visits[visit_id]
    assert visit.hands[0].came is not None
    assert visit.hands[1].caregiver_id is None


def test_who_is_through_with_the_way_there_is_at_the_hospital() -> None:
    """Sent to an emergency from the wrong end of town, they would be promised sooner than they can come."""
    town = small_town(1, 1)
    visit_id = asked(town)
    first, _ = starts(town, visit_id)
    leg(town, visit_id, 0, homes(town), came=first, left=first + timedelta(minutes=40))
    day = town.desk.board.day(town.desk, "s-c1")
    assert day is not None
    place, _, _ = whereabouts(town.desk, day, int(town.now.timestamp()))
    assert (place.lat_udeg, place.lon_udeg) == (HOSPITAL.lat_udeg, HOSPITAL.lon_udeg)


def test_where_a_forgotten_person_was_taken_is_forgotten() -> None:
    town = small_town(1, 1)
    asked(town)
    town.tell(PersonForgotten(**town.base(), person_id="r1"))
    assert str(HOSPITAL.lat_udeg) not in dump(town.desk).decode()


def problem_of(town: Town) -> tuple[Any, Any, Any]:
    horizon = StartWindow(opens_at=town.now, closes_at=town.now + timedelta(days=2))
    problem, keys = to_problem(town.desk, town.now, horizon)
    return problem, keys, incumbent(town.desk, problem, keys)


def test_the_planners_know_where_each_leg_leads() -> None:
    town = small_town(2, 1)
    visit_id = asked(town)
    problem, keys, plan = problem_of(town)
    visit = problem.visit_by_id[visit_id]
    assert visit.same_carer
    assert visit.ends_at(0) == visit.begins_at(1) != visit.begins_at(0) == visit.ends_at(1)
    assert not plan.unserved
    assert check(problem, plan) == ()
    assert len(to_stops(plan, keys)) == 2


def test_the_way_back_stays_in_the_planners_day_while_the_person_waits() -> None:
    """Planned over, the caregiver would be elsewhere when the doctor is done."""
    town = small_town(1, 2)
    visit_id = asked(town)
    first, _ = starts(town, visit_id)
    leg(town, visit_id, 0, homes(town), came=first, left=first + timedelta(minutes=40))
    problem, keys, plan = problem_of(town)
    assert visit_id in keys.pinned
    assert [stop.visit_id for route in plan.routes for stop in route.stops] == [visit_id]
    assert check(problem, plan) == ()


@pytest.mark.parametrize("seed", [1, 2])
def test_the_planners_plan_of_a_day_with_trips_passes_the_checker_and_is_adopted(seed: int) -> None:
    town = small_town(4, 6, seed=seed)
    for number in range(1, 4):
        trip = TripSecret(goal=HOSPITAL)
        town.ask(f"r{number}", "ESCORT_HOSPITAL", span("09:00", "11:00"), opened=trip)
        town.ask(f"r{number + 3}", "CLEAN_HOME", span("10:00", "13:00"))
    problem, keys, before = problem_of(town)
    assert sum(visit.same_carer for visit in problem.visits) == 3
    assert check(problem, before) == ()
    found = improve(problem, before, 20.0, solutions=20)
    assert found is not None
    assert check(problem, found.plan) == ()
    said = town.tell(
        PlanProposed(
            **town.base("PLANNER", "pl"), base_seq=len(town.rows), engine="ORTOOLS",
            stops=to_stops(found.plan, keys), price_s=1, base_price_s=2, solve_ms=1,
        )
    )  # fmt: skip
    laws.all_of(town, said)
    for visit_id in {stop.visit_id for route in found.plan.routes for stop in route.stops}:
        assert town.desk.visits[visit_id].bound


@pytest.mark.parametrize("carers", [("near", "near"), ("near", "next")])
def test_a_better_plan_may_give_the_legs_to_one_or_to_two(carers: tuple[str, str]) -> None:
    """Booked while only somebody far away was there, a trip would stay theirs for ever."""
    town = Town()
    town.open()
    town.provider("p1")
    town.caregiver("far", home=point(-40_000, -40_000))
    town.recipient("r1", home=point(30_000, 30_000))
    town.now = clock("07:00")
    visit_id = asked(town, window=span("10:00", "10:00"))
    town.caregiver("near", home=point(30_500, 30_500))
    town.caregiver("next", home=HOSPITAL)
    _, keys, plan = problem_of(town)
    stops = sorted(to_stops(plan, keys), key=lambda stop: stop.role)
    moved = tuple(
        stop.model_copy(update={"caregiver_id": carer}) for stop, carer in zip(stops, carers, strict=True)
    )
    said = town.tell(
        PlanProposed(
            **town.base("PLANNER", "pl"), base_seq=len(town.rows), engine="ORTOOLS", stops=moved,
            price_s=1, base_price_s=2, solve_ms=1,
        )
    )  # fmt: skip
    laws.all_of(town, said)
    visit = town.desk.visits[visit_id]
    assert tuple(hand.caregiver_id for hand in visit.hands) == carers
    assert visit.bound
