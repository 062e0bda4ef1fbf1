"""What the outbox page reads."""

from collections.abc import Sequence

from sqlalchemy import Connection, func, select

from consumers.reading import Record, records
from schemas.tables import notices, outbox, people, places

PAGE_ROWS = 60


def told(
    connection: Connection, *, channel: str, role: str, to_id: str, page: int
) -> tuple[list[Record], bool]:
    """Notices, the newest first, and whether there are more; SMS and VOICE are those of the outbox."""
    query = select(notices, outbox.c.message_id).outerjoin(outbox, outbox.c.notice_id == notices.c.notice_id)
    if channel:
        query = query.where(notices.c.channel == channel)
    if role:
        query = query.where(notices.c.to_role == role)
    if to_id:
        query = query.where(notices.c.to_id == to_id)
    ordered = query.order_by(notices.c.created_at.desc(), notices.c.notice_id.desc())
    found = records(connection, ordered.offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS + 1))
    return found[:PAGE_ROWS], len(found) > PAGE_ROWS


def counts(connection: Connection) -> dict[str, int]:
    """Notices per channel."""
    query = select(notices.c.channel, func.count()).group_by(notices.c.channel)
    return {row[0]: row[1] for row in connection.execute(query)}


def telephones(connection: Connection, ids: Sequence[str]) -> dict[str, str]:
    """Telephone numbers of people and places."""
    persons = select(people.c.person_id, people.c.telephone).where(people.c.person_id.in_(ids))
    houses = select(places.c.place_id, places.c.telephone).where(places.c.place_id.in_(ids))
    found = {row[0]: row[1] for row in connection.execute(houses) if row[1]}
    return found | {row[0]: row[1] for row in connection.execute(persons)}
