"""The journal on a real PostgreSQL: one writer at a time, nothing twice, nothing lost, nothing half done."""

import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine, func, insert, select, text, update

from dispatcher.deliveries import partition_of
from dispatcher.door import EmergencyDoor
from dispatcher.follower import Follower
from dispatcher.journal import Journal
from dispatcher.ledges import Gap
from dispatcher.shelf import ChainBroken
from schemas.decisions import Decision
from schemas.facts import Fact, TimePassed
from schemas.tables import city_time, dead_letters, journal, positions, snapshots
from tests.services.counting import Counting, alarm, counting_rules, request, tick
from tests.services.journals import NOON, PARTITIONS, Topic, codes, make, stored


@pytest.fixture
def engine(fresh_database: str) -> Iterator[Engine]:
    """An engine on this test's database."""
    made = create_engine(fresh_database)
    yield made
    made.dispose()


def test_every_valid_fact_becomes_one_row_with_its_decisions(engine: Engine) -> None:
    """The journal is the truth: what is not in it was never said."""
    topic = Topic()
    facts = [request("a1"), request("a2"), request("a1")]
    decided = make(engine).decide_batch([topic.deliver(fact) for fact in facts])
    assert (decided.rows, decided.repeats, decided.letters) == (3, 0, 0)
    assert [row.fact_id for row in stored(engine)] == [facts[0].fact_id, facts[2].fact_id]
    assert [len(row.decisions) for row in stored(engine, "a2")] == [1]


def test_a_message_that_comes_again_changes_nothing(engine: Engine) -> None:
    """Kafka redelivers after every crash; no visit may be planned twice."""
    topic = Topic()
    first = [topic.deliver(request()) for _ in range(3)]
    make(engine).decide_batch(first)
    decided = make(engine).decide_batch([*first, topic.deliver(request())])
    assert (decided.rows, decided.repeats) == (1, 3)
    assert len(stored(engine)) == 4


def test_a_fact_said_twice_counts_once(engine: Engine) -> None:
    """A phone that uploads again after a lost answer sends the same id in a new message."""
    topic = Topic()
    fact = request()
    worker = make(engine)
    worker.decide_batch([topic.deliver(fact), topic.deliver(fact)])
    stamped_again = fact.model_copy(update={"said_at": fact.said_at + timedelta(seconds=4)})
    worker.decide_batch([topic.deliver(fact), topic.deliver(stamped_again)])
    assert len(stored(engine)) == 1
    assert codes(engine) == []


def test_the_same_id_with_other_content_is_set_aside(engine: Engine) -> None:
    """Else one of two different wishes would vanish without a word."""
    topic = Topic()
    fact = request()
    other = fact.model_copy(update={"item": "MEAL_LUNCH"})
    make(engine).decide_batch([topic.deliver(fact), topic.deliver(other), topic.deliver(request())])
    assert len(stored(engine)) == 2
    assert codes(engine) == ["FACT_ID_REUSED"]


def test_a_gap_decides_nothing(engine: Engine) -> None:
    """Facts that were not seen must not be passed over."""
    topic = Topic()
    first, _, third = (topic.deliver(request()) for _ in range(3))
    worker = make(engine)
    worker.decide_batch([first])
    with pytest.raises(Gap):
        worker.decide_batch([third])
    assert len(stored(engine)) == 1


def test_a_topic_made_anew_starts_from_its_beginning(engine: Engine) -> None:
    """Its offsets begin at 0 again; they are not repeats of the old topic's."""
    old, new = Topic(), Topic("00000000-0000-4000-8000-000000000002")
    worker = make(engine)
    worker.decide_batch([old.deliver(request()) for _ in range(5)])
    assert worker.decide_batch([new.deliver(request())]).rows == 1
    assert len(stored(engine)) == 6


