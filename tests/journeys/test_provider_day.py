"""A clerk's story: an offer burns on the screen, it is answered, and the day shows it."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import select

from schemas.decisions import AssignmentOffered
from schemas.tables import offers, shifts
from tests.journeys.care_browser import TownPages, book_until_offered, office, see, town_pages


@pytest.fixture(scope="module")
def pages(postgres_server: str, _migrated_template: str) -> Iterator[TownPages]:
    with town_pages(postgres_server, _migrated_template, area="a2") as shown:
        yield shown


@pytest.fixture(scope="module")
def used() -> set[str]:
    """Recipients of the town who have had their story."""
    return set()


@pytest.fixture
def page(browser: Browser, pages: TownPages) -> Iterator[Page]:
    """The screen of the house whose clerk accepts."""
    context = office(browser, pages.base, "p3", pages.town.area)
    opened = context.new_page()
    broken: list[str] = []
    opened.on("pageerror", lambda error: broken.append(str(error)))
    opened.goto(f"{pages.base}/provider/")
    yield opened
    context.close()
    assert broken == []


def status(pages: TownPages, asked: AssignmentOffered) -> str:
    with pages.engine.connect() as conn:
        query = select(offers.c.status).where(offers.c.offer_id == asked.offer_id)
        return str(conn.execute(query).scalar_one())


def test_an_offer_appears_burns_and_is_accepted(page: Page, pages: TownPages, used: set[str]) -> None:
    """The page was open before the offer came: nobody has to press reload to be asked."""
    expect(page.locator("#offers h2").first).to_be_visible()
    asked = book_until_offered(pages, "CLERK", used)
    card = page.locator(f"[data-offer*='{asked.offer_id}']")
    card.wait_for()
    see(page, lambda: status(pages, asked) == "DELIVERED", "it is told as delivered")
    card.locator("[data-until]").wait_for()
    expect(card.locator("[data-until]")).to_contain_text("还剩")
    bar = page.locator(f".bar.offered[data-visit='{asked.visit_id}']")
    bar.wait_for()
    card.locator("[data-answer=accept]").click()
    card.wait_for(state="detached")
    see(page, lambda: status(pages, asked) == "ACCEPTED", "it is accepted")
    page.locator(f".bar.next[data-visit='{asked.visit_id}']").wait_for()


def test_an_offer_is_sent_back_with_a_reason(page: Page, pages: TownPages, used: set[str]) -> None:
    asked = book_until_offered(pages, "CLERK", used)
    card = page.locator(f"[data-offer*='{asked.offer_id}']")
    card.locator("[data-open=back]").click()
    card.locator("button[value=NOBODY_FREE]").click()
    see(page, lambda: status(pages, asked) == "DECLINED", "it is sent back")


def test_a_part_being_filled_in_is_not_taken_away(page: Page, pages: TownPages, used: set[str]) -> None:
    """News of others must not close the list of names under the clerk's hand."""
    asked = book_until_offered(pages, "CLERK", used)
    card = page.locator(f"[data-offer*='{asked.offer_id}']")
    card.locator("[data-open=other]").click()
    other = book_until_offered(pages, "CLERK", used)
    page.wait_for_timeout(4_000)
    expect(card.locator("[data-part=other]")).to_be_visible()
    card.locator("[data-open=other]").click()
    page.locator(f"[data-offer*='{other.offer_id}']").wait_for()


def test_t_turns_the_chart_into_a_table_and_back(page: Page) -> None:
    page.locator(".chart").wait_for()
    page.keyboard.press("t")
    page.locator("table.stops").wait_for()
    page.wait_for_load_state("load")
    page.keyboard.press("t")
    page.locator(".chart").wait_for()


def test_a_shift_is_published_and_taken_back(page: Page, pages: TownPages) -> None:
    page.goto(f"{pages.base}/provider/shifts?first=2026-11-30")
    cell = page.locator("[data-cell]").first
    cell.locator("button.none").click()
    page.get_by_role("button", name="发布").click()

    def kept() -> list[bool]:
        query = select(shifts.c.withdrawn).where(shifts.c.shift_id.like("s-%"))
        with pages.engine.connect() as conn:
            return list(conn.execute(query).scalars())

    see(page, lambda: kept() == [False], "it is published")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{pages.base}/provider/shifts?first=2026-11-30")
    page.locator(".shift .back").first.click()
    see(page, lambda: kept() == [True], "it is taken back")
