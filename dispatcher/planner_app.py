"""A planner worker: takes PlanRequested, plans in a child process, says PlanProposed. It decides nothing."""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kafka import KafkaProducer
from kafka.errors import KafkaError
from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.core.desk import Desk
from dispatcher.core_rules import core_rules
from dispatcher.follower import Follower, FollowerStopped
from dispatcher.listening import HeldLock
from dispatcher.plan_child import solve_in_child
from dispatcher.planning.checker import check
from dispatcher.planning.from_desk import Keys, incumbent, to_problem, to_stops
from dispatcher.planning.price import price
from dispatcher.planning.problem import Plan, Problem
from dispatcher.stream import Watch, faust_app, group_name, run_worker, wait_for_topics
from schemas.base import Speaker, StartWindow
from schemas.decisions import PlanRequested
from schemas.envelope import DISPATCH, INTAKE, MAX_BODY_BYTES, to_message
from schemas.facts import FACT, PlanProposed
from schemas.ids import new_id
from schemas.rows import Row
from schemas.shapes import ProposedStop

log = logging.getLogger(__name__)

LIMIT_S = 3.0
BATCH = 200
Solve = Callable[[Problem, float, int, Plan | None], tuple[Plan, str] | None]


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


class Planner:
    """Makes a proposal from a request. Whatever goes wrong, nothing is proposed and nothing changes."""

    def __init__(
        self,
        follower: Follower[Desk],
        speaker: str,
        *,
        solve: Solve = solve_in_child,
        limit_s: float = LIMIT_S,
    ) -> None:
        self._follower = follower
        self._speaker = speaker
        self._solve = solve
        self._limit_s = limit_s

    def propose(self, asked: Asked) -> PlanProposed | None:
        """Follow the area, plan in a child, have the plan checked by code that did not make it.

        Blocks for the limit and the child's start. Raises FollowerStopped and what SQLAlchemy raises.
        """
        seq = self._follower.seq_of(asked.area)
        problem, keys, before = self._follower.ask(
            asked.area, lambda desk, now: _problem_of(desk, now, asked.horizon)
        )
        if not problem.visits or not problem.caregivers:
            return None
        began = time.monotonic()
        found = self._solve(problem, self._limit_s, seq, before)
        if found is None:
            log.warning("area %s, row %d: no plan was found in time", asked.area, seq)
            return None
        plan, engine = found
        violations = check(problem, plan)
        if violations:
            log.error("area %s, row %d: the plan breaks %s", asked.area, seq, violations[0].code)
            return None
        proposal = PlanProposed(
            fact_id=new_id(),
            area=asked.area,
            said_at=datetime.now(UTC),
            by=Speaker(role="PLANNER", id=self._speaker),
            base_seq=seq,
            engine=engine.replace("+", "_"),
            stops=to_stops(plan, keys),
            price_s=price(problem, plan).total,
            base_price_s=price(problem, before).total,
            solve_ms=int((time.monotonic() - began) * 1000),
        )
        return fitted(proposal, set(to_stops(before, keys)))


def _problem_of(desk: Desk, now: datetime, horizon: StartWindow) -> tuple[Problem, Keys, Plan]:
    problem, keys = to_problem(desk, now, horizon)
    return problem, keys, incumbent(desk, problem, keys)


def fitted(proposal: PlanProposed, before: set[ProposedStop]) -> PlanProposed:
    """The proposal within the size of a message: whole, else what it changes, else the first of that.

    Each visit's part is adopted by itself, so a part of a plan is a plan; a visit is never cut in two.
    """
    if len(FACT.dump_json(proposal)) <= MAX_BODY_BYTES:
        return proposal
    changed = {stop.visit_id for stop in proposal.stops if stop not in before}
    stops = tuple(stop for stop in proposal.stops if stop.visit_id in changed)
    while stops and len(FACT.dump_json(proposal.model_copy(update={"stops": stops}))) > MAX_BODY_BYTES:
        kept = set(sorted({stop.visit_id for stop in stops})[: len({s.visit_id for s in stops}) * 3 // 4])
        stops = tuple(stop for stop in stops if stop.visit_id in kept)
    return proposal.model_copy(update={"stops": stops})


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


def planner_agent(newest: Newest) -> Callable[[Any], Any]:
    """The agent's loop: notes requests and acknowledges. One lost with us is made good by the next."""

    async def planner(stream: Any) -> None:
        async for events in stream.noack_take(BATCH, within=0.05):
            for event in events:
                try:
                    for asked in requests_in(event.message.value):
                        newest.add(asked)
                except (ValueError, KeyError):
                    log.exception("a row is newer than this planner: bring it up to date")
                event.ack()

    return planner


async def plan_on(newest: Newest, planner: Planner, mouth: Mouth, executor: ThreadPoolExecutor) -> None:
    """Plan one request after the other, off the event loop, for as long as the worker lives."""
    loop = asyncio.get_running_loop()
    while True:
        asked = await newest.take()
        try:
            proposal = await loop.run_in_executor(executor, planner.propose, asked)
            if proposal is not None and await loop.run_in_executor(executor, mouth.say, proposal):
                log.info(
                    "area %s: proposed %d stops over row %d by %s",
                    proposal.area,
                    len(proposal.stops),
                    proposal.base_seq,
                    proposal.engine,
                )
        except SQLAlchemyError as error:
            log.warning("the database is away: %s", type(error).__name__)
            newest.add(asked)
            await asyncio.sleep(1.0)
        except FollowerStopped:
            await asyncio.sleep(1.0)
        except Exception:
            log.exception("planning area %s failed; nothing is proposed", asked.area)


def run(
    *,
    engine: Engine,
    bootstrap_servers: str,
    topic_prefix: str = "",
    planner_id: int = 1,
    data_dir: Path,
    log_level: str = "INFO",
    limit_s: float = LIMIT_S,
) -> int:
    """Run planner worker number `planner_id` until it is told to stop."""
    stop = threading.Event()
    instance = f"planner-{planner_id}"
    name = topic_prefix + DISPATCH
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
    planner = Planner(Follower(engine, core_rules()), instance, limit_s=limit_s)
    mouth = Mouth(bootstrap_servers, topic_prefix + INTAKE, f"/{instance}")
    executor = ThreadPoolExecutor(1, thread_name_prefix="planning")
    newest = Newest()
    topic = app.topic(name, key_serializer="raw", value_serializer="raw")
    app.agent(topic, name="planner", concurrency=1)(planner_agent(newest))

    async def plan() -> None:
        await plan_on(newest, planner, mouth, executor)

    app.task(plan)
    Watch(bootstrap_servers, seen, lock).start()
    log.info("%s: group %s", instance, group_name("planner", seen))
    try:
        return run_worker(app, log_level)
    finally:
        lock.release()
        executor.shutdown(wait=False, cancel_futures=True)
