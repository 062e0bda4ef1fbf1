"""One bath from the telephone to the last fen: a real browser for each person, real processes in between."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import Browser, Page, expect
from sqlalchemy import RowMapping, func, select

from consumers.ledger.check import check
from schemas.decisions import VisitPriced
from schemas.rows import Row
from schemas.shown import yuan
from schemas.tables import (
    city_time,
    journal,
    offers,
    people,
    places,
    postings,
    spool,
    stops,
    tariff_items,
    visits,
)
from tests.journeys.care_browser import open_phone, phone, see
from tests.journeys.whole_line import AREA, WholeLine
from tests.line import set_city_time
from tests.parts import wait_until

pytestmark = pytest.mark.timeout(400)

PAYERS = ("BUREAU", "INSURANCE", "SELF")
STEPS = (
    ("CaregiverDeparted", "DEPARTED"),
    ("CaregiverCheckedIn", "STARTED"),
    ("CaregiverCheckedOut", "FINISHED"),
)


def is_decided(line: WholeLine) -> bool:
    """Whether the desk has decided all that the registers told of the town."""
    told = select(spool.c.fact_id).where(spool.c.fact_id.not_in(select(journal.c.fact_id)))
    with line.engine.connect() as connection:
        return connection.execute(told.limit(1)).first() is None


def entitled(line: WholeLine) -> RowMapping:
    """A recipient to whom a programme grants a month's quota."""
    with line.engine.connect() as connection:
        bodies = connection.execute(
            select(journal.c.body).where(journal.c.fact_word == "EntitlementGranted").order_by(journal.c.seq)
        ).scalars()
        granted = [Row.of_body(body.encode()).fact.recipient_id for body in bodies]
        query = select(people).where(people.c.person_id.in_(granted)).order_by(people.c.person_id)
        return connection.execute(query.limit(1)).mappings().one()


def askers(line: WholeLine) -> set[str]:
    """Caregivers who are asked on their own phones before a visit is theirs."""
    house = places.c.card["acceptance"].astext == "CAREGIVER"
    with line.engine.connect() as connection:
        query = select(people.c.person_id).join(places, places.c.place_id == people.c.provider_id)
        return set(connection.execute(query.where(house, people.c.kind == "CAREGIVER")).scalars())


def book(screen: Page, line: WholeLine, recipient_id: str, window: str, of: set[str] | None = None) -> str:
    """Book a bath for two at the seat, with a crew out of `of` where given; the visit's id."""
    screen.goto(f"{line.address}/console/?recipient={recipient_id}")
    screen.keyboard.press("2")
    screen.keyboard.type(window)
    expect(screen.locator("#book")).to_be_enabled(timeout=30_000)
    if of is not None:
        crews = [
            crew
            for crew in screen.locator(".who[role=option]").all()
            if set((crew.get_attribute("data-caregivers") or "").split(",")) <= of
        ]
        assert crews, screen.locator("#who-can").inner_text()
        crews[0].click()
    screen.locator("#book").click()
    answer = screen.locator("[data-answer-ms][data-visit]")
    expect(answer).to_contain_text("上门助浴", timeout=30_000)
    return str(answer.get_attribute("data-visit"))


def visit_of(line: WholeLine, visit_id: str) -> RowMapping:
    with line.engine.connect() as connection:
        return connection.execute(select(visits).where(visits.c.visit_id == visit_id)).mappings().one()


def stops_of(line: WholeLine, visit_id: str) -> list[RowMapping]:
    """Who goes, by role."""
    with line.engine.connect() as connection:
        query = select(stops).where(stops.c.visit_id == visit_id).order_by(stops.c.role)
        return list(connection.execute(query).mappings())


def offer_of(line: WholeLine, visit_id: str, caregiver_id: str) -> str | None:
    """The offer that waits for this caregiver's answer."""
    query = select(offers.c.offer_id).where(
        offers.c.visit_id == visit_id,
        offers.c.caregiver_id == caregiver_id,
        offers.c.status.in_(("OPEN", "DELIVERED")),
    )
    with line.engine.connect() as connection:
        return connection.execute(query).scalar_one_or_none()


@contextmanager
def phones_at(
    browser: Browser, line: WholeLine, home: RowMapping, caregiver_ids: list[str]
) -> Iterator[list[Page]]:
    """A phone in the hand of each, at the recipient's door."""
    at = home["lat_udeg"] / 1_000_000, home["lon_udeg"] / 1_000_000
    with ExitStack() as stack:
        contexts = [phone(browser, line.address, one, AREA, at) for one in caregiver_ids]
        for context in contexts:
            stack.callback(context.close)
        yield [open_phone(context, line.address) for context in contexts]


def everybody(line: WholeLine, pages: list[Page], visit_id: str, word: str, status: str) -> None:
    """Each presses the button of that step on their own phone, and the records know it of all."""
    for page in pages:
        page.locator(f".bar [data-press={word}]").click()
    see(
        pages[0],
        lambda: all(stop["status"] == status for stop in stops_of(line, visit_id)),
        f"{word} of both",
    )


