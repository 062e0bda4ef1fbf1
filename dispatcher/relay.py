"""The relay: tells Kafka what stands in PostgreSQL. Rows, words for other areas, dead letters, the spool."""

import logging
import signal
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError
from sqlalchemy import ColumnElement, Engine, func, select, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.listening import Ear, HeldLock
from dispatcher.quiet import say_once
from schemas.decisions import AreaTold
from schemas.envelope import AHEAD_SOURCE, DEAD_LETTERS, DISPATCH, Message, to_message, topic_of
from schemas.rows import Row
from schemas.tables import dead_letters, heads, journal, relay_cursors, spool

log = logging.getLogger(__name__)

CHUNK = 500
AHEAD_CHUNK = 60
"""Of the facts said ahead of the day, sent at once; the next follow when they are decided. So a caller's
request, in the same queue, never waits behind a whole day of care plans."""
AHEAD_PATIENCE_S = 5.0
"""By then a fact that has no row is with the dead letters, or its desk is away."""
IS_AHEAD = spool.c.headers["ce_source"].astext == AHEAD_SOURCE
DELIVER_WITHIN_MS = 12_000
SILENT_S = 15.0
"""A producer that has told nothing by then hangs (seen after a killed broker): a new one sends all anew."""
MAX_REQUEST_BYTES = 8 * 1024 * 1024
ROW_TYPE = "cn.liuzhu.Row.v1"
LETTER_TYPE = "cn.liuzhu.DeadLetter.v1"
CHANNELS = ("journal", "spool", "dead_letters")
Send = Callable[[str, Message], Any]


@dataclass(frozen=True)
class Sent:
    """How much went out in one round."""

    rows: int = 0
    letters: int = 0
    spooled: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return self.rows + self.letters + self.spooled


def row_message(area: str, seq: int, row_hash: bytes, body: bytes, now_iso: str) -> Message:
    """A journal row on its way: the body's bytes exactly as they are stored."""
    headers = (
        ("ce_specversion", b"1.0"),
        ("ce_id", f"{area}/{seq}".encode()),
        ("ce_type", ROW_TYPE.encode()),
        ("ce_source", b"/desk"),
        ("ce_time", now_iso.encode()),
        ("ce_partitionkey", area.encode()),
        ("content-type", b"application/json"),
        ("hash", row_hash.hex().encode()),
    )
    return Message(area.encode(), headers, body)


def told_messages(body: bytes) -> list[tuple[str, Message]]:
    """Facts for other areas in a row: (topic without prefix, message)."""
    if b'"word":"AreaTold"' not in body:
        return []
    row = Row.of_body(body)
    return [
        (topic_of(decision.fact), to_message(decision.fact, f"/desk/{row.area}"))
        for decision in row.decisions
        if isinstance(decision, AreaTold)
    ]


class Relay:
    """Sends in order and moves a cursor after the broker has it all; a crash between repeats, never loses."""

    def __init__(self, engine: Engine, producer: KafkaProducer, *, topic_prefix: str = "") -> None:
        self._engine = engine
        self._producer = producer
        self._prefix = topic_prefix
        self._ahead: set[tuple[str, str]] = set()
        self._ahead_sent_s = 0.0

    def round(self) -> Sent:
        """Send what is new. Raises KafkaError or SQLAlchemyError; what was sent so far is sent again."""
        rows = sum(self._rows_of(area, seq) for area, seq in self._behind())
        return Sent(rows, self._letters(), self._spool())

    def _behind(self) -> list[tuple[str, int]]:
        """Areas with unsent rows, and the last row sent of each."""
        cursor = func.coalesce(relay_cursors.c.seq, 0)
        joined = heads.outerjoin(relay_cursors, relay_cursors.c.stream == func.concat("area:", heads.c.area))
        with self._engine.connect() as connection:
            found = connection.execute(
                select(heads.c.area, cursor)
                .select_from(joined)
                .where(heads.c.seq > cursor)
                .order_by(heads.c.area)
            )
            return [(area, seq) for area, seq in found]

    def _rows_of(self, area: str, after: int) -> int:
        with self._engine.connect() as connection:
            rows = connection.execute(
                select(journal.c.seq, journal.c.now, journal.c.body, journal.c.hash)
                .where(journal.c.area == area, journal.c.seq > after)
                .order_by(journal.c.seq)
                .limit(CHUNK)
            ).all()
        pending = []
        for row in rows:
            body = row.body.encode()
            message = row_message(area, row.seq, bytes(row.hash), body, row.now.isoformat())
            pending.append(self._send(DISPATCH, message))
            pending += [self._send(topic, told) for topic, told in told_messages(body)]
        self._await(pending)
        if rows:
            self._set_cursor(f"area:{area}", rows[-1].seq)
        return len(rows)

    def _letters(self) -> int:
        with self._engine.connect() as connection:
            after = connection.execute(
                select(relay_cursors.c.seq).where(relay_cursors.c.stream == DEAD_LETTERS)
            ).scalar_one_or_none()
            letters = connection.execute(
                select(dead_letters)
                .where(dead_letters.c.letter_id > (after or 0))
                .order_by(dead_letters.c.letter_id)
                .limit(CHUNK)
            ).all()
        self._await([self._send(DEAD_LETTERS, letter_message(letter)) for letter in letters])
        if letters:
            self._set_cursor(DEAD_LETTERS, letters[-1].letter_id)
        return len(letters)

    def _spool(self) -> int:
        """Unsent facts, each area's in the order they were written; those said ahead of the day come last."""
        ahead = self._unsent(IS_AHEAD, AHEAD_CHUNK) if self._ahead_is_decided() else []
        others = self._unsent(~IS_AHEAD, CHUNK)
        self._send_spooled(others)
        if len(others) == CHUNK:  # a plan never goes before the person it is for
            return len(others)
        self._send_spooled(ahead)
        if ahead:
            self._ahead = {(row.area, row.fact_id) for row in ahead}
            self._ahead_sent_s = time.monotonic()
        return len(others) + len(ahead)

    def _ahead_is_decided(self) -> bool:
        """Whether what was sent last of the facts said ahead stands in the journal, or never will."""
        if self._ahead and time.monotonic() - self._ahead_sent_s < AHEAD_PATIENCE_S:
            with self._engine.connect() as connection:
                found = connection.execute(
                    select(journal.c.area, journal.c.fact_id).where(
                        tuple_(journal.c.area, journal.c.fact_id).in_(sorted(self._ahead))
                    )
                )
                self._ahead -= {(area, fact_id) for area, fact_id in found}
            return not self._ahead
        return True

    def _unsent(self, which: ColumnElement[bool], most: int) -> Sequence[Any]:
        with self._engine.connect() as connection:
            return connection.execute(
                select(spool).where(spool.c.sent_at.is_(None), which).order_by(spool.c.spool_id).limit(most)
            ).all()

    def _send_spooled(self, rows: Sequence[Any]) -> None:
        """Send rows of the spool, whose topics stand there without prefix, and note that they are sent."""
        pending = []
        for row in rows:
            headers = tuple((name, value.encode()) for name, value in row.headers.items())
            pending.append(self._send(row.topic, Message(row.area.encode(), headers, bytes(row.body))))
        self._await(pending)
        if rows:
            with self._engine.begin() as connection:
                connection.execute(
                    update(spool)
                    .where(spool.c.spool_id.in_([row.spool_id for row in rows]))
                    .values(sent_at=func.clock_timestamp())
                )

    def _set_cursor(self, stream: str, seq: int) -> None:
        with self._engine.begin() as connection:
            connection.execute(
                insert(relay_cursors)
                .values(stream=stream, seq=seq)
                .on_conflict_do_update(index_elements=["stream"], set_={"seq": seq})
            )

    def _send(self, topic: str, message: Message) -> Any:
        return self._producer.send(
            self._prefix + topic, key=message.key, value=message.body, headers=list(message.headers)
        )

    def _await(self, pending: Sequence[Any]) -> None:
        """Until the broker has all of them. One that failed fails the round: nothing is passed over."""
        for future in pending:
            future.get(timeout=SILENT_S)


