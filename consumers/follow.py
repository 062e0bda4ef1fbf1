"""The loop of every consumer: rows of `dispatch` into effects in PostgreSQL, once each and in order.

The last applied `(area, seq)` is set in the same transaction as the effects, so repeats are skipped and a
gap is read from the journal. Kafka only wakes the loop early: while the broker is away, or says nothing for
a second, the journal is followed directly, so pages stay true without it. A database that is away is waited
for. A row with a word this version does not know stops the consumer, which says so.
"""

import logging
import signal
import socket
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from kafka import KafkaConsumer
from kafka.errors import KafkaError
from pydantic import ValidationError
from sqlalchemy import Connection, Engine, Table, select, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError

from schemas.envelope import DISPATCH
from schemas.rows import Row
from schemas.tables import applied, heads, journal

BATCH_ROWS = 500
POLL_MS = 500
BOOTSTRAP_MS = 2_000
WAIT_S = 0.5
BEHIND_S = 0.02

PHONES_AT_ONCE = 100
"""Ids in one notice; PostgreSQL takes less than 8,000 bytes."""

_TELL = text("SELECT pg_notify('derived', :what)")
_WAKE = text("SELECT pg_notify('phones', :whom)")

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Consumer:
    """What one consumer does: `apply` puts a row into effect inside the given transaction.

    `tables` are emptied by a rebuild, in this order; a consumer without any only adds what is missing.
    `after` names a consumer whose tables `apply` reads: a row waits until that one has applied it.
    `phones` tells whose phones show something else after some rows; it is asked before and after them.
    """

    name: str
    apply: Callable[[Connection, Row], None]
    tables: tuple[Table, ...] = ()
    after: str | None = None
    phones: Callable[[Connection, Sequence[Row]], Collection[str]] | None = None


class RowUnreadable(Exception):
    """A row holds a word this version does not know: upgrade this process, then start it again."""

    def __init__(self, place: str, detail: str) -> None:
        super().__init__(f"ROW_UNREADABLE {place}: {detail}")


class JournalBehind(Exception):
    """A row came from Kafka that the journal does not hold: the database is not the one Kafka belongs to."""


class _NotYet(Exception):
    """The consumer that must go first has not applied the row yet."""


def read_row(body: bytes, place: str) -> Row:
    """The row in `body`. Raises RowUnreadable that names the first fault, never its value."""
    try:
        return Row.of_body(body)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        raise RowUnreadable(place, f"{'.'.join(map(str, first['loc']))}: {first['type']}") from None
    except (ValueError, KeyError) as error:
        raise RowUnreadable(place, type(error).__name__) from None


def _lock_consumer(connection: Connection, name: str, *, alone: bool) -> None:
    """Batches share the consumer's lock; a rebuild holds it alone."""
    how = "pg_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
    connection.execute(text(f"SELECT {how}(hashtext('consumer'), hashtext(:name))"), {"name": name})


def _lock_applied(connection: Connection, name: str, areas: Sequence[str]) -> dict[str, int]:
    """The last applied `seq` per area, its row locked; 0 where nothing was applied yet."""
    ordered = sorted(set(areas))
    fresh = insert(applied).values([{"consumer": name, "area": area, "seq": 0} for area in ordered])
    connection.execute(fresh.on_conflict_do_nothing())
    locked = (
        select(applied.c.area, applied.c.seq)
        .where(applied.c.consumer == name, applied.c.area.in_(ordered))
        .order_by(applied.c.area)
        .with_for_update()
    )
    return _pairs(connection.execute(locked))


def _journal_rows(connection: Connection, area: str, above: int, below: int) -> Iterator[Row]:
    """Rows of an area with `above < seq < below`, in order."""
    wanted = (
        select(journal.c.seq, journal.c.body)
        .where(journal.c.area == area, journal.c.seq > above, journal.c.seq < below)
        .order_by(journal.c.seq)
    )
    for seq, body in connection.execute(wanted):
        yield read_row(body.encode(), f"{area}/{seq}")


def _pairs(told: Any) -> dict[str, int]:
    return {row[0]: row[1] for row in told}


def _seqs(connection: Connection, name: str) -> dict[str, int]:
    told = connection.execute(select(applied.c.area, applied.c.seq).where(applied.c.consumer == name))
    return _pairs(told)


