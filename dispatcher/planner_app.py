"""A planner worker: takes PlanRequested, plans in a child process, says PlanProposed. It decides nothing."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

from kafka import KafkaProducer
from kafka.errors import KafkaError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.core.desk import Desk
from dispatcher.core_rules import core_rules
from dispatcher.follower import Follower, FollowerStopped
from dispatcher.kernels import are_compiled, compile_beside
from dispatcher.listening import HeldLock
from dispatcher.plan_child import solve_in_child
from dispatcher.planner_roads import Pave, moving_of, paver
from dispatcher.planning.checker import check
from dispatcher.planning.from_desk import Keys, incumbent, to_problem
from dispatcher.planning.planned import Planned, Progress
from dispatcher.planning.price import price
from dispatcher.planning.problem import Plan, Problem
from dispatcher.planning_news import Teller, Wishes
from dispatcher.proposal import Basis, proposal_of
from dispatcher.routers.by_mode import Moving
from dispatcher.routers.roads import Roads
from dispatcher.stream import Watch, faust_app, group_name, run_worker, wait_for_topics
from schemas.base import StartWindow
from schemas.decisions import PlanRequested
from schemas.envelope import DISPATCH, INTAKE, to_message
from schemas.facts import PlanProposed
from schemas.ids import new_id
from schemas.rows import Row

log = logging.getLogger(__name__)

LIMIT_S = 3.0
BATCH = 200
ROADS_SHARE = 0.25
"""Of its limit, on top of it, that a road router may take; what it told is not asked again."""
LEAST_SHARE = 0.5
"""Of its limit, had by a solve before a newer request of the area ends it."""


@dataclass(frozen=True)
class Asked:
    """The newest request of an area: the row that asked, and how far to plan."""

    area: str
    seq: int
    horizon: StartWindow


class Newest:
    """Of all requests only the newest of each area counts. Filled and emptied on the event loop."""

    def __init__(self) -> None:
        self._asked: dict[str, Asked] = {}
        self.any = asyncio.Event()

    def add(self, asked: Asked) -> None:
        """Note a request; an older one of the area falls away."""
        before = self._asked.get(asked.area)
        if before is None or before.seq < asked.seq:
            self._asked[asked.area] = asked
        self.any.set()

    async def take(self) -> Asked:
        """The request of the area that has waited longest, as soon as there is one."""
        while not self._asked:
            self.any.clear()
            await self.any.wait()
        return self._asked.pop(next(iter(self._asked)))


def requests_in(body: bytes | None) -> list[Asked]:
    """The request in a row's message, if there is one. Raises pydantic.ValidationError for a newer word."""
    if body is None or b'"word":"PlanRequested"' not in body:
        return []
    row = Row.of_body(body)
    asked = [d.horizon for d in row.decisions if isinstance(d, PlanRequested)]
    return [Asked(row.area, row.seq, asked[-1])] if asked else []


class Work:
    """The area that is being planned, and whether that should stop with the best so far.

    It stops for the end of the worker, for a person's wish, and for a newer request of the area once it has
    had `LEAST_SHARE` of its limit: a busy area would never get a plan otherwise. Used by several threads.
    """

    def __init__(self, limit_s: float = LIMIT_S) -> None:
        self._least_s = limit_s * LEAST_SHARE
        self._area, self._seq = "", 0
        self._began_s = 0.0
        self._is_wished = self._is_newer = self._is_ending = False

    def begin(self, area: str, seq: int) -> None:
        """A solve of this area over this row begins."""
        self._area, self._seq, self._began_s = area, seq, time.monotonic()
        self._is_wished = self._is_newer = False

    def note(self, asked: Asked) -> None:
        """There is a request: a newer one, if its row came after the one that is planned over."""
        self._is_newer = self._is_newer or (asked.area == self._area and asked.seq > self._seq)

    def wish(self, area: str) -> None:
        """A person wants what was found so far."""
        self._is_wished = self._is_wished or area == self._area

    def end(self) -> None:
        """The worker ends."""
        self._is_ending = True

    def stopped(self) -> bool:
        """Whether to stop now."""
        had = time.monotonic() - self._began_s >= self._least_s
        return self._is_ending or self._is_wished or (self._is_newer and had)


