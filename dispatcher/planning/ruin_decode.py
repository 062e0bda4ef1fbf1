"""Decoding forward through the order, compiled: each visit its earliest start, or none."""

from __future__ import annotations

import numpy as np

from dispatcher.compiled import compiled, inlined
from dispatcher.planning.ruin_arrays import Given, Held
from dispatcher.planning.ruin_links import add_up, find_worst, relink_all


@compiled
def way_s(g: Given, c: int, a: int, b: int) -> int:
    """Travel of caregiver `c` from place `a` to place `b`."""
    seconds = int(g.travel[g.mode[c], a, b])
    if g.pace[c] == 1000:
        return seconds
    return (seconds * int(g.pace[c]) + 999) // 1000


@compiled
def reach_s(g: Given, c: int, free: int, way: int, taken: int, more: int) -> int:
    """When `c`, free from `free`, has travelled `way` and taken `more` breaks; -1 if it is too late."""
    end, rest = free, 0
    for b in range(taken, taken + more):
        begin = max(end, int(g.breaks[c, b, 0]))
        if begin > g.breaks[c, b, 1]:
            return -1
        end = begin + int(g.breaks[c, b, 2])
        rest += int(g.breaks[c, b, 2])
    return max(free + way + rest, end)


@compiled
def gets_home(g: Given, c: int, free: int, place: int, taken: int) -> bool:
    """Whether `c` can end the day in time, with the breaks still to be taken."""
    way = 0 if g.end_place[c] < 0 else way_s(g, c, place, int(g.end_place[c]))
    end = reach_s(g, c, free, way, taken, int(g.n_breaks[c]) - taken)
    return end >= 0 and end <= g.limit[c]


@compiled
def home_price(g: Given, c: int, free: int, place: int, used: int) -> int:
    """Price of the way home and of overtime, nothing for a day without a stop."""
    if used == 0:
        return 0
    way = 0 if g.end_place[c] < 0 else way_s(g, c, place, int(g.end_place[c]))
    over = max(0, free + way - int(g.shift_end[c]))
    return int(g.weights[0]) * way + int(g.weights[3]) * over


@compiled
def home_way(g: Given, c: int, place: int, used: int) -> int:
    """Price of the way home alone, nothing for a day without a stop."""
    if used == 0 or g.end_place[c] < 0:
        return 0
    return int(g.weights[0]) * way_s(g, c, place, int(g.end_place[c]))


@compiled
def going(g: Given, v: int, r: int, c: int, place: int) -> int:
    """Price of `c` going from `place` to role `r` of visit `v`, lateness aside."""
    return int(g.weights[0]) * way_s(g, c, place, int(g.place[v])) + int(g.extra[v, r, c])


@compiled
def first_start(g: Given, h: Held, v: int) -> int:
    """Earliest start of role 0 by the arrivals in `room`; -1 if windows, promise or crew forbid it."""
    low = max(int(g.told[v, 0]), int(g.ready[v]))
    high = min(int(g.told[v, 1]), int(g.last[v, 0]))
    if g.fixed[v, 0] >= 0:
        low = high = int(g.fixed[v, 0])
    else:
        low = max(low, int(h.room[0, 0]))
    for r in range(1, g.n_roles[v]):
        if g.fixed[v, r] >= 0:
            low = max(low, int(g.fixed[v, r] - g.apart[v, r, 1]))
            high = min(high, int(g.fixed[v, r] - g.apart[v, r, 0]))
        else:
            low = max(low, max(int(h.room[r, 0]), int(g.ready[v])) - int(g.apart[v, r, 1]))
    return low if low <= high else -1


@inlined
def holds(g: Given, h: Held, v: int, r: int, start: int) -> bool:
    """Whether the certificates of the caregiver of role `r` last until its care begun at `start` is over."""
    n = g.place.shape[0]
    return bool(g.extra.shape[0] == n or start <= g.extra[n + v, r, h.carer[v, r]])


@compiled
def role_start(g: Given, h: Held, v: int, r: int, first: int) -> int:
    """Earliest start of role `r` when role 0 begins at `first`; -1 if past its last start."""
    if g.fixed[v, r] >= 0:
        return int(g.fixed[v, r])
    start = first
    if r > 0:
        start = max(first + int(g.apart[v, r, 0]), int(h.room[r, 0]), int(g.ready[v]))
    return start if start <= g.last[v, r] and holds(g, h, v, r, start) else -1


@compiled
def arrivals(g: Given, h: Held, v: int) -> bool:
    """Write into `room` when each caregiver can begin, with the breaks counted there."""
    for r in range(g.n_roles[v]):
        if g.fixed[v, r] >= 0:
            continue
        c = h.carer[v, r]
        way = way_s(g, c, int(h.state[c, 1]), int(g.place[v]))
        h.room[r, 0] = reach_s(g, c, int(h.state[c, 0]), way, int(h.state[c, 2]), int(h.room[r, 1]))
        if h.room[r, 0] < 0:
            return False
    return True


