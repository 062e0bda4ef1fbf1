"""What a shift's live plan is made of: halts, the gaps between them, and within what a start may move."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from dispatcher.core.records import Place, Shift, Visit
from dispatcher.core.rounds import Round
from dispatcher.core.travel import Ways

if TYPE_CHECKING:
    from dispatcher.core.desk import Desk


NEVER_S = 1 << 50
KEPT_BACK_S = 900
"""The last minutes of a promise are not planned away: roads and visits take longer than thought."""


class Halt(NamedTuple):
    """A stop (with visit and role), or a break (without).

    It begins at `place` and is left from `leaves_at`: an escort ends elsewhere. `start_s` and `end_s` are the
    earliest now believed, `latest_s` the latest start that breaks nothing behind it; `travel_s` leads there
    from the stop before; `here` closes the gap in front: set out or there.

    Of a meal, `left_s` is when its round leaves the kitchen, `fresh_by_s` the latest start that allows. The
    first of a round is reached by its `kitchen`; `on_s` of `travel_s` are loading and the way from there.
    """

    visit_id: str | None
    role: int
    place: Place
    leaves_at: Place
    start_s: int
    end_s: int
    latest_s: int
    travel_s: int
    here: bool = False
    kitchen: Place | None = None
    on_s: int = 0
    left_s: int | None = None
    fresh_by_s: int = NEVER_S


class Gap(NamedTuple):
    """Room between two halts, or between the last and the way home.

    Free at `free_s` in `place`; `way_s` leads straight on to `goal`, and one leaves for it at `leave_s` (the
    gap is closed from then on). A service put in ends by `cap_s`, and with its way to `goal` by `by_s`.
    `credit_s` of travel were possible before the break that began at `break_s` just before this gap.

    A meal put in may ride with the round of number `rides`, or be brought before that of number `leads`; -1
    is none. Where a round goes on behind (`inside`) nothing else may be fetched.
    """

    free_s: int
    place: Place
    goal: Place
    way_s: int
    leave_s: int
    cap_s: int
    by_s: int
    credit_s: int
    break_s: int
    home: bool
    rides: int = -1
    leads: int = -1
    inside: bool = False


@dataclass(frozen=True, slots=True)
class Day:
    """One shift's halts and the gaps before each and after the last; it starts and ends at `first`."""

    shift: Shift
    first: Place
    speed_mm_s: int
    halts: tuple[Halt, ...]
    gaps: tuple[Gap, ...]
    back_s: int
    rounds: tuple[Round, ...] = ()

    @property
    def work_s(self) -> int:
        """Seconds of care and ways, the way home too."""
        return work_of(self.halts) + (self.gaps[-1].way_s if any(h.visit_id for h in self.halts) else 0)

    @property
    def fits(self) -> bool:
        """Whether every stop starts in time and the way home ends with the shift."""
        return self.back_s <= self.shift.ends_s and all(h.start_s <= h.latest_s for h in self.halts)


def work_of(halts: Iterable[Halt]) -> int:
    """Seconds of care and of the ways to it; waits and breaks are no work."""
    return sum(halt.travel_s + halt.end_s - halt.start_s for halt in halts if halt.visit_id is not None)


def start_bounds(visit: Visit, role: int) -> tuple[int, int]:
    """Within which a role's start may move as things stand: window, promise, and the crew's common start."""
    hand = visit.hands[role]
    if len(visit.needs) > 1 or hand.came is not None or visit.case_id is not None:
        return hand.start_s, hand.start_s
    if visit.late_allowed:
        return visit.opens_s, max(visit.closes_s, hand.start_s)
    lo_s, hi_s = visit.opens_s, visit.closes_s
    may_start = visit.may_start
    if may_start is not None:
        lo_s, hi_s = max(lo_s, may_start[0]), min(hi_s, may_start[1])
    return lo_s, hi_s


def planned_by_s(visit: Visit, role: int, start_s: int) -> int:
    """How late a role that starts at `start_s` may be planned; a promise with a leeway keeps its own back."""
    latest_s = start_bounds(visit, role)[1]
    return latest_s if visit.leeway is not None else kept_back_s(latest_s, start_s)


def kept_back_s(latest_s: int, start_s: int) -> int:
    """How late a start of `start_s` may be planned that must not be after `latest_s`.

    Others push it into the last minutes only where it stands there already.
    """
    return min(latest_s, max(start_s, latest_s - KEPT_BACK_S))


def ways_of(desk: Desk) -> Ways:
    """The area's travel."""
    return desk.board.ways(desk)


def speed_of(desk: Desk, caregiver_id: str) -> int:
    """A caregiver's speed in millimetres a second."""
    settings = desk.settings
    mode = desk.caregivers[caregiver_id].mode
    return settings.speed_mm_s.get(mode, 5_000) if settings is not None else 5_000
