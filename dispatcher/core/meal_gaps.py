"""What the gaps of a timetable allow a meal, as numbers: the round it may ride with, that it may lead."""

from __future__ import annotations

from collections.abc import Callable

from dispatcher.core.plan import Day
from dispatcher.core.records import Place

RIDE_KITCHEN, RIDE_LEFT, RIDE_LOAD, GOES_ON = range(4)
LEAD_KITCHEN, LEAD_COOKED, LEAD_LOAD, LEAD_FROM, LEAD_SPARE, LEAD_BY, LEAD_ROAD, DOOR = range(4, 12)
"""Lines of a gap, in `Board.rounds`. Of the round that is on its way there or was last: its kitchen's number
or -1, when it left, its portions, whether it goes on behind. Of the round whose first stop comes next: its
kitchen's number or -1, when it is cooked, its portions, from when it must leave and what it can spare
(`rounds.Round`), by when one must be at its first stop, the way there from the kitchen, and the gap that
begins at that stop."""
NOTHING = (-1, 0, 0, 0, -1, 0, 0, 0, 0, 0, 0, 0)


def gap_lines(day: Day, kitchen: Callable[[str, Place], int]) -> list[tuple[int, ...]]:
    """The lines of each gap of a day; `kitchen` numbers kitchens."""
    numbers = range(len(day.gaps))
    return [(*_riding(day, number, kitchen), *_leading(day, number, kitchen)) for number in numbers]


def _riding(day: Day, number: int, kitchen: Callable[[str, Place], int]) -> tuple[int, ...]:
    gap = day.gaps[number]
    if gap.rides < 0:
        return NOTHING[:LEAD_KITCHEN]
    round_ = day.rounds[gap.rides]
    meal = round_.meal
    return kitchen(meal.kitchen_id, meal.kitchen), round_.left_s, round_.load, int(gap.inside)


def _leading(day: Day, number: int, kitchen: Callable[[str, Place], int]) -> tuple[int, ...]:
    gap = day.gaps[number]
    if gap.leads < 0:
        return NOTHING[LEAD_KITCHEN:]
    round_ = day.rounds[gap.leads]
    first, meal = day.halts[round_.first], round_.meal
    rest_s = sum(halt.end_s - halt.start_s for halt in day.halts[number : round_.first])
    return (
        kitchen(meal.kitchen_id, meal.kitchen),
        round_.cooked_s,
        round_.load,
        round_.led_from_s,
        round_.spare_s - rest_s,
        gap.by_s + first.on_s,
        first.on_s - meal.loading_s,
        round_.first + 1,
    )
