"""The earliest times of one caregiver's route, compiled: for routes taken out of their plan."""

from __future__ import annotations

from dispatcher.compiled import compiled
from dispatcher.planning.ruin_arrays import Given, Ints
from dispatcher.planning.ruin_decode import gets_home, reach_s, way_s


@compiled
def breaks_before(g: Given, c: int, free: int, way: int, taken: int, low: int, care: int) -> int:
    """How many breaks cannot wait until a stop begun from `low` on is over; -1 if they do not fit."""
    more = 0
    while True:
        reach = reach_s(g, c, free, way, taken, more)
        if reach < 0:
            return -1
        if taken + more >= g.n_breaks[c] or max(reach, low) + care <= g.breaks[c, taken + more, 1]:
            return more
        more += 1


@compiled
def retime_route(g: Given, c: int, stops: Ints, times: Ints) -> bool:
    """Write into `times[:, 2]` the earliest starts of `stops` (visit, role) within `times[:, :2]`.

    False, with `times` unfinished, if the route breaks a window, a break or the shift. Frozen stops are not
    among `stops`: the caregiver begins where they end.
    """
    free, place, taken = int(g.first[c, 0]), int(g.first[c, 1]), 0
    for k in range(stops.shape[0]):
        v, r = stops[k, 0], stops[k, 1]
        care, low = int(g.dur[v, r]), int(times[k, 0])
        way = way_s(g, c, place, int(g.place[v]))
        more = breaks_before(g, c, free, way, taken, low, care)
        if more < 0:
            return False
        start = max(reach_s(g, c, free, way, taken, more), low)
        if start > times[k, 1]:
            return False
        while taken + more < g.n_breaks[c]:
            reach = reach_s(g, c, free, way, taken, more + 1)
            if reach < 0 or reach > start:
                break
            more += 1
        times[k, 2] = start
        free, place, taken = start + care, int(g.place[v]), taken + more
    return gets_home(g, c, free, place, taken)
