"""Crews: different caregivers of one provider for the roles of a visit, at the offsets it asks. Exact.

Of linked legs one caregiver may have both, in two shifts; both in one shift are for `legs`.

A gap for role r allows starts `[from, to]`. With role 0 at s, role r starts at max(from, s + offset_min),
at the latest at s + offset_max: so s lies between the largest `from - offset_max` and the least `to -
offset_min`. A crew never costs less than its gaps on their own, so whatever begins dearer than the fifth crew
known is passed over.
"""

from __future__ import annotations

import numpy as np

from dispatcher.compiled import compiled
from dispatcher.core.desk import Desk
from dispatcher.core.eligible import provider_numbers
from dispatcher.core.plan import NEVER_S
from dispatcher.core.rooms import BEST, EARLY_PERMILLE, Choice, Room, Wish, late_price_permille, seat_of
from dispatcher.core.travel import Ints

OWN, FROM, TO, CARER, ROW = range(5)
"""Lines of the gaps, those of all roles behind one another."""
BEGIN, END, OFFSET_MIN, OFFSET_MAX, IS_FIRST, DUE = range(6)
"""Lines of the roles: which gaps are theirs, their offsets, whether they are role 0, when they are due."""
OPENS, LATE_PRICE, EARLY_PRICE, LINKED = range(4)
COST, START, PICKS = range(3)
"""Lines of a crew: what it costs, when role 0 starts, and from there on the gap of each role."""


@compiled
def _cost(gaps: Ints, roles: Ints, numbers: Ints, picks: Ints, start_s: int) -> int:
    """Detours and bonuses as they are, earliness and lateness by the common start."""
    total: int = max(start_s - numbers[OPENS], 0) * numbers[EARLY_PRICE] // 1000
    for r in range(roles.shape[1]):
        own, from_s = gaps[OWN, picks[r]], gaps[FROM, picks[r]]
        begins = max(from_s, start_s + roles[OFFSET_MIN, r])
        total += own - max(from_s - roles[DUE, r], 0) * numbers[LATE_PRICE] // 1000
        total += max(begins - roles[DUE, r], 0) * numbers[LATE_PRICE] // 1000
        if roles[IS_FIRST, r]:
            total -= max(from_s - numbers[OPENS], 0) * numbers[EARLY_PRICE] // 1000
    return total


@compiled
def _offer(gaps: Ints, top: Ints, known: int, picks: Ints, cost: int, start_s: int) -> int:
    """Put a crew among the cheapest, each crew once; how many there are now."""
    roles = len(picks)
    at = known
    for k in range(known):
        same = True
        for r in range(roles):
            same = same and gaps[CARER, top[k, PICKS + r]] == gaps[CARER, picks[r]]
        if same:
            at = k
            break
    if at < known and (top[at, COST], top[at, START]) <= (cost, start_s):
        return known
    if at == len(top):
        at -= 1
        if (top[at, COST], top[at, START]) <= (cost, start_s):
            return known
    known = max(known, at + 1)
    while at > 0 and (top[at - 1, COST], top[at - 1, START]) > (cost, start_s):
        for k in range(top.shape[1]):
            top[at, k] = top[at - 1, k]
        at -= 1
    top[at, COST], top[at, START] = cost, start_s
    for r in range(roles):
        top[at, PICKS + r] = picks[r]
    return known


@compiled
def _fits(gaps: Ints, linked: int, providers: Ints, picks: Ints, depth: int, gap: int) -> bool:
    """Whether the caregiver is another than those chosen (linked: or in another shift), of their provider."""
    carer = gaps[CARER, gap]
    for r in range(depth):
        other = gaps[CARER, picks[r]]
        same = gaps[ROW, gap] == gaps[ROW, picks[r]] if linked else carer == other
        if same or providers[carer] != providers[other]:
            return False
    return True


