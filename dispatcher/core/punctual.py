"""How far starts fall from what was told, and the interval that holds nine in ten of them.

The desk counts, by kind of promise, the seconds between the start that was told and the start that was seen:
whole numbers in bins of fixed edges, no person among them. From the counts the interval is a split conformal
one (Vovk, Gammerman, Shafer, Algorithmic Learning in a Random World, 2005): of n starts seen the j-th and the
k-th hold the next with chance (k - j) / (n + 1). Kinds keep their own counts, so that it holds for each kind;
one with too few falls back on the coarser kind, at last on what the city has set.

A city that becomes more punctual, or less, is not like its past: so the desk also learns from every promise
that was kept or missed which share of the past it must hold for nine in ten of the present to be held
(Gibbs, Candes, Adaptive Conformal Inference Under Distribution Shift, 2021).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from functools import lru_cache
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple

from dispatcher.core.records import Visit
from dispatcher.core.times import city_hour

if TYPE_CHECKING:
    from dispatcher.core.desk import Desk

EDGES_S: tuple[int, ...] = (
    *range(-7_200, -1_800, 300),
    *range(-1_800, -600, 60),
    *range(-600, 600, 30),
    *range(600, 1_800, 60),
    *range(1_800, 7_201, 300),
)
"""Bin 0 lies below the first edge, bin i from edge i - 1 on; the last is open."""
BINS = len(EDGES_S) + 1
HOLDS_PPM = 900_000
MISSED_PPM, HELD_PPM = 9_000, -1_000
"""What a missed and a kept promise add to the share of the past that is held; in balance at one in ten."""
SHARES_PPM = (700_000, 990_000)
ENOUGH = 60
"""So many starts must have been seen before they are believed."""
MOST = 400
"""At so many, all counts are halved: what a city was like long ago fades."""
LEAST_WIDTH_S = 300
"""Nobody plans to the minute: no narrower interval is told."""
LIMIT_S = 3_600
"""The widest that is told where the city sets no limit of its own."""
LEADS_S = (7_200, 43_200)
STOPS_AHEAD = (1, 3)
NOON_H = 12

Counts = tuple[int, ...]


class Spread(NamedTuple):
    """From how long before to how long after the planned start nine in ten began, of how many seen."""

    early_s: int
    late_s: int
    seen: int


def kinds_of(desk: Desk, shift_id: str | None, start_s: int, now_s: int) -> tuple[str, ...]:
    """The kinds a promise made now belongs to, finest first.

    How long ahead it is made, how many stops the caregiver still has before it, and whether it is after noon.
    """
    lead = bisect_right(LEADS_S, start_s - now_s)
    ahead = 0
    for visit_id, role in desk.routes.get(shift_id or "", ()):
        hand = desk.visits[visit_id].hands[role]
        ahead += hand.start_s < start_s and hand.came is None and hand.left is None
    stops = bisect_right(STOPS_AHEAD, ahead)
    zone = desk.settings.time_zone if desk.settings is not None else "UTC"
    half = int(city_hour(start_s, zone) >= NOON_H)
    return f"{lead}.{stops}.{half}", f"{lead}.{stops}", "all"


def count_start(desk: Desk, visit: Visit, came_s: int) -> None:
    """Count one start against what was told; who comes before the window opens begins when it does."""
    if visit.told_start_s is None or visit.case_id is not None:
        return
    off_s = max(came_s, visit.opens_s) - visit.told_start_s
    for kind in visit.told_kinds:
        desk.starts[kind] = counted(desk.starts.get(kind, ()), off_s)
    if visit.told_as_seen and visit.told is not None:
        held = visit.told[0] <= max(came_s, visit.opens_s) <= visit.told[1]
        share_ppm = desk.share_ppm + (HELD_PPM if held else MISSED_PPM)
        desk.share_ppm = min(max(share_ppm, SHARES_PPM[0]), SHARES_PPM[1])


def counted(counts: Counts, off_s: int) -> Counts:
    """The counts with one more; halved together, by running sums, when there are many."""
    more = list(counts) if counts else [0] * BINS
    more[bisect_right(EDGES_S, off_s)] += 1
    if sum(more) < MOST:
        return tuple(more)
    halves = [total // 2 for total in accumulate(more)]
    return tuple(b - a for a, b in zip((0, *halves), halves, strict=False))


def spread_of(desk: Desk, kinds: tuple[str, ...]) -> Spread | None:
    """What was seen of the finest kind that was seen often enough."""
    for kind in kinds:
        counts = desk.starts.get(kind)
        if counts is not None and sum(counts) >= ENOUGH:
            return spread(counts, desk.share_ppm)
    return None


@lru_cache(maxsize=1_024)
def spread(counts: Counts, share_ppm: int = HOLDS_PPM) -> Spread:
    """The interval around the planned start: equal tails, unless one side never happens.

    The planned start itself always lies in it. Inside a bin starts are taken to lie evenly.
    """
    running = tuple(accumulate(counts))
    seen = running[-1]
    held = -(-share_ppm * (seen + 1) // 1_000_000)
    first = max(1, (1_000_000 - share_ppm) * (seen + 1) // 2_000_000)
    sooner = running[bisect_left(EDGES_S, 0)]
    if sooner < first:
        return Spread(0, max(0, _ranked(running, sooner + held)), seen)
    if sooner >= first + held:
        return Spread(max(0, -_ranked(running, sooner + 1 - held)), 0, seen)
    return Spread(max(0, -_ranked(running, first)), max(0, _ranked(running, first + held)), seen)


def _ranked(running: Counts, rank: int) -> int:
    """The `rank`-th start seen, in seconds from the one told."""
    rank = min(rank, running[-1])
    where = bisect_left(running, rank)
    if where == 0:
        return EDGES_S[0]
    if where == BINS - 1:
        return EDGES_S[-1]
    lo_s, hi_s, before = EDGES_S[where - 1], EDGES_S[where], running[where - 1]
    return lo_s + (hi_s - lo_s) * (2 * (rank - before) - 1) // (2 * (running[where] - before))


def within(spread: Spread, limit_s: int) -> tuple[int, int]:
    """(early, late) in seconds, no wider than the limit and no narrower than is of use."""
    early_s, late_s = spread.early_s, spread.late_s
    width_s = early_s + late_s
    if width_s > limit_s:
        early_s = early_s * limit_s // width_s
        return early_s, limit_s - early_s
    lacking_s = max(0, min(LEAST_WIDTH_S, limit_s) - width_s)
    return early_s + lacking_s // 2, late_s + lacking_s - lacking_s // 2
