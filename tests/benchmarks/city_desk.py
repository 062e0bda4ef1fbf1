"""A desk with as many caregivers as wanted and a plausible day on their timetables, made without deciding."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from functools import lru_cache
from random import Random

from dispatcher.core.desk import Desk, empty_desk
from dispatcher.core.records import (
    Caregiver,
    Hands,
    Meal,
    Need,
    Place,
    Provider,
    Recipient,
    Shift,
    Trip,
    Visit,
)
from dispatcher.core.rooms import Wish
from schemas.base import Point
from schemas.codes import Acceptance, Gender, HelpKind, TravelMode
from schemas.shapes import AreaSettings, Certificate

DAY_S = 1_783_900_800
"""Midnight of the made-up day."""
NOW_S = DAY_S + 7 * 3_600
SKILLS = ("A", "B", "C", "D", "E", "F")
CARERS_PER_KM2 = 2.0
UDEG_PER_KM = 9_000
CARERS_PER_KITCHEN = 40
MEALS_PERMILLE = 400
"""Of the visits on the timetables of `meal_desk`."""
CERTIFICATE = Certificate(code="BATHING_CERT", valid_from=date(2025, 1, 1), valid_until=date(2030, 1, 1))


def city_desk(carers: int, seed: int, per_carer: float = 6.5) -> Desk:
    """An area at a constant density of caregivers, so that a larger one is wider and not fuller."""
    dice, desk = Random(seed), empty_desk("a1")
    side_udeg = int((carers / CARERS_PER_KM2) ** 0.5 * UDEG_PER_KM)
    corner = Point(lat_udeg=32_900_000, lon_udeg=112_400_000)
    desk.settings = AreaSettings(south_west=corner, north_east=corner)
    for number in range(max(1, carers // 25)):
        desk.providers[f"p{number}"] = Provider(f"p{number}", Acceptance.SHIFT, 900, True)
    for number in range(carers):
        home = _spot(dice, side_udeg)
        desk.caregivers[f"c{number}"] = Caregiver(
            f"c{number}",
            f"p{number % len(desk.providers)}",
            True,
            home=home,
            gender=dice.choice(list(Gender)),
            skills=tuple(sorted(dice.sample(SKILLS, 3))),
            certificates=(CERTIFICATE,),
            mode=TravelMode.E_SCOOTER,
        )
        shift = Shift(f"s{number}", f"c{number}", DAY_S + 8 * 3_600, DAY_S + 17 * 3_600, (), None)
        desk.shifts[shift.shift_id] = shift
        desk.shifts_of[f"c{number}"] = (shift.shift_id,)
        _fill_day(desk, dice, number, home, per_carer)
    desk.board.ready(desk)
    return desk


def _spot(dice: Random, side_udeg: int) -> Place:
    return Place(32_900_000 + dice.randrange(side_udeg), 112_400_000 + dice.randrange(side_udeg))


def _fill_day(desk: Desk, dice: Random, number: int, home: Place, per_carer: float) -> None:
    """Visits one after the other, each near the last, with a wait between some of them."""
    ways, place, free_s = desk.board.ways(desk), home, DAY_S + 8 * 3_600
    for turn in range(round(per_carer + dice.uniform(-2, 2))):
        goal = Place(
            place.lat_udeg + dice.randint(-20_000, 20_000), place.lon_udeg + dice.randint(-20_000, 20_000)
        )
        travel_s = ways.travel_s(place, goal, 5_000)
        start_s = free_s + travel_s + dice.choice([0, 0, 300, 1_200, 2_400])
        need = Need(("A",), dice.choice([1_200, 2_400, 3_600]))
        if start_s + need.duration_s + ways.travel_s(goal, home, 5_000) > DAY_S + 17 * 3_600:
            return
        visit = a_visit(f"v{number}-{turn}", goal, (need,), start_s - 900, start_s + 1_800)
        hand = Hands(caregiver_id=f"c{number}", shift_id=f"s{number}", start_s=start_s, travel_s=travel_s)
        visit = replace(visit, hands=(replace(hand, bound=True),), told=(start_s - 300, start_s + 1_500))
        desk.put_visit(visit)
        desk.put_stop(f"s{number}", visit.visit_id, 0)
        place, free_s = goal, start_s + need.duration_s


def a_visit(visit_id: str, place: Place, needs: tuple[Need, ...], opens_s: int, closes_s: int) -> Visit:
    """A visit of a person of its own."""
    window = (opens_s, closes_s, False)
    return Visit(
        visit_id, f"q{visit_id}", f"r{visit_id}", "ITEM", HelpKind.CARE, "t1", *window, needs, (), place,
        (Hands(),) * len(needs),
    )  # fmt: skip


def wishes(desk: Desk, carers: int, count: int, seed: int, crew: int = 1) -> list[Wish]:
    """Requests all over the area and the day."""
    dice = Random(seed + 1)
    side_udeg = int((carers / CARERS_PER_KM2) ** 0.5 * UDEG_PER_KM)
    made = []
    for number in range(count):
        opens_s = NOW_S + dice.randint(3_600, 8 * 3_600)
        closes_s = opens_s + dice.choice([900, 1_800, 3_600])
        skill, place = dice.choice(SKILLS), _spot(dice, side_udeg)
        needs = (Need((skill,), dice.choice([1_200, 2_700])),) * crew
        visit = a_visit(f"w{number}", place, needs, opens_s, closes_s)
        desk.recipients[visit.recipient_id] = Recipient(visit.recipient_id, None, True, home=place)
        made.append(Wish(visit, tuple(range(crew)), opens_s, closes_s, NOW_S))
    return made


def trips(desk: Desk, carers: int, count: int, seed: int) -> list[Wish]:
    """Requests to be taken somewhere and, after half an hour to two hours, back."""
    dice, made = Random(seed + 2), []
    for wish in wishes(desk, carers, count, seed, crew=2):
        home, there = wish.visit.place, wish.visit.needs[0]
        assert home is not None
        goal = Place(
            home.lat_udeg + dice.randint(-20_000, 20_000), home.lon_udeg + dice.randint(-20_000, 20_000)
        )
        least_s, most_s = there.duration_s + 1_800, there.duration_s + 7_200
        back = replace(there, offset_min_s=least_s, offset_max_s=most_s)
        made.append(replace(wish, visit=replace(wish.visit, needs=(there, back), trip=Trip(goal))))
    return made


def meal_desk(carers: int, seed: int) -> Desk:
    """The same area with meals from kitchens on its timetables, each in a round of its own."""
    desk, dice = city_desk(carers, seed), Random(seed + 3)
    for visit_id, visit in list(desk.visits.items()):
        if visit.place is not None and dice.randrange(1_000) < MEALS_PERMILLE:
            hand = replace(visit.hands[0], round_id=f"round-{visit_id}")
            desk.put_visit(replace(visit, meal=_meal(visit.place, carers, seed), hands=(hand,)))
    desk.board.mark_all()
    desk.board.ready(desk)
    return desk


def meals(desk: Desk, carers: int, count: int, seed: int) -> list[Wish]:
    """Requests to be brought a meal, all over the area and the day."""
    made = []
    for wish in wishes(desk, carers, count, seed):
        assert wish.visit.place is not None
        made.append(replace(wish, visit=replace(wish.visit, meal=_meal(wish.visit.place, carers, seed))))
    return made


@lru_cache
def _kitchens(carers: int, seed: int) -> tuple[Place, ...]:
    dice, side_udeg = Random(seed + 4), int((carers / CARERS_PER_KM2) ** 0.5 * UDEG_PER_KM)
    return tuple(_spot(dice, side_udeg) for _ in range(max(1, carers // CARERS_PER_KITCHEN)))


def _meal(door: Place, carers: int, seed: int) -> Meal:
    """A meal from the nearest kitchen, at the door within an hour."""
    far = [
        (abs(at.lat_udeg - door.lat_udeg) + abs(at.lon_udeg - door.lon_udeg), number)
        for number, at in enumerate(_kitchens(carers, seed))
    ]
    number = min(far)[1]
    return Meal(f"kitchen-{number}", _kitchens(carers, seed)[number], 300, 1_800, 3_600, 1)
