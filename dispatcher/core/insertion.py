"""Cheapest feasible insertion: the five best ways to serve a visit, and what stopped everyone else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from dispatcher.core.crew import join
from dispatcher.core.desk import Desk
from dispatcher.core.eligible import CODES
from dispatcher.core.rooms import BEST, TIMED, Choice, Room, Stopped, Wish, room_for, seat_of


@dataclass(frozen=True)
class Found:
    """Up to five ways, cheapest first; everyone else with what stopped them, in the order of enrolment."""

    choices: tuple[Choice, ...]
    stopped: dict[str, Stopped]

    def nearest_miss(self) -> tuple[str, Stopped] | None:
        """Who failed by the least time."""
        timed = [(s.by_s, c) for c, s in self.stopped.items() if s.by_s > 0 and s.code in TIMED]
        if not timed:
            return None
        caregiver_id = min(timed)[1]
        return caregiver_id, self.stopped[caregiver_id]


def find(desk: Desk, wish: Wish) -> Found:
    """The cheapest ways to fulfil a wish, and why everyone else is not among them."""
    desk.board.ready(desk)
    rooms = [room_for(desk, wish, role) for role in wish.roles]
    choices = _singles(desk, rooms[0]) if len(rooms) == 1 else join(desk, wish, rooms)
    return Found(tuple(choices), _stopped(desk, wish, rooms, choices))


def _singles(desk: Desk, room: Room) -> list[Choice]:
    """The five cheapest caregivers for one role, each with the best gap."""
    seen: set[int] = set()
    choices: list[Choice] = []
    for i in range(len(room)):
        number = int(room.carer[i])
        if number in seen:
            continue
        seen.add(number)
        seat = seat_of(desk, room, i, int(room.from_s[i]))
        choices.append(Choice((seat,), int(room.added[i]), int(room.own[i])))
        if len(choices) == BEST:
            break
    return choices


def _stopped(desk: Desk, wish: Wish, rooms: list[Room], choices: list[Choice]) -> dict[str, Stopped]:
    """One code for every caregiver who is not among the choices."""
    chosen = {seat.caregiver_id for choice in choices for seat in choice.seats}
    best: dict[int, int] = {}
    for room in rooms:
        floor = int(room.own[0]) if len(room) else 0
        _, first = np.unique(room.carer, return_index=True)
        for i in first.tolist():
            more = int(room.own[i]) - floor
            number = int(room.carer[i])
            best[number] = min(more, best.get(number, more))
    stopped: dict[str, Stopped] = {}
    lonely = bool(rooms) and not choices
    codes = [room.codes.tolist() for room in rooms]
    for number, caregiver_id in enumerate(desk.board.carer_ids(desk)):
        if caregiver_id in chosen:
            continue
        if number in best:
            stopped[caregiver_id] = Stopped("NO_PARTNER") if lonely else Stopped("COSTS_MORE", best[number])
            continue
        stopped[caregiver_id] = _first_stop(number, rooms, codes)
    return stopped


def _first_stop(number: int, rooms: list[Room], codes: list[list[int]]) -> Stopped:
    """Why nobody found room for this caregiver: the rule of the role that came nearest to taking them."""
    missed = [room.misses[number] for room in rooms if number in room.misses]
    if missed:
        return min(missed, key=lambda stop: stop.by_s)
    stops = [line[number] for line in codes if number < len(line)]
    if any(stop == 0 for stop in stops):
        return Stopped("NO_SHIFT")
    return Stopped(CODES[stops[0]] if stops else "NO_SHIFT")
