"""The records consumer: `liuzhu consume records`."""

from functools import partial

from sqlalchemy import Connection

from consumers.follow import Consumer, follow
from consumers.records.effects import effects
from consumers.records.phones import changed_phones
from schemas.rows import Row
from schemas.tables import cases, duties, offers, refusals, shifts, stops, tariff_items, visits


def apply(connection: Connection, row: Row) -> None:
    """Put a row into the records."""
    for change in effects(row):
        connection.execute(change)


CONSUMER = Consumer(
    "records",
    apply,
    (stops, offers, cases, duties, refusals, shifts, tariff_items, visits),
    phones=changed_phones,
)

run = partial(follow, consumer=CONSUMER)
"""Follow the line until stopped: `consumers.follow.follow` for this consumer."""
