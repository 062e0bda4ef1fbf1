"""Journals of the counting desk for tests: messages as a broker numbers them, rows as they stand."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import Engine, select

from dispatcher.deliveries import Delivery, partition_of
from dispatcher.journal import Journal
from schemas.canonical import chain_hash
from schemas.envelope import to_message
from schemas.facts import Fact
from schemas.rows import GENESIS, Row
from schemas.tables import dead_letters, heads, journal
from tests.services.counting import Counting, counting_rules

PARTITIONS = 4
TOPIC_ID = "00000000-0000-4000-8000-000000000001"
NOON = datetime(2026, 3, 2, 4, 0, tzinfo=UTC)


class Topic:
    """Messages of one topic as a broker would number them."""

    def __init__(self, topic_id: str = TOPIC_ID) -> None:
        self.topic_id = topic_id
        self._next: dict[int, int] = {}

    def deliver(self, fact: Fact, *, partition: int | None = None) -> Delivery:
        """The next message on the fact's partition."""
        message = to_message(fact, "/test")
        return self.raw(
            message.key,
            dict(message.headers),
            message.body,
            partition_of(fact.area, PARTITIONS) if partition is None else partition,
        )

    def raw(
        self, key: bytes | None, headers: dict[str, bytes], body: bytes | None, partition: int
    ) -> Delivery:
        """The next message of any content."""
        offset = self._next.get(partition, 0)
        self._next[partition] = offset + 1
        at = NOON + timedelta(seconds=offset)
        return Delivery("intake", self.topic_id, partition, offset, key, headers, body, at)


def make(engine: Engine, snapshot_every: int = 1_000) -> Journal[Counting]:
    """A journal of the counting desk."""
    return Journal(engine, counting_rules(), partitions=PARTITIONS, snapshot_every=snapshot_every)


def stored(engine: Engine, area: str = "a1") -> list[Row]:
    """All rows of an area, its chain and numbers checked on the way."""
    with engine.connect() as connection:
        found = connection.execute(
            select(journal).where(journal.c.area == area).order_by(journal.c.seq)
        ).all()
        head = connection.execute(select(heads).where(heads.c.area == area)).first()
    previous = GENESIS
    for number, row in enumerate(found, 1):
        assert row.seq == number
        previous = chain_hash(previous, row.body.encode())
        assert bytes(row.hash) == previous
    if head is not None:
        assert (head.seq, bytes(head.hash)) == (len(found), previous)
    return [Row.of_body(row.body.encode()) for row in found]


def codes(engine: Engine) -> list[str]:
    """The codes of all dead letters."""
    with engine.connect() as connection:
        return list(
            connection.execute(select(dead_letters.c.code).order_by(dead_letters.c.letter_id)).scalars()
        )
