"""To hospital and back: the seat names the hospital, one caregiver's phone leads through both legs."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from schemas.tables import people, places, stops, visits
from tests.journeys.care_browser import TownPages, home_of, open_phone, phone, see, town_pages


@pytest.fixture(scope="module")
def pages(postgres_server: str, _migrated_template: str) -> Iterator[TownPages]:
    with town_pages(postgres_server, _migrated_template) as shown:
        yield shown


def place(pages: TownPages, *where: Any) -> Any:
    with pages.engine.connect() as conn:
        return conn.execute(select(places).where(places.c.area == pages.town.area, *where)).first()


def legs(pages: TownPages, request_id: str) -> list[Any]:
    """The stops of a request, there and back."""
    query = select(stops).join(visits, visits.c.visit_id == stops.c.visit_id)
    with pages.engine.connect() as conn:
        return list(conn.execute(query.where(visits.c.request_id == request_id).order_by(stops.c.role)))


def booked(pages: TownPages, goal_id: str) -> list[Any]:
    """The legs of an escort that one caregiver has, accepted by their shift; booked at the seat's door."""
    house = place(pages, places.c.card["acceptance"].astext == "SHIFT").place_id
    with pages.engine.connect() as conn:
        query = select(people.c.person_id).where(people.c.kind == "RECIPIENT").order_by(people.c.person_id)
        recipients = conn.execute(query).scalars().all()
    body = {
        "item": "ESCORT_HOSPITAL",
        "opens_at": (pages.town.now + timedelta(minutes=30)).isoformat(),
        "closes_at": (pages.town.now + timedelta(minutes=90)).isoformat(),
        "goal": goal_id,
        "provider_id": house,
    }
    for recipient_id in recipients:
        answer = httpx.post(f"{pages.base}/console/requests.json", json=body | {"recipient_id": recipient_id})
        found = legs(pages, answer.json().get("request_id", ""))
        if len(found) == 2 and len({leg.caregiver_id for leg in found}) == 1:
            return found
    raise AssertionError("nobody had both legs")


def live_through(page: Page, key: str) -> None:
    """Set out, arrive, finish."""
    page.goto(f"{page.url.split('#')[0]}#visit/{key}")
    for word in ("CaregiverDeparted", "CaregiverCheckedIn", "CaregiverCheckedOut"):
        page.locator(f".bar [data-press={word}]").click()


def test_she_takes_him_to_hospital_and_brings_him_home(browser: Browser, pages: TownPages) -> None:
    """A phone that knows one door only leaves him in the waiting room."""
    hospital = place(pages, places.c.kind == "HOSPITAL")
    there, back = booked(pages, hospital.place_id)
    at = home_of(pages, there.visit_id)
    context = phone(browser, pages.base, there.caregiver_id, pages.town.area, at)
    page = open_phone(context, pages.base)
    page.goto(f"{pages.base}/caregiver/#visit/{back.visit_id}.1")
    expect(page.locator("main")).to_contain_text(f"从{hospital.name_zh}接回家")
    page.goto(f"{pages.base}/caregiver/#visit/{there.visit_id}.0")
    expect(page.locator("main")).to_contain_text(f"送到{hospital.name_zh}")
    live_through(page, f"{there.visit_id}.0")
    request_id = request_of(pages, there.visit_id)
    see(page, lambda: legs(pages, request_id)[0].status == "FINISHED", "the way there is done")
    assert legs(pages, request_id)[1].status == "BOUND"
    live_through(page, f"{back.visit_id}.1")
    see(page, lambda: legs(pages, request_id)[1].status == "FINISHED", "they are home")
    with pages.engine.connect() as conn:
        bill = conn.execute(select(visits.c.bill).where(visits.c.visit_id == there.visit_id)).scalar_one()
    assert [(pay["caregiver_id"], pay["amount_fen"]) for pay in bill["pay"]] == [(there.caregiver_id, 6_600)]
    context.close()


def request_of(pages: TownPages, visit_id: str) -> str:
    with pages.engine.connect() as conn:
        found = conn.execute(select(visits.c.request_id).where(visits.c.visit_id == visit_id)).scalar_one()
        return str(found)
