"""Registers, rosters and rules at the door: what is refused of them."""

from __future__ import annotations

from dispatcher.core.draft import Draft
from dispatcher.core.eligible import plain_reason
from dispatcher.core.rehome import rehome
from dispatcher.core.times import to_s
from schemas.base import Point, Reason
from schemas.facts import (
    CaregiverEnrolled,
    EntitlementGranted,
    RecipientEnrolled,
    ShiftPublished,
    TravelTablePublished,
)


def _position(draft: Draft, point: Point) -> Reason | None:
    """A position must lie in the area; one that does when turned round was entered the wrong way."""
    settings = draft.desk.settings
    if settings is None:
        return None
    low, high = settings.south_west, settings.north_east

    def inside(lat: int, lon: int) -> bool:
        return low.lat_udeg <= lat <= high.lat_udeg and low.lon_udeg <= lon <= high.lon_udeg

    if inside(point.lat_udeg, point.lon_udeg):
        return None
    swapped = inside(point.lon_udeg, point.lat_udeg)
    return plain_reason("POSITION_SWAPPED" if swapped else "POSITION_OUTSIDE")


def recipient(draft: Draft, fact: RecipientEnrolled) -> Reason | None:
    """A recipient needs a readable seal, a known provider if bound to one, and a home in the area."""
    if fact.opened is None:
        return plain_reason("RECIPIENT_FORGOTTEN")
    if fact.provider_id is not None and fact.provider_id not in draft.desk.providers:
        return plain_reason("PROVIDER_UNKNOWN")
    return _position(draft, fact.opened.home)


def caregiver(draft: Draft, fact: CaregiverEnrolled) -> Reason | None:
    """A caregiver needs a readable seal, a known provider and a home in the area.

    One who is no longer active, or may no longer do what was given to them, is replaced at once.
    """
    if fact.opened is None:
        return plain_reason("RECIPIENT_FORGOTTEN")
    if fact.provider_id not in draft.desk.providers:
        return plain_reason("PROVIDER_UNKNOWN")
    wrong = _position(draft, fact.opened.home)
    if wrong is not None:
        return wrong
    known = draft.desk.caregivers.get(fact.caregiver_id)
    draft.take()
    if known is not None and known.active and not fact.active:
        for shift_id in draft.desk.shifts_of.get(fact.caregiver_id, ()):
            clear_shift(draft, shift_id, "CAREGIVER_GONE", since_s=None)
    return None


def shift(draft: Draft, fact: ShiftPublished) -> Reason | None:
    """A shift may not overlap another of the same caregiver; stops that fall out of it find new homes."""
    desk = draft.desk
    if fact.caregiver_id not in desk.caregivers:
        return plain_reason("CAREGIVER_UNKNOWN")
    starts_s, ends_s = to_s(fact.starts_at), to_s(fact.ends_at)
    if not fact.withdrawn:
        for shift_id in desk.shifts_of.get(fact.caregiver_id, ()):
            other = desk.shifts[shift_id]
            if shift_id != fact.shift_id and starts_s < other.ends_s and other.starts_s < ends_s:
                return plain_reason("SHIFT_OVERLAPS")
    before = desk.shifts.get(fact.shift_id)
    if before is not None and before.caregiver_id != fact.caregiver_id:
        return plain_reason("CAREGIVER_UNKNOWN")
    draft.take()
    if before is not None:
        span = None if fact.withdrawn else (starts_s, ends_s)
        clear_shift(draft, fact.shift_id, "SHIFT_WITHDRAWN", since_s=span)
    return None


def clear_shift(draft: Draft, shift_id: str, code: str, *, since_s: tuple[int, int] | None) -> None:
    """Re-home the stops of a shift that are not under way, all or those outside the new times."""
    for visit_id, role in draft.desk.routes.get(shift_id, ()):
        visit = draft.desk.visits[visit_id]
        hand = visit.hands[role]
        if hand.came or hand.left or hand.departed_s is not None or visit.closed is not None:
            continue
        if hand.shift_id != shift_id:
            continue
        if since_s is not None:
            end_s = hand.start_s + visit.needs[role].duration_s
            if since_s[0] <= hand.start_s and end_s <= since_s[1]:
                continue
        if visit.started and visit.trip is None:
            continue
        rehome(draft, visit_id, plain_reason(code))


def entitlement(draft: Draft, fact: EntitlementGranted) -> Reason | None:
    """A right needs its person, its programme and its class."""
    if fact.recipient_id not in draft.desk.recipients:
        return plain_reason("RECIPIENT_UNKNOWN")
    programme = draft.desk.programmes.get(fact.programme_id)
    if programme is None:
        return plain_reason("PROGRAMME_UNKNOWN")
    if fact.opened is None:
        return plain_reason("RECIPIENT_FORGOTTEN")
    if fact.opened.class_code not in [c.code for c in programme.classes]:
        return plain_reason("CLASS_UNKNOWN")
    return None


def table(draft: Draft, fact: TravelTablePublished) -> Reason | None:
    """The stored table must be there and of the size that was said."""
    if fact.opened is None or len(fact.opened) != 4 * fact.size * fact.size:
        return plain_reason("TABLE_MISSING")
    return None
