"""What a proposed plan does to rounds: no box too full, no meal cold, nobody joins who is too late."""

from __future__ import annotations

from collections.abc import Container, Mapping

from dispatcher.core.boxes import fresh_by_s
from dispatcher.core.desk import Desk
from dispatcher.core.meals import boxes_of
from dispatcher.core.plan import Day


def rounds_hold(before: Desk, trial: Desk, shift_id: str, parts: Container[str], now_s: int) -> bool:
    """Whether a shift's rounds can be brought as `trial` has them, and none is worse off than it was."""
    day, old = trial.board.day(trial, shift_id), before.board.day(before, shift_id)
    if day is None or old is None or not day.rounds:
        return day is None or not day.rounds
    box = boxes_of(trial)[trial.board.numbers(trial)[day.shift.caregiver_id]]
    held = {round_.round_id: round_.load for round_ in old.rounds}
    if any(round_.load > max(box, held.get(round_.round_id, 0)) for round_ in day.rounds):
        return False
    was, cold = _cold_s(before, old), _cold_s(trial, day)
    if any(late_s > max(0, was.get(visit_id, 0)) for visit_id, late_s in cold.items()):
        return False
    return not any(
        halt.visit_id in parts and halt.left_s is not None and halt.left_s < now_s for halt in day.halts
    )


def _cold_s(desk: Desk, day: Day) -> Mapping[str, int]:
    """By how much each meal of a day begins later than it is fresh."""
    return {
        halt.visit_id: halt.start_s - fresh_by_s(desk.visits[halt.visit_id], halt)
        for halt in day.halts
        if halt.visit_id is not None and halt.left_s is not None
    }
