"""A day cut into zones of 40 caregivers, and the sequences of all zones together."""

from __future__ import annotations

from dispatcher.planning.decompose import zones
from dispatcher.planning.problem import Problem
from tests.benchmarks.peers.mend import Sequences
from tests.benchmarks.peers.nearest_first import nearest_first
from tests.benchmarks.peers.registry import Ask, as_sequences

ZONE_CAREGIVERS = 40


def in_zones(plan: Ask, problem: Problem, limit_s: float, seed: int) -> Sequences:
    """What a peer says zone by zone, an equal share of the limit for each; the zones are the same for all.

    They are those of the nearest-first plan. A crew between two zones keeps the time it has there.
    """
    said: dict[str, list[tuple[str, int]]] = {}
    cut = zones(problem, nearest_first(problem, 0.0, 0), ZONE_CAREGIVERS)
    for zone in cut:
        for caregiver_id, stops in as_sequences(plan(zone.problem, limit_s / len(cut), seed)).items():
            said[caregiver_id] = [(visit_id, zone.parts[visit_id][role]) for visit_id, role in stops]
    return said
