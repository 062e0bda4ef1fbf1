"""A desk that only counts: enough rules to test the shell that carries the real ones."""

import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

from dispatcher.rules import Rules
from schemas.base import Reason, Speaker, StartWindow
from schemas.codes import Channel
from schemas.decisions import Decision, FactSetAside, PersonErased, RequestRefused
from schemas.facts import (
    AlarmRaised,
    Fact,
    PersonForgotten,
    RecipientEnrolled,
    RequestCancelled,
    ServiceRequested,
    TimePassed,
)
from schemas.ids import new_id
from schemas.rows import Row

AT = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)


@dataclass
class Counting:
    """How many facts were folded, the ids in their order, and what was told of recipients."""

    area: str
    seen: list[str] = field(default_factory=list)
    homes: dict[str, int] = field(default_factory=dict)


def decide(desk: Counting, fact: Fact, now: datetime) -> tuple[Decision, ...]:
    """Refuse a request with its number; break on the item BREAK_DECIDE; say nothing about passing time."""
    if isinstance(fact, TimePassed):
        return ()
    if isinstance(fact, PersonForgotten):
        return (PersonErased(person_id=fact.person_id),)
    if isinstance(fact, ServiceRequested):
        if fact.item == "BREAK_DECIDE":
            raise ZeroDivisionError("a rule is broken")
        reason = Reason(code="NOBODY_CAN", numbers={"count": len(desk.seen)})
        return (RequestRefused(request_id=fact.request_id, reasons=(reason,)),)
    if isinstance(fact, RequestCancelled):
        return (FactSetAside(reasons=(Reason(code="REQUEST_UNKNOWN"),)),)
    return ()


def evolve(desk: Counting, row: Row) -> Counting:
    """Count; break on the item BREAK_EVOLVE, after half of the change."""
    desk.seen.append(row.fact_id)
    if isinstance(row.fact, ServiceRequested) and row.fact.item == "BREAK_EVOLVE":
        raise ZeroDivisionError("a fold is broken")
    if isinstance(row.fact, RecipientEnrolled) and row.fact.opened is not None:
        desk.homes[row.fact.recipient_id] = row.fact.opened.home.lat_udeg
    for decision in row.decisions:
        if isinstance(decision, PersonErased):
            desk.homes.pop(decision.person_id, None)
    return desk


def dump(desk: Counting) -> bytes:
    """As JSON."""
    return json.dumps({"area": desk.area, "seen": desk.seen, "homes": desk.homes}).encode()


def load(state: bytes) -> Counting:
    """From JSON."""
    return Counting(**json.loads(state))


def counting_rules() -> Rules[Counting]:
    """The rules of the counting desk."""
    return Rules(decide, evolve, Counting, dump, load, decider=1, fold_version=1)


def request(area: str = "a1", item: str = "BATH_HOME", fact_id: str | None = None) -> ServiceRequested:
    """A wish for help."""
    fact_id = fact_id or new_id()
    return ServiceRequested(
        fact_id=fact_id,
        area=area,
        said_at=AT,
        by=Speaker(role="OPERATOR", id="seat-1"),
        request_id=fact_id,
        recipient_id="r1",
        item=item,
        window=StartWindow(opens_at=AT, closes_at=AT),
        channel=Channel.HOTLINE,
    )


def alarm(area: str = "a1") -> AlarmRaised:
    """A pressed button."""
    fact_id = new_id()
    return AlarmRaised(
        fact_id=fact_id,
        area=area,
        said_at=AT,
        by=Speaker(role="DEVICE", id="d1"),
        case_id=fact_id,
        kind="BUTTON",
    )


def tick(partition: int, topic: str = "intake") -> TimePassed:
    """A second on one partition."""
    return TimePassed(
        fact_id=new_id(),
        area="all",
        said_at=AT,
        by=Speaker(role="CLOCK", id=f"clock:{topic}"),
        partition=partition,
    )
