"""`liuzhu forget PERSON`: what describes a person goes, everywhere; what was decided and paid stands."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, delete, func, or_, select, text, update

from infra.trouble import Trouble
from producers.spool import spool_facts
from schemas.base import Speaker
from schemas.facts import PersonForgotten
from schemas.ids import new_id
from schemas.rows import Row
from schemas.tables import care_plans, journal, people, person_keys, snapshots, texts

WAIT_S = 60.0
SWEPT = (people, person_keys, texts, snapshots)


@dataclass(frozen=True)
class Forgotten:
    """To which areas it was told, and which of them have erased the person by now."""

    person_id: str
    areas: tuple[str, ...]
    erased: tuple[str, ...]

    @property
    def is_done(self) -> bool:
        """All areas have."""
        return set(self.areas) == set(self.erased)


def tell(engine: Engine, person_id: str, by: Speaker) -> dict[str, str]:
    """Scrub the person's row and texts, and tell every area that holds them, in one transaction.

    Returns the fact's id by area. Raises Trouble PERSON_UNKNOWN when nobody ever spoke of such a person.
    """
    with engine.begin() as connection:
        areas = areas_of(connection, person_id)
        if not areas:
            raise Trouble(
                "PERSON_UNKNOWN",
                f"没有编号为 {person_id} 的人员，请核对编号。",
                f"there is no person {person_id}: check the id.",
            )
        _scrub(connection, person_id)
        said_at = connection.execute(select(func.clock_timestamp())).scalar_one()
        facts = [
            PersonForgotten(fact_id=new_id(), area=area, said_at=said_at, by=by, person_id=person_id)
            for area in areas
        ]
        spool_facts(connection, facts, "/forget")
    return {fact.area: fact.fact_id for fact in facts}


def areas_of(connection: Connection, person_id: str) -> tuple[str, ...]:
    """Every area whose journal speaks of the person, and the one they are registered in."""
    speaks = journal.c.body.contains(f'"{person_id}"', autoescape=True)
    found = set(connection.execute(select(journal.c.area).where(speaks).distinct()).scalars())
    found |= set(connection.execute(select(people.c.area).where(people.c.person_id == person_id)).scalars())
    return tuple(sorted(found))


def _scrub(connection: Connection, person_id: str) -> None:
    connection.execute(
        update(people)
        .where(people.c.person_id == person_id)
        .values(
            street=None,
            name="",
            initials="",
            pinyin="",
            telephone="",
            gender="",
            born_on=None,
            address="",
            lat_udeg=0,
            lon_udeg=0,
            card={},
            forgotten_at=func.now(),
        )
    )
    connection.execute(delete(texts).where(texts.c.person_id == person_id))
    connection.execute(
        update(care_plans)
        .where(care_plans.c.fact["recipient_id"].astext == person_id)
        .values(goal_place_id=None, wait_s=None)
    )


def erased_areas(connection: Connection, fact_ids: dict[str, str]) -> tuple[str, ...]:
    """The areas whose row stands by now, with the erasure decided in it."""
    told = or_(
        *[(journal.c.area == area) & (journal.c.fact_id == fact_id) for area, fact_id in fact_ids.items()]
    )
    rows = [
        Row.of_body(body.encode())
        for body in connection.execute(select(journal.c.body).where(told)).scalars()
    ]
    return tuple(sorted(row.area for row in rows))


def sweep(engine: Engine, person_id: str) -> None:
    """After every area's row stands: no key is left, and the pages the old rows lay on are cleaned."""
    with engine.begin() as connection:
        connection.execute(delete(person_keys).where(person_keys.c.person_id == person_id))
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        for table in SWEPT:
            connection.execute(text(f'VACUUM "{table.name}"'))


def forget(
    engine: Engine,
    person_id: str,
    by: Speaker,
    *,
    wait_s: float = WAIT_S,
    pause: Callable[[float], None] = time.sleep,
) -> Forgotten:
    """Forget a person and wait until every area has; safe to repeat, also after a crash in the middle."""
    fact_ids = tell(engine, person_id, by)
    deadline = time.monotonic() + wait_s
    while True:
        with engine.connect() as connection:
            erased = erased_areas(connection, fact_ids)
        done = Forgotten(person_id, tuple(sorted(fact_ids)), erased)
        if done.is_done:
            sweep(engine, person_id)
        if done.is_done or time.monotonic() > deadline:
            return done
        pause(0.2)


def run(*, engine: Engine, person_id: str) -> int:
    """Forget and say how far it came; exit code 0 once every area has erased the person, 1 before that."""
    done = forget(engine, person_id, Speaker(role="SUPERVISOR", id="liuzhu-forget"))
    left = [area for area in done.areas if area not in done.erased]
    if done.is_done:
        print(f"已遗忘 {person_id}：片区 {'、'.join(done.areas)} / forgotten in {', '.join(done.areas)}")
        return 0
    print(
        f"资料已清除；片区 {'、'.join(left)} 尚未处理，派单台恢复后会自动完成，可再运行一次确认。 / "
        f"the person's details are gone; {', '.join(left)} will follow when the desk runs; run this again."
    )
    return 1
