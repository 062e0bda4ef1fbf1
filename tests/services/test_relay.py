"""The relay on real parts: all that stands in PostgreSQL reaches Kafka, in order, whoever is killed."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from kafka import KafkaProducer
from sqlalchemy import Engine, select

from dispatcher.door import EmergencyDoor
from dispatcher.journal import Journal
from dispatcher.relay import AHEAD_CHUNK, CHUNK, Relay, make_producer
from dispatcher.rules import Rules
from producers.spool import has_unsent, spool_fact, spool_facts
from schemas.base import Speaker
from schemas.decisions import AreaTold, Decision
from schemas.envelope import AHEAD_SOURCE, ALARMS, DEAD_LETTERS, DISPATCH, INTAKE, read_fact
from schemas.facts import AlarmRaised, Fact
from schemas.ids import decided_id
from schemas.rows import Row
from schemas.tables import journal
from tests.parts import process, wait_until
from tests.services.counting import AT, Counting, alarm, counting_rules, request
from tests.services.line import counting_desk, engine_on, read_topic, voice


@contextmanager
def producer_on(env: dict[str, str]) -> Iterator[KafkaProducer]:
    """The relay's own kind of producer."""
    made = make_producer(env["KAFKA_BOOTSTRAP_SERVERS"])
    try:
        yield made
    finally:
        made.close(timeout=5)


def telling_rules() -> Rules[Counting]:
    """Counting rules that tell a neighbour of every alarm in a1."""
    plain = counting_rules()

    def decide(desk: Counting, fact: Fact, now: object) -> tuple[Decision, ...]:
        if isinstance(fact, AlarmRaised) and fact.area == "a1":
            told = AlarmRaised(
                fact_id=decided_id(fact.fact_id, 0),
                area="a2",
                said_at=AT,
                by=Speaker(role="DESK", id="a1"),
                case_id=fact.case_id,
                kind=fact.kind,
            )
            return (AreaTold(to_area="a2", fact=told),)
        return ()

    return Rules(decide, plain.evolve, plain.empty, plain.dump, plain.load, decider=1, fold_version=1)


def stored_bodies(engine: Engine, area: str) -> list[bytes]:
    """Bodies of an area's rows in their order."""
    with engine.connect() as connection:
        bodies = connection.execute(
            select(journal.c.body).where(journal.c.area == area).order_by(journal.c.seq)
        ).scalars()
        return [body.encode() for body in bodies]


def test_every_row_goes_out_once_in_order_with_its_bytes_and_hash(line_env: dict[str, str]) -> None:
    """Records and ledger are built from these messages; a changed byte would break their chain."""
    with engine_on(line_env["DATABASE_URL"]) as engine, producer_on(line_env) as producer:
        door = EmergencyDoor(engine, counting_rules(), partitions=4)
        for number in range(30):
            door(request(("a1", "a2")[number % 2]))
        relay = Relay(engine, producer, topic_prefix=line_env["LIUZHU_TOPIC_PREFIX"])
        assert relay.round().rows == 30
        assert relay.round().total == 0
        told = read_topic(line_env, DISPATCH, 30)
        for area in ("a1", "a2"):
            mine = [(headers, body) for headers, body in told if headers["ce_id"].startswith(area.encode())]
            assert [body for _, body in mine] == stored_bodies(engine, area)
            assert [headers["ce_id"].decode() for headers, _ in mine] == [f"{area}/{n}" for n in range(1, 16)]
            previous = bytes(32)
            for headers, body in mine:
                previous = Row.of_body(body).hashed(previous)
                assert headers["hash"].decode() == previous.hex()


def test_a_word_for_another_area_is_passed_on_as_a_fact(line_env: dict[str, str]) -> None:
    """An area that cannot help asks its neighbour; the neighbour must hear of it, once."""
    with engine_on(line_env["DATABASE_URL"]) as engine, producer_on(line_env) as producer:
        fact = alarm("a1")
        Journal(engine, telling_rules(), partitions=4).decide_one(fact)
        Relay(engine, producer, topic_prefix=line_env["LIUZHU_TOPIC_PREFIX"]).round()
        ((headers, body),) = read_topic(line_env, ALARMS, 1)
        told = read_fact(headers, body)
        assert (told.area, told.fact_id) == ("a2", decided_id(fact.fact_id, 0))


def test_the_spool_is_sent_in_the_order_it_was_written(line_env: dict[str, str]) -> None:
    """A recipient must be enrolled before her first bath is booked."""
    facts = [request("a1") for _ in range(700)]
    with engine_on(line_env["DATABASE_URL"]) as engine, producer_on(line_env) as producer:
        with engine.begin() as connection:
            assert spool_facts(connection, facts, "/test") == 700
            assert not spool_fact(connection, facts[0], "/test")
            assert has_unsent(connection, "a1")
        relay = Relay(engine, producer, topic_prefix=line_env["LIUZHU_TOPIC_PREFIX"])
        while relay.round().total:
            pass
        told = read_topic(line_env, INTAKE, 700)
        assert [headers["ce_id"].decode() for headers, _ in told] == [fact.fact_id for fact in facts]
        with engine.connect() as connection:
            assert not has_unsent(connection, "a1")


