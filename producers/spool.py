"""The spool: facts written in PostgreSQL first, in the writer's own transaction; the relay sends them."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, func, select
from sqlalchemy.dialects.postgresql import insert

from schemas.envelope import AHEAD_SOURCE, MAX_BODY_BYTES, to_message, topic_of
from schemas.facts import Fact
from schemas.tables import spool

CHUNK = 500


def spool_fact(connection: Connection, fact: Fact, source: str, *, of_case: bool = False) -> bool:
    """Write a fact into the spool within the caller's transaction; False when it stood there before.

    `source` names the speaker, e.g. `/registers`. The relay is woken when the transaction commits.
    """
    return spool_facts(connection, [fact], source, of_case=of_case) == 1


def spool_facts(connection: Connection, facts: Sequence[Fact], source: str, *, of_case: bool = False) -> int:
    """Write facts in their order; returns how many were new. Raises ValueError for one too large."""
    if not facts:
        return 0
    count = 0
    for start in range(0, len(facts), CHUNK):
        values = [_spooled(fact, source, of_case) for fact in facts[start : start + CHUNK]]
        written = connection.execute(
            insert(spool)
            .values(values)
            .on_conflict_do_nothing(index_elements=["fact_id"])
            .returning(spool.c.spool_id)
        )
        count += len(written.all())
    connection.execute(select(func.pg_notify("spool", facts[0].area)))
    return count


def _spooled(fact: Fact, source: str, of_case: bool) -> dict[str, Any]:
    message = to_message(fact, source)
    if len(message.body) > MAX_BODY_BYTES:  # Kafka would refuse it for ever, and hold up all behind it
        raise ValueError(f"{fact.word} of {len(message.body)} bytes, at most {MAX_BODY_BYTES}")
    return {
        "area": fact.area,
        "topic": topic_of(fact, of_case=of_case),
        "fact_id": fact.fact_id,
        "headers": {name: value.decode() for name, value in message.headers},
        "body": message.body,
    }


def has_unsent(connection: Connection, area: str) -> bool:
    """Whether facts of this area still wait: then all of its facts go through the spool, so order holds.

    Those said ahead of the day do not count: whoever calls goes before them.
    """
    others = spool.c.headers["ce_source"].astext != AHEAD_SOURCE
    waiting = select(spool.c.spool_id).where(spool.c.area == area, spool.c.sent_at.is_(None), others).limit(1)
    return connection.execute(waiting).first() is not None
