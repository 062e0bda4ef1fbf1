"""How the people of the town behave: what a caregiver does with an offer and at a door, what a caller asks.

Pure: the same for the same seed and the same question.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random

from producers.simulator.chance import dice, pick

METRES_PER_UDEG = 0.111


@dataclass(frozen=True)
class OfferHabit:
    """What is done with an offer: `answer` is ACCEPT, DECLINE or NOTHING, `after_s` from seeing it."""

    answer: str
    after_s: int
    reason: str


@dataclass(frozen=True)
class VisitHabit:
    """How one caregiver serves one visit.

    `travel_permille` of the planned travel is needed, `service_permille` of the planned service;
    `obstructed` is a reason or empty; `offline_s` is how long after the end the phone finds a network
    again (0: it has one); `evidence` is NEAR, FAR, INEXACT, MOCKED or MISSING.
    """

    leaves_late_s: int
    travel_permille: int
    service_permille: int
    obstructed: str
    offline_s: int
    forgets_check_out: bool
    evidence: str
    never_goes: bool


def offer_habit(seed: int, caregiver_id: str, offer_id: str, *, urgent: bool) -> OfferHabit:
    """What the caregiver does with the offer; nearly everybody goes to an emergency, and at once."""
    rng = dice(seed, "offer", caregiver_id, offer_id)
    reason = pick(rng, (("BUSY", 40.0), ("TOO_FAR", 35.0), ("ILL", 10.0), ("OTHER", 15.0)))
    if urgent:
        answer = pick(rng, (("ACCEPT", 93.0), ("DECLINE", 4.0), ("NOTHING", 3.0)))
        return OfferHabit(answer, rng.randint(5, 30), reason)
    answer = pick(rng, (("ACCEPT", 87.0), ("DECLINE", 7.0), ("NOTHING", 6.0)))
    return OfferHabit(answer, rng.randint(20, 400), reason)


def clerk_habit(seed: int, provider_id: str, offer_id: str) -> OfferHabit:
    """What a provider's clerk does with an offer that came to the office."""
    rng = dice(seed, "clerk", provider_id, offer_id)
    answer = pick(rng, (("ACCEPT", 92.0), ("DECLINE", 5.0), ("NOTHING", 3.0)))
    return OfferHabit(answer, rng.randint(20, 500), rng.choice(("NOBODY_FREE", "TOO_FAR", "OTHER")))


def visit_habit(seed: int, caregiver_id: str, visit_id: str) -> VisitHabit:
    """How the caregiver serves the visit."""
    rng = dice(seed, "visit", caregiver_id, visit_id)
    return VisitHabit(
        leaves_late_s=pick(rng, ((0, 70.0), (rng.randint(60, 420), 24.0), (rng.randint(900, 2_100), 6.0))),
        travel_permille=round(rng.gauss(1_000, 120)),
        service_permille=max(500, round(rng.gauss(1_010, 70)))
        if rng.random() > 0.04
        else rng.randint(350, 700),
        obstructed=pick(
            rng, (("", 97.4), ("NOBODY_HOME", 1.6), ("REFUSED", 0.5), ("UNFIT", 0.4), ("WRONG_ADDRESS", 0.1))
        ),
        offline_s=pick(rng, ((0, 90.0), (rng.randint(600, 5_400), 9.0), (rng.randint(20_000, 50_000), 1.0))),
        forgets_check_out=rng.random() < 0.01,
        evidence=pick(
            rng, (("NEAR", 88.0), ("FAR", 2.5), ("INEXACT", 3.0), ("MOCKED", 1.5), ("MISSING", 5.0))
        ),
        never_goes=rng.random() < 0.004,
    )


def position(seed: int, evidence: str, lat: float, lon: float, *about: object) -> dict[str, object] | None:
    """What the phone says of where it is, standing at a home at `lat`, `lon` (WGS-84 degrees)."""
    rng = dice(seed, "position", *about)
    if evidence == "MISSING":
        return None
    reach_m = rng.uniform(600, 3_000) if evidence == "FAR" else rng.uniform(0, 60)
    step = reach_m / METRES_PER_UDEG / 1_000_000
    accuracy_m = rng.randint(150, 900) if evidence == "INEXACT" else rng.randint(5, 45)
    return {
        "lat": round(lat + rng.uniform(-0.7, 0.7) * step, 6),
        "lon": round(lon + rng.choice((-1, 1)) * 0.75 * step, 6),
        "accuracy_m": accuracy_m,
        "mocked": evidence == "MOCKED",
    }


CALLED_FOR: tuple[tuple[str, float], ...] = (
    ("MEAL_LUNCH", 14.0),
    ("CLEAN_HOME", 14.0),
    ("BATH_HOME", 8.0),
    ("BATH_BED", 4.0),
    ("ESCORT_CLINIC", 9.0),
    ("BLOOD_PRESSURE", 12.0),
    ("MEDICINE_FETCH", 12.0),
    ("URGENT_ERRAND", 9.0),
    ("REPAIR_SMALL", 8.0),
    ("CARE_BASIC", 6.0),
    ("COMFORT_TALK", 4.0),
)


