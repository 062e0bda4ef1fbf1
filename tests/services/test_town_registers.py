"""Registers on a real PostgreSQL: person, key and fact stand together or not at all."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine, func, select

from producers.care_plans.plans import speak_plans
from producers.daily import CITY_ZONE
from producers.enrol import Pen, UnknownPerson, enrol
from producers.rosters.rosters import speak_rosters
from producers.simulator.settle import Size, build_town, entries_of, settle
from schemas.envelope import read_fact
from schemas.facts import RecipientEnrolled, ServiceRequested
from schemas.sealing import open_fact
from schemas.tables import care_plans, people, person_keys, places, spool

DAY = date(2026, 11, 12)
NOW = datetime(2026, 11, 12, 0, 30, tzinfo=UTC)
SIZE = Size(recipients=60, caregivers=24, visits_per_day=40)


@pytest.fixture
def engine(fresh_database: str) -> Engine:
    """The database of this test."""
    made = create_engine(fresh_database)
    yield made  # type: ignore[misc]
    made.dispose()


def facts_of(engine: Engine) -> list[tuple[str, dict[str, bytes], bytes]]:
    """What stands in the spool, in order."""
    with engine.connect() as conn:
        rows = conn.execute(select(spool).order_by(spool.c.spool_id)).all()
    return [(r.area, {k: v.encode() for k, v in r.headers.items()}, bytes(r.body)) for r in rows]


def test_a_town_is_entered_once_and_every_fact_can_be_read_and_opened(engine: Engine) -> None:
    """A person without a key, or a fact nobody can open, could never be served."""
    town = build_town(5, SIZE, DAY, NOW)
    told = dict(settle(engine, town))
    assert dict(settle(engine, town)) == {}
    facts = [read_fact(headers, body) for _, headers, body in facts_of(engine)]
    assert len(facts) == sum(told.values())
    by_word = Counter(fact.word for fact in facts)
    assert by_word["RecipientEnrolled"] == len(town.residents)
    assert by_word["CarePlanApproved"] == len(town.plans)
    with engine.connect() as conn:
        keys = {row.person_id: bytes(row.key) for row in conn.execute(select(person_keys))}
        assert conn.execute(select(func.count()).select_from(people)).scalar_one() == len(keys)
        assert conn.execute(select(places.c.place_id).where(places.c.kind == "PROVIDER")).all() != []
    secrets = {r.entry.person.person_id: r.entry.secret for r in town.residents}
    for fact in facts:
        if isinstance(fact, RecipientEnrolled):
            opened = open_fact(fact, keys[fact.recipient_id])
            assert isinstance(opened, RecipientEnrolled)
            assert opened.opened == secrets[fact.recipient_id]


def test_no_name_telephone_or_address_enters_the_stream(engine: Engine) -> None:
    """Names stay home."""
    town = build_town(5, SIZE, DAY, NOW)
    list(settle(engine, town))
    told = "\n".join(body.decode() for _, _, body in facts_of(engine))
    for entry in [*(r.entry for r in town.residents), *town.caregivers]:
        assert entry.person.name not in told
        assert entry.person.telephone not in told
        assert entry.person.address not in told


def test_an_entry_that_fails_leaves_nothing_behind(engine: Engine) -> None:
    """A person in the register whom the stream never hears of would call in vain."""
    town = build_town(5, SIZE, DAY, NOW)
    resident = next(r for r in town.residents if r.entitlement is not None)
    others = [r.entry for r in town.residents if r is not resident][:3]
    assert resident.entitlement is not None
    with pytest.raises(UnknownPerson), engine.begin() as conn:
        enrol(conn, Pen(NOW), [*others, resident.entitlement])
    with engine.connect() as conn:
        for table in (people, person_keys, spool):
            assert conn.execute(select(func.count()).select_from(table)).scalar_one() == 0


def test_a_person_entered_again_keeps_their_key(engine: Engine) -> None:
    """Their earlier facts could no longer be opened, and the desk would have to forget them."""
    town = build_town(5, SIZE, DAY, NOW)
    entry = town.residents[0].entry
    with engine.begin() as conn:
        enrol(conn, Pen(NOW), [entry])
        first = conn.execute(select(person_keys.c.key)).scalar_one()
        enrol(conn, Pen(NOW), [entry])
        assert conn.execute(select(person_keys.c.key)).scalar_one() == first


def test_plans_and_rosters_speak_once_for_each_day(engine: Engine) -> None:
    """A day spoken for twice would bring two visits; one left out, none."""
    town = build_town(5, SIZE, DAY, NOW)
    list(settle(engine, town))
    morning = datetime(2026, 11, 12, 6, 0, tzinfo=CITY_ZONE)
    before = len(facts_of(engine))
    hours = (0, 0, 9, 13, 24)
    for now in (morning + timedelta(hours=n) for n in hours):
        with engine.begin() as conn:
            speak_plans(conn, now)
            speak_rosters(conn, now)
    facts = [read_fact(headers, body) for _, headers, body in facts_of(engine)][before:]
    said = Counter(fact.word for fact in facts)
    days = [DAY + timedelta(days=n) for n in range(2)]
    assert said["ServiceRequested"] == sum(d.weekday() in p.weekdays for p in town.plans for d in days)
    assert said["ShiftPublished"] == sum(
        (DAY + timedelta(days=n)).weekday() in w.person.card["roster"]["weekdays"]
        for w in town.caregivers
        for n in range(3, 4)
    )
    with engine.connect() as conn:
        behind = select(func.count()).select_from(care_plans).where(care_plans.c.planned_until.is_(None))
        assert conn.execute(behind).scalar_one() == 0


def test_tomorrow_is_spoken_for_in_the_evening(engine: Engine) -> None:
    """Spoken for a day too early, half of tomorrow's times would be told before its roster is known."""
    town = build_town(5, SIZE, DAY, NOW)
    list(settle(engine, town))
    before = len(facts_of(engine))

    def asked_by(hour: int) -> set[date]:
        with engine.begin() as conn:
            speak_plans(conn, datetime(2026, 11, 12, hour, 30, tzinfo=CITY_ZONE))
        facts = [read_fact(headers, body) for _, headers, body in facts_of(engine)][before:]
        return {
            f.window.opens_at.astimezone(CITY_ZONE).date() for f in facts if isinstance(f, ServiceRequested)
        }

    assert asked_by(17) == {DAY}
    assert asked_by(18) == {DAY, DAY + timedelta(days=1)}


def test_what_one_area_is_told_stands_in_the_order_it_was_entered(engine: Engine) -> None:
    """A caregiver told before the provider would be set aside."""
    town = build_town(5, SIZE, DAY, NOW)
    with engine.begin() as conn:
        told = enrol(conn, Pen(NOW), entries_of(town, "a1"))
    assert [headers["ce_id"].decode() for _, headers, _ in facts_of(engine)] == list(told)
