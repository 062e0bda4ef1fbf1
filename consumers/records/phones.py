"""Whose phone shows something else after some rows."""

from collections.abc import Iterable

from sqlalchemy import Connection, select

from schemas.rows import Row
from schemas.tables import stops


def changed_phones(connection: Connection, rows: Iterable[Row]) -> set[str]:
    """The caregivers whom the rows name, and those of every visit they name, as the records stand now."""
    carers: set[str] = set()
    visit_ids: set[str] = set()
    for row in rows:
        for word in (row.fact, *row.decisions):
            named = (word, *getattr(word, "stops", ()))
            carers.update(each for part in named if (each := getattr(part, "caregiver_id", None)))
            visit_ids.update(each for part in named if (each := getattr(part, "visit_id", None)))
    if visit_ids:
        found = select(stops.c.caregiver_id).where(stops.c.visit_id.in_(sorted(visit_ids))).distinct()
        carers.update(connection.execute(found).scalars())
    return carers
