"""Which halt follows which on each route, and lateness up to each position, compiled: kept with the plan.

A halt is one role of one visit, v * R + r. Visits left out are not on any route.
"""

from __future__ import annotations

from dispatcher.compiled import compiled
from dispatcher.planning.ruin_arrays import Given, Held


@compiled
def join(h: Held, one: int, other: int) -> None:
    """Let halt `other` follow halt `one`; -1 for none."""
    if one >= 0:
        h.after[one] = other
    if other >= 0:
        h.before[other] = one


@compiled
def relink_all(g: Given, h: Held) -> None:
    """Find every route anew."""
    deep = g.due.shape[1]
    for c in range(g.first.shape[0]):
        h.tail[c] = -1
    for i in range(h.order.shape[0]):
        v = h.order[i]
        for r in range(g.n_roles[v]):
            c = h.carer[v, r]
            h.before[v * deep + r] = h.after[v * deep + r] = -1
            if c >= 0 and g.fixed[v, r] < 0 and h.worth[v, 2] == 1:
                join(h, int(h.tail[c]), v * deep + r)
                h.tail[c] = v * deep + r


@compiled
def relink(g: Given, h: Held) -> None:
    """Find the changed caregivers' routes anew between the first and the last change, none left out."""
    deep, m = g.due.shape[1], g.first.shape[0]
    for k in range(h.pinned[m]):
        c = h.pinned[k]
        h.state[c, 5], h.state[c, 6] = h.state[c, 7], -2
    for i in range(h.tally[1], h.tally[2] + 1):
        v = h.order[i]
        for r in range(g.n_roles[v]):
            c = h.carer[v, r]
            if g.fixed[v, r] < 0 and h.state[c, 6] == -2:
                join(h, int(h.state[c, 5]), v * deep + r)
                h.state[c, 5] = v * deep + r
    for k in range(h.pinned[m]):
        c = h.pinned[k]
        h.state[c, 6] = 0
        join(h, int(h.state[c, 5]), int(h.state[c, 8]))
        if h.state[c, 8] < 0:
            h.tail[c] = h.state[c, 5]


@compiled
def add_up(g: Given, h: Held, first: int, last: int) -> None:
    """Lateness up to each position, where positions from `first` to `last` have changed."""
    for i in range(first, h.order.shape[0]):
        v = h.order[i]
        late = h.worth[v, 0] if h.worth[v, 2] == 1 else 0
        for r in range(g.n_roles[v]):
            late -= h.now[v, r, 8]
        late, worst = h.late_to[i] + late, max(h.worst_to[i], h.worth[v, 1])
        if i > last and h.late_to[i + 1] == late and h.worst_to[i + 1] == worst:
            return
        h.late_to[i + 1], h.worst_to[i + 1] = late, worst


@compiled
def find_worst(h: Held) -> None:
    """Find a visit as late as the worst."""
    if h.worth[h.tally[14], 1] == h.tally[7]:
        return
    i = h.order.shape[0] - 1
    while i > 0 and h.worst_to[i] == h.tally[7]:
        i -= 1
    h.tally[14] = h.order[i]


@compiled
def slides(g: Given, h: Held, v: int, to: int) -> bool:
    """Whether `v` can move to position `to` without passing a halt of its own caregivers."""
    if h.tally[10] > 0:
        return False
    at, deep = int(h.pos[v]), g.due.shape[1]
    for r in range(g.n_roles[v]):
        if g.fixed[v, r] < 0:
            halt = int(h.after[v * deep + r] if to > at else h.before[v * deep + r])
            if halt >= 0 and min(at, to) <= h.pos[halt // deep] <= max(at, to):
                return False
    return True


@compiled
def regain(g: Given, h: Held, first: int) -> int:
    """The most the price can fall, ways aside, by changes from position `first` on."""
    n = h.order.shape[0]
    late = h.late_to[n] - h.late_to[first]
    return int(late + h.tally[12] + g.weights[2] * (h.tally[7] - h.worst_to[first]))
