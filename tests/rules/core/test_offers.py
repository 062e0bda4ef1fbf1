"""Who accepts, delivery, fuse, decline: nobody is left waiting for an answer that never comes."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from consumers.notices.told import Parties, notices_of
from dispatcher.core import time_passed
from dispatcher.core.times import at
from schemas.codes import Acceptance
from schemas.facts import AssignmentAccepted, AssignmentDeclined, OfferDelivered, PlanProposed
from schemas.shapes import AreaSettings, ProposedStop
from tests.rules.core.small_town import SETTINGS, Town, clock, only, small_town, span, words

SOON = span("08:00", "08:40")


def offer_of(said: tuple[Any, ...]) -> Any:
    return only(said, "AssignmentOffered")


def test_a_published_shift_binds_at_once_and_the_name_is_told() -> None:
    town = small_town(2, 1, Acceptance.SHIFT)
    said = town.ask("r1", "BATH_BED", SOON)
    assert words(said)[-3:] == ["PromiseMade", "AssignmentBound", "PromiseMade"]
    assert said[-3].caregiver_ids == ()
    assert said[-1].caregiver_ids == (only(said, "AssignmentBound").caregiver_id,)
    assert not said[-1].changed


@pytest.mark.parametrize(
    ("acceptance", "to"), [(Acceptance.CLERK, "CLERK"), (Acceptance.CAREGIVER, "CAREGIVER")]
)
def test_until_acceptance_no_name_is_told(acceptance: Acceptance, to: str) -> None:
    town = small_town(2, 1, acceptance)
    said = town.ask("r1", "BATH_BED", SOON)
    offered = offer_of(said)
    assert offered.to == to
    assert only(said, "PromiseMade").caregiver_ids == ()
    yes = town.tell(AssignmentAccepted(**town.base(to, "x"), offer_id=offered.offer_id))
    assert words(yes) == ["AssignmentBound", "PromiseMade"]
    assert yes[0].accepted_by == to
    assert yes[1].caregiver_ids == (offered.caregiver_id,)
    again = town.tell(AssignmentAccepted(**town.base(to, "x"), offer_id=offered.offer_id))
    assert words(again) == ["FactSetAside"]


def test_the_fuse_starts_at_delivery_and_the_next_is_asked_when_it_burns_down() -> None:
    town = small_town(3, 1, Acceptance.CAREGIVER)
    first = offer_of(town.ask("r1", "BATH_BED", SOON))
    lit = only(town.tell(OfferDelivered(**town.base(), offer_id=first.offer_id)), "FuseLit")
    assert lit.lapses_at == town.now + timedelta(seconds=900)
    assert town.tick(lit.lapses_at - timedelta(seconds=1)) == ()
    said = town.tick(lit.lapses_at)
    assert words(said)[:2] == ["AssignmentLapsed", "AssignmentWithdrawn"]
    second = offer_of(said)
    assert second.caregiver_id != first.caregiver_id
    code = {n.caregiver_id: n.reason.code for n in only(said, "VisitPlanned").not_offered}
    assert code[first.caregiver_id] == "LAPSED_BEFORE"


def test_who_is_asked_the_evening_before_may_answer_in_their_own_time() -> None:
    """An offer for tomorrow that lapsed within minutes went round the whole house all night."""
    town = small_town(2, 1, Acceptance.CAREGIVER)
    only(town.ask("r1", "BATH_BED", span("16:00", "16:30")), "PlanRequested")
    first = offer_of(town.tick(town.now + timedelta(seconds=SETTINGS.plan_wait_s)))
    lead = first.start_at - town.now
    assert first.deliver_by - town.now == timedelta(seconds=lead.total_seconds() // 8)
    town.now = first.deliver_by
    answer_by = only(town.tick(town.now), "OfferPassedToClerk").answer_by
    assert answer_by - town.now == timedelta(seconds=(first.start_at - town.now).total_seconds() // 8)
    assert town.tick(answer_by - timedelta(seconds=1)) == ()
    assert words(town.tick(answer_by))[0] == "AssignmentLapsed"


def test_an_offer_that_reaches_no_phone_goes_to_the_clerk_and_then_to_the_next() -> None:
    town = small_town(2, 1, Acceptance.CAREGIVER)
    first = offer_of(town.ask("r1", "BATH_BED", SOON))
    passed = only(town.tick(first.deliver_by), "OfferPassedToClerk")
    assert passed.offer_id == first.offer_id
    said = town.tick(town.now + timedelta(seconds=900))
    assert words(said)[0] == "AssignmentLapsed"
    assert offer_of(said).caregiver_id != first.caregiver_id


def test_when_everyone_declined_a_human_has_the_visit_by_name() -> None:
    town = small_town(2, 1, Acceptance.CAREGIVER)
    said = town.ask("r1", "BATH_BED", SOON)
    for _ in range(2):
        no = AssignmentDeclined(**town.base(), offer_id=offer_of(said).offer_id, reason="ILL")
        said = town.tell(no)
    assert words(said) == ["AssignmentWithdrawn", "VisitUnplanned", "HelpEscalated", "PlanRequested"]
    assert only(said, "HelpEscalated").to == "OPERATOR"


def test_a_clerk_may_name_a_colleague_who_can_come() -> None:
    town = small_town(3, 1, Acceptance.CLERK)
    first = offer_of(town.ask("r1", "BATH_BED", span("08:40", "08:59")))
    other = next(c for c in town.desk.caregivers if c != first.caregiver_id)
    said = town.tell(
        AssignmentAccepted(**town.base("CLERK", "k1"), offer_id=first.offer_id, caregiver_id=other)
    )
    bound = only(said, "AssignmentBound")
    assert (bound.caregiver_id, bound.accepted_by) == (other, "CLERK")
    town.provider("p2")
    town.caregiver("c9", "p2")
    second = offer_of(town.ask("r1", "BLOOD_PRESSURE", span("08:20", "08:30")))
    stranger = town.tell(
        AssignmentAccepted(**town.base("CLERK", "k1"), offer_id=second.offer_id, caregiver_id="c9")
    )
    assert words(stranger) == ["FactSetAside"]


def test_a_crew_keeps_its_other_half_when_one_declines() -> None:
    town = small_town(4, 1, Acceptance.CAREGIVER)
    said = town.ask("r1", "BATH_HOME", span("08:59", "09:00"))
    one, two = (d for d in said if d.word == "AssignmentOffered")
    town.tell(AssignmentAccepted(**town.base(), offer_id=one.offer_id))
    no = town.tell(AssignmentDeclined(**town.base(), offer_id=two.offer_id, reason="BUSY"))
    visit = town.desk.visits[one.visit_id]
    assert visit.hands[0].caregiver_id == one.caregiver_id
    assert visit.hands[0].bound
    assert visit.hands[1].caregiver_id not in (one.caregiver_id, two.caregiver_id, None)
    assert visit.hands[1].start_s == visit.hands[0].start_s
    assert offer_of(no).role == 1


def far(town: Town) -> tuple[Any, ...]:
    """A request whose start is not near: it waits for a plan."""
    return town.ask("r1", "BATH_BED", span("14:00", "15:00"))


def test_a_far_start_waits_for_a_plan_and_goes_out_when_the_wait_is_over() -> None:
    town = small_town(2, 1, Acceptance.CAREGIVER)
    said = far(town)
    assert "PlanRequested" in words(said)
    assert "AssignmentOffered" not in words(said)
    asked_at = town.now
    assert town.tick(asked_at + timedelta(seconds=599)) == ()
    over = town.tick(asked_at + timedelta(seconds=600))
    assert only(over, "VisitPlanned").reasons[0].code == "PLAN_WAIT_OVER"
    assert offer_of(over).origin == "INSERTION"
    assert town.tick(asked_at + timedelta(seconds=700)) == ()


def test_an_adopted_plan_sends_the_offer_with_its_reasons() -> None:
    town = small_town(3, 1, Acceptance.CAREGIVER)
    planned = only(far(town), "VisitPlanned")
    stop = planned.stops[0]
    kept = ProposedStop(
        visit_id=planned.visit_id, role=0, caregiver_id=stop.caregiver_id, start_at=stop.start_at
    )
    said = town.tell(
        PlanProposed(
            **town.base("PLANNER", "pl"),
            base_seq=1,
            engine="RUIN_ORTOOLS",
            stops=(kept,),
            price_s=5,
            base_price_s=5,
            solve_ms=9,
        )
    )
    assert only(said, "VisitPlanned").engine == "RUIN_ORTOOLS"
    assert offer_of(said).origin == "PLAN"
    assert "PlanRequested" not in words(said)


def test_a_check_in_long_after_the_start_is_only_overdue() -> None:
    town = small_town(1, 1, Acceptance.SHIFT)
    said = town.ask("r1", "BATH_BED", SOON)
    start = only(said, "AssignmentBound").start_at
    late = town.tick(start + timedelta(seconds=900))
    assert words(late) == ["CheckInOverdue"]
    assert town.tick(clock("12:00")) == ()


def test_what_falls_due_all_at_once_is_decided_over_several_seconds_and_none_is_forgotten(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A row as large as a day would hold up an alarm behind it; a timer passed over would never ring."""
    monkeypatch.setattr(time_passed, "ENOUGH", 1)
    town = small_town(4, 3, Acceptance.CAREGIVER)
    asked = [town.ask(f"r{n}", "BATH_BED", span("14:00", "17:00")) for n in (1, 2, 3)]
    due_at = town.now + timedelta(seconds=600)
    seconds = [town.tick(due_at + timedelta(seconds=n)) for n in range(4)]
    assert [len({d.visit_id for d in said if d.word == "AssignmentOffered"}) for said in seconds] == [
        1,
        1,
        1,
        0,
    ]
    offered = {d.visit_id for said in seconds for d in said if d.word == "AssignmentOffered"}
    assert offered == {only(said, "RequestAdmitted").visit_id for said in asked}


