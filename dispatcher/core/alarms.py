"""Emergencies. An alarm is never refused, whoever it is for.

A fall, smoke, or an operator's word sends help at once; a button or a silent home is called back first,
and no answer within a minute counts as real. Help is the responder who is there soonest and leaves the
fewest without anybody, among those within three minutes of the first.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from dispatcher.core.candidates import not_offered
from dispatcher.core.desk import Desk
from dispatcher.core.draft import Draft, why
from dispatcher.core.eligible import plain_reason
from dispatcher.core.funding import tariff_on
from dispatcher.core.moves import cancel
from dispatcher.core.offers import escalate, offer, withdraw
from dispatcher.core.placing import say_shifted, wish_for
from dispatcher.core.records import Case, Offer, Visit
from dispatcher.core.rehome import rehome
from dispatcher.core.responders import Responder, rank
from dispatcher.core.stops import Stops
from dispatcher.core.times import at, window
from schemas.base import Reason
from schemas.codes import AlarmKind, AlarmRule, CallBackOutcome, CloseProof, HelpKind, Human, Origin
from schemas.decisions import (
    AreaTold,
    CallBackClosed,
    CallBackOpened,
    CaseClosed,
    CaseDispatched,
    CaseNoticeRecorded,
    CaseOpened,
    CasePressedAgain,
    NotOffered,
    RequestAdmitted,
    ResponderRanked,
    VisitPlanned,
)
from schemas.facts import (
    AlarmRaised,
    CaseAnswered,
    CaseCloseAsked,
    CaseNoticeAnswered,
    ResponderChosen,
)
from schemas.shapes import PlannedStop, StoppedAll, Tally

NEAR_FIRST_S = 180
TRIED = 5
MOST = 1 << 30
"""More visits than anybody could leave without a caregiver."""
CALL_BACK_S, DELIVER_S = 60, 20
"""Where an area has not been opened yet."""
RESPONSE_S = 3_600
"""A responder's visit may begin until so long after the alarm."""
RULES = {
    AlarmKind.BUTTON: AlarmRule.CALL_BACK,
    AlarmKind.INACTIVITY: AlarmRule.CALL_BACK,
    AlarmKind.FALL: AlarmRule.AT_ONCE,
    AlarmKind.SMOKE: AlarmRule.AT_ONCE,
    AlarmKind.OPERATOR: AlarmRule.AT_ONCE,
}


def _call_back_s(desk: Desk) -> int:
    return desk.settings.case_call_back_s if desk.settings is not None else CALL_BACK_S


RESPONSE_ITEM = "EMERGENCY_RESPONSE"
NOBODY = "unknown"
"""Stands for the person where nobody knows yet who it is."""


def raised(draft: Draft, fact: AlarmRaised) -> None:
    """A new case, or one that is pressed again. A desk that asks for help has called back already."""
    rule = AlarmRule.AT_ONCE if fact.for_case_id is not None else RULES[fact.kind]
    case = _same(draft.desk, fact)
    if case is not None:
        draft.say(CasePressedAgain(case_id=case.case_id, times=case.times + 1))
        if rule is AlarmRule.AT_ONCE and case.state == "OPEN":
            send_help(draft, case.case_id)
        return
    case_id = fact.case_id if fact.case_id not in draft.desk.cases else draft.new_id()
    reason = plain_reason("ALARM_AT_ONCE" if rule is AlarmRule.AT_ONCE else "ALARM_CALL_BACK")
    draft.say(
        CaseOpened(case_id=case_id, recipient_id=fact.recipient_id, kind=fact.kind, rule=rule, reason=reason)
    )
    if rule is AlarmRule.AT_ONCE:
        send_help(draft, case_id)
    else:
        draft.say(
            CallBackOpened(
                callback_id=draft.new_id(),
                recipient_id=fact.recipient_id,
                visit_id=None,
                owner=Human.OPERATOR,
                reason=why("ALARM_CALL_BACK", refs={"case_id": case_id}),
                due_at=at(draft.now_s + _call_back_s(draft.desk)),
            )
        )


