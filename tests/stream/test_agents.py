"""The thin loops around the core: what is acknowledged, and when, decides whether a fact can be lost."""

import asyncio
import threading
from collections.abc import AsyncIterator, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from dispatcher.deliveries import Delivery, plain_text
from dispatcher.desk_app import Patient, batches_of, desk_agent
from dispatcher.journal import Decided
from dispatcher.ledges import Gap
from dispatcher.plan_requests import Asked, Newest, Work, requests_in
from dispatcher.planner_app import planner_agent
from dispatcher.stream import EXIT_FAILED, EXIT_GAP, TopicSeen, group_name
from schemas.base import Reason, StartWindow
from schemas.decisions import PlanRequested
from schemas.rows import Row
from tests.services.counting import AT, request

SEEN = {"intake": TopicSeen("intake", "id-1", 4)}
DAY = StartWindow(opens_at=AT, closes_at=AT)


@dataclass
class Message:
    """A message as Faust hands it out."""

    offset: int
    value: bytes | None = b"{}"
    topic: str = "intake"
    partition: int = 0
    key: bytes | None = b"a1"
    headers: Any = field(default_factory=lambda: [("ce_type", b"x"), ("empty", None)])
    timestamp: float = 1_772_413_200.123


@dataclass
class Event:
    """An event that remembers whether it was acknowledged."""

    message: Message
    acked: bool = False

    def ack(self) -> None:
        """As Faust's."""
        self.acked = True


class Stream:
    """A stream of ready batches; by itself it hands out one event after the other."""

    def __init__(self, *batches: Sequence[Event]) -> None:
        self._batches = batches

    def noack(self) -> "Stream":
        """The same: it never acknowledges."""
        return self

    async def events(self) -> AsyncIterator[Event]:
        """Hand out all events."""
        for batch in self._batches:
            for event in batch:
                yield event

    async def noack_take(self, size: int, within: float) -> AsyncIterator[list[Event]]:
        """Hand out the batches."""
        assert size > 1
        assert within > 0
        for batch in self._batches:
            yield list(batch)


def events(count: int) -> list[Event]:
    """So many events."""
    return [Event(Message(offset)) for offset in range(count)]


def run_desk(decide: Callable[[Sequence[Delivery]], Decided | None], *batches: Sequence[Event]) -> list[int]:
    """Run the agent over the batches; returns the codes with which it would have ended the process."""
    ended: list[int] = []
    with ThreadPoolExecutor(1) as executor:
        agent = desk_agent(decide, SEEN, executor, lambda code, why: ended.append(code))
        asyncio.run(agent(Stream(*batches)))
    return ended


def test_a_batch_is_acknowledged_after_it_was_decided_and_not_before() -> None:
    """Acknowledged first, a crash in between would lose the wish."""
    batch = events(3)
    during: list[bool] = []

    def decide(deliveries: Sequence[Delivery]) -> Decided:
        during.extend(event.acked for event in batch)
        assert [d.offset for d in deliveries] == [0, 1, 2]
        assert deliveries[0].appended_at == datetime.fromtimestamp(1_772_413_200.123, UTC)
        assert deliveries[0].headers == {"ce_type": b"x", "empty": b""}
        return Decided(3, 0, 0)

    assert run_desk(decide, batch) == []
    assert during == [False, False, False]
    assert all(event.acked for event in batch)


@pytest.mark.parametrize("error", [MemoryError(), RuntimeError("broken"), KeyboardInterrupt()])
def test_a_failure_ends_the_process_from_inside_with_nothing_acknowledged(error: BaseException) -> None:
    """Leaving the loop by an exception would acknowledge what was in hand."""
    first, second = events(2), events(2)

    def decide(_: Sequence[Delivery]) -> Decided:
        raise error

    assert run_desk(decide, first, second) == [EXIT_FAILED]
    assert not any(event.acked for event in [*first, *second])


def test_a_gap_that_stays_ends_the_process_with_its_own_code() -> None:
    """Whoever restarts it sees that messages are missing, and none is passed over."""
    batch = events(1)

    def decide(deliveries: Sequence[Delivery]) -> Decided:
        raise Gap(deliveries[0], 7)

    assert run_desk(decide, batch) == [EXIT_GAP]
    assert not batch[0].acked


def test_a_worker_that_is_stopping_acknowledges_nothing_more() -> None:
    """What the database never took is decided by the next worker."""
    batch = events(2)
    assert run_desk(lambda _: None, batch) == []
    assert not any(event.acked for event in batch)