def letter_message(letter: Any) -> Message:
    """A dead letter on its way: the original body, its headers kept, where it stood and why beside them."""
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", f"letter/{letter.letter_id}".encode()),
        ("ce_type", LETTER_TYPE.encode()),
        ("ce_source", b"/desk"),
        ("ce_time", letter.created_at.isoformat().encode()),
        ("code", letter.code.encode()),
        ("detail", letter.detail.encode()),
        ("stood", f"{letter.topic}/{letter.partition}/{letter.offset}".encode()),
    ]
    headers += [(f"was_{name}", value.encode()) for name, value in letter.headers.items()]
    body = bytes(letter.body) if letter.body is not None else b""
    return Message((letter.area or letter.topic).encode(), tuple(headers), body)


def make_producer(bootstrap_servers: str) -> KafkaProducer:
    """Ordered, acknowledged by all, repeating by itself for some seconds. Raises KafkaError."""
    return KafkaProducer(
        bootstrap_servers=bootstrap_servers,
        bootstrap_timeout_ms=5_000,
        acks="all",
        enable_idempotence=True,
        linger_ms=0,
        max_block_ms=3_000,
        request_timeout_ms=5_000,
        delivery_timeout_ms=DELIVER_WITHIN_MS,
        max_request_size=MAX_REQUEST_BYTES,
    )


def relay_until(
    stop: threading.Event, *, engine: Engine, bootstrap_servers: str, topic_prefix: str, lock: HeldLock
) -> None:
    """Relay until `stop` is set; wait for a broker or a database that is away, and for the lock."""
    ear = Ear(engine, CHANNELS)
    producer: KafkaProducer | None = None
    told = ""
    try:
        while not stop.is_set():
            if lock.take() != "OURS":
                stop.wait(1.0)
                continue
            try:
                if producer is None:
                    producer = make_producer(bootstrap_servers)
                    relay = Relay(engine, producer, topic_prefix=topic_prefix)
                while relay.round().total and not stop.is_set():
                    pass
                told = ""
                ear.wait(1.0)
            except (KafkaError, SQLAlchemyError, OSError, ValueError) as error:
                if told != type(error).__name__:
                    told = type(error).__name__
                    log.warning("waiting: %s", told)
                if producer is not None:
                    let_go(producer)
                producer = None
                stop.wait(0.5)
    finally:
        ear.close()
        if producer is not None:
            let_go(producer)


def let_go(producer: KafkaProducer) -> None:
    """End a producer, also one that hangs, with what it still holds.

    Its own `close` gives up at the flush and would leave its thread running for ever.
    """
    try:
        producer.close(timeout=0)
    except KafkaError:
        producer._sender.force_close()
        producer._closed = True


def run(*, engine: Engine, bootstrap_servers: str, topic_prefix: str = "") -> int:
    """Relay until SIGTERM or SIGINT. Only one is active; another waits to take over."""
    say_once()
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    lock = HeldLock(engine, f"relay/{topic_prefix}")
    try:
        relay_until(
            stop, engine=engine, bootstrap_servers=bootstrap_servers, topic_prefix=topic_prefix, lock=lock
        )
    finally:
        lock.release()
    return 0
