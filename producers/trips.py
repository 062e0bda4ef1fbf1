"""Where an escort leads: the hospitals that may be named, sealed for the desk, in words for whoever goes."""

from dataclasses import dataclass
from typing import Any
from uuid import NAMESPACE_OID, uuid5

from sqlalchemy import Connection, Row, delete, select
from sqlalchemy.dialects.postgresql import insert

from schemas.base import Point
from schemas.facts import ServiceRequested
from schemas.sealing import seal_once
from schemas.shapes import TripSecret
from schemas.tables import person_keys, places, texts


@dataclass(frozen=True)
class Goal:
    """A place to be taken to."""

    place_id: str
    name_zh: str
    name_en: str
    at: Point


def goals(connection: Connection, area: str) -> tuple[Goal, ...]:
    """The hospitals that are entered, those of the area first."""
    asked = _HOSPITALS.order_by(places.c.area != area, places.c.name_zh, places.c.place_id)
    return tuple(_goal(row) for row in connection.execute(asked))


def goal_of(connection: Connection, place_id: str) -> Goal | None:
    """The hospital of this id; None when there is none."""
    row = connection.execute(_HOSPITALS.where(places.c.place_id == place_id)).first()
    return None if row is None else _goal(row)


_HOSPITALS = select(places).where(
    places.c.kind == "HOSPITAL", places.c.lat_udeg.is_not(None), places.c.lon_udeg.is_not(None)
)


def _goal(row: Row[Any]) -> Goal:
    at = Point(lat_udeg=row.lat_udeg, lon_udeg=row.lon_udeg)
    return Goal(row.place_id, row.name_zh, row.name_en, at)


def leading_to(fact: ServiceRequested, goal: Goal, wait_s: int | None) -> ServiceRequested:
    """The wish with where it leads; not yet sealed, so for a preview only."""
    return fact.model_copy(update={"opened": TripSecret(goal=goal.at, wait_s=wait_s)})


def kept(connection: Connection, fact: ServiceRequested, goal: Goal) -> ServiceRequested:
    """The wish to be said: the goal sealed with the person's key, its name stored by id.

    The same fact gives the same bytes. Without the person's key nothing is sealed, and the desk refuses it.
    """
    if fact.opened is None:
        return fact
    asked = select(person_keys.c.key).where(person_keys.c.person_id == fact.recipient_id)
    key = connection.execute(asked).scalar()
    if key is None:
        return fact
    text_id = str(uuid5(NAMESPACE_OID, f"cn.liuzhu.goal/{fact.fact_id}"))
    words = {"text_id": text_id, "person_id": fact.recipient_id, "body": goal.name_zh}
    connection.execute(insert(texts).values(words | {"said_at": fact.said_at}).on_conflict_do_nothing())
    sealed = seal_once(fact.opened, fact.recipient_id, bytes(key), fact.fact_id)
    return fact.model_copy(update={"sealed": sealed, "goal_text_id": text_id})


def let_go(connection: Connection, fact: ServiceRequested) -> None:
    """Keep the goal's words no longer: the desk refused the wish, nobody will go."""
    connection.execute(delete(texts).where(texts.c.text_id == fact.goal_text_id))
