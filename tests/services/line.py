"""What tests of the line share: desks with the counting rules as real processes, and a voice on Kafka."""

import os
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from sqlalchemy import Engine, create_engine, func, select

from infra.parts.children import start_child, stop_child
from infra.settings import REPOSITORY
from schemas.canonical import chain_hash
from schemas.envelope import to_message, topic_of
from schemas.facts import Fact
from schemas.rows import GENESIS
from schemas.tables import journal
from tests.parts import RunningProcess


@contextmanager
def counting_desk(env: Mapping[str, str], folder: Path, *, desk_id: int = 1) -> Iterator[RunningProcess]:
    """A desk worker with the counting rules until the end of the block; it is killed if it does not stop."""
    log = folder / f"desk-{desk_id}-{time.monotonic_ns()}.log"
    told = {**os.environ, **env, "LIUZHU_DESK_ID": str(desk_id), "LIUZHU_DATA_DIR": str(folder)}
    command = [sys.executable, "-m", "tests.services.counting_desk"]
    running = RunningProcess(start_child(command, log=log, env=told, cwd=REPOSITORY), log)
    try:
        yield running
    finally:
        if running.is_alive():
            running.go_on()
        stop_child(running.child, 15, 8.0)


class Voice:
    """Says facts on this test's topics and keeps its own tally of what was acknowledged."""

    def __init__(self, env: Mapping[str, str]) -> None:
        self._prefix = env["LIUZHU_TOPIC_PREFIX"]
        self._producer = KafkaProducer(
            bootstrap_servers=env["KAFKA_BOOTSTRAP_SERVERS"],
            acks="all",
            linger_ms=5,
            request_timeout_ms=5_000,
        )
        self.acknowledged: list[str] = []

    def say(self, facts: Sequence[Fact], *, partition: int | None = None) -> None:
        """Say them in order and wait for the broker's word on each."""
        sent = []
        for fact in facts:
            message = to_message(fact, "/test")
            topic = self._prefix + topic_of(fact)
            future = self._producer.send(
                topic, key=message.key, value=message.body, headers=list(message.headers), partition=partition
            )
            sent.append((fact.fact_id, future))
        for fact_id, future in sent:
            future.get(timeout=60)
            self.acknowledged.append(fact_id)

    def say_copies(self, fact: Fact, count: int) -> None:
        """Say a fact `count` times under an id each: a backlog that is quickly made."""
        message = to_message(fact, "/test")
        topic, mark = self._prefix + topic_of(fact), fact.fact_id.encode()
        for number in range(count):
            fact_id = f"00000000-0000-7000-8000-{number:012d}".encode()
            self._producer.send(
                topic,
                key=message.key,
                value=message.body.replace(mark, fact_id),
                headers=[(name, value.replace(mark, fact_id)) for name, value in message.headers],
            )
        self._producer.flush(timeout=60)

    def raw(
        self, topic: str, key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]]
    ) -> None:
        """Say any bytes."""
        self._producer.send(self._prefix + topic, key=key, value=value, headers=headers).get(timeout=30)

    def close(self) -> None:
        """Let go of the broker."""
        self._producer.close(timeout=5)


@contextmanager
def voice(env: Mapping[str, str]) -> Iterator[Voice]:
    """A voice until the end of the block."""
    made = Voice(env)
    try:
        yield made
    finally:
        made.close()


@contextmanager
def engine_on(url: str) -> Iterator[Engine]:
    """An engine until the end of the block; it forgets connections that died."""
    engine = create_engine(url, pool_pre_ping=True)
    try:
        yield engine
    finally:
        engine.dispose()


def count_rows(engine: Engine) -> int:
    """Rows in the journal."""
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(journal)).scalar_one())


def row_stands(engine: Engine, fact_id: str) -> bool:
    """Whether a fact has its row."""
    with engine.connect() as connection:
        found = connection.execute(select(journal.c.seq).where(journal.c.fact_id == fact_id)).first()
        return found is not None


def fact_ids(engine: Engine, area: str | None = None) -> list[str]:
    """Fact ids in the order of their rows, after a look at every area's numbers and chain."""
    with engine.connect() as connection:
        rows = connection.execute(select(journal).order_by(journal.c.area, journal.c.seq)).all()
    last: dict[str, tuple[int, bytes]] = {}
    for row in rows:
        seq, previous = last.get(row.area, (0, GENESIS))
        assert row.seq == seq + 1, f"a gap in {row.area} after {seq}"
        assert bytes(row.hash) == chain_hash(previous, row.body.encode()), (
            f"the chain of {row.area} at {row.seq}"
        )
        last[row.area] = (row.seq, bytes(row.hash))
    return [row.fact_id for row in rows if area in (None, row.area)]


def read_topic(
    env: Mapping[str, str], topic: str, at_least: int, within_s: float = 20.0
) -> list[tuple[dict[str, bytes], bytes]]:
    """The first messages of a topic (headers, body), by partition in order; fewer when time is over."""
    name = env["LIUZHU_TOPIC_PREFIX"] + topic
    consumer = KafkaConsumer(
        bootstrap_servers=env["KAFKA_BOOTSTRAP_SERVERS"],
        auto_offset_reset="earliest",
        enable_auto_commit=False,
    )
    found: list[tuple[dict[str, bytes], bytes]] = []
    try:
        partitions = consumer.partitions_for_topic(name) or set()
        consumer.assign([TopicPartition(name, number) for number in sorted(partitions)])
        deadline = time.monotonic() + within_s
        while len(found) < at_least and time.monotonic() < deadline:
            for messages in consumer.poll(timeout_ms=200).values():
                found += [(dict(message.headers), message.value) for message in messages]
    finally:
        consumer.close()
    return found
