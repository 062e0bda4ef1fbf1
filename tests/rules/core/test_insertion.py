"""The insertion against brute force: every gap of every caregiver tried by walking through the whole day."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations
from random import Random

import pytest

from dispatcher.core.desk import Desk
from dispatcher.core.insertion import find
from dispatcher.core.plan import NEVER_S, planned_by_s
from dispatcher.core.records import Hands, Need, Visit
from dispatcher.core.rooms import EARLY_PERMILLE, TIMED, Wish
from schemas.base import StartWindow
from schemas.codes import HelpKind
from tests.benchmarks.city_desk import city_desk, wishes
from tests.benchmarks.numpy_insertion import numpy_find
from tests.rules.core.small_town import SKILLS, Town, clock, small_town

NOW_S = int(clock("07:00").timestamp())


def busy_town(seed: int, carers: int, requests: int) -> Town:
    """A town whose timetables are half full, with crews among the visits."""
    town, dice = small_town(carers, 12, seed=seed), Random(seed)
    for _ in range(requests):
        opens = clock("08:00") + (clock("00:01") - clock("00:00")) * dice.randint(0, 420)
        window = StartWindow(opens_at=opens, closes_at=opens + (clock("00:01") - clock("00:00")) * 60)
        town.ask(
            f"r{dice.randint(1, 12)}",
            dice.choice(["BATH_BED", "CLEAN_HOME", "BATH_HOME", "MEAL_LUNCH"]),
            window,
        )
    return town


def wanted(town: Town, dice: Random, crew: int, offset: tuple[int, int] = (0, 0)) -> Wish:
    """A visit nobody has yet."""
    opens_s = NOW_S + dice.randint(3_600, 28_000)
    closes_s = opens_s + dice.choice([0, 900, 3_600, 7_200])
    needs = [Need((dice.choice(SKILLS),), dice.choice([600, 2_700, 5_400]))]
    needs += [replace(needs[0], offset_min_s=offset[0], offset_max_s=offset[1]) for _ in range(crew - 1)]
    person = town.desk.recipients[f"r{dice.randint(1, 12)}"]
    visit = Visit(
        "v",
        "q",
        person.recipient_id,
        "BATH_BED",
        HelpKind.BATHING,
        "t1",
        opens_s,
        closes_s,
        False,
        tuple(needs),
        (),
        person.home,
        (Hands(),) * crew,
    )
    return Wish(visit, tuple(range(crew)), opens_s, closes_s, NOW_S)


def starts_by_walking(
    desk: Desk, shift_id: str, gap: int, wish: Wish, role: int
) -> tuple[int, int, int] | None:
    """(earliest start, latest start, added travel) in a gap; None if it breaks anything."""
    shift = desk.shifts[shift_id]
    home = desk.caregivers[shift.caregiver_id].home
    assert home is not None
    ways, speed = desk.board.ways(desk), 5_000
    stops = list(desk.routes.get(shift_id, ()))

    def walk(start_s: int | None) -> tuple[int, int] | None:
        """(start of the new stop, travel) when it begins at `start_s` or as early as can be."""
        free_s, place, travel, mine = max(shift.starts_s, 0), home, 0, -1
        for number in range(len(stops) + 1):
            if number == gap:
                way = ways.travel_s(place, wish.visit.place, speed)
                lo_s, hi_s = wish.start_window(role)
                mine = max(lo_s, max(free_s, wish.now_s) + way) if start_s is None else start_s
                if mine > hi_s or mine < max(free_s, wish.now_s) + way:
                    return None
                free_s, place = mine + wish.visit.needs[role].duration_s, wish.visit.place
                travel += way
            if number < len(stops):
                visit = desk.visits[stops[number][0]]
                there = visit.place
                way = ways.travel_s(place, there, speed)
                planned_s = visit.hands[stops[number][1]].start_s
                begin = max(planned_s, free_s + way)
                if begin > planned_by_s(visit, stops[number][1], planned_s):
                    return None
                free_s, place = begin + visit.needs[stops[number][1]].duration_s, there
                travel += way
        way = ways.travel_s(place, home, speed)
        return None if free_s + way > shift.ends_s else (mine, travel + way)

    earliest = walk(None)
    if earliest is None:
        return None
    lo_s, hi_s = earliest[0], min(wish.start_window(role)[1], shift.ends_s)
    while lo_s < hi_s:
        middle = (lo_s + hi_s + 1) // 2
        lo_s, hi_s = (middle, hi_s) if walk(middle) is not None else (lo_s, middle - 1)
    base = sum(
        gap.way_s
        for gap in desk.board.day(desk, shift_id).gaps  # type: ignore[union-attr]
    )
    return earliest[0], lo_s, earliest[1] - base


def rooms_by_walking(desk: Desk, wish: Wish, role: int) -> list[tuple[str, int, int, int]]:
    """(caregiver, earliest, latest, added) of every gap that breaks nothing."""
    found = []
    for shift_id, shift in desk.shifts.items():
        carer = desk.caregivers[shift.caregiver_id]
        if not set(wish.visit.needs[role].skills) <= set(carer.skills):
            continue
        for gap in range(len(desk.routes.get(shift_id, ())) + 1):
            seen = starts_by_walking(desk, shift_id, gap, wish, role)
            if seen is not None:
                found.append((shift.caregiver_id, *seen))
    return found


def early_s(wish: Wish, start_s: int) -> int:
    return max(start_s - wish.visit.opens_s, 0) * EARLY_PERMILLE // 1000


@pytest.mark.parametrize("seed", range(25))
def test_the_cheapest_caregiver_is_the_one_brute_force_finds(seed: int) -> None:
    town = busy_town(seed, carers=5, requests=14)
    dice = Random(seed)
    for _ in range(6):
        wish = wanted(town, dice, 1)
        best: dict[str, int] = {}
        for carer, start_s, _, added in rooms_by_walking(town.desk, wish, 0):
            cost = added + early_s(wish, start_s)
            best[carer] = min(cost, best.get(carer, cost))
        found = find(town.desk, wish)
        ours = {c.seats[0].caregiver_id: c.cost_s for c in found.choices}
        assert ours == dict(sorted(best.items(), key=lambda kv: (kv[1], kv[0]))[:5])
        assert not set(found.stopped) & set(ours)
        assert set(found.stopped) | set(ours) == set(town.desk.caregivers)


@pytest.mark.parametrize("offset", [(0, 0), (1_800, 3_600)])
@pytest.mark.parametrize("seed", range(12))
def test_the_cheapest_crew_is_the_one_brute_force_finds(seed: int, offset: tuple[int, int]) -> None:
    town = busy_town(seed, carers=5, requests=10)
    dice = Random(seed)
    for _ in range(4):
        wish = wanted(town, dice, 2, offset)
        rooms = [rooms_by_walking(town.desk, wish, role) for role in (0, 1)]
        best: dict[tuple[str, str], int] = {}
        for one, a0, b0, added0 in rooms[0]:
            for other, a1, b1, added1 in rooms[1]:
                first = max(a0, a1 - offset[1])
                if one == other or first > min(b0, b1 - offset[0]):
                    continue
                cost = added0 + added1 + early_s(wish, first)
                best[one, other] = min(cost, best.get((one, other), cost))
        found = find(town.desk, wish)
        assert [c.cost_s for c in found.choices] == sorted(best.values())[:5]
        for choice in found.choices:
            crew = tuple(seat.caregiver_id for seat in choice.seats)
            assert best[crew[0], crew[1]] == choice.cost_s
            apart = choice.seats[1].start_s - choice.seats[0].start_s
            assert offset[0] <= apart <= offset[1]


def test_three_carers_together_are_found_as_by_trying_all() -> None:
    town = busy_town(3, carers=4, requests=6)
    wish = wanted(town, Random(5), 3)
    rooms = [rooms_by_walking(town.desk, wish, role) for role in range(3)]
    best = None
    for trio in permutations(town.desk.caregivers, 3):
        options = [[r for r in rooms[k] if r[0] == trio[k]] for k in range(3)]
        for x in options[0]:
            for y in options[1]:
                for z in options[2]:
                    first = max(x[1], y[1], z[1])
                    if first <= min(x[2], y[2], z[2]):
                        cost = x[3] + y[3] + z[3] + early_s(wish, first)
                        best = cost if best is None else min(best, cost)
    found = find(town.desk, wish)
    assert (found.choices[0].cost_s if found.choices else None) == best


@pytest.mark.parametrize("seed", range(3))
def test_among_many_caregivers_everybody_is_weighed(seed: int) -> None:
    """Beyond what brute force can try, the compiled loop answers as plain numpy does, for everyone."""
    desk = city_desk(120, seed)
    for wish in wishes(desk, 120, 40, seed):
        found = find(desk, wish)
        best, stopped, by_s = numpy_find(desk, wish)
        assert [(c.cost_s, c.seats[0].caregiver_id) for c in found.choices] == best
        for number, caregiver_id in enumerate(desk.caregivers):
            if caregiver_id not in found.stopped:
                continue
            stop = found.stopped[caregiver_id]
            if stop.code in TIMED or stop.code == "COSTS_MORE":
                assert stop.by_s == by_s[number], (caregiver_id, stop)
            assert (stop.code == "COSTS_MORE") == (stopped[number] == -1)


def test_a_request_that_allows_lateness_is_taken_late_rather_than_refused() -> None:
    town = small_town(1, 3)
    for _ in range(3):
        town.ask("r1", "CLEAN_HOME", StartWindow(opens_at=clock("09:00"), closes_at=clock("12:00")))
    tight = StartWindow(opens_at=clock("09:30"), closes_at=clock("09:30"))
    hard = town.ask("r2", "BLOOD_PRESSURE", tight)
    assert [d.word for d in hard] == ["RequestRefused"]
    soft = town.ask("r2", "BLOOD_PRESSURE", tight, late_allowed=True)
    assert soft[0].word == "RequestAdmitted"


def test_the_nearest_miss_says_by_how_much() -> None:
    town = small_town(1, 12)
    now_s = int(town.now.timestamp())
    wish = wanted(town, Random(1), 1)
    wish = replace(wish, lo_s=NOW_S + 3_600, hi_s=NOW_S + 3_600, now_s=now_s)
    found = find(town.desk, wish)
    nearest = found.stopped.nearest_miss()
    assert nearest is not None
    caregiver_id, stop = nearest
    shift = town.desk.shifts["s-c1"]
    home = town.desk.caregivers["c1"].home
    assert home is not None
    assert wish.visit.place is not None
    arrives_s = shift.starts_s + town.desk.board.ways(town.desk).travel_s(home, wish.visit.place, 5_000)
    assert (caregiver_id, stop.code, stop.by_s) == ("c1", "ARRIVES_LATE", arrives_s - wish.hi_s)
    assert arrives_s < NEVER_S
