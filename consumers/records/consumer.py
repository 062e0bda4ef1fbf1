"""The records consumer: `liuzhu consume records`."""

import threading

from sqlalchemy import Connection, Engine

from consumers.follow import Consumer, follow
from consumers.records.effects import effects
from schemas.rows import Row
from schemas.tables import cases, duties, offers, refusals, shifts, stops, tariff_items, visits


def apply(connection: Connection, row: Row) -> None:
    """Put a row into the records."""
    for change in effects(row):
        connection.execute(change)


CONSUMER = Consumer("records", apply, (stops, offers, cases, duties, refusals, shifts, tariff_items, visits))


def run(
    *, engine: Engine, bootstrap_servers: str, topic_prefix: str = "", stop: threading.Event | None = None
) -> int:
    """Follow the line until stopped; the exit code."""
    return follow(
        consumer=CONSUMER,
        engine=engine,
        bootstrap_servers=bootstrap_servers,
        topic_prefix=topic_prefix,
        stop=stop,
    )
