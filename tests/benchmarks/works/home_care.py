"""Made-up home-care days of any size, from a seed: a town that grows wider and not fuller.

Positions are planar metres. Seven of eight doors stand in neighbourhoods, the others anywhere; caregivers
live among them. What is asked, for how long, when, by whom and how dearly follows from the item; about one
visit in ten asks a crew of two, one in twenty a second caregiver who comes an hour or two after the first.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

import numpy as np
import numpy.typing as npt

from dispatcher.planning.problem import PlanCaregiver, PlanVisit, Problem, Role
from dispatcher.planning.travel import PointTravel

HOUR_S = 3600
VISITS_PER_KM2 = 4.0
DOORS_PER_NEIGHBOURHOOD = 60
NEIGHBOURHOOD_M = 450.0
SCATTERED = 1 / 8
SPEED_MM_S = 3_200
"""An e-scooter's 15 km/h through traffic, over a road factor of 1.3."""
PACES = (900, 1000, 1150)
CREWS, FOLLOWED = 0.10, 0.05
WINDOWS_S = (HOUR_S, 2 * HOUR_S, 4 * HOUR_S)
WINDOW_SHARES = (0.3, 0.4, 0.3)
SHIFT_STARTS_S = (7 * HOUR_S, 15 * HOUR_S // 2, 8 * HOUR_S, 9 * HOUR_S, 11 * HOUR_S)
SHIFT_SHARES = (0.15, 0.2, 0.35, 0.15, 0.15)
SHIFT_S = 8 * HOUR_S + 1800
BREAK_S = 1800
EARLIEST_S, LATEST_S = 7 * HOUR_S, 18 * HOUR_S
NOBODY: dict[str, int] = {}
"""No usual caregiver, the same empty record for all: a city has a hundred thousand of them."""


@dataclass(frozen=True)
class Item:
    """One kind of help: share of visits, skills, possible durations, price of leaving it out, day part."""

    share: float
    skill: str
    durations_s: tuple[int, ...]
    unserved_price_s: int
    ready_s: int
    due_s: int


ITEMS = (
    Item(0.24, "CARE", (2400, 3600), 4 * HOUR_S, EARLIEST_S, LATEST_S),
    Item(0.20, "CLEANING", (2700, 4500), 2 * HOUR_S, 8 * HOUR_S, LATEST_S),
    Item(0.18, "MEAL", (1200, 1800), 5 * HOUR_S, 10 * HOUR_S, 13 * HOUR_S + 1800),
    Item(0.16, "BATHING", (2700, 3600), 4 * HOUR_S, 8 * HOUR_S, 17 * HOUR_S),
    Item(0.12, "MEDICAL", (1200, 2400), 6 * HOUR_S, EARLIEST_S, 16 * HOUR_S),
    Item(0.10, "MOBILITY", (3600, 5400), 3 * HOUR_S, 8 * HOUR_S, 16 * HOUR_S),
)
TEAMS = (
    (0.24, frozenset({"CARE", "CLEANING", "MEAL"})),
    (0.26, frozenset({"CARE", "BATHING", "MEAL"})),
    (0.18, frozenset({"CARE", "BATHING", "MOBILITY", "CLEANING"})),
    (0.14, frozenset({"CLEANING", "MEAL", "MOBILITY"})),
    (0.18, frozenset({"MEDICAL", "CARE", "BATHING"})),
)
"""Shares of caregivers by what they can do."""

Points = npt.NDArray[np.float64]


def home_care_day(visits: int, carers: int, seed: int) -> Problem:
    """A day of `visits` visits and `carers` caregivers, at one density; the same from the same numbers.

    Places: one for each visit, then one for each caregiver's home. The first caregivers are one of each
    team, so that whatever is asked somebody can do, down to five caregivers; crews want ten.
    """
    rng = np.random.default_rng([visits, carers, seed])
    points = _points(rng, visits + carers, visits)
    roles: dict[tuple[int, int, str], tuple[Role, ...]] = {}
    kinds = rng.choice(len(ITEMS), visits, p=[item.share for item in ITEMS])
    forms = rng.choice(3, visits, p=[1 - CREWS - FOLLOWED, CREWS, FOLLOWED])
    widths = rng.choice(len(WINDOWS_S), visits, p=WINDOW_SHARES)
    dice = Random(int(rng.integers(1 << 62)))
    asked = []
    for number in range(visits):
        item = ITEMS[kinds[number]]
        duration_s = dice.choice(item.durations_s)
        form = ("ALONE", "CREW", "FOLLOWED")[forms[number]]
        hands = roles.setdefault((int(kinds[number]), duration_s, form), _roles(item, duration_s, form))
        ready_s, due_s = _window(dice, item, hands, WINDOWS_S[widths[number]])
        price_s = item.unserved_price_s * len(hands)
        asked.append(PlanVisit(f"v{number}", number, hands, ready_s, due_s, False, price_s, usual=NOBODY))
    staff = tuple(_carer(dice, number, visits + number) for number in range(carers))
    return Problem(staff, tuple(asked), PointTravel(points, SPEED_MM_S))


def _points(rng: np.random.Generator, places: int, visits: int) -> Points:
    """Places in the plane: in neighbourhoods of one size, and scattered between them."""
    side_m = 1000.0 * (visits / VISITS_PER_KM2) ** 0.5
    middles = rng.uniform(0, side_m, (max(1, visits // DOORS_PER_NEIGHBOURHOOD), 2))
    spread = rng.normal(0, NEIGHBOURHOOD_M, (places, 2))
    near = np.clip(middles[rng.integers(len(middles), size=places)] + spread, 0, side_m)
    flat = np.where(rng.random((places, 1)) < SCATTERED, rng.uniform(0, side_m, (places, 2)), near)
    return np.column_stack([np.round(flat, 1), np.zeros(places)])


def _window(dice: Random, item: Item, hands: tuple[Role, ...], width_s: int) -> tuple[int, int]:
    """A window of the width, on a quarter of an hour, in the item's part of the day; narrower if need be.

    Whoever comes second still begins by the day's end, in the middle of the bounds.
    """
    end_s = min(item.due_s, *(LATEST_S - (r.offset_min_s + r.offset_max_s) // 2 for r in hands))
    ready_s = dice.randrange(item.ready_s, max(item.ready_s, end_s - width_s) + 1, 900)
    return ready_s, min(ready_s + width_s, end_s)


def _roles(item: Item, duration_s: int, form: str) -> tuple[Role, ...]:
    first = Role(0, frozenset({item.skill}), duration_s)
    if form == "CREW":
        return first, Role(1, first.skills, duration_s)
    if form == "FOLLOWED":
        low_s = max(duration_s, HOUR_S)
        return first, Role(1, frozenset({"CARE"}), 1800, low_s, low_s + HOUR_S, LATEST_S)
    return (first,)


def _carer(dice: Random, number: int, home: int) -> PlanCaregiver:
    drawn = dice.choices(range(len(TEAMS)), [share for share, _ in TEAMS])[0]
    team = number if number < len(TEAMS) else drawn
    start_s = dice.choices(SHIFT_STARTS_S, SHIFT_SHARES)[0]
    rest_s = max(start_s + 3 * HOUR_S, 11 * HOUR_S)
    return PlanCaregiver(
        f"c{number}",
        TEAMS[team][1],
        start_s,
        start_s + SHIFT_S,
        home,
        home,
        breaks=((rest_s, rest_s + 2 * HOUR_S, BREAK_S),),
        pace_permille=dice.choice(PACES),
    )
