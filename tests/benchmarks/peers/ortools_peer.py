"""OR-Tools routing (Apache-2.0) on its own: parallel cheapest insertion, then guided local search.

It knows skills, breaks, shifts, speeds, loads and promises as they are. Crews could be told as constraints,
but then its insertion, which places one visit at a time, begins with none of them served: it does better with
each role a visit of its own at a fixed time (`apart`). It takes no seed. It may overrun its limit.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from dispatcher.planning.problem import PlanCaregiver, Problem
from tests.benchmarks.peers.apart import Single, apart
from tests.benchmarks.peers.mend import Sequences

FOREVER_S = 1 << 31


class Model:
    """The solver's model. Nodes: roles, then each caregiver's start, then each one's end."""

    def __init__(self, problem: Problem, singles: list[Single]) -> None:
        self.problem, self.singles = problem, singles
        roles, staff = len(singles), len(problem.caregivers)
        self.manager = pywrapcp.RoutingIndexManager(
            roles + 2 * staff,
            staff,
            list(range(roles, roles + staff)),
            list(range(roles + staff, roles + 2 * staff)),
        )
        self.routing = pywrapcp.RoutingModel(self.manager)
        self.care_s = np.array([s.hand.duration_s for s in singles] + [0] * 2 * staff, dtype=np.int64)
        self._travel()
        self._loads()
        for number, single in enumerate(singles):
            self._visit(number, single)
        for number, carer in enumerate(problem.caregivers):
            self._day(number, carer)

    def _travel(self) -> None:
        carers, roles = self.problem.caregivers, len(self.singles)
        ends = [c.first_place if c.end_place is None else c.end_place for c in carers]
        places = [s.hand.visit.place for s in self.singles] + [c.first_place for c in carers] + ends
        ways = self.problem.travel.among_s(places).astype(np.int64)
        for number, carer in enumerate(carers):
            at = roles + len(carers) + number
            ways[:, at] = 0 if carer.end_place is None else ways[:, at]
            ways[roles + number, at] = 0
        kinds: dict[int, tuple[int, int]] = {}
        for pace in sorted({c.pace_permille for c in carers}):
            paced = (ways * pace + 999) // 1000
            told = [paced * self.problem.weights.travel, paced + self.care_s[:, None]]
            way, clock = (int(self.routing.RegisterTransitMatrix(matrix.tolist())) for matrix in told)
            kinds[pace] = (way, clock)
        for number, carer in enumerate(carers):
            self.routing.SetArcCostEvaluatorOfVehicle(kinds[carer.pace_permille][0], number)
        clocks = [kinds[c.pace_permille][1] for c in carers]
        self.routing.AddDimensionWithVehicleTransits(clocks, FOREVER_S, FOREVER_S, False, "time")
        self.time = self.routing.GetDimensionOrDie("time")

    def _loads(self) -> None:
        loads = [s.hand.visit.load for s in self.singles] + [0] * 2 * len(self.problem.caregivers)
        if any(c.capacity is not None for c in self.problem.caregivers):
            carried = self.routing.RegisterUnaryTransitVector(loads)
            most = [sum(loads) if c.capacity is None else c.capacity for c in self.problem.caregivers]
            self.routing.AddDimensionWithVehicleCapacity(carried, 0, most, True, "load")

    def _visit(self, number: int, single: Single) -> None:
        index, hand = self.manager.NodeToIndex(number), single.hand
        role = hand.visit.roles[hand.role]
        self.time.CumulVar(index).SetRange(max(0, hand.low_s), min(hand.high_s, FOREVER_S))
        may = [n for n, c in enumerate(self.problem.caregivers) if self.problem.may_take(c, role)]
        self.routing.VehicleVar(index).SetValues([-1, *may])
        self.routing.AddDisjunction([index], single.price_s)

    def _day(self, number: int, carer: PlanCaregiver) -> None:
        latest_s = carer.shift_end_s + carer.overtime_s
        for index in (self.routing.Start(number), self.routing.End(number)):
            self.time.CumulVar(index).SetRange(carer.first_s, latest_s)
        solver = self.routing.solver()
        rests = [
            solver.FixedDurationIntervalVar(low_s, high_s, rest_s, False, f"break {number} {n}")
            for n, (low_s, high_s, rest_s) in enumerate(self.problem.breaks_left(carer))
        ]
        if rests:
            care_s = [0] * self.routing.Size()
            for node in range(len(self.singles)):
                care_s[self.manager.NodeToIndex(node)] = int(self.care_s[node])
            self.time.SetBreakIntervalsOfVehicle(rests, number, care_s)

    def said(self, solution: Any) -> Sequences:
        """The solution's sequences."""
        routes = {}
        for number, carer in enumerate(self.problem.caregivers):
            index, stops = solution.Value(self.routing.NextVar(self.routing.Start(number))), []
            while not self.routing.IsEnd(index):
                stops.append(self.singles[self.manager.IndexToNode(index)].hand)
                index = solution.Value(self.routing.NextVar(index))
            routes[carer.caregiver_id] = stops
        return routes


def ortools_plan(problem: Problem, limit_s: float, seed: int) -> Sequences | None:
    """What OR-Tools finds within the limit, model building not counted; None if it finds nothing."""
    model = Model(problem, apart(problem))
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(max(1, int(limit_s * 1000)))
    solution = model.routing.SolveWithParameters(parameters)
    return None if solution is None else model.said(solution)
