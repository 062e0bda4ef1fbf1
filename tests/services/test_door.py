"""Beside the desks on a real PostgreSQL: the emergency door, followers, and what forgetting leaves."""

import os
import threading
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, insert, select

from dispatcher.door import EmergencyDoor
from dispatcher.follower import Follower, FollowerStopped
from schemas.base import Point, Speaker
from schemas.canonical import chain_hash
from schemas.codes import Gender
from schemas.facts import PersonForgotten, RecipientEnrolled
from schemas.ids import new_id
from schemas.sealing import seal
from schemas.shapes import AlarmSecret, RecipientSecret
from schemas.tables import heads, journal, person_keys, snapshots
from tests.services.counting import AT, alarm, counting_rules, request
from tests.services.journals import NOON, PARTITIONS, Topic, codes, make, stored


@pytest.fixture
def engine(fresh_database: str) -> Iterator[Engine]:
    """An engine on this test's database."""
    made = create_engine(fresh_database)
    yield made
    made.dispose()


def enrolment(person_id: str, key: bytes) -> RecipientEnrolled:
    """A recipient, sealed."""
    secret = RecipientSecret(home=Point(lat_udeg=32_990_000, lon_udeg=112_530_000), gender=Gender.FEMALE)
    return RecipientEnrolled(
        fact_id=new_id(),
        area="a1",
        said_at=AT,
        by=Speaker(role="REGISTER", id="register"),
        recipient_id=person_id,
        street="s1",
        sealed=seal(secret, person_id, key, os.urandom(12)),
    )


def test_forgetting_erases_the_key_and_every_snapshot_that_knew_more(engine: Engine) -> None:
    """After it, nothing that is stored can tell where the person lived."""
    key, topic = os.urandom(32), Topic()
    with engine.begin() as connection:
        connection.execute(insert(person_keys).values(person_id="r9", key=key))
    worker = make(engine, snapshot_every=1)
    fact = enrolment("r9", key)
    worker.decide_batch([topic.deliver(fact)])
    assert worker._shelf["a1"].desk.homes == {"r9": 32_990_000}
    gone = PersonForgotten(
        fact_id=new_id(), area="a1", said_at=AT, by=Speaker(role="SUPERVISOR", id="s"), person_id="r9"
    )
    late = enrolment("r9", key)  # said before, heard after: it stays closed
    worker.decide_batch([topic.deliver(gone), topic.deliver(late)])
    with engine.connect() as connection:
        assert connection.execute(select(person_keys)).all() == []
        states = connection.execute(select(snapshots.c.state)).scalars().all()
    assert len(states) == 1
    assert b"32990000" not in states[0]
    assert Follower(engine, counting_rules()).ask("a1", lambda desk, now: desk.homes) == {}
    assert len(stored(engine)) == 3


def test_a_seal_that_does_not_open_although_its_key_exists_is_a_bad_fact(engine: Engine) -> None:
    """A person enrolled with a broken seal would be served at no address at all."""
    with engine.begin() as connection:
        connection.execute(insert(person_keys).values(person_id="r9", key=os.urandom(32)))
    make(engine).decide_batch([Topic().deliver(enrolment("r9", os.urandom(32)))])
    assert codes(engine) == ["SEAL_BROKEN"]
    assert stored(engine) == []


def test_an_alarm_whose_place_does_not_open_is_decided_all_the_same(engine: Engine) -> None:
    """A key that was changed must not leave somebody on the floor among the letters set aside."""
    with engine.begin() as connection:
        connection.execute(insert(person_keys).values(person_id="r9", key=os.urandom(32)))
    place = AlarmSecret(home=Point(lat_udeg=32_990_000, lon_udeg=112_530_000))
    broken = seal(place, "r9", os.urandom(32), os.urandom(12))
    make(engine).decide_batch([Topic().deliver(alarm().model_copy(update={"sealed": broken}))])
    assert codes(engine) == []
    assert [row.fact.word for row in stored(engine)] == ["AlarmRaised"]


def test_a_follower_stops_and_says_so_at_a_word_it_does_not_know(engine: Engine) -> None:
    """An old console must not answer callers from a state it no longer understands."""
    topic = Topic()
    make(engine).decide_batch([topic.deliver(request())])
    follower = Follower(engine, counting_rules())
    assert follower.seq_of("a1") == 1
    with engine.begin() as connection:
        body = connection.execute(select(journal.c.body)).scalar_one()
        body = body.replace('"seq":1', '"seq":2').replace("ServiceRequested", "ServiceDreamt")
        previous = bytes(connection.execute(select(heads.c.hash)).scalar_one())
        values = {"area": "a1", "seq": 2, "fact_id": new_id(), "now": NOON, "decider": 9}
        connection.execute(
            insert(journal).values(
                **values, fact_word="ServiceDreamt", body=body, hash=chain_hash(previous, body.encode())
            )
        )
    for _ in range(2):
        with pytest.raises(FollowerStopped, match="row 2"):
            follower.ask("a1", lambda desk, now: desk.seen)


def test_the_door_sets_a_broken_rule_aside_too(engine: Engine) -> None:
    """An emergency that breaks a rule of ours must be seen by somebody."""
    door = EmergencyDoor(engine, counting_rules(), partitions=PARTITIONS)
    assert door(request(item="BREAK_EVOLVE")) is None
    assert codes(engine) == ["DECIDE_FAILED"]
    fact = alarm()
    row = door(fact)
    assert row is not None
    assert row.seq == 1
    again = door(fact)
    assert again is not None
    assert again.seq == 1


def test_the_door_lets_time_pass_only_while_nothing_moves_on_alarms(engine: Engine) -> None:
    """The fuses of an emergency burn on when the broker, the clock or all desks are away."""
    door = EmergencyDoor(engine, counting_rules(), partitions=PARTITIONS)
    door(alarm())
    assert door.pass_time() == 0
    calls: list[int] = []
    stop = threading.Event()

    def counted() -> int:
        calls.append(1)
        if len(calls) == 2:
            stop.set()
        return 0

    door.pass_time = counted  # type: ignore[method-assign]
    watch = threading.Thread(
        target=door.keep_time, args=(stop,), kwargs={"topic": "intake", "silence_s": 1.5}
    )
    watch.start()
    watch.join(20)
    assert not watch.is_alive()
    assert len(calls) == 2
