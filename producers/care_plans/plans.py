"""Care plans become requests: each plan speaks for today, in the evening for tomorrow, once for each day."""

import uuid
from datetime import date, datetime, timedelta, tzinfo

from sqlalchemy import Connection, Engine, or_, select, update

from producers import trips
from producers.daily import CHUNK, CITY_ZONE, speak_daily, stop_on_signals
from producers.spool import spool_facts
from schemas.base import Speaker
from schemas.codes import Channel
from schemas.envelope import AHEAD_SOURCE
from schemas.facts import CarePlanApproved, Fact, ServiceRequested
from schemas.tables import care_plans

EVENING_HOUR = 18
"""From then on tomorrow is spoken for too: it is planned tonight, when the roster is known and before anybody
was told a time, so that the whole day's plan sets the times."""
LEAD = timedelta(minutes=30)
"""A window of today that closes sooner than this is left out: nobody could still plan for it."""
_SPACE = uuid.UUID("0c8f2c52-3f0f-5d1b-9a3e-12349ca7e000")


def request_on(plan: CarePlanApproved, day: date, said_at: datetime, zone: tzinfo) -> ServiceRequested | None:
    """What the plan asks for on `day`, always under the same ids; None where it asks for nothing."""
    if plan.ended or day.weekday() not in plan.weekdays or not plan.valid_from <= day < plan.valid_until:
        return None
    window = plan.window_on(day, zone)
    if window.closes_at < said_at + LEAD:
        return None
    return ServiceRequested(
        fact_id=str(uuid.uuid5(_SPACE, f"{plan.plan_id}/{day}/fact")),
        area=plan.area,
        said_at=said_at,
        by=Speaker(role="CARE_PLAN", id=plan.plan_id),
        request_id=str(uuid.uuid5(_SPACE, f"{plan.plan_id}/{day}")),
        recipient_id=plan.recipient_id,
        item=plan.item,
        window=window,
        channel=Channel.CARE_PLAN,
        plan_id=plan.plan_id,
    )


def _led(
    conn: Connection, fact: ServiceRequested, goal_place_id: str | None, wait_s: int | None
) -> ServiceRequested:
    """The request with where it leads, sealed; without such a hospital the desk says what is missing."""
    goal = None if goal_place_id is None else trips.goal_of(conn, goal_place_id)
    return fact if goal is None else trips.kept(conn, trips.leading_to(fact, goal, wait_s), goal)


def speak_plans(conn: Connection, now: datetime) -> int:
    """Speak for up to CHUNK plans that are behind, on the caller's transaction; returns how many plans."""
    today = now.date()
    until = today + timedelta(days=2 if now.hour >= EVENING_HOUR else 1)
    behind = or_(care_plans.c.planned_until.is_(None), care_plans.c.planned_until < until)
    found = conn.execute(
        select(care_plans)
        .where(behind)
        .order_by(care_plans.c.area, care_plans.c.plan_id)
        .limit(CHUNK)
        .with_for_update(skip_locked=True)
    ).all()
    facts: list[Fact] = []
    for row in found:
        plan = CarePlanApproved.model_validate(row.fact)
        first = max(today, row.planned_until or today)
        days = [first + timedelta(days=n) for n in range((until - first).days)]
        asked = [fact for day in days if (fact := request_on(plan, day, now, now.tzinfo or CITY_ZONE))]
        facts += [_led(conn, fact, row.goal_place_id, row.wait_s) for fact in asked]
    spool_facts(conn, facts, AHEAD_SOURCE)
    if found:
        spoken = [row.plan_id for row in found]
        conn.execute(update(care_plans).where(care_plans.c.plan_id.in_(spoken)).values(planned_until=until))
    return len(found)


def run(*, engine: Engine) -> None:
    """Speak for the plans until SIGTERM."""
    speak_daily(engine, speak_plans, stop=stop_on_signals())
