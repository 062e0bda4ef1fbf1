"""The timetable with rounds against a walk through the same day."""

from __future__ import annotations

from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.core.desk import Desk
from dispatcher.core.plan import NEVER_S, Day
from tests.rules.core.meal_days import Item, Walk, Walked, items_of, random_desk

MANY = settings(max_examples=150, deadline=None)


@MANY
@given(st.integers(0, 10**9))
def test_a_day_with_rounds_begins_everything_when_a_walk_through_it_does(seed: int) -> None:
    """Else a caregiver stands before a closed kitchen, or at a door with cold soup."""
    desk, _ = random_desk(Random(seed))
    for shift_id in desk.shifts:
        day = desk.board.day(desk, shift_id)
        assert day is not None
        walked = Walk(desk, shift_id, items_of(desk, shift_id)).all()
        assert walked is not None
        assert walked.starts_s == tuple(halt.start_s for halt in day.halts)
        assert walked.left_s == tuple(halt.left_s for halt in day.halts)
        assert day.fits
        ways_s = sum(gap.way_s for gap in day.gaps if gap.credit_s == 0 and gap.break_s == 0)
        doors_s = sum(halt.on_s for halt in day.halts)
        loads_s = sum(round_.meal.loading_s for round_ in day.rounds)
        assert walked.travel_s == ways_s + doors_s - loads_s


def held_up(desk: Desk, shift_id: str, day: Day, gap: int, at_goal_s: int) -> Walked | None:
    """The day when whoever has it comes to where the gap leads at that second, and not before."""
    items = items_of(desk, shift_id)
    walk = Walk(desk, shift_id, items)
    for number in range(gap):
        if not walk.keeps(number, walk.go(number)):
            return None
    walk.free_s, walk.place, walk.idle_s = at_goal_s, day.gaps[gap].goal, 0
    for number in range(gap, len(items)):
        if not walk.keeps(number, walk.go(number)):
            return None
    walk.free_s += walk.way_s(walk.place, walk.home)
    return Walked((), 0, ()) if walk.free_s <= walk.shift.ends_s else None


@MANY
@given(st.integers(0, 10**9))
def test_a_gap_says_to_the_second_how_late_one_may_come_from_it(seed: int) -> None:
    """A second more and a meal is cold or a promise broken; a second less and room is wasted."""
    desk, _ = random_desk(Random(seed), carers=2)
    for shift_id in desk.shifts:
        day = desk.board.day(desk, shift_id)
        assert day is not None
        for number, gap in enumerate(day.gaps):
            if gap.cap_s < NEVER_S:
                continue
            assert held_up(desk, shift_id, day, number, gap.by_s) is not None, number
            assert held_up(desk, shift_id, day, number, gap.by_s + 1) is None, number


def test_breaks_are_items_too() -> None:
    """The days made at random hold what they are made for."""
    found = [
        items_of(desk, shift)
        for desk in (random_desk(Random(s))[0] for s in range(20))
        for shift in desk.shifts
    ]
    items: list[Item] = [item for day in found for item in day]
    assert any(item.visit is None for item in items)
    keys = [item.key for item in items if item.key is not None]
    assert len(keys) > len(set(keys)), "no round of two"
