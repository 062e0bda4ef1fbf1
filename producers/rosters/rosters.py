"""Weekly rosters become shifts: published for each caregiver from today to two days ahead."""

import json
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, Engine, func, or_, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql.expression import cast, literal
from sqlalchemy.types import Text

from producers.daily import CHUNK, CITY_ZONE, speak_daily, stop_on_signals
from producers.roster import DAYS_AHEAD, shift_on
from producers.spool import spool_facts
from schemas.facts import Fact
from schemas.tables import people


def speak_rosters(conn: Connection, now: datetime) -> int:
    """Publish the shifts of up to CHUNK caregivers who are behind; returns how many caregivers.

    Up to which day was published stands in the caregiver's card (`roster.published_until`).
    """
    today = now.date()
    until = today + timedelta(days=DAYS_AHEAD)
    published = people.c.card["roster"]["published_until"].astext
    found = conn.execute(
        select(people.c.person_id, people.c.area, people.c.card)
        .where(people.c.kind == "CAREGIVER", people.c.forgotten_at.is_(None), people.c.card.has_key("roster"))
        .where(or_(published.is_(None), published < until.isoformat()))
        .order_by(people.c.area, people.c.person_id)
        .limit(CHUNK)
        .with_for_update(skip_locked=True)
    ).all()
    facts: list[Fact] = []
    for row in found:
        roster = row.card["roster"]
        first = max(today, date.fromisoformat(roster.get("published_until", today.isoformat())))
        days = [first + timedelta(days=n) for n in range((until - first).days)]
        zone = now.tzinfo or CITY_ZONE
        facts += [s for day in days if (s := shift_on(row.person_id, row.area, roster, day, now, zone))]
    spool_facts(conn, facts, "/rosters")
    if found:
        path = cast(literal("{roster,published_until}"), ARRAY(Text))
        mark = cast(literal(json.dumps(until.isoformat())), JSONB)
        conn.execute(
            update(people)
            .where(people.c.person_id.in_([row.person_id for row in found]))
            .values(card=func.jsonb_set(people.c.card, path, mark))
        )
    return len(found)


def run(*, engine: Engine) -> None:
    """Publish shifts until SIGTERM."""
    speak_daily(engine, speak_rosters, stop=stop_on_signals())
