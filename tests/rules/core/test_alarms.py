"""Emergencies: never refused, never lost, and nobody who had to give way is forgotten."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from schemas.base import Point
from schemas.codes import Acceptance, AlarmKind
from schemas.facts import (
    AlarmRaised,
    AssignmentAccepted,
    AssignmentDeclined,
    CaseAnswered,
    CaseCloseAsked,
    ResponderChosen,
)
from schemas.shapes import AlarmSecret
from tests.rules.core.small_town import SETTINGS, Town, clock, only, point, small_town, span, words


def alarm(
    town: Town, kind: AlarmKind = AlarmKind.FALL, person: str | None = "r1", **more: Any
) -> tuple[Any, ...]:
    case_id = more.pop("case_id", None) or town.new_id()
    return town.tell(
        AlarmRaised(**town.base("DEVICE", "d1"), case_id=case_id, kind=kind, recipient_id=person, **more)
    )


def at_nine(carers: int = 3, recipients: int = 3, acceptance: Acceptance = Acceptance.CAREGIVER) -> Town:
    town = small_town(carers, recipients, acceptance)
    town.now = clock("09:00")
    return town


@pytest.mark.parametrize("kind", [AlarmKind.FALL, AlarmKind.SMOKE, AlarmKind.OPERATOR])
def test_help_goes_at_once_to_whoever_is_there_first(kind: AlarmKind) -> None:
    town = at_nine()
    said = alarm(town, kind)
    sent = only(said, "CaseDispatched")
    arrivals = [(r.arrive_at, r.caregiver_id) for r in sent.ranked]
    assert arrivals == sorted(arrivals)
    assert sent.caregiver_id == sent.ranked[0].caregiver_id
    assert only(said, "AssignmentOffered").case_id == only(said, "CaseOpened").case_id
    assert only(said, "VisitPlanned").origin == "EMERGENCY"


@pytest.mark.parametrize("kind", [AlarmKind.BUTTON, AlarmKind.INACTIVITY])
def test_a_button_is_called_back_and_no_answer_counts_as_real(kind: AlarmKind) -> None:
    town = at_nine()
    said = alarm(town, kind)
    assert words(said) == ["CaseOpened", "CallBackOpened"]
    assert town.tick(clock("09:00:59"), "clock:alarms") == ()
    assert town.tick(clock("09:01:00"), "clock:intake") == ()
    late = town.tick(clock("09:01:00"), "clock:alarms")
    assert only(late, "CallBackClosed").outcome == "NO_ANSWER"
    assert "CaseDispatched" in words(late)
    assert town.tick(clock("09:01:01"), "clock:alarms") == ()


def test_a_voice_that_says_false_closes_the_case_and_no_word_sends_anybody() -> None:
    town = at_nine()
    case_id = only(alarm(town, AlarmKind.BUTTON), "CaseOpened").case_id
    said = town.tell(CaseAnswered(**town.base(), case_id=case_id, outcome="FALSE"))
    assert words(said) == ["CallBackClosed", "CaseClosed"]
    assert town.tick(clock("09:05"), "clock:alarms") == ()


UNKNOWN: list[dict[str, Any]] = [
    {"person": "nobody"},
    {"person": None},
    {"person": None, "device_id": "d9"},
]


@pytest.mark.parametrize("who", UNKNOWN)
def test_an_alarm_for_nobody_we_know_reaches_an_operator_by_name(who: dict[str, Any]) -> None:
    said = alarm(at_nine(), **who)
    assert words(said) == ["CaseOpened", "HelpEscalated"]
    assert said[1].reason.code == "UNKNOWN_PERSON"


def test_an_alarm_before_the_area_opens_is_a_case_all_the_same() -> None:
    said = alarm(Town())
    assert words(said) == ["CaseOpened", "HelpEscalated"]


def test_a_place_is_enough_to_send_help() -> None:
    said = alarm(at_nine(), person=None, place=point(1_000, 1_000))
    assert "CaseDispatched" in words(said)


def test_pressing_again_is_the_same_case_and_a_fall_after_a_button_goes_at_once() -> None:
    town = at_nine()
    alarm(town, AlarmKind.BUTTON)
    again = alarm(town, AlarmKind.BUTTON)
    assert (words(again), again[0].times) == (["CasePressedAgain"], 2)
    fall = alarm(town, AlarmKind.FALL)
    assert words(fall)[:1] == ["CasePressedAgain"]
    assert "CaseDispatched" in words(fall)
    assert len(town.desk.open_cases) == 1


def test_the_cascade_asks_everyone_once_and_then_a_human() -> None:
    town = at_nine(3)
    said = alarm(town)
    asked = []
    for _ in range(3):
        offered = only(said, "AssignmentOffered")
        asked.append(offered.caregiver_id)
        no = AssignmentDeclined(**town.base(), offer_id=offered.offer_id, reason="BUSY")
        said = town.tell(no)
    assert sorted(asked) == ["c1", "c2", "c3"]
    assert only(said, "HelpEscalated").reason.code == "NO_RESPONDER"


def test_an_undelivered_emergency_offer_goes_to_the_next_within_seconds() -> None:
    town = at_nine(2)
    first = only(alarm(town), "AssignmentOffered")
    assert first.deliver_by - town.now == timedelta(seconds=20)
    said = town.tick(first.deliver_by, "clock:alarms")
    assert words(said)[0] == "AssignmentLapsed"
    assert only(said, "AssignmentOffered").caregiver_id != first.caregiver_id


@pytest.mark.parametrize(("carers", "finds"), [(2, True), (1, False)])
def test_a_displaced_visit_has_a_new_home_or_a_human_in_the_same_decision(carers: int, finds: bool) -> None:
    town = at_nine(carers, 2, Acceptance.SHIFT)
    routine = only(town.ask("r2", "BATH_BED", span("09:12", "09:25")), "VisitPlanned")
    gone = routine.stops[0].caregiver_id
    if carers == 2:
        other = next(c for c in town.desk.caregivers if c != gone)
        town.shift(f"s-{other}", other, "08:00", "18:00")
    chosen = alarm(town, place=None)
    if only(chosen, "CaseDispatched").caregiver_id != gone:
        case_id = only(chosen, "CaseOpened").case_id
        chosen = town.tell(ResponderChosen(**town.base(), case_id=case_id, caregiver_id=gone))
    plans = [d for d in chosen if d.word == "VisitPlanned" and d.visit_id == routine.visit_id]
    handed = [d for d in chosen if d.word == "HelpEscalated" and d.visit_id == routine.visit_id]
    assert len(plans) + len(handed) >= 1
    if not finds:
        assert handed
        assert town.desk.visits[routine.visit_id].hands[0].caregiver_id is None


def test_a_responder_in_one_emergency_is_not_sent_to_another() -> None:
    town = at_nine(2, 3)
    first = only(alarm(town, person="r1"), "CaseDispatched").caregiver_id
    second = only(alarm(town, person="r2"), "CaseDispatched")
    assert second.caregiver_id != first
    assert {n.caregiver_id: n.reason.code for n in second.not_offered}[first] == "BUSY_WITH_CASE"
    third = alarm(town, person="r3")
    assert only(third, "HelpEscalated").reason.code == "NO_RESPONDER"


def test_an_emergency_ends_as_a_proven_and_priced_visit() -> None:
    town = at_nine()
    said = alarm(town)
    case_id, offered = only(said, "CaseOpened").case_id, only(said, "AssignmentOffered")
    town.tell(AssignmentAccepted(**town.base(), offer_id=offered.offer_id))
    home = town.desk.visits[offered.visit_id].place
    assert home is not None
    here = Point(lat_udeg=home.lat_udeg, lon_udeg=home.lon_udeg)
    town.now = clock("09:20")
    town.check_in(offered.visit_id, offered.caregiver_id, clock("09:20"), point=here, accuracy_m=5)
    town.now = clock("10:00")
    done = town.check_out(offered.visit_id, offered.caregiver_id, clock("09:55"), point=here, accuracy_m=5)
    assert only(done, "VisitVerified").grade.value == "VERIFIED"
    assert only(done, "VisitPriced").total_fen == 0
    assert town.desk.busy == {}
    closed = town.tell(CaseCloseAsked(**town.base(), case_id=case_id, proof="ON_SITE"))
    assert words(closed) == ["CaseClosed"]


def test_closing_a_case_calls_the_responder_off() -> None:
    town = at_nine()
    said = alarm(town)
    case_id = only(said, "CaseOpened").case_id
    closed = town.tell(CaseCloseAsked(**town.base(), case_id=case_id, proof="VOICE"))
    assert words(closed) == ["AssignmentWithdrawn", "VisitCancelled", "CaseClosed"]
    assert town.desk.busy == {}
    assert "CaseOpened" in words(alarm(town, case_id=case_id))


def asked_neighbour(carers: int) -> tuple[Town, Town, tuple[Any, ...]]:
    """An area without anybody, the one beside it, and what the first says to an alarm."""
    town, beside = at_nine(0), at_nine(carers, recipients=0)
    town.open(SETTINGS.model_copy(update={"neighbours": ("a2", "a3")}))
    beside.open(SETTINGS.model_copy(update={"neighbours": ("a1",)}))
    return town, beside, alarm(town)


def opened_beside(beside: Town, told: AlarmRaised) -> AlarmRaised:
    """The passed-on alarm as the other area's desk hears it: in the shell the seal was opened."""
    return told.model_copy(update={"area": beside.area, "opened": AlarmSecret(home=point(5_000, 5_000))})


