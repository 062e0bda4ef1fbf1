"""Opening a route of the city plan with many visits at once, compiled.

Where visits may be left out at small prices, the first visit of a route alone is never worth the way there
and back: only the whole tour shows whether it is.
"""

from __future__ import annotations

from dispatcher.compiled import inner
from dispatcher.planning.city_arrays import DEAR, FIRST, HANDS, KIND, KITCHEN, STOPS, City
from dispatcher.planning.city_gaps import draw
from dispatcher.planning.city_held import DEARER, EMPTY, STEP, Held
from dispatcher.planning.city_meals import search
from dispatcher.planning.city_recreate import list_out, note_moved, put
from dispatcher.planning.city_rounds import FETCHES, RIDES
from dispatcher.planning.city_route import join, leave, retime, touch

WORTH, WORTH_PARTS = 256, 1024
"""A tour takes visits whose way costs less than a share of their price, drawn from a quarter to the whole."""
LEAST_TRIED = 16
"""Visits that are tried in a new tour, or up to sixteen times as many."""


@inner
def empty_route(g: City, h: Held, v: int) -> int:
    """A caregiver without a stop who may take visit `v`, one whose day begins near if any; or -1."""
    kind = int(g.node[g.visit[v, FIRST], KIND])
    for i in range(g.near_carer.shape[1]):
        c = int(g.near_carer[v, i])
        if h.route[c, STOPS] == 0 and g.fit[kind, c]:
            return c
    c = int(h.empty[draw(h, int(h.tally[EMPTY])), 0])
    return c if g.fit[kind, c] else -1


@inner
def open_route(g: City, h: Held, v: int) -> bool:
    """Begin an empty route with a visit that is left out, whatever that costs, and put others near it in."""
    if h.out[v, 1] < 0 or g.visit[v, HANDS] != 1 or h.tally[EMPTY] == 0:
        return False
    k, c = int(g.visit[v, FIRST]), empty_route(g, h, v)
    if c < 0:
        return False
    note_moved(g, h, v)
    touch(g, h, c)
    meal = g.meal.shape[0] > 0 and g.meal[k, KITCHEN] >= 0
    join(g, h, k, g.node.shape[0] - 2 * g.carer.shape[0] + c, c, FETCHES if meal else RIDES)
    if not retime(g, h, c):
        leave(g, h, k)
        retime(g, h, c)
        return False
    h.tally[DEARER] -= int(g.visit[v, DEAR])
    list_out(h, v, False)
    grow(g, h, c, v)
    return True


@inner
def grow(g: City, h: Held, c: int, v: int) -> None:
    """Put visits that are left out into `c`'s route: those near `v`, then those near them, and so on."""
    worth, tries = WORTH + draw(h, WORTH_PARTS - WORTH + 1), LEAST_TRIED << draw(h, 5)
    head, tail = 0, 1
    h.order[0, 0] = v
    while head < tail:
        near = int(h.order[head, 0])
        head += 1
        for i in range(g.near.shape[1]):
            u = int(g.near[near, i])
            if h.out[u, 1] < 0 or h.is_moved[u] == h.tally[STEP] or g.visit[u, HANDS] != 1:
                continue
            if tries == 0:
                return
            tries -= 1
            note_moved(g, h, u)
            if search(g, h, int(g.visit[u, FIRST]), 0, 1, c) == 0:
                continue
            h.team[0] = 0
            h.team[3] = -1
            if h.gaps[0, 0, 0] * WORTH_PARTS < worth * g.visit[u, DEAR] and put(g, h, u):
                h.order[tail, 0] = u
                tail += 1
