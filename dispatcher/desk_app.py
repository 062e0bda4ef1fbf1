"""A desk worker: Faust around the pure core. Read, decide, write the batch, and only then acknowledge."""

import asyncio
import logging
import threading
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import aclosing
from pathlib import Path
from typing import Any

import faust
from sqlalchemy import Engine
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from dispatcher.deliveries import Delivery
from dispatcher.journal import Decided, Journal
from dispatcher.ledges import Gap
from dispatcher.listening import HeldLock
from dispatcher.rules import Rules
from dispatcher.stream import (
    EXIT_FAILED,
    EXIT_GAP,
    TopicSeen,
    Watch,
    delivery_of,
    end_process,
    faust_app,
    group_name,
    run_worker,
    wait_for_topics,
)
from schemas.envelope import ALARMS, INTAKE

log = logging.getLogger(__name__)

BATCH = 100
GAP_PATIENCE_S = 10.0
"""A gap may close while another process's last transaction commits; one that stays is never run past."""

Away = (OperationalError, InterfaceError, PoolTimeout)


class Patient:
    """The journal as the agent calls it: waits for a database that is away, and for a gap that closes."""

    def __init__(self, journal: Journal[Any], stop: threading.Event) -> None:
        self._journal = journal
        self._stop = stop

    def decide(self, deliveries: Sequence[Delivery]) -> Decided | None:
        """Decide the batch, however long the database takes; None when the worker is stopping.

        Raises Gap when one stays, and whatever else the shell cannot mend.
        """
        since = time.monotonic()
        pause_s, told = 0.05, False
        while not self._stop.is_set():
            try:
                return self._journal.decide_batch(deliveries)
            except Gap as gap:
                if time.monotonic() - since > GAP_PATIENCE_S:
                    raise
                log.warning("a gap, waiting: %s", gap)
                self._journal.drop_all()
            except Away as error:
                if not told:
                    log.warning("the database is away, waiting: %s", type(error).__name__)
                    told = True
                since = time.monotonic()
            self._stop.wait(pause_s)
            pause_s = min(pause_s * 2, 1.0)
        return None

    def warm(self, partitions: set[int]) -> None:
        """Fold the desks of new partitions; what fails here is met again with the first fact."""
        try:
            self._journal.warm(partitions)
        except SQLAlchemyError as error:
            log.warning("desks not folded ahead: %s", type(error).__name__)


async def batches_of(events: AsyncIterator[Any], most: int = BATCH) -> AsyncGenerator[list[Any], None]:
    """What has come, at most `most` at a time, as soon as there is anything: alone, a fact waits for none.

    While a batch is decided the next one comes in, so that after a rush the batches are full.
    """
    inbox: asyncio.Queue[Any] = asyncio.Queue(most)
    reader = asyncio.create_task(_fill(inbox, events))
    try:
        while True:
            batch = [await inbox.get()]
            while len(batch) < most and not inbox.empty():
                batch.append(inbox.get_nowait())
            end = batch.pop() if batch[-1] is None else batch[-1]
            if batch:
                yield batch
            if end is None:
                await reader
                return
    finally:
        reader.cancel()


async def _fill(inbox: "asyncio.Queue[Any]", events: AsyncIterator[Any]) -> None:
    """All events, and None when no more will come; what went wrong is told to whoever awaits this."""
    try:
        async for event in events:
            await inbox.put(event)
    except Exception:
        await inbox.put(None)
        raise
    await inbox.put(None)


def desk_agent(
    decide: Callable[[Sequence[Delivery]], Decided | None],
    seen: dict[str, TopicSeen],
    executor: ThreadPoolExecutor,
    fail: Callable[[int, str], None] = end_process,
) -> Callable[[Any], Any]:
    """The agent's loop. A failure ends the process from inside: leaving the loop would acknowledge."""

    async def desk(stream: Any) -> None:
        loop = asyncio.get_running_loop()
        async with aclosing(batches_of(stream.noack().events())) as batches:
            async for events in batches:
                try:
                    deliveries = [delivery_of(event, seen) for event in events]
                    decided = await loop.run_in_executor(executor, decide, deliveries)
                except asyncio.CancelledError:
                    raise
                except Gap as gap:
                    fail(EXIT_GAP, f"a gap stays: {gap}")
                    return
                except BaseException as error:
                    log.exception("the shell failed")
                    fail(EXIT_FAILED, type(error).__name__)
                    return
                if decided is None:
                    return
                for event in events:
                    event.ack()

    return desk


def desk_app(
    patient: Patient,
    seen: dict[str, TopicSeen],
    stop: threading.Event,
    *,
    instance: str,
    bootstrap_servers: str,
    data_dir: Path,
) -> tuple[faust.App, ThreadPoolExecutor]:
    """The Faust app of a desk worker, and the one thread in which it reaches the database."""
    executor = ThreadPoolExecutor(1, thread_name_prefix="journal")
    app = faust_app(
        group_name("desk", seen),
        instance=instance,
        bootstrap_servers=bootstrap_servers,
        datadir=data_dir / instance,
    )
    topic = app.topic(*seen, key_serializer="raw", value_serializer="raw")
    app.agent(topic, name="desk", concurrency=1)(desk_agent(patient.decide, seen, executor))

    def warm(*told: Any, **_: Any) -> None:
        executor.submit(patient.warm, {tp.partition for tp in told[-1]})

    def leave(*_: Any, **__: Any) -> None:
        stop.set()

    app.on_partitions_assigned.connect(warm, weak=False)
    app.on_before_shutdown.connect(leave, weak=False)
    return app, executor


def run(
    *,
    engine: Engine,
    rules: Rules[Any] | None = None,
    bootstrap_servers: str,
    topic_prefix: str = "",
    desk_id: int = 1,
    data_dir: Path,
    log_level: str = "INFO",
    snapshot_every: int = 1_000,
) -> int:
    """Run desk worker number `desk_id` until it is told to stop; two live ones never share a number."""
    stop = threading.Event()
    instance = f"desk-{desk_id}"
    names = [topic_prefix + INTAKE, topic_prefix + ALARMS]
    seen = wait_for_topics(bootstrap_servers, names, stop)
    lock = HeldLock(engine, f"{group_name('desk', seen)}/{instance}")
    lock.wait(stop)
    if rules is None:
        from dispatcher.core_rules import core_rules

        rules = core_rules()
    partitions = seen[names[0]].partitions
    journal = Journal(engine, rules, partitions=partitions, snapshot_every=snapshot_every)
    where = {"instance": instance, "bootstrap_servers": bootstrap_servers}
    app, executor = desk_app(Patient(journal, stop), seen, stop, **where, data_dir=data_dir)
    Watch(bootstrap_servers, seen, lock).start()
    log.info("%s: group %s, %d partitions", instance, group_name("desk", seen), partitions)
    try:
        return run_worker(app, log_level)
    finally:
        stop.set()
        executor.shutdown(wait=True)
        lock.release()
