"""Engine 2: anneal over one order of all visits and a caregiver for each role (compiled).

Good where crews must begin together: both halves move at once. Same problem, incumbent, steps and seed give
the same plan.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import numpy as np

from dispatcher.planning.engine_rules import CERTIFICATE, LATE_PRICE, MODE, share
from dispatcher.planning.problem import Plan, Problem
from dispatcher.planning.ruin_anneal import anneal
from dispatcher.planning.ruin_arrays import Given, Held, Ints, arrays, freeze, held, order_of, plan_of
from dispatcher.planning.ruin_decode import decode
from dispatcher.planning.ruin_start import greedy

CAN = frozenset({CERTIFICATE, LATE_PRICE, MODE})
"""What it can do beyond plain visits and shifts (`engine_rules`); what asks for more stays as it is."""
QUENCH = 0.05
"""Of the run, given to a first quick cooling that tells how late a good plan of this day is."""
RAISE = 20.0
"""By how much the start is raised when all is lateness, in ways to a near neighbour."""
VISIT_STEPS = 20_000
"""Steps a visit for one start. Of more, some go into more starts and some into longer ones, alike."""
MOST_STARTS = 6
SEEDS_APART = 1_000_003
"""Between the seeds of two starts."""
LUKEWARM = 0.25
"""To here every start is cooled, in ways to a near neighbour: by then its price tells it from others."""
LAST_LEG = 0.7
"""Of the run, for all starts to come there; the cheapest has the rest."""
SMOOTH = 0.05
"""Weight of the latest chunk in the price around which a plan moves."""
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
    cold: float = 0.06
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
    first = _begin(given, order, carer, seed)
    best, told_s = first, int(first.tally[5])
    for number, h in enumerate(_annealed(given, first, stop, heat or Heat(), seed)):
        best = h if h.tally[5] < best.tally[5] else best
        if met is None or number % TOLD:
            continue
        met(plan_of(problem, given, h), int(h.tally[4]))
        if best.tally[5] < told_s:
            told_s = int(best.tally[5])
            met(plan_of(problem, given, _best(given, best, seed)), told_s)
    return plan_of(problem, given, _best(given, best, seed))


@dataclass
class _Course:
    """How far a run is: steps done, and the share of it that is over, by steps or by time."""

    given: Given
    stop: Stop
    way_s: float
    done: int = 0
    at: float = 0.0
    level_s: float = 0.0
    """The price around which the last chunks moved."""

    def leg(self, h: Held, until: float, heat: Heat) -> Iterator[Held]:
        """Anneal `h` in chunks from hot to cold until so much of the run is over."""
        begun, self.level_s = self.at, float(h.tally[4])
        while self.done < self.stop.steps and self.at < until:
            steps = min(CHUNK, self.stop.steps - self.done)
            to = min(until, self.at + steps / self.stop.steps)
            hot, cold = (_heat(heat, (at - begun) / (until - begun)) for at in (self.at, to))
            anneal(self.given, h, steps, self.way_s * hot, self.way_s * cold)
            self.done += steps
            spent = self.stop.spent() if self.stop.spent else 0.0
            self.at = max(self.done / self.stop.steps, spent)
            self.level_s += (h.tally[4] - self.level_s) * SMOOTH
            yield h

    def starts(self) -> int:
        """From how many starts the rest of the run goes, so that each has steps enough."""
        each = self.done / max(self.at, 1e-9) / len(self.given.movable) / VISIT_STEPS
        return min(MOST_STARTS, max(1, round(math.sqrt(each))))


def _annealed(given: Given, h: Held, stop: Stop, heat: Heat, seed: int) -> Iterator[Held]:
    """Anneal in chunks, and give the plan under change after each.

    Several starts, where there are steps enough, are cooled to where their prices tell them apart, one after
    the other; the cheapest is cooled to the end.
    """
    course = _Course(given, stop, _near_way_s(given))
    order, carer = h.order.copy(), h.carer.copy()
    yield from course.leg(h, QUENCH, Heat(1.0, 0.1))
    heat = replace(heat, hot=_hot(given, h, heat))
    starts = course.starts()
    if starts == 1:
        yield from course.leg(h, 1.0, heat)
        return
    least_s, cheapest, begun = math.inf, h, course.at
    for number in range(starts):
        if number:
            h = _begin(given, order, carer, seed + number * SEEDS_APART)
        until = begun + (LAST_LEG - begun) * (number + 1) / starts
        yield from course.leg(h, until, replace(heat, cold=LUKEWARM))
        if course.level_s < least_s:
            least_s, cheapest = course.level_s, h
    yield from course.leg(cheapest, 1.0, replace(heat, hot=LUKEWARM))


def _begin(given: Given, order: Ints, carer: Ints, seed: int) -> Held:
    """A plan of this order and these caregivers, decoded, to be annealed with this seed."""
    h = held(given, order, carer, seed)
    h.tally[5] = decode(given, h)
    return h


def _heat(heat: Heat, share: float) -> float:
    """The temperature at this share of the way from hot to cold."""
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
