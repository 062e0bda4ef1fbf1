"""A caregiver's story: an offer comes, she accepts, goes, arrives, finishes, and sees what it pays."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page
from sqlalchemy import select

from schemas.decisions import AssignmentOffered
from schemas.rows import Row
from schemas.tables import journal, offers
from tests.journeys.care_browser import (
    TownPages,
    book_until_offered,
    home_of,
    open_phone,
    phone,
    see,
    town_pages,
)


@pytest.fixture(scope="module")
def pages(postgres_server: str, _migrated_template: str) -> Iterator[TownPages]:
    with town_pages(postgres_server, _migrated_template) as shown:
        yield shown


@pytest.fixture(scope="module")
def used() -> set[str]:
    """Recipients of the town who have had their story."""
    return set()


@pytest.fixture
def asked(pages: TownPages, used: set[str]) -> AssignmentOffered:
    return book_until_offered(pages, "CAREGIVER", used)


@pytest.fixture
def page(browser: Browser, pages: TownPages, asked: AssignmentOffered) -> Iterator[Page]:
    """The caregiver's phone, at the recipient's door."""
    context = phone(browser, pages.base, asked.caregiver_id, pages.town.area, home_of(pages, asked.visit_id))
    yield open_phone(context, pages.base)
    context.close()


def words_about(pages: TownPages, asked: AssignmentOffered) -> list[str]:
    """What the caregiver said of the offer and its visit, as the journal holds it."""
    with pages.engine.connect() as conn:
        bodies = conn.execute(select(journal.c.body).order_by(journal.c.seq)).scalars()
        facts = [Row.of_body(body.encode()).fact for body in bodies]
    about = {asked.offer_id, asked.visit_id}
    return [
        fact.word
        for fact in facts
        if fact.by.id == asked.caregiver_id
        and about & {getattr(fact, "offer_id", None), getattr(fact, "visit_id", None)}
    ]


LOSE_ONE_ANSWER = """() => {
  const real = window.fetch;
  window.lost = 0;
  window.fetch = async (path, options) => {
    const answer = await real(path, options);
    if (window.lost || !(options?.body ?? "").includes("AssignmentAccepted")) return answer;
    window.lost += 1;
    throw new TypeError("the network went away");
  };
}"""


def accept(page: Page, asked: AssignmentOffered) -> None:
    page.locator(f"[data-offer='{asked.offer_id}'] [data-press=AssignmentAccepted]").click()


def set_out(page: Page, asked: AssignmentOffered) -> None:
    page.goto(f"{page.url.split('#')[0]}#visit/{asked.visit_id}")
    page.locator(".bar [data-press=CaregiverDeparted]").click()


def finished(pages: TownPages, asked: AssignmentOffered) -> bool:
    return pages.stop(asked.visit_id, asked.caregiver_id)["visit_status"] == "FINISHED"


def started(pages: TownPages, asked: AssignmentOffered) -> bool:
    return pages.stop(asked.visit_id, asked.caregiver_id)["status"] == "STARTED"


def offer_status(pages: TownPages, offer_id: str) -> str:
    with pages.engine.connect() as conn:
        return str(conn.execute(select(offers.c.status).where(offers.c.offer_id == offer_id)).scalar_one())


def test_from_the_offer_to_the_pay(page: Page, pages: TownPages, asked: AssignmentOffered) -> None:
    card = page.locator(f"[data-offer='{asked.offer_id}']")
    card.wait_for()
    see(page, lambda: offer_status(pages, asked.offer_id) == "DELIVERED", "delivered")
    accept(page, asked)
    set_out(page, asked)
    page.locator(".bar [data-press=CaregiverCheckedIn]").click()
    page.locator(".bar [data-press=CaregiverCheckedOut]").click()
    see(
        page,
        lambda: pages.stop(asked.visit_id, asked.caregiver_id)["visit_status"] == "FINISHED",
        "the visit is finished",
    )
    stop = pages.stop(asked.visit_id, asked.caregiver_id)
    assert stop["bill"] is not None
    assert words_about(pages, asked) == [
        "OfferDelivered",
        "AssignmentAccepted",
        "CaregiverDeparted",
        "CaregiverCheckedIn",
        "CaregiverCheckedOut",
    ]
    page.goto(f"{pages.base}/caregiver/#income")
    page.wait_for_selector(".figure:has-text('.00')")


def test_a_day_without_a_network_loses_nothing(
    page: Page, pages: TownPages, asked: AssignmentOffered
) -> None:
    """She works in a cellar, the phone is restarted there, and every press keeps its moment."""
    page.locator(f"[data-offer='{asked.offer_id}']").wait_for()
    see(page, lambda: offer_status(pages, asked.offer_id) == "DELIVERED", "delivered")
    page.context.set_offline(True)
    page.reload()
    accept(page, asked)
    set_out(page, asked)
    page.locator(".bar [data-press=CaregiverCheckedIn]").click()
    page.locator("text=已保存 · 待上传 3").wait_for()
    pressed_at = page.evaluate("window.liuzhuPhone.state.presses.map((each) => each.said_at)")
    page.reload()
    page.locator(".bar [data-press=CaregiverCheckedOut]").click()
    page.locator("text=已保存 · 待上传 4").wait_for()
    assert words_about(pages, asked) == ["OfferDelivered"]
    page.wait_for_timeout(4_500)
    page.context.set_offline(False)
    see(
        page,
        lambda: pages.stop(asked.visit_id, asked.caregiver_id)["visit_status"] == "FINISHED",
        "all was uploaded",
    )
    stop = pages.stop(asked.visit_id, asked.caregiver_id)
    begun, ended = stop["checked_in_at"], stop["checked_out_at"]
    assert begun < ended  # type: ignore[operator]
    kept = page.evaluate("window.liuzhuPhone.state.presses.map((each) => each.said_at)")
    assert kept[: len(pressed_at)] == pressed_at
    assert len(words_about(pages, asked)) == 5


def test_a_lost_answer_makes_no_second_fact(page: Page, pages: TownPages, asked: AssignmentOffered) -> None:
    """The line took the press but the answer was lost on the way: the phone sends it again."""
    page.evaluate(LOSE_ONE_ANSWER)
    accept(page, asked)
    see(page, lambda: offer_status(pages, asked.offer_id) == "ACCEPTED", "accepted")
    page.evaluate("window.liuzhuPhone.sync()")
    page.wait_for_selector("[data-sync=done]")
    assert page.evaluate("window.lost") == 1
    assert words_about(pages, asked).count("AssignmentAccepted") == 1


def test_a_press_taken_back_in_time_is_never_said(
    page: Page, pages: TownPages, asked: AssignmentOffered
) -> None:
    accept(page, asked)
    set_out(page, asked)
    page.locator(".toast button").click()
    page.wait_for_selector(".bar [data-press=CaregiverDeparted]")
    page.wait_for_timeout(5_000)
    assert "CaregiverDeparted" not in words_about(pages, asked)


def test_declining_asks_why_and_is_heard(page: Page, pages: TownPages, asked: AssignmentOffered) -> None:
    page.locator(f"[data-offer='{asked.offer_id}'] [data-press=AssignmentDeclined]").click()
    page.locator("[data-reason=TOO_FAR]").click()
    page.locator(f"[data-offer='{asked.offer_id}']").wait_for(state="detached")
    see(page, lambda: offer_status(pages, asked.offer_id) == "DECLINED", "declined")


def test_without_a_position_a_visit_starts(page: Page, pages: TownPages, asked: AssignmentOffered) -> None:
    """A phone that may not say where it is must not keep anybody from helping."""
    page.context.clear_permissions()
    accept(page, asked)
    set_out(page, asked)
    page.locator(".bar [data-press=CaregiverCheckedIn]").click()
    see(
        page,
        lambda: pages.stop(asked.visit_id, asked.caregiver_id)["status"] == "STARTED",
        "the visit has started",
    )
    page.locator("text=没有定位，照样算数").wait_for()
