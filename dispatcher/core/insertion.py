"""Cheapest feasible insertion: the five best ways to serve a visit, and what stopped everyone else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatcher.core import crew, kernel, legs, meals, nearest
from dispatcher.core.crew import join
from dispatcher.core.desk import Desk
from dispatcher.core.gaps import COLLECT, GOAL_INDEX, SLOT
from dispatcher.core.legs import linked
from dispatcher.core.meals import meal_choices, meal_reach
from dispatcher.core.rooms import (
    BEST,
    MISSES,
    NO_TABLE,
    Choice,
    Reach,
    Wish,
    best_choices,
    reach_of,
    room_for,
)
from dispatcher.core.stops import NUMBER, Stops
from dispatcher.core.travel import Ints

_NAMED = np.array([NUMBER["COSTS_MORE"], NUMBER[MISSES[1]], NUMBER["NO_SHIFT"]])


@dataclass(frozen=True)
class Found:
    """Up to five ways, cheapest first; everyone else with what stopped them."""

    choices: tuple[Choice, ...]
    stopped: Stops


def find(desk: Desk, wish: Wish) -> Found:
    """The cheapest ways to fulfil a wish, and why everyone else is not among them."""
    desk.board.ready(desk)
    if len(wish.roles) == 1:
        is_meal = wish.visit.meal is not None
        reach = (meal_reach if is_meal else reach_of)(desk, wish, wish.roles[0])
        codes, by_s, top = _stopping([reach])
        choices = (meal_choices if is_meal else best_choices)(desk, reach, top)
        return _found(desk, choices, codes, by_s)
    rooms = [room_for(desk, wish, role) for role in wish.roles]
    choices = join(desk, wish, rooms) if wish.visit.trip is None else linked(desk, wish, rooms)
    codes, by_s, _ = _stopping([room.reach for room in rooms])
    if not choices:
        lonely = codes == NUMBER["COSTS_MORE"]
        codes[lonely], by_s[lonely] = NUMBER["NO_PARTNER"], 0
    return _found(desk, choices, codes, by_s)


def warm_up() -> None:
    """Compile what `find` needs, or load what was kept: the first request is answered like the next."""
    none = np.zeros(0, np.int64)
    wide, codes = np.zeros((7, 0), np.int64), np.zeros(0, np.int8)
    gaps, ends = np.zeros((0, GOAL_INDEX + 1, 0), np.int64), np.zeros((0, 6, 0))
    board = (np.zeros((SLOT + 1, 0), np.int64), np.zeros(0), gaps, ends)
    numbers = np.zeros(COLLECT + 1, np.int64)
    barred, place = np.zeros(0, np.bool_), np.zeros(6)
    kernel.measure(board, NO_TABLE, codes, barred, none, numbers, place, wide, wide[:6], wide[:2], wide)
    kernel.stop(codes, wide[:6], wide[:2], _NAMED, True, none, none, none)
    crew.warm_up()
    legs.warm_up()
    meals.warm_up()
    nearest.warm_up()


def _stopping(reaches: list[Reach]) -> tuple[Ints, Ints, Ints]:
    """What stops each caregiver and by how much, in the role that came nearest; the cheapest in the last."""
    carers = len(reaches[0].codes)
    codes, by_s, top = np.empty(carers, np.int64), np.empty(carers, np.int64), np.empty(BEST, np.int64)
    many = 0
    for reach in reaches:
        many = kernel.stop(reach.codes, reach.best, reach.miss, _NAMED, reach is reaches[0], codes, by_s, top)
    return codes, by_s, top[:many]


def _found(desk: Desk, choices: list[Choice], codes: Ints, by_s: Ints) -> Found:
    """The choices, and one code for every caregiver who is not among them."""
    ids, numbers = desk.board.carer_ids(desk), desk.board.numbers(desk)
    for choice in choices:
        for seat in choice.seats:
            codes[numbers[seat.caregiver_id]] = -1
    return Found(tuple(choices), Stops(ids, numbers, codes, by_s))
