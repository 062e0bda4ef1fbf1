"""What the supervisor's page reads."""

from collections.abc import Collection
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, Connection, cast, func, select, true, update
from sqlalchemy.dialects.postgresql import distinct_on

from consumers.reading import Record, record, records
from schemas.tables import dead_letters, duties, proposals, refusals, visits

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


def engines(connection: Connection, since: datetime) -> list[Record]:
    """What each engine gave to the plans that the desks took up since then, the most routes first."""
    gain = func.jsonb_each(proposals.c.gains).table_valued("key", "value")

    def total(name: str) -> ColumnElement[int]:
        return func.coalesce(func.sum(cast(gain.c.value.op("->>")(name), BigInteger)), 0)

    query = (
        select(
            gain.c.key.label("engine"),
            total("routes").label("routes"),
            total("saved_s").label("saved_s"),
            total("served").label("served"),
            func.count().label("plans"),
        )
        .select_from(proposals.join(gain, true()))
        .where(proposals.c.at >= since, proposals.c.adopted > 0)
        .group_by(gain.c.key)
        .order_by(total("routes").desc(), gain.c.key)
    )
    return records(connection, query)


def plans(connection: Connection, since: datetime) -> Record:
    """Plans proposed since then: how many, taken up, visits changed, price before and after, mean gap."""
    taken = proposals.c.adopted > 0
    gap = (proposals.c.price_s - proposals.c.bound_s) * 1000 / func.nullif(proposals.c.price_s, 0)
    found = record(
        connection,
        select(
            func.count().label("proposed"),
            func.count().filter(taken).label("taken_up"),
            func.coalesce(func.sum(proposals.c.adopted), 0).label("changed"),
            func.coalesce(func.sum(proposals.c.base_price_s).filter(taken), 0).label("before_s"),
            func.coalesce(func.sum(proposals.c.price_s).filter(taken), 0).label("after_s"),
            func.coalesce(func.avg(proposals.c.solve_ms), 0).label("solve_ms"),
            func.avg(gap).filter(proposals.c.bound_s.is_not(None)).label("gap_permille"),
            func.count(proposals.c.bound_s).label("bounded"),
        ).where(proposals.c.at >= since),
    )
    assert found is not None
    return found


def left_out(connection: Connection) -> list[Record]:
    """The newest plan of each area, where it leaves somebody out."""
    newest = (
        select(proposals.c.area, proposals.c.at, proposals.c.left_out, proposals.c.not_planned)
        .ext(distinct_on(proposals.c.area))
        .order_by(proposals.c.area, proposals.c.seq.desc())
        .subquery()
    )
    return records(connection, select(newest).where(func.jsonb_array_length(newest.c.not_planned) > 0))


def recipients_of(connection: Connection, visit_ids: Collection[str]) -> dict[str, str]:
    """Whom these visits are for."""
    query = select(visits.c.visit_id, visits.c.recipient_id).where(visits.c.visit_id.in_(visit_ids))
    return {row.visit_id: row.recipient_id for row in connection.execute(query)}


def mark_mended(connection: Connection, letter_id: int, at: datetime) -> None:
    """A mended fact was said for this letter."""
    those = (dead_letters.c.letter_id == letter_id, dead_letters.c.mended_at.is_(None))
    connection.execute(update(dead_letters).where(*those).values(mended_at=at))
