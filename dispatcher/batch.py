"""One transaction's deciding: facts in, rows and dead letters out, all of it written or nothing."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic

from sqlalchemy import Connection, delete, insert, select, text, tuple_
from sqlalchemy.dialects.postgresql import insert as pg_insert

from dispatcher.deliveries import Delivery, plain_text
from dispatcher.ledges import Head, move_heads
from dispatcher.opening import Opener
from dispatcher.rules import D, Rules
from dispatcher.shelf import Shelf
from dispatcher.snapshots import Snapshot, drop_snapshots, save_snapshot
from schemas.canonical import chain_hash
from schemas.decisions import PersonErased
from schemas.envelope import BadFact
from schemas.facts import FACT, Fact, TimePassed
from schemas.rows import Row
from schemas.tables import dead_letters, journal, person_keys

log = logging.getLogger(__name__)

DOOR = "door"
"""Stands in the place of a topic in dead letters of the emergency door."""
_LETTERS_LOCK = 0x6C657474


def _says_the_same(stands: Fact, again: Fact) -> bool:
    """Whether a fact is one that stands, said once more; the moment it was first said stays.

    A page, a button or another system that had no answer says it again, and its door stamps it again.
    """
    return stands == again or stands == again.model_copy(update={"said_at": stands.said_at})


class FoldFailed(Exception):
    """The row just decided from message `index` could not be folded: the fact is to be set aside."""

    def __init__(self, index: int, detail: str) -> None:
        super().__init__(detail)
        self.index, self.detail = index, detail


@dataclass(frozen=True)
class Written:
    """A new row with what is stored of it."""

    row: Row
    body: bytes
    hash: bytes


@dataclass
class Batch(Generic[D]):
    """The heads are locked and the desks of all areas folded; used once."""

    connection: Connection
    rules: Rules[D]
    shelf: Shelf[D]
    rows: list[Written] = field(default_factory=list)
    letters: list[dict[str, Any]] = field(default_factory=list)
    _known: dict[tuple[str, str], Fact] = field(default_factory=dict)
    _standing: dict[tuple[str, str], Row] = field(default_factory=dict)
    _opener: Opener = field(default_factory=lambda: Opener({}, {}))
    _erased: dict[str, set[str]] = field(default_factory=dict)
    _stuck: dict[tuple[str, str], str | None] = field(default_factory=dict)

    def prepare(self, facts: Sequence[Fact]) -> None:
        """Look up, for all facts at once, which already stand in the journal, and what opens them."""
        self._opener = Opener.of(self.connection, facts)
        wanted = {(fact.area, fact.fact_id) for fact in facts}
        if not wanted:
            return
        found = self.connection.execute(
            select(journal.c.area, journal.c.fact_id, journal.c.body).where(
                tuple_(journal.c.area, journal.c.fact_id).in_(sorted(wanted))
            )
        )
        for stored in found:
            row = Row.of_body(stored.body.encode())
            self._known[stored.area, stored.fact_id] = row.fact
            self._standing[stored.area, stored.fact_id] = row

    def decide(
        self, index: int, fact: Fact, now: datetime, delivery: Delivery | None, aside: str | None
    ) -> None:
        """Decide one fact and fold its row; set it aside where that cannot be done.

        `aside` is set when folding its decisions has failed before. Raises FoldFailed when it fails now.
        """
        key = (fact.area, fact.fact_id)
        if key in self._known:
            if not _says_the_same(self._known[key], fact):
                self._letter(delivery, fact, "FACT_ID_REUSED", fact.word)
            return
        if aside is not None:
            self._failed(delivery, fact, aside)
            return
        held = self.shelf[fact.area]
        try:
            opened = self._opener.open(fact)
            decisions = self.rules.decide(held.desk, opened, now)
            if isinstance(fact, TimePassed):
                self._stuck[fact.area, fact.by.id] = None
                if not decisions:
                    return
            row = Row(
                area=fact.area,
                seq=held.seq + 1,
                now=now,
                decider=self.rules.decider,
                fact=opened,
                decisions=decisions,
            )
            body = row.body()
        except BadFact as bad:
            self._letter(delivery, fact, bad.code, bad.detail)
            return
        except MemoryError:
            raise
        except Exception as error:
            log.exception("deciding %s %s of area %s failed", fact.word, fact.fact_id, fact.area)
            self._failed(delivery, fact, type(error).__name__)
            return
        self._fold(index, row, body)
        self._known[key] = fact
        self._standing[key] = row

    def row_of(self, fact: Fact) -> Row | None:
        """The row in which a fact of this batch stands."""
        return self._standing.get((fact.area, fact.fact_id))

    def set_aside(self, delivery: Delivery, bad: BadFact) -> None:
        """Keep a message that cannot be read, with where it stood."""
        self._letter(delivery, None, bad.code, bad.detail)

    def write(self, snapshot_every: int) -> None:
        """Insert all rows and letters, move the heads, wake the listeners, do what forgetting asks."""
        if self.rows:
            self.connection.execute(insert(journal), [_stored(written) for written in self.rows])
            self._move_heads()
            told = [f"{w.row.area}/{w.row.seq}/{w.row.fact_id}" for w in self.rows]
            self._notify("journal", told)
        for clock, cause in self._stuck.items():
            if cause is None:
                self.shelf.stuck.pop(clock, None)
            else:
                self.shelf.stuck[clock] = cause
        if self.letters:
            # Letter numbers must become visible in their order, or the relay's cursor would pass one over.
            self.connection.execute(text(f"SELECT pg_advisory_xact_lock({_LETTERS_LOCK})"))
            self.connection.execute(pg_insert(dead_letters).on_conflict_do_nothing(), self.letters)
            self._notify("dead_letters", ["new"])
        self._erase()
        for area in {written.row.area for written in self.rows}:
            self._snapshot(area, snapshot_every)

    # ------------------------------------------------------------------------------------------------------

    def _fold(self, index: int, row: Row, body: bytes) -> None:
        held = self.shelf[row.area]
        row_hash = chain_hash(held.hash, body)
        try:
            self.shelf.fold(held, row, row_hash)
        except MemoryError:
            raise
        except Exception as error:
            raise FoldFailed(index, type(error).__name__) from error
        self.rows.append(Written(row, body, row_hash))
        for decision in row.decisions:
            if isinstance(decision, PersonErased):
                self._opener.forget(decision.person_id)
                self._erased.setdefault(row.area, set()).add(decision.person_id)

    def _move_heads(self) -> None:
        areas = sorted({written.row.area for written in self.rows})
        moved = {area: Head(self.shelf[area].seq, self.shelf[area].hash) for area in areas}
        move_heads(self.connection, moved)

    def _erase(self) -> None:
        """The rows stand (in this transaction): the keys go, and with them all snapshots that knew more."""
        for area, persons in self._erased.items():
            self.connection.execute(delete(person_keys).where(person_keys.c.person_id.in_(persons)))
            drop_snapshots(self.connection, area)
            self._notify("erased", sorted(persons))

    def _snapshot(self, area: str, every: int) -> None:
        held = self.shelf[area]
        if area not in self._erased and held.seq - held.snapshot_seq < every:
            return
        state = self.rules.dump(held.desk)
        save_snapshot(self.connection, area, self.rules.fold_version, Snapshot(held.seq, held.hash, state))
        held.snapshot_seq = held.seq

    def _notify(self, channel: str, told: list[str]) -> None:
        self.connection.execute(
            text("SELECT pg_notify(:channel, told) FROM unnest(CAST(:told AS text[])) AS told"),
            {"channel": channel, "told": told},
        )

    def _failed(self, delivery: Delivery | None, fact: Fact, cause: str) -> None:
        """Our own mistake. A clock that fails fails every second: one letter until the cause is another."""
        if isinstance(fact, TimePassed):
            clock = (fact.area, fact.by.id)
            before = self._stuck[clock] if clock in self._stuck else self.shelf.stuck.get(clock)
            self._stuck[clock] = cause
            if before == cause:
                return
        self._letter(delivery, fact, "DECIDE_FAILED", cause)

    def _letter(self, delivery: Delivery | None, fact: Fact | None, code: str, detail: str) -> None:
        """One dead letter; of the door's facts the id stands in the topic's place."""
        log.warning("set aside: %s %s", code, fact.word if fact is not None else "unreadable")
        if delivery is None:
            assert fact is not None
            place = {"topic": DOOR, "topic_id": fact.fact_id, "partition": 0, "offset": 0}
            content: dict[str, Any] = {"headers": {"ce_id": fact.fact_id}, "body": FACT.dump_json(fact)}
        else:
            place = {
                "topic": delivery.topic,
                "topic_id": delivery.topic_id,
                "partition": delivery.partition,
                "offset": delivery.offset,
            }
            headers = {plain_text(name, 100): plain_text(value) for name, value in delivery.headers.items()}
            content = {"headers": headers, "body": delivery.body}
        area = fact.area if fact is not None else plain_text(delivery.key if delivery else None, 64) or None
        self.letters.append(
            {**place, **content, "area": area, "code": code, "detail": plain_text(detail, 500)}
        )


def _stored(written: Written) -> dict[str, Any]:
    row = written.row
    return {
        "area": row.area,
        "seq": row.seq,
        "fact_id": row.fact_id,
        "now": row.now,
        "decider": row.decider,
        "fact_word": row.fact.word,
        "body": written.body.decode(),
        "hash": written.hash,
    }
