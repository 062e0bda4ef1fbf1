"""Where a meal fits in the city plan, compiled: with a round, before it, or as one of its own.

Rounds bind all their stops by when they left the kitchen, so that a place is priced by trying it.
"""

from __future__ import annotations

from dispatcher.compiled import inlined, inner
from dispatcher.planning.city_arrays import (
    BONUS,
    CARER,
    FETCH,
    HANDS,
    HEAD,
    INSIDE,
    KITCHEN,
    LAST,
    LATEST,
    NEVER,
    NEXT,
    PRICE,
    START,
    STOPS,
    USED,
    VISIT,
    City,
)
from dispatcher.planning.city_gaps import BLINK, along, candidates, draw, keep_gap, search_gaps
from dispatcher.planning.city_held import Held
from dispatcher.planning.city_rounds import FETCHES, LEADS, RIDES
from dispatcher.planning.city_route import as_it_was, backward, forward, join, part, standing_price
from dispatcher.planning.city_ways import from_kitchen_s, leg_s, to_kitchen_s, way_s


@inlined
def search(g: City, h: Held, k: int, r: int, most: int, only: int) -> int:
    """Fill `gaps[r]` with the cheapest gaps for node `k`, whatever it is: see `search_gaps`."""
    if g.meal.shape[0] > 0 and g.meal[k, KITCHEN] >= 0:
        count = search_rounds(g, h, k, r, most, only)
    else:
        count = search_gaps(g, h, k, r, most, only)
    return count


@inner
def search_rounds(g: City, h: Held, k: int, r: int, most: int, only: int) -> int:
    """The same for a meal, in every way in which it may come into a gap."""
    count, last, bonus = 0, int(g.node[k, LAST]), int(g.visit[g.node[k, VISIT], BONUS])
    for i in range(candidates(g, h, k) if only < 0 else along(g, h, k, only)):
        p = int(h.beside[i])
        c = int(h.now[p, CARER])
        if h.now[p, START] > last or draw(h, BLINK) == 0:
            continue
        for how in range(3):
            if not may_come(g, h, k, p, how):
                continue
            least = g.travel_price * detour_s(g, h, k, p, c, how) + bonus
            if count >= most and least >= h.gaps[r, most - 1, 0]:
                continue
            price = tried(g, h, k, r, p, c, how)
            if price < NEVER and (count < most or price < h.gaps[r, most - 1, 0]):
                low, high = int(h.found[r, 0]), int(h.found[r, 1])
                count = keep_gap(h.gaps, r, min(count, most), price, low, high, p, c, 1 + 2 * how)
    return min(count, most)


@inner
def may_come(g: City, h: Held, k: int, p: int, how: int) -> bool:
    """Whether meal `k` could come behind node `p` in this way, by the kitchens alone."""
    head, q = int(h.now[p, HEAD]), int(h.now[p, NEXT])
    same = bool(head >= 0 and g.meal[head, KITCHEN] == g.meal[k, KITCHEN])
    if how == RIDES:
        return same
    if how == FETCHES:
        return same or int(h.now[p, INSIDE]) == 0
    return bool(h.now[q, FETCH] == 1 and g.meal[q, KITCHEN] == g.meal[k, KITCHEN])


@inner
def detour_s(g: City, h: Held, k: int, p: int, c: int, how: int) -> int:
    """How much longer `c` travels with meal `k` behind node `p`."""
    q = int(h.now[p, NEXT])
    way = way_s(g, c, p, k) if how == RIDES else to_kitchen_s(g, c, p, k) + from_kitchen_s(g, c, k)
    way += way_s(g, c, k, q) if how == LEADS else leg_s(g, h, c, k, q)
    if h.route[c, STOPS] > 0 or g.carer[c, USED] > 0:
        way -= leg_s(g, h, c, p, q)
    return way


@inner
def tried(g: City, h: Held, k: int, r: int, p: int, c: int, how: int) -> int:
    """What meal `k` adds behind node `p` in this way, its first and last start in `found[r]`; or NEVER."""
    inside, kept, price = int(h.now[p, INSIDE]), int(h.route[c, PRICE]), NEVER
    before = standing_price(g, h, c)
    join(g, h, k, p, c, how)
    if forward(g, h, c):
        price = int(h.route[c, PRICE]) - before
        h.found[r, 0] = h.now[k, START]
        if g.visit[g.node[k, VISIT], HANDS] > 1:
            backward(g, h, c)
            h.found[r, 1] = h.now[k, LATEST]
    part(g, h, k, how, inside)
    as_it_was(g, h, c, kept)
    return price
