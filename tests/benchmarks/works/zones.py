"""A day cut into zones of 40 caregivers, and the sequences of all zones together."""

from __future__ import annotations

from dispatcher.planning.decompose import Zone, zones
from dispatcher.planning.problem import Problem
from tests.benchmarks.peers.mend import Sequences
from tests.benchmarks.peers.nearest_first import nearest_first
from tests.benchmarks.peers.registry import Ask, as_sequences
from tests.benchmarks.peers.timetable import Hand

ZONE_CAREGIVERS = 40


def in_zones(plan: Ask, problem: Problem, limit_s: float, seed: int) -> Sequences:
    """What a peer says zone by zone, an equal share of the limit for each; the zones are the same for all.

    They are those of the nearest-first plan. A crew between two zones keeps the time it has there.
    """
    said: dict[str, list[Hand]] = {}
    cut = zones(problem, nearest_first(problem, 0.0, 0), ZONE_CAREGIVERS)
    for zone in cut:
        part = as_sequences(zone.problem, plan(zone.problem, limit_s / len(cut), seed))
        for caregiver_id, hands in part.items():
            said[caregiver_id] = [_whole(problem, zone, hand) for hand in hands]
    return said


def _whole(problem: Problem, zone: Zone, hand: Hand) -> Hand:
    """The hand by the whole day's visit and number of role."""
    visit_id = hand.visit.visit_id
    role = zone.parts[visit_id][hand.role]
    return Hand(problem.visit_by_id[visit_id], role, hand.low_s, hand.high_s)
