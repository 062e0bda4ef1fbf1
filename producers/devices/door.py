"""What a call button sends, read so leniently that no alarm is ever refused."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from schemas.base import Point, Speaker
from schemas.codes import AlarmKind
from schemas.facts import AlarmRaised
from schemas.ids import new_id
from schemas.places import point_of
from schemas.sealing import seal_once
from schemas.shapes import AlarmSecret

NOWHERE = "unplaced"
"""The area of an alarm whose device nobody knows: its case goes to the operators all the same."""
BODY_MAX_BYTES = 65_536


@dataclass(frozen=True)
class Device:
    """A device as installed: where, at whose home. `key` seals what is said of that person."""

    device_id: str
    area: str
    recipient_id: str
    kind: AlarmKind
    home: Point
    key: bytes | None


def read_body(body: bytes) -> Mapping[str, Any]:
    """The JSON object a device sent; empty when it is none."""
    try:
        told = json.loads(body[:BODY_MAX_BYTES])
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def alarm_of(device_id: str, device: Device | None, told: Mapping[str, Any], now: datetime) -> AlarmRaised:
    """The alarm in what was sent. A part that cannot be read is left out, never the alarm.

    `press_id` (a UUID made on the device) makes a repeated sending harmless.
    """
    press_id = _uuid(told.get("press_id"))
    place = _place(told)
    sealed = None
    if device is not None and device.key is not None:
        sealed = seal_once(AlarmSecret(home=place or device.home), device.recipient_id, device.key, press_id)
    return AlarmRaised(
        fact_id=press_id,
        area=device.area if device else _ident(told.get("area")) or NOWHERE,
        said_at=now,
        by=Speaker(role="DEVICE", id=_ident(device_id) or "unknown"),
        case_id=press_id,
        kind=_kind(told.get("kind")) or (device.kind if device else AlarmKind.BUTTON),
        recipient_id=device.recipient_id if device else None,
        device_id=_ident(device_id),
        place=None if sealed else place,
        sealed=sealed,
        battery_percent=battery_of(told),
    )


def battery_of(told: Mapping[str, Any]) -> int | None:
    """The battery's charge, where a believable one was sent."""
    percent = told.get("battery_percent")
    return percent if type(percent) is int and 0 <= percent <= 100 else None


def _uuid(value: Any) -> str:
    try:
        return str(UUID(value))
    except (ValueError, AttributeError, TypeError):
        return new_id()


def _ident(value: Any) -> str | None:
    if not isinstance(value, str) or not 1 <= len(value) <= 64:
        return None
    return value if all(c.isascii() and (c.isalnum() or c in "._:-") for c in value) else None


def _kind(value: Any) -> AlarmKind | None:
    return AlarmKind(value) if isinstance(value, str) and value in set(AlarmKind) else None


def _place(told: Mapping[str, Any]) -> Point | None:
    """Where the device says it is, WGS-84 degrees."""
    lat, lon = told.get("lat"), told.get("lon")
    if not isinstance(lat, int | float) or not isinstance(lon, int | float):
        return None
    if not (-90 <= lat <= 90 and -180 <= lon <= 180) or isinstance(lat, bool) or isinstance(lon, bool):
        return None
    return point_of(float(lat), float(lon))
