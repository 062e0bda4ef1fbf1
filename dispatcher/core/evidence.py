"""At the door: check-in, check-out, and what they are worth. Evidence never blocks care.

No position, a mocked or an inexact one, or one far away is unverified, never verified. Clock times are never
altered; late and out-of-order words count as they are. A visit is judged once, when every role has both ends.
"""

from __future__ import annotations

from collections.abc import Iterator

from dispatcher.core.draft import Draft, why
from dispatcher.core.eligible import plain_reason
from dispatcher.core.evolve_facts import role_of
from dispatcher.core.funding import item_of, planned_s, release, settle
from dispatcher.core.offers import bind, escalate
from dispatcher.core.placing import call_back, promise
from dispatcher.core.records import Evidence, Place, Visit
from dispatcher.core.repromise import tell_delays
from dispatcher.core.times import at, to_s
from dispatcher.core.travel import distance_m
from schemas.base import Reason
from schemas.codes import EvidenceMethod, Grade, Human, Obstruction, Origin
from schemas.decisions import (
    VisitExceptionRaised,
    VisitMissed,
    VisitObstructionNoted,
    VisitStarted,
    VisitVerified,
)
from schemas.facts import (
    CaregiverCheckedIn,
    CaregiverCheckedOut,
    CaregiverDeparted,
    FeedbackGiven,
    VisitObstructed,
    VisitReportedMissed,
)

CREW_APART_S = 900
AHEAD_S = 120
"""A phone's corrected time may be this far in the future before it counts as a finding."""
LATE_UPLOAD_S = 3_600
WELFARE_CALL_S = 900
GOOD = frozenset({"POSITION_NEAR", "OTHER_PROOF", "UPLOADED_LATE"})
WRONG = frozenset(
    {"OUT_BEFORE_IN", "SERVICE_SHORT", "CREW_APART", "CLOCK_IN_FUTURE", "REPORTED_MISSED", "UPLOAD_LIMIT"}
)


AtDoor = CaregiverDeparted | CaregiverCheckedIn | CaregiverCheckedOut | VisitObstructed


def _theirs(draft: Draft, fact: AtDoor) -> tuple[Visit, int] | Reason:
    """The visit and the caregiver's role in it, or why the word is set aside."""
    visit = draft.desk.visits.get(fact.visit_id)
    if visit is None:
        return plain_reason("VISIT_UNKNOWN")
    told = None if isinstance(fact, VisitObstructed) else fact.role
    role = role_of(visit, fact.caregiver_id, told, ends=isinstance(fact, CaregiverCheckedOut))
    if role is None:
        return plain_reason("NOT_THEIR_VISIT")
    if visit.closed in ("CANCELLED", "OBSTRUCTED", "DONE"):
        return plain_reason("VISIT_CLOSED")
    return visit, role


def departed(draft: Draft, fact: CaregiverDeparted) -> Reason | None:
    """Setting out closes the gap before the visit; who sets out has accepted."""
    found = _theirs(draft, fact)
    if isinstance(found, Reason):
        return found
    draft.take()
    _accepts_by_coming(draft, *found)
    return None


def _accepts_by_coming(draft: Draft, visit: Visit, role: int) -> None:
    if not visit.hands[role].bound and visit.closed is None:
        bind(draft, visit.visit_id, role, "CAREGIVER", Origin(visit.origin))
        promise(draft, visit.visit_id)


def checked_in(draft: Draft, fact: CaregiverCheckedIn) -> Reason | None:
    """The first arrival starts the visit, whatever its proof."""
    found = _theirs(draft, fact)
    if isinstance(found, Reason):
        return found
    visit, role = found
    again = visit.hands[role].came is not None
    draft.take()
    if again:
        return None
    _accepts_by_coming(draft, visit, role)
    came = draft.desk.visits[fact.visit_id].hands[role].came
    assert came is not None
    draft.say(
        VisitStarted(
            visit_id=visit.visit_id,
            role=role,
            caregiver_id=fact.caregiver_id,
            started_at=at(to_s(fact.happened_at)),
            distance_m=_off_m(visit.begins_at(role), came),
        )
    )
    judge(draft, visit.visit_id)
    tell_delays(draft, visit.visit_id, role)
    return None


