"""The day as an OR-Tools routing model: what a visit and a caregiver's day become there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from ortools.constraint_solver import pywrapcp

from dispatcher.planning.price import due_of, frozen_work_s, late_price, role_price
from dispatcher.planning.problem import PlanCaregiver, PlanVisit, Problem

Whole = npt.NDArray[np.int64]
FOREVER_S = 1 << 31
"""Later than any second of any day, and small enough for the solver to add up."""


@dataclass(frozen=True)
class Node:
    """One role still to be placed."""

    visit: PlanVisit
    role: int


@dataclass(frozen=True, eq=False)
class Model:
    """The solver's model and the way back from it. Nodes: roles, then each day's start, then its end."""

    problem: Problem
    nodes: tuple[Node, ...]
    manager: Any
    routing: Any
    time: Any
    index: dict[tuple[str, int], int]
    """(visit id, role) to node."""
    extra: Whole
    """[node, vehicle] price of giving the role to the caregiver (`role_price`), less `lowest`."""
    lowest: Whole
    """[node] its lowest price where that is a bonus: the solver holds no price below zero, so everyone's is
    raised by as much, and the price of leaving the role out with them."""

    def at(self, node: int) -> int:
        """The solver's own index of a node."""
        return int(self.manager.NodeToIndex(node))


def build(problem: Problem) -> Model:
    """The model of the problem, not yet closed."""
    fixed = {(f.visit_id, f.role) for c in problem.caregivers for f in c.frozen}
    nodes = tuple(
        Node(visit, r)
        for visit in problem.visits
        for r in range(len(visit.roles))
        if (visit.visit_id, r) not in fixed
    )
    n, m = len(nodes), len(problem.caregivers)
    starts, ends = list(range(n, n + m)), list(range(n + m, n + 2 * m))
    manager = pywrapcp.RoutingIndexManager(n + 2 * m, m, starts, ends)
    routing = pywrapcp.RoutingModel(manager)
    extra, lowest = _extras(problem, nodes)
    time = _time(problem, nodes, routing, extra)
    index = {(node.visit.visit_id, node.role): i for i, node in enumerate(nodes)}
    model = Model(problem, nodes, manager, routing, time, index, extra, lowest)
    for number, node in enumerate(nodes):
        _window(model, number, node)
    _carried(model)
    for visit in problem.visits:
        _together(model, visit)
    for vehicle, carer in enumerate(problem.caregivers):
        _shift(model, vehicle, carer)
    return model


def _time(problem: Problem, nodes: Sequence[Node], routing: Any, extras: Whole) -> Any:
    """Register travel and its price for each kind of caregiver, and make the time dimension."""
    care_s = np.zeros(len(nodes) + 2 * len(problem.caregivers), dtype=np.int64)
    care_s[: len(nodes)] = [n.visit.roles[n.role].duration_s for n in nodes]
    ways = {mode: _ways(problem, nodes, mode) for mode in {c.mode for c in problem.caregivers}}
    transits: dict[tuple[str | None, int], int] = {}
    costs: dict[tuple[str | None, int, bytes], int] = {}
    of_vehicle = []
    for vehicle, carer in enumerate(problem.caregivers):
        pace = (carer.mode, carer.pace_permille)
        paced = (ways[carer.mode] * carer.pace_permille + 999) // 1000
        if pace not in transits:
            timed = _without_own_time(problem, paced, len(nodes)) + care_s[:, None]
            transits[pace] = _register(routing, timed)
        of_vehicle.append(transits[pace])
        kind = (*pace, extras[:, vehicle].tobytes())
        if kind not in costs:
            price = paced * problem.weights.travel
            price[:, : len(nodes)] += extras[:, vehicle]
            costs[kind] = _register(routing, price)
        routing.SetArcCostEvaluatorOfVehicle(costs[kind], vehicle)
    routing.AddDimensionWithVehicleTransits(of_vehicle, FOREVER_S, FOREVER_S, False, "time")
    _week(problem, routing, of_vehicle)
    return routing.GetDimensionOrDie("time")