@pytest.mark.parametrize(
    ("headers", "body", "code"),
    [
        ({}, b"\x00\xff\xfe", "TYPE_UNKNOWN"),
        ({"ce_type": b"cn.liuzhu.ServiceRequested.v1"}, None, "BODY_MISSING"),
        ({"ce_type": b"cn.liuzhu.ServiceRequested.v1"}, b"{", "NOT_JSON"),
        ({"ce_type": b"cn.liuzhu.ServiceRequested.v9"}, b"{}", "FACT_TOO_NEW"),
        ({"ce_type": "cn.liuzhu.ServiceRequested.v²".encode()}, b"{}", "TYPE_UNKNOWN"),
        ({"ce_type": b"cn.liuzhu.ServiceRequested.v1", "nul\x00": b"\x00"}, b"[" * 90_000, "NOT_JSON"),
        ({"ce_type": b"cn.liuzhu.ServiceRequested.v1"}, b"x" * 1_048_576, "BODY_TOO_LARGE"),
    ],
)
def test_poison_is_set_aside_and_the_street_goes_on(
    engine: Engine, headers: dict[str, bytes], body: bytes | None, code: str
) -> None:
    """One unreadable message must not stop the help of a whole district."""
    topic = Topic()
    partition = partition_of("a1", PARTITIONS)
    bad = topic.raw(b"a1\x00\xff", headers, body, partition)
    decided = make(engine).decide_batch([bad, topic.deliver(request())])
    assert (decided.rows, decided.letters) == (1, 1)
    assert codes(engine) == [code]
    with engine.connect() as connection:
        letter = connection.execute(select(dead_letters)).one()
    assert (letter.offset, letter.body) == (0, body)


def test_a_clock_that_cannot_be_decided_writes_one_letter_until_the_cause_changes(engine: Engine) -> None:
    """A letter a second would bury the one that a supervisor must read, and fill the disk by the morning."""
    causes: list[type[Exception] | None] = [ZeroDivisionError] * 3 + [KeyError, KeyError, None, KeyError]
    rules = counting_rules()

    def decide(desk: Counting, fact: Fact, now: datetime) -> tuple[Decision, ...]:
        cause = causes.pop(0) if isinstance(fact, TimePassed) else None
        if cause is not None:
            raise cause
        return rules.decide(desk, fact, now)

    topic = Topic()
    worker = Journal(engine, replace(rules, decide=decide), partitions=PARTITIONS)
    worker.decide_batch([topic.deliver(request())])
    partition = partition_of("a1", PARTITIONS)
    for seconds in (2, 1, 1, 1, 1, 1):
        ticks = [topic.deliver(tick(partition), partition=partition) for _ in range(seconds)]
        worker.decide_batch(ticks)
    assert causes == []
    with engine.connect() as connection:
        details = connection.execute(
            select(dead_letters.c.detail).order_by(dead_letters.c.letter_id)
        ).scalars()
        assert list(details) == ["ZeroDivisionError", "KeyError", "KeyError"]


def test_a_key_that_is_not_the_area_is_set_aside(engine: Engine) -> None:
    """It would be decided by whoever holds another partition, out of its order."""
    topic = Topic()
    delivery = replace(topic.deliver(request("a1")), key=b"a2")
    make(engine).decide_batch([delivery])
    assert codes(engine) == ["HEADER_MISMATCH"]


@pytest.mark.parametrize("item", ["BREAK_DECIDE", "BREAK_EVOLVE"])
def test_a_rule_that_breaks_sets_its_fact_aside_and_the_area_goes_on(engine: Engine, item: str) -> None:
    """A mistake of ours must not stop a district, nor leave its desk half changed."""
    topic = Topic()
    worker = make(engine)
    facts = [request(), request(item=item), request()]
    worker.decide_batch([topic.deliver(fact) for fact in facts])
    worker.decide_batch([topic.deliver(request())])
    assert codes(engine) == ["DECIDE_FAILED"]
    rows = stored(engine)
    assert [row.fact_id for row in rows[:2]] == [facts[0].fact_id, facts[2].fact_id]
    counts = [row.decisions[0].reasons[0].numbers["count"] for row in rows]  # type: ignore[union-attr]
    assert counts == [0, 1, 2]


def test_passing_time_that_decides_nothing_leaves_no_row_but_moves_the_position(engine: Engine) -> None:
    """Twenty-four messages a second must not fill the journal; a stale desk cannot even decide nothing."""
    topic = Topic()
    worker = make(engine)
    partition = partition_of("a1", PARTITIONS)
    worker.decide_batch([topic.deliver(request("a1")), topic.deliver(tick(partition), partition=partition)])
    assert len(stored(engine)) == 1
    with engine.connect() as connection:
        assert connection.execute(select(positions.c.next_offset)).scalars().all() == [2]


def test_by_passing_time_a_desk_hears_of_rows_that_the_door_wrote(engine: Engine) -> None:
    """Else the desk would decide from a state in which the emergency never was."""
    topic = Topic()
    worker, door = make(engine), EmergencyDoor(engine, counting_rules(), partitions=PARTITIONS)
    worker.decide_batch([topic.deliver(request("a1"))])
    assert door(alarm("a1")) is not None
    partition = partition_of("a1", PARTITIONS)
    worker.decide_batch([topic.deliver(tick(partition), partition=partition)])
    assert worker._shelf["a1"].seq == 2
    worker.decide_batch([topic.deliver(request("a1"))])
    assert len(stored(engine)) == 3


