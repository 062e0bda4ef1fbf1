"""Engine 2: anneal over one order of all visits and a caregiver for each role (compiled).

Good where crews must begin together: both halves move at once. Same problem, incumbent, steps and seed give
the same plan.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from dispatcher.planning.engine_rules import MODE, share
from dispatcher.planning.problem import Plan, Problem
from dispatcher.planning.ruin_anneal import anneal
from dispatcher.planning.ruin_arrays import Given, Held, Ints, arrays, freeze, held, order_of, plan_of
from dispatcher.planning.ruin_decode import decode
from dispatcher.planning.ruin_start import greedy

CAN = frozenset({MODE})
"""What it can do beyond plain visits and shifts (`engine_rules`); what asks for more stays as it is."""
QUENCH = 0.05
"""Of the run, given to a first quick cooling that tells how late a good plan of this day is."""
RAISE = 20.0
"""By how much the start is raised when all is lateness, in ways to a near neighbour."""
CHUNK = 2_000
"""Steps between two looks at the clock."""
TOLD = 2
"""Of so many chunks, one is told of: reading a plan of 600 visits takes a third of a chunk's time."""


@dataclass(frozen=True)
class Stop:
    """When to stop: after `steps`, or earlier once `spent()`, the share of the time used, reaches 1.

    Without `spent` the run depends on steps alone, and can be repeated to the byte.
    """

    steps: int
    spent: Callable[[], float] | None = None


@dataclass(frozen=True)
class Heat:
    """Temperatures at the start and at the end, as shares of the way to a near neighbour.

    Where lateness is most of the price, changes weigh more than a way, and a start at `hot` is stuck at once:
    the start is raised with lateness, up to `hottest`.
    """

    hot: float = 3.0
    cold: float = 0.02
    hottest: float = 10.0


Met = Callable[[Plan, int], None]
"""Hears of a plan met on the way, and of its price."""


def improve(
    problem: Problem,
    incumbent: Plan | None,
    stop: Stop,
    seed: int,
    heat: Heat | None = None,
    met: Met | None = None,
) -> Plan:
    """The best plan met from the incumbent (or from a greedy one) within the stopping rule.

    `met` hears now and then of the plan as it stands, and of the best one if that is new.
    """
    part = share(problem, incumbent, CAN)
    if part is not None:
        more_s = part.more_s
        told = None if met is None else lambda plan, price_s: met(part.plan(plan), price_s + more_s)
        begun = None if incumbent is None else part.free.plan
        if not part.free.problem.caregivers:
            return part.plan(part.free.plan)
        return part.plan(improve(part.free.problem, begun, stop, seed, heat, told))
    given = arrays(problem)
    if not len(given.movable):
        order, carer = np.zeros(0, dtype=np.int64), np.full(given.due.shape, -1, dtype=np.int64)
        freeze(problem, carer)
        h = held(given, order, carer, seed)
        decode(given, h)
        return plan_of(problem, given, h)
    order, carer = order_of(problem, given, incumbent) if incumbent else greedy(problem, given)
    h = held(given, order, carer, seed)
    h.tally[5] = decode(given, h)
    best_s = int(h.tally[5])
    for number, _ in enumerate(_chunks(given, h, stop, heat or Heat())):
        if met is None or number % TOLD:
            continue
        met(plan_of(problem, given, h), int(h.tally[4]))
        if h.tally[5] < best_s:
            best_s = int(h.tally[5])
            met(plan_of(problem, given, _best(given, h, seed)), best_s)
    return plan_of(problem, given, _best(given, h, seed))


def _chunks(given: Given, h: Held, stop: Stop, heat: Heat) -> Iterator[None]:
    """Anneal in chunks; the temperature follows steps or time, whichever is further on."""
    done, at, way_s = 0, 0.0, _near_way_s(given)
    cooling = Heat(1.0, 0.1)
    while done < stop.steps and at < 1.0:
        steps = min(CHUNK, stop.steps - done)
        to = min(1.0, at + steps / stop.steps)
        anneal(given, h, steps, way_s * _heat(cooling, at), way_s * _heat(cooling, to))
        done += steps
        before, at = at, max(done / stop.steps, stop.spent() if stop.spent else 0.0)
        if before < QUENCH <= at:
            cooling = replace(heat, hot=_hot(given, h, heat))
        yield


def _heat(heat: Heat, at: float) -> float:
    """The temperature `at` so much of the run: of the quick cooling, then of the long one."""
    share = at / QUENCH if at < QUENCH else (at - QUENCH) / (1 - QUENCH)
    return float(heat.hot * (heat.cold / heat.hot) ** share)


def _hot(given: Given, h: Held, heat: Heat) -> float:
    """Where to start: the hotter, the more of the price is lateness as the plan stands."""
    late = int(h.late_to[-1]) + int(given.weights[2]) * int(h.tally[7])
    share = late / max(1, late + int(h.tally[8]))
    return min(heat.hottest, heat.hot + RAISE * share)


def _near_way_s(given: Given) -> float:
    """Price of the mean way from a visit's sixth nearest neighbour to it: the size of one change."""
    rank = min(5, given.near.shape[1] // 2 - 1)
    ways = given.travel[0][given.place[given.near[:, rank]], given.place]
    return max(1.0, float(given.weights[0]) * float(ways.mean()))


def _best(given: Given, h: Held, seed: int) -> Held:
    """The best plan met, decoded."""
    order: Ints = h.best_order
    best = held(given, order, h.best_carer, seed)
    decode(given, best)
    return best
