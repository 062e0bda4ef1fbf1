"""Whether the city engine's arrays say one plan, and the same however it is read."""

from __future__ import annotations

import numpy as np

from dispatcher.planning.city_arrays import CARER, FIRST, HANDS, NEXT, PREV, PRICE, City
from dispatcher.planning.city_held import BEST, CURRENT, OUT, Held
from dispatcher.planning.city_route import forward


def whole(g: City, h: Held) -> None:
    """Links run both ways, prices are those of the routes timed anew, and what is out is in no route."""
    m = len(g.carer)
    n = len(g.node) - 2 * m
    placed = set()
    for c in range(m):
        at = n + c
        while h.now[at, NEXT] != n + m + c:
            k = int(h.now[at, NEXT])
            assert (h.now[k, PREV], h.now[k, CARER]) == (at, c)
            placed.add(k)
            at = k
        before = h.route[c].copy()
        assert forward(g, h, c)
        assert h.route[c].tolist() == before.tolist()
    assert placed == set(np.flatnonzero(h.now[:n, CARER] >= 0).tolist())
    out = {v for v in range(len(g.visit)) if h.now[g.visit[v, FIRST], CARER] < 0 or not g.visit[v, HANDS]}
    assert set(h.out[: h.tally[OUT], 0].tolist()) == out
    assert all(len({bool(h.now[k, CARER] >= 0) for k in _nodes(g, v)}) <= 1 for v in range(len(g.visit)))
    dear = int(sum(g.visit[v, 2] for v in out))
    assert h.tally[CURRENT] == h.route[:, PRICE].sum() + dear
    assert h.tally[BEST] <= h.tally[CURRENT]


def _nodes(g: City, v: int) -> range:
    return range(int(g.visit[v, FIRST]), int(g.visit[v, FIRST] + g.visit[v, HANDS]))
