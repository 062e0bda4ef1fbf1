"""What an area asks of its plans beside travel: known faces, shared burdens, responders kept near.

Read from the desk: what everybody had of late stands in its visits, what the area wishes in its settings.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from dispatcher.core.desk import Desk
from dispatcher.core.funding import item_of
from dispatcher.core.plan_adopt import liked_by
from dispatcher.core.records import Place, Visit
from dispatcher.core.times import city_hour
from dispatcher.planning.problem import PlanCaregiver, PlanVisit, ReserveCheck
from schemas.shapes import AreaSettings

EVENING, HARD = "EVENING", "HARD"
EVENING_H = 18
HOUR_S = 3_600


def burdens_of(desk: Desk, settings: AreaSettings, visit: Visit) -> frozenset[str]:
    """What of a visit should be shared out evenly."""
    item = item_of(desk, visit)
    late = city_hour(visit.opens_s, settings.time_zone) >= EVENING_H
    hard = item is not None and bool(item.hard)
    return frozenset(name for name, holds in ((EVENING, late), (HARD, hard)) if holds)


def shared_out(
    desk: Desk, carers: Iterable[PlanCaregiver], carer_of: Callable[[str], str], visits: Iterable[PlanVisit]
) -> tuple[tuple[PlanCaregiver, ...], tuple[PlanVisit, ...]]:
    """Caregivers and visits with what is to be shared out, where the area holds that to cost anything.

    Whoever had more of a burden than the mean of those planned pays for each more, in the visits the desk
    still knows (ten days back).
    """
    settings = desk.settings
    if settings is None or not settings.burden_s:
        return tuple(carers), tuple(visits)
    planned = list(carers)
    had = Counter[tuple[str, str]]()
    for visit in desk.visits.values():
        served = [hand.caregiver_id for hand in visit.hands if hand.came is not None]
        if served:
            had.update((who, name) for name in burdens_of(desk, settings, visit) for who in served if who)
    ids = {carer_of(carer.caregiver_id) for carer in planned}
    prices: dict[str, dict[str, int]] = {who: {} for who in ids}
    for name in (EVENING, HARD):
        mean = sum(had[who, name] for who in ids) // max(len(ids), 1)
        for who in ids:
            if had[who, name] > mean:
                prices[who][name] = (had[who, name] - mean) * settings.burden_s
    return (
        tuple(replace(c, burden_price_s=prices[carer_of(c.caregiver_id)]) for c in planned),
        tuple(replace(v, burdens=burdens_of(desk, settings, desk.visits[v.visit_id])) for v in visits),
    )


def reserve_of(
    desk: Desk, index: Callable[[Place], int], from_s: int, to_s: int, origin_s: int
) -> Iterator[ReserveCheck]:
    """The responders wished near each post at every full hour in `[from_s, to_s)`."""
    wish = desk.settings.reserve if desk.settings is not None else None
    if wish is None:
        return
    for at_s in range(-(-from_s // HOUR_S) * HOUR_S, to_s, HOUR_S):
        for post in wish.posts:
            place = index(Place(post.lat_udeg, post.lon_udeg))
            yield ReserveCheck(at_s - origin_s, place, wish.reach_s, wish.least, wish.price_s)


def usual_of(desk: Desk, visit: Visit) -> dict[str, int]:
    """A bonus for the shifts of usual caregivers, and of those the recipient asked for."""
    bonus = -desk.settings.continuity_s if desk.settings is not None else 0
    liked = sorted(liked_by(desk, visit))
    return {shift_id: bonus for caregiver_id in liked for shift_id in desk.shifts_of.get(caregiver_id, ())}
