"""Meals that have left their kitchen: they are in a box, whatever becomes of the stops beside them."""

from __future__ import annotations

from dataclasses import replace

from dispatcher.core.desk import Desk
from dispatcher.core.plan import NEVER_S, Day, Halt
from dispatcher.core.records import Hands, Visit
from dispatcher.core.rounds import Round


def under_way(desk: Desk, visit: Visit, now_s: int) -> bool:
    """Whether a caregiver must already have left for it, or for the round it is fetched in: it is frozen."""
    return any(
        hand.caregiver_id is not None and _left(desk, visit, role, hand, now_s)
        for role, hand in enumerate(visit.hands)
    )


def _left(desk: Desk, visit: Visit, role: int, hand: Hands, now_s: int) -> bool:
    """Of one role; a round is under way as a whole, from when one sets out for its kitchen."""
    if hand.departed_s is not None:
        return True
    found = round_of(desk, visit, role)
    if found is None:
        return hand.start_s - hand.travel_s <= now_s
    return on_its_way(*found, now_s)


def on_its_way(day: Day, round_: Round, now_s: int) -> bool:
    """Whether somebody must have set out for a round's kitchen."""
    first = day.halts[round_.first]
    return first.here or first.start_s - first.travel_s <= now_s or round_.left_s <= now_s


def round_of(desk: Desk, visit: Visit, role: int) -> tuple[Day, Round] | None:
    """The timetable and the round that a meal stands in; None of what stands in none."""
    shift_id = visit.hands[role].shift_id
    day = None if visit.meal is None or shift_id is None else desk.board.day(desk, shift_id)
    if day is None:
        return None
    for round_ in day.rounds:
        if any((h.visit_id, h.role) == (visit.visit_id, role) for h in members(day, round_)):
            return day, round_
    return None


def members(day: Day, round_: Round) -> tuple[Halt, ...]:
    """The halts of a round."""
    halts = day.halts[round_.first : round_.last + 1]
    return tuple(halt for halt in halts if halt.left_s is not None)


def keep_boxes(desk: Desk, visit_id: str, role: int, now_s: int) -> None:
    """A stop is about to leave its shift: what left the kitchen with it stays in the box."""
    visit = desk.visits[visit_id]
    found = round_of(desk, visit, role)
    if found is None:
        return
    day, round_ = found
    first = day.halts[round_.first]
    set_out = first.here or visit.hands[role].bound
    if (first.visit_id, first.role) != (visit_id, role) or not set_out or round_.left_s > now_s:
        return
    for halt in members(day, round_)[1:]:
        other = desk.visits[halt.visit_id or ""]
        hands = list(other.hands)
        hands[halt.role] = replace(hands[halt.role], boxed_s=round_.left_s)
        desk.put_visit(replace(other, hands=tuple(hands)))


def fresh_by_s(visit: Visit, halt: Halt) -> int:
    """The latest start at which a meal is fresh, as its round leaves; `NEVER_S` of what is no meal."""
    return NEVER_S if visit.meal is None or halt.left_s is None else halt.left_s + visit.meal.fresh_s
