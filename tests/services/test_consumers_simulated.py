"""Thousands of random facts decided by the real desk: what follows the journal agrees with the desk."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, create_engine, func, insert, select, update

from consumers.catalogue import CONSUMERS, catch_up
from consumers.ledger.check import check
from dispatcher.core.desk import purse_key
from infra.parts.postgres import drop_database, make_database, random_name
from infra.verify_derived import derived_flaws
from schemas.facts import CaregiverCheckedIn, CaregiverCheckedOut
from schemas.rows import GENESIS, Row
from schemas.shapes import TripSecret
from schemas.tables import cases, claims, duties, heads, journal, offers, purses, stops, visits
from tests.rules.core.simulator import Day, run
from tests.rules.core.small_town import Town, clock, only, small_town, span
from tests.rules.core.test_trips import HOSPITAL

STATUS = {"DONE": "FINISHED", "CANCELLED": "CANCELLED", "MISSED": "MISSED"}


@pytest.fixture(scope="module", params=[3, 11])
def lived(
    request: pytest.FixtureRequest, postgres_server: str, _migrated_template: str
) -> Iterator[tuple[Engine, Day]]:
    """A random day, followed by every consumer."""
    day = run(request.param, 700)
    name = random_name("lived")
    engine = create_engine(make_database(postgres_server, name, template=_migrated_template))
    _store(engine, day.town.rows)
    for name in CONSUMERS:
        catch_up(engine, name)
    yield engine, day
    engine.dispose()
    drop_database(postgres_server, name)


def _store(engine: Engine, rows: list[Row]) -> None:
    tip, kept = GENESIS, []
    for row in rows:
        tip = row.hashed(tip)
        copies = {"fact_id": row.fact_id, "now": row.now, "decider": row.decider, "fact_word": row.fact.word}
        kept.append({"area": row.area, "seq": row.seq, "body": row.body().decode(), "hash": tip, **copies})
    with engine.begin() as connection:
        connection.execute(insert(journal), kept)
        connection.execute(insert(heads).values(area=rows[-1].area, seq=rows[-1].seq, hash=tip))


def _all(engine: Engine, query: Any) -> list[dict[str, Any]]:
    with engine.connect() as connection:
        return [dict(row) for row in connection.execute(query).mappings()]


def test_the_ledger_agrees_with_the_desk_to_the_fen(lived: tuple[Engine, Day]) -> None:
    """A purse that differs would refuse help that is due, or give help that is not."""
    engine, day = lived
    assert check(engine) == []
    booked = {
        purse_key(row["recipient_id"], row["programme_id"], row["period"]): (
            row["reserved_fen"],
            row["settled_fen"],
        )
        for row in _all(engine, select(purses))
    }
    known = {key: (purse.reserved_fen, purse.settled_fen) for key, purse in day.town.desk.purses.items()}
    nothing = (0, 0)
    for key in booked.keys() | known.keys():
        assert booked.get(key, nothing) == known.get(key, nothing), key
    assert any(settled for _, settled in booked.values())


def test_the_records_agree_with_the_desk(lived: tuple[Engine, Day]) -> None:
    """What pages show is what was decided."""
    engine, day = lived
    kept = {row["visit_id"]: row for row in _all(engine, select(visits))}
    on_stops: dict[str, set[str]] = {}
    for row in _all(engine, select(stops)):
        on_stops.setdefault(row["visit_id"], set()).add(row["caregiver_id"])
    desk = day.town.desk
    assert set(desk.visits) <= set(kept)
    for visit_id, visit in desk.visits.items():
        row = kept[visit_id]
        if visit.closed in STATUS:
            assert row["status"] == STATUS[visit.closed], visit_id
        if visit.closed is None:
            assert row["status"] not in ("FINISHED", "CANCELLED", "MISSED"), visit_id
            held = {hand.caregiver_id for hand in visit.hands if hand.caregiver_id}
            assert on_stops.get(visit_id, set()) == held, visit_id
        assert row["case_id"] == visit.case_id
    for offer in _all(engine, select(offers).where(offers.c.status.in_(("OPEN", "DELIVERED")))):
        assert offer["offer_id"] in desk.offers, offer["offer_id"]


def test_every_finished_visit_has_one_bill_and_no_other_has_any(lived: tuple[Engine, Day]) -> None:
    """One billable line per visit and item."""
    engine, _ = lived
    billed = {row["visit_id"]: row["n"] for row in _all(engine, _counted())}
    assert billed
    assert set(billed.values()) == {1}
    priced = {row["visit_id"] for row in _all(engine, select(visits).where(visits.c.bill.is_not(None)))}
    assert set(billed) == priced


def _counted() -> Any:
    return select(claims.c.visit_id, func.count().label("n")).group_by(claims.c.visit_id)


def test_no_duty_stays_open_on_a_closed_case(lived: tuple[Engine, Day]) -> None:
    """A supervisor's list full of what is over hides what is not."""
    engine, _ = lived
    over = select(cases.c.case_id).where(cases.c.closed_at.is_not(None))
    left = select(duties).where(duties.c.closed_at.is_(None), duties.c.case_id.in_(over))
    assert [row["reason"]["code"] for row in _all(engine, left)] == []


