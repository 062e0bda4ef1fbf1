"""A weekly roster as it stands in a caregiver's card, and the shift it gives on a day."""

import uuid
from collections.abc import Mapping
from datetime import date, datetime, time, tzinfo
from typing import Any

from schemas.base import Speaker
from schemas.facts import ShiftPublished
from schemas.ids import new_id
from schemas.shapes import Break

DAYS_AHEAD = 3
"""Shifts are published for today and the two days after: always before care plans ask for a day."""
_SPACE = uuid.UUID("7d0b5a16-5f0e-5c55-8a51-12349205e000")


def shift_on(
    caregiver_id: str, area: str, roster: Mapping[str, Any], day: date, said_at: datetime, zone: tzinfo
) -> ShiftPublished | None:
    """The shift a weekly roster gives on `day`, under the same shift id each time; None on a day off."""
    if day.weekday() not in roster["weekdays"]:
        return None

    def at(minute: str) -> datetime:
        return datetime.combine(day, time.fromisoformat(minute), tzinfo=zone)

    rest = roster.get("rest")
    breaks = (Break(earliest_at=at(rest[0]), latest_at=at(rest[1]), duration_s=rest[2]),) if rest else ()
    return ShiftPublished(
        fact_id=new_id(),
        area=area,
        said_at=said_at,
        by=Speaker(role="REGISTER", id="rosters"),
        shift_id=str(uuid.uuid5(_SPACE, f"{caregiver_id}/{day}")),
        caregiver_id=caregiver_id,
        starts_at=at(roster["starts"]),
        ends_at=at(roster["ends"]),
        breaks=breaks,
    )
