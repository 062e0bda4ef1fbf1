"""Says TimePassed once a second on every partition of intake and alarms."""

import logging
import signal
import threading
import time
from datetime import UTC, datetime
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError

from producers.reaching import let_go, takes_connections
from schemas.base import Speaker
from schemas.envelope import ALARMS, INTAKE, to_message
from schemas.facts import TimePassed
from schemas.ids import new_id

log = logging.getLogger(__name__)

EVERY_S = 1.0
SILENT_TICKS = 5
"""A producer that has told nothing of a tick so long ago hangs: it is let go and made anew."""
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


class Clock:
    """Says the time on every partition, with a producer that is made anew when it fails or falls silent."""

    def __init__(self, bootstrap_servers: str, topic_prefix: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._prefix = topic_prefix
        self._producer: KafkaProducer | None = None
        self._said: list[list[Any]] = []

    def tick(self) -> int:
        """Say it once everywhere; returns on how many partitions.

        Raises KafkaError, OSError or ValueError when no broker hears it; then the next tick begins anew.
        """
        try:
            return self._tick()
        except (KafkaError, OSError, ValueError):
            self.close()
            raise

    def close(self) -> None:
        """Let the producer go, with what it still holds: the next tick tells the same."""
        if self._producer is not None:
            let_go(self._producer)
        self._producer, self._said = None, []

    def _tick(self) -> int:
        producer = self._producer = self._producer or self._make()
        said = []
        for topic in (INTAKE, ALARMS):
            name = self._prefix + topic
            for partition in sorted(producer.partitions_for(name) or ()):
                message = to_message(time_passed(topic, partition), "/clock")
                future = producer.send(
                    name,
                    key=message.key,
                    value=message.body,
                    headers=list(message.headers),
                    partition=partition,
                )
                said.append(future)
        self._said.append(said)
        if len(self._said) > SILENT_TICKS and not all(future.is_done for future in self._said.pop(0)):
            raise OSError("the producer is silent")
        return len(said)

    def _make(self) -> KafkaProducer:
        if not takes_connections(self._bootstrap_servers):
            raise OSError("refused")
        return KafkaProducer(
            bootstrap_servers=self._bootstrap_servers,
            bootstrap_timeout_ms=3_000,
            acks=1,
            linger_ms=0,
            max_block_ms=1_000,
            request_timeout_ms=1_000,
            delivery_timeout_ms=2_000,
        )


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
    clock = Clock(bootstrap_servers, topic_prefix)
    is_heard: bool | None = None
    next_at = time.monotonic()
    while not stop.is_set():
        try:
            was_heard, is_heard = is_heard, clock.tick() > 0
        except (KafkaError, OSError, ValueError) as error:
            log.debug("not heard: %s", error)
            was_heard, is_heard = is_heard, False
        if is_heard is not was_heard:
            log.log(logging.INFO if is_heard else logging.WARNING, "the clock is heard: %s", is_heard)
        next_at = max(next_at + every_s, time.monotonic())
        stop.wait(next_at - time.monotonic())
    clock.close()
    return 0
