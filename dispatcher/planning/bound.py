"""A price below which no plan of a day can come: the gap of a plan is its own price less this.

Linear relaxation over walks of caregivers, by column generation; what is returned is the Lagrangian bound of
the best duals met, in whole numbers, so it holds however early the rounds end. Relaxed are:

- choosing: a share of a walk may be taken, and a walk may come back to a visit (not as a, b, a);
- crews: each role is placed on its own, within the starts its crew could have, its offsets forgotten;
- breaks: none are taken;
- time: of walks that begin a stop in the same slot of time, the earliest begin goes with the least price;
- the day's worst lateness is shared out among the roles, that of frozen stops left aside.

Pure: the rounds are counted, no clock is read.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile
from typing import Any, NamedTuple

import numpy as np
from ortools.linear_solver import pywraplp

from dispatcher.planning.bound_walks import DEAR, SCALE, Stops, Walks, walk
from dispatcher.planning.engine_rules import MODE, beyond
from dispatcher.planning.price import price, route_price
from dispatcher.planning.problem import Plan, PlanCaregiver, PlannedStop, Problem, Route
from dispatcher.planning.ruin_arrays import NEVER, Given, Ints, arrays
from dispatcher.planning.ruin_decode import home_price

CAN = frozenset({MODE})
"""What a day may ask beyond plain visits and shifts (`engine_rules`)."""
SLOT_S = 60
"""Walks are told apart by begins this far from each other, or nearer where some care is shorter."""
INWARD = 0.4
"""How far each round's duals go from the best ones met to the newest: all the way, they leap about."""
DEAREST = 3
"""How many times its share of its route a role may be worth: the bound holds whatever it is."""
PER_CAREGIVER = 6
"""The most walks of one caregiver that a round adds."""


class Walk(NamedTuple):
    """A column: whose, its price above an idle day, and (stop, lateness) of each of its stops."""

    carer: int
    price_s: float
    stops: tuple[tuple[int, int], ...]


@dataclass(frozen=True)
class _Duals:
    """What doing each role is worth, and its share of the worst lateness; scaled."""

    worth: Ints
    share: Ints


