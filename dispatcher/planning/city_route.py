"""One caregiver's route in the city plan, compiled: its times, its price, its undoing."""

from __future__ import annotations

from dispatcher.compiled import compiled, inlined, inner
from dispatcher.planning.city_arrays import (
    CALM,
    CAPACITY,
    CARER,
    CARRIED,
    DUE,
    DUR,
    FETCH,
    FIXED,
    KITCHEN,
    LAST,
    LATE,
    LATEST,
    LOAD,
    NEXT,
    PREV,
    PRICE,
    RESTS,
    START,
    STOPS,
    TAKEN,
    USED,
    WORK,
    WORK_LEFT,
    City,
    Ints,
)
from dispatcher.planning.city_held import EMPTY, ROUTES, STEP, UNDO, Held
from dispatcher.planning.city_rounds import (
    COST,
    COUNT,
    FETCHES,
    FREE,
    LEADS,
    RESTED,
    RIDES,
    WALK,
    WORKED,
    backward_rounds,
    carried,
    walk_rounds,
)
from dispatcher.planning.city_ways import (
    extra,
    last_s,
    leave_by_s,
    reach_s,
    rests_before,
    start_after,
    timed_s,
    way_s,
)


@compiled
def forward(g: City, h: Held, c: int) -> bool:
    """Earliest starts, breaks and the price of a route; False if its sequence cannot be kept."""
    if g.meal.shape[0] > 0:
        return forward_rounds(g, h, c)
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
        start = start_after(g, c, k, int(h.now[k, FIXED]), reach_s(g, c, free, time, taken, more))
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
def forward_rounds(g: City, h: Held, c: int) -> bool:
    """The same where meals are fetched."""
    at = walk_rounds(g, h, c)
    if at < 0:
        return False
    load, stops = carried(h), int(h.found[WALK, COUNT])
    free, taken = int(h.found[WALK, FREE]), int(h.found[WALK, RESTED])
    price, work = int(h.found[WALK, COST]), int(h.found[WALK, WORKED])
    if load > g.carer[c, CAPACITY] or not ends(g, h, c, at, free, taken, price, work, stops):
        return False
    h.now[g.node.shape[0] - g.carer.shape[0] + c, TAKEN] = g.carer[c, RESTS]
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
    if g.meal.shape[0] > 0:
        backward_rounds(g, h, c, home)
        return
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
            h.now[k, LATEST] = min(last_s(g, c, k), latest)
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
def standing_price(g: City, h: Held, c: int) -> int:
    """What `c`'s route costs as it stands; of one without a stop that is not timed yet too, the way home."""
    price = int(h.route[c, PRICE])
    if h.route[c, STOPS] == 0 and g.carer[c, USED] > 0 and forward(g, h, c):
        kept, price = price, int(h.route[c, PRICE])
        h.route[c, PRICE] = kept
    return price


@inner
def as_it_was(g: City, h: Held, c: int, price: int) -> None:
    """Times of a route from which all that was tried is gone again; it had that price."""
    forward(g, h, c)
    backward(g, h, c)
    h.route[c, PRICE] = price


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
        for j in range(8, 8 if g.meal.shape[0] == 0 else 12):
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


@inner
def next_meal(g: City, h: Held, k: int) -> int:
    """The first meal from node `k` on; -1 if there is none."""
    n = g.node.shape[0] - 2 * g.carer.shape[0]
    while k < n and g.meal[k, KITCHEN] < 0:
        k = int(h.now[k, NEXT])
    return k if k < n else -1


@compiled
def unlink(h: Held, k: int) -> None:
    """Take node `k` out of its route."""
    p, q = h.now[k, PREV], h.now[k, NEXT]
    h.now[p, NEXT] = q
    h.now[q, PREV] = p
    h.now[k, CARER] = -1
    h.now[k, FIXED] = -1


@compiled
def hand_on(g: City, h: Held, k: int) -> None:
    """Let the next meal that rides with node `k`, which goes, begin the round."""
    rider = next_meal(g, h, int(h.now[k, NEXT]))
    if h.now[k, FETCH] == 1 and rider >= 0:
        h.now[rider, FETCH] = 1
    h.now[k, FETCH] = 0


@inlined
def leave(g: City, h: Held, k: int) -> None:
    """Take node `k` out of its route and its round."""
    if g.meal.shape[0] > 0:
        hand_on(g, h, k)
    unlink(h, k)


@compiled
def come(h: Held, k: int, how: int) -> None:
    """Have meal `k` in its route as `how` says."""
    if how == LEADS:
        h.now[h.now[k, NEXT], FETCH] = 0
    h.now[k, FETCH] = 1 if how != RIDES else 0


@inlined
def join(g: City, h: Held, k: int, p: int, c: int, how: int) -> None:
    """Put node `k` after node `p` of `c`'s route; a meal comes there as `how` says."""
    link(h, k, p, c)
    if g.meal.shape[0] > 0:
        come(h, k, how)


@compiled
def go_back(g: City, h: Held, k: int, how: int, inside: int) -> None:
    """Undo a `join` of meal `k` in a gap inside a round, or not."""
    rider = next_meal(g, h, int(h.now[k, NEXT]))
    hand_on(g, h, k)
    if how == FETCHES and inside == 1:
        h.now[rider, FETCH] = 0


@inlined
def part(g: City, h: Held, k: int, how: int, inside: int) -> None:
    """Undo a `join`."""
    if g.meal.shape[0] > 0:
        go_back(g, h, k, how, inside)
    unlink(h, k)
