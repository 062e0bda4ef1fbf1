"""Make a plan of what a peer said, in its favour: keep what can be kept, drop the rest, fill what is free.

A peer may not know breaks or crews as the problem has them. Here its sequences are timed anew; where a rule
cannot be kept, the visit cheapest to leave out on that route is dropped, and so is what costs more in travel
than left out; then all visits left out are put in again wherever they fit and are worth their travel.
This takes nothing from a peer's budget.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

from dispatcher.planning.problem import Plan, PlannedStop, PlanVisit, Problem
from tests.benchmarks.peers.draft import Draft
from tests.benchmarks.peers.fill import fill
from tests.benchmarks.peers.timetable import Hand, Timed, timed, window
from tests.benchmarks.peers.trim import trim

Sequences = Mapping[str, Sequence[Hand]]
"""By caregiver id: roles in order, each with bounds within which crews keep their offsets."""


def sequences(plan: Plan, problem: Problem) -> Sequences:
    """What a plan says: its sequences, and the times of its crews."""
    return {
        route.caregiver_id: [_hand(problem.visit_by_id[stop.visit_id], stop) for stop in route.stops]
        for route in plan.routes
    }


def _hand(visit: PlanVisit, stop: PlannedStop) -> Hand:
    bounds = window(visit, 0) if len(visit.roles) == 1 else (stop.start_s, stop.start_s)
    return Hand(visit, stop.role, *bounds)


def mend(problem: Problem, said: Sequences) -> Plan:
    """The plan that keeps every rule, made from the sequences. Days without frozen stops are understood."""
    draft = _read(problem, said)
    _hold(draft)
    trim(draft)
    fill(draft)
    return draft.plan()


def _read(problem: Problem, said: Sequences) -> Draft:
    """The sequences without doubles, what the caregiver may not do, and crews that are not whole."""
    draft, seen = Draft(problem), set()
    for carer in problem.caregivers:
        room, hands = carer.capacity, []
        for hand in said.get(carer.caregiver_id, ()):
            visit, key = hand.visit, (hand.visit.visit_id, hand.role)
            over = room is not None and visit.load > room
            if key in seen or over or not problem.may_take(carer, visit.roles[hand.role]):
                continue
            seen.add(key)
            room = None if room is None else room - visit.load
            hands.append(hand)
        draft.routes[carer.caregiver_id] = hands
    holders: dict[str, list[str]] = defaultdict(list)
    for caregiver_id, hands in draft.routes.items():
        for hand in hands:
            holders[hand.visit.visit_id].append(caregiver_id)
    broken = {
        v for v, who in holders.items() if not len(set(who)) == len(who) == len(problem.visit_by_id[v].roles)
    }
    for caregiver_id, hands in draft.routes.items():
        draft.routes[caregiver_id] = [hand for hand in hands if hand.visit.visit_id not in broken]
    return draft


def _hold(draft: Draft) -> None:
    """Time all routes; drop what does not hold, a crew from all its routes."""
    dirty = dict.fromkeys(draft.routes)
    while dirty:
        caregiver_id = next(iter(dirty))
        hands = draft.routes[caregiver_id]
        found = timed(draft.problem, draft.carer(caregiver_id), hands)
        if not found.holds:
            dirty.update(dict.fromkeys(draft.drop(_cheapest_way_out(draft, caregiver_id, found))))
            continue
        del dirty[caregiver_id]
        for hand, start_s in zip(hands, found.starts_s, strict=True):
            draft.starts[hand.visit.visit_id, hand.role] = start_s


def _cheapest_way_out(draft: Draft, caregiver_id: str, found: Timed) -> PlanVisit:
    """The visit to drop: cheapest of those without which the route gets past where it breaks."""
    hands = draft.routes[caregiver_id]
    reached = len(found.starts_s)
    ranked = sorted(range(min(reached + 1, len(hands))), key=lambda n: (hands[n].visit.unserved_price_s, -n))
    for number in ranked:
        rest = [hand for at, hand in enumerate(hands) if at != number]
        again = timed(draft.problem, draft.carer(caregiver_id), rest)
        if again.holds or len(again.starts_s) >= min(reached + 1, len(hands)):
            return hands[number].visit
    return hands[min(reached, len(hands) - 1)].visit
