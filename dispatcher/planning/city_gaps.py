"""Where a node fits in the city plan, compiled: every gap beside its listed neighbours, the cheapest kept."""

from __future__ import annotations

import numpy as np

from dispatcher.compiled import compiled, inlined, inner
from dispatcher.planning.city_arrays import (
    BONUS,
    CALM,
    CAPACITY,
    CARER,
    CARRIED,
    DUE,
    DUR,
    FIRST,
    HANDS,
    KIND,
    LAST,
    LATE,
    LATEST,
    LOAD,
    NEVER,
    NEXT,
    PREV,
    READY,
    START,
    STOPS,
    TAKEN,
    USED,
    VISIT,
    WORK,
    WORK_LEFT,
    City,
    Ints,
)
from dispatcher.planning.city_held import EMPTY, GAPS, SEARCH, Held
from dispatcher.planning.city_ways import (
    extra,
    last_s,
    leave_by_s,
    leg_s,
    leg_time_s,
    reach_s,
    timed_s,
    way_s,
)

BLINK = 100
"""One gap of so many is passed over (Christiaens and Vanden Berghe 2020)."""
EMPTIES = 6
"""Empty routes tried beside those that begin near."""


@inlined
def draw(h: Held, below: int) -> int:
    """A whole number from 0 up to `below`, exclusive (xorshift64*; Vigna 2016)."""
    x = h.random[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    h.random[0] = x
    return int((np.int64(x >> np.uint64(33)) * below) >> 31)


@inner
def push_price(g: City, h: Held, c: int, k: int, arrival: int) -> int:
    """What arriving at node `k` only at `arrival` adds in lateness and overtime from there on."""
    m = g.carer.shape[0]
    n = g.node.shape[0] - 2 * m
    end, price = n + m + c, 0
    while k != end:
        old = int(h.now[k, START])
        start = max(arrival, int(g.node[k, READY]))
        if start <= old:
            return price
        due = int(g.node[k, DUE])
        price += int(g.node[k, LATE]) * (max(0, start - due) - max(0, old - due))
        q = h.now[k, NEXT]
        taken = int(h.now[k, TAKEN])
        way = leg_time_s(g, h, c, leg_s(g, h, c, k, q), k, q)
        arrival = reach_s(g, c, start + int(g.node[k, DUR]), way, taken, int(h.now[q, TAKEN]) - taken)
        if arrival < 0:
            return NEVER
        k = q
    due = int(g.node[end, DUE])
    return price + g.overtime_price * (max(0, arrival - due) - max(0, int(h.now[end, START]) - due))


@inner
def rested_gap(g: City, h: Held, c: int, p: int, k: int, there: int, on: int) -> tuple[int, int]:
    """Earliest and latest start of node `k` in a gap with breaks; the latest before the earliest if none."""
    q = h.now[p, NEXT]
    taken = int(h.now[p, TAKEN])
    breaks = int(h.now[q, TAKEN]) - taken
    free = int(h.now[p, START] + g.node[p, DUR])
    for before in range(breaks + 1):
        arrival = reach_s(g, c, free, there, taken, before)
        if arrival < 0:
            break
        low = max(arrival, int(g.node[k, READY]))
        by = leave_by_s(g, c, int(h.now[q, LATEST]), on, taken + before, breaks - before)
        high = min(last_s(g, c, k), by - int(g.node[k, DUR]))
        if low <= high:
            return low, high
    return 0, -1


@inner
def keep_gap(
    gaps: Ints, r: int, count: int, price: int, low: int, high: int, p: int, c: int, push: int
) -> int:
    """Keep a gap among the cheapest of role `r`, cheapest first; how many are kept then."""
    if count == GAPS and price >= gaps[r, GAPS - 1, 0]:
        return count
    i = min(count, GAPS - 1)
    while i > 0 and gaps[r, i - 1, 0] > price:
        for j in range(6):
            gaps[r, i, j] = gaps[r, i - 1, j]
        i -= 1
    gaps[r, i, 0] = price
    gaps[r, i, 1] = low
    gaps[r, i, 2] = high
    gaps[r, i, 3] = p
    gaps[r, i, 4] = c
    gaps[r, i, 5] = push
    return min(GAPS, count + 1)


@inlined
def candidates(g: City, h: Held, k: int) -> int:
    """Write into `beside` the nodes after which node `k` could come, by skill and load; how many."""
    m = g.carer.shape[0]
    n = g.node.shape[0] - 2 * m
    v, kind, load = int(g.node[k, VISIT]), int(g.node[k, KIND]), int(g.node[k, LOAD])
    h.tally[SEARCH] += 1
    search, count = int(h.tally[SEARCH]), 0
    for i in range(g.near.shape[1]):
        u = g.near[v, i]
        for j in range(g.visit[u, FIRST], g.visit[u, FIRST] + g.visit[u, HANDS]):
            c = h.now[j, CARER]
            if c < 0 or not g.fit[kind, c] or load > g.carer[c, CAPACITY] - h.route[c, CARRIED]:
                continue
            p = h.now[j, PREV]
            if h.seen[j] != search:
                h.seen[j] = search
                h.beside[count] = j
                count += 1
            if h.seen[p] != search:
                h.seen[p] = search
                h.beside[count] = p
                count += 1
    for i in range(g.near_carer.shape[1] + EMPTIES):
        if i < g.near_carer.shape[1]:
            c = int(g.near_carer[v, i])
        elif h.tally[EMPTY] > 0:
            c = int(h.empty[draw(h, int(h.tally[EMPTY])), 0])
        else:
            break
        fits = g.fit[kind, c] and load <= g.carer[c, CAPACITY] - h.route[c, CARRIED]
        if fits and h.seen[n + c] != search:
            h.seen[n + c] = search
            h.beside[count] = n + c
            count += 1
    return count


@inlined
def along(g: City, h: Held, k: int, c: int) -> int:
    """Write into `beside` the nodes of `c`'s route after which node `k` could come; how many."""
    n, load = g.node.shape[0] - 2 * g.carer.shape[0], int(g.node[k, LOAD])
    if not g.fit[g.node[k, KIND], c] or load > g.carer[c, CAPACITY] - h.route[c, CARRIED]:
        return 0
    at, count = n + c, 0
    while (count == 0 or at < n) and count < h.beside.shape[0]:
        h.beside[count] = at
        count += 1
        at = h.now[at, NEXT]
    return count


@inner
def work_left(g: City, h: Held, c: int, more: int, way: int, p: int, q: int) -> bool:
    """Whether `more` seconds of work instead of a way leave the caregiver within the week's hours."""
    if h.route[c, STOPS] > 0:
        more -= leg_time_s(g, h, c, way, p, q)
    return int(h.route[c, WORK]) + more <= int(g.carer[c, WORK_LEFT])


@compiled
def search_gaps(g: City, h: Held, k: int, r: int, most: int, only: int) -> int:
    """Fill `gaps[r]` with the cheapest gaps for node `k`, at most `most`; how many there are.

    Looked for beside listed neighbours and where days begin, or in the whole route of caregiver `only`. Not
    for meals: see `city_meals`.
    """
    count, ready, last, dur = 0, int(g.node[k, READY]), int(g.node[k, LAST]), int(g.node[k, DUR])
    bonus = int(g.visit[g.node[k, VISIT], BONUS])
    for i in range(candidates(g, h, k) if only < 0 else along(g, h, k, only)):
        p = h.beside[i]
        q, c = h.now[p, NEXT], h.now[p, CARER]
        if h.now[p, START] > last or draw(h, BLINK) == 0:
            continue
        there, on, old = way_s(g, c, p, k), leg_s(g, h, c, k, q), 0
        if h.route[c, STOPS] > 0 or g.carer[c, USED] > 0:
            old = leg_s(g, h, c, p, q)
        price = g.travel_price * (there + on - old)
        if count >= most and price + bonus >= h.gaps[r, most - 1, 0]:
            continue
        there, on = timed_s(g, c, there, p, k), leg_time_s(g, h, c, on, k, q)
        if g.carer[c, WORK_LEFT] < NEVER and not work_left(g, h, c, there + on + dur, old, p, q):
            continue
        low = max(int(h.now[p, START] + g.node[p, DUR]) + there, ready)
        high = min(last_s(g, c, k), int(h.now[q, LATEST]) - on - dur)
        if h.now[p, TAKEN] != h.now[q, TAKEN]:
            low, high = rested_gap(g, h, c, p, k, there, on)
        if low > high:
            continue
        price += extra(g, k, c) + int(g.node[k, LATE]) * max(0, low - int(g.node[k, DUE]))
        push = 0
        if low + dur + on > h.now[q, CALM]:
            push = 1
            price += push_price(g, h, c, q, low + dur + on)
        if count < most or price < h.gaps[r, most - 1, 0]:
            count = keep_gap(h.gaps, r, min(count, most), price, low, high, p, c, push)
    return min(count, most)


@inner
def later_price(g: City, h: Held, k: int, r: int, i: int, start: int) -> int:
    """What it adds that node `k` begins in its gap at `start` and not at the gap's earliest."""
    low, p, c = int(h.gaps[r, i, 1]), int(h.gaps[r, i, 3]), int(h.gaps[r, i, 4])
    if start == low:
        return 0
    due = int(g.node[k, DUE])
    price = int(g.node[k, LATE]) * (max(0, start - due) - max(0, low - due))
    q = h.now[p, NEXT]
    on = int(g.node[k, DUR]) + leg_time_s(g, h, c, leg_s(g, h, c, k, q), k, q)
    if start + on > h.now[q, CALM]:
        price += push_price(g, h, c, q, start + on)
        if h.gaps[r, i, 5] % 2 == 1:
            price -= push_price(g, h, c, q, low + on)
    return price
