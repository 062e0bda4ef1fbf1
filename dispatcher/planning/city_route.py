"""One caregiver's route in the city plan, compiled: its ways, its times, its price, its undoing."""

from __future__ import annotations

import math

from dispatcher.compiled import compiled, inlined, inner
from dispatcher.planning.city_arrays import (
    BURDEN,
    CALM,
    CAPACITY,
    CARER,
    CARRIED,
    DUE,
    DUR,
    FIXED,
    HOLDER,
    HOUR_PRICE,
    LAST,
    LATE,
    LATEST,
    LEAVES,
    LOAD,
    MODE,
    NEVER,
    NEXT,
    OWN,
    PACE,
    PLACE,
    PREV,
    PRICE,
    READY,
    RESTS,
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
from dispatcher.planning.city_held import EMPTY, ROUTES, STEP, UNDO, Held
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


@inner
def start_after(g: City, k: int, fixed: int, arrival: int) -> int:
    """When care begins at node `k`; -1 if it cannot."""
    start = max(arrival, int(g.node[k, READY]))
    if fixed >= 0:
        return fixed if start <= fixed else -1
    return start if start <= g.node[k, LAST] else -1


@inner
def rests_before(g: City, c: int, k: int, fixed: int, free: int, way: int, taken: int) -> int:
    """How many breaks to take before node `k`: those that cannot wait, and those that cost nothing; or -1."""
    more, last = 0, int(g.carer[c, RESTS]) - taken
    while True:
        arrival = reach_s(g, c, free, way, taken, more)
        start = -1 if arrival < 0 else start_after(g, k, fixed, arrival)
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


@compiled
def forward(g: City, h: Held, c: int) -> bool:
    """Earliest starts, breaks and the price of a route; False if its sequence cannot be kept."""
    m = g.carer.shape[0]
    n = g.node.shape[0] - 2 * m
    rests, at, end = int(g.carer[c, RESTS]), n + c, n + m + c
    free, taken, price, stops, load, work = int(h.now[at, START]), 0, 0, 0, 0, 0
    k = h.now[at, NEXT]
    while k != end:
        way = way_s(g, c, at, k)
        time, more = timed_s(g, c, way, at, k), 0
        if taken < rests:
            more = rests_before(g, c, k, int(h.now[k, FIXED]), free, time, taken)
            if more < 0:
                return False
        start = start_after(g, k, int(h.now[k, FIXED]), reach_s(g, c, free, time, taken, more))
        if start < 0:
            return False
        taken += more
        h.now[k, START] = start
        h.now[k, TAKEN] = taken
        price += g.travel_price * way + extra(g, k, c)
        price += int(g.node[k, LATE]) * max(0, start - int(g.node[k, DUE]))
        load += int(g.node[k, LOAD])
        work += time + int(g.node[k, DUR])
        stops += 1
        free = start + int(g.node[k, DUR])
        at = k
        k = h.now[k, NEXT]
    if load > g.carer[c, CAPACITY] or not ends(g, h, c, at, free, taken, price, work, stops):
        return False
    h.now[end, TAKEN] = rests
    h.route[c, STOPS] = stops
    h.route[c, CARRIED] = load
    return True


@inner
def ends(g: City, h: Held, c: int, at: int, free: int, taken: int, price: int, work: int, stops: int) -> bool:
    """Bring a route home from its last node and write its price and work; False if it comes too late."""
    end = g.node.shape[0] - g.carer.shape[0] + c
    if stops > 0 or g.carer[c, USED] > 0:
        way = way_s(g, c, at, end)
        time = timed_s(g, c, way, at, end)
        work += time
        home = reach_s(g, c, free, time, taken, int(g.carer[c, RESTS]) - taken)
        if stops > 0 and (home < 0 or home > g.node[end, LAST] or work > g.carer[c, WORK_LEFT]):
            return False
        price += g.travel_price * way + g.overtime_price * max(0, free + time - int(g.node[end, DUE]))
    h.route[c, PRICE] = price
    h.route[c, WORK] = work if stops > 0 else 0
    return True


@inner
def backward(g: City, h: Held, c: int) -> None:
    """Latest starts that keep all that follows, and latest starts that make nothing that follows late."""
    m = g.carer.shape[0]
    n = g.node.shape[0] - 2 * m
    begin, k = n + c, n + m + c
    home = h.now[k, PREV]
    h.now[k, LATEST] = g.node[k, LAST]
    h.now[k, CALM] = g.node[k, DUE]
    h.now[k, START] = h.now[begin, START]
    if home != begin or g.carer[c, USED] > 0:
        over = h.now[home, START] + g.node[home, DUR] + timed_s(g, c, way_s(g, c, home, k), home, k)
        h.now[k, START] = over
        h.now[k, CALM] = max(int(g.node[k, DUE]), over)
    k = home
    while k != begin:
        q = h.now[k, NEXT]
        way, more = timed_s(g, c, way_s(g, c, k, q), k, q), int(h.now[q, TAKEN] - h.now[k, TAKEN])
        dur, taken = int(g.node[k, DUR]), int(h.now[k, TAKEN])
        start = int(h.now[k, START])
        if h.now[k, FIXED] >= 0:
            h.now[k, LATEST] = start
            h.now[k, CALM] = start
        else:
            latest = leave_by_s(g, c, int(h.now[q, LATEST]), way, taken, more) - dur
            calm = leave_by_s(g, c, int(h.now[q, CALM]), way, taken, more) - dur
            h.now[k, LATEST] = min(int(g.node[k, LAST]), latest)
            h.now[k, CALM] = max(start, min(int(g.node[k, DUE]), calm))
        k = h.now[k, PREV]


@compiled
def retime(g: City, h: Held, c: int) -> bool:
    """Times and price of a changed route; False, and times partly old, if it cannot be kept."""
    if not forward(g, h, c):
        return False
    backward(g, h, c)
    list_empty(h, c)
    return True


@inner
def keep_listed(listed: Ints, tally: Ints, counter: int, which: int, stands: bool) -> None:
    """Keep `which` in a list, or out of it: in `[:, 0]` the members, in `[:, 1]` where each stands, or -1."""
    at, count = int(listed[which, 1]), int(tally[counter])
    if stands and at < 0:
        listed[count, 0] = which
        listed[which, 1] = count
        tally[counter] = count + 1
    elif not stands and at >= 0:
        other = listed[count - 1, 0]
        listed[at, 0] = other
        listed[other, 1] = at
        listed[which, 1] = -1
        tally[counter] = count - 1


@inner
def list_empty(h: Held, c: int) -> None:
    """Keep the list of caregivers without a stop."""
    keep_listed(h.empty, h.tally, EMPTY, c, h.route[c, STOPS] == 0)


@compiled
def touch(g: City, h: Held, c: int) -> None:
    """Write a route down before the step changes it for the first time."""
    if h.touched[c] == h.tally[STEP]:
        return
    h.touched[c] = h.tally[STEP]
    r = h.tally[ROUTES]
    h.undo_route[r, 0] = c
    for j in range(4):
        h.undo_route[r, 1 + j] = h.route[c, j]
    h.tally[ROUTES] = r + 1
    k, i = g.node.shape[0] - 2 * g.carer.shape[0] + c, h.tally[UNDO]
    while k >= 0:
        h.undo[i, 0] = k
        for j in range(8):
            h.undo[i, 1 + j] = h.now[k, j]
        i += 1
        k = h.now[k, NEXT]
    h.tally[UNDO] = i


@compiled
def link(h: Held, k: int, p: int, c: int) -> None:
    """Put node `k` after node `p` of `c`'s route."""
    q = h.now[p, NEXT]
    h.now[k, PREV] = p
    h.now[k, NEXT] = q
    h.now[p, NEXT] = k
    h.now[q, PREV] = k
    h.now[k, CARER] = c


@compiled
def unlink(h: Held, k: int) -> None:
    """Take node `k` out of its route."""
    p, q = h.now[k, PREV], h.now[k, NEXT]
    h.now[p, NEXT] = q
    h.now[q, PREV] = p
    h.now[k, CARER] = -1
    h.now[k, FIXED] = -1