class Solve(Protocol):
    """How a plan is found: `solve_in_child`, or another way."""

    def __call__(
        self,
        problem: Problem,
        limit_s: float,
        seed: int,
        incumbent: Plan | None,
        *,
        report: Callable[[Progress], None],
        stopped: Callable[[], bool],
    ) -> Planned | None:
        """The plan, None if none was found."""


class Planner:
    """Makes a proposal from a request. Whatever goes wrong, nothing that breaks a rule is proposed."""

    def __init__(
        self,
        follower: Follower[Desk],
        speaker: str,
        *,
        solve: Solve = solve_in_child,
        limit_s: float = LIMIT_S,
        work: Work | None = None,
        tell: Callable[[str, Progress, int], None] | None = None,
        pave: Pave | None = None,
    ) -> None:
        self._follower = follower
        self._speaker = speaker
        self._solve = solve
        self._limit_s = limit_s
        self._work = work or Work(limit_s)
        self._tell = tell or (lambda _area, _progress, _base_price_s: None)
        self._pave = pave
        self._answered: dict[str, int] = {}

    def is_answered(self, asked: Asked) -> bool:
        """Whether a plan over a row as new was said already."""
        return asked.seq <= self._answered.get(asked.area, 0)

    def said(self, proposal: PlanProposed) -> None:
        """The broker has this proposal."""
        self._answered[proposal.area] = proposal.base_seq

    def propose(self, asked: Asked) -> PlanProposed | None:
        """Follow the area, plan in a child, have the plan checked by code that did not make it.

        Without a plan that keeps every rule the one in force stays, and only who is left out is told; None
        when that is nobody. Blocks for the limit and the child's start. Raises FollowerStopped and what
        SQLAlchemy raises.
        """
        seq = self._follower.seq_of(asked.area)
        problem, keys, before, moving = self._follower.ask(
            asked.area, lambda desk, now: _problem_of(desk, now, asked.horizon)
        )
        basis = Basis(asked.area, seq, problem, keys, before)
        paved = self._pave(problem, keys, moving) if self._pave and moving else None
        if paved is not None:
            basis = replace(basis, problem=paved.problem, estimated_permille=paved.estimated_permille)
        began_s = time.monotonic()
        found = self._found(basis) if basis.problem.visits and basis.problem.caregivers else None
        return proposal_of(
            basis,
            found,
            fact_id=new_id(),
            said_at=datetime.now(UTC),
            speaker=self._speaker,
            solve_ms=int((time.monotonic() - began_s) * 1000),
        )

    def _found(self, basis: Basis) -> Planned | None:
        """The plan, None if there is none or it breaks a rule."""
        self._work.begin(basis.area, basis.seq)
        base_price_s = price(basis.problem, basis.before).total
        found = self._solve(
            basis.problem,
            self._limit_s,
            basis.seq,
            basis.before,
            report=lambda progress: self._tell(basis.area, progress, base_price_s),
            stopped=self._work.stopped,
        )
        if found is None:
            log.warning("area %s, row %d: no plan was found in time", basis.area, basis.seq)
            return None
        violations = check(basis.problem, found.plan)
        if violations:
            log.error("area %s, row %d: the plan breaks %s", basis.area, basis.seq, violations[0].code)
            return None
        return found


def _problem_of(desk: Desk, now: datetime, horizon: StartWindow) -> tuple[Problem, Keys, Plan, Moving | None]:
    problem, keys = to_problem(desk, now, horizon)
    return problem, keys, incumbent(desk, problem, keys), moving_of(desk, keys)


class Mouth:
    """Says proposals on intake; one that Kafka does not take is dropped, for the next one is better."""

    def __init__(self, bootstrap_servers: str, topic: str, source: str) -> None:
        self._bootstrap_servers = bootstrap_servers
        self._topic = topic
        self._source = source
        self._producer: KafkaProducer | None = None

    def say(self, proposal: PlanProposed) -> bool:
        """Whether the broker has it. Blocks for at most some seconds."""
        message = to_message(proposal, self._source)
        try:
            self._producer = self._producer or KafkaProducer(
                bootstrap_servers=self._bootstrap_servers, acks="all", max_block_ms=3_000
            )
            self._producer.send(
                self._topic, key=message.key, value=message.body, headers=list(message.headers)
            ).get(timeout=10)
        except (KafkaError, OSError, ValueError) as error:
            log.warning("a proposal was not taken: %s", type(error).__name__)
            self._producer = None
            return False
        return True