def apply_rows(engine: Engine, consumer: Consumer, rows: Sequence[Row]) -> int:
    """Put rows into effect in one transaction, skipping repeats and filling gaps; how many took effect."""
    if not rows:
        return 0
    with engine.begin() as connection:
        _lock_consumer(connection, consumer.name, alone=False)
        done = _lock_applied(connection, consumer.name, [row.area for row in rows])
        before = sum(done.values())
        ahead = _seqs(connection, consumer.after) if consumer.after else None
        fresh: list[Row] = []
        whom = set(consumer.phones(connection, rows)) if consumer.phones else set()
        for row in rows:
            if ahead is not None and ahead.get(row.area, 0) < row.seq:
                raise _NotYet
            if row.seq <= done[row.area]:
                continue
            fresh += _fill_gap(connection, consumer, row, done)
            consumer.apply(connection, row)
            done[row.area] = row.seq
            fresh.append(row)
        for area, seq in done.items():
            mark = update(applied).where(applied.c.consumer == consumer.name, applied.c.area == area)
            connection.execute(mark.values(seq=seq))
            connection.execute(_TELL, {"what": f"{consumer.name}/{area}/{seq}"})
        _wake(connection, whom.union(consumer.phones(connection, fresh) if consumer.phones else ()))
    return sum(done.values()) - before


def _wake(connection: Connection, caregiver_ids: Collection[str]) -> None:
    whom = sorted(caregiver_ids)
    for first in range(0, len(whom), PHONES_AT_ONCE):
        connection.execute(_WAKE, {"whom": ",".join(whom[first : first + PHONES_AT_ONCE])})


def _fill_gap(connection: Connection, consumer: Consumer, row: Row, done: dict[str, int]) -> list[Row]:
    """Apply the rows between the last applied one and `row`, from the journal; those rows."""
    filled: list[Row] = []
    if row.seq == done[row.area] + 1:
        return filled
    for missing in _journal_rows(connection, row.area, done[row.area], row.seq):
        consumer.apply(connection, missing)
        done[row.area] = missing.seq
        filled.append(missing)
    if row.seq != done[row.area] + 1:
        raise JournalBehind(f"{row.area}/{row.seq} came from Kafka, the journal ends at {done[row.area]}")
    return filled


def catch_up(engine: Engine, consumer: Consumer) -> int:
    """Put into effect what the journal holds beyond the last applied rows; how many rows that were."""
    total = 0
    while True:
        rows = _next_rows(engine, consumer)
        if not rows:
            return total
        total += apply_rows(engine, consumer, rows)


def _next_rows(engine: Engine, consumer: Consumer) -> list[Row]:
    """Up to a batch of rows not applied yet, and already applied by the consumer that goes first."""
    with engine.connect() as connection:
        done = _seqs(connection, consumer.name)
        tips = _pairs(connection.execute(select(heads.c.area, heads.c.seq)))
        if consumer.after:
            ahead = _seqs(connection, consumer.after)
            tips = {area: min(seq, ahead.get(area, 0)) for area, seq in tips.items()}
        rows: list[Row] = []
        for area, tip in sorted(tips.items()):
            above = done.get(area, 0)
            room = BATCH_ROWS - len(rows)
            if tip > above and room > 0:
                rows += _journal_rows(connection, area, above, min(tip, above + room) + 1)
    return rows


def rebuild(engine: Engine, consumer: Consumer) -> int:
    """Empty the consumer's tables and fill them from the journal, in one transaction; rows read."""
    count = 0
    with engine.begin() as connection:
        _lock_consumer(connection, consumer.name, alone=True)
        for table in consumer.tables:
            connection.execute(table.delete())
        tips = connection.execute(select(heads.c.area, heads.c.seq).order_by(heads.c.area)).all()
        for area, tip in tips:
            for row in _journal_rows(connection, area, 0, tip + 1):
                consumer.apply(connection, row)
                count += 1
            mark = insert(applied).values(consumer=consumer.name, area=area, seq=tip)
            connection.execute(
                mark.on_conflict_do_update(index_elements=["consumer", "area"], set_={"seq": tip})
            )
    return count


def _reach(servers: str) -> None:
    """Raise OSError unless a server can be reached; the library leaks a socket for each it cannot."""
    for server in servers.split(","):
        host, _, port = server.rpartition(":")
        try:
            with socket.create_connection((host.strip("[]"), int(port)), timeout=BOOTSTRAP_MS / 1000):
                return
        except OSError:
            continue
    raise ConnectionRefusedError(servers)


