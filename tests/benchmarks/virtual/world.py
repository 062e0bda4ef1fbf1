"""A seeded area for some days: who lives and works there, what they ask for, and what truly happens.

Nothing here knows who is sent where. Times are whole seconds since 1970, days are counted from 0. How long a
way or a service truly takes depends on the seed and the visit alone, so every way of matching meets the same
roads and the same doors.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from math import exp
from random import Random

from dispatcher.core.records import Place
from dispatcher.core.travel import Ways
from producers.simulator.chance import dice, pick

DAY0_S = 1_772_380_800
"""Midnight of Monday, 2 March 2026, in Shanghai."""
A_DAY_S = 86_400
SHIFT_S = (8 * 3_600, 17 * 3_600)
ROAD_FACTOR_PERMILLE, SPEED_MM_S = 1_350, 5_000
CARERS_PER_KM2 = 2.0
UDEG_PER_KM = 9_000
CORNER = (32_900_000, 112_400_000)
ITEMS: tuple[tuple[str, float, int], ...] = (
    # skill, share of the visits, seconds of service
    ("MEAL", 25.0, 900),
    ("CLEANING", 20.0, 3_600),
    ("BATHING", 12.0, 3_000),
    ("MEDICAL", 20.0, 1_200),
    ("CARE", 18.0, 2_400),
    ("VISITING", 5.0, 1_800),
)
SERVICE_S = {skill: seconds for skill, _, seconds in ITEMS}
ALARM_S = 2_400
PLANS_SAID_S = 300
"""Care plans speak for tomorrow soon after midnight."""


@dataclass(frozen=True)
class Size:
    """How large the world is and how much of what happens in it."""

    days: int = 14
    requests: int = 400
    carers: int = 60
    planned_permille: int = 500
    """Of the requests, those that care plans speak; the others are called in."""
    today_permille: int = 250
    """Of the calls, those for the same day; the others are for one of the next three."""
    cancelled_permille: int = 40
    sick_permille: int = 20
    alarms_permille: int = 50
    """Emergencies a caregiver and day."""
    road_sigma: float = 0.2
    service_sigma: float = 0.2


@dataclass(frozen=True)
class Carer:
    """A caregiver, whose shift starts and ends at home."""

    carer_id: str
    home: Place
    skills: tuple[str, ...]


@dataclass(frozen=True)
class Person:
    """A recipient; `usual` are the caregivers who used to come before the first day."""

    person_id: str
    home: Place
    usual: tuple[str, ...] = ()


@dataclass(frozen=True)
class Wish:
    """One request: service may begin in `[opens_s, closes_s]`; said, and perhaps taken back, when."""

    request_id: str
    person_id: str
    place: Place
    skill: str
    duration_s: int
    day: int
    opens_s: int
    closes_s: int
    said_s: int
    planned: bool
    cancelled_s: int | None = None


@dataclass(frozen=True)
class Alarm:
    """A fall at a recipient's home."""

    request_id: str
    person_id: str
    place: Place
    at_s: int
    duration_s: int = ALARM_S


@dataclass(frozen=True)
class World:
    """Everything that is so whoever decides."""

    seed: int
    size: Size
    carers: tuple[Carer, ...]
    people: tuple[Person, ...]
    wishes: tuple[Wish, ...]
    sick: tuple[tuple[str, int], ...]
    """(caregiver, day): heard an hour before the shift."""
    alarms: tuple[Alarm, ...]
    ways: Ways = field(default_factory=lambda: Ways(ROAD_FACTOR_PERMILLE, None), compare=False, repr=False)

    @cached_property
    def carer_by_id(self) -> dict[str, Carer]:
        """Caregivers by id."""
        return {carer.carer_id: carer for carer in self.carers}

    @cached_property
    def wish_by_id(self) -> dict[str, Wish]:
        """Requests by id."""
        return {wish.request_id: wish for wish in self.wishes}

    def travel_s(self, a: Place, b: Place) -> int:
        """Seconds from `a` to `b` as everybody estimates them."""
        return self.ways.travel_s(a, b, SPEED_MM_S)

    def true_travel_s(self, a: Place, b: Place, about: str) -> int:
        """Seconds the way to the visit `about` truly takes."""
        rng = dice(self.seed, "road", about)
        return round(self.travel_s(a, b) * exp(rng.gauss(0.0, self.size.road_sigma)))

    def true_service_s(self, wish: Wish | Alarm) -> int:
        """Seconds the service truly takes."""
        rng = dice(self.seed, "service", wish.request_id)
        return max(60, round(wish.duration_s * exp(rng.gauss(0.0, self.size.service_sigma))))

    def shift_s(self, day: int) -> tuple[int, int]:
        """When shifts begin and end on `day`."""
        midnight_s = DAY0_S + day * A_DAY_S
        return midnight_s + SHIFT_S[0], midnight_s + SHIFT_S[1]


