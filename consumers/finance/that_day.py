"""The day around a held visit: what its caregivers did before and after, and how often this happened."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, cast, func, or_, select
from sqlalchemy.dialects.postgresql import JSONB

from consumers.finance.exceptions import first_reason
from consumers.reading import records
from schemas.shown import ZONE, local
from schemas.tables import stops, visits

THREE_MONTHS = timedelta(days=92)
USUAL_S = 1800


@dataclass(frozen=True)
class Bar:
    """One visit as a part of the axis, in per cent."""

    help: str
    left: float
    width: float
    is_this: bool
    is_done: bool


@dataclass(frozen=True)
class Lane:
    """One caregiver's part of the day, and their last three months: visits, and those held for a reason."""

    caregiver_id: str
    bars: tuple[Bar, ...]
    visits: int
    alike: int


@dataclass(frozen=True)
class Day:
    """All lanes on one axis of whole hours."""

    hours: tuple[tuple[int, float], ...]
    lanes: tuple[Lane, ...]


def _ends(stop: dict[str, Any]) -> tuple[datetime, datetime]:
    start = stop["checked_in_at"] or stop["start_at"]
    end = stop["checked_out_at"] or start + timedelta(seconds=stop["duration_s"] or USUAL_S)
    return start, max(end, start)


def day_of(connection: Connection, visit: dict[str, Any], caregiver_ids: Sequence[str]) -> Day:
    """The lanes of a visit's caregivers on its day."""
    day = local(visit["started_at"] or visit["opens_at"]).date()
    begins = datetime(day.year, day.month, day.day, tzinfo=ZONE)
    found = records(
        connection,
        select(stops, visits.c.help)
        .join(visits, visits.c.visit_id == stops.c.visit_id)
        .where(
            stops.c.caregiver_id.in_(caregiver_ids),
            stops.c.start_at >= begins,
            stops.c.start_at < begins + timedelta(days=1),
            visits.c.status.not_in(("CANCELLED",)),
        )
        .order_by(stops.c.start_at),
    )
    around = [_ends(stop) for stop in found]
    first = min([8, *(local(start).hour for start, _ in around)])
    last = max([18, *(int((end - begins).total_seconds() // 3600) + 1 for _, end in around)])
    alike = _alike(connection, visit, caregiver_ids)
    length = last - first
    axis = begins + timedelta(hours=first), length * 3600
    step = max(1, length // 8)
    hours = tuple((hour, round((hour - first) / length * 100, 2)) for hour in range(first, last, step))
    lanes = tuple(
        Lane(one, _bars(found, one, visit["visit_id"], axis), *alike.get(one, (0, 0)))
        for one in caregiver_ids
    )
    return Day(hours, lanes)


def _bars(
    found: list[dict[str, Any]], caregiver_id: str, visit_id: str, axis: tuple[datetime, int]
) -> tuple[Bar, ...]:
    begins, length_s = axis
    bars = []
    for stop in found:
        if stop["caregiver_id"] != caregiver_id:
            continue
        start, end = _ends(stop)
        left = (start - begins).total_seconds() / length_s * 100
        width = (end - start).total_seconds() / length_s * 100
        is_this = stop["visit_id"] == visit_id
        is_done = stop["status"] == "FINISHED"
        bars.append(Bar(stop["help"], round(left, 2), round(width, 2), is_this, is_done))
    return tuple(bars)


def _alike(
    connection: Connection, visit: dict[str, Any], caregiver_ids: Sequence[str]
) -> dict[str, tuple[int, int]]:
    """Per caregiver: finished visits of three months, and those held for the same reason."""
    code = first_reason(visit)["code"]
    since = visit["opens_at"] - THREE_MONTHS
    wanted = cast([{"code": code}], JSONB)
    with_code = or_(visits.c.exceptions.op("@>")(wanted), visits.c.findings.op("@>")(wanted))
    same = and_(func.coalesce(visits.c.held, False), with_code)
    query = (
        select(stops.c.caregiver_id, func.count(), func.count().filter(same))
        .join(visits, visits.c.visit_id == stops.c.visit_id)
        .where(
            stops.c.caregiver_id.in_(caregiver_ids),
            visits.c.opens_at >= since,
            visits.c.bill.is_not(None),
        )
        .group_by(stops.c.caregiver_id)
    )
    return {row[0]: (row[1], row[2]) for row in connection.execute(query)}
