"""Every process, the broker and the database killed in the middle of 200 requests: a tally kept outside."""

import asyncio
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path

import pytest
from sqlalchemy import Engine, func, select

from dispatcher.core_rules import core_rules
from dispatcher.door import EmergencyDoor
from infra.migrate import upgrade
from infra.topics import create_topics
from infra.verify import ledger_flaws, verify
from infra.verify_derived import derived_flaws
from producers.sink import LineSink
from schemas.decisions import RequestAdmitted, RequestRefused, VisitPriced
from schemas.facts import Fact, ServiceRequested
from schemas.ports import SinkClosed
from schemas.rows import Row
from schemas.tables import applied, claims, heads, journal, visits
from tests.parts import RunningProcess, own_broker, own_server, process, wait_until
from tests.services.hamlet import EVENING, MORNING, all_rows, attendance, enter, lunch, set_city_time
from tests.services.line import engine_on

REQUESTS = 200
FOLLOWERS = ("records", "ledger", "notices", "wallboard")
PROCESSES = ("desk", "relay", "clock", *(f"consume {name}" for name in FOLLOWERS))


class Line:
    """The processes of the line, each of which can be killed and started again."""

    def __init__(self, env: dict[str, str], folder: Path) -> None:
        self._env = env
        self._folder = folder
        self._running: dict[str, tuple[AbstractContextManager[RunningProcess], RunningProcess]] = {}

    def start(self, name: str) -> None:
        """Start a process."""
        context = process(name, self._env, self._folder)
        self._running[name] = (context, context.__enter__())

    def restart(self, name: str) -> None:
        """Kill it as a crash would, and start it again."""
        context, running = self._running[name]
        running.kill()
        context.__exit__(None, None, None)
        self.start(name)

    def stop(self) -> None:
        """Stop all of them."""
        for context, _ in self._running.values():
            context.__exit__(None, None, None)

    def told(self) -> str:
        """What they wrote, the end of each."""
        return "\n".join(
            f"== {name}\n{running.told()[-1500:]}" for name, (_, running) in self._running.items()
        )


class Speaking(threading.Thread):
    """Says facts through the sink in a thread of its own; what is acknowledged is in the tally."""

    def __init__(self, engine: Engine, env: dict[str, str], facts: Sequence[Fact]) -> None:
        super().__init__(daemon=True)
        self._engine, self._env, self._facts = engine, env, facts
        self.acknowledged: list[str] = []
        self.failure: BaseException | None = None
        self._allowed = 0
        self._begun = 0

    def allow(self, count: int) -> None:
        """Let it say so many more."""
        self._allowed += count

    def has_said(self, enough: int) -> bool:
        """Whether so many were acknowledged, or no more will be."""
        return len(self.acknowledged) >= enough or not self.is_alive()

    def run(self) -> None:
        """Say all of them, four at a time; one that nobody took is said again."""
        try:
            asyncio.run(self._say_all())
        except BaseException as error:
            self.failure = error

    async def _say_all(self) -> None:
        door = EmergencyDoor(self._engine, core_rules(), partitions=4)
        sink = LineSink(self._engine, bootstrap_servers=self._env["KAFKA_BOOTSTRAP_SERVERS"], door=door)
        sink.start()
        turns = asyncio.Semaphore(4)
        try:
            await asyncio.gather(*(self._say(sink, fact, turns) for fact in self._facts))
        finally:
            sink.close()

    async def _say(self, sink: LineSink, fact: Fact, turns: asyncio.Semaphore) -> None:
        async with turns:
            while self._begun >= self._allowed:
                await asyncio.sleep(0.02)
            self._begun += 1
            while True:
                try:
                    await sink.say(fact, wait_s=0.3)
                except SinkClosed:
                    await asyncio.sleep(0.3)
                    continue
                self.acknowledged.append(fact.fact_id)
                return


def all_stand(engine: Engine, fact_ids: Sequence[str]) -> bool:
    """Whether each of them has a row."""
    with engine.connect() as connection:
        found = select(func.count()).select_from(journal).where(journal.c.fact_id.in_(fact_ids))
        return bool(connection.execute(found).scalar_one() >= len(fact_ids))


