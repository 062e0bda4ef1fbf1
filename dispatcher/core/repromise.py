"""When a visit runs over, who waits behind it is told in time; nobody is blamed for staying with a person."""

from __future__ import annotations

from dispatcher.core.draft import Draft
from dispatcher.core.placing import promise, say_shifted
from dispatcher.core.times import at
from schemas.shapes import PlannedStop


def tell_delays(draft: Draft, visit_id: str, role: int) -> None:
    """Stops behind this one that can no longer start as planned get their new start, and a new promise."""
    desk, hand = draft.desk, draft.desk.visits[visit_id].hands[role]
    if hand.shift_id is None or hand.shift_id not in desk.shifts:
        return
    day = desk.board.day(desk, hand.shift_id)
    if day is None:
        return
    for halt in day.halts:
        if halt.visit_id is None or halt.here:
            continue
        visit = desk.visits[halt.visit_id]
        planned_s = visit.hands[halt.role].start_s
        late = visit.told is not None and halt.start_s > max(visit.told[1], planned_s)
        if visit.closed is not None or len(visit.needs) > 1 or not late or visit.case_id is not None:
            continue
        stop = PlannedStop(
            role=halt.role,
            caregiver_id=day.shift.caregiver_id,
            start_at=at(halt.start_s),
            travel_s=halt.travel_s,
        )
        say_shifted(draft, halt.visit_id, stop)
        promise(draft, halt.visit_id)
