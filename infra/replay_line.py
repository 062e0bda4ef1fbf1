"""A line of its own for one replay: own database, own topics, own processes, own clock."""

import contextlib
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from kafka import KafkaProducer
from sqlalchemy import Engine, create_engine, func, select

from infra.addresses import Addresses, find_addresses
from infra.migrate import upgrade
from infra.parts.children import PidFiles
from infra.parts.embedded import EmbeddedParts
from infra.parts.postgres import drop_database, make_database
from infra.processes import LINE, PLANNER
from infra.settings import Settings
from infra.supervisor import Supervisor
from infra.topics import create_topics
from infra.trouble import Trouble
from schemas.envelope import to_message, topic_of
from schemas.facts import Fact
from schemas.rows import Row
from schemas.tables import applied, city_time, heads, journal

PARTITIONS = 2
NEEDED = ("desk-1", "relay", "clock", "records", "ledger")
LOOK_S = 0.1


@dataclass
class Line:
    """A running line with nothing on it yet."""

    engine: Engine
    addresses: Addresses
    prefix: str
    supervisor: Supervisor
    planner: Supervisor

    def set_clock(self, city: datetime, rate: float) -> None:
        """From now on city time is `city` and runs at `rate` (0: it stands)."""
        with self.engine.begin() as conn:
            conn.execute(
                city_time.insert().values(
                    real_from=datetime.now(UTC), city_from=city, rate_permille=round(rate * 1000)
                )
            )

    def say(self, facts: Sequence[Fact], producer: KafkaProducer) -> None:
        """Say facts on Kafka and wait until the broker has them all."""
        sent = []
        for fact in facts:
            message = to_message(fact, "/replay")
            topic = self.prefix + topic_of(fact)
            sent.append(
                producer.send(topic, key=message.key, value=message.body, headers=list(message.headers))
            )
        for future in sent:
            future.get(30)

    def producer(self) -> KafkaProducer:
        """A producer that waits for the broker's acknowledgement."""
        return KafkaProducer(bootstrap_servers=self.addresses.bootstrap_servers, acks="all", linger_ms=0)

    def rows(self, area: str, after: int = 0) -> list[Row]:
        """The area's journal rows after `after`, in order."""
        asked = select(journal.c.body).where(journal.c.area == area, journal.c.seq > after)
        with self.engine.connect() as conn:
            return [Row.of_body(body.encode()) for (body,) in conn.execute(asked.order_by(journal.c.seq))]

    def count(self, area: str, words: Sequence[str]) -> int:
        """How many rows of the area hold facts of these words."""
        asked = select(func.count()).where(journal.c.area == area, journal.c.fact_word.in_(words))
        with self.engine.connect() as conn:
            return int(conn.execute(asked).scalar_one())

    def has_followed(self, area: str, consumer: str) -> bool:
        """Whether a consumer has put the area's last row into effect."""
        head = select(heads.c.seq).where(heads.c.area == area).scalar_subquery()
        asked = select(applied.c.seq >= head).where(applied.c.area == area, applied.c.consumer == consumer)
        with self.engine.connect() as conn:
            return bool(conn.execute(asked).scalar())

    def wait(self, done: Callable[[], bool], within_s: float, zh: str, en: str) -> None:
        """Return once `done`; restarts what dies meanwhile. Raises Trouble REPLAY_STUCK after `within_s`."""
        deadline = time.monotonic() + within_s
        while not done():
            self.supervisor.look()
            self.planner.look()
            if time.monotonic() > deadline:
                raise Trouble(
                    "REPLAY_STUCK",
                    f"{within_s:.0f} 秒内没有等到：{zh}。请看日志后重试。",
                    f"not within {within_s:.0f} s: {en}. See the logs and try again.",
                )
            time.sleep(LOOK_S)


@contextlib.contextmanager
def own_line(settings: Settings, folder: Path) -> Iterator[Line]:
    """A line of its own on the parts that run already, else on own ones in `folder`; removed at the end."""
    with contextlib.ExitStack() as stack:
        folder.mkdir(parents=True, exist_ok=True)
        pids = PidFiles(folder / "pids")
        pids.end_leftovers()
        server_url, bootstrap_servers = _parts(settings, folder, pids, stack)
        name = f"replay_{secrets.token_hex(4)}"
        addresses = Addresses(bootstrap_servers, make_database(server_url, name))
        stack.callback(drop_database, server_url, name)
        upgrade(addresses.database_url)
        prefix = f"{name.replace('_', '-')}."
        create_topics(bootstrap_servers, prefix=prefix, partitions=PARTITIONS)
        engine = create_engine(addresses.database_url, pool_size=2, pool_pre_ping=True)
        stack.callback(engine.dispose)
        supervisor, planner = (_supervisor(addresses, prefix, folder, pids) for _ in range(2))
        stack.callback(supervisor.stop)
        stack.callback(planner.stop)
        yield Line(engine, addresses, prefix, supervisor, planner)


def start_processes(line: Line) -> None:
    """Start what a replay needs; the planner is started by itself, once all is booked."""
    for process in LINE:
        if process.name in NEEDED:
            line.supervisor.start(process)


def start_planner(line: Line, plan_s: float) -> None:
    """Start the planner, which may work `plan_s` seconds at the plan."""
    env = (*PLANNER.env, ("LIUZHU_PLAN_LIMIT_S", str(plan_s)))
    line.planner.start(replace(PLANNER, env=env))


def _parts(settings: Settings, folder: Path, pids: PidFiles, stack: contextlib.ExitStack) -> tuple[str, str]:
    """PostgreSQL's and Kafka's addresses: those of a running `up` or of the environment, else our own."""
    try:
        found = find_addresses(settings)
    except Trouble:
        parts = EmbeddedParts(settings.model_copy(update={"data_dir": folder}), pids)
        stack.callback(parts.stop)
        started = parts.start(lambda zh, en: print(f"{zh} / {en}"))
        parts.wait_for_kafka()
        return started.database_url, started.bootstrap_servers
    return found.database_url, found.bootstrap_servers


def _supervisor(addresses: Addresses, prefix: str, folder: Path, pids: PidFiles) -> Supervisor:
    env = {
        "KAFKA_BOOTSTRAP_SERVERS": addresses.bootstrap_servers,
        "DATABASE_URL": addresses.database_url,
        "LIUZHU_TOPIC_PREFIX": prefix,
        "LIUZHU_PARTITIONS": str(PARTITIONS),
        "LIUZHU_DATA_DIR": str(folder),
        "PYTHONUNBUFFERED": "1",
    }
    return Supervisor(env=env, log_dir=folder / "log", pids=pids, say=print)
