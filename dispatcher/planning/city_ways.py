"""The ways and times of one caregiver from stop to stop, compiled; by the kitchen where a round begins."""

from __future__ import annotations

import math

from dispatcher.compiled import inlined, inner
from dispatcher.planning.city_arrays import (
    BURDEN,
    DUR,
    FETCH,
    HOLDER,
    HOUR_PRICE,
    KIND,
    KITCHEN,
    LAST,
    LEAVES,
    LOADING,
    MODE,
    NEVER,
    OWN,
    PACE,
    PLACE,
    READY,
    RESTS,
    STAND,
    VISIT,
    City,
)
from dispatcher.planning.city_held import Held
from dispatcher.planning.price import HOUR_S


@inlined
def way_s(g: City, c: int, a: int, b: int) -> int:
    """Travel of caregiver `c` from where node `a` ends to where node `b` begins; 0 to nowhere."""
    to = g.node[b, PLACE]
    if to < 0:
        seconds = 0
    elif g.point.shape[0] == 0:
        seconds = int(g.matrix[g.carer[c, MODE], g.node[a, LEAVES], to])
    else:
        dx = g.point[a, 3] - g.point[b, 0]
        dy = g.point[a, 4] - g.point[b, 1]
        dz = g.point[a, 5] - g.point[b, 2]
        seconds = math.ceil(math.sqrt(dx * dx + dy * dy + dz * dz) * g.s_per_m[g.carer[c, MODE]])
    if g.carer[c, PACE] != 1000:
        seconds = (seconds * int(g.carer[c, PACE]) + 999) // 1000
    return seconds


@inner
def reach_s(g: City, c: int, free: int, way: int, taken: int, more: int) -> int:
    """When `c`, free from `free`, has travelled `way` and taken `more` breaks; -1 if one begins too late."""
    end, rest = free, 0
    for b in range(taken, taken + more):
        begin = max(end, int(g.rest[c, b, 0]))
        if begin > g.rest[c, b, 1]:
            return -1
        end = begin + int(g.rest[c, b, 2])
        rest += int(g.rest[c, b, 2])
    return max(free + way + rest, end)


@inner
def leave_by_s(g: City, c: int, by: int, way: int, taken: int, more: int) -> int:
    """Until when `c` must be free to travel `way` and take `more` breaks and still be there by `by`."""
    end, rest = by, 0
    for b in range(taken + more - 1, taken - 1, -1):
        if g.rest[c, b, 0] + g.rest[c, b, 2] > end:
            return -NEVER
        end = min(int(g.rest[c, b, 1]), end - int(g.rest[c, b, 2]))
        rest += int(g.rest[c, b, 2])
    return min(by - way - rest, end)


@inner
def extra(g: City, k: int, c: int) -> int:
    """Price of giving node `k` to `c` beyond travel and lateness."""
    price = int(g.even[g.node[k, BURDEN], c])
    if g.carer[c, HOUR_PRICE] != 0:
        price += int(g.carer[c, HOUR_PRICE] * g.node[k, DUR]) // HOUR_S
    if g.node[k, HOLDER] >= 0 and g.node[k, HOLDER] != c:
        price += g.change_price
    v = g.node[k, VISIT]
    for i in range(g.usual_at[v], g.usual_at[v + 1]):
        if g.usual[i, 0] == c:
            price += int(g.usual[i, 1])
    return price


@inlined
def last_s(g: City, c: int, k: int) -> int:
    """The latest start of node `k` by `c`: within its window, and over before a certificate ends."""
    last = int(g.node[k, LAST])
    if g.by >= 0:
        last = min(last, int(g.even[g.by + g.node[k, KIND], c]))
    return last


@inner
def start_after(g: City, c: int, k: int, fixed: int, arrival: int) -> int:
    """When `c` begins care at node `k`; -1 if that cannot be."""
    start = max(arrival, int(g.node[k, READY]))
    if fixed >= 0:
        if start > fixed:
            return -1
        start = fixed
    return start if start <= last_s(g, c, k) else -1