def checked_out(draft: Draft, fact: CaregiverCheckedOut) -> Reason | None:
    """The end; it may be heard before the beginning."""
    found = _theirs(draft, fact)
    if isinstance(found, Reason):
        return found
    visit, role = found
    if visit.hands[role].left is None:
        draft.take()
        _accepts_by_coming(draft, visit, role)
        judge(draft, visit.visit_id)
        tell_delays(draft, visit.visit_id, role)
    return None


def judge(draft: Draft, visit_id: str) -> None:
    """The verdict, once every role came and left; then the bill."""
    visit = draft.desk.visits[visit_id]
    ends = [(hand.came, hand.left) for hand in visit.hands]
    if any(came is None or left is None for came, left in ends):
        return
    came_s = min(came.at_s for came, _ in ends if came is not None)
    left_s = max(came_s, *(left.at_s for _, left in ends if left is not None))
    billed_s = min(billable_s(visit), left_s - came_s)
    findings = tuple(_findings(draft, visit, billed_s))
    grade = grade_of(findings)
    draft.say(
        VisitVerified(
            visit_id=visit_id,
            recipient_id=visit.recipient_id,
            item=visit.item,
            caregiver_ids=visit.people,
            started_at=at(came_s),
            finished_at=at(left_s),
            billed_s=billed_s,
            grade=grade,
            findings=findings,
        )
    )
    wrong = tuple(f for f in findings if f.code in WRONG)
    if wrong:
        draft.say(VisitExceptionRaised(visit_id=visit_id, reasons=wrong))
    if not settle(draft, visit_id, came_s, billed_s, held=grade is Grade.EXCEPTION):
        release(draft, visit_id)
        draft.say(VisitExceptionRaised(visit_id=visit_id, reasons=(plain_reason("TARIFF_MISSING"),)))


def billable_s(visit: Visit) -> int:
    """Service time that is billed: the shortest of the roles' clock times, at most what was asked.

    Of an escort it is both ways together, each at most as long as asked.
    """
    clocks = [
        max(0, hand.left.at_s - hand.came.at_s) for hand in visit.hands if hand.left is not None and hand.came
    ]
    if visit.trip is not None:
        return sum(min(need.duration_s, clock) for need, clock in zip(visit.needs, clocks, strict=True))
    return min(planned_s(visit), *clocks)


def grade_of(findings: tuple[Reason, ...]) -> Grade:
    """What the findings come to."""
    codes = {finding.code for finding in findings}
    if codes & WRONG:
        return Grade.EXCEPTION
    return Grade.VERIFIED if codes <= GOOD and codes & {"POSITION_NEAR", "OTHER_PROOF"} else Grade.UNVERIFIED


def _findings(draft: Draft, visit: Visit, billed_s: int) -> Iterator[Reason]:
    """Everything that speaks for or against the evidence."""
    for role, hand in enumerate(visit.hands):
        if hand.came is not None and hand.left is not None:
            yield _place_finding(draft, visit.begins_at(role), hand.came)
            if hand.left.at_s < hand.came.at_s:
                yield plain_reason("OUT_BEFORE_IN")
            yield from _clock_findings(hand.came)
            yield from _clock_findings(hand.left)
    for role, hand in enumerate(visit.hands):
        lead, need = visit.hands[0].came, visit.needs[role]
        if role and hand.came is not None and lead is not None and visit.trip is None:
            apart_s = hand.came.at_s - lead.at_s
            off_s = max(need.offset_min_s - apart_s, apart_s - need.offset_max_s)
            if off_s > CREW_APART_S:
                yield why("CREW_APART", apart_s=abs(apart_s))
    item = item_of(draft.desk, visit)
    if item is not None and billed_s < item.minimum_s:
        yield why("SERVICE_SHORT", short_s=item.minimum_s - billed_s)
    if visit.closed == "MISSED":
        yield plain_reason("REPORTED_MISSED")


