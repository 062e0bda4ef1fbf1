"""Make a plan of what a peer said, in its favour: keep what can be kept, drop the rest, fill what is free.

A peer may not know breaks, crews or a day's end as the problem has them. Here its sequences are timed anew;
where a rule cannot be kept, the visit cheapest to leave out on that route is dropped; then all visits left
out are put in again wherever they fit and are worth their travel. This takes nothing from a peer's budget.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from dispatcher.planning.problem import Plan, PlanCaregiver, PlannedStop, PlanVisit, Problem, Route
from tests.benchmarks.peers.timetable import Hand, Timed, timed, window

Sequences = Mapping[str, Sequence[tuple[str, int]]]
"""By caregiver id: (visit id, role) in order."""


@dataclass
class Draft:
    """Routes by caregiver id while they are worked on, with the starts they have."""

    problem: Problem
    routes: dict[str, list[Hand]] = field(default_factory=dict)
    starts: dict[tuple[str, int], int] = field(default_factory=dict)
    pushed: dict[tuple[str, int], int] = field(default_factory=dict)
    """Starts below which a role of a crew may not go, for the sake of the others."""

    def carer(self, caregiver_id: str) -> PlanCaregiver:
        """The caregiver by id."""
        return self.problem.caregiver_by_id[caregiver_id]

    def bounded(self, hand: Hand) -> Hand:
        """The hand with what the others of its crew ask."""
        low_s = max(hand.low_s, self.pushed.get((hand.visit.visit_id, hand.role), 0))
        return Hand(hand.visit, hand.role, low_s, hand.high_s)

    def time(self, caregiver_id: str) -> Timed:
        """The route as it stands, timed."""
        return timed(
            self.problem, self.carer(caregiver_id), [self.bounded(h) for h in self.routes[caregiver_id]]
        )

    def drop(self, visit: PlanVisit) -> set[str]:
        """Take a visit out whole; the caregivers concerned."""
        touched = set()
        for caregiver_id, hands in self.routes.items():
            kept = [hand for hand in hands if hand.visit is not visit]
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


def sequences(plan: Plan) -> Sequences:
    """What a plan says, without its times."""
    return {route.caregiver_id: [(s.visit_id, s.role) for s in route.stops] for route in plan.routes}


def mend(problem: Problem, said: Sequences) -> Plan:
    """The plan that keeps every rule, made from the sequences. Days without frozen stops are understood."""
    from tests.benchmarks.peers.fill import fill

    draft = _read(problem, said)
    _hold(draft)
    fill(draft)
    return draft.plan()


def _read(problem: Problem, said: Sequences) -> Draft:
    """The sequences without doubles, what the caregiver may not do, and crews that are not whole."""
    draft, seen = Draft(problem), set()
    for carer in problem.caregivers:
        room, hands = carer.capacity, []
        for visit_id, role in said.get(carer.caregiver_id, ()):
            visit = problem.visit_by_id[visit_id]
            over = room is not None and visit.load > room
            if (visit_id, role) in seen or over or not problem.may_take(carer, visit.roles[role]):
                continue
            seen.add((visit_id, role))
            room = None if room is None else room - visit.load
            hands.append(Hand(visit, role, *window(visit, role)))
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
    """Time all routes; drop what does not hold; push crews until all of them begin at their offsets."""
    where = {(h.visit.visit_id, h.role): c for c, hands in draft.routes.items() for h in hands}
    dirty = dict.fromkeys(draft.routes)
    while dirty:
        caregiver_id = next(iter(dirty))
        del dirty[caregiver_id]
        found = draft.time(caregiver_id)
        if not found.holds:
            dirty.update(dict.fromkeys(draft.drop(_cheapest_way_out(draft, caregiver_id, found))))
            continue
        for hand, start_s in zip(draft.routes[caregiver_id], found.starts_s, strict=True):
            draft.starts[hand.visit.visit_id, hand.role] = start_s
        for hand in draft.routes[caregiver_id]:
            if len(hand.visit.roles) > 1:
                dirty.update(dict.fromkeys(where[key] for key in _push(draft, hand.visit)))


def _push(draft: Draft, visit: PlanVisit) -> list[tuple[str, int]]:
    """Ask roles of a crew to begin later where another cannot begin sooner; the roles asked."""
    keys = [(visit.visit_id, role.role) for role in visit.roles]
    if not all(key in draft.starts for key in keys):
        return []
    starts = [draft.starts[key] for key in keys]
    first_s = max(
        [starts[0], *(s - r.offset_max_s for s, r in zip(starts[1:], visit.roles[1:], strict=True))]
    )
    asked = [first_s, *(first_s + r.offset_min_s for r in visit.roles[1:])]
    late = [(key, low_s) for key, low_s, start_s in zip(keys, asked, starts, strict=True) if low_s > start_s]
    draft.pushed.update(late)
    return [key for key, _ in late]


def _cheapest_way_out(draft: Draft, caregiver_id: str, found: Timed) -> PlanVisit:
    """The visit to drop: cheapest of those without which the route gets past where it breaks."""
    hands = draft.routes[caregiver_id]
    reached = len(found.starts_s)
    ranked = sorted(range(min(reached + 1, len(hands))), key=lambda n: (hands[n].visit.unserved_price_s, -n))
    for number in ranked:
        rest = [draft.bounded(hand) for at, hand in enumerate(hands) if at != number]
        again = timed(draft.problem, draft.carer(caregiver_id), rest)
        if again.holds or len(again.starts_s) >= min(reached + 1, len(hands)):
            return hands[number].visit
    return hands[min(reached, len(hands) - 1)].visit