class _Broker:
    """The topic as an early waker: rows as they are relayed, nothing while the broker is away."""

    def __init__(self, consumer: Consumer, bootstrap_servers: str, topic_prefix: str) -> None:
        self._group = f"{topic_prefix}consumer-{consumer.name}"
        self._servers = bootstrap_servers
        self._topic = f"{topic_prefix}{DISPATCH}"
        self._kafka: Any = None
        self._told_away = False

    def rows(self) -> list[Row]:
        """The rows that came within a moment. An empty list says: look into the journal."""
        try:
            if self._kafka is None:
                self._kafka = self._connect()
            polled = self._kafka.poll(timeout_ms=POLL_MS, max_records=BATCH_ROWS)
        except (KafkaError, OSError) as error:
            self._away(error)
            return []
        self._told_away = False
        return [
            read_row(message.value or b"", f"{message.topic}[{message.partition}]@{message.offset}")
            for messages in polled.values()
            for message in messages
        ]

    def _connect(self) -> Any:
        _reach(self._servers)
        return KafkaConsumer(
            self._topic,
            bootstrap_servers=self._servers.split(","),
            group_id=self._group,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            allow_auto_create_topics=False,
            bootstrap_timeout_ms=BOOTSTRAP_MS,
            session_timeout_ms=6_000,
            heartbeat_interval_ms=1_500,
            metrics_enabled=False,
        )

    def commit(self) -> None:
        """Tell the group what is done. A failure is harmless: `applied` knows better."""
        try:
            if self._kafka is not None:
                self._kafka.commit()
        except (KafkaError, OSError) as error:
            log.info("offsets not committed, repeats will be skipped: %s", error)

    def _away(self, error: BaseException) -> None:
        if not self._told_away:
            log.warning("Kafka is away (%s); following the journal alone", type(error).__name__)
            self._told_away = True
        self.close()

    def close(self) -> None:
        """Leave the group."""
        kafka, self._kafka = self._kafka, None
        if kafka is not None:
            try:
                kafka.close(autocommit=False, timeout_ms=2_000)
            except (KafkaError, OSError) as error:
                log.info("closing: %s", error)


def is_away(error: DBAPIError) -> bool:
    """Whether the database could not be reached, rather than refused what was asked."""
    return isinstance(error, OperationalError | InterfaceError) or error.connection_invalidated


class Follower:
    """One consumer at work; `step` handles what has come and may be called by tests."""

    def __init__(self, consumer: Consumer, engine: Engine, broker: _Broker | None, stop: threading.Event):
        self._consumer = consumer
        self._engine = engine
        self._broker = broker
        self._stop = stop
        self._told_away = False

    def step(self) -> None:
        """Take what has come from Kafka, or follow the journal where nothing has."""
        rows = self._broker.rows() if self._broker else []
        if rows:
            self._until_done(lambda: apply_rows(self._engine, self._consumer, rows))
        else:
            self._until_done(lambda: catch_up(self._engine, self._consumer))
        if rows and self._broker and not self._stop.is_set():
            self._broker.commit()

    def _until_done(self, work: Callable[[], int]) -> None:
        """Repeat `work` until it is done or the process shall stop; a database away is waited for."""
        while not self._stop.is_set():
            try:
                work()
            except _NotYet:
                self._stop.wait(BEHIND_S)
                continue
            except DBAPIError as error:
                if not is_away(error):
                    raise
                if not self._told_away:
                    log.warning("PostgreSQL is away; waiting for it")
                    self._told_away = True
                self._stop.wait(WAIT_S)
                continue
            if self._told_away:
                log.warning("PostgreSQL is back")
                self._told_away = False
            return


def follow(
    *,
    consumer: Consumer,
    engine: Engine,
    bootstrap_servers: str,
    topic_prefix: str = "",
    stop: threading.Event | None = None,
) -> int:
    """Follow the line until SIGTERM, SIGINT or `stop`; 0 after a clean stop, 3 at a row it cannot read."""
    halt = stop or threading.Event()
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: halt.set())
    broker = _Broker(consumer, bootstrap_servers, topic_prefix)
    follower = Follower(consumer, engine, broker, halt)
    try:
        Follower(consumer, engine, None, halt).step()
        log.info("%s follows the line", consumer.name)
        while not halt.is_set():
            follower.step()
            if broker._kafka is None:
                halt.wait(WAIT_S)
    except RowUnreadable as unreadable:
        log.error("%s stops: %s", consumer.name, unreadable)
        return 3
    finally:
        broker.close()
    return 0
