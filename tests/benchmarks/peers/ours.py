"""The planner's own engine beside its peers: not mended, and told nothing that others are not told."""

from __future__ import annotations

from dataclasses import dataclass

from dispatcher.planning import improve_city as engine
from dispatcher.planning.problem import Plan, Problem
from tests.benchmarks.peers import clock

NO_END = 1 << 60
"""More steps than any limit allows."""


@dataclass
class Looks:
    """A clock for the engine's stopping rule that counts how often it is looked at: once for each chunk."""

    limit_s: float
    count: int = 0
    begun_s: float = 0.0
    first_s: float = 0.0
    last_s: float = 0.0

    def spent(self) -> float:
        """Share of the limit that is used."""
        self.count += 1
        self.last_s = clock.now_s()
        self.first_s = self.first_s or self.last_s
        return (self.last_s - self.begun_s) / self.limit_s

    @property
    def steps(self) -> int:
        """Steps made."""
        return self.count * engine.CHUNK

    @property
    def steps_per_s(self) -> float | None:
        """Steps in a second, from the first chunk's end on; None for fewer than two chunks."""
        return (self.count - 1) * engine.CHUNK / (self.last_s - self.first_s) if self.count > 1 else None


def improved(problem: Problem, limit_s: float, seed: int) -> tuple[Plan, Looks]:
    """The engine's plan within the limit, and how many steps it took."""
    looks = Looks(limit_s, begun_s=clock.now_s())
    return engine.improve(problem, None, engine.Stop(NO_END, looks.spent), seed), looks


def ours(problem: Problem, limit_s: float, seed: int) -> Plan:
    """The engine's plan within the limit."""
    return improved(problem, limit_s, seed)[0]