def test_a_fact_alone_is_decided_at_once_and_a_rush_in_full_batches() -> None:
    """Whoever calls waits for nobody else to call; a rush is over the sooner, the fuller the batches."""
    sizes: list[int] = []

    async def some() -> AsyncIterator[int]:
        yield 0
        await asyncio.sleep(0.01)
        for number in range(1, 8):
            yield number

    async def take() -> None:
        seen: list[int] = []
        async for batch in batches_of(some(), most=3):
            sizes.append(len(batch))
            seen += batch
            await asyncio.sleep(0.02)
        assert seen == list(range(8))

    asyncio.run(take())
    assert sizes == [1, 3, 3, 1]


def test_a_stream_that_breaks_is_not_taken_for_one_that_ended() -> None:
    """Its last facts are decided, and then the process must not sit there as if nobody called any more."""
    seen: list[int] = []

    async def breaks() -> AsyncIterator[int]:
        yield 1
        raise OSError("the broker closed the connection")

    async def take() -> None:
        async for batch in batches_of(breaks()):
            seen.extend(batch)

    with pytest.raises(OSError, match="closed"):
        asyncio.run(take())
    assert seen == [1]


class Away:
    """A journal whose database is away for some calls."""

    def __init__(self, failures: int) -> None:
        self.failures = failures
        self.calls = 0

    def decide_batch(self, deliveries: Sequence[Delivery]) -> Decided:
        """Fail first, then decide."""
        self.calls += 1
        if self.calls <= self.failures:
            raise OperationalError("select", {}, Exception("server closed the connection"))
        return Decided(len(deliveries), 0, 0)


def test_a_database_that_is_away_is_waited_for() -> None:
    """An outage must not become a dead letter, nor a row of restarts."""
    journal = Away(3)
    assert Patient(journal, threading.Event()).decide([]) == Decided(0, 0, 0)  # type: ignore[arg-type]
    assert journal.calls == 4


def test_a_stop_ends_the_waiting_for_a_database() -> None:
    """With the database away, SIGTERM must still end the worker."""
    stop = threading.Event()
    stop.set()
    assert Patient(Away(10**6), stop).decide([]) is None  # type: ignore[arg-type]


def row_with_request(area: str, seq: int) -> bytes:
    """A row in which the planners are asked."""
    asked = PlanRequested(horizon=DAY, reason=Reason(code="NEW_REQUEST"))
    return Row(area=area, seq=seq, now=AT, decider=1, fact=request(area), decisions=(asked,)).body()


def test_only_the_newest_request_of_an_area_counts() -> None:
    """A planner that was away for an hour must not plan that hour's sixty states one after the other."""

    async def take() -> list[Asked]:
        newest = Newest()
        bodies = [
            row_with_request("a1", 4),
            row_with_request("a2", 2),
            row_with_request("a1", 9),
            None,
            b"{}",
        ]
        batch = [Event(Message(offset, body)) for offset, body in enumerate(bodies)]
        batch.append(Event(Message(9, b'{"word":"PlanRequested"}')))
        await planner_agent(newest, Work())(Stream(batch, [Event(Message(10, row_with_request("a1", 3)))]))
        assert all(event.acked for event in batch)
        return [await newest.take(), await newest.take()]

    assert [(asked.area, asked.seq) for asked in asyncio.run(take())] == [("a1", 9), ("a2", 2)]


def test_a_round_for_tomorrow_is_not_lost_to_a_request_that_comes_after_it() -> None:
    """Before the offers go out the line is busy: each booking would else put three seconds in its place."""

    async def take() -> list[Asked]:
        newest = Newest()
        newest.add(Asked("a1", 3, DAY))
        newest.add(Asked("a1", 3, DAY, 20.0))
        newest.add(Asked("a1", 9, DAY))
        newest.add(Asked("a1", 5, DAY))
        first = await newest.take()
        newest.add(Asked("a1", 10, DAY))
        return [first, await newest.take()]

    assert asyncio.run(take()) == [Asked("a1", 9, DAY, 20.0), Asked("a1", 10, DAY)]


def test_a_row_without_a_request_is_not_even_read() -> None:
    """The planners see every row of a city; almost none concerns them."""
    assert requests_in(b"not json at all") == []


def test_a_group_begins_anew_with_a_topic_that_was_made_anew() -> None:
    """Old offsets must never be committed onto a new topic."""
    anew = {"intake": TopicSeen("intake", "id-2", 4)}
    assert group_name("desk", SEEN) != group_name("desk", anew)
    assert group_name("desk", SEEN) == group_name("desk", dict(SEEN))


def test_any_bytes_can_be_stored_as_text() -> None:
    """PostgreSQL refuses NUL; a poison header must not stop the desk."""
    assert plain_text(b"a\x00\xff") == "a\\x00\\xff"
    assert plain_text(None) == ""
    assert len(plain_text(b"x" * 9_000)) == 2_000
