"""Annealing over the changes of `ruin_moves`, compiled: so many steps from one temperature to another."""

from __future__ import annotations

import math

from dispatcher.compiled import compiled
from dispatcher.planning.ruin_arrays import Given, Held
from dispatcher.planning.ruin_decode import keep_tried
from dispatcher.planning.ruin_links import add_up, find_worst, relink, relink_all
from dispatcher.planning.ruin_moves import change, draw, undo
from dispatcher.planning.ruin_retime import least_growth, pick_up, retime, ways_growth


@compiled
def settle(g: Given, h: Held, keep: bool, price: int) -> None:
    """Keep what was tried, or take it back."""
    for i in range(h.tally[3]):
        v = h.touched[i]
        h.mark[v] = 0
        if keep:
            keep_tried(h, v)
    for c in range(g.first.shape[0]):
        if h.state[c, 4] != 0:
            h.state[c, 4] = 0
            if keep:
                h.homes[c] = h.homes_tried[c]
                h.ways[c, 0] = h.ways[c, 1]
    if keep:
        h.tally[4] = price
        h.tally[7] = h.tally[6]
        h.tally[8] += h.tally[9]
        h.tally[12] += h.tally[13]
        if h.tally[10] == 0 and h.tally[11] == 0:
            relink(g, h)
        else:
            h.tally[10] += h.tally[11]
            relink_all(g, h)
        last = h.pos[h.touched[h.tally[3] - 1]] if h.tally[3] > 0 else 0
        add_up(g, h, int(h.tally[1]), max(int(h.tally[2]), int(last)))
        if g.weights[2] > 0:
            find_worst(h)
    else:
        undo(h)


@compiled
def take_back(g: Given, h: Held) -> None:
    """Take a change back that was only sized up."""
    for k in range(h.pinned[g.first.shape[0]]):
        h.state[h.pinned[k], 4] = 0
    undo(h)


@compiled
def remember(h: Held) -> None:
    """The plan as it stands is the best met."""
    for i in range(h.order.shape[0]):
        v = h.order[i]
        h.best_order[i] = v
        for r in range(h.carer.shape[1]):
            h.best_carer[v, r] = h.carer[v, r]


@compiled
def anneal(g: Given, h: Held, steps: int, hot: float, cold: float) -> int:
    """Try `steps` changes while the temperature falls from `hot` to `cold` price seconds; the best price.

    The best plan met is left in `best_order` and `best_carer`.
    """
    cooling = math.exp(math.log(cold / hot) / max(1, steps))
    heat = hot
    for _ in range(steps):
        heat *= cooling
        allowed = -heat * math.log((draw(h, 1 << 30) + 1.0) / (1 << 30))
        change(g, h, allowed)
        if h.tally[0] == 0:
            continue
        pick_up(g, h)
        grown = ways_growth(g, h)
        if least_growth(g, h, grown) > allowed:
            take_back(g, h)
            continue
        price = retime(g, h, grown, allowed)
        keep = price - int(h.tally[4]) <= allowed
        settle(g, h, keep, price)
        if keep and price < h.tally[5]:
            h.tally[5] = price
            remember(h)
    return int(h.tally[5])
