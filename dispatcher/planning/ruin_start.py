"""A first plan: visits by due time, each given to the caregivers who can begin it most cheaply."""

from __future__ import annotations

import numpy as np

from dispatcher.compiled import compiled
from dispatcher.planning.problem import Problem
from dispatcher.planning.ruin_arrays import Given, Held, Ints, freeze, held
from dispatcher.planning.ruin_decode import find_start, place_visit, role_start, way_s
from dispatcher.planning.ruin_moves import may


def greedy(problem: Problem, given: Given) -> tuple[Ints, Ints]:
    """(order, caregivers) of a first plan."""
    carer = np.full(given.due.shape, -1, dtype=np.int64)
    freeze(problem, carer)
    order = given.movable[
        np.lexsort((given.movable, given.ready[given.movable], given.due[given.movable, 0]))
    ]
    h = held(given, order, carer, 1)
    append_all(given, h)
    return order, h.carer


@compiled
def append_all(g: Given, h: Held) -> None:
    """Give each visit of the order, in turn, to its cheapest caregivers at the end of their days."""
    for c in range(g.first.shape[0]):
        for k in range(4):
            h.state[c, k] = g.first[c, k]
    for i in range(h.order.shape[0]):
        v = h.order[i]
        choose(g, h, v)
        place_visit(g, h, v)


@compiled
def choose(g: Given, h: Held, v: int) -> None:
    """Choose the caregivers of `v`, one role after the other, each the cheapest beside those chosen."""
    deep = int(g.n_roles[v])
    for r in range(deep):
        if g.fixed[v, r] < 0:
            h.carer[v, r] = first_fit(g, h, v, r)
    for _ in range(2):
        for r in range(deep):
            if g.fixed[v, r] < 0:
                h.carer[v, r] = cheapest(g, h, v, r)


@compiled
def first_fit(g: Given, h: Held, v: int, r: int) -> int:
    """The first caregiver who may take the role beside the others; -1 if none may."""
    for c in range(g.first.shape[0]):
        if may(g, h, v, r, c):
            return c
    return -1


@compiled
def cheapest(g: Given, h: Held, v: int, r: int) -> int:
    """The caregiver with whom `v` costs least, the other roles as they are."""
    best = int(h.carer[v, r])
    least = trial(g, h, v)
    for c in range(g.first.shape[0]):
        h.carer[v, r] = -1
        if may(g, h, v, r, c):
            h.carer[v, r] = c
            price = trial(g, h, v)
            if price < least:
                best, least = c, price
    h.carer[v, r] = best
    return best


@compiled
def trial(g: Given, h: Held, v: int) -> int:
    """Price of `v` with its caregivers at the end of their days so far; their state is left as it was."""
    first = find_start(g, h, v)
    if first < 0:
        return int(g.dear[v])
    price = 0
    for r in range(g.n_roles[v]):
        if g.fixed[v, r] < 0:
            c = h.carer[v, r]
            late = max(0, role_start(g, h, v, r, first) - int(g.due[v, r]))
            way = way_s(g, c, int(h.state[c, 1]), int(g.place[v]))
            price += int(g.weights[0]) * way + int(g.told[v, 2]) * late + int(g.extra[v, r, c])
    return price