def test_an_area_that_cannot_help_asks_its_neighbours_once_and_with_the_place_under_seal() -> None:
    """Somebody lies on the floor at the edge of a district whose responders are all away."""
    town, _, said = asked_neighbour(0)
    told = [d for d in said if d.word == "AreaTold"]
    opened = only(said, "CaseOpened")
    assert only(said, "HelpEscalated").case_id == opened.case_id
    assert [d.to_area for d in told] == ["a2", "a3"]
    assert {d.fact.for_case_id for d in told} == {opened.case_id}
    assert len({opened.case_id, *(d.fact.case_id for d in told)}) == 3
    assert all(d.fact.place is None and d.fact.sealed.person_id == "r1" for d in told)
    assert "AreaTold" not in words(alarm(town))


def test_a_neighbour_that_is_asked_sends_its_responder_at_once_and_lets_them_go_when_it_is_over() -> None:
    """The home is known from the seal alone; a responder must not drive on to a case that was closed."""
    town, beside, said = asked_neighbour(2)
    told = next(d.fact for d in said if d.word == "AreaTold")
    sent = beside.tell(opened_beside(beside, told.model_copy(update={"kind": AlarmKind.BUTTON})))
    assert only(sent, "CaseDispatched").caregiver_id
    assert only(sent, "AssignmentOffered").case_id == told.case_id
    over = town.tell(CaseCloseAsked(**town.base(), case_id=told.for_case_id, proof="VOICE"))
    ends = [d.fact for d in over if d.word == "AreaTold"]
    assert [(end.area, end.proof) for end in ends] == [("a2", "VOICE"), ("a3", "VOICE")]
    closed = beside.tell(ends[0].model_copy(update={"area": beside.area}))
    assert words(closed) == ["AssignmentWithdrawn", "VisitCancelled", "CaseClosed"]


def test_a_neighbour_without_anybody_leaves_the_case_to_who_asked_and_asks_nobody_back() -> None:
    """An operator would otherwise have the same case once from every neighbour."""
    _, beside, said = asked_neighbour(0)
    told = next(d.fact for d in said if d.word == "AreaTold")
    assert words(beside.tell(opened_beside(beside, told))) == ["CaseOpened"]
    unreadable = told.model_copy(update={"area": beside.area, "case_id": "other", "recipient_id": "r2"})
    assert words(beside.tell(unreadable)) == ["CaseOpened"]
