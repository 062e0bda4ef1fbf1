"""A route in other times: crews where the best plan has them, all else as early as can be, a stop left out.

Routes of different plans seldom begin a crew at the same second; on one timetable of crews they go together.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import numpy as np

from dispatcher.planning.engine_rules import of_caregiver, supports
from dispatcher.planning.problem import Plan, PlannedStop, Problem, Route
from dispatcher.planning.route_retime import retime_route
from dispatcher.planning.ruin_arrays import Given, arrays


class Variants:
    """Makes other routes of a route, on the timetable of one plan."""

    def __init__(self, problem: Problem, plan: Plan) -> None:
        self._given: Given = arrays(problem)
        self._visit = {v.visit_id: i for i, v in enumerate(problem.visits)}
        self._carer = {c.caregiver_id: i for i, c in enumerate(problem.caregivers)}
        self._frozen = {c.caregiver_id: len(c.frozen) for c in problem.caregivers}
        leads = (stop for route in plan.routes for stop in route.stops if stop.role == 0)
        self._may = supports(problem, frozenset())
        self._able = {c.caregiver_id for c in problem.caregivers if not of_caregiver(problem, c)}
        self._first: Mapping[str, int] = {stop.visit_id: stop.start_s for stop in leads}

    def on_time(self, route: Route) -> Route | None:
        """The route on the plan's timetable; None if the caregiver cannot keep it."""
        return self._timed(route, route.stops[self._frozen[route.caregiver_id] :])

    def shorter(self, route: Route) -> Iterator[Route]:
        """The same without one of its stops, each in turn."""
        for k in range(self._frozen[route.caregiver_id], len(route.stops)):
            rest = route.stops[self._frozen[route.caregiver_id] : k] + route.stops[k + 1 :]
            timed = self._timed(route, rest)
            if timed is not None:
                yield timed

    def _timed(self, route: Route, stops: tuple[PlannedStop, ...]) -> Route | None:
        """The frozen stops of the route, then these at their earliest starts; plain routes alone."""
        if route.caregiver_id not in self._able or any(s.visit_id not in self._may for s in stops):
            return None
        roles = np.array([(self._visit[s.visit_id], s.role) for s in stops], dtype=np.int64).reshape(-1, 2)
        times = np.array([(*self._window(stop), 0) for stop in stops], dtype=np.int64).reshape(-1, 3)
        if not retime_route(self._given, self._carer[route.caregiver_id], roles, times):
            return None
        begun = zip(stops, times[:, 2], strict=True)
        timed = tuple(PlannedStop(s.visit_id, s.role, int(start_s)) for s, start_s in begun)
        return Route(route.caregiver_id, route.stops[: self._frozen[route.caregiver_id]] + timed)

    def _window(self, stop: PlannedStop) -> tuple[int, int]:
        """Within which the stop may begin: one role freely, a crew by its first role's start in the plan.

        A crew that the plan leaves out keeps the start it has.
        """
        g, v = self._given, self._visit[stop.visit_id]
        low_s, high_s = int(g.ready[v]), int(g.last[v, stop.role])
        if g.n_roles[v] > 1 and stop.visit_id not in self._first:
            return stop.start_s, stop.start_s
        if g.n_roles[v] > 1:
            first_s, apart = self._first[stop.visit_id], g.apart[v, stop.role]
            return max(low_s, first_s + int(apart[0])), min(high_s, first_s + int(apart[1]))
        return max(low_s, int(g.told[v, 0])), min(high_s, int(g.told[v, 1]))
