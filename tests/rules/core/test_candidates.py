"""What is said of a candidate is what then happens: who is moved, who came before."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest

from schemas.base import StartWindow
from schemas.decisions import VisitPlanned
from tests.rules.core.small_town import clock, only, small_town, span


@pytest.mark.parametrize("seed", [1, 4, 6])
def test_whoever_is_said_to_be_moved_is_moved_by_so_much_and_nobody_else(seed: int) -> None:
    """An operator weighs a new visit against those who already have a promise."""
    town, dice, moves = small_town(3, 12, seed=seed), Random(seed), 0
    for _ in range(60):
        before = {v.visit_id: v.start_s for v in town.desk.visits.values()}
        opens = clock("08:00") + timedelta(minutes=dice.randint(0, 480))
        window = StartWindow(opens_at=opens, closes_at=opens + timedelta(minutes=dice.choice([10, 60, 180])))
        said = town.ask(f"r{dice.randint(1, 12)}", dice.choice(["MEAL_LUNCH", "BLOOD_PRESSURE"]), window)
        plans = [d for d in said if isinstance(d, VisitPlanned)]
        if not plans or any(reason.code == "ROOM_FOUND" for reason in plans[0].reasons):
            continue
        told = {move.visit_id: move for move in plans[0].candidates[0].moved or ()}
        after = town.desk.visits
        later = {
            v: after[v].start_s - start_s for v, start_s in before.items() if after[v].start_s != start_s
        }
        assert {visit_id: move.later_s for visit_id, move in told.items()} == later
        for visit_id, move in told.items():
            promised = after[visit_id].told
            assert promised is not None
            assert move.left_s == promised[1] - after[visit_id].start_s
        moves += len(told)
    assert moves > 0


def test_continuity_counts_who_came_within_fourteen_days_and_no_longer() -> None:
    """Somebody with dementia opens the door to a face they know."""
    town = small_town(2, 2)
    visit_id = only(town.ask("r1", "BATH_BED", span("09:00", "10:00")), "RequestAdmitted").visit_id
    came = town.desk.visits[visit_id].hands[0].caregiver_id
    assert came is not None
    town.now = clock("09:02")
    town.check_in(visit_id, came, clock("09:02"))
    town.now = clock("09:50")
    town.check_out(visit_id, came, clock("09:50"))
    for days, times in ((13, 1), (15, 0)):
        town.now = clock("06:00", days)
        for carer in ("c1", "c2"):
            town.shift(f"s-{carer}-{days}", carer, "08:00", "18:00", days=days)
        said = town.ask("r1", "BATH_BED", span("09:00", "10:00", days))
        choice = next(d for d in said if isinstance(d, VisitPlanned))
        known = {c.caregiver_ids[0]: c.continuity for c in choice.candidates}
        assert known[came] is not None
        assert known[came].times == (times,)
        assert known[came].visits == times
    assert town.now - clock("09:02") > timedelta(days=14)
