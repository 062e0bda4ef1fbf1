"""What was measured, one JSON line each: every table and plot can be made again from them."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path

KEPT = Path(__file__).parents[2] / ".liuzhu" / "benchmarks"
"""Where results, compiled classes and plots lie; no part of what is committed."""


@dataclass(frozen=True)
class Result:
    """One peer on one work with one seed and one budget."""

    work: str
    peer: str
    seed: int
    limit_s: float
    trouble: str | None = None
    """Why there is no plan: ABSENT, NOTHING_FOUND, KILLED, FAILED, with what is known of it."""
    price_s: int = 0
    unserved: int = 0
    travel_s: int = 0
    violations: int = 0
    took_s: float = 0.0
    """Wall seconds of the peer itself: not of reading the day, loading, mending or judging."""
    cpu_s: float = 0.0
    """Seconds of processor in that time: much less than `took_s` where the core was shared."""
    extra_mb: float = 0.0
    """Greatest resident memory above what the process held before the peer began."""
    steps: int | None = None
    steps_per_s: float | None = None
    best_known_s: float | None = None
    """Best price known, for public days."""
    clock: str = "wall"
    """Whose seconds the limit is: the wall's, or the processor's (`cpu`)."""
    run: str = ""
    """Which run it was, to tell repeats apart."""

    @property
    def gap(self) -> float | None:
        """Share by which the price is above the best known."""
        return None if self.trouble or not self.best_known_s else self.price_s / self.best_known_s - 1


def keep(path: Path, result: Result) -> None:
    """Add a line to the file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a", encoding="utf-8") as lines:
        lines.write(json.dumps(asdict(result), ensure_ascii=False) + "\n")


def kept(paths: Iterable[Path]) -> list[Result]:
    """All results in the files."""
    lines = (line for path in paths for line in path.read_text(encoding="utf-8").splitlines())
    return [Result(**json.loads(line)) for line in lines if line]
