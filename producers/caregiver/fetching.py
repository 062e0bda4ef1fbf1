"""Meal rounds as a phone shows them: before the first door, which kitchen, how many portions, until when."""

from collections import defaultdict
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, or_, select

from schemas.tables import places, stops, visits

GONE = ("CANCELLED", "MISSED")


def fetches(
    conn: Connection, caregiver_id: str, first: datetime, last: datetime
) -> dict[str, dict[str, Any]]:
    """By the visit before which she goes by a kitchen, what she fetches there.

    A round's first door is the earliest that is still to be served; one that was taken back on the way to it
    stays the first, for its round has been fetched.
    """
    kitchen = places.c.place_id == visits.c.meal["kitchen"]["place_id"].as_string()
    rows = conn.execute(
        select(
            stops.c.visit_id,
            stops.c.round_id,
            stops.c.start_at,
            stops.c.from_kitchen_s,
            visits.c.meal,
            places.c.name_zh,
            places.c.name_en,
            places.c.telephone,
            places.c.lat_udeg,
            places.c.lon_udeg,
        )
        .join(visits, visits.c.visit_id == stops.c.visit_id)
        .outerjoin(places, and_(kitchen, places.c.kind == "KITCHEN"))
        .where(
            stops.c.caregiver_id == caregiver_id,
            stops.c.round_id.is_not(None),
            stops.c.start_at >= first,
            stops.c.start_at < last,
            or_(visits.c.status.not_in(GONE), stops.c.departed_at.is_not(None)),
        )
        .order_by(stops.c.start_at, stops.c.visit_id)
    ).mappings()
    rounds: dict[str, list[RowMapping]] = defaultdict(list)
    for row in rows:
        rounds[row["round_id"]].append(row)
    return {found[0]["visit_id"]: _fetch(found) for found in rounds.values()}


def _fetch(found: list[RowMapping]) -> dict[str, Any]:
    begun = found[0]
    return {
        "kitchen_zh": begun["name_zh"],
        "kitchen_en": begun["name_en"],
        "telephone": begun["telephone"],
        "lat": None if begun["lat_udeg"] is None else begun["lat_udeg"] / 1_000_000,
        "lon": None if begun["lon_udeg"] is None else begun["lon_udeg"] / 1_000_000,
        "portions": sum(int((row["meal"] or {}).get("load", 1)) for row in found),
        "leave_at": begun["start_at"] - timedelta(seconds=begun["from_kitchen_s"] or 0),
    }


def fetch_of(row: RowMapping, fetched: Mapping[str, dict[str, Any]], now: datetime) -> dict[str, Any]:
    """What a visit on the phone says of the kitchen: nothing, unless its round begins with it."""
    told = fetched.get(row["visit_id"])
    if told is None:
        return {}
    leave_at = told["leave_at"].astimezone(now.tzinfo).isoformat(timespec="milliseconds")
    return {"fetch": told | {"leave_at": leave_at}}