def _same(desk: Desk, fact: AlarmRaised) -> Case | None:
    """An open case of the same id, person or device."""
    for case_id in desk.open_cases:
        case = desk.cases[case_id]
        if case_id == fact.case_id:
            return case
        if fact.recipient_id is not None and case.recipient_id == fact.recipient_id:
            return case
        if fact.recipient_id is None and fact.device_id is not None and case.device_id == fact.device_id:
            return case
    return None


def _open_case(draft: Draft, case_id: str) -> Case | Reason:
    case = draft.desk.cases.get(case_id)
    if case is None:
        return plain_reason("CASE_UNKNOWN")
    return case if case.state != "CLOSED" else plain_reason("CASE_OVER")


def answered(draft: Draft, fact: CaseAnswered) -> Reason | None:
    """What the call back brought: real, or nobody answered, sends help; a voice that says false closes."""
    case = _open_case(draft, fact.case_id)
    if isinstance(case, Reason):
        return case
    _close_call(draft, case, fact.outcome.value)
    if fact.outcome is CallBackOutcome.FALSE:
        close(draft, case, CloseProof.VOICE)
    elif case.state == "OPEN":
        send_help(draft, case.case_id)
    return None


def unanswered(draft: Draft, case_id: str) -> None:
    """The minute is over without a word: real."""
    case = draft.desk.cases.get(case_id)
    if case is None or case.state != "OPEN":
        return
    _close_call(draft, case, CallBackOutcome.NO_ANSWER.value)
    send_help(draft, case_id)


def _close_call(draft: Draft, case: Case, outcome: str) -> None:
    call = draft.desk.callbacks.get(case.callback_id or "")
    if call is not None and call.open:
        draft.say(CallBackClosed(callback_id=call.callback_id, outcome=outcome))


def send_help(draft: Draft, case_id: str) -> None:
    """Ask the responder who is best; where nobody can be found, an operator by name, and the neighbours."""
    case = draft.desk.cases[case_id]
    if case.place is None or draft.desk.settings is None:
        _nobody_to_send(draft, case, "UNKNOWN_PERSON" if draft.desk.settings is not None else "AREA_NOT_OPEN")
        return
    visit_id = case.visit_id or draft.new_id()
    trial = draft.branch()
    if case.visit_id is None:
        trial.say(_admission(trial.desk, case, visit_id, draft.now_s))
    visit = trial.desk.visits[visit_id]
    ranked, stopped = rank(trial.desk, visit, draft.now_s, case.asked)
    if not ranked:
        _nobody_to_send(draft, case, "NO_RESPONDER")
        return
    near = [r for r in ranked if r.arrive_s <= ranked[0].arrive_s + NEAR_FIRST_S][:TRIED]
    draft.absorb(_best(trial, visit, near, _told(trial, visit, ranked, stopped)))


def _nobody_to_send(draft: Draft, case: Case, code: str) -> None:
    """An operator by name, and the neighbours, each once. Whoever was asked leaves both to who asked."""
    settings = draft.desk.settings
    if case.for_area is not None and case.state == "OPEN":
        return
    escalate(draft, Human.OPERATOR, code, case_id=case.case_id, visit_id=case.visit_id)
    if case.told or case.for_area is not None or settings is None:
        return
    person = draft.desk.recipients.get(case.recipient_id or "")
    for area in settings.neighbours:
        told = AlarmRaised(
            **_to_neighbour(draft, area),
            case_id=draft.new_id(),
            for_case_id=case.case_id,
            kind=case.kind,
            recipient_id=case.recipient_id,
            device_id=case.device_id,
            place=draft.fact.place if isinstance(draft.fact, AlarmRaised) else None,
            sealed=person.sealed if person is not None else None,
        )
        draft.say(AreaTold(to_area=area, fact=told))


