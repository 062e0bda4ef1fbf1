"""Leave out what costs more travel than it is worth: whole days first, then single visits."""

from __future__ import annotations

from itertools import pairwise

from tests.benchmarks.peers.draft import Draft
from tests.benchmarks.peers.timetable import Hand, timed


def trim(draft: Draft) -> None:
    """Drop visits of one role that are not worth their travel, until each is."""
    for caregiver_id in draft.routes:
        _day(draft, caregiver_id)
        while _visit(draft, caregiver_id):
            pass


def _day(draft: Draft, caregiver_id: str) -> None:
    """Drop all of a day whose visits together are not worth its travel."""
    hands = draft.routes[caregiver_id]
    travel = draft.problem.weights.travel * _travel_s(draft, caregiver_id, hands)
    if all(len(h.visit.roles) == 1 for h in hands) and travel > sum(h.visit.unserved_price_s for h in hands):
        for hand in hands:
            draft.drop(hand.visit)


def _visit(draft: Draft, caregiver_id: str) -> bool:
    """Drop the visit whose leaving out saves most; whether there was one."""
    hands = draft.routes[caregiver_id]
    whole_s = _travel_s(draft, caregiver_id, hands)
    best, best_s = None, 0
    for number, hand in enumerate(hands):
        rest = [*hands[:number], *hands[number + 1 :]]
        saved_s = (whole_s - _travel_s(draft, caregiver_id, rest)) * draft.problem.weights.travel
        if len(hand.visit.roles) == 1 and saved_s - hand.visit.unserved_price_s > best_s:
            best, best_s = rest, saved_s - hand.visit.unserved_price_s
    if best is None:
        return False
    found = timed(draft.problem, draft.carer(caregiver_id), best)
    if not found.holds:
        return False
    (gone,) = {h.visit.visit_id for h in hands} - {h.visit.visit_id for h in best}
    draft.drop(draft.problem.visit_by_id[gone])
    for hand, start_s in zip(best, found.starts_s, strict=True):
        draft.starts[hand.visit.visit_id, hand.role] = start_s
    return True


def _travel_s(draft: Draft, caregiver_id: str, hands: list[Hand]) -> int:
    """Travel of a day with these stops."""
    if not hands:
        return 0
    carer, way_s = draft.carer(caregiver_id), draft.problem.travel.travel_s
    places = [carer.first_place, *(hand.visit.place for hand in hands)]
    if carer.end_place is not None:
        places.append(carer.end_place)
    return sum(way_s(a, b, carer.pace_permille) for a, b in pairwise(places))