@compiled
def _search(
    gaps: Ints, roles: Ints, numbers: Ints, providers: Ints, rest: Ints, deep: Ints, top: Ints
) -> int:
    """All crews that could be among the cheapest, depth first; how many of `top` are filled.

    `deep` holds per depth the next gap, the one picked, the bounds of the start, and the cost so far.
    """
    following, picks, lo, hi, own = deep[0], deep[1], deep[2], deep[3], deep[4]
    last, known, depth = roles.shape[1] - 1, 0, 0
    following[0], lo[0], hi[0], own[0] = roles[BEGIN, 0], 0, NEVER_S, 0
    while depth >= 0:
        gap = following[depth]
        limit = top[len(top) - 1, COST] if known == len(top) else NEVER_S
        if gap >= roles[END, depth] or own[depth] + gaps[OWN, gap] + rest[depth] > limit:
            depth -= 1
            continue
        following[depth] += 1
        first = max(lo[depth], gaps[FROM, gap] - roles[OFFSET_MAX, depth])
        final = min(hi[depth], gaps[TO, gap] - roles[OFFSET_MIN, depth])
        if first > final or not _fits(gaps, numbers[LINKED], providers, picks, depth, gap):
            continue
        picks[depth] = gap
        if depth == last:
            cost = _cost(gaps, roles, numbers, picks[: last + 1], first)
            known = _offer(gaps, top, known, picks[: last + 1], cost, first)
            continue
        depth += 1
        following[depth], lo[depth], hi[depth] = roles[BEGIN, depth], first, final
        own[depth] = own[depth - 1] + gaps[OWN, gap]
    return known


def join(desk: Desk, wish: Wish, rooms: list[Room]) -> list[Choice]:
    """The five cheapest crews; `rooms` are those of the roles sought, role 0 first."""
    if any(not len(room) for room in rooms):
        return []
    gaps = np.concatenate(
        [(room.own, room.from_s, room.to_s, room.carer, room.row) for room in rooms], axis=1
    )
    ends = np.cumsum([len(room) for room in rooms])
    needs = [wish.visit.needs[room.role] for room in rooms]
    roles = np.array(
        [
            [0, *ends[:-1].tolist()],
            ends.tolist(),
            [need.offset_min_s for need in needs],
            [need.offset_max_s for need in needs],
            [room.role == 0 for room in rooms],
            [wish.visit.due_s(room.role) for room in rooms],
        ],
        np.int64,
    )
    rest = np.array([sum(int(r.own[0]) for r in rooms[k + 1 :]) for k in range(len(rooms))], np.int64)
    top = np.full((BEST, PICKS + len(rooms)), NEVER_S, np.int64)
    known = _search(
        np.ascontiguousarray(gaps),
        roles,
        _numbers(desk, wish),
        provider_numbers(desk),
        rest,
        np.zeros((5, len(rooms)), np.int64),
        top,
    )
    return [_choice(desk, wish, rooms, roles[BEGIN], row) for row in top[:known].tolist()]


def _numbers(desk: Desk, wish: Wish) -> Ints:
    price = late_price_permille(desk, wish.visit)
    linked = wish.visit.trip is not None
    return np.array([wish.visit.opens_s, price, EARLY_PERMILLE, linked], np.int64)


def _choice(desk: Desk, wish: Wish, rooms: list[Room], begins: Ints, row: list[int]) -> Choice:
    cost_s, start_s, *picks = row
    seats, added_s = [], 0
    for room, begin, pick in zip(rooms, begins.tolist(), picks, strict=True):
        i, need = pick - begin, wish.visit.needs[room.role]
        seats.append(seat_of(desk, room, i, max(int(room.from_s[i]), start_s + need.offset_min_s)))
        added_s += int(room.added[i])
    return Choice(tuple(seats), added_s, cost_s)


def warm_up() -> None:
    """Compile what `join` needs, or load what was kept."""
    none = np.zeros((5, 0), np.int64)
    roles, line = np.zeros((6, 1), np.int64), np.zeros(4, np.int64)
    _search(none, roles, line, line[:0], line[:1], roles[:5].copy(), np.zeros((BEST, PICKS + 1), np.int64))
