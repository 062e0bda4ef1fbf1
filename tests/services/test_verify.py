"""`liuzhu verify` and `forget` on real PostgreSQL: a changed history is found, a forgotten person is not."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

import pytest
from sqlalchemy import Engine, create_engine, func, insert, select, text

from dispatcher.core_rules import core_rules
from dispatcher.door import EmergencyDoor
from infra.forget import erased_areas, sweep, tell
from infra.trouble import Trouble
from infra.verify import Verified, told, verify
from schemas.base import Point, Reason, Speaker
from schemas.codes import Gender
from schemas.decisions import Decision, RequestRefused
from schemas.envelope import read_fact
from schemas.facts import Fact, RecipientEnrolled, ServiceRequested
from schemas.ids import new_id
from schemas.sealing import seal
from schemas.shapes import RecipientSecret
from schemas.tables import (
    metadata,
    people,
    person_keys,
    spool,
)
from tests.services.counting import AT, Counting, counting_rules, request
from tests.services.hamlet import (
    EVENING,
    MORNING,
    all_rows,
    attendance,
    enter,
    lunch,
    set_city_time,
    through_the_door,
)

NAME, STREET, PHONE = "欧阳不忘", "桂花巷七号三楼", "13912349876"
LAT_UDEG = 32_987_651


@pytest.fixture
def engine(fresh_database: str) -> Iterator[Engine]:
    """An engine on this test's database."""
    made = create_engine(fresh_database)
    yield made
    made.dispose()


def filled(engine: Engine, count: int = 6) -> None:
    """Some rows in two areas, with snapshots."""
    door = EmergencyDoor(engine, counting_rules(), partitions=4, snapshot_every=2)
    for number in range(count):
        door(request(("a1", "a2")[number % 2]))


def first_code(verified: Verified) -> tuple[str, str]:
    """Code and place of the first flaw."""
    assert verified.first_bad is not None
    return verified.first_bad.code, verified.first_bad.place


def test_a_whole_journal_passes_and_its_rows_are_counted(engine: Engine) -> None:
    """The supervisor reads two lines, and nothing is left to interpret."""
    filled(engine)
    verified = verify(engine, counting_rules())
    assert verified.flaws == []
    assert (verified.areas, verified.rows, verified.decided_again) == (2, 6, 6)
    assert verified.snapshots > 0
    assert "all is well" in told(verified)


@pytest.mark.parametrize(
    ("sql", "code"),
    [
        ("UPDATE journal SET body = replace(body, 'BATH_HOME', 'BATH_BEDS') WHERE seq = 2", "CHAIN_BROKEN"),
        ("DELETE FROM journal WHERE seq = 2", "ROW_MISSING"),
        ("UPDATE journal SET hash = sha256('x') WHERE seq = 2", "CHAIN_BROKEN"),
        ("UPDATE heads SET seq = 9", "HEAD_DIFFERS"),
        ("DELETE FROM journal WHERE seq = 3", "HEAD_DIFFERS"),
        ("DELETE FROM heads", "HEAD_MISSING"),
        ("UPDATE snapshots SET state = 'x'", "SNAPSHOT_DIFFERS"),
        ("UPDATE journal SET fact_word = 'AlarmRaised' WHERE seq = 2", "COLUMNS_DIFFER"),
        ("INSERT INTO applied VALUES ('ledger', 'a1', 99)", "CONSUMER_AHEAD"),
        ("INSERT INTO relay_cursors VALUES ('area:a1', 99)", "RELAY_AHEAD"),
    ],
)
def test_whatever_was_changed_is_named_with_its_first_row(engine: Engine, sql: str, code: str) -> None:
    """Nobody alters what was decided about care or money without its being seen."""
    filled(engine)
    with engine.begin() as connection:
        connection.execute(text(sql))
    verified = verify(engine, counting_rules())
    assert first_code(verified)[0] == code
    assert "first fault" in told(verified)


def test_rules_that_decide_otherwise_are_found_and_other_versions_only_counted(engine: Engine) -> None:
    """A rule changed without a new version would make every explanation a lie."""

    def other(desk: Counting, fact: Fact, now: datetime) -> tuple[Decision, ...]:
        assert isinstance(fact, ServiceRequested)
        return (RequestRefused(request_id=fact.request_id, reasons=(Reason(code="NOBODY_LEFT"),)),)

    filled(engine)
    changed = replace(counting_rules(), decide=other)
    assert first_code(verify(engine, changed)) == ("DECIDED_OTHERWISE", "a1/1")
    verified = verify(engine, replace(changed, decider=2))
    assert verified.flaws == []
    assert (verified.decided_again, verified.of_other_versions) == (0, 6)


