"""What a change makes of the plan, compiled: only caregivers off their old times are followed.

The walk through the order ends when every caregiver is back on the times it had before.
"""

from __future__ import annotations

from dispatcher.compiled import compiled, inlined
from dispatcher.planning.ruin_arrays import NEVER, Given, Held
from dispatcher.planning.ruin_decode import going, home_price, home_way, set_down
from dispatcher.planning.ruin_links import regain


@compiled
def same_after(h: Held, v: int, r: int) -> bool:
    """Whether the caregiver of this role leaves the visit as it did before the change."""
    free, place = h.tried[v, r, 4] == h.now[v, r, 4], h.tried[v, r, 5] == h.now[v, r, 5]
    return bool(free and place and h.tried[v, r, 6] == h.now[v, r, 6])


@compiled
def pick_up(g: Given, h: Held) -> None:
    """Bring the state of every changed caregiver to just before the first change."""
    m, deep = g.first.shape[0], g.due.shape[1]
    first, last = h.tally[1], h.tally[2]
    for k in range(h.pinned[m]):
        c = h.pinned[k]
        halt, past = h.tail[c], -1
        while halt >= 0 and h.pos[halt // deep] > last:
            past, halt = halt, h.before[halt]
        while halt >= 0 and h.pos[halt // deep] >= first:
            halt = h.before[halt]
        h.state[c, 7], h.state[c, 8] = halt, past
        if halt < 0:
            for j in range(4):
                h.state[c, j] = g.first[c, j]
        else:
            for j in range(3):
                h.state[c, j] = h.now[halt // deep, halt % deep, 4 + j]
            h.state[c, 3] = 1


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
    set_down(g, h, v)
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
def worst_late(g: Given, h: Held, first: int, worst: int) -> int:
    """The latest beginning; the latest of the touched visits (marked 2 and above) is `worst`."""
    if worst >= h.tally[7] or h.mark[h.tally[14]] < 2:
        return max(worst, int(h.tally[7]))
    for i in range(first, h.order.shape[0]):
        v = h.order[i]
        if h.mark[v] < 2:
            worst = max(worst, int(h.worth[v, 1]))
    return max(worst, int(h.worst_to[first]))


@compiled
def ends(g: Given, h: Held) -> int:
    """By how much the ends of the days cost more, for caregivers off their old times."""
    grown = 0
    for c in range(g.first.shape[0]):
        if h.state[c, 4] != 0:
            free, place, used = int(h.state[c, 0]), int(h.state[c, 1]), int(h.state[c, 3])
            h.homes_tried[c] = home_price(g, c, free, place, used)
            h.ways[c, 1] = home_way(g, c, place, used)
            way = h.ways[c, 1] - h.ways[c, 0]
            grown += h.homes_tried[c] - h.homes[c]
            h.tally[9] += way
            h.tally[13] += h.homes_tried[c] - h.homes[c] - way
    return int(grown)


@inlined
def account(g: Given, h: Held, v: int) -> None:
    """Add what was tried for visit `v` to the sums of the change."""
    ways, was = 0, 0
    for r in range(g.n_roles[v]):
        ways += h.tried[v, r, 8]
        was += h.now[v, r, 8]
    h.tally[9] += ways - was
    h.tally[11] += h.worth[v, 2] - h.worth_tried[v, 2]
    h.tally[15] += h.worth_tried[v, 0] - h.worth[v, 0]
    h.tally[16] += (h.worth_tried[v, 0] - ways) * h.worth_tried[v, 2]
    h.tally[17] += (h.worth[v, 0] - was) * h.worth[v, 2]
    h.tally[6] = max(h.tally[6], h.worth_tried[v, 1])
    h.mark[v] += 2
    h.touched[h.tally[3]] = v
    h.tally[3] += 1


@inlined
def least_late(g: Given, h: Held, i: int) -> int:
    """By how much lateness must grow, with the price of the worst, when it is known up to position `i`."""
    first, n = h.tally[1], h.order.shape[0]
    rest = h.late_to[n] - h.late_to[first] - h.tally[17]
    if i > h.tally[2]:
        rest = min(rest, h.late_to[n] - h.late_to[i + 1])
    return int(h.tally[16] - h.tally[17] - rest + g.weights[2] * max(h.tally[6], h.worst_to[first]))


@compiled
def retime(g: Given, h: Held, grown: int, allowed: float) -> int:
    """Price of the plan after the noted changes, `pick_up` done; what differs is left as tried.

    Gives up, and returns NEVER, once lateness and the ways' growth `grown` show that the price must grow by
    more than `allowed`; a visit that would have to be left out is taken to cost more than its ways.
    """
    last, off = int(h.tally[2]), int(h.pinned[g.first.shape[0]])
    for k in (3, 6, 9, 11, 13, 15, 16, 17):
        h.tally[k] = 0
    limit = allowed - grown + h.tally[12] + g.weights[2] * h.tally[7]
    for i in range(h.tally[1], h.order.shape[0]):
        if off == 0 and i > last:
            break
        v = h.order[i]
        if h.mark[v] == 0 and not concerns(g, h, v):
            continue
        off += step_over(g, h, v, i > last)
        account(g, h, v)
        if grown > -NEVER and least_late(g, h, i) > limit:
            return NEVER
    h.tally[15] += ends(g, h)
    if g.weights[2] > 0:
        h.tally[6] = worst_late(g, h, int(h.tally[1]), int(h.tally[6]))
        h.tally[15] += g.weights[2] * (h.tally[6] - h.tally[7])
    else:
        h.tally[6] = 0
    return int(h.tally[4] + h.tally[15])


@compiled
def follow_way(g: Given, h: Held, v: int, r: int, c: int) -> int:
    """By how much going to role `r` of `v` costs more than before; the caregiver is then there."""
    growth = going(g, v, r, c, int(h.state[c, 5])) - int(h.now[v, r, 8])
    h.state[c, 5], h.state[c, 6] = g.place[v], 1
    return growth


@compiled
def ways_growth(g: Given, h: Held) -> int:
    """By how much all ways grow after the noted changes, `pick_up` done; -NEVER if a visit is left out.

    Follows only the changed caregivers' ways, each to its first halt past the changes.
    """
    if h.tally[10] > 0:
        return -NEVER
    m, deep, growth = g.first.shape[0], g.due.shape[1], 0
    for k in range(h.pinned[m]):
        c = h.pinned[k]
        h.state[c, 5], h.state[c, 6] = h.state[c, 1], h.state[c, 3]
    for i in range(h.tally[1], h.tally[2] + 1):
        v = h.order[i]
        for r in range(g.n_roles[v]):
            c = h.carer[v, r]
            if g.fixed[v, r] >= 0 or (c >= 0 and h.state[c, 4] == 0):
                continue
            if c < 0:
                return -NEVER
            growth += follow_way(g, h, v, r, c)
    for k in range(h.pinned[m]):
        c = h.pinned[k]
        past = int(h.state[c, 8])
        if past >= 0:
            growth += follow_way(g, h, past // deep, past % deep, c)
        else:
            growth += home_way(g, c, int(h.state[c, 5]), int(h.state[c, 6])) - int(h.ways[c, 0])
    return int(growth)


@compiled
def least_growth(g: Given, h: Held, grown: int) -> int:
    """By how much the price must grow at least when the ways grow by `grown`; -NEVER if nothing is known."""
    return grown if grown <= -NEVER else grown - regain(g, h, int(h.tally[1]))
