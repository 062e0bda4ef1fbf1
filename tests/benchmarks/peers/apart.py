"""Crews as single visits at fixed times, for peers that know no crews."""

from __future__ import annotations

from dataclasses import dataclass

from dispatcher.planning.problem import Plan, PlanVisit, Problem
from tests.benchmarks.peers.nearest_first import nearest_first
from tests.benchmarks.peers.timetable import Hand, window


@dataclass(frozen=True)
class Single:
    """One role on its own, and its share of the price of leaving the visit out."""

    hand: Hand
    price_s: int


def apart(problem: Problem) -> list[Single]:
    """Every role as a visit of its own, in the order of the visits.

    A crew gets a time beforehand: the one it has in the nearest-first plan, else the middle of its window.
    (On three days of 200/30, with the middle for all, VROOM's plans cost 16 % more, PyVRP's 8 %.)
    Roles that must begin together may then begin at exactly that second; roles that follow one another share
    the slack between them, so that whatever a peer chooses within the bounds keeps the offsets.
    """
    starts = _starts(nearest_first(problem, 0.0, 0))
    singles = []
    for visit in problem.visits:
        share_s = visit.unserved_price_s // len(visit.roles)
        if len(visit.roles) == 1:
            hands = [Hand(visit, 0, *window(visit, 0))]
        else:
            hands = _at(visit, starts.get(visit.visit_id))
        singles += [Single(hand, share_s) for hand in hands]
    return singles


def _starts(plan: Plan) -> dict[str, int]:
    return {stop.visit_id: stop.start_s for route in plan.routes for stop in route.stops if stop.role == 0}


def _at(visit: PlanVisit, start_s: int | None) -> list[Hand]:
    """The roles of a crew, each within its share of the slack."""
    slack_s = min((role.offset_max_s - role.offset_min_s) // 2 for role in visit.roles[1:])
    low_s, high_s = window(visit, 0)
    at_s = (low_s + high_s) // 2 if start_s is None else start_s
    by_s = min(window(visit, n)[1] - r.offset_min_s for n, r in enumerate(visit.roles))
    at_s = max(low_s, min(at_s, high_s - slack_s, by_s - slack_s))
    hands = [Hand(visit, 0, at_s, min(high_s, at_s + slack_s))]
    for number, role in enumerate(visit.roles[1:], start=1):
        latest_s = window(visit, number)[1]
        hands.append(
            Hand(
                visit,
                number,
                min(latest_s, at_s + slack_s + role.offset_min_s),
                min(latest_s, at_s + role.offset_max_s),
            )
        )
    return hands