@compiled
def due_breaks(g: Given, h: Held, v: int, first: int) -> int:
    """Count in the breaks that cannot wait until after the visit: 1 if any was added, -1 if it cannot be."""
    added = 0
    for r in range(g.n_roles[v]):
        start = role_start(g, h, v, r, first)
        if start < 0:
            return -1
        if g.fixed[v, r] >= 0:
            continue
        c = h.carer[v, r]
        b = int(h.state[c, 2] + h.room[r, 1])
        while b < g.n_breaks[c] and start + g.dur[v, r] > g.breaks[c, b, 1]:
            h.room[r, 1] += 1
            b += 1
            added = 1
    return added


@compiled
def spare_breaks(g: Given, h: Held, v: int, r: int, start: int) -> None:
    """Count in the breaks that fit before the start at no cost."""
    c = h.carer[v, r]
    way = way_s(g, c, int(h.state[c, 1]), int(g.place[v]))
    while h.state[c, 2] + h.room[r, 1] < g.n_breaks[c]:
        reach = reach_s(g, c, int(h.state[c, 0]), way, int(h.state[c, 2]), int(h.room[r, 1]) + 1)
        if reach < 0 or reach > start:
            return
        h.room[r, 1] += 1


@compiled
def with_breaks(g: Given, h: Held, v: int) -> int:
    """Earliest start of role 0 with the breaks that cannot wait counted in; -1 if there is none."""
    while True:
        if not arrivals(g, h, v):
            return -1
        first = first_start(g, h, v)
        if first < 0:
            return -1
        added = due_breaks(g, h, v, first)
        if added <= 0:
            return first if added == 0 else -1


@compiled
def find_start(g: Given, h: Held, v: int) -> int:
    """Earliest start of role 0 that every rule allows; -1 if there is none. Leaves breaks in `room`."""
    for r in range(g.n_roles[v]):
        h.room[r, 1] = 0
        if g.fixed[v, r] < 0 and h.carer[v, r] < 0:
            return -1
    first = with_breaks(g, h, v)
    if first < 0:
        return -1
    for r in range(g.n_roles[v]):
        if g.fixed[v, r] >= 0:
            continue
        start = role_start(g, h, v, r, first)
        c = h.carer[v, r]
        if g.n_breaks[c] > 0:
            spare_breaks(g, h, v, r, start)
        taken = int(h.state[c, 2] + h.room[r, 1])
        if not gets_home(g, c, start + int(g.dur[v, r]), int(g.place[v]), taken):
            return -1
    return first


@compiled
def leave_out(g: Given, h: Held, v: int) -> None:
    """Write visit `v` as not served: its caregivers pass it by."""
    for r in range(g.n_roles[v]):
        c = h.carer[v, r]
        if c >= 0 and g.fixed[v, r] < 0:
            for k in range(4):
                h.tried[v, r, k] = h.state[c, k]
            for k in range(3):
                h.tried[v, r, 4 + k] = h.state[c, k]
        h.tried[v, r, 7] = -1
        h.tried[v, r, 8] = 0
    h.worth_tried[v, 0] = g.dear[v]
    h.worth_tried[v, 1] = 0
    h.worth_tried[v, 2] = 0


@compiled
def place_visit(g: Given, h: Held, v: int) -> None:
    """Give visit `v` its earliest start from its caregivers' `state`, and move their state past it."""
    first = find_start(g, h, v)
    if first < 0:
        leave_out(g, h, v)
        return
    price, worst = 0, 0
    for r in range(g.n_roles[v]):
        if g.fixed[v, r] >= 0:
            continue
        c = h.carer[v, r]
        start = role_start(g, h, v, r, first)
        for k in range(4):
            h.tried[v, r, k] = h.state[c, k]
        late = max(0, start - int(g.due[v, r]))
        worst = max(worst, late)
        h.tried[v, r, 8] = going(g, v, r, c, int(h.state[c, 1]))
        price += int(h.tried[v, r, 8]) + int(g.told[v, 2]) * late
        h.state[c, 0] = start + g.dur[v, r]
        h.state[c, 1] = g.place[v]
        h.state[c, 2] += h.room[r, 1]
        h.state[c, 3] = 1
        for k in range(3):
            h.tried[v, r, 4 + k] = h.state[c, k]
        h.tried[v, r, 7] = start
    h.worth_tried[v, 0] = price
    h.worth_tried[v, 1] = worst
    h.worth_tried[v, 2] = 1


