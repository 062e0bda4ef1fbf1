"""What evidence is worth. It never blocks care; what cannot be trusted is never called verified."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from schemas.base import Point
from schemas.codes import EvidenceMethod
from schemas.facts import CaregiverDeparted, FeedbackGiven, VisitReportedMissed
from tests.rules.core.small_town import Town, clock, only, small_town, span, words


def at_home(town: Town, metres: int = 0, **more: Any) -> dict[str, Any]:
    """Evidence so many metres north of the first recipient's home."""
    home = town.desk.recipients["r1"].home
    assert home is not None
    point = Point(lat_udeg=home.lat_udeg + metres * 9, lon_udeg=home.lon_udeg)
    return {"point": point, "accuracy_m": 10, **more}


def bath(town: Town) -> tuple[str, str]:
    """A bath bound to somebody: visit and caregiver."""
    bound = only(town.ask("r1", "BATH_BED", span("08:30", "09:00")), "AssignmentBound")
    return bound.visit_id, bound.caregiver_id


def verdict(seen: dict[str, Any], minutes: int = 45, heard: datetime | None = None) -> tuple[str, set[str]]:
    """Grade and finding codes of a bath with this evidence at check-in."""
    town = small_town(2, 1)
    visit_id, carer = bath(town)
    came = clock("08:40")
    town.now = heard or came
    town.check_in(visit_id, carer, came, **seen)
    town.now = heard or came + timedelta(minutes=minutes)
    said = town.check_out(visit_id, carer, came + timedelta(minutes=minutes))
    found = only(said, "VisitVerified")
    return found.grade.value, {f.code for f in found.findings}


TABLE: list[tuple[dict[str, Any], str, str]] = [
    ({"metres": 10}, "VERIFIED", "POSITION_NEAR"),
    ({"metres": 190}, "VERIFIED", "POSITION_NEAR"),
    ({"metres": 600}, "UNVERIFIED", "POSITION_FAR"),
    ({"accuracy_m": 500}, "UNVERIFIED", "POSITION_INEXACT"),
    ({"mocked": True}, "UNVERIFIED", "POSITION_MOCKED"),
    ({"point": None}, "UNVERIFIED", "POSITION_MISSING"),
    ({"accuracy_m": None}, "UNVERIFIED", "POSITION_MISSING"),
    ({"point": None, "method": EvidenceMethod.BEACON}, "VERIFIED", "OTHER_PROOF"),
    ({"mocked": True, "method": EvidenceMethod.BEACON}, "UNVERIFIED", "POSITION_MOCKED"),
]


@pytest.mark.parametrize(("change", "grade", "code"), TABLE)
def test_evidence_is_graded(change: dict[str, Any], grade: str, code: str) -> None:
    """A mocked or missing position fails closed: unverified, never verified."""
    town = small_town(2, 1)
    change = dict(change)
    seen = {**at_home(town, change.pop("metres", 0)), **change}
    assert verdict(seen)[0] == grade
    assert code in verdict(seen)[1]


def test_a_phone_back_after_a_day_keeps_its_own_times() -> None:
    town = small_town(2, 1)
    grade, found = verdict(at_home(town), heard=clock("08:00", days=1))
    assert grade == "VERIFIED"
    assert "UPLOADED_LATE" in found


def test_a_check_out_may_be_heard_before_its_check_in() -> None:
    town = small_town(1, 1)
    visit_id, carer = bath(town)
    town.now = clock("12:00")
    assert town.check_out(visit_id, carer, clock("09:30")) == ()
    said = town.check_in(visit_id, carer, clock("08:40"), **at_home(town))
    assert words(said)[:3] == ["VisitStarted", "VisitVerified", "VisitPriced"]
    assert only(said, "VisitVerified").grade.value == "VERIFIED"


def test_ending_before_beginning_needs_a_person() -> None:
    town = small_town(1, 1)
    visit_id, carer = bath(town)
    town.check_in(visit_id, carer, clock("08:40"), **at_home(town))
    said = town.check_out(visit_id, carer, clock("08:20"))
    assert only(said, "VisitVerified").grade.value == "EXCEPTION"
    assert only(said, "VisitVerified").billed_s == 0
    assert only(said, "VisitPriced").held


def test_a_repeat_from_the_phone_changes_nothing() -> None:
    town = small_town(1, 1)
    visit_id, carer = bath(town)
    town.check_in(visit_id, carer, clock("08:40"), **at_home(town))
    assert town.check_in(visit_id, carer, clock("08:55")) == ()
    said = town.check_out(visit_id, carer, clock("09:25"))
    assert only(said, "VisitVerified").started_at == clock("08:40")
    assert words(town.check_out(visit_id, carer, clock("09:55"))) == ["FactSetAside"]