def tomorrow(settings: AreaSettings = SETTINGS) -> tuple[Town, str, tuple[Any, ...]]:
    """A call of the morning for tomorrow."""
    town = Town()
    town.open(settings)
    town.provider("p1", Acceptance.SHIFT)
    for name in ("c1", "c2"):
        town.caregiver(name)
        town.shift(f"t-{name}", name, "08:00", "18:00", days=1)
    town.recipient("r1")
    town.now = clock("07:00")
    said = town.ask("r1", "BATH_BED", span("10:00", "12:00", days=1))
    return town, only(said, "VisitPlanned").visit_id, said


def test_a_call_for_tomorrow_is_told_when_at_once_and_who_in_the_evening() -> None:
    """Named by noon, a caregiver could not be changed for a better day without a call to say so."""
    town, visit_id, said = tomorrow()
    assert only(said, "PromiseMade").caregiver_ids == ()
    assert town.tick(clock("16:59")) == ()
    evening = town.tick(clock("17:00") + timedelta(seconds=SETTINGS.plan_wait_s))
    assert only(evening, "AssignmentBound").visit_id == visit_id
    named = only(evening, "PromiseMade")
    assert named.told == only(said, "PromiseMade").told
    assert (len(named.caregiver_ids), named.changed) == (1, False)


