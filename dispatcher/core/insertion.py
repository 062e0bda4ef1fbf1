"""Cheapest feasible insertion: the five best ways to serve a visit, and what stopped everyone else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatcher.core import crew, kernel, legs, nearest
from dispatcher.core.crew import join
from dispatcher.core.desk import Desk
from dispatcher.core.legs import linked
from dispatcher.core.rooms import (
    BEST,
    MISSES,
    NO_TABLE,
    Choice,
    Reach,
    Wish,
    best_choice,
    reach_of,
    room_for,
)
from dispatcher.core.stops import NUMBER, Stops

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
        reaches = [reach_of(desk, wish, wish.roles[0])]
        choices = _singles(desk, reaches[0])
    else:
        rooms = [room_for(desk, wish, role) for role in wish.roles]
        reaches = [room.reach for room in rooms]
        choices = join(desk, wish, rooms) if wish.visit.trip is None else linked(desk, wish, rooms)
    return Found(tuple(choices), _stops(desk, reaches, choices))


def warm_up() -> None:
    """Compile what `find` needs, or load what was kept: the first request is answered like the next."""
    none = np.zeros(0, np.int64)
    wide, codes = np.zeros((7, 0), np.int64), np.zeros(0, np.int8)
    board = (np.zeros((5, 0), np.int64), np.zeros(0), np.zeros((0, 0, 10), np.int64), np.zeros((0, 0, 6)))
    numbers = np.zeros(kernel.COLLECT + 1, np.int64)
    barred, place = np.zeros(0, np.bool_), np.zeros(6)
    kernel.measure(board, NO_TABLE, codes, barred, none, numbers, place, wide[:6], wide[:2], wide)
    kernel.stop(codes, wide[:6], wide[:2], _NAMED, True, none, none)
    kernel.cheapest(wide[:6], none)
    crew.warm_up()
    legs.warm_up()
    nearest.warm_up()


def _singles(desk: Desk, reach: Reach) -> list[Choice]:
    """The five cheapest caregivers for one role, each with the best gap."""
    numbers = np.empty(BEST, np.int64)
    many = kernel.cheapest(reach.best, numbers)
    return [best_choice(desk, reach, number) for number in numbers[:many].tolist()]


def _stops(desk: Desk, reaches: list[Reach], choices: list[Choice]) -> Stops:
    """One code for every caregiver who is not among the choices: of the role that came nearest to them."""
    ids, numbers = desk.board.carer_ids(desk), desk.board.numbers(desk)
    codes, by_s = np.empty(len(ids), np.int64), np.empty(len(ids), np.int64)
    for reach in reaches:
        kernel.stop(reach.codes, reach.best, reach.miss, _NAMED, reach is reaches[0], codes, by_s)
    if not choices:
        lonely = codes == NUMBER["COSTS_MORE"]
        codes[lonely], by_s[lonely] = NUMBER["NO_PARTNER"], 0
    for choice in choices:
        for seat in choice.seats:
            codes[numbers[seat.caregiver_id]] = -1
    return Stops(ids, numbers, codes, by_s)