def consumers_are_there(engine: Engine) -> bool:
    """Whether every consumer has put every row into effect."""
    with engine.connect() as connection:
        last = {row.area: row.seq for row in connection.execute(select(heads.c.area, heads.c.seq))}
        done = connection.execute(select(applied.c.consumer, applied.c.area, applied.c.seq)).all()
    reached = {(row.consumer, row.area): row.seq for row in done}
    return all(reached.get((name, area)) == last[area] for name in FOLLOWERS for area in last)


@pytest.mark.timeout(500)
@pytest.mark.filterwarnings("ignore:.*unclosed <socket:ResourceWarning")
@pytest.mark.usefixtures("refused_sockets")
def test_every_acknowledged_request_ends_as_one_visit_and_one_claim_whatever_dies(
    tmp_path: Path,
) -> None:
    """A call that was taken becomes help that is proven and paid once, through any crash."""
    with own_broker() as broker, own_server() as server, engine_on(server.url()) as engine:
        upgrade(server.url())
        create_topics(broker.bootstrap_servers, partitions=4)
        env = {
            "KAFKA_BOOTSTRAP_SERVERS": broker.bootstrap_servers,
            "DATABASE_URL": server.url(),
            "LIUZHU_PARTITIONS": "4",
            "LIUZHU_DATA_DIR": str(tmp_path),
        }
        set_city_time(engine, MORNING)
        line = Line(env, tmp_path)
        try:
            for name in PROCESSES:
                line.start(name)
            entered = enter(engine)
            wait_until(lambda: all_stand(engine, entered), within_s=60, what=f"registers\n{line.told()}")
            wishes = [lunch(number) for number in range(REQUESTS)]
            speaking = Speaking(engine, env, wishes)
            speaking.start()

            def broker_again() -> None:
                broker.kill()
                broker.start()

            def server_again() -> None:
                server.kill()
                server.start()

            deeds: list[Callable[[], None]] = [partial(line.restart, name) for name in PROCESSES]
            deeds += [broker_again, server_again, partial(line.restart, "desk")]
            share = REQUESTS // (len(deeds) + 1)
            for number, deed in enumerate(deeds):  # each falls while a share of the requests is being said
                speaking.allow(share)
                enough = share * number + share // 4
                wait_until(partial(speaking.has_said, enough), within_s=90, what=f"{enough}\n{line.told()}")
                deed()
            speaking.allow(REQUESTS)
            speaking.join(120)
            assert speaking.failure is None
            assert len(speaking.acknowledged) == REQUESTS
            wait_until(
                lambda: all_stand(engine, speaking.acknowledged), within_s=60, what=f"rows\n{line.told()}"
            )
            set_city_time(engine, EVENING)
            served = attendance(all_rows(engine))
            evening = Speaking(engine, env, served)
            evening.allow(len(served))
            evening.start()
            line.restart("consume ledger")
            line.restart("desk")
            evening.join(120)
            assert evening.failure is None
            wait_until(
                lambda: all_stand(engine, evening.acknowledged), within_s=60, what=f"evening\n{line.told()}"
            )
            wait_until(lambda: consumers_are_there(engine), within_s=60, what=f"consumers\n{line.told()}")
        finally:
            line.stop()
        rows = all_rows(engine)
        assert_each_once(engine, rows, speaking.acknowledged)
        verified = verify(engine, core_rules())
        assert verified.flaws == []
        assert ledger_flaws(engine) == []
        assert derived_flaws(engine) == []


def assert_each_once(engine: Engine, rows: Sequence[Row], acknowledged: Sequence[str]) -> None:
    """The tally against journal, records and ledger: none lost, none doubled."""
    heard = Counter(row.fact_id for row in rows if isinstance(row.fact, ServiceRequested))
    assert heard == Counter(acknowledged)
    decided = Counter(
        d.request_id for row in rows for d in row.decisions if isinstance(d, RequestAdmitted | RequestRefused)
    )
    assert decided == Counter(acknowledged)
    admitted = {d.visit_id for row in rows for d in row.decisions if isinstance(d, RequestAdmitted)}
    assert len(admitted) > REQUESTS // 2, "the hamlet should be able to serve most"
    priced = Counter(d.visit_id for row in rows for d in row.decisions if isinstance(d, VisitPriced))
    assert set(priced.values()) == {1}
    with engine.connect() as connection:
        recorded = Counter(connection.execute(select(visits.c.visit_id)).scalars())
        claimed = Counter(connection.execute(select(claims.c.visit_id)).scalars())
    assert recorded == Counter(admitted)
    assert claimed == priced
    assert set(priced) == admitted