def _to_neighbour(draft: Draft, area: str) -> dict[str, Any]:
    by = draft.fact.by.model_copy(update={"role": "DESK", "id": draft.desk.area})
    return {"fact_id": draft.new_id(), "area": area, "said_at": at(draft.now_s), "by": by}


def _admission(desk: Desk, case: Case, visit_id: str, now_s: int) -> RequestAdmitted:
    """The response as a visit, so that it is proven and billed like any other."""
    tariff = tariff_on(desk, now_s)
    items = tariff.items if tariff is not None else {}
    others = [i.code for i in items.values() if i.help is HelpKind.EMERGENCY]
    code = RESPONSE_ITEM if RESPONSE_ITEM in items or not others else others[0]
    return RequestAdmitted(
        request_id=case.case_id,
        visit_id=visit_id,
        recipient_id=case.recipient_id or NOBODY,
        item=code,
        help=HelpKind.EMERGENCY,
        tariff_id=tariff.tariff_id if tariff is not None else "none",
        window=window(now_s, now_s + RESPONSE_S),
        crew=1,
    )


@dataclass(frozen=True)
class _Told:
    """What is said of everybody, whoever is sent."""

    ranked: tuple[ResponderRanked, ...]
    not_offered: tuple[NotOffered, ...]
    tallies: tuple[Tally, ...]
    stopped: StoppedAll


def _told(draft: Draft, visit: Visit, ranked: list[Responder], stopped: Stops) -> _Told:
    return _Told(
        ranked=tuple(
            ResponderRanked(
                caregiver_id=r.caregiver_id,
                arrive_at=at(r.arrive_s),
                travel_s=r.travel_s,
                displaced_visit_ids=r.displaced,
            )
            for r in ranked
        ),
        not_offered=not_offered(draft.desk, wish_for(draft.desk, visit, draft.now_s), stopped),
        tallies=stopped.tallies(),
        stopped=stopped.packed(),
    )


def _best(trial: Draft, visit: Visit, near: list[Responder], told: _Told) -> Draft:
    """Try each who is near; the fewest left without anybody, then the earliest there.

    They are tried as they would arrive: one who is later must leave fewer without anybody.
    """
    best, fewest = trial, MOST
    for responder in near:
        branch = trial.branch()
        lost = _take(branch, visit, responder, told, below=fewest)
        if lost < fewest:
            best, fewest = branch, lost
        if fewest == 0:
            break
    return best


def _take(draft: Draft, visit: Visit, responder: Responder, told: _Told, below: int = MOST) -> int:
    """Send this one: rank, ask, keep or re-home what stands behind. Returns how many have nobody.

    Gives up, with the draft half done, where they are not fewer than `below`.
    """
    assert visit.case_id is not None
    draft.say(
        CaseDispatched(
            case_id=visit.case_id,
            visit_id=visit.visit_id,
            caregiver_id=responder.caregiver_id,
            arrive_at=at(responder.arrive_s),
            ranked=told.ranked,
            not_offered=told.not_offered,
            tallies=told.tallies,
            stopped=told.stopped,
        )
    )
    stop = PlannedStop(
        role=0,
        caregiver_id=responder.caregiver_id,
        start_at=at(responder.arrive_s),
        travel_s=responder.travel_s,
    )
    reason = why("NEAREST", travel_s=responder.travel_s)
    draft.say(
        VisitPlanned(visit_id=visit.visit_id, stops=(stop,), origin=Origin.EMERGENCY, reasons=(reason,))
    )
    for other_id, later in responder.kept:
        say_shifted(draft, other_id, later)
    lost = 0
    for other_id in _tightest(draft.desk, responder.displaced):
        lost += not _displace(draft, other_id)
        if lost >= below:
            return lost
    settings = draft.desk.settings
    deliver_s = settings.case_deliver_by_s if settings is not None else DELIVER_S
    offer(draft, visit.visit_id, 0, "CAREGIVER", Origin.EMERGENCY, deliver_s=deliver_s)
    return lost


