"""Entering people, places and rules: the tables and the fact for the stream in one transaction.

Either all of it stands or none; the relay then sends the facts of an area in the order they were entered.
Entering the same fact again (by its id) changes nothing; a person entered again is replaced and told anew.
"""

import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.dialects.postgresql import insert

from producers.entries import (
    AreaEntry,
    CaregiverEntry,
    EntitlementEntry,
    Entry,
    EscortPlanEntry,
    Person,
    PlaceEntry,
    ProviderEntry,
    RecipientEntry,
)
from producers.pinyin import pinyin_of
from producers.spool import spool_facts
from schemas.base import Sealed, Speaker, Word
from schemas.facts import (
    AreaOpened,
    CaregiverEnrolled,
    CarePlanApproved,
    EntitlementGranted,
    Fact,
    ProviderEnrolled,
    RecipientEnrolled,
)
from schemas.ids import new_id
from schemas.sealing import KEY_BYTES, NONCE_BYTES, seal
from schemas.shapes import EntitlementSecret
from schemas.tables import care_plans, people, person_keys, places

REGISTER = Speaker(role="REGISTER", id="register")


@dataclass(frozen=True)
class Pen:
    """Who writes into the registers, at which city time.

    `make_id` gives fact ids: new UUIDv7, unless the caller repeats an entry and gives the id it had.
    """

    said_at: datetime
    by: Speaker = REGISTER
    make_id: Callable[[Entry], str] = lambda _: new_id()
    random_bytes: Callable[[int], bytes] = os.urandom


class UnknownPerson(Exception):
    """An entitlement names a person who has no key: enrol them first."""


def enrol(conn: Connection, pen: Pen, entries: Sequence[Entry]) -> tuple[str, ...]:
    """Write `entries`, in order, on the caller's transaction; returns the fact ids in order.

    Raises UnknownPerson, and sqlalchemy.exc.SQLAlchemyError when the database refuses.
    """
    persons = [(e.person, _kind(e)) for e in entries if isinstance(e, CaregiverEntry | RecipientEntry)]
    _write_people(conn, persons)
    _write_places(conn, entries)
    keys = _keys(conn, pen, [p.person_id for p, _ in persons], entries)
    facts: list[Fact] = [fact for entry in entries if (fact := _fact_of(pen, entry, keys)) is not None]
    _write_care_plans(conn, entries)
    spool_facts(conn, facts, "/registers")
    return tuple(fact.fact_id for fact in facts)


def _kind(entry: CaregiverEntry | RecipientEntry) -> str:
    return "CAREGIVER" if isinstance(entry, CaregiverEntry) else "RECIPIENT"


def _write_people(conn: Connection, persons: Iterable[tuple[Person, str]]) -> None:
    rows = [_person_row(person, kind) for person, kind in persons]
    if not rows:
        return
    new = insert(people)
    replaced = {column: new.excluded[column] for column in rows[0] if column != "person_id"}
    conn.execute(new.on_conflict_do_update(index_elements=[people.c.person_id], set_=replaced), rows)


def _person_row(person: Person, kind: str) -> dict[str, Any]:
    full, initials = pinyin_of(person.name)
    return {
        "person_id": person.person_id,
        "kind": kind,
        "area": person.area,
        "street": person.street,
        "provider_id": person.provider_id,
        "name": person.name,
        "initials": initials[:32],
        "pinyin": full,
        "telephone": person.telephone,
        "gender": person.gender.value,
        "born_on": person.born_on,
        "address": person.address,
        "lat_udeg": person.home.lat_udeg,
        "lon_udeg": person.home.lon_udeg,
        "card": dict(person.card),
        "forgotten_at": None,
    }


def _write_places(conn: Connection, entries: Iterable[Entry]) -> None:
    rows = [_place_row(place) for entry in entries if (place := _place_of(entry)) is not None]
    if not rows:
        return
    new = insert(places)
    replaced = {column: new.excluded[column] for column in rows[0] if column != "place_id"}
    conn.execute(new.on_conflict_do_update(index_elements=[places.c.place_id], set_=replaced), rows)


def _place_of(entry: Entry) -> PlaceEntry | None:
    if isinstance(entry, AreaEntry | ProviderEntry):
        return entry.place
    return entry if isinstance(entry, PlaceEntry) else None


