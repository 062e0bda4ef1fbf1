"""What a visit costs and who pays: to the fen, with every step."""

from __future__ import annotations

from typing import Any

import pytest

from dispatcher.core.records import Purse
from schemas.facts import RequestCancelled, RequestMoved, VisitObstructed
from tests.rules.core.small_town import Town, clock, only, small_town, span, words

PURSE = "r1|NANYANG-2021|2026-03"


def serve(town: Town, person: str, code: str, opens: str, minutes: int) -> tuple[Any, ...]:
    """A visit asked for and served by everyone who is sent, for so many minutes."""
    hours, rest = opens.split(":")
    said = town.ask(person, code, span(opens, f"{int(hours) + 1:02d}:{rest}"))
    visit_id = only(said, "RequestAdmitted").visit_id
    visit = town.desk.visits[visit_id]
    done: tuple[Any, ...] = ()
    for hand in visit.hands:
        done = town.check_in(visit_id, hand.caregiver_id or "", clock(opens))
    for hand in visit.hands:
        left = clock(opens) + (clock("00:01") - clock("00:00")) * minutes
        done = town.check_out(visit_id, hand.caregiver_id or "", left)
    return done


def shares(said: tuple[Any, ...]) -> dict[str, int]:
    return {share.payer.value: share.amount_fen for share in only(said, "VisitPriced").shares}


@pytest.mark.parametrize("person", ["r1", "r2"])
def test_the_quota_pays_until_it_is_empty_and_the_person_pays_the_rest(person: str) -> None:
    """Nanyang: 300 yuan a month for the disabled; r2 has no right and pays all four baths of 80 yuan."""
    town = small_town(3, 2)
    bills = []
    for opens in ("08:00", "10:00", "12:00", "14:00"):
        town.now = clock(opens)
        bills.append(shares(serve(town, person, "BATH_BED", opens, 45)))
    if person == "r1":
        assert bills == [{"BUREAU": 8_000}] * 3 + [{"BUREAU": 6_000, "SELF": 2_000}]
        assert town.desk.purses == {PURSE: Purse(0, 30_000)}
        town.now = clock("16:00")
        assert shares(serve(town, person, "MEAL_LUNCH", "16:00", 10)) == {"SELF": 1_500}
    else:
        assert bills == [{"SELF": 8_000}] * 4


def test_every_step_of_the_sum_is_kept() -> None:
    town = small_town(2, 1)
    steps = [
        (s.code, s.left_fen) for s in only(serve(town, "r1", "BATH_BED", "08:30", 45), "VisitPriced").steps
    ]
    assert steps == [("PRICE", 8_000), ("QUOTA_PAYS", 0)]
    other = [
        (s.code, s.left_fen)
        for s in only(serve(town, "r1", "BLOOD_PRESSURE", "10:00", 15), "VisitPriced").steps
    ]
    assert other == [("PRICE", 500), ("HELP_NOT_COVERED", 500), ("SELF_PAYS", 0)]


def test_a_short_service_is_paid_in_proportion_and_waits_for_a_person() -> None:
    """BATH_BED asks at least 30 minutes; 15 are half the price, rounded down, and held."""
    town = small_town(2, 1)
    said = serve(town, "r1", "BATH_BED", "08:30", 15)
    bill = only(said, "VisitPriced")
    assert (bill.total_fen, bill.held) == (4_000, True)
    assert [s.code for s in bill.steps] == ["PRICE", "PRICE_CUT_SHORT", "QUOTA_PAYS"]
    assert only(said, "MoneyReleased").amount_fen == 4_000
    assert town.desk.purses[PURSE] == Purse(0, 4_000)


def test_hours_are_priced_by_the_time_asked() -> None:
    town = small_town(2, 2)
    assert only(serve(town, "r2", "CLEAN_HOME", "08:30", 60), "VisitPriced").total_fen == 6_000


def test_a_crew_is_one_bill_and_each_earns() -> None:
    town = small_town(3, 1)
    bill = only(serve(town, "r1", "BATH_HOME", "08:30", 60), "VisitPriced")
    assert bill.total_fen == 12_000
    assert [p.amount_fen for p in bill.pay] == [6_000, 6_000]
    assert len(bill.lines) == 1


def test_what_is_held_cannot_be_held_twice() -> None:
    """Four requests before any is served: the fourth holds only what is left."""
    town = small_town(3, 1)
    held = []
    for opens, closes in (("09:30", "10:00"), ("11:00", "11:30"), ("13:00", "13:30"), ("15:00", "15:30")):
        held += [
            d.amount_fen for d in town.ask("r1", "BATH_BED", span(opens, closes)) if d.word == "MoneyReserved"
        ]
    assert held == [8_000, 8_000, 8_000, 6_000]
    assert town.desk.purses[PURSE] == Purse(30_000, 0)


def test_cancelling_gives_the_money_back() -> None:
    town = small_town(2, 1)
    town.ask("r1", "BATH_BED", span("09:30", "10:00"), request_id="q1")
    said = town.tell(RequestCancelled(**town.base(), request_id="q1"))
    assert words(said) == ["AssignmentWithdrawn", "MoneyReleased", "VisitCancelled", "PlanRequested"]
    assert town.desk.purses[PURSE] == Purse(0, 0)
    closed = town.tell(RequestCancelled(**town.base(), request_id="q1"))
    assert closed[0].reasons[0].code == "REQUEST_CLOSED"  # type: ignore[union-attr]


def test_a_locked_door_gives_the_money_back_and_somebody_rings() -> None:
    town = small_town(2, 1)
    said = town.ask("r1", "BATH_BED", span("08:30", "09:00"))
    bound = only(said, "AssignmentBound")
    base = town.base("CAREGIVER", bound.caregiver_id)
    done = town.tell(
        VisitObstructed(
            **base, visit_id=bound.visit_id, caregiver_id=bound.caregiver_id, reason="NOBODY_HOME"
        )
    )
    assert words(done) == [
        "VisitObstructionNoted",
        "VisitExceptionRaised",
        "MoneyReleased",
        "CallBackOpened",
        "HelpEscalated",
    ]
    assert town.desk.purses[PURSE] == Purse(0, 0)


def test_moving_to_another_month_holds_of_that_months_purse() -> None:
    town = small_town(1, 1)
    town.shift("s-april", "c1", "08:00", "18:00", days=30)
    town.ask("r1", "BATH_BED", span("09:30", "10:00"), request_id="q1")
    said = town.tell(RequestMoved(**town.base(), request_id="q1", window=span("09:30", "10:00", days=30)))
    assert only(said, "MoneyReleased").period == "2026-03"
    assert only(said, "MoneyReserved").period == "2026-04"
    assert not only(said, "PromiseMade").changed


def test_a_move_nobody_can_serve_changes_nothing() -> None:
    town = small_town(1, 1)
    said = town.ask("r1", "BATH_BED", span("09:30", "10:00"), request_id="q1")
    visit_id = only(said, "RequestAdmitted").visit_id
    before = town.desk.visits[visit_id]
    refused = town.tell(RequestMoved(**town.base(), request_id="q1", window=span("22:00", "22:30")))
    assert [r.code for r in refused[0].reasons] == ["NOBODY_CAN"]  # type: ignore[union-attr]
    assert town.desk.visits[visit_id] == before
