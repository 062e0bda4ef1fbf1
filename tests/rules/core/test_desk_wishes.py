"""What an area asks beside travel: rest between days, burdens shared out, responders kept near."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dispatcher.core.desk import Desk
from dispatcher.core.records import Evidence
from dispatcher.planning.checker import check
from dispatcher.planning.from_desk import incumbent, to_problem, to_stops
from dispatcher.planning.price import price
from schemas.base import StartWindow
from schemas.facts import PlanProposed
from schemas.shapes import AreaSettings, ReserveWish
from tests.rules.core import laws
from tests.rules.core.small_town import SETTINGS, Town, clock, only, point, span


def town_of(**wishes: Any) -> Town:
    """Two caregivers, two people, and an area that wishes this."""
    town = Town()
    town.open(AreaSettings(**{**dict(SETTINGS), **wishes}))
    town.provider("p1")
    town.caregiver("near", home=point(0, 0), shift=None)
    town.caregiver("far", home=point(20_000, 20_000), shift=None)
    for number in (1, 2):
        town.recipient(f"r{number}", home=point(1_000 * number, 0))
    town.now = clock("06:00")
    return town


def problem_of(town: Town) -> tuple[Any, Any, Any]:
    horizon = StartWindow(opens_at=town.now, closes_at=town.now + timedelta(days=2))
    problem, keys = to_problem(town.desk, town.now, horizon)
    return problem, keys, incumbent(town.desk, problem, keys)


def test_nobody_is_sent_before_they_have_rested() -> None:
    """Who came home at eleven at night would be at a door at seven."""
    town = town_of(rest_s=11 * 3_600)
    town.shift("late", "near", "14:00", "23:00", days=-1)
    town.shift("early", "near", "07:00", "15:00")
    planned = only(town.ask("r1", "BATH_BED", span("07:30", "12:00")), "VisitPlanned")
    assert planned.stops[0].start_at >= clock("10:00")
    problem, keys, plan = problem_of(town)
    (carer,) = problem.caregivers
    assert carer.rested_from_s == int(clock("10:00").timestamp()) - keys.origin_s
    assert check(problem, plan) == ()


def test_a_shift_of_yesterday_that_is_told_late_still_counts() -> None:
    town = town_of(rest_s=11 * 3_600)
    town.shift("early", "near", "07:00", "15:00")
    town.shift("late", "near", "14:00", "23:00", days=-1)
    planned = only(town.ask("r1", "BATH_BED", span("07:30", "12:00")), "VisitPlanned")
    assert planned.stops[0].start_at >= clock("10:00")


def test_two_shifts_of_one_day_need_no_rest_between() -> None:
    town = town_of(rest_s=11 * 3_600)
    town.shift("am", "near", "07:00", "12:00")
    town.shift("pm", "near", "14:00", "19:00")
    planned = only(town.ask("r1", "BATH_BED", span("14:00", "15:00")), "VisitPlanned")
    assert planned.stops[0].start_at < clock("15:00")


def with_evenings(desk: Desk, carer: str, recipient_id: str, count: int) -> None:
    """As if the caregiver had served so many evenings of late."""
    (visit_id,) = desk.visits_of[recipient_id]
    visit = desk.visits[visit_id]
    seen = Evidence(visit.opens_s - 86_400, visit.opens_s - 86_400)
    for number in range(count):
        hands = (replace(visit.hands[0], caregiver_id=carer, shift_id=None, came=seen, left=seen),)
        desk.put_visit(replace(visit, visit_id=f"old{number}", hands=hands, closed="DONE"))


def evening(wishes: dict[str, Any]) -> tuple[Town, str]:
    """An evening visit that the nearer caregiver has, who had four evenings of late."""
    town = town_of(**wishes)
    town.shift("s-near", "near", "12:00", "22:00")
    town.shift("s-far", "far", "12:00", "22:00")
    visit_id = only(town.ask("r1", "BATH_BED", span("19:00", "20:00")), "VisitPlanned").visit_id
    with_evenings(town.desk, "near", "r1", 4)
    return town, visit_id


@pytest.mark.parametrize("wishes", [{}, {"burden_s": 1_800}])
def test_evenings_are_shared_out_where_the_area_wishes_it(wishes: dict[str, Any]) -> None:
    """Whoever lives in the middle would have every evening of the year."""
    town, visit_id = evening(wishes)
    problem, keys, before = problem_of(town)
    (stop,) = to_stops(before, keys)
    routes = tuple(
        replace(r, stops=before.routes[1 - n].stops) for n, r in enumerate(before.routes)
    )  # the other caregiver has it
    after = replace(before, routes=routes)
    assert check(problem, after) == ()
    cheaper = price(problem, after).total < price(problem, before).total
    assert cheaper == bool(wishes)
    moved = stop.model_copy(update={"caregiver_id": "far"})
    said = town.tell(
        PlanProposed(
            **town.base("PLANNER", "pl"), base_seq=len(town.rows), engine="CITY", stops=(moved,),
            price_s=price(problem, after).total, base_price_s=price(problem, before).total, solve_ms=1,
        )
    )  # fmt: skip
    laws.all_of(town, said)
    assert town.desk.visits[visit_id].hands[0].caregiver_id == ("far" if wishes else "near")


def test_responders_are_wished_near_each_post_at_every_full_hour() -> None:
    """A plan that sends everybody to one end of town leaves the other without help."""
    wish = ReserveWish(posts=(point(0, 0), point(20_000, 20_000)), reach_s=600, least=1, price_s=3_600)
    town = town_of(reserve=wish)
    town.shift("s-near", "near", "08:00", "12:00")
    town.ask("r1", "BATH_BED", span("09:00", "10:00"))
    problem, keys, plan = problem_of(town)
    hours = [(check.at_s + keys.origin_s) // 3_600 for check in problem.reserve]
    opens_h = int(clock("06:00").timestamp()) // 3_600
    assert hours == [opens_h + n for n in range(6) for _ in wish.posts]
    assert price(problem, plan).reserve > 0
    assert check(problem, plan) == ()


def contracted(week_s: int) -> Town:
    """One caregiver with a contract of so many seconds a week, and shifts on three of its days."""
    town = town_of()
    town.caregiver("near", home=point(0, 0), shift=None, week_s=week_s)
    for days in (0, 1, 2):
        town.shift(f"s{days}", "near", "08:00", "18:00", days=days)
    return town


def test_whose_week_is_full_is_asked_for_nothing_more_and_it_is_said() -> None:
    """A contract of a few hours would be broken on Monday, and nobody would know why she is not sent."""
    town = contracted(2 * 3_600)
    town.ask("r1", "CLEAN_HOME", span("09:00", "10:00"))
    (refused,) = town.ask("r2", "CLEAN_HOME", span("09:00", "10:00", days=1))
    assert refused.word == "RequestRefused"
    codes = {other.caregiver_id: other.reason.code for other in refused.named or ()}
    assert codes["near"] == "WEEK_FULL"
    assert only(town.ask("r2", "BLOOD_PRESSURE", span("09:00", "10:00", days=1)), "VisitPlanned")


def test_a_new_week_has_all_its_hours() -> None:
    town = contracted(2 * 3_600)
    town.shift("s-next", "near", "08:00", "18:00", days=7)
    town.ask("r1", "CLEAN_HOME", span("09:00", "10:00"))
    assert only(town.ask("r2", "CLEAN_HOME", span("09:00", "10:00", days=7)), "VisitPlanned")


def test_the_planners_know_the_hours_left_and_the_plan_in_force_keeps_them() -> None:
    town = contracted(3 * 3_600)
    town.ask("r1", "CLEAN_HOME", span("09:00", "10:00"))
    town.ask("r2", "BATH_BED", span("09:00", "10:00", days=1))
    problem, _, plan = problem_of(town)
    left = {carer.caregiver_id: carer.work_left_s for carer in problem.caregivers}
    assert check(problem, plan) == ()
    day = town.desk.board.day(town.desk, "s1")
    assert day is not None
    worked_s = sum(town.desk.board.day(town.desk, f"s{n}").work_s for n in (0, 1, 2))  # type: ignore[union-attr]
    assert left["s1"] == 3 * 3_600 - worked_s + day.work_s


def test_a_plan_that_breaks_a_contract_is_not_adopted() -> None:
    """Each visit alone would fit the week; together they do not."""
    town = contracted(3 * 3_600)
    town.caregiver("far", home=point(40_000, 40_000), shift=("08:00", "18:00"), week_s=20 * 3_600)
    town.shift("far1", "far", "08:00", "18:00", days=1)
    town.caregiver("near", home=point(0, 0), shift=None, week_s=60)
    ids = [
        only(town.ask(r, "CLEAN_HOME", span("09:00", "12:00", days=n)), "VisitPlanned").visit_id
        for n, r in enumerate(("r1", "r2"))
    ]
    town.caregiver("near", home=point(0, 0), shift=None, week_s=2 * 3_600)
    _, keys, before = problem_of(town)
    stops = tuple(s.model_copy(update={"caregiver_id": "near"}) for s in to_stops(before, keys))
    assert sorted(s.visit_id for s in stops) == sorted(ids)
    said = town.tell(
        PlanProposed(
            **town.base("PLANNER", "pl"), base_seq=len(town.rows), engine="CITY", stops=stops,
            price_s=1, base_price_s=2, solve_ms=1,
        )
    )  # fmt: skip
    laws.all_of(town, said)
    holders = [town.desk.visits[visit_id].hands[0].caregiver_id for visit_id in ids]
    assert holders == ["far", "far"]
