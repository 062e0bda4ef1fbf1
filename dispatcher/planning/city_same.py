"""Two legs of one visit by the same caregiver in the city plan, compiled: other stops may be between."""

from __future__ import annotations

from dispatcher.compiled import inner
from dispatcher.planning.city_arrays import (
    DUR,
    FIXED,
    KIND,
    KITCHEN,
    LATEST,
    NEXT,
    PRICE,
    READY,
    START,
    TAKEN,
    City,
)
from dispatcher.planning.city_gaps import rested_gap
from dispatcher.planning.city_held import GAPS, Held
from dispatcher.planning.city_route import as_it_was, backward, forward, link, standing_price, unlink
from dispatcher.planning.city_ways import last_s, leg_s, leg_time_s, timed_s, way_s

TRIED = 16
"""Gaps of the first leg, cheapest first, in whose routes the second is tried."""


@inner
def choose_same(g: City, h: Held, first: int, kept: int, best: int) -> int:
    """The cheapest place for both legs in one route, if cheaper than `best`, told as a crew's; its price.

    `kept`: gaps of the first leg in `gaps[0]`.
    """
    if g.meal.shape[0] > 0 and (g.meal[first, KITCHEN] >= 0 or g.meal[first + 1, KITCHEN] >= 0):
        return best
    tries = 0
    for i in range(kept):
        c = int(h.gaps[0, i, 4])
        if tries == TRIED or not g.fit[g.node[first + 1, KIND], c]:
            continue
        tries += 1
        cost, before = int(h.route[c, PRICE]), standing_price(g, h, c)
        link(h, first, int(h.gaps[0, i, 3]), c)
        h.now[first, FIXED] = h.gaps[0, i, 1]
        if forward(g, h, c):
            backward(g, h, c)
            best = choose_second(g, h, first, i, before, best)
        unlink(h, first)
        as_it_was(g, h, c, cost)
    return best


@inner
def choose_second(g: City, h: Held, first: int, i: int, before: int, best: int) -> int:
    """The cheapest gap for the second leg behind the first, which stands in its gap number `i`.

    The first begins as early as it can, or as late as the second asks.
    """
    c, k, at = int(h.gaps[0, i, 4]), first + 1, first
    n = g.node.shape[0] - 2 * g.carer.shape[0]
    begin, latest = int(h.gaps[0, i, 1]), int(h.gaps[0, i, 2])
    while at < n and (at == first or h.now[at, START] <= latest + g.apart[k, 1]):
        arrival = soonest_behind(g, h, c, at, k)
        start = max(arrival, begin + int(g.apart[k, 0]))
        leaves = max(begin, start - int(g.apart[k, 1]))
        if arrival >= 0 and leaves <= latest and start <= last_s(g, c, k):
            h.now[first, FIXED] = leaves
            link(h, k, at, c)
            h.now[k, FIXED] = start
            if forward(g, h, c) and h.route[c, PRICE] - before < best:
                best = int(h.route[c, PRICE]) - before
                tell(h, i, at, c, leaves, start)
            unlink(h, k)
            h.now[first, FIXED] = begin
            forward(g, h, c)
            backward(g, h, c)
        at = int(h.now[at, NEXT])
    return best


@inner
def tell(h: Held, i: int, at: int, c: int, begin: int, start: int) -> None:
    """Write a place down as a crew's: the first leg in its gap number `i`, the second behind `at`."""
    h.gaps[1, GAPS - 1, 3] = at
    h.gaps[1, GAPS - 1, 4] = c
    h.gaps[1, GAPS - 1, 5] = 0
    h.team[0] = i
    h.team[1] = GAPS - 1
    h.team[3] = begin
    h.team[4] = start


@inner
def soonest_behind(g: City, h: Held, c: int, at: int, k: int) -> int:
    """When node `k` could begin behind node `at`; -1 if it does not fit there."""
    q = int(h.now[at, NEXT])
    there = timed_s(g, c, way_s(g, c, at, k), at, k)
    on = leg_time_s(g, h, c, leg_s(g, h, c, k, q), k, q)
    low = max(int(h.now[at, START] + g.node[at, DUR]) + there, int(g.node[k, READY]))
    high = min(last_s(g, c, k), int(h.now[q, LATEST]) - on - int(g.node[k, DUR]))
    if h.now[at, TAKEN] != h.now[q, TAKEN]:
        low, high = rested_gap(g, h, c, at, k, there, on)
    return low if low <= high else -1
