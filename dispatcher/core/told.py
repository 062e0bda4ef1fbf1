"""What is told of a start: the interval, what of it the plan may use, and where its width comes from.

Where enough starts were seen, the interval is the one that holds nine in ten of them; until then it is what
the city has set. The plan may use half of each side, so that the lateness it adds cannot feed on itself.
"""

from __future__ import annotations

from typing import NamedTuple

from dispatcher.core.desk import Desk
from dispatcher.core.draft import why
from dispatcher.core.punctual import LIMIT_S, Spread, kinds_of, spread_of, within
from dispatcher.core.records import Visit
from schemas.base import Reason


class Told(NamedTuple):
    """An interval of starts; `leeway` is what the plan may use of it, None where that is all."""

    lo_s: int
    hi_s: int
    leeway: tuple[int, int] | None = None
    basis: Reason | None = None


def told_of(desk: Desk, visit: Visit, start_s: int, shift_id: str | None, now_s: int) -> Told:
    """What would be promised now of a start in a shift.

    It opens within the window asked; what was seen of lateness may reach beyond its end, and is said.
    """
    limit_s = _limit_s(desk)
    seen = spread_of(desk, kinds_of(desk, shift_id, start_s, now_s)) if limit_s else None
    if seen is None:
        return _as_set(desk, visit, start_s)
    early_s, late_s = within(seen, limit_s)
    basis = why(_code(seen, early_s + late_s), seen=seen.seen, early_s=seen.early_s, late_s=seen.late_s)
    leeway = (start_s - early_s // 2, start_s + late_s // 2)
    return Told(max(visit.opens_s, start_s - early_s), start_s + late_s, leeway, basis)


def _code(seen: Spread, width_s: int) -> str:
    """Whether the width is that of what was seen."""
    lacking_s = width_s - seen.early_s - seen.late_s
    return "TOLD_AS_SEEN" if lacking_s == 0 else "TOLD_AT_LIMIT" if lacking_s < 0 else "TOLD_AT_LEAST"


def _limit_s(desk: Desk) -> int:
    settings = desk.settings
    if settings is None:
        return 0
    return LIMIT_S if settings.promise_limit_s is None else settings.promise_limit_s


def _as_set(desk: Desk, visit: Visit, start_s: int) -> Told:
    """A little before the start, and the promise's width on, within the window asked."""
    settings = desk.settings
    early_s, width_s = (settings.promise_early_s, settings.promise_width_s) if settings else (300, 1800)
    lo_s = max(visit.opens_s, start_s - early_s)
    hi_s = lo_s + width_s
    if not visit.late_allowed:
        hi_s = min(hi_s, visit.closes_s)
    return Told(lo_s, max(hi_s, start_s))
