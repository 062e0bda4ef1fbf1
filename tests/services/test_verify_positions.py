"""`liuzhu verify` beside a real Kafka: a database that does not belong to it is found."""

from collections.abc import Iterator

import pytest
from kafka import KafkaProducer
from sqlalchemy import Engine, create_engine, insert, update

from infra.topics import topic_ids
from infra.verify_positions import position_flaws
from schemas.envelope import INTAKE
from schemas.ids import new_id
from schemas.tables import positions
from tests.conftest import TestTopics


@pytest.fixture
def engine(fresh_database: str) -> Iterator[Engine]:
    """An engine on this test's database."""
    made = create_engine(fresh_database)
    yield made
    made.dispose()


def codes(engine: Engine, topics: TestTopics) -> list[str] | None:
    found = position_flaws(engine, topics.bootstrap_servers, topics.prefix)
    return None if found is None else [flaw.code for flaw in found]


def test_a_position_beyond_what_kafka_holds_is_named(engine: Engine, topics: TestTopics) -> None:
    """With an older Kafka put back beside the database, new requests would be passed over as decided."""
    topic = topics.prefix + INTAKE
    producer = KafkaProducer(bootstrap_servers=topics.bootstrap_servers, acks="all")
    for _ in range(3):
        producer.send(topic, value=b"{}", partition=1)
    producer.flush()
    producer.close()
    topic_id = str(topic_ids(topics.bootstrap_servers, prefix=topics.prefix)[INTAKE])
    place = {"topic_id": topic_id, "topic": topic, "partition": 1, "next_offset": 3}
    with engine.begin() as connection:
        connection.execute(insert(positions), place)
        connection.execute(insert(positions), place | {"topic_id": new_id(), "next_offset": 900})
    assert codes(engine, topics) == []
    with engine.begin() as connection:
        connection.execute(update(positions).where(positions.c.topic_id == topic_id).values(next_offset=4))
    assert codes(engine, topics) == ["POSITION_AHEAD"]


@pytest.mark.usefixtures("refused_sockets")
def test_without_kafka_the_rest_is_still_verified(engine: Engine) -> None:
    """A journal must be provable from PostgreSQL alone."""
    assert position_flaws(engine, "127.0.0.1:1") is None
