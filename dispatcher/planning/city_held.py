"""The plan under change, as arrays, with room to take a change back and the best plan met. Memory linear."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dispatcher.planning.city_arrays import (
    CARER,
    CARRIED,
    COOKED,
    DEAR,
    FIXED,
    HEAD,
    KITCHEN,
    LAST,
    LATEST,
    LEFT,
    MOST,
    NEXT,
    PREV,
    READY,
    ROLES,
    START,
    City,
    Ints,
)

GAPS = 48
"""Gaps kept for each role of a crew, cheapest first."""

CURRENT, BEST, OUT, STEP, KEPT, UNDO, ROUTES, VISITS, DEARER, DIRTY, LOST, EMPTY, SEARCH, SPOT = range(14)
"""Places in `Held.tally`: price of the plan, of the best plan; visits left out; number of the step, of steps
kept; in this step rows to undo, routes and visits touched, and what leaving visits out costs more; routes
and visits changed since the best plan; empty routes; number of the search; first visit of the patch
worked on."""


class Held(NamedTuple):
    """The plan. N nodes with the ends of days, m caregivers, V visits."""

    now: Ints
    """[N, 8], or 12 where meals are fetched: see `city_arrays`."""
    route: Ints
    """[m, 4] price, stops, load of all day with the heaviest round, seconds of work."""
    undo: Ints
    """[N, 9 or 13] node and its row of `now` before the step, route after route."""
    undo_route: Ints
    """[m, 5] caregiver and its row of `route` before the step."""
    touched: Ints
    """[m] number of the step that touched the route last."""
    dirty: Ints
    """[m] routes changed since the best plan."""
    is_dirty: Ints
    moved: Ints
    """[V, 2] visits touched in this step, and whether each was placed before it."""
    is_moved: Ints
    """[V] number of the step that moved the visit last."""
    lost: Ints
    """[V] visits that stood in no route at some time since the best plan."""
    is_lost: Ints
    out: Ints
    """[V, 2] visits in no route, and where each stands in that list (-1: placed)."""
    order: Ints
    """[V, 2] visits to put back and their keys."""
    seen: Ints
    """[N] number of the search that looked at the gap after the node."""
    beside: Ints
    """Nodes after which the one searched for could come."""
    gaps: Ints
    """[ROLES, GAPS, 6] price, earliest and latest start, node before, caregiver, 1 if it delays others and
    twice how a meal comes there (`city_rounds`)."""
    found: Ints
    """[ROLES + 2, 10] of each role the first and last start as tried, and the chosen one; then a route with
    meals while it is timed, as it is and as it was before its last round (`city_rounds`)."""
    team: Ints
    """[2 * ROLES] the place found: gap of each role by number in `gaps`, then start of each."""
    empty: Ints
    """[m, 2] caregivers without a stop, and where each stands in that list (-1: has stops)."""
    best: Ints
    """[N, 5] next, caregiver, start, start held for a crew, when its meal left, in the best plan."""
    tally: Ints
    random: npt.NDArray[np.uint64]


def _days(given: City) -> tuple[Ints, Ints]:
    """Days without a stop, as `Held.now` and `Held.route`."""
    size, m = len(given.node), len(given.carer)
    n = size - 2 * m
    now = np.zeros((size, 12 if len(given.meal) else 8), dtype=np.int64)
    now[:, CARER] = now[:, FIXED] = -1
    begins, ends = np.arange(n, n + m), np.arange(n + m, size)
    now[begins, NEXT], now[begins, PREV] = ends, -1
    now[ends, PREV], now[ends, NEXT] = begins, -1
    now[begins, CARER] = now[ends, CARER] = np.arange(m)
    now[begins, START] = given.node[begins, READY]
    now[ends, LATEST] = given.node[ends, LAST]
    route = np.zeros((m, 4), dtype=np.int64)
    if len(given.meal):
        now[:, HEAD] = -1
        now[begins, HEAD] = np.where(given.meal[begins, KITCHEN] >= 0, begins, -1)
        now[begins, LEFT] = given.meal[begins, COOKED]
        route[:, CARRIED] = given.meal[ends, MOST]
    return now, route


def held(given: City, seed: int) -> Held:
    """A plan in which every route is empty and every visit is out."""
    size, m, visits = len(given.node), len(given.carer), len(given.visit)
    n = size - 2 * m

    def zeros(*shape: int) -> Ints:
        return np.zeros(shape, dtype=np.int64)

    now, route = _days(given)
    begins, ends = np.arange(n, n + m), np.arange(n + m, size)
    best = zeros(size, 5)
    best[:, 1] = -1
    best[begins, 0] = ends
    empty = zeros(m, 2)
    empty[:, 0] = empty[:, 1] = np.arange(m)
    tally = zeros(14)
    tally[OUT], tally[EMPTY] = visits, m
    tally[CURRENT] = tally[BEST] = given.visit[:, DEAR].sum()
    return Held(
        now=now,
        route=route,
        undo=zeros(size, 1 + now.shape[1]),
        undo_route=zeros(m, 5),
        touched=zeros(m),
        dirty=zeros(m),
        is_dirty=zeros(m),
        moved=zeros(visits, 2),
        is_moved=zeros(visits),
        lost=zeros(visits),
        is_lost=zeros(visits),
        out=np.stack([np.arange(visits)] * 2, axis=1),
        order=zeros(visits, 2),
        seen=zeros(size),
        beside=zeros(2 * ROLES * given.near.shape[1] + given.near_carer.shape[1] + 100),
        gaps=zeros(ROLES, GAPS, 6),
        found=zeros(ROLES + 2, 10),
        team=zeros(2 * ROLES),
        empty=empty,
        best=best,
        tally=tally,
        random=np.array([(seed * 0x9E3779B97F4A7C15 + 0x1234567) % 2**64 | 1], dtype=np.uint64),
    )
