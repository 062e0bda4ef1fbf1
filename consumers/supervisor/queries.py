"""What the supervisor's page reads."""

from datetime import datetime

from sqlalchemy import Connection, func, select, update

from consumers.reading import Record, record, records
from schemas.tables import dead_letters, duties, refusals

ROWS = 100


def refused(connection: Connection) -> list[Record]:
    """The newest facts that were refused or set aside."""
    return records(connection, select(refusals).order_by(refusals.c.at.desc()).limit(ROWS))


def letters(connection: Connection) -> list[Record]:
    """Dead letters, those not mended first, the newest first."""
    columns = [column for column in dead_letters.c if column.name != "body"]
    order = (dead_letters.c.mended_at.is_not(None), dead_letters.c.letter_id.desc())
    return records(connection, select(*columns).order_by(*order).limit(ROWS))


def letter(connection: Connection, letter_id: int) -> Record | None:
    """One dead letter with its body."""
    return record(connection, select(dead_letters).where(dead_letters.c.letter_id == letter_id))


def owed(connection: Connection) -> list[Record]:
    """What named humans owe, what is due first at the top."""
    order = (func.coalesce(duties.c.due_at, duties.c.opened_at), duties.c.duty_id)
    return records(
        connection, select(duties).where(duties.c.closed_at.is_(None)).order_by(*order).limit(ROWS)
    )


def counts(connection: Connection) -> dict[str, int]:
    """How many stand on each list."""
    pairs = (
        ("refused", select(func.count()).select_from(refusals)),
        ("letters", select(func.count()).where(dead_letters.c.mended_at.is_(None))),
        ("owed", select(func.count()).where(duties.c.closed_at.is_(None))),
    )
    return {name: int(connection.execute(query).scalar_one()) for name, query in pairs}


def mark_mended(connection: Connection, letter_id: int, at: datetime) -> None:
    """A mended fact was said for this letter."""
    those = (dead_letters.c.letter_id == letter_id, dead_letters.c.mended_at.is_(None))
    connection.execute(update(dead_letters).where(*those).values(mended_at=at))
