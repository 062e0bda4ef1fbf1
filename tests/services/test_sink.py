"""The way in on real parts: either store alone keeps the telephone line working."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from sqlalchemy import Engine

from dispatcher.door import EmergencyDoor
from infra.topics import create_topics
from producers.sink import LineSink
from schemas.envelope import read_fact
from schemas.ports import Said, SinkClosed
from tests.parts import own_broker, own_server, process, wait_until
from tests.services.counting import alarm, counting_rules, request
from tests.services.line import count_rows, counting_desk, engine_on, fact_ids, read_topic


@asynccontextmanager
async def sink_on(engine: Engine, bootstrap_servers: str, prefix: str = "") -> AsyncIterator[LineSink]:
    """A sink with the emergency door, both stores reached where they are there."""
    door = EmergencyDoor(engine, counting_rules(), partitions=4)
    sink = LineSink(engine, bootstrap_servers=bootstrap_servers, topic_prefix=prefix, door=door)
    sink.start()
    try:
        yield sink
    finally:
        sink.close()


async def until(condition: Callable[[], bool], within_s: float = 15.0) -> None:
    """Wait on the event loop."""
    deadline = time.monotonic() + within_s
    while not condition():
        assert time.monotonic() < deadline, "not in time"
        await asyncio.sleep(0.05)


def test_who_says_a_fact_gets_its_row(line_env: dict[str, str], tmp_path: Path) -> None:
    """The operator tells the caller who comes and when, before hanging up."""

    async def book(engine: Engine) -> list[Said]:
        where = line_env["KAFKA_BOOTSTRAP_SERVERS"], line_env["LIUZHU_TOPIC_PREFIX"]
        async with sink_on(engine, *where) as sink:
            await until(lambda: not sink.kafka_is_away and not sink.database_is_away)
            first = await sink.say(request("a1"), wait_s=30)
            rest = await asyncio.gather(*(sink.say(request("a1"), wait_s=20) for _ in range(20)))
            return [first, *rest]

    with engine_on(line_env["DATABASE_URL"]) as engine, counting_desk(line_env, tmp_path) as desk:
        told = asyncio.run(book(engine))
        assert {said.via for said in told} == {"KAFKA"}, desk.told()
        assert [said.row.fact_id if said.row else None for said in told] == [said.fact_id for said in told]


def test_without_a_desk_the_fact_is_kept_and_that_is_what_is_said(line_env: dict[str, str]) -> None:
    """A restarting desk must not make the operator book twice."""

    async def book(engine: Engine) -> Said:
        where = line_env["KAFKA_BOOTSTRAP_SERVERS"], line_env["LIUZHU_TOPIC_PREFIX"]
        async with sink_on(engine, *where) as sink:
            await until(lambda: not sink.kafka_is_away and not sink.database_is_away)
            return await sink.say(fact, wait_s=0.5)

    fact = request("a1")
    with engine_on(line_env["DATABASE_URL"]) as engine:
        said = asyncio.run(book(engine))
    assert (said.via, said.row) == ("KAFKA", None)
    ((headers, body),) = read_topic(line_env, "intake", 1)
    assert read_fact(headers, body) == fact


@pytest.mark.filterwarnings("ignore:.*unclosed <socket:ResourceWarning")
@pytest.mark.usefixtures("refused_sockets")
def test_with_kafka_away_wishes_wait_in_the_spool_and_emergencies_are_decided_at_once(
    fresh_database: str, tmp_path: Path
) -> None:
    """The broker's outage must not cost a wish its place, nor somebody on the floor a minute."""
    env = {"DATABASE_URL": fresh_database, "LIUZHU_TOPIC_PREFIX": "", "LIUZHU_PARTITIONS": "4"}
    with own_broker() as broker, engine_on(fresh_database) as engine:
        env["KAFKA_BOOTSTRAP_SERVERS"] = broker.bootstrap_servers
        create_topics(broker.bootstrap_servers, partitions=4)

        async def through_the_outage() -> list[Said]:
            async with sink_on(engine, broker.bootstrap_servers) as sink:
                await until(lambda: not sink.kafka_is_away and not sink.database_is_away)
                told = [await sink.say(request("a1"), wait_s=0.1)]
                broker.kill()
                told += [await sink.say(request("a1"), wait_s=0.1) for _ in range(3)]
                told.append(await sink.say(alarm("a1")))
                broker.start()  # in the main thread: the kernel ends children of a thread with it
                told.append(await sink.say(request("a1"), wait_s=0.1))
                return told

        told = asyncio.run(through_the_outage())
        assert [said.via for said in told] == ["KAFKA", "SPOOL", "SPOOL", "SPOOL", "DOOR", "SPOOL"]
        assert told[4].row is not None
        assert told[4].row.seq == 1
        with process("relay", env, tmp_path), counting_desk(env, tmp_path):
            wanted = [told[4].fact_id] + [told[n].fact_id for n in (0, 1, 2, 3, 5)]
            wait_until(lambda: count_rows(engine) == 6, within_s=40, what="the rows of all that was said")
            assert fact_ids(engine) == wanted


def test_with_postgresql_away_kafka_takes_the_facts_and_with_both_away_the_sink_is_closed(
    line_env: dict[str, str],
) -> None:
    """What the operator typed is either kept by somebody or still on the page."""
    with own_server() as server, engine_on(server.url()) as engine:

        async def through_the_outage() -> list[Said]:
            where = line_env["KAFKA_BOOTSTRAP_SERVERS"], line_env["LIUZHU_TOPIC_PREFIX"]
            async with sink_on(engine, *where) as sink:
                await until(lambda: not sink.kafka_is_away and not sink.database_is_away)
                server.kill()
                await until(lambda: sink.database_is_away)
                return [await sink.say(request("a1")), await sink.say(alarm("a1"))]

        told = asyncio.run(through_the_outage())
        assert [(said.via, said.row) for said in told] == [("KAFKA", None), ("KAFKA", None)]

        async def nobody_there() -> None:
            async with sink_on(engine, "127.0.0.1:9") as sink:
                for fact in (request("a1"), alarm("a1")):
                    with pytest.raises(SinkClosed):
                        await sink.say(fact)

        asyncio.run(nobody_there())
