"""Ruin and recreate over the whole city, compiled (Christiaens and Vanden Berghe 2020), annealed by steps.

Strings of neighbouring routes are taken out, a crew always together, and put back at the cheapest gaps. What
a step costs does not depend on the size of the city: only touched routes are timed, priced and undone.
"""

from __future__ import annotations

import math

from dispatcher.compiled import compiled, inner
from dispatcher.planning.city_arrays import (
    CARER,
    FIRST,
    FIXED,
    HANDS,
    LEFT,
    NEXT,
    PREV,
    PRICE,
    START,
    STOPS,
    VISIT,
    City,
    Ints,
)
from dispatcher.planning.city_gaps import draw
from dispatcher.planning.city_held import (
    BEST,
    CURRENT,
    DEARER,
    DIRTY,
    EMPTY,
    KEPT,
    LOST,
    OUT,
    ROUTES,
    SPOT,
    STEP,
    UNDO,
    VISITS,
    Held,
)
from dispatcher.planning.city_open import open_route
from dispatcher.planning.city_recreate import list_out, note_moved, put_back, recreate, shed, take_out
from dispatcher.planning.city_route import list_empty, retime

REMOVED = 10
"""Nodes taken out on average."""
STRING = 10
"""The longest string."""
OUTSIDERS = 4
"""One seed of so many is a visit that is left out, while there is any."""
STAY = 64
"""Steps in one patch of a city: what they read is in the processor's caches after the first few."""
LEFT_OUT = 6
"""Visits left out near the seed that are tried again with those taken out."""
MODES = 12
GENEROUS, OPENING, CLOSING = 2, 4, 5
"""Of so many steps, those below the first put visits back at any price, and up to eight times as many that
were left out: the first visit of a route alone is never worth its way. Where as many visits are left out as
would make a route, those below the second open one, those below the third take the seed's whole route out."""


@inner
def take_string(g: City, h: Held, k: int, c: int, most: int) -> None:
    """Take out a string of `c`'s stops around node `k`, half the time with one stop left inside it.

    With `most` at 0 all its stops.
    """
    n = g.node.shape[0] - 2 * g.carer.shape[0]
    stops = int(h.route[c, STOPS])
    length = 1 + draw(h, min(stops, most)) if most > 0 else stops
    whole = length + 1 if length < stops and length > 1 and draw(h, 2) == 0 else length
    back, ahead, at = 0, 0, k
    while back < whole - 1 and h.now[at, PREV] < n:
        at = h.now[at, PREV]
        back += 1
    q = k
    while ahead < whole - 1 and h.now[q, NEXT] < n:
        q = h.now[q, NEXT]
        ahead += 1
    low = max(0, whole - 1 - ahead)
    for _ in range(back - low - draw(h, back - low + 1)):
        at = h.now[at, NEXT]
    spare = 1 + draw(h, whole - 2) if whole > length else -1
    for i in range(whole):
        v, q = int(g.node[at, VISIT]), int(h.now[at, NEXT])
        while q < n and g.node[q, VISIT] == v:
            q = int(h.now[q, NEXT])
        if i != spare:
            take_out(g, h, v)
        if q >= n:
            return
        at = q


@inner
def draw_seed(g: City, h: Held) -> int:
    """A visit of the patch worked on, which is drawn anew now and then; what is left out more often."""
    visits = g.visit.shape[0]
    if h.tally[STEP] % STAY == 0:
        h.tally[SPOT] = draw(h, visits)
    spot, at = int(h.tally[SPOT]), draw(h, g.patch)
    if h.tally[OUT] > 0 and draw(h, OUTSIDERS) == 0:
        if g.patch == visits:
            return int(h.out[draw(h, int(h.tally[OUT])), 0])
        for i in range(g.patch):
            seed = int((spot + (at + i) % g.patch) % visits)
            if h.out[seed, 1] >= 0:
                return seed
    return int((spot + at) % visits)


