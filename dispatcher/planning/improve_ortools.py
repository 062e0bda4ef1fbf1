"""Engine 1: OR-Tools routing. Takes over the plan it is given and improves it by guided local search."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from dispatcher.planning.engine_rules import MEAL, RULES, share
from dispatcher.planning.ortools_model import Model, build
from dispatcher.planning.problem import Plan, PlannedStop, Problem, Route

CAN = RULES - {MEAL}
"""What it can do beyond plain visits and shifts; meal rounds stay as they are."""

SEARCH_SHARE = 0.7
"""Of the limit, given to the search: building the model and the last neighbourhood take the rest."""

RESTORE_S = 10.0
"""Allowed for restoring the plan given: milliseconds on an idle machine, more on a busy one."""


@dataclass(frozen=True)
class Found:
    """What the solver made."""

    plan: Plan
    adopted: bool
    """Whether it took over the plan it was given, all its own constraints kept, and began there."""


def improve(
    problem: Problem, incumbent: Plan | None, limit_s: float, solutions: int | None = None
) -> Found | None:
    """The solver's best plan within about `limit_s` seconds; None when it found none.

    `solutions` stops it after so many improving solutions: with a generous limit the answer then depends on
    nothing else. A plan it cannot take over is set aside and it begins by cheapest insertion.
    """
    part = share(problem, incumbent, CAN)
    if part is not None:
        begun = None if incumbent is None else part.free.plan
        if not part.free.problem.caregivers:
            return Found(part.plan(part.free.plan), True)
        found = improve(part.free.problem, begun, limit_s, solutions)
        return None if found is None else Found(part.plan(found.plan), found.adopted)
    model = build(problem)
    model.routing.CloseModelWithParameters(_parameters(max(limit_s, RESTORE_S), 1))
    start = _read(model, incumbent) if incumbent else None
    taken = _take_over(model, start, limit_s)
    parameters = _parameters(limit_s, solutions)
    if start is not None and taken is not None:
        solution = model.routing.SolveFromAssignmentWithParameters(start, parameters)
    else:
        solution = model.routing.SolveWithParameters(parameters)
    if solution is None:
        return None if taken is None else Found(taken, True)
    return Found(_plan(model, solution), taken is not None)


def _take_over(model: Model, start: Any, limit_s: float) -> Plan | None:
    """The plan given, restored under the solver's own constraints; None if it breaks one."""
    if start is None:
        return None
    solution = model.routing.SolveFromAssignmentWithParameters(start, _parameters(max(limit_s, RESTORE_S), 1))
    return None if solution is None else _plan(model, solution)


def _parameters(limit_s: float, solutions: int | None) -> Any:
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    strategies, searches = (
        routing_enums_pb2.FirstSolutionStrategy,
        routing_enums_pb2.LocalSearchMetaheuristic,
    )
    parameters.first_solution_strategy = strategies.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = searches.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(max(1, int(limit_s * SEARCH_SHARE * 1000)))
    parameters.lns_time_limit.FromMilliseconds(int(RESTORE_S * 1000))
    if solutions is not None:
        parameters.solution_limit = solutions
    return parameters


def _read(model: Model, incumbent: Plan) -> Any:
    """The plan in force as the solver's own solution, or None if it breaks one of its constraints."""
    stops = {r.caregiver_id: r.stops for r in incumbent.routes}
    routes = []
    for carer in model.problem.caregivers:
        nodes = [model.index.get((s.visit_id, s.role)) for s in stops.get(carer.caregiver_id, ())]
        routes.append([model.at(node) for node in nodes if node is not None])
    return model.routing.ReadAssignmentFromRoutes(routes, True)


def _plan(model: Model, solution: Any) -> Plan:
    """The solution as a plan, frozen stops in front."""
    routes = []
    served = set()
    for vehicle, carer in enumerate(model.problem.caregivers):
        stops = [PlannedStop(f.visit_id, f.role, f.start_s) for f in carer.frozen]
        index = model.routing.Start(vehicle)
        while not model.routing.IsEnd(index):
            node = model.manager.IndexToNode(index)
            if node < len(model.nodes):
                visit, role = model.nodes[node].visit, model.nodes[node].role
                stops.append(PlannedStop(visit.visit_id, role, solution.Min(model.time.CumulVar(index))))
                served.add(visit.visit_id)
            index = solution.Value(model.routing.NextVar(index))
        routes.append(Route(carer.caregiver_id, tuple(stops)))
    open_visits = {node.visit.visit_id for node in model.nodes}
    unserved = [v for v in model.problem.visits if v.visit_id in open_visits - served]
    return Plan(tuple(routes), tuple((v.visit_id, _reason(model.problem, v.visit_id)) for v in unserved))


def _reason(problem: Problem, visit_id: str) -> str:
    roles = problem.visit_by_id[visit_id].roles
    somebody = all(any(problem.may_take(c, role) for c in problem.caregivers) for role in roles)
    return "NO_ROOM" if somebody else "NO_CAREGIVER"
