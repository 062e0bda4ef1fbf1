"""A phone and an office in a real browser, over the one-process line of a small town."""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote

from playwright.sync_api import Browser, BrowserContext, Page
from sqlalchemy import Engine, create_engine, select
from sqlalchemy.pool import NullPool

from infra.parts.postgres import drop_database, make_database, random_name
from infra.web import create_app
from schemas.base import StartWindow
from schemas.codes import Channel
from schemas.decisions import AssignmentOffered, Decision
from schemas.facts import Asks, Fact, ServiceRequested
from schemas.ids import new_id
from schemas.tables import people, places, stops, visits
from schemas.web import Who
from tests.line import SmallTown, small_town
from tests.web import served

PATIENCE_MS = 20_000


class BlankOutlook:
    """These pages ask nothing."""

    async def preview(self, fact: Fact) -> tuple[Decision, ...]:
        """Decide nothing."""
        return ()

    async def purses(self, area: str, recipient_id: str) -> tuple[()]:
        """Know of no rights."""
        return ()


@dataclass(frozen=True)
class TownPages:
    """A town, the pages over it, and where they are."""

    town: SmallTown
    engine: Engine
    base: str

    def stop(self, visit_id: str, caregiver_id: str) -> dict[str, object]:
        """The stop and its visit, as remembered."""
        query = (
            select(stops, visits.c.grade, visits.c.status.label("visit_status"), visits.c.bill)
            .join(visits, visits.c.visit_id == stops.c.visit_id)
            .where(stops.c.visit_id == visit_id, stops.c.caregiver_id == caregiver_id)
        )
        with self.engine.connect() as conn:
            return dict(conn.execute(query).mappings().one())


@contextmanager
def town_pages(server_url: str, template: str, area: str = "a1") -> Iterator[TownPages]:
    """A small town at 9:42 with its pages served."""
    name = random_name("care")
    engine = create_engine(make_database(server_url, name, template=template), poolclass=NullPool)
    try:
        town = small_town(engine, recipients=200, caregivers=80, area=area)
        with served(create_app(engine=engine, sink=town.line, outlook=BlankOutlook())) as base:
            yield TownPages(town, engine, base)
    finally:
        engine.dispose()
        drop_database(server_url, name)


ITEMS = ("CLEAN_HOME", "VISIT_HOME", "BLOOD_PRESSURE", "COMFORT_TALK", "MEDICINE_FETCH", "REPAIR_SMALL")


def book_until_offered(pages: TownPages, to: str, used: set[str]) -> AssignmentOffered:
    """Book near visits until one is asked of a caregiver (or a clerk, by `to`); returns that offer.

    `used` are recipients to pass over; whoever was booked for is added to it.
    """
    with pages.engine.connect() as conn:
        query = select(people.c.person_id).where(people.c.kind == "RECIPIENT").order_by(people.c.person_id)
        recipients = [each for each in conn.execute(query).scalars() if each not in used]
        house = places.c.card["acceptance"].astext == to
        houses = select(places.c.place_id).where(house, places.c.area == pages.town.area)
        provider_id = conn.execute(houses).scalars().first()
    for recipient_id in recipients:
        used.add(recipient_id)
        for item in ITEMS:
            row = pages.town.line.decide(_wish(pages.town, recipient_id, item, provider_id))
            for decision in row.decisions if row else ():
                if isinstance(decision, AssignmentOffered) and decision.to == to:
                    return decision
    raise AssertionError(f"nobody was asked: {to}")


def _wish(town: SmallTown, recipient_id: str, item: str, provider_id: str | None) -> ServiceRequested:
    window = StartWindow(
        opens_at=town.now + timedelta(minutes=30), closes_at=town.now + timedelta(minutes=110)
    )
    operator = Who("OPERATOR", "seat-7", "苗春").speaker
    return ServiceRequested(
        fact_id=new_id(), area=town.area, said_at=town.now, by=operator, request_id=new_id(),
        recipient_id=recipient_id, item=item, window=window, channel=Channel.HOTLINE,
        asks=Asks(provider_id=provider_id),
    )  # fmt: skip


def phone(
    opened: Browser, base: str, caregiver_id: str, area: str, at: tuple[float, float]
) -> BrowserContext:
    """A phone in this caregiver's hand, standing at `at` (degrees WGS-84)."""
    context = opened.new_context(
        viewport={"width": 390, "height": 844},
        geolocation={"latitude": at[0], "longitude": at[1], "accuracy": 18},
        permissions=["geolocation"],
    )
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies(
        [{"name": "who_CAREGIVER", "value": f"{caregiver_id}|{quote('她')}|{area}|", "url": base}]
    )
    return context


def office(opened: Browser, base: str, provider_id: str, area: str) -> BrowserContext:
    """The screen of this provider's clerk."""
    context = opened.new_context(viewport={"width": 1440, "height": 900})
    context.set_default_timeout(PATIENCE_MS)
    value = f"clerk-{provider_id}|{quote('调度')}|{area}|{provider_id}"
    context.add_cookies([{"name": "who_CLERK", "value": value, "url": base}])
    return context


def open_phone(context: BrowserContext, base: str) -> Page:
    """The phone's page, once it works without a network too."""
    page = context.new_page()
    page.goto(f"{base}/caregiver/")
    page.wait_for_selector("[data-sync=done]")
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.wait_for_function("caches.keys().then((names) => names.length > 0)")
    return page


def home_of(pages: TownPages, visit_id: str) -> tuple[float, float]:
    """Where the visit's recipient lives, in degrees."""
    query = (
        select(people.c.lat_udeg, people.c.lon_udeg)
        .join(visits, visits.c.recipient_id == people.c.person_id)
        .where(visits.c.visit_id == visit_id)
    )
    with pages.engine.connect() as conn:
        row = conn.execute(query).one()
    return row.lat_udeg / 1_000_000, row.lon_udeg / 1_000_000


def see(page: Page, condition: Callable[[], bool], what: str, within_s: float = 30.0) -> None:
    """Return as soon as `condition` holds, letting the page go on meanwhile; fail with `what` otherwise."""
    deadline = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > deadline:
            raise AssertionError(f"not within {within_s:.0f} s: {what}")
        page.wait_for_timeout(100)
