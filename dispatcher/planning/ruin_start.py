"""A first plan: visits by due time, each given to the caregivers who can begin it most cheaply."""

from __future__ import annotations

import numpy as np

from dispatcher.planning.compiled import compiled
from dispatcher.planning.problem import Problem
from dispatcher.planning.ruin_arrays import Given, Held, Ints, freeze, held
from dispatcher.planning.ruin_decode import place_visit
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
    h.state[:, :4] = g.first
    for i in range(h.order.shape[0]):
        v = h.order[i]
        choose(g, h, v)
        place_visit(g, h, v)


@compiled
def choose(g: Given, h: Held, v: int) -> None:
    """Choose the caregivers of `v`: every one for the last free role, for each choice of those before it.

    Roles before the last two keep the first caregiver who may take them.
    """
    free = [r for r in range(g.n_roles[v]) if g.fixed[v, r] < 0]
    m = g.first.shape[0]
    best, best_a, best_b = int(g.dear[v]), -1, -1
    last = free[-1]
    other = free[-2] if len(free) > 1 else -1
    for r in free[:-2]:
        for c in range(m):
            if may(g, h, v, r, c):
                h.carer[v, r] = c
                break
    for a in range(m if other >= 0 else 1):
        if other >= 0:
            h.carer[v, other] = -1
            h.carer[v, last] = -1
            if not may(g, h, v, other, a):
                continue
            h.carer[v, other] = a
        for b in range(m):
            h.carer[v, last] = -1
            if not may(g, h, v, last, b):
                continue
            h.carer[v, last] = b
            price = trial(g, h, v)
            if price < best:
                best, best_a, best_b = price, a, b
    h.carer[v, last] = best_b
    if other >= 0:
        h.carer[v, other] = best_a if best_b >= 0 else -1


@compiled
def trial(g: Given, h: Held, v: int) -> int:
    """Price of `v` with its caregivers at the end of their days so far; their state is left as it was."""
    kept = h.state.copy()
    place_visit(g, h, v)
    h.state[:] = kept
    return int(h.worth_tried[v, 0])