def _place_row(place: PlaceEntry) -> dict[str, Any]:
    return {
        "place_id": place.place_id,
        "kind": place.kind,
        "area": place.area,
        "name_zh": place.name_zh,
        "name_en": place.name_en,
        "telephone": place.telephone,
        "lat_udeg": place.at.lat_udeg if place.at else None,
        "lon_udeg": place.at.lon_udeg if place.at else None,
        "card": dict(place.card),
    }


def _keys(
    conn: Connection, pen: Pen, enrolled: Sequence[str], entries: Iterable[Entry]
) -> Mapping[str, bytes]:
    """Keys of all persons that the entries describe; a person enrolled for the first time gets one."""
    if enrolled:
        made = [{"person_id": person_id, "key": pen.random_bytes(KEY_BYTES)} for person_id in enrolled]
        conn.execute(insert(person_keys).on_conflict_do_nothing(), made)
    needed = {*enrolled, *(e.recipient_id for e in entries if isinstance(e, EntitlementEntry))}
    if not needed:
        return {}
    asked = select(person_keys).where(person_keys.c.person_id.in_(needed))
    return {row.person_id: bytes(row.key) for row in conn.execute(asked)}


def _fact_of(pen: Pen, entry: Entry, keys: Mapping[str, bytes]) -> Fact | None:
    """The fact that tells the stream of an entry; None where it is the pages' affair alone."""
    if isinstance(entry, PlaceEntry):
        return None
    if isinstance(entry, EscortPlanEntry):
        return entry.plan
    if not isinstance(entry, AreaEntry | ProviderEntry | CaregiverEntry | RecipientEntry | EntitlementEntry):
        return entry
    told: dict[str, Any] = {"fact_id": pen.make_id(entry), "said_at": pen.said_at, "by": pen.by}
    if isinstance(entry, AreaEntry):
        return AreaOpened(**told, area=entry.place.place_id, settings=entry.settings)
    if isinstance(entry, ProviderEntry):
        provider = {"provider_id": entry.place.place_id, "acceptance": entry.acceptance}
        return ProviderEnrolled(
            **told, area=entry.place.area, **provider, fuse_s=entry.fuse_s, active=entry.active
        )
    return _fact_of_person(pen, entry, keys, told)


def _fact_of_person(
    pen: Pen,
    entry: CaregiverEntry | RecipientEntry | EntitlementEntry,
    keys: Mapping[str, bytes],
    told: dict[str, Any],
) -> Fact:
    if isinstance(entry, EntitlementEntry):
        secret = EntitlementSecret(class_code=entry.class_code)
        return EntitlementGranted(
            **told,
            area=entry.area,
            entitlement_id=entry.entitlement_id,
            recipient_id=entry.recipient_id,
            programme_id=entry.programme_id,
            valid_from=entry.valid_from,
            valid_until=entry.valid_until,
            sealed=_sealed(pen, secret, entry.recipient_id, keys),
        )
    person = entry.person
    sealed = _sealed(pen, entry.secret, person.person_id, keys)
    told |= {"area": person.area, "provider_id": person.provider_id, "active": entry.active, "sealed": sealed}
    if isinstance(entry, CaregiverEntry):
        return CaregiverEnrolled(**told, caregiver_id=person.person_id)
    return RecipientEnrolled(**told, recipient_id=person.person_id, street=person.street or person.area)


def _sealed(pen: Pen, secret: Word, person_id: str, keys: Mapping[str, bytes]) -> Sealed:
    if person_id not in keys:
        raise UnknownPerson(person_id)
    return seal(secret, person_id, keys[person_id], pen.random_bytes(NONCE_BYTES))


def _write_care_plans(conn: Connection, entries: Iterable[Entry]) -> None:
    """Keep each plan as last approved; what was already spoken for stays so."""
    rows = [_plan_row(entry) for entry in entries if isinstance(entry, CarePlanApproved | EscortPlanEntry)]
    if not rows:
        return
    new = insert(care_plans)
    replaced = {column: new.excluded[column] for column in rows[0] if column != "plan_id"}
    conn.execute(new.on_conflict_do_update(index_elements=[care_plans.c.plan_id], set_=replaced), rows)


def _plan_row(entry: CarePlanApproved | EscortPlanEntry) -> dict[str, Any]:
    plan, goal, wait_s = entry, None, None
    if isinstance(entry, EscortPlanEntry):
        plan, goal, wait_s = entry.plan, entry.goal_place_id, entry.wait_s
    assert isinstance(plan, CarePlanApproved)
    about = {"plan_id": plan.plan_id, "area": plan.area, "fact": plan.model_dump(mode="json")}
    return about | {"goal_place_id": goal, "wait_s": wait_s}