def test_verify_finds_derived_rows_that_the_journal_does_not_lead_to(lived: tuple[Engine, Day]) -> None:
    """A fen changed by hand in a derived table would be exported to the bureau."""
    engine, _ = lived
    assert derived_flaws(engine) == []
    visit = select(claims.c.visit_id).order_by(claims.c.visit_id).limit(1).scalar_subquery()
    with engine.begin() as connection:
        connection.execute(
            update(claims).where(claims.c.visit_id == visit).values(amount_fen=claims.c.amount_fen + 1)
        )
    try:
        assert [(flaw.code, flaw.place.split()[0]) for flaw in derived_flaws(engine)] == [
            ("DERIVED_DIFFERS", "claims")
        ]
    finally:
        with engine.begin() as connection:
            back = update(claims).where(claims.c.visit_id == visit)
            connection.execute(back.values(amount_fen=claims.c.amount_fen - 1))


def to_hospital() -> tuple[Town, str]:
    """One caregiver with both legs, who has come to the way there and left it; the visit's id."""
    town = small_town(1, 1)
    trip = TripSecret(goal=HOSPITAL)
    said = town.ask("r1", "ESCORT_HOSPITAL", span("09:00", "09:30"), opened=trip, goal_text_id="x1")
    visit_id = str(only(said, "VisitPlanned").visit_id)
    town.tick(clock("08:00"))
    for word, when in ((CaregiverCheckedIn, "09:10"), (CaregiverCheckedOut, "10:00")):
        base = {**town.base("CAREGIVER", "c1"), "said_at": clock(when)}
        town.tell(word(**base, visit_id=visit_id, caregiver_id="c1", role=0), clock(when))
    return town, visit_id


def test_each_leg_of_an_escort_has_its_own_times_and_its_ride(fresh_database: str) -> None:
    """A phone that shows the way home as done sends the caregiver away from the hospital."""
    town, visit_id = to_hospital()
    engine = create_engine(fresh_database)
    _store(engine, town.rows)
    for name in CONSUMERS:
        catch_up(engine, name)
    (visit,) = _all(engine, select(visits))
    there, back = _all(engine, select(stops).order_by(stops.c.role))
    engine.dispose()
    assert visit["trip"]["goal_text_id"] == "x1"
    assert (there["caregiver_id"], back["caregiver_id"]) == ("c1", "c1")
    assert (there["status"], back["status"]) == ("FINISHED", "BOUND")
    assert there["checked_out_at"] - there["checked_in_at"] == timedelta(minutes=50)
    assert (back["checked_in_at"], back["checked_out_at"]) == (None, None)
    needs = town.desk.visits[visit_id].needs
    assert [stop["duration_s"] for stop in (there, back)] == [need.duration_s for need in needs]
