"""When a visit runs over, who waits behind it is thought of in time; nobody is blamed for staying on.

A stop behind that can no longer start as promised goes to somebody who can keep the promise, or start within
its window and well before; where nobody can, it stays with its caregiver, and an operator rings who waits.
"""

from __future__ import annotations

from dispatcher.core.boxes import fresh_by_s
from dispatcher.core.desk import Desk
from dispatcher.core.draft import Draft
from dispatcher.core.eligible import plain_reason
from dispatcher.core.placing import call_back
from dispatcher.core.plan import Halt
from dispatcher.core.rehome import rehome

GRACE_S = 300
"""Lateness up to this is not worth a change of caregiver."""


def tell_delays(draft: Draft, visit_id: str, role: int) -> None:
    """Look at the stops behind this one on its shift."""
    desk, hand = draft.desk, draft.desk.visits[visit_id].hands[role]
    if hand.shift_id is None or hand.shift_id not in desk.shifts:
        return
    day = desk.board.day(desk, hand.shift_id)
    for halt in day.halts if day is not None else ():
        code = None if halt.visit_id is None or halt.here else _trouble(desk, halt.visit_id, halt)
        if code is not None:
            _find_help(draft, halt.visit_id or "", halt.start_s, code)


def _trouble(desk: Desk, visit_id: str, halt: Halt) -> str | None:
    """Whether it can no longer start as promised, or its meal would be cold."""
    visit = desk.visits[visit_id]
    if visit.told is None or visit.closed is not None or visit.started or visit.case_id is not None:
        return None
    if (visit.trip is not None and halt.role) or visit.late_known:
        return None
    if not visit.late_allowed and halt.start_s > visit.told[1] + GRACE_S:
        return "RUNS_LATE"
    return "MEAL_COLD" if halt.start_s > fresh_by_s(visit, halt) + GRACE_S else None


def _find_help(draft: Draft, visit_id: str, start_s: int, code: str) -> None:
    """Move the visit if it then starts as promised, or well before `start_s`; else say what is wrong."""
    visit = draft.desk.visits[visit_id]
    trial = draft.branch()
    under_way = any(hand.departed_s is not None for hand in visit.hands)
    if not under_way and rehome(trial, visit_id, plain_reason(code), others_move=False):
        starts_s = trial.desk.visits[visit_id].start_s
        if visit.told is None or starts_s <= max(visit.told[1], start_s - GRACE_S):
            draft.absorb(trial)
            return
    call_back(draft, visit, code)
