"""Registers on a real PostgreSQL: person, key and fact stand together or not at all."""

from collections import Counter
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import Engine, create_engine, func, select

from producers.care_plans.plans import speak_plans
from producers.daily import CITY_ZONE
from producers.enrol import Pen, UnknownPerson, enrol
from producers.entries import EscortPlanEntry
from producers.registers.place import Cooking
from producers.registers.place import run as enter_place
from producers.rosters.rosters import speak_rosters
from producers.simulator.settle import Size, build_town, entries_of, settle
from schemas.envelope import read_fact
from schemas.facts import AreaOpened, RecipientEnrolled, ServiceRequested
from schemas.ids import new_id
from schemas.places import Datum
from schemas.sealing import open_fact
from schemas.shapes import TripSecret
from schemas.tables import care_plans, people, person_keys, places, spool, texts

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


def test_a_plan_that_escorts_leads_to_its_hospital_and_tells_no_stream_where(engine: Engine) -> None:
    """Whoever goes to dialysis three times a week should be booked once; where they go is theirs to tell."""
    town = build_town(5, SIZE, DAY, NOW)
    dict(settle(engine, town))
    hospital = next(place for place in town.city.others if place.kind == "HOSPITAL")
    one = town.plans[0].model_copy(
        update={"plan_id": "dialysis", "fact_id": new_id(), "item": "ESCORT_HOSPITAL", "weekdays": (3,)}
    )
    other = one.model_copy(update={"plan_id": "elsewhere", "fact_id": new_id()})
    with engine.begin() as conn:
        enrol(
            conn,
            Pen(NOW),
            [
                EscortPlanEntry(one, hospital.place_id, wait_s=7_200),
                EscortPlanEntry(other, "closed-hospital"),
            ],
        )
        while speak_plans(conn, datetime(2026, 11, 12, 6, 0, tzinfo=CITY_ZONE)):
            pass
        key = conn.execute(
            select(person_keys.c.key).where(person_keys.c.person_id == one.recipient_id)
        ).scalar_one()
    stream = [(headers, body) for _, headers, body in facts_of(engine)]
    assert not any(
        hospital.name_zh.encode() in body or hospital.place_id.encode() in body for _, body in stream
    )
    facts = [read_fact(headers, body) for headers, body in stream]
    led, missing = (
        next(fact for fact in facts if isinstance(fact, ServiceRequested) and fact.plan_id == plan.plan_id)
        for plan in (one, other)
    )
    opened = open_fact(led, bytes(key))
    assert isinstance(opened, ServiceRequested)
    assert opened.opened == TripSecret(goal=hospital.at, wait_s=7_200)
    assert (missing.sealed, missing.goal_text_id) == (None, None)
    with engine.connect() as conn:
        words = conn.execute(select(texts.c.body).where(texts.c.text_id == led.goal_text_id)).scalar()
    assert words == hospital.name_zh


def entered(engine: Engine, kind: str, name: str, at: str, datum: Datum = Datum.WGS84) -> int:
    """What the command says, entering a place of a1."""
    about = {"kind": kind, "name": name, "area": "a1", "at": at, "datum": datum, "name_en": None}
    return enter_place(engine=engine, **about, telephone=None, cooking=Cooking(loading_s=240))


def test_a_hospital_and_kitchens_are_entered_and_the_area_told_of_its_kitchens(engine: Engine) -> None:
    """Without a hospital no escort can be booked; without its kitchen a lunch is carried from nowhere."""
    town = build_town(5, SIZE, DAY, NOW)
    dict(settle(engine, town))
    centre = next(entry.place.at for entry in town.city.areas if entry.place.place_id == "a1")
    assert centre is not None
    at = f"{centre.lat_udeg / 1e6},{centre.lon_udeg / 1e6}"
    assert entered(engine, "HOSPITAL", "柏湾医院", at) == 0
    assert entered(engine, "KITCHEN", "柏湾食堂", at) == 0
    assert entered(engine, "kitchen", "竹湾食堂", at) == 0
    assert entered(engine, "KITCHEN", "柏湾食堂", at, Datum.GCJ02) == 0
    with engine.connect() as conn:
        found = conn.execute(select(places).where(places.c.name_zh.like("_湾%"))).all()
    assert sorted(row.kind for row in found) == ["HOSPITAL", "KITCHEN", "KITCHEN"]
    told = [read_fact(headers, body) for _, headers, body in facts_of(engine)]
    settings = [fact.settings for fact in told if isinstance(fact, AreaOpened) and fact.area == "a1"]
    before, last = {k.place_id for k in settings[0].kitchens or ()}, settings[-1].kitchens or ()
    mine = {row.place_id: row for row in found if row.kind == "KITCHEN"}
    assert len(settings) == 4
    assert {kitchen.place_id for kitchen in last} == before | set(mine)
    assert settings[-1].model_copy(update={"kitchens": None}) == settings[0].model_copy(
        update={"kitchens": None}
    )
    moved = next(row for row in mine.values() if row.name_zh == "柏湾食堂")
    assert (moved.lat_udeg, moved.lon_udeg) != (centre.lat_udeg, centre.lon_udeg)
    assert all(kitchen.loading_s == 240 for kitchen in last if kitchen.place_id in mine)


def test_a_place_that_cannot_be_is_not_entered(engine: Engine) -> None:
    """Latitude and longitude exchanged, a kitchen in another province would cook for nobody."""
    dict(settle(engine, build_town(5, SIZE, DAY, NOW)))
    before = facts_of(engine)
    assert entered(engine, "KITCHEN", "柏湾食堂", "112.5,33.0") == 1
    assert entered(engine, "KITCHEN", "柏湾食堂", "here") == 1
    assert entered(engine, "SCHOOL", "柏湾学校", "33.0,112.5") == 1
    with engine.connect() as conn:
        assert conn.execute(select(places).where(places.c.name_zh.like("柏湾%"))).all() == []
    assert facts_of(engine) == before
