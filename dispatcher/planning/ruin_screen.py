"""What a change adds to the ways, compiled: told from the links alone, before anything is changed."""

from __future__ import annotations

from dispatcher.compiled import compiled
from dispatcher.planning.ruin_arrays import Given, Held
from dispatcher.planning.ruin_decode import going, home_way
from dispatcher.planning.ruin_links import regain


@compiled
def place_of(g: Given, halt: int, c: int) -> int:
    """Where the halt is; for none, where the caregiver's day begins."""
    return int(g.place[halt // g.due.shape[1]] if halt >= 0 else g.first[c, 1])


@compiled
def going_on(g: Given, c: int, place: int, used: int, halt: int) -> int:
    """Price of `c` going on from `place` to the halt, or home if there is none."""
    deep = g.due.shape[1]
    return going(g, halt // deep, halt % deep, c, place) if halt >= 0 else home_way(g, c, place, used)


@compiled
def went_on(g: Given, h: Held, c: int, halt: int) -> int:
    """Price of the way to the halt as it stands, or home if there is none."""
    deep = g.due.shape[1]
    return int(h.now[halt // deep, halt % deep, 8] if halt >= 0 else h.ways[c, 0])


@compiled
def detour(g: Given, h: Held, v: int, r: int) -> int:
    """By how much the ways shrink when the caregiver of role `r` passes visit `v` by."""
    c, halt = int(h.carer[v, r]), v * g.due.shape[1] + r
    one, other = int(h.before[halt]), int(h.after[halt])
    used = 1 if one >= 0 else int(g.first[c, 3])
    direct = going_on(g, c, place_of(g, one, c), used, other)
    return int(h.now[v, r, 8]) + went_on(g, h, c, other) - direct


@compiled
def squeeze(g: Given, h: Held, v: int, r: int, c: int, one: int, other: int) -> int:
    """By how much the ways grow when `c` takes role `r` of `v` between two halts."""
    way = going(g, v, r, c, place_of(g, one, c)) + going_on(g, c, int(g.place[v]), 1, other)
    return way - went_on(g, h, c, other)


@compiled
def elsewhere(g: Given, h: Held, v: int, r: int, to: int) -> int:
    """By how much the ways of the other roles may shrink at most when `v` moves to position `to`."""
    deep, most = g.due.shape[1], 0
    for q in range(g.n_roles[v]):
        if q == r or g.fixed[v, q] >= 0:
            continue
        one, other = int(h.before[v * deep + q]), int(h.after[v * deep + q])
        if (one >= 0 and h.pos[one // deep] >= to) or (other >= 0 and h.pos[other // deep] <= to):
            most += max(0, detour(g, h, v, q))
    return most


@compiled
def hopeless(g: Given, h: Held, v: int, r: int, u: int, q: int, after: bool, allowed: float) -> bool:
    """Whether role `r` of `v` beside role `q` of `u`, on that one's caregiver, must cost more than `allowed`.

    `after`: `u` comes after `v`. Taken for the ways of other roles: passing by is never longer.
    """
    if h.tally[10] > 0:
        return False
    halt = u * g.due.shape[1] + q
    one, other = (int(h.before[halt]), halt) if after else (halt, int(h.after[halt]))
    grown = squeeze(g, h, v, r, int(h.carer[u, q]), one, other) - detour(g, h, v, r)
    if grown <= allowed:
        return False
    grown -= elsewhere(g, h, v, r, int(h.pos[u]))
    return grown - regain(g, h, min(int(h.pos[u]), int(h.pos[v]))) > allowed
