"""Who can be at an emergency soonest, and what routine work it costs to take them off.

Everyone qualified, on shift and not in another emergency counts. Who is serving runs out first; who is on
the way is where the road has brought them by now. Stops behind that still fit are kept, the rest loses
its caregiver.
"""

from __future__ import annotations

from dataclasses import dataclass

from dispatcher.core.desk import Desk
from dispatcher.core.eligible import CODES, role_codes
from dispatcher.core.plan import Day, Halt, start_bounds
from dispatcher.core.records import Place, Visit
from dispatcher.core.rooms import Stopped
from dispatcher.core.times import at
from schemas.shapes import PlannedStop


@dataclass(frozen=True)
class Responder:
    """One who could respond: on the way from `leaves_s`, there at `arrive_s`.

    `kept` are later stops that only start later, `displaced` visits that lose this caregiver.
    """

    caregiver_id: str
    shift_id: str
    leaves_s: int
    arrive_s: int
    travel_s: int
    kept: tuple[tuple[str, PlannedStop], ...]
    displaced: tuple[str, ...]


def rank(
    desk: Desk, visit: Visit, now_s: int, asked: tuple[str, ...], only: str | None = None
) -> tuple[list[Responder], dict[str, Stopped]]:
    """Responders by arrival, and the first rule that stops everyone else. `only` looks at one caregiver."""
    desk.board.ready(desk)
    codes = role_codes(desk, visit, 0, now_s).tolist()
    ready: list[Responder] = []
    stopped: dict[str, Stopped] = {}
    for number, caregiver_id in enumerate(desk.board.carer_ids(desk)):
        if only is not None and caregiver_id != only:
            continue
        code = CODES[codes[number]]
        if not code and caregiver_id in asked:
            code = "LAPSED_BEFORE"
        day = _day_now(desk, caregiver_id, now_s) if not code else None
        if code or day is None:
            stopped[caregiver_id] = Stopped(code or "NO_SHIFT")
            continue
        ready.append(_responder(desk, visit, day, now_s))
    return sorted(ready, key=lambda r: (r.arrive_s, r.caregiver_id)), stopped


def _day_now(desk: Desk, caregiver_id: str, now_s: int) -> Day | None:
    shift_id = desk.shift_at(caregiver_id, now_s)
    return None if shift_id is None else desk.board.day(desk, shift_id)


def whereabouts(desk: Desk, day: Day, now_s: int) -> tuple[Place, int, int]:
    """Where a caregiver is free to leave from, from when, and how many halts lie behind by then."""
    place, free_s, behind = day.first, max(now_s, day.shift.starts_s), 0
    for number, halt in enumerate(day.halts):
        if halt.visit_id is None:
            continue
        visit = desk.visits[halt.visit_id]
        hand = visit.hands[halt.role]
        serving = hand.came is not None and hand.left is None
        if hand.left is not None or serving or (halt.start_s <= now_s and hand.bound):
            place, free_s, behind = halt.place, max(now_s, halt.end_s), number + 1
        elif hand.departed_s is not None or halt.start_s - halt.travel_s <= now_s:
            return _between(place, halt, hand.departed_s, now_s), max(now_s, free_s), behind
        else:
            break
    return place, free_s, behind


def _between(place: Place, halt: Halt, departed_s: int | None, now_s: int) -> Place:
    """Where the road has brought them by now, straight on."""
    left_s = departed_s if departed_s is not None else halt.start_s - halt.travel_s
    gone_s = min(max(0, now_s - left_s), halt.travel_s)
    if halt.travel_s == 0 or gone_s == 0:
        return place
    goal = halt.place
    lat = place.lat_udeg + (goal.lat_udeg - place.lat_udeg) * gone_s // halt.travel_s
    lon = place.lon_udeg + (goal.lon_udeg - place.lon_udeg) * gone_s // halt.travel_s
    return Place(lat, lon)


def _responder(desk: Desk, visit: Visit, day: Day, now_s: int) -> Responder:
    ways = desk.board.ways(desk)
    place, free_s, behind = whereabouts(desk, day, now_s)
    scene = visit.place or place
    travel_s = ways.travel_s(place, scene, day.speed_mm_s)
    arrive_s = free_s + travel_s
    kept, displaced = _later(desk, day, behind, arrive_s + visit.needs[0].duration_s, scene)
    return Responder(
        day.shift.caregiver_id,
        day.shift.shift_id,
        free_s,
        arrive_s,
        travel_s,
        tuple(kept),
        tuple(displaced),
    )


def _later(
    desk: Desk, day: Day, behind: int, free_s: int, place: Place
) -> tuple[list[tuple[str, PlannedStop]], list[str]]:
    """Which later stops can still be kept after the emergency, in their order, and which cannot."""
    ways, carer = desk.board.ways(desk), day.shift.caregiver_id
    kept: list[tuple[str, PlannedStop]] = []
    displaced: list[str] = []
    for halt in day.halts[behind:]:
        if halt.visit_id is None:
            continue
        visit = desk.visits[halt.visit_id]
        if visit.closed is not None:
            continue
        way_s = ways.travel_s(place, halt.place, day.speed_mm_s)
        start_s = max(visit.hands[halt.role].start_s, free_s + way_s)
        end_s = start_s + visit.needs[halt.role].duration_s
        home_s = ways.travel_s(halt.place, day.first, day.speed_mm_s)
        if start_s > start_bounds(visit, halt.role)[1] or end_s + home_s > day.shift.ends_s:
            displaced.append(halt.visit_id)
            continue
        if start_s != visit.hands[halt.role].start_s:
            stop = PlannedStop(role=halt.role, caregiver_id=carer, start_at=at(start_s), travel_s=way_s)
            kept.append((halt.visit_id, stop))
        free_s, place = end_s, halt.place
    return kept, displaced
