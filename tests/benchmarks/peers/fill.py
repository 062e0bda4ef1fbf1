"""Put visits that a plan leaves out wherever they fit and are worth their travel."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product
from typing import NamedTuple

import numpy as np

from dispatcher.planning.problem import PlanVisit
from tests.benchmarks.peers.draft import Draft
from tests.benchmarks.peers.timetable import Hand, timed, window
from tests.benchmarks.peers.ways import Whole, ways_s

NEAR_ROUTES = 40
"""Routes tried for each role: those with a stop, or a home, nearest."""
PAIRS = 8
"""Ways to place each role of a crew that are tried with one another."""


class Gap(NamedTuple):
    """A place for one role: what it adds in travel, whose, before which stop, the earliest start there."""

    added_s: int
    caregiver_id: str
    position: int
    start_s: int


class Doors:
    """Where the routes pass: places with the caregiver's number of each."""

    def __init__(self, draft: Draft) -> None:
        pairs = [
            (place, number)
            for number, carer in enumerate(draft.problem.caregivers)
            for place in (carer.first_place, *(h.visit.place for h in draft.routes[carer.caregiver_id]))
        ]
        table: Whole = np.array(pairs, dtype=np.int64).reshape(-1, 2)
        self.places, self.carers = table[:, 0], table[:, 1]

    def near(self, draft: Draft, place: int) -> Iterator[int]:
        """Numbers of caregivers, nearest first, each once."""
        ways = ways_s(draft.problem.travel, place, self.places)
        yield from dict.fromkeys(self.carers[np.argsort(ways, kind="stable")].tolist())


def fill(draft: Draft) -> None:
    """Insert what is left out, dearest first, each at its cheapest place; crews keep the starts they have."""
    for caregiver_id, hands in draft.routes.items():
        draft.routes[caregiver_id] = [
            _fixed(draft, hand) if len(hand.visit.roles) > 1 else hand for hand in hands
        ]
    done = {visit_id for visit_id, _ in draft.starts}
    left = [visit for visit in draft.problem.visits if visit.visit_id not in done]
    doors = Doors(draft)
    for visit in sorted(left, key=lambda v: -v.unserved_price_s):
        _insert(draft, visit, doors)


def _fixed(draft: Draft, hand: Hand) -> Hand:
    start_s = draft.starts[hand.visit.visit_id, hand.role]
    return Hand(hand.visit, hand.role, start_s, start_s)


def _insert(draft: Draft, visit: PlanVisit, doors: Doors) -> None:
    """Put the visit in if it fits and costs less than leaving it out."""
    near = list(doors.near(draft, visit.place))
    gaps = [sorted(_gaps(draft, visit, role, near)) for role in range(len(visit.roles))]
    if len(gaps) == 1:
        chosen = [gaps[0][:1]] if gaps[0] else []
        hands = [Hand(visit, 0, *window(visit, 0))]
    else:
        chosen, hands = _crew(draft, visit, gaps)
    for ways in chosen:
        if sum(way.added_s for way in ways) * draft.problem.weights.travel < visit.unserved_price_s:
            for way, hand in zip(ways, hands, strict=True):
                _put(draft, way, hand)


def _gaps(draft: Draft, visit: PlanVisit, role: int, near: list[int]) -> Iterator[Gap]:
    """The gaps of the nearest routes in which the role fits on its own."""
    hand, tried = Hand(visit, role, *window(visit, role)), 0
    for number in near:
        carer = draft.problem.caregivers[number]
        if not draft.problem.may_take(carer, visit.roles[role]):
            continue
        hands = draft.routes[carer.caregiver_id]
        if carer.capacity is not None and visit.load + sum(h.visit.load for h in hands) > carer.capacity:
            continue
        for position in range(len(hands) + 1):
            found = timed(draft.problem, carer, [*hands[:position], hand, *hands[position:]])
            if found.holds:
                yield Gap(
                    _added_s(draft, carer.caregiver_id, position, visit),
                    carer.caregiver_id,
                    position,
                    found.starts_s[position],
                )
        tried += 1
        if tried == NEAR_ROUTES:
            return


def _added_s(draft: Draft, caregiver_id: str, position: int, visit: PlanVisit) -> int:
    """Travel that a stop at the position adds."""
    carer, hands = draft.carer(caregiver_id), draft.routes[caregiver_id]
    way, pace = draft.problem.travel.travel_s, carer.pace_permille
    before = hands[position - 1].visit.place if position else carer.first_place
    after = hands[position].visit.place if position < len(hands) else carer.end_place
    if after is None:
        return way(before, visit.place, pace)
    direct_s = way(before, after, pace) if hands else 0
    return way(before, visit.place, pace) + way(visit.place, after, pace) - direct_s


def _crew(draft: Draft, visit: PlanVisit, gaps: list[list[Gap]]) -> tuple[list[list[Gap]], list[Hand]]:
    """The cheapest gaps found for all roles of a crew at their offsets, and the roles fixed there."""
    for ways in sorted(
        product(*(some[:PAIRS] for some in gaps)), key=lambda ways: sum(w.added_s for w in ways)
    ):
        if len({way.caregiver_id for way in ways}) < len(ways):
            continue
        roles = visit.roles
        first_s = max(
            [ways[0].start_s, *(w.start_s - r.offset_max_s for w, r in zip(ways[1:], roles[1:], strict=True))]
        )
        starts = [
            max(w.start_s, first_s + r.offset_min_s * (n > 0))
            for n, (w, r) in enumerate(zip(ways, roles, strict=True))
        ]
        starts[0] = first_s
        hands = [Hand(visit, n, start_s, start_s) for n, start_s in enumerate(starts)]
        if all(_fits(draft, way, hand) for way, hand in zip(ways, hands, strict=True)):
            return [list(ways)], hands
    return [], []


def _fits(draft: Draft, way: Gap, hand: Hand) -> bool:
    if hand.low_s > window(hand.visit, hand.role)[1]:
        return False
    hands = draft.routes[way.caregiver_id]
    route = [*hands[: way.position], hand, *hands[way.position :]]
    return timed(draft.problem, draft.carer(way.caregiver_id), route).holds


def _put(draft: Draft, way: Gap, hand: Hand) -> None:
    hands = draft.routes[way.caregiver_id]
    hands.insert(way.position, hand)
    found = timed(draft.problem, draft.carer(way.caregiver_id), hands)
    for each, start_s in zip(hands, found.starts_s, strict=True):
        draft.starts[each.visit.visit_id, each.role] = start_s
