"""What follows the journal: records, ledger, notices and times, on real PostgreSQL and Kafka."""

import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from kafka import KafkaProducer
from sqlalchemy import Engine, create_engine, func, select, text, update

from consumers.catalogue import CONSUMERS, catch_up, rebuild
from consumers.follow import JournalBehind, RowUnreadable, apply_rows, follow
from consumers.ledger.check import check
from schemas.base import Point, Reason
from schemas.codes import Grade, HelpKind, Origin
from schemas.decisions import FactSetAside, VisitPlanned
from schemas.facts import CaregiverCheckedOut, RequestCancelled, TimePassed
from schemas.rows import Row
from schemas.shapes import Fetched, Kitchen, PlannedStop
from schemas.tables import (
    applied,
    claims,
    entries,
    journal,
    metadata,
    notices,
    outbox,
    postings,
    purses,
    refusals,
    stops,
    timings,
    visits,
)
from tests.conftest import TestTopics
from tests.parts import wait_until
from tests.services.consumers_rows import NOON, Line, Wish, bill_of, book, release, serve

LEDGER = CONSUMERS["ledger"]
RECORDS = CONSUMERS["records"]
DERIVED = (visits, stops, refusals, entries, postings, claims, purses, notices, outbox, timings)


@pytest.fixture
def engine(fresh_database: str) -> Iterator[Engine]:
    made = create_engine(fresh_database)
    yield made
    made.dispose()


@pytest.fixture
def line(engine: Engine) -> Line:
    return Line(engine)


def catch_up_all(engine: Engine) -> None:
    for name in CONSUMERS:
        catch_up(engine, name)


def one(engine: Engine, query: Any) -> Any:
    with engine.connect() as connection:
        return connection.execute(query).mappings().one()


def count(engine: Engine, table: Any) -> int:
    with engine.connect() as connection:
        return int(connection.execute(select(func.count()).select_from(table)).scalar_one())


