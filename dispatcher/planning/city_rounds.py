"""A route with meal rounds in the city plan, compiled: its times, its price, and a meal put in or taken out.

A round is a run of meals of one kitchen; other stops may come between. The first is gone to by the kitchen,
the others ride with it from door to door. One leaves as late as the first stop lets: where a round waits, it
waits at the kitchen, and meals are fresh.
"""

from __future__ import annotations

from dispatcher.compiled import compiled, inner
from dispatcher.planning.city_arrays import (
    CALM,
    COOKED,
    DUE,
    DUR,
    FETCH,
    FIXED,
    FRESH,
    HEAD,
    INSIDE,
    KITCHEN,
    LATE,
    LATEST,
    LEFT,
    LOAD,
    MOST,
    NEVER,
    NEXT,
    PORTIONS,
    PREV,
    RESTS,
    ROLES,
    START,
    TAKEN,
    City,
)
from dispatcher.planning.city_held import Held
from dispatcher.planning.city_ways import (
    extra,
    fetching_s,
    from_kitchen_s,
    last_s,
    leave_by_s,
    leg_s,
    leg_time_s,
    reach_s,
    rests_before,
    start_after,
    timed_s,
    to_kitchen_s,
    way_s,
)

RIDES, FETCHES, LEADS = range(3)
"""How a meal comes into a gap: with the round that is open there; as the first of a round, with what still
rides behind it; as the new first of the round that begins just behind the gap."""
FREE, RESTED, COST, COUNT, ALL_DAY, WORKED, HEAVIEST, CARGO, OPEN, LEAVES_S = range(10)
"""Columns of a route while it is timed: free from, breaks taken, price, stops, load that is no meal, work,
load of the heaviest round before, load of the round that is open, its first node, when it left."""
WALK, BEFORE = ROLES, ROLES + 1
"""Rows of `Held.found` for that, and for what it was before the round that is open."""
TRIES = 8
"""So often the rounds of a route are put off for their last stops' sake; without breaks once is enough."""


@inner
def set_out(g: City, h: Held, c: int) -> None:
    """Begin the walk where the day begins."""
    begin = g.node.shape[0] - 2 * g.carer.shape[0] + c
    for j in range(10):
        h.found[WALK, j] = 0
    h.found[WALK, FREE] = h.now[begin, START]
    h.found[WALK, HEAVIEST] = g.meal[g.node.shape[0] - g.carer.shape[0] + c, MOST]
    under_way = g.meal[begin, KITCHEN] >= 0
    h.found[WALK, CARGO] = g.meal[begin, PORTIONS]
    h.found[WALK, OPEN] = begin if under_way else -1
    h.found[WALK, LEAVES_S] = g.meal[begin, COOKED] if under_way else -NEVER


@inner
def soonest(g: City, c: int, time: int, low: int, on: int, spot: tuple[int, int], more: int) -> int:
    """When `c` is at the first door, by the kitchen, with `more` breaks, leaving no sooner than `low`; or -1.

    `spot`: free from when, and breaks taken.
    """
    free, taken = spot
    best = -1
    for before in range(more + 1):
        out = reach_s(g, c, free, time, taken, before)
        if out < 0:
            break
        there = reach_s(g, c, max(out, low), on, taken + before, more - before)
        if there >= 0 and (best < 0 or there < best):
            best = there
    return best


@inner
def leaves(
    g: City, c: int, time: int, low: int, on: int, spot: tuple[int, int], more: int, start: int
) -> int:
    """The latest leaving of the kitchen for a begin at `start`, with as many breaks before it as can be."""
    free, taken = spot
    for before in range(more, -1, -1):
        out = reach_s(g, c, free, time, taken, before)
        if out >= 0:
            there = reach_s(g, c, max(out, low), on, taken + before, more - before)
            if 0 <= there <= start:
                return leave_by_s(g, c, start, on, taken + before, more - before)
    return -NEVER


@inner
def fetch(g: City, h: Held, c: int, at: int, k: int, floor: int) -> int:
    """Open a round that leaves no sooner than `floor` and begins at node `k`: its start, or -1."""
    on = from_kitchen_s(g, c, k)
    if on > g.meal[k, FRESH]:
        return -1
    spot = (int(h.found[WALK, FREE]), int(h.found[WALK, RESTED]))
    last, fixed, dur = int(g.carer[c, RESTS]) - spot[1], int(h.now[k, FIXED]), int(g.node[k, DUR])
    time = fetching_s(g, c, to_kitchen_s(g, c, at, k) + on, at, k) - on
    low, more = max(floor, int(g.meal[k, COOKED])), 0
    while True:
        there = soonest(g, c, time, low, on, spot, more)
        start = -1 if there < 0 else start_after(g, c, k, fixed, there)
        if start < 0:
            return -1
        if more == last or start + dur <= g.rest[c, spot[1] + more, 1]:
            break
        more += 1
    while more < last:
        there = soonest(g, c, time, low, on, spot, more + 1)
        if there < 0 or there > start:
            break
        more += 1
    h.found[WALK, LEAVES_S] = leaves(g, c, time, low, on, spot, more, start)
    h.found[WALK, RESTED] += more
    h.found[WALK, WORKED] += time + on
    h.found[WALK, HEAVIEST] = max(h.found[WALK, HEAVIEST], h.found[WALK, CARGO])
    h.found[WALK, CARGO] = 0
    h.found[WALK, OPEN] = k
    return start