@inner
def ruin(g: City, h: Held, most_out: int, closing: bool) -> int:
    """Take strings out around a seed visit, and note some left out nearby; the seed's first node.

    When `closing`, the first string is a whole route.
    """
    m, visits = g.carer.shape[0], g.visit.shape[0]
    seed = draw_seed(g, h)
    placed, used = visits - int(h.tally[OUT]), max(1, m - int(h.tally[EMPTY]))
    most = max(1, min(STRING, placed // used))
    strings = 1 + draw(h, max(1, int(4 * REMOVED / (1 + most)) - 1))
    done, outside = 0, 0
    for i in range(-1, g.near.shape[1]):
        v = seed if i < 0 else int(g.near[seed, i])
        hands = int(g.visit[v, HANDS])
        if hands == 0:
            continue
        k = int(g.visit[v, FIRST]) + draw(h, hands)
        c = int(h.now[k, CARER])
        if c < 0:
            if h.is_moved[v] != h.tally[STEP] and outside < most_out:
                note_moved(g, h, v)
                outside += 1
        elif h.touched[c] != h.tally[STEP]:
            take_string(g, h, k, c, 0 if closing and done == 0 else most)
            done += 1
        if done >= strings:
            break
    return int(g.visit[seed, FIRST])


@inner
def restore(g: City, h: Held) -> None:
    """Take the step back."""
    for i in range(h.tally[VISITS]):
        v, was = int(h.moved[i, 0]), h.moved[i, 1] == 1
        first = g.visit[v, FIRST]
        is_placed = h.now[first, CARER] >= 0
        if is_placed and not was:
            for k in range(first, first + g.visit[v, HANDS]):
                h.now[k, CARER] = -1
                h.now[k, FIXED] = -1
        if is_placed != was:
            list_out(h, v, not was)
    for i in range(h.tally[UNDO]):
        k = h.undo[i, 0]
        for j in range(8):
            h.now[k, j] = h.undo[i, 1 + j]
        for j in range(8, 8 if g.meal.shape[0] == 0 else 12):
            h.now[k, j] = h.undo[i, 1 + j]
    for i in range(h.tally[ROUTES]):
        c = int(h.undo_route[i, 0])
        for j in range(4):
            h.route[c, j] = h.undo_route[i, 1 + j]
        list_empty(h, c)


@inner
def growth(h: Held) -> int:
    """By how much the step made the plan dearer."""
    more = int(h.tally[DEARER])
    for i in range(h.tally[ROUTES]):
        more += int(h.route[h.undo_route[i, 0], PRICE] - h.undo_route[i, 1 + PRICE])
    return more


@inner
def mark(g: City, h: Held) -> None:
    """Note what the kept step changed, for the next time the best plan is written down."""
    for i in range(h.tally[ROUTES]):
        c = h.undo_route[i, 0]
        if h.is_dirty[c] == 0:
            h.is_dirty[c] = 1
            h.dirty[h.tally[DIRTY]] = c
            h.tally[DIRTY] += 1
    for i in range(h.tally[VISITS]):
        v = h.moved[i, 0]
        if h.is_lost[v] == 0 and h.out[v, 1] >= 0:
            h.is_lost[v] = 1
            h.lost[h.tally[LOST]] = v
            h.tally[LOST] += 1


@compiled
def remember(g: City, h: Held) -> None:
    """The plan as it stands is the best met: write down what changed since the last."""
    n = g.node.shape[0] - 2 * g.carer.shape[0]
    for i in range(h.tally[LOST]):
        v = h.lost[i]
        h.is_lost[v] = 0
        for k in range(g.visit[v, FIRST], g.visit[v, FIRST] + g.visit[v, HANDS]):
            h.best[k, 1] = -1
    for i in range(h.tally[DIRTY]):
        c = h.dirty[i]
        h.is_dirty[c] = 0
        k = n + c
        h.best[k, 0] = h.now[k, NEXT]
        k = h.now[k, NEXT]
        while k < n:
            h.best[k, 0] = h.now[k, NEXT]
            h.best[k, 1] = c
            h.best[k, 2] = h.now[k, START]
            h.best[k, 3] = h.now[k, FIXED]
            if g.meal.shape[0] > 0:
                h.best[k, 4] = h.now[k, LEFT]
            k = h.now[k, NEXT]
    h.tally[LOST] = 0
    h.tally[DIRTY] = 0
    h.tally[BEST] = h.tally[CURRENT]


@compiled
def begin_step(h: Held) -> None:
    """Nothing is touched yet."""
    h.tally[STEP] += 1
    h.tally[UNDO] = 0
    h.tally[ROUTES] = 0
    h.tally[VISITS] = 0
    h.tally[DEARER] = 0


@inner
def times_hold(g: City, h: Held) -> bool:
    """Time every touched route anew; False where one cannot be kept even with fewer stops."""
    hold = True
    for i in range(h.tally[ROUTES]):
        hold = hold and retime(g, h, int(h.undo_route[i, 0]))
    return hold


@compiled
def settle(g: City, h: Held) -> None:
    """Keep the step."""
    h.tally[CURRENT] += growth(h)
    h.tally[KEPT] += 1
    mark(g, h)


@inner
def try_step(g: City, h: Held, allowed: float) -> bool:
    """Ruin and recreate at one spot; False if routes were touched that cannot be kept."""
    mode = draw(h, MODES)
    generous, used = mode < GENEROUS, g.carer.shape[0] - int(h.tally[EMPTY])
    enough = int(h.tally[OUT]) * (used + 1) > g.visit.shape[0]
    opening = enough and GENEROUS <= mode < OPENING
    closing = enough and OPENING <= mode < CLOSING
    seed = ruin(g, h, LEFT_OUT << draw(h, 4) if generous else LEFT_OUT, closing)
    if not times_hold(g, h):
        return False
    count = int(h.tally[VISITS])
    opened = opening and open_route(g, h, int(g.node[seed, VISIT]))
    recreate(g, h, seed, generous, count, allowed)
    if generous or opened:
        shed(g, h)
        return times_hold(g, h)
    return True


@compiled
def anneal(g: City, h: Held, steps: int, hot: float, cold: float, tilt: float) -> None:
    """Try `steps` steps while the temperature falls from `hot` to `cold` price seconds.

    A step that opens routes may cost `tilt` more for each, times the share of visits that are left out.
    """
    cooling = math.exp(math.log(cold / hot) / max(1, steps))
    heat = hot
    for _ in range(steps):
        heat *= cooling
        begin_step(h)
        empty = int(h.tally[EMPTY])
        allowed = -heat * math.log((draw(h, 1 << 30) + 1.0) / (1 << 30))
        if not try_step(g, h, allowed):
            restore(g, h)
            continue
        opened = (empty - int(h.tally[EMPTY])) * int(h.tally[OUT])
        if growth(h) - tilt * opened / g.visit.shape[0] > allowed:
            restore(g, h)
            continue
        settle(g, h)
        if h.tally[CURRENT] < h.tally[BEST]:
            remember(g, h)


@compiled
def insert_all(g: City, h: Held, order: Ints) -> None:
    """Put visits in one after the other, each in its cheapest gap, as the plan to begin from.

    At any price, since later ones share the way; annealing takes out what stays not worth its own.
    """
    for i in range(len(order)):
        begin_step(h)
        if h.out[order[i], 1] >= 0 and put_back(g, h, int(order[i]), True):
            settle(g, h)
    if h.tally[CURRENT] < h.tally[BEST]:
        remember(g, h)