@inlined
def quick_start(g: Given, h: Held, v: int) -> int:
    """Earliest start of role 0, with every role's start left in `room`; -1 if there is none.

    -2 where it takes more than a look: a frozen role, a break ahead, no caregiver.
    """
    place, ready = g.place[v], g.ready[v]
    low = max(g.told[v, 0], ready)
    for r in range(g.n_roles[v]):
        c = h.carer[v, r]
        if c < 0 or g.fixed[v, r] >= 0 or g.n_breaks[c] > h.state[c, 2]:
            return -2
        way = np.int64(g.travel[g.mode[c], h.state[c, 1], place])
        if g.pace[c] != 1000:
            way = (way * g.pace[c] + 999) // 1000
        arrival = h.state[c, 0] + way
        h.room[r, 0] = arrival
        low = max(low, arrival if r == 0 else max(arrival, ready) - g.apart[v, r, 1])
    if low > g.told[v, 1]:
        return -1
    for r in range(g.n_roles[v]):
        start = low if r == 0 else max(low + g.apart[v, r, 0], max(h.room[r, 0], ready))
        end = start + g.dur[v, r]
        c = h.carer[v, r]
        if start > g.last[v, r] or not holds(g, h, v, r, start):
            return -1
        if end > g.ample[c] and not gets_home(g, c, end, place, h.state[c, 2]):
            return -1
        h.room[r, 2] = start
    return int(low)


@inlined
def write_placed(g: Given, h: Held, v: int) -> None:
    """Write visit `v` at the starts left in `room` by `quick_start`, and move its caregivers past it."""
    price, worst, place = 0, 0, g.place[v]
    for r in range(g.n_roles[v]):
        c = h.carer[v, r]
        start = h.room[r, 2]
        late = max(0, start - g.due[v, r])
        way = np.int64(g.travel[g.mode[c], h.state[c, 1], place])
        if g.pace[c] != 1000:
            way = (way * g.pace[c] + 999) // 1000
        cost = g.weights[0] * way + g.extra[v, r, c]
        worst = max(worst, late)
        price += cost + g.told[v, 2] * late
        for k in range(4):
            h.tried[v, r, k] = h.state[c, k]
        h.state[c, 0] = start + g.dur[v, r]
        h.state[c, 1] = place
        h.state[c, 3] = 1
        for k in range(3):
            h.tried[v, r, 4 + k] = h.state[c, k]
        h.tried[v, r, 7] = start
        h.tried[v, r, 8] = cost
    h.worth_tried[v, 0] = price
    h.worth_tried[v, 1] = worst
    h.worth_tried[v, 2] = 1


@inlined
def set_down(g: Given, h: Held, v: int) -> None:
    """What `place_visit` does, quicker for a visit without breaks or frozen roles in its way."""
    first = quick_start(g, h, v)
    if first == -2:
        place_visit(g, h, v)
    elif first < 0:
        leave_out(g, h, v)
    else:
        write_placed(g, h, v)


@compiled
def keep_tried(h: Held, v: int) -> None:
    """What was tried for visit `v` becomes what holds."""
    for r in range(h.now.shape[1]):
        for k in range(9):
            h.now[v, r, k] = h.tried[v, r, k]
    for k in range(3):
        h.worth[v, k] = h.worth_tried[v, k]


@compiled
def decode(g: Given, h: Held) -> int:
    """Decode the whole order anew and return the plan's price."""
    total, worst, ways, left_out, over = 0, 0, 0, 0, 0
    for c in range(g.first.shape[0]):
        for k in range(4):
            h.state[c, k] = g.first[c, k]
        h.state[c, 4] = 0
    for i in range(h.order.shape[0]):
        v = h.order[i]
        set_down(g, h, v)
        keep_tried(h, v)
        total += int(h.worth[v, 0])
        worst = max(worst, int(h.worth[v, 1]))
        left_out += 1 - int(h.worth[v, 2])
        for r in range(g.n_roles[v]):
            ways += int(h.now[v, r, 8])
    for c in range(g.first.shape[0]):
        h.homes[c] = home_price(g, c, int(h.state[c, 0]), int(h.state[c, 1]), int(h.state[c, 3]))
        h.ways[c, 0] = home_way(g, c, int(h.state[c, 1]), int(h.state[c, 3]))
        total += int(h.homes[c])
        ways += int(h.ways[c, 0])
        over += int(h.homes[c] - h.ways[c, 0])
    h.tally[7] = worst if g.weights[2] > 0 else 0
    h.tally[8] = ways
    h.tally[10] = left_out
    h.tally[12] = over
    h.tally[4] = total + int(g.weights[2]) * worst
    relink_all(g, h)
    add_up(g, h, 0, h.order.shape[0])
    find_worst(h)
    return int(h.tally[4])
