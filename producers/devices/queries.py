"""Which device hangs at whose home; when it was last heard of."""

import json
from datetime import datetime

from sqlalchemy import Connection, case, func, select, update
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.sql.expression import cast, literal
from sqlalchemy.types import Text

from producers.devices.door import Device
from schemas.base import Point
from schemas.codes import AlarmKind
from schemas.tables import people, person_keys

_device_id = people.c.card["device"]["device_id"].astext


def devices(conn: Connection) -> dict[str, Device]:
    """Every installed device by its id."""
    found = conn.execute(
        select(
            people.c.person_id,
            people.c.area,
            people.c.card["device"],
            people.c.lat_udeg,
            people.c.lon_udeg,
            person_keys.c.key,
        )
        .outerjoin(person_keys, person_keys.c.person_id == people.c.person_id)
        .where(people.c.kind == "RECIPIENT", _device_id.is_not(None), people.c.forgotten_at.is_(None))
    )
    return {
        told["device_id"]: Device(
            device_id=told["device_id"],
            area=area,
            recipient_id=person_id,
            kind=AlarmKind(told.get("kind", "BUTTON")),
            home=Point(lat_udeg=lat, lon_udeg=lon),
            key=None if key is None else bytes(key),
        )
        for person_id, area, told, lat, lon, key in found
    }


def heard_of(conn: Connection, device_id: str, now: datetime, battery_percent: int | None) -> bool:
    """Note that a device gave a sign of life; False when nobody knows it."""
    seen = json.dumps(now.isoformat(timespec="seconds"))
    told = func.jsonb_set(people.c.card, _path("seen_at"), cast(literal(seen), JSONB))
    if battery_percent is not None:
        told = func.jsonb_set(told, _path("battery_percent"), cast(literal(str(battery_percent)), JSONB))
    done = conn.execute(update(people).where(_device_id == device_id).values(card=told))
    return done.rowcount > 0


def _path(key: str) -> object:
    return cast(literal(f"{{device,{key}}}"), ARRAY(Text))


def listed(conn: Connection, words: str, limit: int = 60) -> list[dict[str, object]]:
    """Devices with the names of those they hang with, those last heard of first."""
    device = people.c.card["device"]
    asked = (
        select(people.c.name, people.c.address, people.c.area, device.label("device"))
        .where(people.c.kind == "RECIPIENT", _device_id.is_not(None), people.c.forgotten_at.is_(None))
        .order_by(case((device["seen_at"].astext.is_(None), 1), else_=0), people.c.pinyin)
        .limit(limit)
    )
    if words:
        like = f"{words.lower()}%"
        asked = asked.where(
            people.c.name.like(f"%{words}%") | people.c.initials.like(like) | people.c.pinyin.like(like)
        )
    return [
        {**row.device, "name": row.name, "address": row.address, "area": row.area}
        for row in conn.execute(asked)
    ]