def test_a_stale_desk_is_fenced_also_with_nothing_to_decide(engine: Engine) -> None:
    """A process that was stopped for a minute wakes with old messages in hand; none may count again."""
    topic = Topic()
    partition = partition_of("a1", PARTITIONS)
    old = [topic.deliver(request("a1")), topic.deliver(tick(partition), partition=partition)]
    make(engine).decide_batch([*old, topic.deliver(request("a1"))])
    stale = make(engine)
    decided = stale.decide_batch(old)
    assert (decided.rows, decided.repeats) == (0, 2)
    with engine.connect() as connection:
        assert connection.execute(select(positions.c.next_offset)).scalar_one() == 3


def test_two_desks_and_the_door_at_once_never_both_win(engine: Engine) -> None:
    """Each of 120 facts is decided exactly once, whoever is first; seq and chain stay whole."""
    topic = Topic()
    facts = [request("a1") for _ in range(120)]
    deliveries = [topic.deliver(fact) for fact in facts]
    door = EmergencyDoor(engine, counting_rules(), partitions=PARTITIONS)
    failures: list[BaseException] = []

    def run_desk(step: int) -> None:
        worker = make(engine)
        try:
            at = 0
            while at < len(deliveries):
                try:
                    worker.decide_batch(deliveries[at : at + step])
                    at += step
                except Gap:
                    continue
        except BaseException as error:
            failures.append(error)

    def run_door() -> None:
        try:
            for fact in facts[::3]:
                door(fact)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run_desk, args=(7,)), threading.Thread(target=run_desk, args=(11,))]
    threads.append(threading.Thread(target=run_door))
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    ids = [row.fact_id for row in stored(engine)]
    assert sorted(ids) == sorted(fact.fact_id for fact in facts)


def test_a_failed_transaction_leaves_no_trace_in_the_desk(engine: Engine) -> None:
    """What was folded but not committed was never decided."""
    topic = Topic()
    worker = make(engine)
    worker.decide_batch([topic.deliver(request())])
    second = topic.deliver(request())
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE heads ADD CONSTRAINT stuck CHECK (seq < 2)"))
    with pytest.raises(Exception, match="stuck"):
        worker.decide_batch([second])
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE heads DROP CONSTRAINT stuck"))
    worker.decide_batch([second])
    rows = stored(engine)
    assert len(rows) == 2
    assert rows[1].decisions[0].reasons[0].numbers["count"] == 1  # type: ignore[union-attr]


def test_a_row_that_was_changed_stops_the_desk(engine: Engine) -> None:
    """Nobody decides about money from a history somebody has altered."""
    topic = Topic()
    make(engine).decide_batch([topic.deliver(request()) for _ in range(3)])
    with engine.begin() as connection:
        changed = func.replace(journal.c.body, "BATH_HOME", "BATH_BEDS")
        connection.execute(update(journal).where(journal.c.seq == 2).values(body=changed))
    with pytest.raises(ChainBroken, match="row 2"):
        make(engine).decide_batch([topic.deliver(request())])


def test_a_desk_starts_from_its_latest_snapshot_of_this_shape(engine: Engine) -> None:
    """A district of years must start in seconds; a snapshot of another version is ignored."""
    topic = Topic()
    worker = make(engine, snapshot_every=5)
    for _ in range(4):
        worker.decide_batch([topic.deliver(request()) for _ in range(3)])
    with engine.connect() as connection:
        kept = connection.execute(select(snapshots.c.seq).order_by(snapshots.c.seq)).scalars().all()
    assert kept == [6, 12]
    newer = replace(counting_rules(), fold_version=2)
    for rules in (counting_rules(), newer):
        follower = Follower(engine, rules)
        assert len(follower.ask("a1", lambda desk, now: list(desk.seen))) == 12


def test_now_is_city_time_of_the_brokers_stamp(engine: Engine) -> None:
    """The demo town runs faster; its rows say city time, and a replay reads it from there."""
    with engine.begin() as connection:
        connection.execute(
            insert(city_time).values(
                real_from=NOON, city_from=NOON + timedelta(hours=3), rate_permille=60_000
            )
        )
    topic = Topic()
    make(engine).decide_batch([topic.deliver(request()), topic.deliver(request())])
    assert [row.now for row in stored(engine)] == [
        NOON + timedelta(hours=3),
        NOON + timedelta(hours=3, minutes=1),
    ]
