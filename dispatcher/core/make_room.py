"""Room for a request that fits nowhere: one visit goes to another gap, or another caregiver, and it fits.

Only what was promised may not break: the visit that gives way keeps its promise and its provider. One whose
caregiver nobody was told yet gives way first; of the others, one whose shift was the acceptance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from operator import attrgetter

from dispatcher.core.boxes import under_way
from dispatcher.core.desk import Desk
from dispatcher.core.draft import Draft
from dispatcher.core.eligible import plain_reason, role_codes
from dispatcher.core.insertion import Found, find
from dispatcher.core.offers import forward, withdraw
from dispatcher.core.placing import put_in, wish_for
from dispatcher.core.plan import Day
from dispatcher.core.plan_adopt import fixed_carer
from dispatcher.core.records import Visit
from dispatcher.core.rooms import Wish
from schemas.base import Reason
from schemas.codes import Origin

TRIES = 12
"""So many visits, the likeliest, are tried in earnest: who calls waits for the answer."""
TOLD_S = 900
"""What another caregiver than the one told costs, in seconds of travel, here and in plans."""


@dataclass(frozen=True)
class Swap:
    """A visit that might give way in a shift, and what that would cost before it is known where it goes."""

    visit_id: str
    caregiver_id: str
    price_s: int


def make_room(
    draft: Draft, wish: Wish, reasons: tuple[Reason, ...], origin: Origin = Origin.INSERTION
) -> bool:
    """Put a visit of one role in where another gives way; False where that helps nobody."""
    if len(wish.roles) > 1 or wish.visit.place is None:
        return False
    best: tuple[int, Draft] | None = None
    for swap in sorted(_swaps(draft.desk, wish), key=attrgetter("price_s", "visit_id"))[:TRIES]:
        if best is not None and swap.price_s >= best[0]:
            break
        trial = draft.branch()
        cost_s = _swapped(trial, wish, swap, reasons, origin)
        if cost_s is not None and (best is None or cost_s < best[0]):
            best = cost_s, trial
    if best is None:
        return False
    draft.absorb(best[1])
    return True


def _swapped(trial: Draft, wish: Wish, swap: Swap, reasons: tuple[Reason, ...], origin: Origin) -> int | None:
    """Try one; what it costs in seconds of travel, None where one of the two has no room."""
    before = trial.desk.visits[swap.visit_id]
    withdraw(trial, before, 0, plain_reason("ROOM_MADE"))
    ways = find(trial.desk, replace(wish, only=frozenset({swap.caregiver_id})))
    if not ways.choices:
        return None
    found_so = (*reasons, plain_reason("ROOM_FOUND"))
    put_in(
        trial,
        replace(wish, visit=trial.desk.visits[wish.visit.visit_id]),
        ways,
        origin=origin,
        reasons=found_so,
    )
    found = _new_home(trial, swap.visit_id, before)
    if found is None:
        return None
    moved, homes = found
    put_in(trial, moved, homes, origin=Origin.INSERTION, reasons=(plain_reason("ROOM_MADE"),))
    forward(trial, swap.visit_id, Origin.INSERTION)
    return swap.price_s + homes.choices[0].cost_s


def _new_home(trial: Draft, visit_id: str, before: Visit) -> tuple[Wish, Found] | None:
    """Where it goes: within what was promised, by the provider that was promised."""
    visit = trial.desk.visits[visit_id]
    wish = wish_for(trial.desk, visit, trial.now_s, within_told=True)
    if wish.lo_s > wish.hi_s:
        return None
    bound_to = before.told_provider or visit.provider_id
    found = find(trial.desk, replace(wish, visit=replace(visit, provider_id=bound_to)))
    return (wish, found) if found.choices else None


def _swaps(desk: Desk, wish: Wish) -> Iterator[Swap]:
    """Visits in whose place the wish would fit, in the shifts of those who may come."""
    desk.board.ready(desk)
    able = role_codes(desk, wish.visit, wish.roles[0], wish.lo_s) == 0
    numbers = desk.board.numbers(desk)
    last_s = min(wish.hi_s, wish.visit.closes_s)
    for shift in desk.shifts.values():
        if not able[numbers[shift.caregiver_id]] or shift.starts_s > last_s or shift.ends_s <= wish.lo_s:
            continue
        day = desk.board.day(desk, shift.shift_id)
        if day is not None and desk.caregivers[shift.caregiver_id].active:
            yield from _swaps_in(desk, wish, day)


def _swaps_in(desk: Desk, wish: Wish, day: Day) -> Iterator[Swap]:
    """Those of one day, each with the travel it would add there."""
    place, need = wish.visit.place, wish.visit.needs[wish.roles[0]]
    assert place is not None
    ways = desk.board.ways(desk)
    for number, halt in enumerate(day.halts):
        gap, after = day.gaps[number], day.gaps[number + 1]
        if halt.visit_id is None or not _gives_way(desk, desk.visits[halt.visit_id], wish.now_s):
            continue
        if after.by_s < wish.lo_s or gap.free_s > wish.hi_s:
            continue
        there_s = ways.travel_s(gap.place, place, day.speed_mm_s)
        on_s = ways.travel_s(place, after.goal, day.speed_mm_s)
        start_s = max(gap.free_s + there_s, wish.lo_s, wish.now_s + there_s)
        end_s = start_s + need.duration_s
        if start_s > wish.hi_s or end_s > after.cap_s or end_s + on_s > after.by_s:
            continue
        told = 0 if desk.visits[halt.visit_id].waiting else TOLD_S
        added_s = there_s + on_s - gap.way_s - after.way_s + told
        yield Swap(halt.visit_id, day.shift.caregiver_id, added_s)


def _gives_way(desk: Desk, visit: Visit, now_s: int) -> bool:
    """Whether a visit may go to another: nobody is on the way, nobody said yes to it in person."""
    hand = visit.hands[0]
    return (
        len(visit.hands) == 1
        and visit.case_id is None
        and visit.closed is None
        and not visit.started
        and not visit.late_allowed
        and not visit.asked_ids
        and hand.offer_id is None
        and not under_way(desk, visit, now_s)
        and fixed_carer(desk, visit, 0) is None
    )