def test_somebody_elses_check_in_is_set_aside_where_the_supervisor_sees_it() -> None:
    town = small_town(2, 1)
    visit_id, carer = bath(town)
    other = next(c for c in town.desk.caregivers if c != carer)
    said = town.check_in(visit_id, other, clock("08:40"))
    assert said[0].reasons[0].code == "NOT_THEIR_VISIT"  # type: ignore[union-attr]


def test_a_word_that_nobody_came_is_a_missed_visit_and_late_proof_reopens_it() -> None:
    town = small_town(1, 1)
    visit_id, carer = bath(town)
    town.now = clock("10:00")
    said = town.tell(VisitReportedMissed(**town.base("RECIPIENT"), visit_id=visit_id))
    assert words(said) == ["MoneyReleased", "VisitMissed", "CallBackOpened", "HelpEscalated"]
    town.check_in(visit_id, carer, clock("08:40"), **at_home(town))
    proof = town.check_out(visit_id, carer, clock("09:25"))
    assert only(proof, "VisitVerified").grade.value == "EXCEPTION"
    assert only(proof, "VisitPriced").held


def test_time_alone_never_says_missed_before_the_upload_limit() -> None:
    town = small_town(1, 1)
    visit_id, _ = bath(town)
    overdue = town.tick(clock("20:00", days=2))
    assert words(overdue) == ["CheckInOverdue"]
    said = town.tick(clock("09:00", days=3))
    assert only(said, "VisitMissed").reason.code == "UPLOAD_LIMIT"
    assert town.desk.visits[visit_id].closed == "MISSED"


def test_setting_out_accepts_the_visit() -> None:
    """Whoever goes has said yes: an offer still open must not lapse under a caregiver on the road."""
    from schemas.codes import Acceptance

    town = small_town(1, 1, Acceptance.CAREGIVER)
    offered = only(town.ask("r1", "BATH_BED", span("08:30", "09:00")), "AssignmentOffered")
    base = town.base("CAREGIVER", offered.caregiver_id)
    said = town.tell(CaregiverDeparted(**base, visit_id=offered.visit_id, caregiver_id=offered.caregiver_id))
    assert words(said) == ["AssignmentBound", "PromiseMade"]
    assert "AssignmentLapsed" not in words(town.tick(clock("08:35")))


def test_few_stars_open_a_call_back() -> None:
    town = small_town(1, 1)
    visit_id, _ = bath(town)
    good = town.tell(FeedbackGiven(**town.base(), visit_id=visit_id, stars=5))
    bad = town.tell(FeedbackGiven(**town.base(), visit_id=visit_id, stars=1))
    assert (good, words(bad)) == ((), ["CallBackOpened"])


@pytest.mark.parametrize("helper", [False, True])
def test_who_waits_behind_a_visit_that_runs_over_is_thought_of(helper: bool) -> None:
    """Alone, the next recipient is rung; when a colleague is there, the visit moves to them."""
    town = small_town(1, 2)
    first = only(town.ask("r1", "BATH_BED", span("08:30", "08:40")), "AssignmentBound")
    second = only(town.ask("r2", "BATH_BED", span("09:50", "10:50")), "VisitPlanned")
    town.tick(clock("07:30"))
    if helper:
        town.caregiver("c9")
    town.now = clock("10:05")
    said = town.check_in(first.visit_id, "c1", clock("10:05"))
    if helper:
        assert only(said, "VisitPlanned").stops[0].caregiver_id == "c9"
        assert only(said, "AssignmentWithdrawn").reason.code == "RUNS_LATE"
    else:
        assert only(said, "CallBackOpened").reason.code == "RUNS_LATE"
        assert town.desk.visits[second.visit_id].hands[0].caregiver_id == "c1"
        assert "CallBackOpened" not in words(town.check_out(first.visit_id, "c1", clock("10:50")))


def test_who_waits_is_told_no_other_time_that_is_no_sooner() -> None:
    """A new time was told each time, with the same caregiver coming just as late."""
    town = small_town(1, 2)
    first = only(town.ask("r1", "BATH_BED", span("08:30", "08:40")), "AssignmentBound")
    second = only(town.ask("r2", "BATH_BED", span("09:50", "14:00")), "VisitPlanned").visit_id
    town.tick(clock("07:30"))
    told = town.desk.visits[second].told
    town.now = clock("10:05")
    said = town.check_in(first.visit_id, "c1", clock("10:05"))
    assert only(said, "CallBackOpened").reason.code == "RUNS_LATE"
    assert town.desk.visits[second].told == told
    assert town.desk.visits[second].hands[0].bound
