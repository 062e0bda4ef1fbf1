"""The ledger consumer: `liuzhu consume ledger`."""

import threading

from sqlalchemy import Engine

from consumers.follow import Consumer, follow
from consumers.ledger.post import post_row
from schemas.tables import claims, entries, postings, purses

CONSUMER = Consumer("ledger", post_row, (claims, postings, entries, purses))


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