def lower_bound(
    problem: Problem, plan: Plan, rounds: int = 100, enough: Callable[[], bool] = lambda: False
) -> int:
    """The greatest bound found in so many rounds; never above the price of `plan`, which keeps every rule.

    No round begins once there is `enough()`, save the first. Raises ValueError if a role has no duration
    (walks without end would be possible), or if the day asks for more than plain visits and shifts
    (`engine_rules`). A reserve is priced in the plan alone.
    """
    asked = beyond(problem, CAN)
    if asked:
        raise ValueError(f"no bound can be found for a day with {', '.join(sorted(asked))}")
    known = price(problem, plan).total
    given = arrays(problem)
    stops = _stops(problem, given, known)
    if not len(stops.visit):
        return min(known, _idle(problem))
    slot_s = int(min(SLOT_S, min(given.dur[v, r] for v, r in zip(stops.visit, stops.role, strict=True))))
    if slot_s <= 0:
        raise ValueError("a role without duration: no bound can be found")
    master = _Master(problem, given, stops)
    routes = list(_columns_of(problem, given, stops, plan))
    for column in routes:
        master.add(column)
    center = _even(problem, routes, stops)
    master.cap(center.worth)
    walks, best = _room(given, stops, slot_s), -DEAR
    for _ in _until(enough, rounds):
        newest, added = master.duals(), 0
        for duals in (_between(center, newest), newest):
            value, found = _price_out(given, stops, walks, duals, slot_s)
            value += _left_out(problem, stops, duals) + SCALE * _idle(problem)
            if value > best:
                best, center = value, duals
            added = sum([master.add(column) for column in found])
            if added:
                break
        if not added and not master.lift():
            break
    return min(known, -(-best // SCALE))


def _until(enough: Callable[[], bool], rounds: int) -> Iterator[int]:
    """The rounds, the first always."""
    return takewhile(lambda number: not number or not enough(), range(rounds))


def _idle(problem: Problem) -> int:
    """The price of the frozen stops alone."""
    return sum(route_price(problem, _frozen(c)).total for c in problem.caregivers)


def _frozen(carer: PlanCaregiver) -> Route:
    return Route(carer.caregiver_id, tuple(PlannedStop(f.visit_id, f.role, f.start_s) for f in carer.frozen))


def _stops(problem: Problem, given: Given, known_s: int) -> Stops:
    """The roles to place, within starts that any plan cheaper than `known_s` keeps."""
    bonus_s = -int(np.minimum(0, given.extra.min(axis=2, initial=0)).sum())
    each = problem.weights.late + problem.weights.worst_late
    most_late_s = (known_s + bonus_s) // each if each else NEVER
    rows = []
    for v, r in zip(*np.nonzero(given.fixed < 0), strict=True):
        if r >= given.n_roles[v]:
            continue
        low_s = max(given.ready[v], given.told[v, 0])
        high_s = min(given.last[v, 0], given.told[v, 1])
        if given.fixed[v, 0] >= 0:
            low_s = high_s = given.fixed[v, 0]
        if r:
            low_s = max(given.ready[v], low_s + given.apart[v, r, 0])
            high_s = min(given.last[v, r], high_s + given.apart[v, r, 1])
        rows.append((v, r, low_s, min(high_s, given.due[v, r] + most_late_s), given.due[v, r]))
    table = np.array(rows, dtype=np.int64).reshape(-1, 5)
    visit, role, low, high, due = (np.ascontiguousarray(column) for column in table.T)
    return Stops(visit, role, low, high, due, np.zeros_like(due), np.zeros_like(due))


def _room(given: Given, stops: Stops, slot_s: int) -> Walks:
    """Room for every begin within the starts and the shifts."""
    end_s = min(int(stops.high.max()), int(given.limit.max()))
    slots = max(0, end_s - int(given.first[:, 0].min())) // slot_s + 2
    k = len(stops.visit)

    def zeros(*shape: int) -> Ints:
        return np.zeros(shape, dtype=np.int64)

    each = (k, slots, 2)
    return Walks(zeros(*each), zeros(*each), zeros(*each), zeros(*each), zeros(k, slots), zeros(k, 2))


def _columns_of(problem: Problem, given: Given, stops: Stops, plan: Plan) -> Iterator[Walk]:
    """The routes of a plan as walks."""
    number = {(int(v), int(r)): j for j, (v, r) in enumerate(zip(stops.visit, stops.role, strict=True))}
    visit = {v.visit_id: i for i, v in enumerate(problem.visits)}
    who = {c.caregiver_id: i for i, c in enumerate(problem.caregivers)}
    for route in plan.routes:
        c = who[route.caregiver_id]
        carer = problem.caregivers[c]
        more_s = route_price(problem, route).total - route_price(problem, _frozen(carer)).total
        done = [(visit[s.visit_id], s.role, s.start_s) for s in route.stops[len(carer.frozen) :]]
        late = tuple((number[v, r], max(0, start_s - int(given.due[v, r]))) for v, r, start_s in done)
        yield Walk(c, more_s, late)


def _price_out(
    given: Given, stops: Stops, walks: Walks, duals: _Duals, slot_s: int
) -> tuple[int, list[Walk]]:
    """What the duals alone are worth with each caregiver's cheapest walk, and the walks that pay."""
    priced = stops._replace(worth=duals.worth, late=SCALE * given.weights[1] + duals.share)
    value, found, came = int(duals.worth.sum()), [], np.zeros(3, dtype=np.int64)
    for c in range(len(given.first)):
        walk(given, priced, walks, c, slot_s, came)
        home = SCALE * _home_price(given, c)
        ends = sorted((int(end) - home, int(code)) for end, code in walks.ends if end < DEAR)
        value += min(0, ends[0][0]) if ends else 0
        for saved, code in ends[:PER_CAREGIVER]:
            if saved < 0:
                found.append(_walk_of(priced, duals, walks, c, saved, code))
    return value, found


def _home_price(given: Given, c: int) -> int:
    """What an idle day's way home costs after frozen stops, paid already in `_idle`."""
    return int(home_price(given, c, *(int(x) for x in given.first[c, [0, 1, 3]])))


def _walk_of(stops: Stops, duals: _Duals, walks: Walks, c: int, saved: int, code: int) -> Walk:
    """The walk that ends at `code`, at the price it was found at."""
    done, slots, scaled = [], walks.begin.shape[1], saved
    while code >= 0:
        at, rank = divmod(code, 2)
        j, b = divmod(at, slots)
        late_s = int(walks.late[j, b, rank])
        scaled += int(duals.worth[j]) - late_s * int(duals.share[j])
        done.append((j, late_s))
        code = int(walks.code[j, b, rank])
    return Walk(c, scaled / SCALE, tuple(done))


def _left_out(problem: Problem, stops: Stops, duals: _Duals) -> int:
    """What is saved by leaving out the visits whose roles are worth more than that costs, scaled."""
    worth = np.zeros(len(problem.visits), dtype=np.int64)
    np.add.at(worth, stops.visit, duals.worth)
    dear = [SCALE * visit.unserved_price_s for visit in problem.visits]
    return sum(min(0, u - int(w)) for u, w in zip(dear, worth, strict=True))


def _even(problem: Problem, routes: Sequence[Walk], stops: Stops) -> _Duals:
    """Each role worth an even share of its route: nearer to the truth than the first rounds' duals."""
    dear = [problem.visits[v].unserved_price_s for v in stops.visit]
    worth = SCALE * np.array(dear, dtype=np.int64)
    for route in routes:
        for j, _ in route.stops:
            worth[j] = int(SCALE * max(0.0, route.price_s) / len(route.stops))
    return _Duals(worth, np.zeros_like(worth))


def _between(center: _Duals, newest: _Duals) -> _Duals:
    """Duals on the way from the best met to the newest."""
    worth = center.worth + (INWARD * (newest.worth - center.worth)).astype(np.int64)
    share = center.share + np.floor(INWARD * (newest.share - center.share)).astype(np.int64)
    return _Duals(worth, share)


class _Master:
    """The linear programme over the walks found so far: each role done once, a walk for each caregiver."""

    def __init__(self, problem: Problem, given: Given, stops: Stops) -> None:
        self._solver: Any = pywraplp.Solver.CreateSolver("GLOP")
        self._known: set[Walk] = set()
        self._worst_weight = problem.weights.worst_late
        self._spares: list[Any] = []
        endless = self._solver.infinity()
        row = self._solver.Constraint
        self._roles = [row(1, endless) for _ in stops.visit]
        self._worst = [row(-endless, 0) for _ in stops.visit]
        self._carers = [row(-endless, 1) for _ in problem.caregivers]
        objective = self._solver.Objective()
        objective.SetMinimization()
        worst = self._solver.NumVar(0, endless, "")
        objective.SetCoefficient(worst, problem.weights.worst_late)
        for limit in self._worst:
            limit.SetCoefficient(worst, -1)
        left_out = {int(v): self._solver.NumVar(0, 1, "") for v in stops.visit}
        for v, variable in left_out.items():
            objective.SetCoefficient(variable, problem.visits[v].unserved_price_s)
        for j, v in enumerate(stops.visit):
            self._roles[j].SetCoefficient(left_out[int(v)], 1)

    def cap(self, worth: Ints) -> None:
        """Let no role be worth more than some times its share of its route, for fear of wild first rounds."""
        for row, most in zip(self._roles, DEAREST * np.maximum(worth, int(worth.mean())), strict=True):
            spare = self._solver.NumVar(0, 1, "")
            self._solver.Objective().SetCoefficient(spare, float(most) / SCALE)
            row.SetCoefficient(spare, 1)
            self._spares.append(spare)

    def lift(self) -> bool:
        """Let roles that are held down by `cap` be worth more; whether there were any."""
        held = [spare for spare in self._spares if spare.solution_value() > 1e-6]
        for spare in held:
            objective = self._solver.Objective()
            objective.SetCoefficient(spare, DEAREST * max(1.0, objective.GetCoefficient(spare)))
        return bool(held)

    def add(self, walk: Walk) -> bool:
        """Add a column, unless it is there already; whether it was new."""
        if walk in self._known:
            return False
        self._known.add(walk)
        variable = self._solver.NumVar(0, self._solver.infinity(), "")
        self._solver.Objective().SetCoefficient(variable, walk.price_s)
        self._carers[walk.carer].SetCoefficient(variable, 1)
        times, late_s = Counter(j for j, _ in walk.stops), Counter[int]()
        for j, late in walk.stops:
            late_s[j] += late
        for j, number in times.items():
            self._roles[j].SetCoefficient(variable, number)
            self._worst[j].SetCoefficient(variable, late_s[j])
        return True

    def duals(self) -> _Duals:
        """Solve, and read what each role is worth and its share of the worst lateness."""
        if self._solver.Solve() != pywraplp.Solver.OPTIMAL:
            raise RuntimeError("the linear programme over a plan's own routes was not solved")
        worth = [round(SCALE * row.dual_value()) for row in self._roles]
        share = np.array([max(0, int(-SCALE * row.dual_value())) for row in self._worst], dtype=np.int64)
        most = SCALE * self._worst_weight
        return _Duals(np.array(worth, dtype=np.int64), share * most // max(1, most, int(share.sum())))
