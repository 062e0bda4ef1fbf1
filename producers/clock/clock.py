"""Says TimePassed once a second on every partition of intake and alarms."""

import logging
import signal
import threading
import time
from datetime import UTC, datetime

from kafka import KafkaProducer
from kafka.errors import KafkaError

from producers.reaching import takes_connections
from schemas.base import Speaker
from schemas.envelope import ALARMS, INTAKE, to_message
from schemas.facts import TimePassed
from schemas.ids import new_id

log = logging.getLogger(__name__)

EVERY_S = 1.0
ALL_AREAS = "all"
"""In the place of the area: the desk tells it to every area of the partition."""


def time_passed(topic: str, partition: int) -> TimePassed:
    """One tick. `by.id` says which topic it was said on: on `alarms` it drives the timers of cases only."""
    return TimePassed(
        fact_id=new_id(),
        area=ALL_AREAS,
        said_at=datetime.now(UTC),
        by=Speaker(role="CLOCK", id=f"clock:{topic}"),
        partition=partition,
    )


def tick(producer: KafkaProducer, topic_prefix: str) -> int:
    """Say it once everywhere; returns on how many partitions. Raises KafkaError when no broker answers."""
    said = 0
    for topic in (INTAKE, ALARMS):
        name = topic_prefix + topic
        for partition in sorted(producer.partitions_for(name) or ()):
            message = to_message(time_passed(topic, partition), "/clock")
            producer.send(
                name,
                key=message.key,
                value=message.body,
                headers=list(message.headers),
                partition=partition,
            )
            said += 1
    return said


def run(
    *,
    bootstrap_servers: str,
    topic_prefix: str = "",
    every_s: float = EVERY_S,
    stop: threading.Event | None = None,
) -> int:
    """Tick until SIGTERM or SIGINT (or until `stop` is set). A broker that is away is waited for.

    A tick that could not be said is not said later: the next one tells the same.
    """
    if stop is None:
        stop = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stop.set())
    producer: KafkaProducer | None = None
    is_away = False
    next_at = time.monotonic()
    while not stop.is_set():
        try:
            if producer is None and not takes_connections(bootstrap_servers):
                raise OSError("refused")
            producer = producer or KafkaProducer(
                bootstrap_servers=bootstrap_servers,
                bootstrap_timeout_ms=3_000,
                acks=1,
                linger_ms=0,
                max_block_ms=1_000,
                request_timeout_ms=1_000,
                delivery_timeout_ms=2_000,
            )
            said = tick(producer, topic_prefix)
            if is_away and said:
                log.info("the clock speaks again, on %d partitions", said)
            is_away = not said
        except (KafkaError, OSError, ValueError) as error:
            if not is_away:
                log.warning("the clock cannot be heard: %s", type(error).__name__)
            is_away = True
        next_at = max(next_at + every_s, time.monotonic())
        stop.wait(next_at - time.monotonic())
    if producer is not None:
        producer.close(timeout=1)
    return 0
