"""A planner worker: takes PlanRequested, plans in a child process, says PlanProposed. It decides nothing."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import faust
from kafka import KafkaProducer
from kafka.errors import KafkaError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.core.desk import Desk
from dispatcher.core_rules import core_rules
from dispatcher.day_ahead import DaysAhead
from dispatcher.follower import Follower, FollowerStopped
from dispatcher.kernels import are_compiled, compile_beside
from dispatcher.listening import HeldLock
from dispatcher.plan_child import solve_in_child
from dispatcher.plan_requests import Asked, Newest, Work, requests_in
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
from schemas.envelope import DISPATCH, INTAKE, to_message
from schemas.facts import PlanProposed
from schemas.ids import new_id

log = logging.getLogger(__name__)

LIMIT_S = 3.0
AHEAD_LIMIT_S = 20.0
AHEAD_S = 600
LOOK_EVERY_S = 5.0
BATCH = 200
ROADS_SHARE = 0.25
"""Of its limit, on top of it, that a road router may take; what it told is not asked again."""
LEAST_SHARE = 0.5
"""Of its limit, had by a solve before a newer request of the area ends it."""


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
        tell: Callable[[str, Progress, int, float], None] | None = None,
        pave: Pave | None = None,
    ) -> None:
        self._follower = follower
        self._speaker = speaker
        self._solve = solve
        self._limit_s = limit_s
        self._work = work or Work()
        self._tell = tell or (lambda _area, _progress, _base_price_s, _limit_s: None)
        self._pave = pave
        self._answered: dict[str, int] = {}

    def is_answered(self, asked: Asked) -> bool:
        """Whether a plan over a row as new was said already, and no longer search is asked for."""
        return asked.limit_s is None and asked.seq <= self._answered.get(asked.area, 0)

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
        found = self._found(basis, asked) if basis.problem.visits and basis.problem.caregivers else None
        return proposal_of(
            basis,
            found,
            fact_id=new_id(),
            said_at=datetime.now(UTC),
            speaker=self._speaker,
            solve_ms=int((time.monotonic() - began_s) * 1000),
        )

    def _found(self, basis: Basis, asked: Asked) -> Planned | None:
        """The plan, None if there is none or it breaks a rule."""
        limit_s = asked.limit_s or self._limit_s
        self._work.begin(basis.area, basis.seq, asked.limit_s or self._limit_s * LEAST_SHARE)
        base_price_s = price(basis.problem, basis.before).total
        found = self._solve(
            basis.problem,
            limit_s,
            basis.seq,
            basis.before,
            report=lambda progress: self._tell(basis.area, progress, base_price_s, limit_s),
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


async def look_ahead(newest: Newest, days: DaysAhead) -> None:
    """Ask for tomorrow's plan when its offers are near, for as long as the worker lives."""
    while True:
        try:
            for asked in await asyncio.to_thread(days.asked):
                newest.add(asked)
        except SQLAlchemyError as error:
            log.warning("the database is away: %s", type(error).__name__)
        await asyncio.sleep(LOOK_EVERY_S)


def _planner_of(
    follower: Follower[Desk], engine: Engine, instance: str, limit_s: float, roads: Roads | None
) -> tuple[Planner, Work]:
    """The planner and what tells it to stop; what is not compiled yet is compiled beside it."""
    if not are_compiled():
        log.info("%s: plans by OR-Tools alone until its kernels are compiled", instance)
        compile_beside()
    work, teller = Work(), Teller(engine, instance)
    pave = None if roads is None else paver(roads, limit_s * ROADS_SHARE)
    return Planner(follower, instance, limit_s=limit_s, work=work, tell=teller.tell, pave=pave), work


def _plan_ahead(app: faust.App, newest: Newest, days: DaysAhead) -> None:
    """Have the app look ahead for the areas of the partitions it is given."""

    async def ahead() -> None:
        await look_ahead(newest, days)

    def take(*told: Any, **_: Any) -> None:
        days.take({tp.partition for tp in told[-1]})

    app.task(ahead)
    app.on_partitions_assigned.connect(take, weak=False)


def run(
    *,
    engine: Engine,
    bootstrap_servers: str,
    topic_prefix: str = "",
    planner_id: int = 1,
    data_dir: Path,
    log_level: str = "INFO",
    limit_s: float = LIMIT_S,
    ahead_limit_s: float = AHEAD_LIMIT_S,
    ahead_s: int = AHEAD_S,
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
    follower = Follower(engine, core_rules())
    planner, work = _planner_of(follower, engine, instance, limit_s, roads)
    days = DaysAhead(engine, follower, seen[name].partitions, limit_s=ahead_limit_s, ahead_s=ahead_s)
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
    _plan_ahead(app, newest, days)
    Watch(bootstrap_servers, seen, lock).start()
    Wishes(engine, work.wish).start()
    log.info("%s: group %s", instance, group_name("planner", seen))
    try:
        return run_worker(app, log_level)
    finally:
        work.end()
        executor.shutdown(cancel_futures=True)
        lock.release()
