"""Putting visits back into the city plan, compiled: one caregiver or a crew together, at cheapest gaps."""

from __future__ import annotations

from dispatcher.compiled import compiled, inner
from dispatcher.planning.city_arrays import (
    CALM,
    CAPACITY,
    CARER,
    CARRIED,
    DEAR,
    DUE,
    DUR,
    FETCH,
    FIRST,
    FIXED,
    HANDS,
    INSIDE,
    KIND,
    KITCHEN,
    LAST,
    LATE,
    LATEST,
    LOAD,
    NEVER,
    NEXT,
    PREV,
    READY,
    START,
    TAKEN,
    City,
)
from dispatcher.planning.city_gaps import draw, later_price, push_price
from dispatcher.planning.city_held import DEARER, GAPS, OUT, STEP, VISITS, Held
from dispatcher.planning.city_meals import search
from dispatcher.planning.city_route import join, keep_listed, leave, link, part, retime, touch
from dispatcher.planning.city_same import choose_same
from dispatcher.planning.city_ways import (
    extra,
    from_kitchen_s,
    last_s,
    leg_s,
    timed_s,
    to_kitchen_s,
    way_s,
)

SWAPS = 2
"""One step of so many tries visits that fit nowhere in the places of others."""


@compiled
def list_out(h: Held, v: int, out: bool) -> None:
    """Keep the list of visits in no route."""
    keep_listed(h.out, h.tally, OUT, v, out)


@compiled
def note_moved(g: City, h: Held, v: int) -> None:
    """Write down, once a step, that visit `v` is touched, and whether it was placed."""
    if h.is_moved[v] == h.tally[STEP]:
        return
    h.is_moved[v] = h.tally[STEP]
    i = h.tally[VISITS]
    h.moved[i, 0] = v
    h.moved[i, 1] = 1 if h.now[g.visit[v, FIRST], CARER] >= 0 else 0
    h.tally[VISITS] = i + 1


@inner
def take_out(g: City, h: Held, v: int) -> None:
    """Take all of a visit's nodes out of their routes, which are to be timed anew."""
    note_moved(g, h, v)
    for k in range(g.visit[v, FIRST], g.visit[v, FIRST] + g.visit[v, HANDS]):
        touch(g, h, int(h.now[k, CARER]))
        leave(g, h, k)
    h.tally[DEARER] += int(g.visit[v, DEAR])
    list_out(h, v, True)


@inner
def team_price(g: City, h: Held, first: int, hands: int, i: int, j: int, t: int) -> int:
    """Price of a crew in these gaps of its roles, its starts in `found[:, 0]`; NEVER if they cannot agree."""
    at = (i, j, t)
    begin, price = int(h.gaps[0, i, 1]), 0
    for r in range(1, hands):
        for q in range(r):
            if h.gaps[r, at[r], 4] == h.gaps[q, at[q], 4]:
                return NEVER
        begin = max(begin, int(h.gaps[r, at[r], 1] - g.apart[first + r, 1]))
    for r in range(hands):
        start = begin
        if r > 0:
            start = max(begin + int(g.apart[first + r, 0]), int(h.gaps[r, at[r], 1]))
            if start > begin + g.apart[first + r, 1]:
                return NEVER
        if start > h.gaps[r, at[r], 2]:
            return NEVER
        h.found[r, 2] = start
        price += int(h.gaps[r, at[r], 0]) + later_price(g, h, first + r, r, at[r], start)
    return price


@inner
def choose_team(g: City, h: Held, first: int, hands: int, kept: tuple[int, int, int]) -> int:
    """The cheapest agreeing gaps of all roles: starts, nodes before and caregivers in `found`; the price."""
    best = NEVER
    least1, least2 = int(h.gaps[1, 0, 0]), 0 if hands < 3 else int(h.gaps[2, 0, 0])
    for i in range(kept[0]):
        own = int(h.gaps[0, i, 0])
        if own + least1 + least2 >= best:
            break
        for j in range(kept[1]):
            both = own + int(h.gaps[1, j, 0])
            if both + least2 >= best:
                break
            for t in range(kept[2]):
                if hands > 2 and both + h.gaps[2, t, 0] >= best:
                    break
                price = team_price(g, h, first, hands, i, j, t)
                if price < best:
                    best = price
                    h.team[0] = i
                    h.team[1] = j
                    h.team[2] = t
                    for r in range(hands):
                        h.team[3 + r] = h.found[r, 2]
    return best