def planner_agent(newest: Newest, work: Work) -> Callable[[Any], Any]:
    """The agent's loop: notes requests and acknowledges. One lost with us is made good by the next."""

    async def planner(stream: Any) -> None:
        async for events in stream.noack_take(BATCH, within=0.05):
            for event in events:
                try:
                    for asked in requests_in(event.message.value):
                        newest.add(asked)
                        work.note(asked)
                except (ValueError, KeyError):
                    log.exception("a row is newer than this planner: bring it up to date")
                event.ack()

    return planner


def plan_and_say(planner: Planner, mouth: Mouth, asked: Asked) -> None:
    """Plan and say, in one piece, so that what a worker has found when it is told to end is said too."""
    if planner.is_answered(asked):
        return
    proposal = planner.propose(asked)
    if proposal is not None and mouth.say(proposal):
        planner.said(proposal)
        log.info(
            "area %s: proposed %d stops over row %d by %s, %d left out",
            proposal.area,
            len(proposal.stops),
            proposal.base_seq,
            proposal.engine,
            proposal.left_out or 0,
        )


async def plan_on(newest: Newest, planner: Planner, mouth: Mouth, executor: ThreadPoolExecutor) -> None:
    """Plan one request after the other, off the event loop, for as long as the worker lives."""
    loop = asyncio.get_running_loop()
    while True:
        asked = await newest.take()
        try:
            await loop.run_in_executor(executor, plan_and_say, planner, mouth, asked)
        except SQLAlchemyError as error:
            log.warning("the database is away: %s", type(error).__name__)
            newest.add(asked)
            await asyncio.sleep(1.0)
        except FollowerStopped:
            await asyncio.sleep(1.0)
        except Exception:
            log.exception("planning area %s failed; nothing is proposed", asked.area)


def _planner_of(engine: Engine, instance: str, limit_s: float, roads: Roads | None) -> tuple[Planner, Work]:
    """The planner and what tells it to stop; what is not compiled yet is compiled beside it."""
    if not are_compiled():
        log.info("%s: plans by OR-Tools alone until its kernels are compiled", instance)
        compile_beside()
    work, teller = Work(limit_s), Teller(engine, instance, limit_s)
    pave = None if roads is None else paver(roads, limit_s * ROADS_SHARE)
    follower = Follower(engine, core_rules())
    return Planner(follower, instance, limit_s=limit_s, work=work, tell=teller.tell, pave=pave), work


def run(
    *,
    engine: Engine,
    bootstrap_servers: str,
    topic_prefix: str = "",
    planner_id: int = 1,
    data_dir: Path,
    log_level: str = "INFO",
    limit_s: float = LIMIT_S,
    roads: Roads | None = None,
) -> int:
    """Run planner worker number `planner_id` until it is told to stop."""
    stop, instance, name = threading.Event(), f"planner-{planner_id}", topic_prefix + DISPATCH
    seen = wait_for_topics(bootstrap_servers, [name], stop)
    lock = HeldLock(engine, f"{group_name('planner', seen)}/{instance}")
    lock.wait(stop)
    app = faust_app(
        group_name("planner", seen),
        instance=instance,
        bootstrap_servers=bootstrap_servers,
        datadir=data_dir / instance,
        consumer_max_fetch_size=1_048_576,
    )
    planner, work = _planner_of(engine, instance, limit_s, roads)
    executor = ThreadPoolExecutor(1, thread_name_prefix="planning")
    newest, mouth = Newest(), Mouth(bootstrap_servers, topic_prefix + INTAKE, f"/{instance}")
    topic = app.topic(name, key_serializer="raw", value_serializer="raw")
    app.agent(topic, name="planner", concurrency=1)(planner_agent(newest, work))

    async def plan() -> None:
        try:
            await plan_on(newest, planner, mouth, executor)
        finally:
            work.end()

    app.task(plan)
    Watch(bootstrap_servers, seen, lock).start()
    Wishes(engine, work.wish).start()
    log.info("%s: group %s", instance, group_name("planner", seen))
    try:
        return run_worker(app, log_level)
    finally:
        work.end()
        executor.shutdown(cancel_futures=True)
        lock.release()
