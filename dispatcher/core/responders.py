"""Who can be at an emergency soonest, and what routine work it costs to take them off.

Everyone qualified, on shift and not in another emergency counts. Who is serving runs out first; who is on
the way is where the road has brought them by now. Stops behind that still fit are kept, the rest loses
its caregiver.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dispatcher.core import nearest
from dispatcher.core.desk import Desk
from dispatcher.core.eligible import role_codes
from dispatcher.core.plan import NEVER_S, Day, Halt, start_bounds
from dispatcher.core.records import Place, Visit
from dispatcher.core.rooms import NO_TABLE
from dispatcher.core.rounds import Key, key_of
from dispatcher.core.stop_said import stop_said
from dispatcher.core.stops import NUMBER, Stops
from dispatcher.core.travel import Ints, vector
from schemas.shapes import PlannedStop

RANKED = 20
"""So many responders are ranked and told."""


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
) -> tuple[list[Responder], Stops]:
    """The first `RANKED` responders by arrival, and the first rule that stops everyone who cannot respond.

    `only` looks at one caregiver.
    """
    desk.board.ready(desk)
    ids, numbers = desk.board.carer_ids(desk), desk.board.numbers(desk)
    codes = role_codes(desk, visit, 0, now_s).astype(np.int64)
    if only is not None:
        keep = codes[numbers[only]]
        codes[:] = -1
        codes[numbers[only]] = keep
    for caregiver_id in asked:
        if caregiver_id in numbers and codes[numbers[caregiver_id]] == 0:
            codes[numbers[caregiver_id]] = NUMBER["LAPSED_BEFORE"]
    sooner = np.where(codes == 0, _sooner(desk, visit, now_s, len(ids)), NEVER_S)
    codes[(codes == 0) & (sooner == NEVER_S)] = NUMBER["NO_SHIFT"]
    stopped = Stops(ids, numbers, np.where(codes == 0, -1, codes), np.zeros(len(ids), np.int64))
    return _first(desk, visit, now_s, sooner), stopped


def _sooner(desk: Desk, visit: Visit, now_s: int, carers: int) -> Ints:
    """Per caregiver the earliest second at which they might be there; never where they are not on shift."""
    board, place, ways = desk.board, visit.place, desk.board.ways(desk)
    index = -1 if place is None or place.table_index is None or ways.table is None else place.table_index
    out = np.full(carers, NEVER_S, np.int64)
    nearest.soonest(
        board.lines,
        board.speeds,
        board.gaps,
        board.ends,
        board.goes,
        NO_TABLE if ways.table is None else ways.table,
        np.array([now_s, ways.road_factor_permille, index, place is not None], np.int64),
        np.array(vector(place.lat_udeg, place.lon_udeg) if place is not None else (0.0, 0.0, 0.0)),
        out,
    )
    return out


def _first(desk: Desk, visit: Visit, now_s: int, sooner: Ints) -> list[Responder]:
    """Worked out one by one, by the earliest they might come, until nobody else could be among the first."""
    ids, ready = desk.board.carer_ids(desk), list[Responder]()
    for number in np.argsort(sooner, kind="stable").tolist():
        if sooner[number] == NEVER_S:
            break
        if len(ready) >= RANKED and sooner[number] > ready[RANKED - 1].arrive_s:
            break
        day = _day_now(desk, ids[number], now_s)
        assert day is not None
        insort(ready, _responder(desk, visit, day, now_s), key=lambda r: (r.arrive_s, r.caregiver_id))
    return ready[:RANKED]


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
            place, free_s, behind = halt.leaves_at, max(now_s, halt.end_s), number + 1
        elif hand.departed_s is not None or halt.start_s - halt.travel_s <= now_s:
            return _on_the_way(place, halt, hand.departed_s, now_s), max(now_s, free_s), behind
        else:
            break
    return place, free_s, behind


def _on_the_way(place: Place, halt: Halt, departed_s: int | None, now_s: int) -> Place:
    """Where the road has brought them by now: to the door, or to the kitchen, waiting there, and from it."""
    if halt.kitchen is not None and halt.left_s is not None and halt.left_s < now_s:
        return _between(halt.kitchen, halt.place, now_s - halt.left_s, halt.start_s - halt.left_s)
    left_s = departed_s if departed_s is not None else halt.start_s - halt.travel_s
    return _between(place, halt.kitchen or halt.place, now_s - left_s, halt.travel_s - halt.on_s)


def _between(place: Place, goal: Place, gone_s: int, way_s: int) -> Place:
    """So far from one place to another, straight on."""
    gone_s = min(max(0, gone_s), way_s)
    if gone_s == 0:
        return place
    lat = place.lat_udeg + (goal.lat_udeg - place.lat_udeg) * gone_s // way_s
    lon = place.lon_udeg + (goal.lon_udeg - place.lon_udeg) * gone_s // way_s
    return Place(lat, lon)


def _responder(desk: Desk, visit: Visit, day: Day, now_s: int) -> Responder:
    ways = desk.board.ways(desk)
    place, free_s, behind = whereabouts(desk, day, now_s)
    scene = visit.place or place
    travel_s = ways.travel_s(place, scene, day.speed_mm_s)
    arrive_s = free_s + travel_s
    left = {key: left_s for key, left_s in _boxes(desk, day) if left_s <= now_s}
    kept, displaced = _later(desk, day, behind, arrive_s + visit.needs[0].duration_s, scene, left)
    return Responder(
        day.shift.caregiver_id,
        day.shift.shift_id,
        free_s,
        arrive_s,
        travel_s,
        tuple(kept),
        tuple(displaced),
    )


def _boxes(desk: Desk, day: Day) -> Iterator[tuple[Key | None, int]]:
    """When each round of a day leaves its kitchen."""
    for round_ in day.rounds:
        first = day.halts[round_.first]
        yield key_of(desk.visits[first.visit_id or ""], first.role), round_.left_s


def _reached(
    desk: Desk, day: Day, place: Place, visit: Visit, halt: Halt, *, fetched: bool
) -> tuple[int, int]:
    """The way to a later stop, and what of it leads from the kitchen where its meal is to be fetched."""
    ways, speed = desk.board.ways(desk), day.speed_mm_s
    if visit.meal is None or not fetched:
        return ways.travel_s(place, halt.place, speed), 0
    door_s = ways.travel_s(visit.meal.kitchen, halt.place, speed)
    return ways.travel_s(place, visit.meal.kitchen, speed) + visit.meal.loading_s + door_s, door_s


def _later(
    desk: Desk, day: Day, behind: int, free_s: int, place: Place, left: dict[Key | None, int]
) -> tuple[list[tuple[str, PlannedStop]], list[str]]:
    """Which later stops can still be kept after the emergency, in their order, and which cannot.

    Rounds in `left` are in the box; others are fetched for the first of them that is kept.
    """
    ways, carer = desk.board.ways(desk), day.shift.caregiver_id
    kept: list[tuple[str, PlannedStop]] = []
    displaced: list[str] = []
    for halt in day.halts[behind:]:
        if halt.visit_id is None:
            continue
        visit = desk.visits[halt.visit_id]
        if visit.closed is not None:
            continue
        key = key_of(visit, halt.role)
        way_s, door_s = _reached(desk, day, place, visit, halt, fetched=key not in left)
        start_s = max(visit.hands[halt.role].start_s, free_s + way_s)
        end_s = start_s + visit.needs[halt.role].duration_s
        home_s = ways.travel_s(halt.leaves_at, day.first, day.speed_mm_s)
        fresh_by_s = NEVER_S if visit.meal is None else left.get(key, start_s) + visit.meal.fresh_s
        by_s = min(start_bounds(visit, halt.role)[1], fresh_by_s)
        if start_s > by_s or end_s + home_s > day.shift.ends_s:
            displaced.append(halt.visit_id)
            continue
        left.setdefault(key, start_s - door_s)
        if start_s != visit.hands[halt.role].start_s:
            stop = stop_said(
                desk,
                visit,
                halt.role,
                carer,
                start_s=start_s,
                travel_s=way_s,
                round_id=visit.hands[halt.role].round_id,
            )
            kept.append((halt.visit_id, stop))
        free_s, place = end_s, halt.leaves_at
    return [each for each in kept if each[0] not in displaced], list(dict.fromkeys(displaced))
