"""Care plans that make a realistic day, and who usually comes to whom."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import accumulate
from random import Random

from producers.enrol import REGISTER
from producers.entries import CaregiverEntry, RecipientEntry
from producers.simulator.chance import dice, pick, uuid7_at
from producers.simulator.people import REGISTERED_AT, Resident
from schemas.facts import CarePlanApproved

FRAIL = ("MODERATE", "SEVERE", "TOTAL")
PLANNED_SHARE = 0.85
"""The part of a day's visits that comes from care plans; the rest is called for."""

CLEANINGS = (
    ("08:00", "10:30"),
    ("08:30", "11:30"),
    ("09:30", "12:00"),
    ("13:00", "15:30"),
    ("14:00", "16:30"),
)
BATHS = (("08:30", "10:30"), ("09:00", "11:30"), ("09:30", "11:30"), ("13:30", "15:30"), ("14:00", "16:30"))
"""Care of two hours, or by two, is spread over the day when it is agreed: not all cleaners begin at eight."""

DAILY: tuple[tuple[str, float, tuple[int, ...], tuple[tuple[str, str], ...], str], ...] = (
    # item, share of a day's visits, visits a week, windows, skill
    ("MEAL_LUNCH", 0.31, (5, 7), (("11:00", "12:30"),), "MEAL"),
    ("MEAL_DINNER", 0.05, (7,), (("17:00", "18:30"),), "MEAL"),
    ("CLEAN_HOME", 0.10, (1, 2), CLEANINGS, "CLEANING"),
    ("BATH_HOME", 0.06, (1, 2), BATHS, "BATHING"),
    ("BATH_BED", 0.04, (2, 3), (("08:30", "10:30"), ("14:30", "16:30")), "BATHING"),
    ("ESCORT_CLINIC", 0.03, (1,), (("07:40", "09:00"), ("08:00", "09:30")), "MOBILITY"),
    ("BLOOD_PRESSURE", 0.13, (1, 2), (("08:00", "11:00"), ("09:00", "12:00"), ("14:00", "17:00")), "MEDICAL"),
    ("MEDICINE_FETCH", 0.03, (1,), (("09:00", "12:00"), ("14:00", "17:00")), "MEDICAL"),
    ("CARE_BASIC", 0.09, (3, 5), (("08:00", "09:30"), ("10:00", "11:30"), ("15:00", "17:00")), "CARE"),
    ("VISIT_HOME", 0.14, (1,), (("09:00", "12:00"), ("14:00", "17:00")), "VISITING"),
    ("COMFORT_TALK", 0.02, (1,), (("09:30", "11:30"), ("14:30", "16:30")), "COMFORT"),
)


def care_plans(
    seed: int, people: Sequence[Resident], visits_per_day: int, first_day: date, said_at: datetime
) -> tuple[CarePlanApproved, ...]:
    """Plans that together ask for about 85 % of `visits_per_day`; frail people get more of them."""
    found = []
    for item, share, weekly, windows, _ in DAILY:
        rng = dice(seed, "plans", item)
        weights = list(accumulate(3.0 if r.entry.secret.level in FRAIL else 1.0 for r in people))
        wanted_a_week = visits_per_day * PLANNED_SHARE * share * 7
        served: set[str] = set()
        while wanted_a_week > 0 and len(served) < len(people):
            person = rng.choices(people, cum_weights=weights)[0].entry.person
            if person.person_id in served:
                continue
            served.add(person.person_id)
            days = tuple(sorted(rng.sample(range(7), rng.choice(weekly))))
            wanted_a_week -= len(days)
            opens, closes = rng.choice(windows)
            found.append(
                CarePlanApproved(
                    fact_id=uuid7_at(REGISTERED_AT, rng),
                    area=person.area,
                    said_at=said_at,
                    by=REGISTER,
                    plan_id=uuid7_at(REGISTERED_AT, rng),
                    recipient_id=person.person_id,
                    item=item,
                    weekdays=days,
                    opens=opens,
                    closes=closes,
                    valid_from=first_day,
                    valid_until=first_day + timedelta(days=365),
                )
            )
    return tuple(found)


def with_usual_caregivers(
    seed: int,
    people: Sequence[Resident],
    plans: Sequence[CarePlanApproved],
    workers: Sequence[CaregiverEntry],
) -> tuple[Resident, ...]:
    """The same people, most of those with a plan knowing one or two caregivers who usually come."""
    skill_of = {item: skill for item, _, _, _, skill in DAILY}
    needed: dict[str, set[str]] = defaultdict(set)
    for plan in plans:
        needed[plan.recipient_id].add(skill_of[plan.item])
    able: dict[tuple[str, str], list[CaregiverEntry]] = defaultdict(list)
    for worker in workers:
        for skill in worker.secret.skills:
            able[worker.person.area, skill].append(worker)
    return tuple(
        replace(resident, entry=_acquainted(dice(seed, "usual", n), resident.entry, needed, able))
        for n, resident in enumerate(people)
    )


def _acquainted(
    rng: Random,
    entry: RecipientEntry,
    needed: Mapping[str, set[str]],
    able: Mapping[tuple[str, str], Sequence[CaregiverEntry]],
) -> RecipientEntry:
    person = entry.person
    usual: list[str] = []
    for skill in sorted(needed.get(person.person_id, ())):
        known = [
            worker.person.person_id
            for worker in able.get((person.area, skill), ())
            if person.provider_id in (None, worker.person.provider_id)
            and entry.secret.asks_gender in (None, worker.secret.gender)
        ]
        if known and rng.random() < 0.7:
            usual += rng.sample(known, min(len(known), pick(rng, ((1, 70.0), (2, 30.0)))))
    barred = _barred(rng, person.area, able, usual) if rng.random() < 0.02 else ()
    secret = entry.secret.model_copy(
        update={"usual_caregiver_ids": tuple(dict.fromkeys(usual))[:4], "barred_caregiver_ids": barred}
    )
    return replace(entry, secret=secret)


def _barred(
    rng: Random,
    area: str,
    able: Mapping[tuple[str, str], Sequence[CaregiverEntry]],
    usual: Sequence[str],
) -> tuple[str, ...]:
    """One caregiver whom the family asked not to send."""
    others = [w.person.person_id for w in able.get((area, "MEAL"), ()) if w.person.person_id not in usual]
    return (rng.choice(others),) if others else ()
