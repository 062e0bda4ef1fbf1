"""The journal: one writer per area at a time, fenced by its head row; the truth all else is derived from."""

import logging
import threading
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Generic

from sqlalchemy import Connection, Engine, select, text

from dispatcher.batch import Batch, FoldFailed
from dispatcher.city_clock import database_now, read_segments
from dispatcher.deliveries import Delivery, partition_of, read_delivery
from dispatcher.ledges import Gap, lock_heads, lock_positions, set_positions
from dispatcher.rules import D, Rules
from dispatcher.shelf import ChainBroken, Held, Shelf
from schemas.city_time import city_time
from schemas.envelope import BadFact
from schemas.facts import Fact, TimePassed
from schemas.rows import Row
from schemas.tables import heads, journal

log = logging.getLogger(__name__)

IDLE_LIMIT_MS = 15_000
"""A writer that stands still inside a transaction (a stopped process) loses it, and its locks, after this."""


@dataclass(frozen=True)
class Decided:
    """What a batch came to: new rows, messages that were repeats, facts set aside."""

    rows: int
    repeats: int
    letters: int


class Journal(Generic[D]):
    """Decides facts and writes their rows. Safe to use from several threads; one batch at a time.

    Any number of processes may hold one over the same areas: the head rows and the positions fence them.
    """

    def __init__(
        self, engine: Engine, rules: Rules[D], *, partitions: int, snapshot_every: int = 1_000
    ) -> None:
        self._engine = engine
        self._rules = rules
        self._partitions = partitions
        self._snapshot_every = snapshot_every
        self._shelf: Shelf[D] = Shelf(rules)
        self._one_at_a_time = threading.Lock()

    def decide_batch(self, deliveries: Sequence[Delivery]) -> Decided:
        """Decide messages in one transaction; after it returns they may be acknowledged.

        Raises Gap when a message lies beyond the stored position (nothing was decided), ChainBroken or
        WordUnknown when the journal cannot be folded, and what SQLAlchemy raises when the database is away.
        """
        read = [(delivery, read_delivery(delivery)) for delivery in deliveries]
        aside: dict[int, str] = {}
        with self._one_at_a_time:
            while True:
                try:
                    return self._decide_deliveries(read, aside)
                except FoldFailed as failed:
                    log.exception("a decision could not be folded; its fact is set aside")
                    aside[failed.index] = failed.detail

    def decide_one(self, fact: Fact) -> Row | None:
        """Decide one fact now, by PostgreSQL's clock, under the same fence: the emergency door's way.

        The row, also when it stood already; None when there is none: set aside as a dead letter, or a
        TimePassed that decided nothing.
        """
        aside: dict[int, str] = {}
        with self._one_at_a_time:
            while True:
                try:
                    return self._decide_at_door(fact, aside)
                except FoldFailed as failed:
                    log.exception("a decision could not be folded; its fact is set aside")
                    aside[failed.index] = failed.detail

    def warm(self, partitions: Iterable[int]) -> tuple[str, ...]:
        """Fold the desks of these partitions' areas ahead of the first fact, and let go of all others."""
        wanted = set(partitions)
        with self._one_at_a_time, self._engine.connect() as connection:
            areas = [a for a in _all_areas(connection) if partition_of(a, self._partitions) in wanted]
            for area in set(self._shelf.areas) - set(areas):
                self._shelf.drop(area)
            for area in areas:
                self._shelf.catch_up(connection, area)
        return tuple(areas)

    def drop_all(self) -> None:
        """Let go of every desk; each is folded anew when next needed."""
        with self._one_at_a_time:
            for area in self._shelf.areas:
                self._shelf.drop(area)

    # --- one transaction ---------------------------------------------------------------------------------

    def _decide_deliveries(
        self, read: Sequence[tuple[Delivery, Fact | BadFact]], aside: dict[int, str]
    ) -> Decided:
        folded: list[str] = []
        try:
            with self._engine.begin() as connection:
                _guard(connection)
                by_partition = self._areas_by_partition(connection, read)
                areas = {what.area for _, what in read if not isinstance(what, BadFact | TimePassed)}
                areas.update(area for found in by_partition.values() for area in found)
                self._lock_and_fold(connection, areas, folded)
                delivered = [delivery for delivery, _ in read]
                positions = lock_positions(connection, delivered)
                batch = Batch(connection, self._rules, self._shelf)
                batch.prepare(_copies(read, by_partition))
                segments = read_segments(connection)
                repeats = 0
                for index, (delivery, what) in enumerate(read):
                    place = (delivery.topic_id, delivery.partition)
                    if delivery.offset < positions[place]:
                        repeats += 1
                        continue
                    if delivery.offset > positions[place]:
                        raise Gap(delivery, positions[place])
                    positions[place] += 1
                    if isinstance(what, BadFact):
                        batch.set_aside(delivery, what)
                    else:
                        now = city_time(segments, delivery.appended_at)
                        for fact in _copies_of(delivery, what, by_partition):
                            batch.decide(index, fact, now, delivery, aside.get(index))
                set_positions(connection, delivered, positions)
                batch.write(self._snapshot_every)
                return Decided(len(batch.rows), repeats, len(batch.letters))
        except BaseException:
            self._drop(folded)
            raise

    def _decide_at_door(self, fact: Fact, aside: dict[int, str]) -> Row | None:
        folded: list[str] = []
        try:
            with self._engine.begin() as connection:
                _guard(connection)
                self._lock_and_fold(connection, {fact.area}, folded)
                batch = Batch(connection, self._rules, self._shelf)
                batch.prepare([fact])
                now = database_now(connection)
                batch.decide(0, fact, now, None, aside.get(0))
                batch.write(self._snapshot_every)
                return batch.row_of(fact)
        except BaseException:
            self._drop(folded)
            raise

    def _lock_and_fold(self, connection: Connection, areas: set[str], folded: list[str]) -> None:
        """Lock the heads in order and fold what each desk lacks; `folded` names desks a failure spoils."""
        for area, head in lock_heads(connection, areas).items():
            folded.append(area)
            if area in self._shelf and self._shelf[area].seq == head.seq:
                held = self._shelf[area]  # the locked head says that nothing was written since
            else:
                held = self._shelf.catch_up(connection, area)
            if held.seq > head.seq:  # the database stepped back (restored): what we know never was
                self._shelf.drop(area)
                held = self._shelf.catch_up(connection, area)
            _must_agree(area, held, head.seq, head.hash)

    def _areas_by_partition(
        self, connection: Connection, read: Sequence[tuple[Delivery, Fact | BadFact]]
    ) -> dict[int, list[str]]:
        """The known areas of every partition on which time passed in this batch."""
        wanted = {delivery.partition for delivery, what in read if isinstance(what, TimePassed)}
        by_partition: dict[int, list[str]] = {partition: [] for partition in wanted}
        if wanted:
            for area in _all_areas(connection):
                partition = partition_of(area, self._partitions)
                if partition in wanted:
                    by_partition[partition].append(area)
        return by_partition

    def _drop(self, areas: list[str]) -> None:
        for area in areas:
            self._shelf.drop(area)