def _ways(problem: Problem, nodes: Sequence[Node], mode: str | None) -> Whole:
    """[node, node] seconds by a mode: from where a role leaves its caregiver to where the next begins."""
    n, carers = len(nodes), problem.caregivers
    free = [problem.free_place(c) for c in carers]
    homes = [f if c.end_place is None else c.end_place for f, c in zip(free, carers, strict=True)]
    begins = [node.visit.begins_at(node.role) for node in nodes] + free + homes
    leaves = [node.visit.ends_at(node.role) for node in nodes] + free + homes
    places = sorted({*begins, *leaves})
    row = {place: i for i, place in enumerate(places)}
    travel = problem.travel if mode is None else problem.travel_by_mode[mode]
    among = travel.among_s(places).astype(np.int64)
    ways: Whole = among[np.ix_([row[p] for p in leaves], [row[p] for p in begins])]
    for c, carer in enumerate(carers):
        if carer.end_place is None:
            ways[:, n + len(carers) + c] = 0
        ways[n + c, n + len(carers) + c] = 0
    return ways


def _without_own_time(problem: Problem, ways: Whole, n: int) -> Whole:
    """The ways as they take time of the shift: those made in own time take none. Each end is one carer's."""
    timed = ways.copy()
    for c, carer in enumerate(problem.caregivers):
        if problem.first_way_in_own_time(carer):
            timed[n + c] = 0
        if not carer.end_paid:
            timed[:, n + len(problem.caregivers) + c] = 0
    return timed


def _week(problem: Problem, routing: Any, transits: Sequence[int]) -> None:
    """No more work than is left of the week, where that is known."""
    left = [
        FOREVER_S if c.work_left_s is None else max(0, c.work_left_s - frozen_work_s(problem, c))
        for c in problem.caregivers
    ]
    if any(c.work_left_s is not None for c in problem.caregivers):
        routing.AddDimensionWithVehicleTransitAndCapacity(list(transits), 0, left, True, "work")


def _carried(model: Model) -> None:
    """No more than each can carry, of all stops together: meals, which go in rounds, are not here."""
    problem = model.problem
    if all(c.capacity is None for c in problem.caregivers):
        return
    loads = [node.visit.load for node in model.nodes] + [0] * (2 * len(problem.caregivers))
    load = model.routing.RegisterUnaryTransitVector(loads)
    rooms = []
    for carer in problem.caregivers:
        held = sum(problem.visit_by_id[f.visit_id].load for f in carer.frozen)
        rooms.append(FOREVER_S if carer.capacity is None else max(0, carer.capacity - held))
    model.routing.AddDimensionWithVehicleCapacity(load, 0, rooms, True, "load")


def _register(routing: Any, matrix: Whole) -> int:
    return int(routing.RegisterTransitMatrix(matrix.tolist()))


def _extras(problem: Problem, nodes: Sequence[Node]) -> tuple[Whole, Whole]:
    """`Model.extra` and `Model.lowest`."""
    extra = np.zeros((len(nodes), len(problem.caregivers)), dtype=np.int64)
    for number, node in enumerate(nodes):
        extra[number] = [
            role_price(problem, carer, node.visit, node.visit.roles[node.role])
            for carer in problem.caregivers
        ]
    lowest = np.minimum(extra.min(axis=1, initial=0), 0)
    return extra - lowest[:, None], lowest


def _window(model: Model, number: int, node: Node) -> None:
    """Start window, lateness, promise, and who may take the role."""
    visit, role = node.visit, node.visit.roles[node.role]
    index, due_s = model.at(number), due_of(visit, role)
    low_s, high_s = visit.ready_s, FOREVER_S if visit.soft_due else due_s
    if visit.told is not None and node.role == 0:
        low_s, high_s = max(low_s, visit.told[0]), min(high_s, visit.told[1])
    solver = model.routing.solver()
    if low_s <= high_s:
        model.time.CumulVar(index).SetRange(max(0, low_s), high_s)
    else:
        solver.Add(model.routing.ActiveVar(index) == 0)
    if visit.soft_due:
        model.time.SetCumulVarSoftUpperBound(index, max(0, due_s), late_price(model.problem, visit))
    carers = model.problem.caregivers
    may = [v for v, c in enumerate(carers) if model.problem.may_take(c, role)]
    model.routing.VehicleVar(index).SetValues([-1, *may])
    for vehicle in may:
        until_s = model.problem.skilled_until_s(carers[vehicle], role)
        if until_s is not None:
            here = solver.IsEqualCstVar(model.routing.VehicleVar(index), vehicle)
            last_s = until_s - role.duration_s
            solver.Add(model.time.CumulVar(index) + here * (FOREVER_S - last_s) <= FOREVER_S)
    model.routing.AddVariableMinimizedByFinalizer(model.time.CumulVar(index))