def dump(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    with engine.connect() as connection:
        found = {}
        for table in DERIVED:
            columns = [column for column in table.c if column.name != "message_id"]
            rows = connection.execute(select(*columns).order_by(*table.primary_key)).all()
            found[table.name] = [tuple(row) for row in rows]
        return found


def test_a_bath_ends_as_one_visit_one_claim_and_balanced_postings(engine: Engine, line: Line) -> None:
    """Else finance pays for what did not happen, or does not pay for what did."""
    wish = Wish()
    visit_id = book(line, wish)
    serve(line, wish, visit_id)
    catch_up_all(engine)
    visit = one(engine, select(visits))
    assert (visit["status"], visit["grade"], visit["total_fen"]) == ("FINISHED", "VERIFIED", 18_000)
    assert (visit["provider_id"], visit["billed_s"]) == ("p1", 62 * 60)
    assert one(engine, select(claims))["amount_fen"] == 18_000
    assert one(engine, select(func.sum(postings.c.amount_fen).label("fen")))["fen"] == 0
    purse = one(engine, select(purses))
    assert (purse["reserved_fen"], purse["settled_fen"]) == (0, 9_600)
    assert check(engine) == []


def test_a_visit_holds_the_six_elements(engine: Engine, line: Line) -> None:
    """What, to whom, when, where (their home), by whom, from when to when: else an audit fails."""
    wish = Wish()
    visit_id = book(line, wish)
    serve(line, wish, visit_id)
    catch_up(engine, "records")
    visit = one(engine, select(visits))
    assert visit["item"] == "BATH_HOME"
    assert visit["recipient_id"] == "r1"
    assert visit["started_at"] == wish.start_at
    assert visit["finished_at"] == wish.start_at + timedelta(minutes=62)
    with engine.connect() as connection:
        came = connection.execute(select(stops).order_by(stops.c.role)).mappings().all()
    assert [stop["caregiver_id"] for stop in came] == ["c1", "c2"]
    assert all(stop["status"] == "FINISHED" and stop["checked_in_at"] for stop in came)


def test_a_meal_keeps_its_kitchen_and_the_round_it_is_fetched_in(engine: Engine, line: Line) -> None:
    """The phone shows from these rows by which kitchen to go first; a new plan may lead by none."""
    kitchen = Kitchen(place_id="k1", place=Point(lat_udeg=0, lon_udeg=0), loading_s=300, cooked_before_s=0)
    meal = Fetched(kitchen=kitchen, fresh_s=3_600, load=2)
    wish = Wish(caregiver_ids=("c1",), item="MEAL_LUNCH", help=HelpKind.MEAL, meal=meal)
    visit_id = book(line, wish)
    catch_up(engine, "records")
    assert Fetched.model_validate(one(engine, select(visits))["meal"]) == meal
    stop = one(engine, select(stops))
    assert (stop["round_id"], stop["from_kitchen_s"], stop["travel_s"]) == ("round-1", 240, 420)
    planned = PlannedStop(role=0, caregiver_id="c1", start_at=wish.start_at, travel_s=60)
    line.write(
        TimePassed(**line.said("a1", "CLOCK"), partition=0),
        VisitPlanned(visit_id=visit_id, stops=(planned,), origin=Origin.PLAN),
    )
    catch_up(engine, "records")
    stop = one(engine, select(stops))
    assert (stop["round_id"], stop["from_kitchen_s"], stop["travel_s"]) == (None, None, 60)
    assert stop["status"] == "BOUND"


def test_a_check_out_that_comes_before_its_check_in_keeps_both_times(engine: Engine, line: Line) -> None:
    """Phones upload in any order; a late check-in must not reopen a finished stop."""
    wish = Wish(caregiver_ids=("c1",))
    visit_id = book(line, wish)
    left = wish.start_at + timedelta(minutes=60)
    line.now = left
    said = line.said("a1", "CAREGIVER", left)
    line.write(CaregiverCheckedOut(**said, visit_id=visit_id, caregiver_id="c1"))
    serve(line, wish, visit_id)
    catch_up(engine, "records")
    stop = one(engine, select(stops))
    assert stop["status"] == "FINISHED"
    assert stop["checked_in_at"] == wish.start_at
    assert stop["checked_out_at"] == left


def test_rows_told_twice_take_effect_once(engine: Engine, line: Line) -> None:
    """Kafka redelivers; money must not double."""
    wish = Wish()
    serve(line, wish, book(line, wish))
    for name, consumer in CONSUMERS.items():
        assert apply_rows(engine, consumer, line.rows) == len(line.rows), name
    before = dump(engine)
    for consumer in CONSUMERS.values():
        assert apply_rows(engine, consumer, line.rows) == 0
    assert dump(engine) == before


def test_a_gap_is_filled_from_the_journal(engine: Engine, line: Line) -> None:
    """A row that Kafka lost must not be lost here."""
    wish = Wish()
    last = serve(line, wish, book(line, wish))
    assert apply_rows(engine, RECORDS, [last]) == len(line.rows)
    assert one(engine, select(visits))["status"] == "FINISHED"


def test_a_row_that_the_journal_does_not_hold_is_refused(engine: Engine, line: Line) -> None:
    """Kafka of one system with the database of another must not mix two cities."""
    row = line.write(RequestCancelled(**line.said("a1"), request_id="q1"))
    stray = row.model_copy(update={"seq": 5})
    with pytest.raises(JournalBehind):
        apply_rows(engine, RECORDS, [stray])
    assert count(engine, visits) == 0


def test_a_failing_row_leaves_nothing_half_done(engine: Engine, line: Line) -> None:
    """Effects and position stand or fall together."""
    wish = Wish()
    visit_id = book(line, wish)
    serve(line, wish, visit_id)
    broken = line.rows[-1].decisions[-1].model_copy(update={"total_fen": 1})
    bad = line.rows[-1].model_copy(update={"decisions": (broken,)})
    with pytest.raises(Exception, match=visit_id):
        apply_rows(engine, LEDGER, [*line.rows[:-1], bad])
    assert count(engine, entries) == 0
    assert apply_rows(engine, LEDGER, line.rows) == len(line.rows)


def test_a_rebuild_gives_the_same_rows(engine: Engine, line: Line) -> None:
    """Derived rows are derived: what the journal says is all there is."""
    for n in range(5):
        wish = Wish(recipient_id=f"r{n}", held=n == 3, grade=Grade.VERIFIED, late_min=n * 10)
        serve(line, wish, book(line, wish))
    catch_up_all(engine)
    before = dump(engine)
    for name in CONSUMERS:
        assert rebuild(engine, name) == len(line.rows)
    assert dump(engine) == before
    assert count(engine, notices) > 0


def test_a_word_of_a_newer_version_stops_the_consumer_which_says_so(engine: Engine, line: Line) -> None:
    """A half-read row would be a half-true record."""
    row = line.write(RequestCancelled(**line.said("a1"), request_id="q1"))
    newer = row.body().decode().replace('"word":"RequestCancelled"', '"word":"RequestBlessed"')
    with engine.begin() as connection:
        connection.execute(update(journal).values(body=newer))
    with pytest.raises(RowUnreadable, match="ROW_UNREADABLE a1/1"):
        catch_up(engine, "records")
    assert (
        follow(consumer=RECORDS, engine=engine, bootstrap_servers="127.0.0.1:1", stop=threading.Event()) == 3
    )


def test_a_fact_set_aside_is_shown_and_changes_nothing_else(engine: Engine, line: Line) -> None:
    """The supervisor sees what was refused, with what to do."""
    wish = Wish(caregiver_ids=("c1",))
    visit_id = book(line, wish)
    stray = CaregiverCheckedOut(
        **line.said("a1", "CAREGIVER", line.now), visit_id=visit_id, caregiver_id="c1"
    )
    line.write(stray, FactSetAside(reasons=(Reason(code="NOT_THEIR_VISIT"),)))
    catch_up(engine, "records")
    assert one(engine, select(stops))["status"] == "BOUND"
    assert one(engine, select(refusals))["reasons"][0]["code"] == "NOT_THEIR_VISIT"


def test_a_visit_priced_twice_is_booked_once_and_told(engine: Engine, line: Line) -> None:
    """One billable line per visit and item, whatever the desk says."""
    wish = Wish()
    visit_id = book(line, wish)
    serve(line, wish, visit_id)
    said = line.said("a1", "CAREGIVER", line.now)
    again = bill_of(wish, visit_id).model_copy(
        update={"lines": (bill_of(wish, visit_id).lines[0].model_copy(update={"line_id": "again"}),)}
    )
    line.write(CaregiverCheckedOut(**said, visit_id=visit_id, caregiver_id="c1"), again)
    catch_up(engine, "ledger")
    assert count(engine, claims) == 1
    assert [fault.code for fault in check(engine)] == ["BILL_UNBOOKED"]


def test_the_check_sees_money_that_was_tampered_with(engine: Engine, line: Line) -> None:
    """A check that cannot fail protects nobody."""
    wish = Wish()
    serve(line, wish, book(line, wish))
    catch_up(engine, "ledger")
    with engine.begin() as connection:
        connection.execute(update(purses).values(settled_fen=1))
        connection.execute(
            text("UPDATE postings SET amount_fen = amount_fen + 1 WHERE account LIKE 'payer:BUREAU%'")
        )
    assert {fault.code for fault in check(engine)} == {
        "ENTRY_UNBALANCED",
        "CLAIM_UNBALANCED",
        "PURSE_DIFFERS",
    }


def test_a_released_hold_leaves_the_purse_free(engine: Engine, line: Line) -> None:
    """A cancelled bath must not eat the month's quota."""
    wish = Wish()
    visit_id = book(line, wish)
    line.write(RequestCancelled(**line.said("a1"), request_id="q1"), release(wish, visit_id))
    catch_up(engine, "ledger")
    purse = one(engine, select(purses))
    assert (purse["reserved_fen"], purse["settled_fen"]) == (0, 0)
    assert check(engine) == []


def test_a_held_bill_is_owed_to_suspense(engine: Engine, line: Line) -> None:
    """What waits for a person must not be paid with the rest."""
    wish = Wish(held=True, findings=(Reason(code="SERVICE_SHORT", numbers={"short_s": 480}),))
    serve(line, wish, book(line, wish))
    catch_up(engine, "ledger")
    with engine.connect() as connection:
        found = connection.execute(select(postings.c.account, postings.c.amount_fen)).all()
    owed = {one[0]: one[1] for one in found}
    assert owed["suspense:p1"] == -18_000
    assert "provider:p1" not in owed


def test_notices_and_times_wait_until_the_records_know(engine: Engine, line: Line) -> None:
    """A notice must find whom its visit is for."""
    wish = Wish(late_min=25)
    serve(line, wish, book(line, wish))
    assert catch_up(engine, "notices") == 0
    assert catch_up(engine, "wallboard") == 0
    catch_up_all(engine)
    promise = one(engine, select(notices).where(notices.c.code == "NOTICE_PROMISE"))
    assert (promise["to_role"], promise["to_id"], promise["channel"]) == ("RECIPIENT", "r1", "SMS")
    late = one(engine, select(timings).where(timings.c.metric == "PUNCTUALITY"))
    assert (late["value_ms"], late["within"]) == (5 * 60_000, False)
    booked = one(engine, select(timings).where(timings.c.metric == "BOOKING_ANSWER"))
    assert (booked["value_ms"], booked["within"]) == (350, True)


def _relay(topics: TestTopics, rows: list[Row]) -> None:
    producer = KafkaProducer(bootstrap_servers=topics.bootstrap_servers)
    for row in rows:
        headers = [("ce_type", b"cn.liuzhu.Row.v1"), ("ce_id", f"{row.area}/{row.seq}".encode())]
        producer.send(f"{topics.prefix}dispatch", row.body(), key=row.area.encode(), headers=headers)
    producer.flush()
    producer.close()


def test_rows_relayed_through_kafka_reach_the_records_with_repeats_and_gaps(
    engine: Engine, topics: TestTopics
) -> None:
    """The line as it runs: at least once, out of step, and still once in effect."""
    line = Line(engine)
    for n in range(4):
        wish = Wish(area=f"a{n + 1}", recipient_id=f"r{n}")
        serve(line, wish, book(line, wish))
    halt = threading.Event()
    answers: list[int] = []
    runs = [
        threading.Thread(
            target=lambda consumer=consumer: answers.append(
                follow(
                    consumer=consumer,
                    engine=engine,
                    bootstrap_servers=topics.bootstrap_servers,
                    topic_prefix=topics.prefix,
                    stop=halt,
                )
            )
        )
        for consumer in CONSUMERS.values()
    ]
    for run in runs:
        run.start()
    try:
        more = Wish(area="a1", recipient_id="late", start_at=NOON + timedelta(hours=5))
        line.now = NOON
        serve(line, more, book(line, more))
        _relay(topics, [*line.rows, *line.rows[-3:], *line.rows[:2]])
        total = select(func.sum(applied.c.seq).label("n"))
        wait_until(
            lambda: one(engine, total)["n"] == len(line.rows) * len(CONSUMERS), within_s=40, what="applied"
        )
    finally:
        halt.set()
        for run in runs:
            run.join(timeout=20)
    assert answers == [0] * len(CONSUMERS)
    assert count(engine, visits) == count(engine, claims) == 5
    assert check(engine) == []


def test_without_kafka_the_journal_is_followed_directly(engine: Engine, line: Line) -> None:
    """When the broker is away the pages still tell the truth."""
    halt = threading.Event()
    run = threading.Thread(
        target=lambda: follow(
            consumer=RECORDS, engine=engine, bootstrap_servers="127.0.0.1:1", topic_prefix="", stop=halt
        )
    )
    run.start()
    try:
        book(line, Wish())
        wait_until(lambda: count(engine, visits) == 1, within_s=20, what="the visit in the records")
    finally:
        halt.set()
        run.join(timeout=20)
    assert not run.is_alive()


def test_every_derived_table_is_emptied_by_some_rebuild_or_only_added_to() -> None:
    """A derived table that no consumer owns would go stale unseen."""
    owned = {table.name for consumer in CONSUMERS.values() for table in consumer.tables}
    derived = {"visits", "stops", "offers", "cases", "duties", "refusals", "shifts", "tariff_items"}
    derived |= {"entries", "postings", "claims", "purses", "timings", "proposals"}
    assert owned == derived
    assert derived | {"notices", "outbox", "applied"} <= set(metadata.tables)
