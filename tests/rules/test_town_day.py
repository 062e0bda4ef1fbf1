"""The simulated town's own day, decided by the desk: most of what its care plans ask can be done."""

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, date, datetime

import pytest

from dispatcher.core.decide import DECIDER, decide
from dispatcher.core.desk import empty_desk
from dispatcher.core.evolve import evolve
from producers.care_plans.plans import request_on
from producers.daily import CITY_ZONE
from producers.enrol import REGISTER
from producers.entries import AreaEntry, CaregiverEntry, ProviderEntry, RecipientEntry
from producers.simulator.city import AREAS
from producers.simulator.settle import Size, Town, build_town, entries_of
from schemas.base import Sealed
from schemas.decisions import RequestRefused
from schemas.facts import (
    AreaOpened,
    CaregiverEnrolled,
    CarePlanApproved,
    Fact,
    ProviderEnrolled,
    RecipientEnrolled,
    ServiceRequested,
    ShiftPublished,
    TariffPublished,
)
from schemas.ids import new_id
from schemas.rows import Row

NOW = datetime(2026, 11, 26, 23, 1, tzinfo=UTC)
DAY = date(2026, 11, 27)


def facts_of(town: Town, area: str) -> Iterator[Fact]:
    """What the desk of an area hears before its first caller: the registers, then the day's care plans."""
    plans = []
    for entry in entries_of(town, area):
        told = {"fact_id": new_id(), "area": area, "said_at": NOW, "by": REGISTER}
        if isinstance(entry, AreaEntry):
            yield AreaOpened(**told, settings=entry.settings)
        elif isinstance(entry, ProviderEntry):
            acceptance = {"acceptance": entry.acceptance, "fuse_s": entry.fuse_s}
            yield ProviderEnrolled(**told, provider_id=entry.place.place_id, **acceptance)
        elif isinstance(entry, CaregiverEntry | RecipientEntry):
            person = entry.person
            told |= {"provider_id": person.provider_id, "sealed": closed(person.person_id)}
            if isinstance(entry, CaregiverEntry):
                yield CaregiverEnrolled(**told, caregiver_id=person.person_id, opened=entry.secret)
            else:
                street = person.street or area
                about = {"recipient_id": person.person_id, "street": street, "opened": entry.secret}
                yield RecipientEnrolled(**told, **about)
        elif isinstance(entry, ShiftPublished | TariffPublished):
            yield entry
        elif isinstance(entry, CarePlanApproved):
            plans.append(entry)
    for plan in plans:
        request = request_on(plan, DAY, NOW.astimezone(CITY_ZONE), CITY_ZONE)
        if request is not None:
            yield request


def closed(person_id: str) -> Sealed:
    """A sealed part nobody opens here: the desk is handed what is in it."""
    return Sealed(person_id=person_id, nonce="AAAAAAAAAAAAAAAA", data="AAAAAAAAAAAAAAAAAAAAAA==")


@pytest.mark.parametrize("seed", [12349, 1])
def test_a_day_of_the_towns_care_plans_can_be_done_but_for_a_few(seed: int) -> None:
    """Whoever opens the demonstration would else see a city that refuses all its cleanings at eight."""
    town = build_town(seed, Size(), DAY, NOW)
    asked, refused = 0, Counter[tuple[str, str, str]]()
    for plan in AREAS:
        desk = empty_desk(plan.area)
        for seq, fact in enumerate(facts_of(town, plan.area), start=1):
            decisions = decide(desk, fact, NOW)
            row = Row(area=plan.area, seq=seq, now=NOW, decider=DECIDER, fact=fact, decisions=decisions)
            desk = evolve(desk, row)
            if isinstance(fact, ServiceRequested):
                asked += 1
                if any(isinstance(decision, RequestRefused) for decision in decisions):
                    refused[plan.area, fact.item, fact.window.opens_at.isoformat()] += 1
    assert asked > 500
    assert 0 < refused.total() < asked * 0.05
    assert max(refused.values()) <= 8
