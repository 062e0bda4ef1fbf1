"""City time as it is stored: the segments that turn a store's clock into `now`."""

from datetime import datetime

from sqlalchemy import Connection, func, select

from schemas.city_time import Segment, city_time
from schemas.tables import city_time as segments_table


def read_segments(connection: Connection) -> tuple[Segment, ...]:
    """All segments, in order; none where city time is real time."""
    found = connection.execute(
        select(
            segments_table.c.real_from, segments_table.c.city_from, segments_table.c.rate_permille
        ).order_by(segments_table.c.real_from, segments_table.c.segment)
    )
    return tuple(Segment(row.real_from, row.city_from, row.rate_permille) for row in found)


def database_now(connection: Connection) -> datetime:
    """City time by PostgreSQL's clock, at this very moment (not at the transaction's start)."""
    real: datetime = connection.execute(select(func.clock_timestamp())).scalar_one()
    return city_time(read_segments(connection), real)