def _tightest(desk: Desk, visit_ids: tuple[str, ...]) -> list[str]:
    """Those with the least room to start first."""
    return sorted(visit_ids, key=lambda v: (_ends_s(desk.visits[v]), v))


def _ends_s(visit: Visit) -> int:
    return visit.told[1] if visit.told is not None else visit.closes_s


def _displace(draft: Draft, visit_id: str) -> bool:
    return rehome(draft, visit_id, plain_reason("PRE_EMPTED"), Origin.EMERGENCY, others_move=False)


def case_lapsed(draft: Draft, found: Offer) -> None:
    """The one asked did not answer or said no: the next, at once."""
    visit = draft.desk.visits[found.visit_id]
    withdraw(draft, visit, found.role, plain_reason("LAPSED"))
    assert found.case_id is not None
    if draft.desk.cases[found.case_id].state != "CLOSED":
        send_help(draft, found.case_id)


def chosen(draft: Draft, fact: ResponderChosen) -> Reason | None:
    """The operator sends somebody: whoever was asked before is let go."""
    case = _open_case(draft, fact.case_id)
    if isinstance(case, Reason):
        return case
    if fact.caregiver_id not in draft.desk.caregivers:
        return plain_reason("CAREGIVER_UNKNOWN")
    if draft.desk.settings is None:
        return plain_reason("AREA_NOT_OPEN")
    trial = draft.branch()
    visit_id = case.visit_id or trial.new_id()
    if case.visit_id is None:
        trial.say(_admission(trial.desk, case, visit_id, draft.now_s))
    else:
        release_responder(trial, visit_id)
    visit = trial.desk.visits[visit_id]
    if visit.closed is not None or visit.started:
        return plain_reason("VISIT_STARTED")
    anyone = replace(visit, needs=(replace(visit.needs[0], skills=()),), certificates=(), refused=())
    ranked, stopped = rank(trial.desk, anyone, draft.now_s, (), only=fact.caregiver_id)
    if not ranked:
        return plain_reason(stopped[fact.caregiver_id].code)
    _close_call(trial, case, CallBackOutcome.REAL.value)
    _take(trial, visit, ranked[0], _told(trial, visit, ranked, stopped))
    draft.absorb(trial)
    return None


def release_responder(draft: Draft, visit_id: str) -> None:
    """Take the case's visit off whoever has it, unless they are there already."""
    visit = draft.desk.visits[visit_id]
    if not visit.started:
        withdraw(draft, visit, 0, plain_reason("PLAN_CHANGED"))


def noticed(draft: Draft, fact: CaseNoticeAnswered) -> Reason | None:
    """120, the family, the station or a neighbour answered."""
    case = draft.desk.cases.get(fact.case_id)
    if case is None:
        return plain_reason("CASE_UNKNOWN")
    draft.say(CaseNoticeRecorded(case_id=fact.case_id, party=fact.party, answer=fact.answer))
    return None


def close_asked(draft: Draft, fact: CaseCloseAsked) -> Reason | None:
    """Somebody heard the person's voice or stood before them."""
    case = _open_case(draft, fact.case_id)
    if isinstance(case, Reason):
        return case
    _close_call(draft, case, CallBackOutcome.REAL.value)
    close(draft, case, fact.proof)
    return None


def close(draft: Draft, case: Case, proof: CloseProof) -> None:
    """The case is over; a responder not yet there need not go on, nor do neighbours that were asked."""
    visit = draft.desk.visits.get(case.visit_id or "")
    if visit is not None and visit.closed is None and not visit.started:
        cancel(draft, visit.visit_id, plain_reason("CASE_OVER"))
    draft.say(CaseClosed(case_id=case.case_id, proof=proof))
    for area, case_id in case.told:
        over = CaseCloseAsked(**_to_neighbour(draft, area), case_id=case_id, proof=proof)
        draft.say(AreaTold(to_area=area, fact=over))
