"""Engine 3: ruin and recreate over routes, uncut at any size (compiled): linear memory, steps of one cost.

Crews keep the start they were put in at until they are taken out together. The price of the day's one worst
lateness is not seen here. Same problem, plan to begin from, steps and seed give the same plan.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from dispatcher.planning.city_anneal import anneal, insert_all
from dispatcher.planning.city_arrays import (
    CARER,
    DEAR,
    DUE,
    FIRST,
    HANDS,
    KIND,
    LAST,
    LEAVES,
    NEXT,
    PLACE,
    READY,
    City,
    Ints,
    city,
)
from dispatcher.planning.city_held import BEST, Held, held
from dispatcher.planning.city_load import load
from dispatcher.planning.city_near import side_by_side
from dispatcher.planning.improve_ruin import Heat, Met, Stop
from dispatcher.planning.problem import Plan, PlannedStop, Problem, Route

ANEW = Heat(4.0, 0.12)
"""In mean ways of the plan begun from: hot enough to take a plan of insertions apart."""
CHEAP = Heat(3.0, 0.05)
"""Where leaving a visit out costs less than a way to it: in mean prices of leaving one out."""
TILT = 20.0
"""Of what the heat is above its end, how much a step may cost more for each route it opens where all are left
out: a route pays only once it is long, and is lost while it is hot."""
ON = Heat(0.5, 0.05)
"""From a plan in force: what is good in it should stand."""
ANEW_EVERY = 4
"""One seed of so many takes a plan in force apart none the less: rolling planning has a new one each time."""
CHUNK = 500
"""Steps between two looks at the clock."""
TOLD = 20
"""After so many chunks the best plan is told again, so that who waits sees the work go on."""


class CityRun:
    """An annealing that can be gone on with, and read, at any moment."""

    def __init__(self, problem: Problem, incumbent: Plan | None, seed: int) -> None:
        """Begin from the incumbent, as far as it can be kept, then put in what it leaves out."""
        self._asked, self._problem = problem, side_by_side(problem)
        self._given, self._names = city(self._problem)
        self._held = held(self._given, seed)
        if incumbent is not None:
            load(self._problem, self._names, self._given, self._held, incumbent)
        insert_all(self._given, self._held, _in_turn(self._given))
        way_s, dear_s = _mean_way_s(self._given, self._held), _mean_dear_s(self._given)
        self.size_s = min(way_s, dear_s)
        """The size of one change: the price of a mean way in the plan begun from, or of a visit left out."""
        self.heat = CHEAP if dear_s < way_s else ANEW
        """To begin anew with."""

    def go_on(self, steps: int, hot: float, cold: float, tilt: float = 0.0) -> None:
        """Anneal on while the temperature falls from `hot` to `cold`, in `size_s`; `tilt` also (`anneal`)."""
        if len(self._names.visit) and len(self._given.carer):
            anneal(self._given, self._held, steps, hot * self.size_s, cold * self.size_s, tilt * self.size_s)

    @property
    def state(self) -> tuple[City, Held]:
        """The arrays, for those who check them."""
        return self._given, self._held

    @property
    def price_s(self) -> int:
        """Price of the best plan met, without what was frozen and without the one worst lateness."""
        return int(self._held.tally[BEST])

    def best(self) -> Plan:
        """The best plan met."""
        plan = _plan(self._problem, self._given, self._names.visit, self._names.role, self._held)
        return _in_order(self._asked, plan)


def improve(
    problem: Problem,
    incumbent: Plan | None,
    stop: Stop,
    seed: int,
    heat: Heat | None = None,
    met: Met | None = None,
) -> Plan:
    """The best plan met from the incumbent (or from one insertion after another) within the stopping rule.

    `met` hears of the best plan whenever a chunk of steps has bettered it, and now and then of the same.
    """
    run = CityRun(problem, incumbent, seed)
    least_s = None
    for number, _ in enumerate(_chunks(run, stop, heat or _heat(run, incumbent, seed))):
        if met is not None and (least_s is None or run.price_s < least_s or number % TOLD == 0):
            least_s = run.price_s
            met(run.best(), least_s)
    return run.best()


def _heat(run: CityRun, incumbent: Plan | None, seed: int) -> Heat:
    return run.heat if incumbent is None or seed % ANEW_EVERY == 0 else ON


def _chunks(run: CityRun, stop: Stop, heat: Heat) -> Iterator[None]:
    """Anneal in chunks; the temperature follows steps or time, whichever is further on."""
    done, at = 0, 0.0

    def warmth(share: float) -> float:
        return float(heat.hot * (heat.cold / heat.hot) ** min(1.0, share))

    while done < stop.steps and at < 1.0:
        steps = min(CHUNK, stop.steps - done)
        run.go_on(steps, warmth(at), warmth(at + steps / stop.steps), TILT * (warmth(at) - heat.cold))
        done += steps
        at = max(done / stop.steps, stop.spent() if stop.spent else 0.0)
        yield


def _in_turn(given: City) -> Ints:
    """Visits in the order in which a plan is begun: dear ones and crews first, then by when they are due."""
    first = np.minimum(given.visit[:, FIRST], max(0, len(given.node) - 1))
    due = np.minimum(given.node[first, LAST], given.node[first, DUE])
    rank = np.lexsort((given.node[first, READY], due, -given.visit[:, HANDS], -given.visit[:, DEAR]))
    return np.asarray(rank, dtype=np.int64)


def _mean_dear_s(given: City) -> float:
    """Price of leaving the mean visit out."""
    dear = given.visit[given.visit[:, HANDS] > 0, DEAR]
    return max(1.0, float(dear.mean())) if len(dear) else 1.0


def _mean_way_s(given: City, h: Held) -> float:
    """Price of the mean way to a stop in the plan as it stands."""
    m = len(given.carer)
    n = len(given.node) - 2 * m
    a = np.flatnonzero(h.now[: n + m, CARER] >= 0)
    a = a[h.now[a, NEXT] < n] if m else a
    b = h.now[a, NEXT]
    if not len(a):
        return 1.0
    if given.point.shape[0]:
        apart = given.point[a, 3:] - given.point[b, :3]
        ways = np.sqrt((apart**2).sum(axis=1)) * given.s_per_m[0]
    else:
        ways = given.matrix[0, given.node[a, LEAVES], given.node[b, PLACE]]
    return max(1.0, float(given.travel_price) * float(ways.mean()))


def _plan(problem: Problem, given: City, visit: list[int], role: list[int], h: Held) -> Plan:
    """The best plan as records."""
    n, routes, served = len(visit), [], np.zeros(len(problem.visits), dtype=np.bool_)
    for c, carer in enumerate(problem.caregivers):
        stops = [PlannedStop(f.visit_id, f.role, f.start_s, f.left_kitchen_s) for f in carer.frozen]
        k = int(h.best[n + c, 0])
        while k < n:
            served[visit[k]] = True
            meal = problem.visits[visit[k]].meal
            left_s = None if meal is None else int(h.best[k, 4])
            stops.append(PlannedStop(problem.visits[visit[k]].visit_id, role[k], int(h.best[k, 2]), left_s))
            k = int(h.best[k, 0])
        routes.append(Route(carer.caregiver_id, tuple(stops)))
    unserved = tuple(
        (problem.visits[v].visit_id, _why(given, v))
        for v in np.flatnonzero(~served).tolist()
        if given.visit[v, HANDS] > 0 or not _frozen_whole(problem, v)
    )
    return Plan(tuple(routes), unserved)


def _in_order(problem: Problem, plan: Plan) -> Plan:
    """The plan with caregivers, and visits left out, in the order in which the day names them."""
    route = {r.caregiver_id: r for r in plan.routes}
    why = dict(plan.unserved)
    return Plan(
        tuple(route[c.caregiver_id] for c in problem.caregivers),
        tuple((v.visit_id, why[v.visit_id]) for v in problem.visits if v.visit_id in why),
    )


def _why(given: City, v: int) -> str:
    """Why a visit is left out."""
    first = int(given.visit[v, FIRST])
    kinds = given.node[first : first + int(given.visit[v, HANDS]), KIND]
    return "NO_ROOM" if len(kinds) and given.fit[kinds].any(axis=1).all() else "NO_CAREGIVER"


def _frozen_whole(problem: Problem, v: int) -> bool:
    """Whether somebody stands in every role of the visit already."""
    visit = problem.visits[v]
    fixed = {f.role for c in problem.caregivers for f in c.frozen if f.visit_id == visit.visit_id}
    return len(fixed) == len(visit.roles)
