"""Measured times of a row: pure functions of the row and of what its case and visit were told.

Limits: an answer to a booking within 3 s; an emergency sent within 60 s and reached within 18 min (the
shortest in use by a Chinese district); a visit begun by the end of what was promised.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from schemas.city_time import Segment, real_time
from schemas.codes import Channel
from schemas.decisions import CaseDispatched, VisitStarted
from schemas.facts import ServiceRequested
from schemas.rows import Row

BOOKING_LIMIT_MS = 3_000
DISPATCH_LIMIT_MS = 60_000
ARRIVAL_LIMIT_MS = 18 * 60_000


@dataclass(frozen=True)
class Timing:
    """One measured time. `at` is the city time it was measured at."""

    metric: str
    subject_id: str
    at: datetime
    value_ms: int
    within: bool


@dataclass(frozen=True)
class Told:
    """What the records hold after the row.

    `raised`: case -> when it was raised; `dispatched`: cases already counted as sent;
    `case_of`: visit -> case; `due`: visit -> the end of what was promised, or of its window;
    `started`: visits already counted.
    """

    raised: Mapping[str, datetime] = field(default_factory=dict)
    dispatched: frozenset[str] = frozenset()
    case_of: Mapping[str, str] = field(default_factory=dict)
    due: Mapping[str, datetime] = field(default_factory=dict)
    started: frozenset[str] = frozenset()


def timings_of(row: Row, told: Told, segments: Sequence[Segment]) -> tuple[Timing, ...]:
    """The times that `row` measures. A booking is timed in real time, the others in city time."""
    return (*_booking(row, segments), *_cases(row, told), *_visits(row, told))


def _ms(span: timedelta) -> int:
    return max(span // timedelta(milliseconds=1), 0)


def _booking(row: Row, segments: Sequence[Segment]) -> Iterator[Timing]:
    """From the operator's key to the decision; a machine's time, so the city's rate is taken out."""
    fact = row.fact
    if not isinstance(fact, ServiceRequested) or fact.channel is not Channel.HOTLINE:
        return
    said, decided = real_time(segments, fact.said_at), real_time(segments, row.now)
    if said is None or decided is None:
        return
    value = _ms(decided - said)
    yield Timing("BOOKING_ANSWER", fact.request_id, row.now, value, value <= BOOKING_LIMIT_MS)


def _cases(row: Row, told: Told) -> Iterator[Timing]:
    """From the alarm until somebody was first asked to go."""
    for decision in row.decisions:
        if not isinstance(decision, CaseDispatched) or decision.case_id in told.dispatched:
            continue
        if decision.case_id in told.raised:
            value = _ms(row.now - told.raised[decision.case_id])
            within = value <= DISPATCH_LIMIT_MS
            yield Timing("CASE_DISPATCH", decision.case_id, row.now, value, within)


def _visits(row: Row, told: Told) -> Iterator[Timing]:
    """The first caregiver at the door: of a case since its alarm, of a visit against its promise."""
    seen = set(told.started)
    for decision in row.decisions:
        if not isinstance(decision, VisitStarted) or decision.visit_id in seen:
            continue
        seen.add(decision.visit_id)
        case_id = told.case_of.get(decision.visit_id)
        if case_id is not None:
            if case_id in told.raised:
                value = _ms(decision.started_at - told.raised[case_id])
                yield Timing("CASE_ARRIVAL", case_id, row.now, value, value <= ARRIVAL_LIMIT_MS)
        elif decision.visit_id in told.due:
            value = _ms(decision.started_at - told.due[decision.visit_id])
            yield Timing("PUNCTUALITY", decision.visit_id, row.now, value, value == 0)