@inner
def ride(g: City, h: Held, c: int, at: int, k: int) -> int:
    """Go from `at` to node `k` as the crow flies, with what is in the box: its start, or -1."""
    head = h.found[WALK, OPEN]
    if g.meal[k, KITCHEN] >= 0 and (head < 0 or g.meal[head, KITCHEN] != g.meal[k, KITCHEN]):
        return -1
    free, taken = int(h.found[WALK, FREE]), int(h.found[WALK, RESTED])
    fixed, time = int(h.now[k, FIXED]), timed_s(g, c, way_s(g, c, at, k), at, k)
    more = rests_before(g, c, k, fixed, free, time, taken)
    if more < 0:
        return -1
    start = start_after(g, c, k, fixed, reach_s(g, c, free, time, taken, more))
    h.found[WALK, RESTED] += more
    h.found[WALK, WORKED] += time
    return start


@inner
def step(g: City, h: Held, c: int, at: int, k: int, floor: int) -> bool:
    """Walk on from `at` to node `k`; False if that cannot be."""
    start = fetch(g, h, c, at, k, floor) if h.now[k, FETCH] == 1 else ride(g, h, c, at, k)
    if start < 0:
        return False
    h.now[k, START] = start
    h.now[k, TAKEN] = h.found[WALK, RESTED]
    h.now[k, HEAD] = h.found[WALK, OPEN]
    h.now[k, LEFT] = h.found[WALK, LEAVES_S]
    h.found[WALK, COST] += g.travel_price * leg_s(g, h, c, at, k) + extra(g, k, c)
    h.found[WALK, COST] += int(g.node[k, LATE]) * max(0, start - int(g.node[k, DUE]))
    h.found[WALK, ALL_DAY] += g.node[k, LOAD]
    h.found[WALK, CARGO] += g.meal[k, PORTIONS]
    h.found[WALK, WORKED] += g.node[k, DUR]
    h.found[WALK, COUNT] += 1
    h.found[WALK, FREE] = start + g.node[k, DUR]
    return True


@compiled
def walk_rounds(g: City, h: Held, c: int) -> int:
    """Earliest starts and breaks of a route with rounds, its sums in `found`: its last node, or -1.

    A round whose last meals would be stale is put off: what waited at a door waits at the kitchen then.
    """
    m = g.carer.shape[0]
    n = g.node.shape[0] - 2 * m
    end, at, k = n + m + c, n + c, int(h.now[n + c, NEXT])
    floor, need, tries = -NEVER, -NEVER, 0
    set_out(g, h, c)
    while True:
        if k == end or h.now[k, FETCH] == 1:
            if need > h.found[WALK, LEAVES_S]:
                head, tries = int(h.found[WALK, OPEN]), tries + 1
                if head >= n or tries > TRIES:
                    return -1
                for j in range(10):
                    h.found[WALK, j] = h.found[BEFORE, j]
                floor, k, at = need, head, int(h.now[head, PREV])
            elif k == end:
                return int(at)
            else:
                for j in range(10):
                    h.found[BEFORE, j] = h.found[WALK, j]
                floor, tries = -NEVER, 0
            need = -NEVER
        if not step(g, h, c, at, k, floor):
            return -1
        if g.meal[k, KITCHEN] >= 0:
            need = max(need, int(g.meal[k, COOKED]), int(h.now[k, START] - g.meal[k, FRESH]))
        at = k
        k = int(h.now[k, NEXT])


@inner
def carried(h: Held) -> int:
    """The most that is carried at a time on the route walked."""
    return int(h.found[WALK, ALL_DAY] + max(h.found[WALK, HEAVIEST], h.found[WALK, CARGO]))


@compiled
def backward_rounds(g: City, h: Held, c: int, home: int) -> None:
    """Latest starts of a route with rounds, from its last node `home` back.

    Behind the first of a round they keep its meals fresh if it leaves when it does; before it and at it, the
    whole round may still be put off.
    """
    n = g.node.shape[0] - 2 * g.carer.shape[0]
    end = n + g.carer.shape[0] + c
    begin, k, free_latest = n + c, home, int(h.now[end, LATEST])
    while True:
        q = int(h.now[k, NEXT])
        meal = q < n and g.meal[q, KITCHEN] >= 0
        h.now[k, INSIDE] = 1 - h.now[q, FETCH] if meal else (h.now[q, INSIDE] if q < n else 0)
        if k == begin:
            return
        way = leg_time_s(g, h, c, leg_s(g, h, c, k, q), k, q)
        more, dur, taken = int(h.now[q, TAKEN] - h.now[k, TAKEN]), int(g.node[k, DUR]), int(h.now[k, TAKEN])
        start = int(h.now[k, START])
        if h.now[k, FIXED] >= 0:
            h.now[k, LATEST] = start
            h.now[k, CALM] = start
            free_latest = start
        else:
            last = last_s(g, c, k)
            latest = leave_by_s(g, c, int(h.now[q, LATEST]), way, taken, more) - dur
            free_latest = min(last, leave_by_s(g, c, free_latest, way, taken, more) - dur)
            calm = leave_by_s(g, c, int(h.now[q, CALM]), way, taken, more) - dur
            if h.now[k, FETCH] == 1:
                latest = free_latest
            elif g.meal[k, KITCHEN] >= 0:
                latest = min(latest, int(h.now[k, LEFT] + g.meal[k, FRESH]))
            h.now[k, LATEST] = min(last, latest)
            h.now[k, CALM] = max(start, min(int(g.node[k, DUE]), calm))
        k = int(h.now[k, PREV])