@inner
def find_place(g: City, h: Held, v: int) -> int:
    """The cheapest place for a visit, as gaps by number in `team[:3]` and starts in `team[3:]`; its price."""
    first, hands = int(g.visit[v, FIRST]), int(g.visit[v, HANDS])
    if hands == 0:
        return NEVER
    if hands == 1:
        if search(g, h, first, 0, 1, -1) == 0:
            return NEVER
        h.team[0] = 0
        h.team[3] = -1
        return int(h.gaps[0, 0, 0])
    one, two, three, price = search(g, h, first, 0, GAPS, -1), 0, 1, NEVER
    if one > 0:
        two = search(g, h, first + 1, 1, GAPS, -1)
    if two > 0 and hands > 2:
        three = search(g, h, first + 2, 2, GAPS, -1)
    if one > 0 and two > 0 and three > 0:
        price = choose_team(g, h, first, hands, (one, two, three))
    if one > 0 and hands == 2 and g.apart[first, 0] == 1:
        price = choose_same(g, h, first, one, price)
    return price


@inner
def put(g: City, h: Held, v: int) -> bool:
    """Put a visit where `find_place` found it; False, and nothing changed, if that does not hold."""
    first, hands = int(g.visit[v, FIRST]), int(g.visit[v, HANDS])
    note_moved(g, h, v)
    for r in range(hands):
        touch(g, h, int(h.gaps[r, h.team[r], 4]))
    fits, placed = True, 0
    for r in range(hands):
        k, p, c = first + r, int(h.gaps[r, h.team[r], 3]), int(h.gaps[r, h.team[r], 4])
        if g.meal.shape[0] > 0:
            h.found[r, 0] = h.now[p, INSIDE]
        join(g, h, k, p, c, int(h.gaps[r, h.team[r], 5]) // 2)
        h.now[k, FIXED] = h.team[3 + r]
        placed += 1
        fits = retime(g, h, c)
        if not fits:
            break
    if fits:
        h.tally[DEARER] -= int(g.visit[v, DEAR])
        list_out(h, v, False)
        return True
    for r in range(placed):
        c = int(h.now[first + r, CARER])
        part(g, h, first + r, int(h.gaps[r, h.team[r], 5]) // 2, int(h.found[r, 0]))
        retime(g, h, c)
    return False


@inner
def put_back(g: City, h: Held, v: int, generous: bool) -> bool:
    """Put a visit in its cheapest place, if there is one; unless `generous`, cheaper than leaving it out."""
    price = find_place(g, h, v)
    return price < NEVER and (generous or price < g.visit[v, DEAR]) and put(g, h, v)


@inner
def in_round(g: City, h: Held, k: int, j: int) -> bool:
    """Whether nodes `k` and `j` are not to be exchanged: meals, or a round begins just behind `j`."""
    if g.meal.shape[0] == 0:
        return False
    meals = g.meal[k, KITCHEN] >= 0 or g.meal[j, KITCHEN] >= 0
    return bool(meals or h.now[h.now[j, NEXT], FETCH] == 1)


@inner
def price_instead(g: City, h: Held, k: int, u: int) -> int:
    """What node `k` costs in the place of visit `u`, which is left out for it; NEVER if it cannot."""
    j = int(g.visit[u, FIRST])
    c = int(h.now[j, CARER])
    if g.visit[u, HANDS] != 1 or c < 0 or not g.fit[g.node[k, KIND], c] or in_round(g, h, k, j):
        return NEVER
    p, q, dur = int(h.now[j, PREV]), int(h.now[j, NEXT]), int(g.node[k, DUR])
    more = int(g.node[k, LOAD] - g.node[j, LOAD])
    if more > g.carer[c, CAPACITY] - h.route[c, CARRIED] or h.now[p, TAKEN] != h.now[q, TAKEN]:
        return NEVER
    there, on = way_s(g, c, p, k), way_s(g, c, k, q)
    price = g.travel_price * (there + on - way_s(g, c, p, j) - way_s(g, c, j, q)) + int(g.visit[u, DEAR])
    there, on = timed_s(g, c, there, p, k), timed_s(g, c, on, k, q)
    low = max(int(h.now[p, START] + g.node[p, DUR]) + there, int(g.node[k, READY]))
    if low > min(last_s(g, c, k), int(h.now[q, LATEST]) - on - dur):
        return NEVER
    price += extra(g, k, c) + int(g.node[k, LATE]) * max(0, low - int(g.node[k, DUE]))
    price -= extra(g, j, c) + int(g.node[j, LATE]) * max(0, int(h.now[j, START] - g.node[j, DUE]))
    if low + dur + on > h.now[q, CALM]:
        price += push_price(g, h, c, q, low + dur + on)
    return price


@inner
def put_instead(g: City, h: Held, v: int, allowed: float) -> None:
    """Put a visit that fits nowhere in the place of another near it, if that adds no more than `allowed`.

    The other is put elsewhere if it is worth its way there, else left out.
    """
    u, least = -1, int(g.visit[v, DEAR] + allowed)
    for i in range(g.near.shape[1] if g.visit[v, HANDS] == 1 else 0):
        price = price_instead(g, h, int(g.visit[v, FIRST]), int(g.near[v, i]))
        if price < least:
            u, least = int(g.near[v, i]), price
    if u < 0:
        return
    k, j = int(g.visit[v, FIRST]), int(g.visit[u, FIRST])
    c, p = int(h.now[j, CARER]), int(h.now[j, PREV])
    take_out(g, h, u)
    note_moved(g, h, v)
    link(h, k, p, c)
    if retime(g, h, c):
        h.tally[DEARER] -= int(g.visit[v, DEAR])
        list_out(h, v, False)
        put_back(g, h, u, False)
        return
    leave(g, h, k)
    link(h, j, p, c)
    retime(g, h, c)
    h.tally[DEARER] -= int(g.visit[u, DEAR])
    list_out(h, u, False)


@inner
def key_of(g: City, h: Held, v: int, rule: int, seed: int) -> int:
    """By what a visit is put back sooner or later: the lower, the sooner."""
    k = int(g.visit[v, FIRST])
    if rule < 4:
        return draw(h, 1 << 30)
    if rule < 8:
        return -int(g.node[k, DUR] * g.visit[v, HANDS])
    if rule < 10:
        return -way_s(g, 0, k, seed)
    if rule < 11:
        return way_s(g, 0, k, seed)
    if rule < 13:
        return int(min(g.node[k, LAST], g.node[k, DUE]) - g.node[k, READY])
    if rule < 15:
        return int(g.node[k, READY])
    if rule < 17:
        return -int(min(g.node[k, LAST], g.node[k, DUE]))
    return -int(g.visit[v, DEAR])


@inner
def recreate(g: City, h: Held, seed: int, generous: bool, count: int, allowed: float) -> None:
    """Put the first `count` visits touched in this step back, in an order drawn from eight (see `key_of`)."""
    rule = draw(h, 19)
    swaps = not generous and draw(h, SWAPS) == 0
    for i in range(count):
        v = int(h.moved[i, 0])
        key = key_of(g, h, v, rule, seed)
        j = i
        while j > 0 and h.order[j - 1, 1] > key:
            h.order[j, 0] = h.order[j - 1, 0]
            h.order[j, 1] = h.order[j - 1, 1]
            j -= 1
        h.order[j, 0] = v
        h.order[j, 1] = key
    for i in range(count):
        v = int(h.order[i, 0])
        if h.out[v, 1] >= 0 and not put_back(g, h, v, generous) and swaps:
            put_instead(g, h, v, allowed)


@inner
def shed(g: City, h: Held) -> None:
    """Take those of the step's visits out again that are not worth their way now that all stand."""
    for i in range(h.tally[VISITS]):
        v = int(h.moved[i, 0])
        k = g.visit[v, FIRST]
        c = int(h.now[k, CARER])
        if c < 0 or g.visit[v, HANDS] > 1:
            continue
        p, q = h.now[k, PREV], h.now[k, NEXT]
        way = leg_s(g, h, c, p, k) + leg_s(g, h, c, k, q) - way_without_s(g, h, c, p, k)
        if g.travel_price * way > g.visit[v, DEAR]:
            take_out(g, h, v)


@inner
def way_without_s(g: City, h: Held, c: int, p: int, k: int) -> int:
    """The way from node `p` on if node `k` behind it were not there: its round would begin with the next."""
    q = int(h.now[k, NEXT])
    if g.meal.shape[0] > 0 and h.now[k, FETCH] == 1 and g.meal[q, KITCHEN] >= 0:
        return to_kitchen_s(g, c, p, q) + from_kitchen_s(g, c, q)
    return leg_s(g, h, c, p, q)
