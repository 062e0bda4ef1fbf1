"""The supervisor's wall: true, live, without names."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from schemas.base import Speaker
from schemas.codes import AlarmKind
from schemas.facts import AlarmRaised
from schemas.ids import new_id
from schemas.tables import people
from tests.journeys.care_browser import TownPages, town_pages
from tests.journeys.finance_scene import book, check_in


@pytest.fixture(scope="module")
def pages(postgres_server: str, _migrated_template: str) -> Iterator[TownPages]:
    with town_pages(postgres_server, _migrated_template) as shown:
        yield shown


@pytest.fixture
def wall(browser: Browser, pages: TownPages) -> Iterator[Page]:
    context = browser.new_context(viewport={"width": 1920, "height": 1080})
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.goto(f"{pages.base}/wallboard/")
    yield page
    context.close()
    assert broken == []


def test_a_visit_that_begins_is_on_the_wall_without_a_reload(wall: Page, pages: TownPages) -> None:
    """A wall that lags behind the street is looked at once and never again."""
    expect(wall.locator("[data-metric=PUNCTUALITY]")).to_contain_text("今天还没有")
    check_in(pages, book(pages, "CLEAN_HOME"), after_min=-5)
    expect(wall.locator("[data-metric=PUNCTUALITY]")).to_contain_text("1 单已到门", timeout=15_000)
    expect(wall.locator("[data-metric=BOOKING_ANSWER]")).to_contain_text("不足 100 起")
    expect(wall.locator(".map .dot[data-help=CLEANING]")).to_have_count(1)


def test_an_emergency_is_marked_by_street_and_age_and_nobody_is_named(wall: Page, pages: TownPages) -> None:
    """The wall hangs in a hall: it helps the shift lead, and tells no visitor who fell."""
    with pages.engine.connect() as connection:
        one = connection.execute(
            select(people).where(people.c.kind == "RECIPIENT").order_by(people.c.person_id.desc()).limit(1)
        ).one()
    fact = AlarmRaised(
        fact_id=new_id(),
        area=pages.town.area,
        said_at=pages.town.now,
        by=Speaker(role="DEVICE", id="button-1"),
        case_id=new_id(),
        kind=AlarmKind.FALL,
        recipient_id=one.person_id,
    )
    pages.town.line.decide(fact)
    expect(wall.locator(".map .label")).to_contain_text("岁", timeout=15_000)
    told = wall.locator("#wall").inner_text()
    with pages.engine.connect() as connection:
        names = connection.execute(select(people.c.name)).scalars().all()
    assert [name for name in names if name in told] == []


def test_the_wall_fits_a_smaller_screen_and_speaks_english(browser: Browser, pages: TownPages) -> None:
    """Half of the districts hang a television, not a wall."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    page.goto(f"{pages.base}/wallboard/?lang=en")
    expect(page.locator("h2").first).to_contain_text("Response times")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    box = page.locator(".late-pane").bounding_box()
    assert box is not None
    assert box["x"] + box["width"] <= 1281
    context.close()