def _clock_findings(seen: Evidence) -> Iterator[Reason]:
    if seen.at_s - seen.heard_s > AHEAD_S:
        yield why("CLOCK_IN_FUTURE", ahead_s=seen.at_s - seen.heard_s)
    elif seen.heard_s - seen.at_s > LATE_UPLOAD_S:
        yield why("UPLOADED_LATE", late_s=seen.heard_s - seen.at_s)


def _off_m(home: Place | None, seen: Evidence) -> int | None:
    """Metres between where the button was pressed and the home, where both are known."""
    return None if home is None or seen.place is None else round(distance_m(home, seen.place))


def _place_finding(draft: Draft, home: Place | None, seen: Evidence) -> Reason:
    """What an arrival proves of the place."""
    settings = draft.desk.settings
    radius_m, limit_m = (settings.position_radius_m, settings.accuracy_limit_m) if settings else (200, 100)
    if seen.mocked:
        return plain_reason("POSITION_MOCKED")
    if seen.method in (EvidenceMethod.BEACON, EvidenceMethod.RECIPIENT_CODE, EvidenceMethod.LANDLINE):
        return plain_reason("OTHER_PROOF")
    off_m = _off_m(home, seen)
    if off_m is None or seen.accuracy_m is None:
        return plain_reason("POSITION_MISSING")
    if seen.accuracy_m > limit_m:
        return why("POSITION_INEXACT", accuracy_m=seen.accuracy_m)
    if off_m > radius_m:
        return why("POSITION_FAR", distance_m=off_m)
    return why("POSITION_NEAR", distance_m=off_m)


def obstructed(draft: Draft, fact: VisitObstructed) -> Reason | None:
    """At the door but no service: the money is given back, somebody rings the recipient soon."""
    found = _theirs(draft, fact)
    if isinstance(found, Reason):
        return found
    visit, _ = found
    draft.take()
    draft.say(
        VisitObstructionNoted(
            visit_id=visit.visit_id, caregiver_id=fact.caregiver_id, obstruction=fact.reason
        )
    )
    draft.say(VisitExceptionRaised(visit_id=visit.visit_id, reasons=(plain_reason("OBSTRUCTED"),)))
    release(draft, visit.visit_id)
    call_back(draft, visit, "OBSTRUCTED", within_s=WELFARE_CALL_S)
    if fact.reason in (Obstruction.NOBODY_HOME, Obstruction.UNSAFE) or visit.case_id is not None:
        escalate(draft, Human.OPERATOR, "OBSTRUCTED", visit_id=visit.visit_id, case_id=visit.case_id)
    return None


def reported_missed(draft: Draft, fact: VisitReportedMissed) -> Reason | None:
    """A person says that nobody came: believed, unless somebody checked in."""
    visit = draft.desk.visits.get(fact.visit_id)
    if visit is None:
        return plain_reason("VISIT_UNKNOWN")
    if visit.closed not in (None, "DONE"):
        return plain_reason("VISIT_CLOSED")
    if visit.closed is None and not visit.started and visit.opens_s > draft.now_s:
        return plain_reason("NOT_DUE_YET")
    reason = plain_reason("REPORTED_MISSED")
    if visit.started:
        draft.say(VisitExceptionRaised(visit_id=visit.visit_id, reasons=(reason,)))
        return None
    miss(draft, visit.visit_id, reason)
    return None


def miss(draft: Draft, visit_id: str, reason: Reason) -> None:
    """A visit did not take place: money back, somebody rings, the shift lead knows."""
    release(draft, visit_id)
    visit = draft.desk.visits[visit_id]
    draft.say(VisitMissed(visit_id=visit_id, reason=reason))
    call_back(draft, visit, reason.code)
    escalate(draft, Human.SHIFT_LEAD, reason.code, visit_id=visit_id)


def feedback(draft: Draft, fact: FeedbackGiven) -> Reason | None:
    """Stars are for the records; one or two, or a complaint, need a person."""
    visit = draft.desk.visits.get(fact.visit_id)
    if visit is None:
        return plain_reason("VISIT_UNKNOWN")
    if fact.stars <= 2 or fact.complaints:
        call_back(draft, visit, "COMPLAINT")
    return None
