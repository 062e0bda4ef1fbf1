"""Every consumer, in the order in which they are rebuilt."""

from sqlalchemy import Engine

from consumers import follow
from consumers.follow import Consumer
from consumers.ledger.consumer import CONSUMER as LEDGER
from consumers.notices.consumer import CONSUMER as NOTICES
from consumers.records.consumer import CONSUMER as RECORDS
from consumers.wallboard.consumer import CONSUMER as WALLBOARD

CONSUMERS: dict[str, Consumer] = {one.name: one for one in (RECORDS, LEDGER, NOTICES, WALLBOARD)}


def rebuild(engine: Engine, name: str) -> int:
    """Fill the derived rows of one consumer anew from the journal; how many rows were read."""
    return follow.rebuild(engine, CONSUMERS[name])


def catch_up(engine: Engine, name: str) -> int:
    """Put into effect what the journal holds beyond what this consumer applied; how many rows."""
    return follow.catch_up(engine, CONSUMERS[name])
