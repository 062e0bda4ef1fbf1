"""Routes while they are worked on."""

from __future__ import annotations

from dataclasses import dataclass, field

from dispatcher.planning.problem import Plan, PlanCaregiver, PlannedStop, PlanVisit, Problem, Route
from tests.benchmarks.peers.timetable import Hand


@dataclass
class Draft:
    """Routes by caregiver id while they are worked on, with the starts they have."""

    problem: Problem
    routes: dict[str, list[Hand]] = field(default_factory=dict)
    starts: dict[tuple[str, int], int] = field(default_factory=dict)

    def carer(self, caregiver_id: str) -> PlanCaregiver:
        """The caregiver by id."""
        return self.problem.caregiver_by_id[caregiver_id]

    def drop(self, visit: PlanVisit) -> set[str]:
        """Take a visit out whole; the caregivers concerned."""
        touched = set()
        for caregiver_id, hands in self.routes.items():
            kept = [hand for hand in hands if hand.visit.visit_id != visit.visit_id]
            if len(kept) < len(hands):
                self.routes[caregiver_id] = kept
                touched.add(caregiver_id)
        for role in range(len(visit.roles)):
            self.starts.pop((visit.visit_id, role), None)
        return touched

    def plan(self) -> Plan:
        """The draft as a plan."""
        routes = tuple(
            Route(c.caregiver_id, tuple(self._stop(hand) for hand in self.routes.get(c.caregiver_id, ())))
            for c in self.problem.caregivers
        )
        done = {stop.visit_id for route in routes for stop in route.stops}
        left = (v.visit_id for v in self.problem.visits if v.visit_id not in done)
        return Plan(routes, tuple((visit_id, "NO_ROOM") for visit_id in left))

    def _stop(self, hand: Hand) -> PlannedStop:
        key = (hand.visit.visit_id, hand.role)
        return PlannedStop(*key, self.starts[key])
