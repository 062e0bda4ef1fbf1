"""Where a meal fits, against brute force: every such day built, walked through, and every rule looked at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatcher.core.candidates import pushed
from dispatcher.core.desk import Desk
from dispatcher.core.insertion import find
from dispatcher.core.records import Hands, Meal, Trip
from dispatcher.core.rooms import EARLY_PERMILLE, Choice, Wish
from dispatcher.core.times import to_s
from dispatcher.core.ways_out import ways_out
from tests.rules.core.meal_days import (
    CARRIES,
    SPEED,
    STARTS_S,
    Item,
    Walk,
    Walked,
    a_visit,
    items_of,
    random_desk,
)

NEW = "new"


def wished(dice: Random, desk: Desk, meals: list[Meal]) -> Wish:
    """A meal nobody brings yet, in the midst of the days that there are."""
    starts = [h.start_s for v in desk.visits.values() for h in v.hands] or [STARTS_S + 7_200]
    opens_s = dice.choice(starts) + dice.randint(-2_400, 2_400)
    closes_s = opens_s + dice.choice([0, 900, 3_600, 7_200])
    visit = a_visit(dice, NEW, opens_s, closes_s, dice.choice(meals))
    now_s = dice.choice([STARTS_S - 3_600, opens_s - dice.randint(0, 7_200)])
    return Wish(visit, (0,), max(opens_s, now_s), closes_s, now_s)


def ways_of(desk: Desk, shift_id: str, gap: int, kitchen_id: str) -> Iterator[tuple[str, str | None]]:
    """Each way in which a meal may be brought in a gap: alone, or with a round of its kitchen that is there.

    A round that goes on behind is not cut in two by another way to a kitchen.
    """
    items = items_of(desk, shift_id)
    before = [item.key for item in items[:gap] if item.key is not None]
    behind = [item.key for item in items[gap:] if item.key is not None]
    here = [item.key for item in items[gap:] if item.visit is not None][:1]
    goes_on = bool(before) and before[-1:] == behind[:1]
    if not goes_on:
        yield "alone", None
    if before and before[-1][1] == kitchen_id:
        yield "rides", str(before[-1][0])
    if here and here[0] is not None and here[0][1] == kitchen_id and not goes_on:
        yield "leads", str(here[0][0])


def walked(desk: Desk, shift_id: str, gap: int, wish: Wish, round_id: str | None) -> Walked | None:
    """The day with the meal in that gap and round, as early as can be, or None where it breaks a rule.

    It may have to wait for a meal behind it to be fresh: then a second sooner is too soon.
    """
    day, items, meal = desk.board.day(desk, shift_id), items_of(desk, shift_id), wish.visit.meal
    assert day is not None
    assert meal is not None
    assert wish.visit.place is not None
    if day.gaps[gap].leave_s <= wish.now_s:
        return None
    visit = replace(wish.visit, hands=(Hands(None, shift_id, 0, round_id=round_id),))

    def day_from(start_s: int) -> Walked | None:
        mine = Item(visit, start_s, wish.hi_s, wish.visit.needs[0].duration_s)
        walk = Walk(desk, shift_id, [*items[:gap], mine, *items[gap:]])
        walk.now = (gap, wish.now_s)
        return walk.all()

    door_s = desk.board.ways(desk).travel_s(meal.kitchen, wish.visit.place, SPEED)
    waits = [
        item.start_s - item.visit.meal.fresh_s + door_s
        for item in items[gap:]
        if item.visit is not None and item.visit.meal is not None
    ]
    for start_s in sorted({wish.lo_s, *(each for each in waits if each > wish.lo_s)}):
        found = day_from(start_s)
        if found is not None:
            assert start_s == wish.lo_s or found.starts_s[gap] > start_s or day_from(start_s - 1) is None
            return found
    return None


def brought(desk: Desk, wish: Wish, shift_id: str) -> Iterator[tuple[int, int]]:
    """(cost, start) of every way to bring the meal in a shift."""
    day = desk.board.day(desk, shift_id)
    assert day is not None
    kitchen_id = wish.visit.meal.kitchen_id if wish.visit.meal is not None else ""
    base_s = Walk(desk, shift_id, items_of(desk, shift_id)).all()
    assert base_s is not None
    for gap in range(len(day.gaps)):
        for way, round_id in ways_of(desk, shift_id, gap, kitchen_id):
            seen = walked(desk, shift_id, gap, wish, round_id)
            if seen is None or seen.starts_s[:gap] != base_s.starts_s[:gap]:
                continue
            left_s = seen.left_s[gap]
            assert left_s is not None
            if way == "rides" and left_s <= wish.now_s:
                continue
            start_s = seen.starts_s[gap]
            early_s = max(start_s - wish.visit.opens_s, 0) * EARLY_PERMILLE // 1000
            yield seen.travel_s - base_s.travel_s + early_s, start_s


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 10**9))
def test_the_cheapest_way_to_bring_a_meal_is_the_one_brute_force_finds(seed: int) -> None:
    """A caller is told the best that can be done, and never a meal that would be cold or not fit the box."""
    dice = Random(seed)
    desk, meals = random_desk(dice)
    for _ in range(2):
        wish = wished(dice, desk, meals)
        best: dict[str, tuple[int, int]] = {}
        for shift_id, shift in desk.shifts.items():
            found = min(brought(desk, wish, shift_id), default=None)
            if found is not None:
                best[shift.caregiver_id] = found
        choices = find(desk, wish).choices
        ours = {c.seats[0].caregiver_id: (c.cost_s, c.seats[0].start_s) for c in choices}
        assert ours == best


def moved_by(desk: Desk, wish: Wish, choice: Choice) -> dict[str, int]:
    """Who starts at another second than planned when the choice is taken, by walking."""
    seat = choice.seats[0]
    items = items_of(desk, seat.shift_id)
    visit = replace(wish.visit, hands=(Hands(None, seat.shift_id, 0, round_id=seat.round_id),))
    mine = Item(visit, seat.start_s, wish.hi_s, visit.needs[0].duration_s)
    walk = Walk(desk, seat.shift_id, [*items[: seat.gap], mine, *items[seat.gap :]])
    walk.now = (seat.gap, wish.now_s)
    found = walk.all()
    assert found is not None
    assert found.starts_s[seat.gap] == seat.start_s
    return {
        item.visit.visit_id: start_s
        for item, start_s in zip(walk.items, found.starts_s, strict=True)
        if item.visit is not None and item is not mine and start_s != item.visit.hands[0].start_s
    }


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_whoever_is_moved_for_a_meal_is_told_the_second_it_then_starts(seed: int) -> None:
    """Else the next door is promised a minute at which the box is still on its way."""
    dice = Random(seed)
    desk, meals = random_desk(dice)
    wish = wished(dice, desk, meals)
    for choice in find(desk, wish).choices:
        told = {visit_id: to_s(stop.start_at) for visit_id, stop in pushed(desk, wish.visit, choice.seats)}
        assert told == moved_by(desk, wish, choice)


def test_meals_are_brought_alone_riding_and_in_front() -> None:
    """The days made at random leave no way untried."""
    seen = set()
    for seed in range(60):
        dice = Random(seed)
        desk, meals = random_desk(dice)
        for choice in find(desk, wished(dice, desk, meals)).choices:
            seen.add((choice.seats[0].round_id is not None, choice.seats[0].leads))
    assert seen == {(False, False), (True, False), (True, True)}


@pytest.mark.parametrize("load", [CARRIES, CARRIES + 1])
def test_a_box_too_small_for_a_meal_says_so(load: int) -> None:
    """The operator sees why nobody on a scooter brings the banquet."""
    desk, meals = random_desk(Random(3))
    visit = a_visit(Random(4), NEW, STARTS_S + 7_200, STARTS_S + 14_400, replace(meals[0]))
    assert visit.meal is not None
    visit = replace(visit, meal=replace(visit.meal, load=load, fresh_s=86_400))
    found = find(desk, Wish(visit, (0,), visit.opens_s, visit.closes_s, STARTS_S - 3_600))
    codes = {stop.code for stop in found.stopped.values()}
    assert ("BOX_SMALL" in codes) == (load > CARRIES)
    assert bool(found.choices) == (load <= CARRIES)


def test_a_door_too_far_from_its_kitchen_says_by_how_much() -> None:
    """Nobody is asked to ride faster; the caller hears that it would be cold."""
    desk, meals = random_desk(Random(3))
    visit = a_visit(Random(4), NEW, STARTS_S + 7_200, STARTS_S + 14_400, meals[0])
    assert visit.place is not None
    assert visit.meal is not None
    door_s = desk.board.ways(desk).travel_s(visit.meal.kitchen, visit.place, SPEED)
    visit = replace(visit, meal=replace(visit.meal, fresh_s=door_s - 60))
    found = find(desk, Wish(visit, (0,), visit.opens_s, visit.closes_s, STARTS_S - 3_600))
    assert found.choices == ()
    nearest = found.stopped.nearest_miss()
    assert nearest is not None
    assert (nearest[1].code, nearest[1].by_s) == ("STALE", 60)


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_a_plain_visit_among_rounds_goes_where_brute_force_puts_it(seed: int) -> None:
    """A bath between two lunches may not let the second go cold; in front of them it may."""
    dice = Random(seed)
    desk, meals = random_desk(dice)
    wish = wished(dice, desk, meals)
    visit = replace(a_visit(dice, NEW, wish.visit.opens_s, wish.visit.closes_s, None))
    wish = replace(wish, visit=visit)
    best: dict[str, tuple[int, int]] = {}
    for shift_id, shift in desk.shifts.items():
        day, base = desk.board.day(desk, shift_id), Walk(desk, shift_id, items_of(desk, shift_id)).all()
        assert day is not None
        assert base is not None
        for gap in range(len(day.gaps)):
            found = put_in(desk, shift_id, gap, wish) if day.gaps[gap].leave_s > wish.now_s else None
            if found is None:
                continue
            start_s = found.starts_s[gap]
            early_s = max(start_s - visit.opens_s, 0) * EARLY_PERMILLE // 1000
            way = (found.travel_s - base.travel_s + early_s, start_s)
            best[shift.caregiver_id] = min(way, best.get(shift.caregiver_id, way))
    choices = find(desk, wish).choices
    assert {c.seats[0].caregiver_id: (c.cost_s, c.seats[0].start_s) for c in choices} == best


def put_in(desk: Desk, shift_id: str, gap: int, wish: Wish) -> Walked | None:
    """The day with a plain visit in a gap, or None where it breaks a rule."""
    items = items_of(desk, shift_id)
    mine = Item(wish.visit, wish.lo_s, wish.hi_s, wish.visit.needs[0].duration_s)
    walk = Walk(desk, shift_id, [*items[:gap], mine, *items[gap:]])
    walk.now = (gap, wish.now_s)
    return walk.all()


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 10**9))
def test_an_escort_around_rounds_keeps_every_meal_fresh(seed: int) -> None:
    """Who brings a neighbour to hospital and lunches in between may not serve them cold."""
    dice = Random(seed)
    desk, meals = random_desk(dice, carers=2)
    wish = wished(dice, desk, meals)
    plain = a_visit(dice, NEW, wish.visit.opens_s, wish.visit.closes_s, None)
    there = replace(plain.needs[0], duration_s=1_200)
    back = replace(there, offset_min_s=dice.choice([1_200, 3_000, 6_000]), offset_max_s=14_400)
    trip = Trip(a_visit(dice, NEW, 0, 0, None).place)
    visit = replace(plain, needs=(there, back), hands=(Hands(), Hands()), trip=trip)
    for choice in find(desk, replace(wish, visit=visit, roles=(0, 1))).choices:
        for shift_id in {seat.shift_id for seat in choice.seats}:
            items = items_of(desk, shift_id)
            for seat in sorted(choice.seats, key=lambda s: -s.role):
                if seat.shift_id == shift_id:
                    mine = Item(visit, seat.start_s, seat.start_s, 1_200, seat.role)
                    items.insert(seat.gap, mine)
            assert Walk(desk, shift_id, items).all() is not None


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_whoever_is_named_as_a_way_out_can_bring_the_meal_at_that_very_minute(seed: int) -> None:
    """The caller says yes to half an hour later, and must not hear no again."""
    dice = Random(seed)
    desk, meals = random_desk(dice)
    wish = wished(dice, desk, meals)
    for way in ways_out(desk, wish):
        if way.start_at is None or way.kind not in ("LATER", "EARLIER"):
            continue
        start_s = to_s(way.start_at)
        visit = replace(wish.visit, opens_s=start_s, closes_s=start_s)
        asked = replace(wish, visit=visit, lo_s=start_s, hi_s=start_s)
        assert way.caregiver_ids[0] in {c.seats[0].caregiver_id for c in find(desk, asked).choices}
