"""What a run was worth, counted alike for every way of matching, and its history for calibration."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import mean, median

from tests.benchmarks.virtual.book import Book, Page
from tests.benchmarks.virtual.field import Clock, Field, Lived, Way
from tests.benchmarks.virtual.world import World

NEAR_S = 900
"""Punctual is who begins at most this far from the middle of the half hour that was told."""


@dataclass(frozen=True)
class Run:
    """One way of matching in one world, lived to the end."""

    name: str
    world: World
    book: Book
    lived: Lived

    def served(self) -> Iterator[Page]:
        """Pages of the requests that were served."""
        return (page for page in self.book.pages.values() if page.came_s is not None)


def run_of(name: str, world: World, way: Way, clock: Clock | None = None) -> Run:
    """Live through the world with this way."""
    field = Field(world, way, clock)
    field.run()
    return Run(name, world, field.book, field.lived)


@dataclass(frozen=True)
class Score:
    """The figures of a run. Shares are of one; travel is that which was truly made."""

    requested: int
    served: int
    unserved: int
    cancelled: int
    travel_h: float
    travel_min_a_visit: float
    punctual: float
    """Of the starts, those within 15 min of the time told last."""
    punctual_first: float
    """The same of the time told first."""
    moved: float
    """Other times told, per 100 requests, with calls that somebody runs late."""
    renamed: float
    """Other caregivers told, per 100 requests."""
    carers_a_recipient: float
    """Distinct caregivers over all days, mean over recipients with at least three visits of one kind."""
    usual: float
    """Of the visits to people who have usual caregivers, those made by one of them."""
    overtime_h: float
    alarm_min: float
    """Middle of the minutes from alarm to arrival."""
    answer_ms: float
    """Middle CPU time of an answer to a caller; 0 where it was not measured."""

    @property
    def served_share(self) -> float:
        """Of the requests that were not taken back, those that were served."""
        return self.served / max(1, self.served + self.unserved)


def score(run: Run) -> Score:
    """Count a run."""
    pages = list(run.book.pages.values())
    served = [page for page in pages if page.came_s is not None]
    cancelled = sum(1 for page in pages if page.cancelled and page.came_s is None)
    hundred = len(pages) / 100
    answers = [ns / 1e6 for ns in run.lived.answers_ns]
    return Score(
        requested=len(pages),
        served=len(served),
        unserved=len(pages) - len(served) - cancelled,
        cancelled=cancelled,
        travel_h=run.lived.travel_s / 3_600,
        travel_min_a_visit=run.lived.travel_s / 60 / max(1, len(served)),
        punctual=_share(served, lambda page: _near(page, page.told)),
        punctual_first=_share(served, lambda page: _near(page, page.estimates["REQUEST"].told)),
        moved=sum(page.moved + page.called_late for page in pages) / hundred,
        renamed=sum(page.renamed for page in pages) / hundred,
        carers_a_recipient=_faces(served),
        usual=_usual(run, served),
        overtime_h=run.lived.overtime_s / 3_600,
        alarm_min=median(run.lived.alarms_s) / 60 if run.lived.alarms_s else 0.0,
        answer_ms=median(answers) if answers else 0.0,
    )


def punctuality_of(run: Run, moment: str = "REQUEST") -> float:
    """Of the visits served, the share that began within the interval told at this moment.

    Moments: "REQUEST" (first told), "ASSIGNMENT" (when the caregiver was first named), "DEPARTURE" (in force
    when the caregiver set out). 0 where nothing was served.
    """
    pages = [page for page in run.served() if moment in page.estimates]
    return _share(pages, lambda page: _within(page, page.estimates[moment].told))


def history_of(run: Run) -> Iterator[dict[str, object]]:
    """Every estimate beside its fact: request, moment, when made, estimated start, told, actual start."""
    for page in run.served():
        for estimate in page.estimates.values():
            yield {**asdict(estimate), "day": page.wish.day, "carer_id": page.carer_id, "came_s": page.came_s}


def write_history(run: Run, path: Path) -> None:
    """The history as JSON, a line for each estimate."""
    lines = (json.dumps(row, sort_keys=True) for row in history_of(run))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def _share(pages: list[Page], holds: Callable[[Page], bool]) -> float:
    return sum(1 for page in pages if holds(page)) / max(1, len(pages))


def _within(page: Page, told: tuple[int, int]) -> bool:
    return page.came_s is not None and told[0] <= page.came_s <= told[1]


def _near(page: Page, told: tuple[int, int] | None) -> bool:
    assert told is not None
    assert page.came_s is not None
    return abs(page.came_s - (told[0] + NEAR_S)) <= NEAR_S


def _faces(served: list[Page]) -> float:
    seen: dict[tuple[str, str], list[str]] = defaultdict(list)
    for page in served:
        seen[page.wish.person_id, page.wish.skill].append(page.carer_id or "")
    often = [len(Counter(carers)) for carers in seen.values() if len(carers) >= 3]
    return mean(often) if often else 0.0


def _usual(run: Run, served: list[Page]) -> float:
    usual = {person.person_id: person.usual for person in run.world.people if person.usual}
    able = {carer.carer_id: carer.skills for carer in run.world.carers}
    theirs = [
        page for page in served if any(page.wish.skill in able[c] for c in usual.get(page.wish.person_id, ()))
    ]
    return _share(theirs, lambda page: page.carer_id in usual[page.wish.person_id])