def _together(model: Model, visit: PlanVisit) -> None:
    """All roles or none, the price of none, the offsets between starts, and different caregivers."""
    solver, routing, time = model.routing.solver(), model.routing, model.time
    here = [r for r in range(len(visit.roles)) if (visit.visit_id, r) in model.index]
    numbers = [model.index[visit.visit_id, r] for r in here]
    indices = [model.at(number) for number in numbers]
    share = visit.unserved_price_s // max(1, len(here))
    for number, index in zip(numbers, indices, strict=True):
        routing.AddDisjunction([index], int(share - model.lowest[number]))
    for index in indices[1:]:
        solver.Add(routing.ActiveVar(index) == routing.ActiveVar(indices[0]))
    starts = {r: time.CumulVar(i) for r, i in zip(here, indices, strict=True)}
    starts.update(_frozen_starts(model.problem, visit))
    for r, role in enumerate(visit.roles):
        if r and 0 in starts and r in starts and (r in here or 0 in here):
            apart = starts[r] - starts[0]
            solver.Add(apart >= role.offset_min_s)
            solver.Add(apart <= role.offset_max_s)
    for a, b in _pairs(here):
        _apart(model, visit, (a, b))
    for r, index in zip(here, indices, strict=True):
        for vehicle, frozen in _frozen_vehicles(model.problem, visit):
            if not visit.same_carer or frozen > r:
                routing.VehicleVar(index).RemoveValue(vehicle)


def _apart(model: Model, visit: PlanVisit, pair: tuple[int, int]) -> None:
    """Two roles are not one caregiver's, or one after the other where they may be."""
    solver, routing = model.routing.solver(), model.routing
    a, b = (model.at(model.index[visit.visit_id, r]) for r in pair)
    same = solver.IsEqualVar(routing.VehicleVar(a), routing.VehicleVar(b))
    if not visit.same_carer:
        solver.Add(same + routing.ActiveVar(a) <= 1)
        return
    first, second = model.time.CumulVar(a), model.time.CumulVar(b)
    both = same * routing.ActiveVar(a)
    solver.Add(second - first >= both * (FOREVER_S + visit.roles[pair[0]].duration_s) - FOREVER_S)


def _pairs(roles: Sequence[int]) -> Iterator[tuple[int, int]]:
    for i, a in enumerate(roles):
        for b in roles[i + 1 :]:
            yield a, b


def _frozen_starts(problem: Problem, visit: PlanVisit) -> dict[int, int]:
    """Starts of the roles of a visit that may no longer move."""
    stops = (f for c in problem.caregivers for f in c.frozen)
    return {f.role: f.start_s for f in stops if f.visit_id == visit.visit_id}


def _frozen_vehicles(problem: Problem, visit: PlanVisit) -> list[tuple[int, int]]:
    """Vehicles that hold a frozen role of the visit, and that role."""
    return [
        (vehicle, f.role)
        for vehicle, carer in enumerate(problem.caregivers)
        for f in carer.frozen
        if f.visit_id == visit.visit_id
    ]


def _shift(model: Model, vehicle: int, carer: PlanCaregiver) -> None:
    """From when, until when, overtime and breaks."""
    routing, time, problem = model.routing, model.time, model.problem
    first_s, limit_s = problem.free_from_s(carer), carer.shift_end_s + carer.overtime_s
    time.CumulVar(routing.Start(vehicle)).SetValue(first_s)
    time.CumulVar(routing.End(vehicle)).SetRange(first_s, max(first_s, limit_s))
    if carer.overtime_s:
        end = routing.End(vehicle)
        time.SetCumulVarSoftUpperBound(end, carer.shift_end_s, problem.weights.overtime)
    _breaks(model, vehicle, carer, first_s, limit_s)


def _breaks(model: Model, vehicle: int, carer: PlanCaregiver, first_s: int, limit_s: int) -> None:
    """The breaks left, inside the working day; a day too short for one of them takes no visits."""
    routing, left = model.routing, model.problem.breaks_left(carer)
    spans = [(max(first_s, low_s), min(high_s, limit_s - rest_s), rest_s) for low_s, high_s, rest_s in left]
    if any(low_s > high_s for low_s, high_s, _ in spans):
        for number in range(len(model.nodes)):
            routing.VehicleVar(model.at(number)).RemoveValue(vehicle)
        return
    intervals = [
        routing.solver().FixedDurationIntervalVar(*span, False, f"break {vehicle} {n}")
        for n, span in enumerate(spans)
    ]
    if intervals:
        care_s = [0] * routing.Size()
        for number, node in enumerate(model.nodes):
            care_s[model.at(number)] = node.visit.roles[node.role].duration_s
        model.time.SetBreakIntervalsOfVehicle(intervals, vehicle, care_s)