@dataclass(frozen=True)
class Call:
    """One call to the hotline: who (by number), when, for what, and what becomes of the wish later.

    `second_thought` is KEEP, MOVE or CANCEL, after `thinks_s`.
    """

    number: int
    at: datetime
    person: int
    item: str
    opens_at: datetime
    closes_at: datetime
    second_thought: str
    thinks_s: int
    takes_later: bool


def calls_of_day(seed: int, midnight: datetime, people: int, count: int) -> tuple[Call, ...]:
    """The calls of the city day that begins at `midnight`, in order of time."""
    calls = [_call(seed, midnight, people, number) for number in range(count)]
    return tuple(sorted(calls, key=lambda call: (call.at, call.number)))


def _call(seed: int, midnight: datetime, people: int, number: int) -> Call:
    rng = dice(seed, "call", midnight.date(), number)
    hour = pick(rng, tuple(zip(range(7, 20), (3, 9, 14, 13, 9, 5, 5, 9, 10, 8, 6, 4, 3), strict=True)))
    at = midnight + timedelta(hours=hour, seconds=rng.randrange(3_600))
    item = pick(rng, CALLED_FOR)
    opens_at, closes_at = _window(rng, midnight, at, item)
    return Call(
        number=number,
        at=at,
        person=rng.randrange(people),
        item=item,
        opens_at=opens_at,
        closes_at=closes_at,
        second_thought=pick(rng, (("KEEP", 86.0), ("MOVE", 8.0), ("CANCEL", 6.0))),
        thinks_s=rng.randint(300, 7_200),
        takes_later=rng.random() < 0.6,
    )


def _window(rng: Random, midnight: datetime, at: datetime, item: str) -> tuple[datetime, datetime]:
    """Soon, later today or tomorrow; lunch at lunch time."""
    day = midnight if at < midnight + timedelta(hours=10) else midnight + timedelta(days=1)
    if item == "MEAL_LUNCH":
        return day + timedelta(hours=11), day + timedelta(hours=12, minutes=30)
    when = pick(rng, (("SOON", 30.0), ("TODAY", 30.0), ("TOMORROW", 40.0)))
    if item == "URGENT_ERRAND":
        when = "SOON"
    if when == "SOON" and at < midnight + timedelta(hours=17):
        opens_at = at + timedelta(minutes=rng.randint(10, 50))
        return opens_at, opens_at + timedelta(minutes=rng.choice((45, 60, 90)))
    today_at = at + timedelta(hours=rng.uniform(1.5, 5))
    if when == "TODAY" and today_at < midnight + timedelta(hours=16):
        opens_at = today_at.replace(minute=today_at.minute // 30 * 30, second=0, microsecond=0)
        return opens_at, opens_at + timedelta(hours=rng.choice((1, 2)))
    opens_at = midnight + timedelta(days=1, hours=rng.choice((8, 9, 10, 14, 15)))
    return opens_at, opens_at + timedelta(hours=rng.choice((1, 2)))


@dataclass(frozen=True)
class Press:
    """One press of a button (by device number): when, and what is behind it.

    `truth` is REAL, FALSE or NO_ANSWER; `seat_answers` tells whether the town's own seats call back.
    """

    number: int
    at: datetime
    device: int
    truth: str
    answers_s: int
    seat_answers: bool
    again_s: int


def presses_of_day(seed: int, midnight: datetime, devices: int, count: int) -> tuple[Press, ...]:
    """The alarms of the city day that begins at `midnight`, in order of time."""
    found = []
    for number in range(count if devices else 0):
        rng = dice(seed, "press", midnight.date(), number)
        found.append(
            Press(
                number=number,
                at=midnight + timedelta(seconds=round(rng.triangular(0, 86_400, 50_000))),
                device=rng.randrange(devices),
                truth=pick(rng, (("REAL", 35.0), ("FALSE", 55.0), ("NO_ANSWER", 10.0))),
                answers_s=rng.randint(20, 90),
                seat_answers=rng.random() < 0.8,
                again_s=rng.randint(20, 120) if rng.random() < 0.25 else 0,
            )
        )
    return tuple(sorted(found, key=lambda press: (press.at, press.number)))


def stars(seed: int, visit_id: str, late_s: int) -> tuple[int, tuple[str, ...]] | None:
    """The recipient's word on a visit: stars and codes of complaint; None from those who say nothing."""
    rng = dice(seed, "stars", visit_id)
    if rng.random() > 0.3:
        return None
    if late_s > 1_500 and rng.random() < 0.7:
        return rng.choice((2, 3)), ("LATE",)
    if rng.random() < 0.03:
        return rng.choice((1, 2)), (rng.choice(("CARELESS", "RUDE", "COLD_MEAL")),)
    return pick(rng, ((5, 75.0), (4, 22.0), (3, 3.0))), ()
