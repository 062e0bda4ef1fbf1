"""The timetables as arrays: what is tried on a fork stays there, and many ways are timed as one is."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from dispatcher.core.desk import Desk
from dispatcher.core.insertion import find
from dispatcher.core.records import Hands, Need, Place, Shift
from dispatcher.core.rooms import Wish, room_for
from tests.benchmarks.city_desk import DAY_S, a_visit, city_desk, meal_desk, meals, wishes

FAR = (Place(-33_000_000, -70_000_000), Place(51_500_000, -120_000), Place(32_900_000, 126_000_000))
"""Over the horizon of the series that `travel` takes arcs by, and just within it."""


def answer(desk: Desk, wish: Wish) -> tuple[object, ...]:
    """All that is found for a wish, comparable."""
    found = find(desk, wish)
    packed = found.stopped.packed()
    return found.choices, packed.codes, packed.minutes


def anew(desk: Desk) -> Desk:
    """The same desk with a board of its own, made from nothing."""
    other = desk.fork()
    other.board.reset()
    return other


def put(desk: Desk, dice: Random, name: str, shift_id: str) -> None:
    """One more visit in a shift."""
    start_s, home = (
        DAY_S + dice.randint(8, 16) * 3_600,
        desk.caregivers[desk.shifts[shift_id].caregiver_id].home,
    )
    assert home is not None
    visit = a_visit(name, home, (Need(("A",), 60),), start_s, start_s + 7_200)
    hand = Hands(desk.shifts[shift_id].caregiver_id, shift_id, start_s, travel_s=0)
    desk.put_visit(replace(visit, hands=(hand,)))
    desk.put_stop(shift_id, name, 0)


def change(desk: Desk, dice: Random, turn: int) -> None:
    """A few timetables change: a stop less, many more, another shift, a shift without any time."""
    for _ in range(dice.randint(1, 4)):
        shift_id = dice.choice(list(desk.shifts))
        if desk.routes.get(shift_id) and dice.random() < 0.5:
            desk.drop_stop(shift_id, *desk.routes[shift_id][0])
        else:
            for number in range(dice.choice([1, 2, 20])):
                put(desk, dice, f"n{turn}-{shift_id}-{number}-{dice.random()}", shift_id)
    if dice.random() < 0.3:
        carer = dice.choice(list(desk.caregivers))
        shift = Shift(f"x{turn}", carer, DAY_S + 17 * 3_600, DAY_S + 21 * 3_600, (), None)
        desk.shifts[shift.shift_id] = shift
        desk.shifts_of[carer] = (*desk.shifts_of[carer], shift.shift_id)
        desk.board.mark(shift.shift_id)


@pytest.mark.parametrize("has_kitchens", [False, True])
@pytest.mark.parametrize("seed", range(6))
def test_what_is_tried_on_forks_stays_in_them(seed: int, has_kitchens: bool) -> None:
    """A trial that leaked into the desk, or into another trial, would promise what nobody can keep."""
    dice, carers = Random(seed), (20, 64, 90)[seed % 3]
    desk = (meal_desk if has_kitchens else city_desk)(carers, seed)
    wished = (meals if has_kitchens else wishes)(desk, carers, 4, seed)
    asked = [replace(wish, hi_s=wish.hi_s + 3_600) for wish in wished]
    before = [answer(desk, wish) for wish in asked]
    alive = [desk]
    for turn in range(60):
        fork = dice.choice(alive).fork()
        change(fork, dice, turn)
        wish = dice.choice(asked)
        assert answer(fork, wish) == answer(anew(fork), wish)
        if dice.random() < 0.4:
            alive.append(fork)
        elif len(alive) > 4:
            del alive[dice.randrange(1, len(alive))]
    assert [answer(desk, wish) for wish in asked] == before
    for fork in alive:
        assert answer(fork, asked[0]) == answer(anew(fork), asked[0])


def test_a_thousand_trials_one_after_the_other_take_no_more_memory() -> None:
    """A desk answers for weeks: slots that a trial leaves must be found again."""
    dice, desk = Random(1), city_desk(30, 1)
    (wish,) = wishes(desk, 30, 1, 1)
    gaps = desk.board.gaps
    for turn in range(1_000):
        fork = desk.fork()
        put(fork, dice, f"n{turn}", f"s{turn % 30}")
        fork.board.ready(fork)
        assert fork.board.gaps is gaps
    assert answer(desk, wish) == answer(anew(desk), wish)


@pytest.mark.parametrize("seed", range(4))
def test_ways_of_many_gaps_at_once_are_those_of_one(seed: int) -> None:
    """A second's difference on another machine or another road would tell two callers two things."""
    dice, desk = Random(seed), city_desk(40, seed)
    for caregiver_id, carer in list(desk.caregivers.items()):
        if dice.random() < 0.5:
            desk.caregivers[caregiver_id] = replace(carer, home=dice.choice(FAR))
    desk.board.mark_all()
    for wish in wishes(desk, 40, 10, seed):
        room = room_for(desk, replace(wish, lo_s=DAY_S, hi_s=DAY_S + 40 * 86_400), 0)
        assert len(room)
        place, ways = wish.visit.place, desk.board.ways(desk)
        assert place is not None
        for row, gap, travel_s in zip(
            room.row.tolist(), room.gap.tolist(), room.travel.tolist(), strict=True
        ):
            day = desk.board.days[row]
            assert day is not None
            assert travel_s == ways.travel_s(day.gaps[gap].place, place, day.speed_mm_s)