def test_poison_bytes_reach_the_dead_letters_and_the_area_goes_on(
    line_env: dict[str, str], tmp_path: Path
) -> None:
    """The supervisor must see what could not be read, and where it stood."""
    poison = b"\x00\xff not a fact"
    with (
        engine_on(line_env["DATABASE_URL"]) as engine,
        voice(line_env) as said,
        counting_desk(line_env, tmp_path) as desk,
        process("relay", line_env, tmp_path) as relay,
    ):
        said.raw(INTAKE, b"a1", poison, [("ce_type", b"\x00"), ("x", b"y")])
        said.raw(INTAKE, b"a1", None, [])
        said.say([request("a1")])
        told = read_topic(line_env, DEAD_LETTERS, 2, within_s=40)
        what = f"the good fact\n{desk.told()}\n{relay.told()}"
        wait_until(lambda: len(stored_bodies(engine, "a1")) == 1, within_s=20, what=what)
    by_code = {headers["code"].decode(): (headers, body) for headers, body in told}
    assert set(by_code) == {"TYPE_UNKNOWN", "BODY_MISSING"}
    headers, body = by_code["TYPE_UNKNOWN"]
    assert body == poison
    assert headers["stood"].decode().startswith(line_env["LIUZHU_TOPIC_PREFIX"] + "intake/")
    assert headers["was_x"] == b"y"


def test_a_relay_that_is_killed_again_and_again_loses_no_row(
    line_env: dict[str, str], tmp_path: Path
) -> None:
    """Rows may come twice; none may be missing, and the last of each area is the last that was decided."""
    with engine_on(line_env["DATABASE_URL"]) as engine:
        door = EmergencyDoor(engine, counting_rules(), partitions=4)
        for _ in range(3):
            with process("relay", line_env, tmp_path) as relay:
                for number in range(40):
                    door(request(("a1", "a2")[number % 2]))
                    if number == 25:
                        wait_until(lambda: bool(_cursors(engine)), within_s=30, what=relay.told())
                relay.kill()
        with process("relay", line_env, tmp_path) as relay:
            wait_until(lambda: _cursors(engine) == {60}, within_s=30, what=f"all sent\n{relay.told()}")
        told = read_topic(line_env, DISPATCH, 120)
        ids = [headers["ce_id"].decode() for headers, _ in told]
        assert set(ids) == {f"{area}/{n}" for area in ("a1", "a2") for n in range(1, 61)}


def _cursors(engine: Engine) -> set[int]:
    from schemas.tables import relay_cursors

    with engine.connect() as connection:
        wanted = select(relay_cursors.c.seq).where(relay_cursors.c.stream.like("area:%"))
        return set(connection.execute(wanted).scalars())


def test_a_call_goes_before_what_care_plans_say_ahead_of_the_day(line_env: dict[str, str]) -> None:
    """In the evening plans speak for all of tomorrow; who calls just then must not wait behind them."""
    with engine_on(line_env["DATABASE_URL"]) as engine, producer_on(line_env) as producer:
        plans = [request("a1") for _ in range(AHEAD_CHUNK * 2)]
        with engine.begin() as connection:
            spool_facts(connection, plans, AHEAD_SOURCE)
            assert not has_unsent(connection, "a1")
        relay = Relay(engine, producer, topic_prefix=line_env["LIUZHU_TOPIC_PREFIX"])
        assert relay.round().spooled == AHEAD_CHUNK
        assert relay.round().spooled == 0
        call = request("a1")
        with engine.begin() as connection:
            assert spool_fact(connection, call, "/web")
            assert has_unsent(connection, "a1")
        assert relay.round().spooled == 1
        door = EmergencyDoor(engine, counting_rules(), partitions=4)
        for fact in plans[:AHEAD_CHUNK]:
            door(fact)
        assert relay.round().spooled == AHEAD_CHUNK
        told = read_topic(line_env, INTAKE, AHEAD_CHUNK * 2 + 1)
        ids = [read_fact(dict(headers), body).fact_id for headers, body in told]
        said = [fact.fact_id for fact in plans]
        assert ids == [*said[:AHEAD_CHUNK], call.fact_id, *said[AHEAD_CHUNK:]]


def test_a_plan_never_goes_before_the_person_it_is_for(line_env: dict[str, str]) -> None:
    """On a city's first day its plans would all be refused: the desk has not heard of anybody yet."""
    with engine_on(line_env["DATABASE_URL"]) as engine, producer_on(line_env) as producer:
        people, plan = [request("a1") for _ in range(CHUNK + 1)], request("a1")
        with engine.begin() as connection:
            spool_facts(connection, people, "/registers")
            spool_facts(connection, [plan], AHEAD_SOURCE)
        relay = Relay(engine, producer, topic_prefix=line_env["LIUZHU_TOPIC_PREFIX"])
        assert relay.round().spooled == CHUNK
        assert relay.round().spooled == 2
        told = read_topic(line_env, INTAKE, CHUNK + 2)
        assert read_fact(dict(told[-1][0]), told[-1][1]).fact_id == plan.fact_id
