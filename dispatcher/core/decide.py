"""The door: `decide(desk, fact, now)`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from dispatcher.core import (
    admit,
    alarms,
    evidence,
    forget,
    known,
    moves,
    offers,
    plan_adopt,
    rehome,
    time_passed,
)
from dispatcher.core.desk import Desk
from dispatcher.core.draft import Draft
from dispatcher.core.eligible import plain_reason
from dispatcher.core.times import to_s
from schemas.base import Reason
from schemas.decisions import Decision, FactSetAside
from schemas.facts import AssignmentDeclined, Fact, ProviderEnrolled, TimePassed

DECIDER = 4
"""Version of the rules. Rows of another version are folded, not decided again."""

Rule = Callable[[Draft, Any], Reason | None]


def decide(desk: Desk, fact: Fact, now: datetime) -> tuple[Decision, ...]:
    """What follows from `fact` at `now` (city time); the desk stays as it was.

    A fact that cannot hold gives one FactSetAside (or RequestRefused) and nothing else. The same desk, fact
    and now always give the same decisions, to the byte.
    """
    now_s = to_s(now)
    if isinstance(fact, TimePassed) and not time_passed.anything_due(desk, fact, now_s):
        return ()
    rule = _RULES.get(fact.word)
    if rule is None:
        return ()
    if fact.area != desk.area:
        return (FactSetAside(reasons=(plain_reason("AREA_UNKNOWN"),)),)
    if fact.word not in _REGISTERS:
        desk.board.ready(desk)
    draft = Draft(desk, fact, now_s)
    refused = rule(draft, fact)
    if refused is not None:
        return (FactSetAside(reasons=(refused,)),)
    return tuple(draft.decisions)


def _plain(rule: Callable[[Draft, Any], None]) -> Rule:
    """A rule that refuses nothing."""

    def never(draft: Draft, fact: Any) -> None:
        rule(draft, fact)

    return never


def _provider(draft: Draft, fact: ProviderEnrolled) -> Reason | None:
    """A provider that stops hands back what its caregivers still have to do."""
    before = draft.desk.providers.get(fact.provider_id)
    draft.take()
    if before is not None and before.active and not fact.active:
        for carer in list(draft.desk.caregivers.values()):
            if carer.provider_id == fact.provider_id:
                for shift_id in draft.desk.shifts_of.get(carer.caregiver_id, ()):
                    known.clear_shift(draft, shift_id, "CAREGIVER_GONE", since_s=None)
    return None


def _declined(draft: Draft, fact: AssignmentDeclined) -> Reason | None:
    """A no: of a case, the next responder; else the next who can keep the promise."""
    found = offers.open_offer(draft, fact.offer_id)
    if isinstance(found, Reason):
        return found
    draft.take()
    if found.case_id is not None:
        alarms.case_lapsed(draft, found)
    else:
        rehome.after_no(draft, found, plain_reason("DECLINED"))
    return None


_REGISTERS = frozenset(
    {
        "AreaOpened",
        "ProviderEnrolled",
        "CaregiverEnrolled",
        "ShiftPublished",
        "RecipientEnrolled",
        "TariffPublished",
    }
)
"""Facts that seldom need the board: it is made ready when one does."""

_RULES: dict[str, Rule] = {
    "ProviderEnrolled": _provider,
    "CaregiverEnrolled": known.caregiver,
    "ShiftPublished": known.shift,
    "RecipientEnrolled": known.recipient,
    "EntitlementGranted": known.entitlement,
    "TravelTablePublished": known.table,
    "ServiceRequested": admit.requested,
    "RequestMoved": moves.moved,
    "RequestCancelled": moves.cancelled,
    "CallBackDone": moves.called_back,
    "OfferDelivered": offers.delivered,
    "AssignmentAccepted": offers.accepted,
    "AssignmentDeclined": _declined,
    "CaregiverDeparted": evidence.departed,
    "CaregiverCheckedIn": evidence.checked_in,
    "CaregiverCheckedOut": evidence.checked_out,
    "VisitObstructed": evidence.obstructed,
    "VisitReportedMissed": evidence.reported_missed,
    "FeedbackGiven": evidence.feedback,
    "AlarmRaised": _plain(alarms.raised),
    "CaseAnswered": alarms.answered,
    "ResponderChosen": alarms.chosen,
    "CaseNoticeAnswered": alarms.noticed,
    "CaseCloseAsked": alarms.close_asked,
    "PlanProposed": _plain(plan_adopt.proposed),
    "PersonForgotten": _plain(forget.forgotten),
    "TimePassed": _plain(time_passed.passed),
}
