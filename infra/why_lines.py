"""Each decision as a person reads it, in Chinese and English, with names."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone

from schemas.base import Reason, StartWindow
from schemas.decisions import (
    AssignmentBound,
    AssignmentOffered,
    AssignmentWithdrawn,
    CallBackOpened,
    Candidate,
    CaseDispatched,
    Decision,
    HelpEscalated,
    NotOffered,
    PromiseMade,
    Relaxation,
    RequestAdmitted,
    RequestRefused,
    VisitPlanned,
    VisitPriced,
    VisitUnplanned,
    VisitVerified,
)
from schemas.reasons import SENTENCES, sentence
from schemas.shapes import Tally
from schemas.weighed import bare, known_there, moved_for_it, way_out

CHINA = timezone(timedelta(hours=8))
ORIGINS = {
    "INSERTION": ("最省路的插入", "cheapest insertion"),
    "PLAN": ("全天排班", "the day's plan"),
    "OPERATOR": ("话务员指定", "chosen by the operator"),
    "EMERGENCY": ("助急就近", "nearest in an emergency"),
}
HOMELESS = frozenset(
    {"PRE_EMPTED", "LAPSED", "DECLINED", "RUNS_LATE", "SHIFT_WITHDRAWN", "CAREGIVER_GONE", "NOT_DELIVERED"}
)
"""Reasons for which a visit that had somebody is given to somebody else."""
OTHERS_SHOWN = 8

Names = Mapping[str, str]


def lines_of(decision: Decision, names: Names) -> Iterator[str]:
    """A decision in a few lines; one that needs no more words, its own."""
    teller = _TELLERS.get(type(decision))
    if teller is not None:
        yield from teller(decision, names)
    else:
        yield decision.word


def clock_of(moment: datetime) -> str:
    """Hour and minute in the city."""
    return moment.astimezone(CHINA).strftime("%H:%M")


def both(reason: Reason, names: Names) -> str:
    """A reason in both languages."""
    if reason.code not in SENTENCES:
        return reason.code
    return f"{sentence(reason, 'zh', names)} / {sentence(reason, 'en', names)}"


def name_of(names: Names, an_id: str) -> str:
    """What an id is called; the id where nobody knows."""
    return names.get(an_id, an_id)


def _joined(names: Names, ids: Sequence[str]) -> str:
    return "、".join(name_of(names, each) for each in dict.fromkeys(ids))


def _span(told: StartWindow) -> str:
    return f"{clock_of(told.opens_at)}–{clock_of(told.closes_at)}"


def _admitted(decision: RequestAdmitted, names: Names) -> Iterator[str]:
    who = name_of(names, decision.recipient_id)
    yield f"受理 / admitted: {who}, {decision.item}, {_span(decision.window)}"
    if decision.meal is not None:
        kitchen, minutes = name_of(names, decision.meal.kitchen.place_id), decision.meal.fresh_s // 60
        yield f"  食堂 / kitchen: {kitchen}; 离开食堂 {minutes} 分钟内送到 / at the door within {minutes} min"


def _refused(decision: RequestRefused, names: Names) -> Iterator[str]:
    yield "没有受理 / refused:"
    yield from (f"  {both(reason, names)}" for reason in decision.reasons)
    yield from _others(decision.nearest_miss, decision.named or (), decision.not_offered, names)
    yield from _ways(decision.relaxations, names)


def _unplanned(decision: VisitUnplanned, names: Names) -> Iterator[str]:
    yield f"没有人了 / nobody has it: {both(decision.reason, names)}"
    yield from _others(None, decision.named or (), decision.tallies or (), names)
    yield from _ways(decision.relaxations or (), names)


def _ways(ways: Sequence[Relaxation], names: Names) -> Iterator[str]:
    """The ways out, cheapest first."""
    for rank, way in enumerate(ways, start=1):
        who = f", {_joined(names, way.caregiver_ids)}" if way.caregiver_ids else ""
        when = f" {clock_of(way.start_at)}" if way.start_at is not None else ""
        yield f"  办法 / way out {rank}: {both(way_out(way), names)}{who}{when}"


def _others(
    nearest: NotOffered | None, named: Sequence[NotOffered], tallies: Sequence[Tally], names: Names
) -> Iterator[str]:
    """What stopped everyone else."""
    if nearest is not None:
        who = name_of(names, nearest.caregiver_id)
        yield f"  差得最少 / nearest miss: {who}, {both(nearest.reason, names)}"
    for other in named[:OTHERS_SHOWN]:
        yield f"  不派 / not offered: {name_of(names, other.caregiver_id)}, {both(other.reason, names)}"
    counts = "; ".join(f"{both(bare(tally.code), names)} {tally.count}" for tally in tallies)
    if counts:
        yield f"  全部未派 / all not offered: {sum(t.count for t in tallies)}; {counts}"


def _planned(decision: VisitPlanned, names: Names) -> Iterator[str]:
    zh, en = ORIGINS[decision.origin.value]
    if any(reason.code in HOMELESS for reason in decision.reasons):
        zh, en = "改派", "a new home"
    engine = f", {decision.engine}" if decision.engine else ""
    who = "、".join(f"{name_of(names, s.caregiver_id)} {clock_of(s.start_at)}" for s in decision.stops)
    yield f"安排 / planned: {who}（{zh} / {en}{engine}）"
    yield from (f"  {both(reason, names)}" for reason in decision.reasons)
    for rank, candidate in enumerate(decision.candidates, start=1):
        yield f"  {rank}. {_candidate(candidate, names)}"
        reasons = (*known_there(candidate), *moved_for_it(candidate))
        yield from (f"     {both(reason, names)}" for reason in reasons)
    yield from _others(decision.nearest_miss, decision.not_offered, decision.tallies, names)


def _candidate(candidate: Candidate, names: Names) -> str:
    why = "; ".join(both(reason, names) for reason in candidate.reasons)
    copay = f"自己付 {candidate.copay_fen / 100:.2f} 元 / co-pay {candidate.copay_fen / 100:.2f} yuan"
    return (
        f"{_joined(names, candidate.caregiver_ids)}  {_span(candidate.told)}  "
        f"+{-(-candidate.added_travel_s // 60)} min  {copay}  {why}"
    )


def _promised(decision: PromiseMade, names: Names) -> Iterator[str]:
    who = _joined(names, decision.caregiver_ids) or name_of(names, decision.provider_id)
    changed = "（有变 / changed）" if decision.changed else ""
    yield f"告知 / told: {who}, {_span(decision.told)}{changed}"
    if decision.basis is not None:
        yield f"  {both(decision.basis, names)}"


def _offered(decision: AssignmentOffered, names: Names) -> Iterator[str]:
    zh, en = ORIGINS[decision.origin.value]
    yield f"邀约 / offered: {name_of(names, decision.caregiver_id)} → {decision.to}（{zh} / {en}）"


def _bound(decision: AssignmentBound, names: Names) -> Iterator[str]:
    zh, en = ORIGINS[decision.origin.value]
    who = name_of(names, decision.caregiver_id)
    yield f"派定 / bound: {who} {clock_of(decision.start_at)}, {decision.accepted_by}（{zh} / {en}）"


def _withdrawn(decision: AssignmentWithdrawn, names: Names) -> Iterator[str]:
    yield f"撤回 / withdrawn: {name_of(names, decision.caregiver_id)}, {both(decision.reason, names)}"


def _escalated(decision: HelpEscalated, names: Names) -> Iterator[str]:
    yield f"转人工 / handed to {decision.to.value}: {both(decision.reason, names)}"


def _call_owed(decision: CallBackOpened, names: Names) -> Iterator[str]:
    by = clock_of(decision.due_at)
    yield f"待回电 / a call is owed by {decision.owner.value}, {by}: {both(decision.reason, names)}"


def _dispatched(decision: CaseDispatched, names: Names) -> Iterator[str]:
    who = name_of(names, decision.caregiver_id)
    yield f"助急派出 / emergency, sent: {who}, {clock_of(decision.arrive_at)}"
    for rank, one in enumerate(decision.ranked[:OTHERS_SHOWN], start=1):
        near = both(Reason(code="ARRIVES_IN", numbers={"travel_s": one.travel_s}), names)
        yield f"  {rank}. {name_of(names, one.caregiver_id)} {clock_of(one.arrive_at)}  {near}"
        for visit_id in one.displaced_visit_ids:
            yield f"     {both(Reason(code='LOSES_VISIT', refs={'visit_id': visit_id}), names)}"
    yield from _others(None, decision.not_offered, decision.tallies, names)


def _verified(decision: VisitVerified, names: Names) -> Iterator[str]:
    yield f"核实 / verified: {decision.grade.value}, {decision.billed_s // 60} min"
    yield from (f"  {both(reason, names)}" for reason in decision.findings)


def _priced(decision: VisitPriced, names: Names) -> Iterator[str]:
    shares = ", ".join(f"{share.payer.value} {share.amount_fen / 100:.2f}" for share in decision.shares)
    yield f"计价 / priced: {decision.total_fen / 100:.2f} 元 / yuan: {shares}"
    for step in decision.steps:
        yield f"  {both(Reason(code=step.code, numbers=step.numbers, refs=step.refs), names)}"


_TELLERS: dict[type, Callable[..., Iterator[str]]] = {
    RequestAdmitted: _admitted,
    RequestRefused: _refused,
    VisitPlanned: _planned,
    VisitUnplanned: _unplanned,
    PromiseMade: _promised,
    AssignmentOffered: _offered,
    AssignmentBound: _bound,
    AssignmentWithdrawn: _withdrawn,
    HelpEscalated: _escalated,
    CallBackOpened: _call_owed,
    CaseDispatched: _dispatched,
    VisitVerified: _verified,
    VisitPriced: _priced,
}