@inner
def rests_before(g: City, c: int, k: int, fixed: int, free: int, way: int, taken: int) -> int:
    """How many breaks to take before node `k`: those that cannot wait, and those that cost nothing; or -1."""
    more, last = 0, int(g.carer[c, RESTS]) - taken
    while True:
        arrival = reach_s(g, c, free, way, taken, more)
        start = -1 if arrival < 0 else start_after(g, c, k, fixed, arrival)
        if start < 0:
            return -1
        if more == last or start + g.node[k, DUR] <= g.rest[c, taken + more, 1]:
            break
        more += 1
    while more < last:
        arrival = reach_s(g, c, free, way, taken, more + 1)
        if arrival < 0 or arrival > start:
            break
        more += 1
    return more


@inlined
def timed_s(g: City, c: int, way: int, a: int, b: int) -> int:
    """Of a way from node `a` to node `b` what is time of the shift: in own time none of the first or last."""
    own = g.carer[c, OWN]
    if own > 0:
        n = g.node.shape[0] - 2 * g.carer.shape[0]
        if (a >= n and own != 2) or (b >= n and own != 1):
            way = 0
    return way


@inlined
def _straight_s(g: City, c: int, a: int, side: int, b: int, place: int, goal: int) -> int:
    """Travel of `c` from `side` of point row `a` to row `b`, or by the matrix between two places."""
    if g.point.shape[0] == 0:
        seconds = int(g.matrix[g.carer[c, MODE], place, goal])
    else:
        dx = g.point[a, side] - g.point[b, 0]
        dy = g.point[a, side + 1] - g.point[b, 1]
        dz = g.point[a, side + 2] - g.point[b, 2]
        seconds = math.ceil(math.sqrt(dx * dx + dy * dy + dz * dz) * g.s_per_m[g.carer[c, MODE]])
    return (seconds * int(g.carer[c, PACE]) + 999) // 1000


@inner
def to_kitchen_s(g: City, c: int, a: int, k: int) -> int:
    """Travel of `c` from where node `a` ends to the kitchen of meal `k`."""
    return _straight_s(g, c, a, 3, g.meal[k, STAND], g.node[a, LEAVES], g.meal[k, KITCHEN])


@inner
def from_kitchen_s(g: City, c: int, k: int) -> int:
    """Travel of `c` from the kitchen of meal `k` to where node `k` begins."""
    return _straight_s(g, c, g.meal[k, STAND], 0, k, g.meal[k, KITCHEN], g.node[k, PLACE])


@inner
def by_kitchen_s(g: City, c: int, a: int, k: int) -> int:
    """Travel of `c` from where node `a` ends by the kitchen of meal `k` to its door."""
    return to_kitchen_s(g, c, a, k) + from_kitchen_s(g, c, k)


@inlined
def leg_s(g: City, h: Held, c: int, a: int, b: int) -> int:
    """Travel from node `a` to node `b`, by the kitchen if `b` begins a round."""
    by_kitchen = g.meal.shape[0] > 0 and h.now[b, FETCH] == 1
    return by_kitchen_s(g, c, a, b) if by_kitchen else way_s(g, c, a, b)


@inner
def fetching_s(g: City, c: int, way: int, a: int, b: int) -> int:
    """Of a leg of `way` seconds by the kitchen what is time of the shift, loading with it."""
    if timed_s(g, c, 1, a, b) == 0:
        way = from_kitchen_s(g, c, b)
    return way + int(g.meal[g.node.shape[0] - g.carer.shape[0] + c, LOADING])


@inlined
def leg_time_s(g: City, h: Held, c: int, way: int, a: int, b: int) -> int:
    """Of a leg of `way` seconds from node `a` to node `b` what is time of the shift, loading with it."""
    by_kitchen = g.meal.shape[0] > 0 and h.now[b, FETCH] == 1
    return fetching_s(g, c, way, a, b) if by_kitchen else timed_s(g, c, way, a, b)
