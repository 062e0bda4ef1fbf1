"""Annealing over the changes of `ruin_moves`, compiled: so many steps from one temperature to another."""

from __future__ import annotations

import math

from dispatcher.planning.compiled import compiled
from dispatcher.planning.ruin_arrays import Given, Held
from dispatcher.planning.ruin_decode import keep_tried, retime
from dispatcher.planning.ruin_moves import change, draw, undo


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
    if keep:
        h.tally[4] = price
        h.tally[7] = h.tally[6]
    else:
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
        change(g, h)
        if h.tally[0] == 0:
            settle(g, h, False, 0)
            continue
        price = retime(g, h)
        grown = price - int(h.tally[4])
        keep = grown <= 0 or -heat * math.log((draw(h, 1 << 30) + 1.0) / (1 << 30)) >= grown
        settle(g, h, keep, price)
        if keep and price < h.tally[5]:
            h.tally[5] = price
            remember(h)
    return int(h.tally[5])
