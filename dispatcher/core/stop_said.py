"""A role given to a caregiver, as it is said: of a meal its round, and the way from its kitchen."""

from __future__ import annotations

from dispatcher.core.desk import Desk
from dispatcher.core.plan import speed_of, ways_of
from dispatcher.core.records import Visit
from dispatcher.core.times import at
from schemas.shapes import PlannedStop


def stop_said(
    desk: Desk,
    visit: Visit,
    role: int,
    caregiver_id: str,
    *,
    start_s: int,
    travel_s: int,
    round_id: str | None = None,
) -> PlannedStop:
    """Start and travel in the desk's seconds; `round_id` counts only for a meal."""
    from_kitchen_s = None
    if visit.meal is not None and visit.place is not None:
        speed = speed_of(desk, caregiver_id)
        from_kitchen_s = ways_of(desk).travel_s(visit.meal.kitchen, visit.place, speed)
    return PlannedStop(
        role=role,
        caregiver_id=caregiver_id,
        start_at=at(start_s),
        travel_s=travel_s,
        round_id=None if visit.meal is None else round_id,
        from_kitchen_s=from_kitchen_s,
    )