def enrol(engine: Engine, person_id: str) -> None:
    """A person with a name, a home and a key, known to two areas."""
    key = os.urandom(32)
    card = {"contacts": [{"name": NAME, "telephone": PHONE}]}
    with engine.begin() as connection:
        connection.execute(insert(person_keys).values(person_id=person_id, key=key))
        connection.execute(
            insert(people).values(
                person_id=person_id,
                kind="RECIPIENT",
                area="a1",
                name=NAME,
                initials="oybw",
                pinyin="ouyangbuwang",
                telephone=PHONE,
                gender="FEMALE",
                address=STREET,
                lat_udeg=LAT_UDEG,
                lon_udeg=112_530_000,
                card=card,
            )
        )
    secret = RecipientSecret(home=Point(lat_udeg=LAT_UDEG, lon_udeg=112_530_000), gender=Gender.FEMALE)
    door = EmergencyDoor(engine, counting_rules(), partitions=4, snapshot_every=1)
    for area in ("a1", "a2"):
        fact = RecipientEnrolled(
            fact_id=new_id(),
            area=area,
            said_at=AT,
            by=Speaker(role="REGISTER", id="register"),
            recipient_id=person_id,
            street="s1",
            sealed=seal(secret, person_id, key, os.urandom(12)),
        )
        assert door(fact) is not None


def everything_stored(engine: Engine) -> bytes:
    """All rows of all tables as bytes."""
    found = []
    with engine.connect() as connection:
        for table in metadata.sorted_tables:
            for row in connection.execute(select(table)):
                found += [bytes(v) if isinstance(v, bytes | memoryview) else str(v).encode() for v in row]
    return b"\n".join(found)


def test_of_a_forgotten_person_no_byte_is_readable_and_the_journal_still_verifies(engine: Engine) -> None:
    """Who asks to be forgotten is forgotten; what was decided and paid stands."""
    enrol(engine, "r-gone")
    filled(engine)
    readable = [NAME.encode(), STREET.encode(), PHONE.encode(), str(LAT_UDEG).encode(), b"ouyangbuwang"]
    assert all(secret in everything_stored(engine) for secret in readable)
    by = Speaker(role="SUPERVISOR", id="s1")
    fact_ids = tell(engine, "r-gone", by)
    assert sorted(fact_ids) == ["a1", "a2"]
    door = EmergencyDoor(engine, counting_rules(), partitions=4, snapshot_every=1)
    with engine.connect() as connection:
        spooled = connection.execute(select(spool).order_by(spool.c.spool_id)).all()
    for row in spooled:
        headers = {name: value.encode() for name, value in row.headers.items()}
        assert door(read_fact(headers, bytes(row.body))) is not None
    with engine.connect() as connection:
        assert erased_areas(connection, fact_ids) == ("a1", "a2")
    sweep(engine, "r-gone")
    left = everything_stored(engine)
    assert [secret for secret in readable if secret in left] == []
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(person_keys)).scalar_one() == 0
    filled(engine)
    verified = verify(engine, counting_rules())
    assert verified.flaws == []
    assert verified.before_forgetting == 10
    assert verified.decided_again == 6


@pytest.mark.parametrize("person_id", ["a1-r0", "a1-c0"])
def test_with_the_real_rules_a_forgotten_person_leaves_a_journal_that_verifies(
    engine: Engine, person_id: str
) -> None:
    """What is decided after it must not hang on what nobody can read any more."""
    set_city_time(engine, MORNING)
    enter(engine)
    through_the_door(engine)
    door = EmergencyDoor(engine, core_rules(), partitions=4, snapshot_every=5)
    for number in range(30):
        assert door(lunch(number)) is not None
    fact_ids = tell(engine, person_id, Speaker(role="SUPERVISOR", id="s1"))
    assert list(fact_ids) == ["a1"]
    through_the_door(engine)
    sweep(engine, person_id)
    for number in range(30, 60):
        assert door(lunch(number)) is not None
    set_city_time(engine, EVENING)
    for fact in attendance(all_rows(engine)):
        assert door(fact) is not None
    door.pass_time()
    verified = verify(engine, core_rules())
    assert verified.flaws == []
    assert verified.decided_again > 30
    with engine.connect() as connection:
        left = connection.execute(
            select(people.c.name, people.c.lat_udeg).where(people.c.person_id == person_id)
        )
        assert left.one() == ("", 0)


def test_a_person_nobody_knows_is_refused(engine: Engine) -> None:
    """A mistyped id must not look like a person forgotten."""
    with pytest.raises(Trouble, match="PERSON_UNKNOWN"):
        tell(engine, "nobody", Speaker(role="SUPERVISOR", id="s1"))
