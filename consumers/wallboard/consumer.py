"""The wallboard consumer: `liuzhu consume wallboard`. It goes after the records."""

from functools import partial

from sqlalchemy import Connection, func, insert, select

from consumers.follow import Consumer, follow
from consumers.wallboard.timings import Told, timings_of
from schemas.city_time import Segment
from schemas.decisions import CaseDispatched, VisitPlanned, VisitStarted
from schemas.facts import PlanProposed, ServiceRequested
from schemas.rows import Row
from schemas.tables import cases, city_time, proposals, timings, visits


def told_of(connection: Connection, row: Row) -> Told:
    """What the records hold of the cases and visits whose times `row` measures."""
    case_ids = {one.case_id for one in row.decisions if isinstance(one, CaseDispatched)}
    visit_ids = {one.visit_id for one in row.decisions if isinstance(one, VisitStarted)}
    due = func.coalesce(visits.c.told_until, visits.c.closes_at)
    found = connection.execute(
        select(visits.c.visit_id, visits.c.case_id, due).where(visits.c.visit_id.in_(visit_ids))
    ).all()
    case_of = {visit_id: case_id for visit_id, case_id, _ in found if case_id}
    case_ids |= set(case_of.values())
    raised = connection.execute(
        select(cases.c.case_id, cases.c.raised_at).where(cases.c.case_id.in_(case_ids))
    )
    timed = connection.execute(
        select(timings.c.metric, timings.c.subject_id).where(
            timings.c.area == row.area, timings.c.subject_id.in_(case_ids | visit_ids)
        )
    ).all()
    arrived = {case_id for metric, case_id in timed if metric == "CASE_ARRIVAL"}
    return Told(
        {one[0]: one[1] for one in raised},
        frozenset(one for metric, one in timed if metric == "CASE_DISPATCH"),
        case_of,
        {visit_id: until for visit_id, _, until in found},
        frozenset(one for metric, one in timed if metric == "PUNCTUALITY")
        | {visit_id for visit_id, case_id in case_of.items() if case_id in arrived},
    )


def segments_of(connection: Connection) -> list[Segment]:
    """The city's time, in order."""
    told = connection.execute(
        select(city_time.c.real_from, city_time.c.city_from, city_time.c.rate_permille).order_by(
            city_time.c.real_from
        )
    )
    return [Segment(*one) for one in told]


def note_proposal(connection: Connection, row: Row, fact: PlanProposed) -> None:
    """Write what a planner proposed, and how many visits the desk changed for it."""
    changed = {stop.visit_id for stop in fact.stops if fact.changes is None}
    changed |= {change.visit_id for change in fact.changes or ()}
    adopted = {one.visit_id for one in row.decisions if isinstance(one, VisitPlanned)}
    connection.execute(
        insert(proposals).values(
            area=row.area,
            seq=row.seq,
            at=row.now,
            engine=fact.engine,
            solve_ms=fact.solve_ms,
            price_s=fact.price_s,
            base_price_s=fact.base_price_s,
            bound_s=fact.bound_s,
            changes=len(changed),
            adopted=len(adopted & changed),
            gains={name: gain.model_dump() for name, gain in (fact.gains or {}).items()},
            left_out=fact.left_out or 0,
            not_planned=[one.model_dump(mode="json") for one in fact.not_planned or ()],
        )
    )


def apply(connection: Connection, row: Row) -> None:
    """Write the times that a row measures, and what planners proposed."""
    if isinstance(row.fact, PlanProposed):
        note_proposal(connection, row, row.fact)
    is_booking = isinstance(row.fact, ServiceRequested)
    measures = any(isinstance(one, CaseDispatched | VisitStarted) for one in row.decisions)
    if not is_booking and not measures:
        return
    told = told_of(connection, row) if measures else Told()
    segments = segments_of(connection) if is_booking else ()
    for n, timing in enumerate(timings_of(row, told, segments)):
        connection.execute(
            insert(timings).values(
                area=row.area,
                seq=row.seq,
                n=n,
                metric=timing.metric,
                subject_id=timing.subject_id,
                at=timing.at,
                value_ms=timing.value_ms,
                within=timing.within,
            )
        )


CONSUMER = Consumer("wallboard", apply, (timings, proposals), after="records")

run = partial(follow, consumer=CONSUMER)
"""Follow the line until stopped: `consumers.follow.follow` for this consumer."""