def priced(line: WholeLine, visit_id: str) -> list[VisitPriced]:
    """Every bill of the visit in the journal."""
    with line.engine.connect() as connection:
        bodies = connection.execute(select(journal.c.body).where(journal.c.area == AREA)).scalars().all()
    decisions = (decision for body in bodies for decision in Row.of_body(body.encode()).decisions)
    return [bill for bill in decisions if isinstance(bill, VisitPriced) and bill.visit_id == visit_id]


def move_on(line: WholeLine, city: datetime) -> None:
    """City time goes forward to `city`."""
    with line.engine.connect() as connection:
        last = connection.execute(select(func.max(city_time.c.city_from))).scalar_one()
    assert city > last
    set_city_time(line.engine, city)


def test_a_bath_for_two_goes_from_the_telephone_over_both_phones_to_the_fen_each_payer_owes(
    screen: Page, browser: Browser, line: WholeLine
) -> None:
    """Without this somebody is bathed and nobody is paid, or a payer is asked for a fen too many.

    The month's quota does not cover two baths: tomorrow's holds its part, so that today's is split.
    """
    wait_until(lambda: is_decided(line), within_s=60, what="the town to be known to the desk")
    recipient = entitled(line)
    book(screen, line, recipient["person_id"], "mz9")
    visit_id = book(screen, line, recipient["person_id"], "j1030-1130", of=askers(line))
    see(screen, lambda: len(stops_of(line, visit_id)) == 2, "a crew of two")
    crew = [stop["caregiver_id"] for stop in stops_of(line, visit_id)]
    assert len(set(crew)) == 2
    with phones_at(browser, line, recipient, crew) as pages:
        accept(line, pages, visit_id, crew)
        starts_at = stops_of(line, visit_id)[0]["start_at"]
        move_on(line, starts_at - timedelta(minutes=5))
        for page in pages:
            page.goto(f"{line.address}/caregiver/#visit/{visit_id}")
        for word, status in STEPS:
            if word == "CaregiverCheckedOut":
                move_on(line, starts_at + standard(line))
            everybody(line, pages, visit_id, word, status)
        see(screen, lambda: visit_of(line, visit_id)["bill"] is not None, "the bill")
        (bill,) = priced(line, visit_id)
        earned = {pay.caregiver_id: pay.amount_fen for pay in bill.pay}
        for page, caregiver_id in zip(pages, crew, strict=True):
            page.goto(f"{line.address}/caregiver/#income")
            expect(page.locator(".figure")).to_have_text(yuan(earned[caregiver_id]), timeout=30_000)
    visit = visit_of(line, visit_id)
    assert (visit["grade"], visit["held"], visit["exceptions"]) == ("VERIFIED", False, [])
    assert visit["billed_s"] == standard(line).total_seconds()
    finance_agrees(screen, line, bill, recipient["name"])
    ledger_agrees(line)


def accept(line: WholeLine, pages: list[Page], visit_id: str, crew: list[str]) -> None:
    """Whoever is asked says yes on their phone."""
    for page, caregiver_id in zip(pages, crew, strict=True):
        offer_id = offer_of(line, visit_id, caregiver_id)
        assert offer_id is not None
        page.locator(f"[data-offer='{offer_id}'] [data-press=AssignmentAccepted]").click()
    see(
        pages[0],
        lambda: all(stop["status"] == "BOUND" for stop in stops_of(line, visit_id)),
        "both have accepted",
    )


def standard(line: WholeLine) -> timedelta:
    """How long a bath lasts by the price list."""
    with line.engine.connect() as connection:
        query = select(tariff_items.c.duration_s).where(tariff_items.c.code == "BATH_HOME")
        return timedelta(seconds=connection.execute(query.limit(1)).scalar_one())


def finance_agrees(screen: Page, line: WholeLine, bill: VisitPriced, name: str) -> None:
    """The month, the list and the visit's page show what the journal decided, payer by payer."""
    owed = {share.payer: share.amount_fen for share in bill.shares}
    assert owed["BUREAU"] > 0
    assert owed["SELF"] > 0
    assert sum(owed.values()) == bill.total_fen
    screen.goto(f"{line.address}/finance/")
    expect(screen.locator("[data-difference]")).to_contain_text("0.00")
    expect(screen.locator("[data-total]")).to_have_text(yuan(bill.total_fen))
    screen.goto(f"{line.address}/finance/visits?period={bill.period}")
    row = screen.locator("tbody tr", has=screen.locator(f"a[href='/finance/visits/{bill.visit_id}']"))
    shown = [cell.strip() for cell in row.locator("td.num").all_inner_texts()]
    wanted = [yuan(owed[payer]) if owed.get(payer) else "–" for payer in PAYERS]
    assert shown[-4:] == [*wanted, yuan(bill.total_fen)]
    row.get_by_role("link", name=name).click()
    expect(screen.locator("h1")).to_have_text(f"为什么是 {yuan(bill.total_fen)} 元")
    lines = screen.locator(".proof .table").first.locator("tbody td.num")
    assert lines.all_inner_texts() == [yuan(share.amount_fen) for share in bill.shares]
    expect(screen.locator(".steps-table tfoot")).to_contain_text("与价目相等")


def ledger_agrees(line: WholeLine) -> None:
    """No fen came from nowhere and none is lost."""
    with line.engine.connect() as connection:
        count, total = connection.execute(select(func.count(), func.sum(postings.c.amount_fen))).one()
    assert count > 0
    assert total == 0
    assert check(line.engine) == []
