"""`liuzhu why VISIT`: how it came to be decided so, read from the journal, in Chinese and English."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone

from rich.console import Console
from sqlalchemy import Connection, Engine, select

from infra.trouble import Trouble
from schemas.base import Reason
from schemas.decisions import (
    AssignmentBound,
    AssignmentOffered,
    AssignmentWithdrawn,
    Candidate,
    CaseDispatched,
    Decision,
    PromiseMade,
    RequestAdmitted,
    RequestRefused,
    VisitPlanned,
    VisitPriced,
    VisitVerified,
)
from schemas.facts import CaregiverEnrolled
from schemas.reasons import SENTENCES, sentence
from schemas.rows import Row
from schemas.stops import MOST_MINUTES, unpacked
from schemas.tables import journal, people, places

CHINA = timezone(timedelta(hours=8))
ORIGINS = {
    "INSERTION": ("最省路的插入", "cheapest insertion"),
    "PLAN": ("全天排班", "the day's plan"),
    "OPERATOR": ("话务员指定", "chosen by the operator"),
    "EMERGENCY": ("助急就近", "nearest in an emergency"),
}
OTHERS_SHOWN = 8

Names = Mapping[str, str]
Enrolled = Mapping[str, int]


def run(*, engine: Engine, subject: str, everyone: bool = False) -> int:
    """Print the history of a visit, request or case; raises Trouble SUBJECT_UNKNOWN when there is none.

    With `everyone`, each choice also names all others of the area by what stopped them.
    """
    with engine.connect() as conn:
        rows = rows_about(conn, subject)
        names = names_in(conn)
        enrolled = {row.area: enrolled_in(conn, row.area) for row in rows} if everyone else {}
    if not rows:
        raise Trouble(
            "SUBJECT_UNKNOWN",
            f"日志里没有 {subject}。请核对服务单、请求或急救单的编号。",
            f"the journal knows no {subject}: check the id of the visit, request or case.",
        )
    console = Console(highlight=False, soft_wrap=True)
    for line in told(rows, subject, names, enrolled):
        console.print(line, markup=False)
    return 0


def rows_about(conn: Connection, subject: str) -> list[Row]:
    """Rows whose fact or decisions name the subject, or the visit made of it, in order."""
    wanted = {subject}
    for row in _rows_naming(conn, wanted):
        for decision in row.decisions:
            if isinstance(decision, RequestAdmitted) and subject in (decision.request_id, decision.visit_id):
                wanted |= {decision.request_id, decision.visit_id}
    return _rows_naming(conn, wanted)


def _rows_naming(conn: Connection, ids: set[str]) -> list[Row]:
    found: dict[tuple[str, int], Row] = {}
    for wanted in sorted(ids):
        asked = select(journal.c.area, journal.c.seq, journal.c.body).where(
            journal.c.body.contains(wanted, autoescape=True)
        )
        for area, seq, body in conn.execute(asked):
            found[area, seq] = Row.of_body(body.encode())
    return [found[key] for key in sorted(found)]


def enrolled_in(conn: Connection, area: str) -> Enrolled:
    """Caregivers of an area in the order of enrolment, each with the row of the first."""
    asked = (
        select(journal.c.seq, journal.c.body)
        .where(journal.c.area == area, journal.c.fact_word == "CaregiverEnrolled")
        .order_by(journal.c.seq)
    )
    first: dict[str, int] = {}
    for seq, body in conn.execute(asked):
        fact = Row.of_body(body.encode()).fact
        if isinstance(fact, CaregiverEnrolled):
            first.setdefault(fact.caregiver_id, seq)
    return first


def names_in(conn: Connection) -> Names:
    """Names of people, providers and places by id."""
    known = {row.person_id: row.name for row in conn.execute(select(people.c.person_id, people.c.name))}
    known |= {row.place_id: row.name_zh for row in conn.execute(select(places.c.place_id, places.c.name_zh))}
    return known


def told(
    rows: Sequence[Row], subject: str, names: Names, enrolled: Mapping[str, Enrolled] | None = None
) -> Iterator[str]:
    """The history as lines, each row under its number and city time; everyone is named where `enrolled`."""
    visits = {
        d.visit_id
        for row in rows
        for d in row.decisions
        if isinstance(d, RequestAdmitted) and subject in (d.request_id, d.visit_id)
    } | {subject}
    for row in rows:
        lines = []
        for decision in row.decisions:
            if _is_about(decision, visits):
                lines += [*_lines(decision, names), *_everyone(decision, row, names, enrolled or {})]
        if lines:
            yield f"{row.area}/{row.seq}  {_when(row.now)}  {row.fact.word}  (decider {row.decider})"
            yield from (f"    {line}" for line in lines)


def _everyone(decision: Decision, row: Row, names: Names, enrolled: Mapping[str, Enrolled]) -> Iterator[str]:
    """Everyone who was not chosen, a line for each rule."""
    if not isinstance(decision, VisitPlanned | CaseDispatched) or decision.stopped is None:
        return
    ids = [each for each, seq in enrolled.get(row.area, {}).items() if seq < row.seq]
    if len(ids) != len(decision.stopped.codes):
        return
    by_code: dict[str, list[str]] = {}
    for caregiver_id, stop in unpacked(decision.stopped.codes, decision.stopped.minutes, ids):
        more = f" {stop.minutes}{'+' if stop.minutes == MOST_MINUTES else ''} min" if stop.minutes else ""
        by_code.setdefault(stop.code, []).append(f"{_name(names, caregiver_id)}{more}")
    for code, people_told in by_code.items():
        rule = _both(Reason(code=code), names)
        yield f"  {code if '?' in rule else rule}: {'、'.join(people_told)}"  # how much stands with each name


def _is_about(decision: Decision, ids: set[str]) -> bool:
    named = {getattr(decision, field, None) for field in ("visit_id", "request_id", "case_id")}
    return bool(named & ids)


def _when(moment: datetime) -> str:
    return moment.astimezone(CHINA).strftime("%m-%d %H:%M:%S")


def _clock(moment: datetime) -> str:
    return moment.astimezone(CHINA).strftime("%H:%M")


def _both(reason: Reason, names: Names) -> str:
    if reason.code not in SENTENCES:
        return reason.code
    return f"{sentence(reason, 'zh', names)} / {sentence(reason, 'en', names)}"


def _name(names: Names, person_id: str) -> str:
    return names.get(person_id, person_id)


def _lines(decision: Decision, names: Names) -> Iterator[str]:
    teller = _TELLERS.get(type(decision))
    if teller is not None:
        yield from teller(decision, names)
    else:
        yield decision.word


def _admitted(decision: RequestAdmitted, names: Names) -> Iterator[str]:
    opens, closes = _clock(decision.window.opens_at), _clock(decision.window.closes_at)
    yield f"受理 / admitted: {_name(names, decision.recipient_id)}, {decision.item}, {opens}–{closes}"


def _refused(decision: RequestRefused, names: Names) -> Iterator[str]:
    yield "没有受理 / refused:"
    yield from (f"  {_both(reason, names)}" for reason in decision.reasons)
    if decision.nearest_miss is not None:
        miss = decision.nearest_miss
        yield f"  差得最少 / nearest miss: {_name(names, miss.caregiver_id)}, {_both(miss.reason, names)}"
    for tally in decision.not_offered:
        yield f"  {tally.count} × {_both(Reason(code=tally.code), names)}"
    for way in decision.relaxations:
        yield f"  可以 / way out: {way.kind} {way.shift_s // 60} min"


def _planned(decision: VisitPlanned, names: Names) -> Iterator[str]:
    zh, en = ORIGINS[decision.origin.value]
    engine = f", {decision.engine}" if decision.engine else ""
    who = "、".join(f"{_name(names, s.caregiver_id)} {_clock(s.start_at)}" for s in decision.stops)
    yield f"安排 / planned: {who}（{zh} / {en}{engine}）"
    yield from (f"  {_both(reason, names)}" for reason in decision.reasons)
    for rank, candidate in enumerate(decision.candidates, start=1):
        yield f"  {rank}. {_candidate(candidate, names)}"
    if decision.nearest_miss is not None:
        miss = decision.nearest_miss
        yield f"  差得最少 / nearest miss: {_name(names, miss.caregiver_id)}, {_both(miss.reason, names)}"
    for other in decision.not_offered[:OTHERS_SHOWN]:
        yield f"  不派 / not offered: {_name(names, other.caregiver_id)}, {_both(other.reason, names)}"
    counts = ", ".join(f"{tally.code} {tally.count}" for tally in decision.tallies)
    if counts:
        yield f"  全部未派 / all not offered: {sum(t.count for t in decision.tallies)}; {counts}"


def _candidate(candidate: Candidate, names: Names) -> str:
    who = "、".join(_name(names, person) for person in candidate.caregiver_ids)
    opens, closes = _clock(candidate.told.opens_at), _clock(candidate.told.closes_at)
    why = "; ".join(_both(reason, names) for reason in candidate.reasons)
    return (
        f"{who}  {opens}–{closes}  +{candidate.added_travel_s // 60} min  "
        f"{candidate.copay_fen / 100:.2f} 元 / yuan  {why}"
    )


def _promised(decision: PromiseMade, names: Names) -> Iterator[str]:
    opens, closes = _clock(decision.told.opens_at), _clock(decision.told.closes_at)
    who = "、".join(_name(names, c) for c in decision.caregiver_ids) or _name(names, decision.provider_id)
    changed = "（有变 / changed）" if decision.changed else ""
    yield f"告知 / told: {who}, {opens}–{closes}{changed}"


def _offered(decision: AssignmentOffered, names: Names) -> Iterator[str]:
    zh, en = ORIGINS[decision.origin.value]
    yield f"邀约 / offered: {_name(names, decision.caregiver_id)} → {decision.to}（{zh} / {en}）"


def _bound(decision: AssignmentBound, names: Names) -> Iterator[str]:
    zh, en = ORIGINS[decision.origin.value]
    who = _name(names, decision.caregiver_id)
    yield f"派定 / bound: {who} {_clock(decision.start_at)}, {decision.accepted_by}（{zh} / {en}）"


def _withdrawn(decision: AssignmentWithdrawn, names: Names) -> Iterator[str]:
    yield f"撤回 / withdrawn: {_name(names, decision.caregiver_id)}, {_both(decision.reason, names)}"


def _dispatched(decision: CaseDispatched, names: Names) -> Iterator[str]:
    who = _name(names, decision.caregiver_id)
    yield f"助急派出 / emergency, sent: {who}, {_clock(decision.arrive_at)}"
    for rank, one in enumerate(decision.ranked, start=1):
        yield f"  {rank}. {_name(names, one.caregiver_id)} {_clock(one.arrive_at)}"


def _verified(decision: VisitVerified, names: Names) -> Iterator[str]:
    yield f"核实 / verified: {decision.grade.value}, {decision.billed_s // 60} min"
    yield from (f"  {_both(reason, names)}" for reason in decision.findings)


def _priced(decision: VisitPriced, names: Names) -> Iterator[str]:
    shares = ", ".join(f"{share.payer.value} {share.amount_fen / 100:.2f}" for share in decision.shares)
    yield f"计价 / priced: {decision.total_fen / 100:.2f} 元 / yuan: {shares}"
    for step in decision.steps:
        yield f"  {_both(Reason(code=step.code, numbers=step.numbers, refs=step.refs), names)}"


_TELLERS: dict[type, Callable[..., Iterator[str]]] = {
    RequestAdmitted: _admitted,
    RequestRefused: _refused,
    VisitPlanned: _planned,
    PromiseMade: _promised,
    AssignmentOffered: _offered,
    AssignmentBound: _bound,
    AssignmentWithdrawn: _withdrawn,
    CaseDispatched: _dispatched,
    VisitVerified: _verified,
    VisitPriced: _priced,
}
