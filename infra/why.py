"""`liuzhu why VISIT`: how it came to be decided so, read from the journal, in Chinese and English."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from rich.console import Console
from sqlalchemy import Connection, Engine, select

from infra.trouble import Trouble
from infra.why_lines import CHINA, Names, both, lines_of, name_of
from schemas.decisions import (
    CaseDispatched,
    Decision,
    FactSetAside,
    RequestAdmitted,
    RequestRefused,
    VisitPlanned,
    VisitUnplanned,
)
from schemas.facts import CaregiverEnrolled
from schemas.rows import Row
from schemas.stops import MOST_MINUTES, unpacked
from schemas.tables import journal, people, places
from schemas.tables_derived import visits as visits_table
from schemas.weighed import bare

Enrolled = Mapping[str, int]


def run(*, engine: Engine, subject: str, everyone: bool = False) -> int:
    """Print the history of a visit, request or case; raises Trouble SUBJECT_UNKNOWN when there is none.

    With `everyone`, each choice also names all others of the area by what stopped them.
    """
    with engine.connect() as conn:
        rows = rows_about(conn, subject)
        names = names_in(conn, visits_beside(rows))
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
        row = Row.of_body(body.encode())
        aside = any(isinstance(decision, FactSetAside) for decision in row.decisions)
        if isinstance(row.fact, CaregiverEnrolled) and not aside:
            first.setdefault(row.fact.caregiver_id, seq)
    return first


def visits_beside(rows: Sequence[Row]) -> set[str]:
    """Other visits that were moved or given up for this one, or that it made room for."""
    found: set[str] = set()
    for row in rows:
        for decision in row.decisions:
            if isinstance(decision, VisitPlanned):
                found |= {other.visit_id for one in decision.candidates for other in one.moved or ()}
                found |= {reason.refs["visit_id"] for reason in decision.reasons if "visit_id" in reason.refs}
            elif isinstance(decision, CaseDispatched):
                found |= {visit_id for one in decision.ranked for visit_id in one.displaced_visit_ids}
    return found


def names_in(conn: Connection, visit_ids: set[str]) -> Names:
    """Names of people, providers and places by id; of visits, whom they are for."""
    known = {row.person_id: row.name for row in conn.execute(select(people.c.person_id, people.c.name))}
    known |= {row.place_id: row.name_zh for row in conn.execute(select(places.c.place_id, places.c.name_zh))}
    asked = select(visits_table.c.visit_id, visits_table.c.recipient_id).where(
        visits_table.c.visit_id.in_(sorted(visit_ids))
    )
    for visit_id, recipient_id in conn.execute(asked):
        known[visit_id] = known.get(recipient_id, visit_id)
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
                lines += [*lines_of(decision, names), *_everyone(decision, row, names, enrolled or {})]
        if lines:
            yield f"{row.area}/{row.seq}  {_when(row.now)}  {row.fact.word}  (decider {row.decider})"
            yield from (f"    {line}" for line in lines)


def _everyone(decision: Decision, row: Row, names: Names, enrolled: Mapping[str, Enrolled]) -> Iterator[str]:
    """Everyone who was not chosen, a line for each rule; if they cannot be matched, that, and what to do."""
    if not isinstance(decision, VisitPlanned | VisitUnplanned | CaseDispatched | RequestRefused):
        return
    if row.area not in enrolled or decision.stopped is None:
        return
    ids = [each for each, seq in enrolled[row.area].items() if seq < row.seq]
    held = len(decision.stopped.codes)
    if len(ids) != held:
        yield f"  对不上人：这一行有 {held} 人，登记了 {len(ids)} 人；请运行 liuzhu verify 核对日志"
        yield f"  cannot be matched: {held} in this row, {len(ids)} enrolled; run `liuzhu verify` on it"
        return
    by_code: dict[str, list[str]] = {}
    for caregiver_id, stop in unpacked(decision.stopped.codes, decision.stopped.minutes, ids):
        more = f" {stop.minutes}{'+' if stop.minutes == MOST_MINUTES else ''} min" if stop.minutes else ""
        by_code.setdefault(stop.code, []).append(f"{name_of(names, caregiver_id)}{more}")
    for code, people_told in by_code.items():
        yield f"  {both(bare(code), names)}: {'、'.join(people_told)}"  # how much stands with each name


def _is_about(decision: Decision, ids: set[str]) -> bool:
    named = {getattr(decision, field, None) for field in ("visit_id", "request_id", "case_id")}
    return bool(named & ids)


def _when(moment: datetime) -> str:
    return moment.astimezone(CHINA).strftime("%m-%d %H:%M:%S")