def make_world(seed: int, size: Size) -> World:
    """The world of this seed and size."""
    side_udeg = int((size.carers / CARERS_PER_KM2) ** 0.5 * UDEG_PER_KM)
    rng = dice(seed, "estates")
    estates = [_spot(rng, side_udeg) for _ in range(max(3, size.carers // 5))]
    carers = tuple(_carer(seed, number, side_udeg) for number in range(size.carers))
    plans = list(_plans(seed, size, carers, estates, side_udeg))
    callers = [
        Person(f"q{n}", _dwelling(dice(seed, "caller", n), estates, side_udeg)) for n in range(size.requests)
    ]
    people = (*(person for person, _, _, _ in plans), *callers)
    wishes = [*_planned(seed, size, plans), *_called(seed, size, people)]
    sick = tuple(
        (carer.carer_id, day)
        for day in range(size.days)
        for carer in carers
        if dice(seed, "sick", carer.carer_id, day).random() * 1000 < size.sick_permille
    )
    alarms = tuple(_alarms(seed, size, people))
    return World(seed, size, carers, people, tuple(sorted(wishes, key=_turn)), sick, alarms)


def _turn(wish: Wish) -> tuple[int, str]:
    return wish.said_s, wish.request_id


def _spot(rng: Random, side_udeg: int) -> Place:
    return Place(CORNER[0] + rng.randrange(side_udeg), CORNER[1] + rng.randrange(side_udeg))


def _dwelling(rng: Random, estates: list[Place], side_udeg: int) -> Place:
    """Most people live in estates, some anywhere."""
    if rng.random() < 0.3:
        return _spot(rng, side_udeg)
    middle = rng.choice(estates)
    lat, lon = (round(rng.gauss(0, 4_000)) for _ in range(2))
    inside = (
        min(max(value, low), low + side_udeg - 1)
        for value, low in zip((middle.lat_udeg + lat, middle.lon_udeg + lon), CORNER, strict=True)
    )
    return Place(*inside)


def _carer(seed: int, number: int, side_udeg: int) -> Carer:
    rng = dice(seed, "carer", number)
    skills = tuple(sorted(rng.sample([skill for skill, _, _ in ITEMS], 3)))
    return Carer(f"c{number}", _spot(rng, side_udeg), skills)


Planned = tuple[Person, str, tuple[int, ...], int]
"""A person with a care plan: what for, on which weekdays, and from which second of the day."""


def _plans(
    seed: int, size: Size, carers: tuple[Carer, ...], estates: list[Place], side_udeg: int
) -> list[Planned]:
    """Care plans that together ask for their share of the requests; 7 in 10 know who usually comes."""
    found: list[Planned] = []
    wanted = size.requests * 7 * size.planned_permille // 1000
    while wanted > 0:
        rng = dice(seed, "plan", len(found))
        home, skill = _dwelling(rng, estates, side_udeg), _skill(rng)
        days = tuple(sorted(rng.sample(range(7), rng.choice((1, 2, 3, 5, 7)))))
        able = [c for c in carers if skill in c.skills]
        near = sorted(able, key=lambda c: (_apart(c.home, home), c.carer_id))[:8]
        usual = tuple(c.carer_id for c in rng.sample(near, min(2, len(near)))) if rng.random() < 0.7 else ()
        found.append((Person(f"p{len(found)}", home, usual), skill, days, _opens(rng)))
        wanted -= len(days)
    return found


def _apart(a: Place, b: Place) -> int:
    return abs(a.lat_udeg - b.lat_udeg) + abs(a.lon_udeg - b.lon_udeg)


def _skill(rng: Random) -> str:
    return pick(rng, tuple((skill, share) for skill, share, _ in ITEMS))


def _opens(rng: Random) -> int:
    hours = ((8, 20.0), (9, 22.0), (10, 14.0), (11, 12.0), (12, 6.0), (13, 8.0), (14, 18.0))
    return pick(rng, hours) * 3_600 + rng.choice((0, 1_800))


def _planned(seed: int, size: Size, plans: list[Planned]) -> list[Wish]:
    """What care plans ask for, said the day before; of the first day, in its first minutes."""
    made = []
    for person, skill, weekdays, opens in plans:
        for day in range(size.days):
            if day % 7 in weekdays:
                midnight_s = DAY0_S + day * A_DAY_S
                said_s = max(DAY0_S, midnight_s - A_DAY_S) + PLANS_SAID_S
                window = (midnight_s + opens, midnight_s + opens + 7_200)
                made.append(_wish(seed, size, f"{person.person_id}-{day}", person, skill, window, said_s))
    return made


def _wish(
    seed: int, size: Size, request_id: str, person: Person, skill: str, window: tuple[int, int], said_s: int
) -> Wish:
    rng = dice(seed, "second thought", request_id)
    opens_s, closes_s = window
    regrets = rng.random() * 1000 < size.cancelled_permille
    return Wish(
        request_id=request_id,
        person_id=person.person_id,
        place=person.home,
        skill=skill,
        duration_s=SERVICE_S[skill],
        day=(opens_s - DAY0_S) // A_DAY_S,
        opens_s=opens_s,
        closes_s=closes_s,
        said_s=said_s,
        planned=request_id.startswith("p"),
        cancelled_s=rng.randrange(said_s + 60, max(said_s + 120, opens_s - 600)) if regrets else None,
    )


def _called(seed: int, size: Size, people: tuple[Person, ...]) -> list[Wish]:
    """Calls through the day, for today or one of the next three days."""
    made = []
    count = size.requests * (1000 - size.planned_permille) // 1000
    for day in range(-3, size.days):
        for number in range(count):
            rng = dice(seed, "call", day, number)
            said_s = DAY0_S + day * A_DAY_S + round(rng.triangular(7.5, 17.5, 9.5) * 3_600)
            person, skill = rng.choice(people), _skill(rng)
            window = _window(rng, size, day, said_s)
            goal = (window[0] - DAY0_S) // A_DAY_S
            if goal < 0 or goal >= size.days:
                continue
            said_s = max(said_s, DAY0_S + number % 60)
            made.append(_wish(seed, size, f"w{day}-{number}", person, skill, window, said_s))
    return made


def _window(rng: Random, size: Size, day: int, said_s: int) -> tuple[int, int]:
    midnight_s = DAY0_S + day * A_DAY_S
    soon_s = said_s + rng.randint(1_800, 14_400)
    if rng.random() * 1000 < size.today_permille and soon_s < midnight_s + 14 * 3_600 + 1_800:
        soon_s = max(soon_s, midnight_s + SHIFT_S[0]) // 900 * 900 + 900
        return soon_s, soon_s + rng.choice((3_600, 5_400))
    opens_s = midnight_s + rng.choice((1, 1, 2, 3)) * A_DAY_S + _opens(rng)
    return opens_s, opens_s + rng.choice((3_600, 7_200))


def _alarms(seed: int, size: Size, people: tuple[Person, ...]) -> list[Alarm]:
    count = max(1, size.carers * size.alarms_permille // 1000) if size.alarms_permille else 0
    made = []
    for day in range(size.days):
        for number in range(count):
            rng = dice(seed, "alarm", day, number)
            at_s = DAY0_S + day * A_DAY_S + round(rng.uniform(8.5, 15.5) * 3_600)
            person = rng.choice(people)
            made.append(Alarm(f"a{day}-{number}", person.person_id, person.home, at_s))
    return made