def test_until_the_evening_a_plan_may_give_the_visit_to_another_and_nobody_is_rung_up() -> None:
    town, visit_id, _ = tomorrow()
    hand = town.desk.visits[visit_id].hands[0]
    other = "c2" if hand.caregiver_id == "c1" else "c1"
    stops = (ProposedStop(visit_id=visit_id, role=0, caregiver_id=other, start_at=at(hand.start_s)),)
    base = town.base("PLANNER", "pl")
    plan = PlanProposed(**base, base_seq=1, engine="CITY", stops=stops, price_s=1, base_price_s=2, solve_ms=1)
    said = town.tell(plan)
    assert words(said) == ["AssignmentWithdrawn", "VisitPlanned"]
    assert only(said, "AssignmentWithdrawn").unasked
    assert notices_of(town.rows[-1], Parties()) == ()
    evening = town.tick(clock("17:10"))
    assert only(evening, "PromiseMade").caregiver_ids == (other,)
    assert "CallBackOpened" not in words(evening)


def test_an_area_may_send_its_offers_at_another_hour_or_at_once() -> None:
    town, _, _ = tomorrow(SETTINGS.model_copy(update={"offer_hour": 15}))
    assert "AssignmentBound" in words(town.tick(clock("15:10")))
    town, _, _ = tomorrow(SETTINGS.model_copy(update={"offer_hour": 24}))
    assert "AssignmentBound" in words(town.tick(clock("07:10")))


def test_who_is_told_another_name_later_is_rung_up_all_the_same() -> None:
    """Between two caregivers nobody is named; the one who comes is still not the one who was told."""
    town, visit_id, _ = tomorrow()
    town.tick(clock("19:10"))
    (first,) = town.desk.visits[visit_id].told_names
    town.now = clock("20:00")
    said = town.shift(f"t-{first}", first, "08:00", "18:00", days=1, withdrawn=True)
    assert [notice.code for notice in notices_of(town.rows[-1], Parties())] == ["NOTICE_TAKEN_BACK"]
    assert "AssignmentBound" not in words(said)
    said = town.tick(clock("20:10"))
    assert only(said, "PromiseMade").changed
    assert only(said, "CallBackOpened").visit_id == visit_id
