"""The way in: a fact goes to Kafka, else to the spool, an emergency by the door; then we wait for its row."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from producers.reaching import let_go, takes_connections
from producers.spool import has_unsent, spool_fact
from producers.waiting import RowWaiter
from schemas.envelope import ALARMS, to_message, topic_of
from schemas.facts import Fact
from schemas.ports import Said, SinkClosed
from schemas.rows import Row

log = logging.getLogger(__name__)

SEND_WITHIN_MS = 3_000
RETRY_KAFKA_AFTER_S = 1.0
"""After a failed send, facts go straight to the spool for so long before Kafka is tried again."""

SILENT_S = 4.0
"""A producer that has told nothing by then hangs (seen after a killed broker): a new one is made."""
ALARM_PATIENCE_S = 1.0
"""How long an emergency waits for Kafka before it goes through the door."""

Door = Callable[[Fact], Row | None]


class LineSink:
    """The `schemas.ports.EventSink` of pages, devices and plans. Starts without Kafka and without PostgreSQL.

    `door` decides a fact of an emergency here and now, when Kafka does not take it; it is called in a thread.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        bootstrap_servers: str,
        topic_prefix: str = "",
        source: str = "/web",
        door: Door | None = None,
    ) -> None:
        self._engine = engine
        self._bootstrap_servers = bootstrap_servers
        self._prefix = topic_prefix
        self._source = source
        self._door = door
        self._waiter = RowWaiter(engine)
        self._producer: KafkaProducer | None = None
        self._failed_at = float("-inf")
        self._stop = threading.Event()

    def start(self) -> None:
        """Begin to listen for rows, and to reach Kafka in the background."""
        self._waiter.start()
        self._build_in_background()

    def close(self) -> None:
        """Stop. What was acknowledged is kept by whoever acknowledged it."""
        self._stop.set()
        self._waiter.close()
        if self._producer is not None:
            let_go(self._producer)

    @property
    def kafka_is_away(self) -> bool:
        """Whether Kafka is not reached at the moment, as far as we know."""
        return self._producer is None or time.monotonic() - self._failed_at < 2 * RETRY_KAFKA_AFTER_S

    @property
    def database_is_away(self) -> bool:
        """Whether PostgreSQL is not reached at the moment, as far as we know."""
        return not self._waiter.hears

    async def say(self, fact: Fact, *, of_case: bool = False, wait_s: float = 3.0) -> Said:
        """Say a fact and wait up to `wait_s` for its row. Raises SinkClosed when neither store takes it.

        Whichever comes first, the row or a failed send, is taken; a fact said twice counts once.
        """
        began = time.monotonic()
        topic = topic_of(fact, of_case=of_case)
        row = self._waiter.register(fact.fact_id)
        try:
            acked = await self._hand_to_kafka(fact, topic)
            if acked is not None:
                await _either(row, acked, ALARM_PATIENCE_S if topic == ALARMS else SILENT_S)
                if topic != ALARMS and not row.done() and not acked.done():
                    self._replace_producer()
            if row.done() or _is_there(acked):
                via = "KAFKA"
            elif topic == ALARMS:
                return await self._say_by_door(fact, row, acked)
            else:
                await self._say_by_spool(fact, of_case)
                via = "SPOOL"
            left_s = max(wait_s - (time.monotonic() - began), 0.0)
            if not row.done() and (via == "KAFKA" or not self.kafka_is_away) and self._waiter.hears:
                await asyncio.wait([row], timeout=left_s)
            return Said(fact.fact_id, via, row.result() if row.done() else None)
        finally:
            self._waiter.forget(fact.fact_id)

    # ------------------------------------------------------------------------------------------------------

    async def _hand_to_kafka(self, fact: Fact, topic: str) -> "asyncio.Future[bool] | None":
        """A future that tells whether the broker has the fact; None when it must go another way."""
        if self._producer is None or time.monotonic() - self._failed_at < RETRY_KAFKA_AFTER_S:
            return None
        if topic != ALARMS and await asyncio.to_thread(self._must_queue, fact.area):
            return None
        loop = asyncio.get_running_loop()
        acked: asyncio.Future[bool] = loop.create_future()
        try:
            await asyncio.to_thread(self._send, fact, topic, loop, acked)
        except (KafkaError, OSError, ValueError, AssertionError) as error:
            self._failed(error)
            return None
        return acked

    def _send(
        self, fact: Fact, topic: str, loop: asyncio.AbstractEventLoop, acked: "asyncio.Future[bool]"
    ) -> None:
        """Hand the fact to the producer; may block while it looks for the topic."""
        assert self._producer is not None
        message = to_message(fact, self._source)
        sent = self._producer.send(
            self._prefix + topic, key=message.key, value=message.body, headers=list(message.headers)
        )

        def settle(is_there: bool) -> None:
            if not acked.done():
                acked.set_result(is_there)

        def failed(error: Any) -> None:
            self._failed(error)
            loop.call_soon_threadsafe(settle, False)

        sent.add_callback(lambda _: loop.call_soon_threadsafe(settle, True))
        sent.add_errback(failed)

    async def _say_by_spool(self, fact: Fact, of_case: bool) -> None:
        try:
            await asyncio.to_thread(self._write_spool, fact, of_case)
        except SQLAlchemyError as error:
            raise SinkClosed(str(type(error).__name__)) from error

    def _write_spool(self, fact: Fact, of_case: bool) -> None:
        with self._engine.begin() as connection:
            spool_fact(connection, fact, self._source, of_case=of_case)

    async def _say_by_door(
        self, fact: Fact, row: "asyncio.Future[Row]", acked: "asyncio.Future[bool] | None"
    ) -> Said:
        """Decide here and now. What Kafka may yet bring is the same fact, and counts once.

        With PostgreSQL away too, only Kafka's own word that it has the fact is left to wait for.
        """
        failure = "no emergency door"
        if self._door is not None:
            try:
                return Said(fact.fact_id, "DOOR", await asyncio.to_thread(self._door, fact))
            except SQLAlchemyError as error:
                failure = type(error).__name__
        if acked is not None:
            await _either(row, acked, SILENT_S)
            if row.done() or _is_there(acked):
                return Said(fact.fact_id, "KAFKA", row.result() if row.done() else None)
        raise SinkClosed(failure)

    def _must_queue(self, area: str) -> bool:
        """Whether earlier facts of the area wait in the spool; with PostgreSQL away none of them can go."""
        if not self._waiter.hears:
            return False
        try:
            with self._engine.connect() as connection:
                return has_unsent(connection, area)
        except SQLAlchemyError:
            return False

    def _replace_producer(self) -> None:
        """Let a producer go that tells nothing any more; what it may yet send counts once."""
        old, self._producer = self._producer, None
        self._failed(TimeoutError())
        if old is not None:
            threading.Thread(target=let_go, args=(old,), name="sink-old-producer", daemon=True).start()
            self._build_in_background()

    def _build_in_background(self) -> None:
        threading.Thread(target=self._build_producer, name="sink-producer", daemon=True).start()

    def _failed(self, error: object) -> None:
        self._failed_at = time.monotonic()
        log.warning("Kafka did not take a fact: %s", type(error).__name__)

    def _build_producer(self) -> None:
        while not self._stop.is_set():
            try:
                if not takes_connections(self._bootstrap_servers):
                    raise OSError("refused")
                self._producer = KafkaProducer(
                    bootstrap_servers=self._bootstrap_servers,
                    bootstrap_timeout_ms=2_000,
                    acks="all",
                    linger_ms=0,
                    max_block_ms=1_000,
                    delivery_timeout_ms=SEND_WITHIN_MS,
                    request_timeout_ms=2_000,
                )
                return
            except (KafkaError, OSError, ValueError) as error:
                log.warning("Kafka is not reached: %s", type(error).__name__)
                self._stop.wait(1.0)


async def _either(row: "asyncio.Future[Row]", acked: "asyncio.Future[bool]", within_s: float) -> None:
    both: list[asyncio.Future[Any]] = [row, acked]
    await asyncio.wait(both, timeout=within_s, return_when=asyncio.FIRST_COMPLETED)


def _is_there(acked: "asyncio.Future[bool] | None") -> bool:
    return acked is not None and acked.done() and acked.result()
