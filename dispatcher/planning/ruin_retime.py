"""What a change makes of the plan, compiled: only caregivers off their old times are followed.

The walk through the order ends when every caregiver is back on the times it had before.
"""

from __future__ import annotations

from dispatcher.compiled import compiled
from dispatcher.planning.ruin_arrays import Given, Held
from dispatcher.planning.ruin_decode import going, home_price, home_way, place_visit


@compiled
def same_after(h: Held, v: int, r: int) -> bool:
    """Whether the caregiver of this role leaves the visit as it did before the change."""
    free, place = h.tried[v, r, 4] == h.now[v, r, 4], h.tried[v, r, 5] == h.now[v, r, 5]
    return bool(free and place and h.tried[v, r, 6] == h.now[v, r, 6])


@compiled
def pick_up(g: Given, h: Held, first: int) -> None:
    """Bring the state of every changed caregiver to just before position `first`."""
    m = g.first.shape[0]
    missing = int(h.pinned[m])
    for i in range(missing):
        h.state[h.pinned[i], 4] = 3
    i = first - 1
    while missing > 0 and i >= 0:
        v = h.order[i]
        for r in range(g.n_roles[v]):
            c = h.carer[v, r]
            if c >= 0 and g.fixed[v, r] < 0 and h.state[c, 4] == 3 and h.worth[v, 2] == 1:
                for k in range(3):
                    h.state[c, k] = h.now[v, r, 4 + k]
                h.state[c, 3] = 1
                h.state[c, 4] = 2
                missing -= 1
        i -= 1
    for i in range(h.pinned[m]):
        c = h.pinned[i]
        if h.state[c, 4] == 3:
            for k in range(4):
                h.state[c, k] = g.first[c, k]
            h.state[c, 4] = 2


@compiled
def concerns(g: Given, h: Held, v: int) -> bool:
    """Whether any caregiver of the visit has other times than before."""
    for r in range(g.n_roles[v]):
        c = h.carer[v, r]
        if c >= 0 and g.fixed[v, r] < 0 and h.state[c, 4] != 0:
            return True
    return False


@compiled
def step_over(g: Given, h: Held, v: int, past: bool) -> int:
    """Decode one visit anew; returns by how many the caregivers off their old times have grown."""
    grown = 0
    for r in range(g.n_roles[v]):
        c = h.carer[v, r]
        if c >= 0 and g.fixed[v, r] < 0 and h.state[c, 4] == 0:
            for k in range(4):
                h.state[c, k] = h.now[v, r, k]
    place_visit(g, h, v)
    for r in range(g.n_roles[v]):
        c = h.carer[v, r]
        if c < 0 or g.fixed[v, r] >= 0:
            continue
        same = h.mark[v] == 0 and same_after(h, v, r)
        if h.state[c, 4] == 0:
            if not same:
                h.state[c, 4] = 1
                grown += 1
        elif same and (past or h.state[c, 4] == 1):
            h.state[c, 4] = 0
            grown -= 1
    return grown


@compiled
def worst_late(g: Given, h: Held) -> int:
    """The latest beginning, with what was tried for the touched visits (marked 2 and above)."""
    worst = 0
    for i in range(h.order.shape[0]):
        v = h.order[i]
        late = h.worth_tried[v, 1] if h.mark[v] >= 2 else h.worth[v, 1]
        worst = max(worst, int(late))
    return worst


@compiled
def retime(g: Given, h: Held) -> int:
    """Price of the plan after the noted changes, `pick_up` done; what differs is left as tried."""
    first, last, m = int(h.tally[1]), int(h.tally[2]), g.first.shape[0]
    off, total, touched, ways, left_out = int(h.pinned[m]), 0, 0, 0, 0
    for i in range(first, h.order.shape[0]):
        if off == 0 and i > last:
            break
        v = h.order[i]
        if h.mark[v] == 0 and not concerns(g, h, v):
            continue
        off += step_over(g, h, v, i > last)
        h.mark[v] += 2
        h.touched[touched] = v
        touched += 1
        total += int(h.worth_tried[v, 0] - h.worth[v, 0])
        left_out += int(h.worth[v, 2] - h.worth_tried[v, 2])
        for r in range(g.n_roles[v]):
            ways += int(h.tried[v, r, 8] - h.now[v, r, 8])
    h.tally[3] = touched
    for c in range(m):
        if h.state[c, 4] != 0:
            h.homes_tried[c] = home_price(g, c, int(h.state[c, 0]), int(h.state[c, 1]), int(h.state[c, 3]))
            h.ways[c, 1] = home_way(g, c, int(h.state[c, 1]), int(h.state[c, 3]))
            total += int(h.homes_tried[c] - h.homes[c])
            ways += int(h.ways[c, 1] - h.ways[c, 0])
    h.tally[6] = worst_late(g, h) if g.weights[2] > 0 else 0
    h.tally[9], h.tally[11] = ways, left_out
    return int(h.tally[4] + total + int(g.weights[2]) * (h.tally[6] - h.tally[7]))


@compiled
def follow_way(g: Given, h: Held, v: int, r: int, c: int) -> int:
    """By how much going to role `r` of `v` costs more than before; the caregiver is then there."""
    growth = going(g, v, r, c, int(h.state[c, 5])) - int(h.now[v, r, 8])
    h.state[c, 5], h.state[c, 6] = g.place[v], 1
    return growth


@compiled
def home_growth(g: Given, h: Held) -> int:
    """By how much the ways home cost more, for changed caregivers without a stop past the changes."""
    growth = 0
    for k in range(h.pinned[g.first.shape[0]]):
        c = h.pinned[k]
        if h.state[c, 7] == 0:
            growth += home_way(g, c, int(h.state[c, 5]), int(h.state[c, 6])) - int(h.ways[c, 0])
    return growth


@compiled
def least_growth(g: Given, h: Held) -> int:
    """By how much the price must grow at least after the noted changes, `pick_up` done.

    Follows only the changed caregivers' ways, each to its first stop past the changes; all lateness and
    overtime there is might go. With visits left out nothing can be said: -(1 << 60).
    """
    if h.tally[10] > 0:
        return -(1 << 60)
    last, m = int(h.tally[2]), g.first.shape[0]
    open_, growth = int(h.pinned[m]), 0
    for k in range(h.pinned[m]):
        c = h.pinned[k]
        h.state[c, 5], h.state[c, 6], h.state[c, 7] = h.state[c, 1], h.state[c, 3], 0
    for i in range(int(h.tally[1]), h.order.shape[0]):
        if open_ == 0:
            break
        v = int(h.order[i])
        for r in range(g.n_roles[v]):
            c = int(h.carer[v, r])
            if g.fixed[v, r] >= 0 or (c >= 0 and (h.state[c, 4] == 0 or h.state[c, 7] == 1)):
                continue
            if c < 0:
                return -(1 << 60)
            growth += follow_way(g, h, v, r, c)
            if i > last:
                h.state[c, 7] = 1
                open_ -= 1
    growth += home_growth(g, h)
    return int(growth - (h.tally[4] - h.tally[8]))
