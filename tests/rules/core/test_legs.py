"""Linked legs against brute force: every pair of gaps of every shift tried by walking through the days."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from random import Random
from typing import NamedTuple

from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.core.desk import Desk
from dispatcher.core.insertion import find
from dispatcher.core.plan import NEVER_S, Day
from dispatcher.core.records import Hands, Need, Place, Trip, Visit
from dispatcher.core.rooms import EARLY_PERMILLE, Wish
from schemas.base import Point, StartWindow
from schemas.codes import HelpKind
from schemas.shapes import Break, TripSecret
from tests.rules.core.small_town import Town, clock, point, small_town

NOW_S = int(clock("07:00").timestamp())
ITEMS = ("BATH_BED", "CLEAN_HOME", "BATH_HOME", "MEAL_LUNCH", "ESCORT_HOSPITAL")
Put = tuple[int, int, int | None]
"""A role put into a gap, at a start or (None) as early as can be."""


class Walked(NamedTuple):
    """A shift lived through: the starts of what was put in, its travel, and whether all was in time."""

    starts_s: tuple[int, ...]
    travel_s: int
    in_time: bool


def somewhere(dice: Random) -> Point:
    return point(dice.randint(-30_000, 30_000), dice.randint(-30_000, 30_000))


def town_with_trips(seed: int) -> Town:
    """Half-full timetables with crews, breaks, second shifts, and people on the way to hospital."""
    town, dice = small_town(0, 8, seed=seed), Random(seed)
    for number in range(4):
        name = f"c{number}"
        town.caregiver(name, home=somewhere(dice), shift=None)
        rests_by = clock(dice.choice(["11:00", "11:10", "13:00"]))
        rest = Break(earliest_at=clock("11:00"), latest_at=rests_by, duration_s=1_800)
        until = dice.choice(["13:00", "18:00"])
        town.shift(f"s-{name}", name, "08:00", until, breaks=(rest,) if dice.random() < 0.5 else ())
        if until == "13:00":
            town.shift(f"t-{name}", name, "14:00", "19:00")
    for _ in range(9):
        opens = clock("08:00") + timedelta(minutes=dice.randint(0, 480))
        window = StartWindow(opens_at=opens, closes_at=opens + timedelta(minutes=60))
        item = dice.choice(ITEMS)
        trip = TripSecret(goal=somewhere(dice)) if item == "ESCORT_HOSPITAL" else None
        town.ask(f"r{dice.randint(1, 8)}", item, window, opened=trip)
    return town


def escort(town: Town, dice: Random) -> Wish:
    """An escort that nobody has yet."""
    opens_s = NOW_S + dice.randint(3_600, 28_000)
    closes_s = opens_s + dice.choice([0, 900, 3_600, 7_200])
    there_s, back_s = dice.choice([600, 1_800]), dice.choice([600, 2_700])
    wait_s, spread_s = dice.choice([900, 3_600, 10_800]), dice.choice([0, 600, 3_600])
    least_s = there_s + max(0, wait_s - spread_s)
    back = Need(("MEDICAL",), back_s, least_s, there_s + wait_s + spread_s)
    person = town.desk.recipients[f"r{dice.randint(1, 8)}"]
    goal = somewhere(dice)
    visit = Visit(
        "v", "q", person.recipient_id, "ESCORT_HOSPITAL", HelpKind.MEDICAL, "t1", opens_s, closes_s,
        dice.random() < 0.2, (Need(("MEDICAL",), there_s), back), (), person.home, (Hands(), Hands()),
        trip=Trip(Place(goal.lat_udeg, goal.lon_udeg)),
    )  # fmt: skip
    hi_s = NEVER_S if visit.late_allowed else closes_s
    return Wish(visit, (0, 1), opens_s, hi_s, NOW_S)


def walk(desk: Desk, day: Day, wish: Wish, puts: tuple[Put, ...]) -> Walked:
    """Live through a shift with these roles in these gaps."""
    ways, speed, visit = desk.board.ways(desk), day.speed_mm_s, wish.visit
    free_s, place, credit_s, travel_s, in_time = day.shift.starts_s, day.first, 0, 0, True
    starts: list[int] = []
    for number in range(len(day.halts) + 1):
        for role, gap, at_s in puts:
            if gap != number:
                continue
            begin, end = visit.begins_at(role), visit.ends_at(role)
            assert begin is not None
            assert end is not None
            way_s = ways.travel_s(place, begin, speed)
            soonest_s = max(free_s, wish.now_s) + max(0, way_s - credit_s)
            start_s = max(soonest_s, wish.start_window(role)[0], at_s or 0)
            if role and starts:
                start_s = max(start_s, starts[0] + visit.needs[1].offset_min_s)
            in_time = in_time and start_s <= wish.start_window(role)[1] and at_s in (None, start_s)
            starts.append(start_s)
            travel_s, free_s, place, credit_s = (
                travel_s + way_s, start_s + visit.needs[role].duration_s, end, 0,
            )  # fmt: skip
        if number == len(day.halts):
            break
        halt = day.halts[number]
        if halt.visit_id is None:
            begin_s = max(free_s, halt.start_s)
            in_time = in_time and begin_s <= halt.latest_s
            credit_s, free_s = credit_s + begin_s - free_s, begin_s + halt.end_s - halt.start_s
            continue
        way_s = ways.travel_s(place, halt.place, speed)
        start_s = max(desk.visits[halt.visit_id].hands[halt.role].start_s, free_s + max(0, way_s - credit_s))
        in_time = in_time and start_s <= halt.latest_s
        travel_s, free_s, place, credit_s = (
            travel_s + way_s, start_s + halt.end_s - halt.start_s, halt.leaves_at, 0,
        )  # fmt: skip
    way_s = ways.travel_s(place, day.first, speed)
    in_time = in_time and free_s + max(0, way_s - credit_s) <= day.shift.ends_s
    return Walked(tuple(starts), travel_s + way_s, in_time)


def last_start(desk: Desk, day: Day, wish: Wish, role: int, gap: int, first_s: int) -> int:
    """The latest start of one role alone in a gap, given that `first_s` is possible."""
    lo_s, hi_s = first_s, min(wish.start_window(role)[1], day.shift.ends_s)
    while lo_s < hi_s:
        middle_s = (lo_s + hi_s + 1) // 2
        held = walk(desk, day, wish, ((role, gap, middle_s),)).in_time
        lo_s, hi_s = (middle_s, hi_s) if held else (lo_s, middle_s - 1)
    return lo_s


def first_together(desk: Desk, day: Day, wish: Wish, there: int, back: int) -> Walked | None:
    """The earliest way to do both in one shift, if there is one."""
    most_s = wish.visit.needs[1].offset_max_s

    def lived(start_s: int | None) -> Walked:
        return walk(desk, day, wish, ((0, there, start_s), (1, back, None)))

    earliest = lived(None).starts_s[0]
    lo_s, hi_s = earliest, max(earliest, min(wish.hi_s, day.shift.ends_s))
    while lo_s < hi_s:
        middle_s = (lo_s + hi_s) // 2
        starts = lived(middle_s).starts_s
        lo_s, hi_s = (lo_s, middle_s) if starts[1] - middle_s <= most_s else (middle_s + 1, hi_s)
    found = lived(lo_s)
    return found if found.in_time and found.starts_s[1] - found.starts_s[0] <= most_s else None


def price_s(wish: Wish, added_s: int, there_s: int, back_s: int) -> int:
    """What a way to serve costs: travel, waiting for it, lateness."""
    visit = wish.visit
    cost_s = added_s + max(0, there_s - visit.opens_s) * EARLY_PERMILLE // 1000
    if visit.late_allowed:
        cost_s += max(0, there_s - visit.closes_s)
        cost_s += max(0, back_s - visit.closes_s - visit.needs[1].offset_max_s)
    return cost_s


def by_brute_force(desk: Desk, wish: Wish) -> dict[tuple[str, str], int]:
    """The least cost of everybody who could do both, and of every two."""
    days = [day for shift_id in desk.shifts if (day := desk.board.day(desk, shift_id)) is not None]
    plain = {day.shift.shift_id: walk(desk, day, wish, ()).travel_s for day in days}
    rooms: list[list[tuple[Day, int, int, int]]] = [[], []]
    ways: list[tuple[tuple[str, str], int]] = []
    for day in days:
        shift_id, carer = day.shift.shift_id, day.shift.caregiver_id
        for gap in range(len(day.gaps)):
            for role in (0, 1):
                alone = walk(desk, day, wish, ((role, gap, None),))
                if alone.in_time:
                    last_s = last_start(desk, day, wish, role, gap, alone.starts_s[0])
                    added_s = alone.travel_s - plain[shift_id]
                    rooms[role].append((day, alone.starts_s[0], last_s, added_s))
            for back in range(gap, len(day.gaps)):
                both = first_together(desk, day, wish, gap, back)
                if both is not None:
                    added_s = both.travel_s - plain[shift_id]
                    ways.append(((carer, carer), price_s(wish, added_s, *both.starts_s)))
    ways += by_two(wish, rooms)
    return {people: min(cost for who, cost in ways if who == people) for people, _ in ways}


def by_two(wish: Wish, rooms: list[list[tuple[Day, int, int, int]]]) -> list[tuple[tuple[str, str], int]]:
    """Every way to do the legs in two shifts; rooms are (shift, earliest, latest, added) by role."""
    least_s, most_s = wish.visit.needs[1].offset_min_s, wish.visit.needs[1].offset_max_s
    ways = []
    for one, from_s, to_s, there_s in rooms[0]:
        for other, a_s, b_s, back_s in rooms[1]:
            first_s = max(from_s, a_s - most_s)
            if one is not other and first_s <= min(to_s, b_s - least_s):
                cost_s = price_s(wish, there_s + back_s, first_s, max(a_s, first_s + least_s))
                ways.append(((one.shift.caregiver_id, other.shift.caregiver_id), cost_s))
    return ways


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10_000))
def test_the_cheapest_way_there_and_back_is_the_one_brute_force_finds(seed: int) -> None:
    """Nobody hears that no one can take them to hospital, or is sent two, for want of a look."""
    town, dice = town_with_trips(seed), Random(seed + 1)
    desk = town.desk
    desk.board.ready(desk)
    for _ in range(3):
        wish = escort(town, dice)
        best = by_brute_force(desk, wish)
        found = find(desk, wish)
        assert [choice.cost_s for choice in found.choices] == sorted(best.values())[:5]
        for choice in found.choices:
            there, back = choice.seats
            assert best[there.caregiver_id, back.caregiver_id] == choice.cost_s
            apart_s = back.start_s - there.start_s
            assert wish.visit.needs[1].offset_min_s <= apart_s <= wish.visit.needs[1].offset_max_s


def test_one_who_stays_with_the_person_is_found_in_one_gap() -> None:
    town = small_town(1, 8)
    wish = escort(town, Random(3))
    wish = replace(wish, lo_s=NOW_S + 7_200, hi_s=NOW_S + 7_200)
    (choice,) = find(town.desk, wish).choices
    assert [(seat.caregiver_id, seat.gap) for seat in choice.seats] == [("c1", 0), ("c1", 0)]
