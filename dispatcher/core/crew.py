"""Crews: different caregivers of one provider for the roles of a visit, at the offsets it asks. Exact.

A gap for role r allows starts `[from, to]`. With role 0 at s, role r starts at max(from, s + offset_min),
at the latest at s + offset_max: so s lies between the largest `from - offset_max` and the least `to -
offset_min`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from dispatcher.core.desk import Desk
from dispatcher.core.eligible import providers_of
from dispatcher.core.rooms import BEST, EARLY_PERMILLE, Choice, Room, Wish, lateness_cost, seat_of
from dispatcher.core.travel import Ints


@dataclass
class _Top:
    """The cheapest way per crew; `limit` is the cost of the fifth."""

    best: dict[tuple[int, ...], tuple[int, int, tuple[int, ...]]]
    limit: int = 1 << 60

    def offer(self, crew: tuple[int, ...], cost: int, start_s: int, picks: tuple[int, ...]) -> None:
        known = self.best.get(crew)
        if known is not None and known <= (cost, start_s, picks):
            return
        self.best[crew] = (cost, start_s, picks)
        if len(self.best) >= BEST:
            self.limit = sorted(value[0] for value in self.best.values())[BEST - 1]


@dataclass(frozen=True)
class _Part:
    """Roles chosen so far: picks into their rooms, the carers, what role 0 may start at, and the cost."""

    picks: tuple[int, ...]
    carers: tuple[int, ...]
    lo_s: int
    hi_s: int
    own: int


def join(desk: Desk, wish: Wish, rooms: list[Room]) -> list[Choice]:
    """The five cheapest crews; `rooms` are those of the roles sought, role 0 first."""
    if any(not len(room) for room in rooms):
        return []
    top = _Top({})
    rest = [sum(int(room.own[0]) for room in rooms[k + 1 :]) for k in range(len(rooms))]
    for part in _parts(desk, wish, rooms[:-1], rest, top, _Part((), (), 0, 1 << 60, 0)):
        _finish(desk, wish, rooms, part, top)
    ranked = sorted((value, crew) for crew, value in top.best.items())[:BEST]
    return [_choice(desk, wish, rooms, picks, start_s, cost) for (cost, start_s, picks), _ in ranked]


def _parts(
    desk: Desk, wish: Wish, rooms: list[Room], rest: list[int], top: _Top, part: _Part
) -> Iterator[_Part]:
    """Every beginning of a crew that could still be among the five, cheapest first."""
    depth = len(part.picks)
    if depth == len(rooms):
        yield part
        return
    room = rooms[depth]
    need = wish.visit.needs[room.role]
    for i in range(len(room)):
        own = part.own + int(room.own[i])
        if own + rest[depth] > top.limit:
            return
        carer = int(room.carer[i])
        lo_s = max(part.lo_s, int(room.from_s[i]) - need.offset_max_s)
        hi_s = min(part.hi_s, int(room.to_s[i]) - need.offset_min_s)
        if carer in part.carers or lo_s > hi_s or not _colleagues(desk, part, carer):
            continue
        yield from _parts(
            desk, wish, rooms, rest, top, _Part((*part.picks, i), (*part.carers, carer), lo_s, hi_s, own)
        )


def _colleagues(desk: Desk, part: _Part, carer: int) -> bool:
    """Whether a caregiver has the provider of those chosen so far: one provider answers for a visit."""
    providers = providers_of(desk)
    return not part.carers or bool(providers[carer] == providers[part.carers[0]])


def _finish(desk: Desk, wish: Wish, rooms: list[Room], part: _Part, top: _Top) -> None:
    """Try every gap of the last role at once."""
    room = rooms[-1]
    need = wish.visit.needs[room.role]
    first = np.maximum(part.lo_s, room.from_s - need.offset_max_s)
    able = first <= np.minimum(part.hi_s, room.to_s - need.offset_min_s)
    for carer in part.carers:
        able &= room.carer != carer
    able &= providers_of(desk)[room.carer] == providers_of(desk)[part.carers[0]]
    picks = np.flatnonzero(able)
    if not len(picks):
        return
    cost = _costs(desk, wish, rooms, part, picks, first[picks])
    taken: set[int] = set()
    for k in np.lexsort((picks, first[picks], cost)).tolist():
        i = int(picks[k])
        carer = int(room.carer[i])
        if int(cost[k]) > top.limit or len(taken) >= BEST:
            return
        if carer not in taken:
            taken.add(carer)
            top.offer((*part.carers, carer), int(cost[k]), int(first[i]), (*part.picks, i))


def _costs(desk: Desk, wish: Wish, rooms: list[Room], part: _Part, picks: Ints, first: Ints) -> Ints:
    """Cost of whole crews: detours and bonuses as they are, earliness and lateness by the common start."""
    visit, last = wish.visit, rooms[-1]
    total = np.maximum(first - visit.opens_s, 0) * EARLY_PERMILLE // 1000
    chosen = [(room, np.full(len(picks), i)) for room, i in zip(rooms, part.picks, strict=False)]
    for room, where in [*chosen, (last, picks)]:
        need = visit.needs[room.role]
        begins = np.maximum(room.from_s[where], first + need.offset_min_s)
        fixed = room.own[where] - lateness_cost(desk, visit, room.from_s[where])
        if room.role == 0:
            fixed = fixed - np.maximum(room.from_s[where] - visit.opens_s, 0) * EARLY_PERMILLE // 1000
        total = total + fixed + lateness_cost(desk, visit, begins)
    return total


def _choice(
    desk: Desk, wish: Wish, rooms: list[Room], picks: tuple[int, ...], start_s: int, cost: int
) -> Choice:
    seats = []
    for room, i in zip(rooms, picks, strict=True):
        need = wish.visit.needs[room.role]
        seats.append(seat_of(desk, room, i, max(int(room.from_s[i]), start_s + need.offset_min_s)))
    added = sum(int(room.added[i]) for room, i in zip(rooms, picks, strict=True))
    return Choice(tuple(seats), added, cost)