def _guard(connection: Connection) -> None:
    """A process stopped in the middle must not hold the heads of a district for ever."""
    connection.execute(text(f"SET LOCAL idle_in_transaction_session_timeout = {IDLE_LIMIT_MS}"))


def _all_areas(connection: Connection) -> list[str]:
    return list(connection.execute(select(heads.c.area).order_by(heads.c.area)).scalars())


def _copies_of(delivery: Delivery, fact: Fact, by_partition: dict[int, list[str]]) -> list[Fact]:
    """A fact as each area hears it: passing time is told to every area of its partition."""
    if isinstance(fact, TimePassed):
        return [fact.model_copy(update={"area": area}) for area in by_partition[delivery.partition]]
    return [fact]


def _copies(
    read: Sequence[tuple[Delivery, Fact | BadFact]], by_partition: dict[int, list[str]]
) -> list[Fact]:
    return [
        fact
        for delivery, what in read
        if not isinstance(what, BadFact)
        for fact in _copies_of(delivery, what, by_partition)
    ]


def _must_agree(area: str, held: Held[D], seq: int, head_hash: bytes) -> None:
    if held.seq != seq or held.hash != head_hash:
        raise ChainBroken(area, held.seq, f"the head says row {seq} with another hash or number")


def row_of_fact(connection: Connection, fact_id: str, area: str | None = None) -> Row | None:
    """The journal row of a fact, if it stands."""
    wanted = select(journal.c.body).where(journal.c.fact_id == fact_id)
    if area is not None:
        wanted = wanted.where(journal.c.area == area)
    body = connection.execute(wanted.limit(1)).scalar_one_or_none()
    return None if body is None else Row.of_body(body.encode())
