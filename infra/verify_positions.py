"""Positions held against Kafka: nobody has decided what no topic holds, nothing was dropped undecided."""

from collections.abc import Iterable
from typing import NamedTuple

from kafka import KafkaConsumer, TopicPartition
from sqlalchemy import Engine, select

from infra.parts.kafka import quiet_kafka_python
from infra.topics import topic_ids
from infra.trouble import Trouble
from infra.verify import Flaw
from schemas.tables import positions

WAIT_MS = 5_000


class Kept(NamedTuple):
    """What a partition holds: offsets from `begin` to before `end`."""

    begin: int
    end: int


def position_flaws(engine: Engine, bootstrap_servers: str, topic_prefix: str = "") -> list[Flaw] | None:
    """Positions beyond what Kafka holds, or before what it still keeps; None when no broker answers.

    Positions are read before Kafka's ends, so a desk at work does not look ahead of it. Those of topics that
    were made anew since say nothing and are left out.
    """
    with engine.connect() as connection:
        known = connection.execute(select(positions)).all()
    try:
        ids = {str(each) for each in topic_ids(bootstrap_servers, prefix=topic_prefix).values()}
    except Trouble:
        return None
    held = [row for row in known if row.topic_id in ids]
    kept = _kept(bootstrap_servers, [TopicPartition(row.topic, row.partition) for row in held])
    flaws = []
    for row in held:
        part = kept[row.topic, row.partition]
        place = f"{row.topic}/{row.partition}"
        if row.next_offset > part.end:
            flaws.append(
                Flaw("POSITION_AHEAD", place, f"decided to {row.next_offset}, Kafka ends at {part.end}")
            )
        elif row.next_offset < part.begin:
            found = f"decided to {row.next_offset}, Kafka keeps from {part.begin}"
            flaws.append(Flaw("POSITION_LOST", place, found))
    return flaws


def _kept(bootstrap_servers: str, parts: Iterable[TopicPartition]) -> dict[tuple[str, int], Kept]:
    wanted = list(parts)
    with quiet_kafka_python():
        consumer = KafkaConsumer(
            bootstrap_servers=bootstrap_servers.split(","),
            bootstrap_timeout_ms=WAIT_MS,
            allow_auto_create_topics=False,
            metrics_enabled=False,
        )
    try:
        begins, ends = consumer.beginning_offsets(wanted), consumer.end_offsets(wanted)
    finally:
        consumer.close(autocommit=False)
    return {(part.topic, part.partition): Kept(begins[part], ends[part]) for part in wanted}
