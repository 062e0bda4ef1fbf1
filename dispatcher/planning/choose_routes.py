"""Choose one route for each caregiver from a pool, so that the whole day costs least (OR-Tools CP-SAT).

Each route brings its start times and its price. What does not belong to one route is said here: a visit is
served by all of its roles or by none, crews begin at their offsets, a visit left out has its price, and the
worst lateness of the day is at least that of each chosen route.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ortools.sat.python import cp_model

from dispatcher.planning.checker import check
from dispatcher.planning.price import price, ready_for, worst_late_s
from dispatcher.planning.problem import Plan, PlanVisit, Problem, Role
from dispatcher.planning.route_pool import Column

Columns = Sequence[Sequence[Column]]
"""For each caregiver of the problem, in its order, the routes to choose one from."""

HANGING = 3.0
"""How many times the limit may go by on the wall before a crowded machine's search is cut short."""


@dataclass(frozen=True)
class _Choice:
    """The solver's model and its variables."""

    model: Any
    takes: tuple[tuple[Any, ...], ...]
    """[caregiver][column] whether it is chosen."""
    served: Mapping[str, Any]
    """Whether a visit with a role to place is served."""
    worst: Any
    """Seconds by which the latest beginning of the day is late, or more."""


def choose(problem: Problem, columns: Columns, best: Plan, limit_s: float, seed: int) -> Plan:
    """The cheapest plan the columns make, or `best` when that is no dearer.

    `best` keeps every rule and is a choice of the columns. The limit counts the solver's own measure of work,
    about a second of one free core each, so the answer depends on nothing else unless the machine is so
    crowded that three times the limit goes by.
    """
    choice = _build(problem, columns)
    _hint(problem, choice, columns, best)
    solver = cp_model.CpSolver()
    solver.parameters.num_workers = 1
    solver.parameters.random_seed = seed % (1 << 31)
    solver.parameters.max_deterministic_time = limit_s
    solver.parameters.max_time_in_seconds = HANGING * limit_s
    solver.parameters.cp_model_presolve = False  # probing alone would use up the limit
    if solver.solve(choice.model) not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return best
    chosen = _plan(problem, columns, choice, solver, best)
    if price(problem, chosen).total >= price(problem, best).total or check(problem, chosen):
        return best
    return chosen


def _build(problem: Problem, columns: Columns) -> _Choice:
    """The model: one column each, roles covered as visits are served, crews together, the price least."""
    model = cp_model.CpModel()
    takes = tuple(tuple(model.new_bool_var("") for _ in ones) for ones in columns)
    holders: dict[tuple[str, int], dict[int, list[Any]]] = {}
    for carer, ones, variables in zip(problem.caregivers, columns, takes, strict=True):
        model.add_exactly_one(variables)
        for column, variable in zip(ones, variables, strict=True):
            for stop in column.route.stops[len(carer.frozen) :]:
                starts = holders.setdefault((stop.visit_id, stop.role), {})
                starts.setdefault(stop.start_s, []).append(variable)
    fixed = {(f.visit_id, f.role) for c in problem.caregivers for f in c.frozen}
    served = {}
    for visit in problem.visits:
        here = [r for r in range(len(visit.roles)) if (visit.visit_id, r) not in fixed]
        if not here:
            continue
        served[visit.visit_id] = model.new_bool_var("")
        for r in here:
            held = [x for ones in holders.get((visit.visit_id, r), {}).values() for x in ones]
            model.add(sum(held) == served[visit.visit_id])
        if 0 in here:
            _together(model, visit, {r: holders.get((visit.visit_id, r), {}) for r in here})
    most_s = max((column.late_s for ones in columns for column in ones), default=0)
    choice = _Choice(model, takes, served, model.new_int_var(0, most_s, ""))
    model.minimize(_price(problem, columns, choice))
    return choice


def _together(model: Any, visit: PlanVisit, starts: Mapping[int, Mapping[int, Sequence[Any]]]) -> None:
    """A role chosen at one start needs every start chosen of its crew to keep the offsets."""
    for r in starts:
        if r == 0:
            continue
        role = visit.roles[r]
        for first_s, leading in starts[0].items():
            fit = [x for s, ones in starts[r].items() for x in ones if _apart(role, s - first_s)]
            model.add(sum(leading) <= sum(fit))
        for start_s, following in starts[r].items():
            fit = [x for s, ones in starts[0].items() for x in ones if _apart(role, start_s - s)]
            model.add(sum(following) <= sum(fit))


def _apart(role: Role, apart_s: int) -> bool:
    return role.offset_min_s <= apart_s <= role.offset_max_s


def _price(problem: Problem, columns: Columns, choice: _Choice) -> Any:
    """The price of the choice, term for term what `price.price` makes of the plan, frozen stops included."""
    total = sum(
        column.price_s * variable
        for ones, variables in zip(columns, choice.takes, strict=True)
        for column, variable in zip(ones, variables, strict=True)
    )
    for visit_id, variable in choice.served.items():
        total += problem.visit_by_id[visit_id].unserved_price_s * (1 - variable)
    for ones, variables in zip(columns, choice.takes, strict=True):
        choice.model.add(choice.worst >= sum(c.late_s * x for c, x in zip(ones, variables, strict=True)))
    return total + problem.weights.worst_late * choice.worst + _missing(problem, columns, choice)


def _missing(problem: Problem, columns: Columns, choice: _Choice) -> Any:
    """The price of the caregivers missing for emergencies at each check of the reserve."""
    ready: list[list[Any]] = [[] for _ in problem.reserve]
    if problem.reserve:
        for ones, variables in zip(columns, choice.takes, strict=True):
            for column, variable in zip(ones, variables, strict=True):
                for number, counted in enumerate(ready_for(problem, column.route)):
                    ready[number] += [variable] * counted
    total = 0
    for wish, takes in zip(problem.reserve, ready, strict=True):
        missing = choice.model.new_int_var(0, wish.least, "")
        choice.model.add(missing >= wish.least - sum(takes))
        total += wish.price_s * missing
    return total


def _hint(problem: Problem, choice: _Choice, columns: Columns, best: Plan) -> None:
    """Begin from the best plan known."""
    routes = {route.caregiver_id: route for route in best.routes}
    for ones, variables in zip(columns, choice.takes, strict=True):
        for column, variable in zip(ones, variables, strict=True):
            route = column.route
            choice.model.add_hint(variable, routes.get(route.caregiver_id, ones[0].route) == route)
    left_out = {visit_id for visit_id, _ in best.unserved}
    for visit_id, variable in choice.served.items():
        choice.model.add_hint(variable, visit_id not in left_out)
    choice.model.add_hint(choice.worst, max((worst_late_s(problem, r) for r in best.routes), default=0))


def _plan(problem: Problem, columns: Columns, choice: _Choice, solver: Any, best: Plan) -> Plan:
    """The choice as a plan; a visit that `best` left out too keeps the reason given there."""
    routes = tuple(
        next(c.route for c, x in zip(ones, variables, strict=True) if solver.boolean_value(x))
        for ones, variables in zip(columns, choice.takes, strict=True)
    )
    reasons = dict(best.unserved)
    left_out = (v for v, variable in choice.served.items() if not solver.boolean_value(variable))
    return Plan(routes, tuple((v, reasons.get(v, "NO_ROOM")) for v in left_out))
