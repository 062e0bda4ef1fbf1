"""Stories of the finance officer, told with a real browser over the real desk, records and ledger."""

import csv
import io
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from consumers.ledger.check import _unbalanced
from schemas.shown import yuan
from schemas.tables import people, places, visits
from tests.journeys.care_browser import TownPages, town_pages
from tests.journeys.finance_scene import book, check_in, check_out


@pytest.fixture(scope="module")
def pages(postgres_server: str, _migrated_template: str) -> Iterator[TownPages]:
    with town_pages(postgres_server, _migrated_template) as shown:
        yield shown


@pytest.fixture(scope="module")
def bathed(pages: TownPages) -> dict[str, Any]:
    """A bath that was booked, served and priced."""
    return _served(pages, "BATH_HOME", nth=0, left_min=-5)


@pytest.fixture(scope="module")
def short(pages: TownPages) -> dict[str, Any]:
    """A cleaning that was far too short."""
    return _served(pages, "CLEAN_HOME", nth=5, left_min=-70)


def _served(pages: TownPages, item: str, *, nth: int, left_min: int) -> dict[str, Any]:
    visit_id = book(pages, item, nth=nth)
    check_in(pages, visit_id)
    check_out(pages, visit_id, after_min=left_min)
    with pages.engine.connect() as connection:
        query = select(visits, people.c.name).join(people, people.c.person_id == visits.c.recipient_id)
        found = dict(connection.execute(query.where(visits.c.visit_id == visit_id)).mappings().one())
        house = select(places.c.name_zh).where(places.c.place_id == found["provider_id"])
        found["house"] = connection.execute(house).scalar_one()
    assert found["bill"], found["status"]
    return found


def test_a_served_bath_is_seen_to_the_fen_by_payer_and_explained(
    screen: Page, pages: TownPages, bathed: dict[str, Any]
) -> None:
    """From the month's sum to one visit's steps: every figure leads to the next, and they agree."""
    screen.goto(f"{pages.base}/finance/")
    expect(screen.locator("[data-difference]")).to_contain_text("0.00")
    line = screen.locator(".sums-table tbody tr", has_text=bathed["house"])
    for share in bathed["bill"]["shares"]:
        expect(line).to_contain_text(yuan(share["amount_fen"]) if share["amount_fen"] else "–")
    line.get_by_role("link").click()
    screen.get_by_role("link", name=bathed["name"]).first.click()
    expect(screen.locator("h1")).to_have_text(f"为什么是 {yuan(bathed['total_fen'])} 元")
    expect(screen.locator(".steps-table tfoot")).to_contain_text("与价目相等")
    expect(screen.locator(".chain")).to_contain_text("结清")
    expect(screen.locator(".chain")).to_contain_text("借贷相等")


def test_the_month_adds_up_on_the_screen_in_each_way_of_adding(
    screen: Page, pages: TownPages, bathed: dict[str, Any], short: dict[str, Any]
) -> None:
    """By provider, street or help: the same sum, and each column is the sum of its lines."""
    totals = set()
    for by in ("provider", "street", "help"):
        screen.goto(f"{pages.base}/finance/?by={by}")
        rows = screen.locator(".sums-table tbody tr .strong").all_inner_texts()
        foot = screen.locator(".sums-table tfoot td").last.inner_text()
        assert sum(_fen(row) for row in rows) == _fen(foot)
        assert screen.locator("[data-total]").inner_text() == foot
        totals.add(foot)
    assert len(totals) == 1
    with pages.engine.connect() as connection:
        assert list(_unbalanced(connection)) == []


def _fen(shown: str) -> int:
    return int(shown.replace(",", "").replace(".", ""))


def test_what_waits_says_why_and_what_to_do_and_keys_walk_through_it(
    screen: Page, pages: TownPages, short: dict[str, Any]
) -> None:
    """An officer clears exceptions by the dozen: one key to the next, the reason in words."""
    another = _served(pages, "CLEAN_HOME", nth=9, left_min=-71)
    held = [one for one in (short, another) if one["held"]]
    assert len(held) == 2
    screen.goto(f"{pages.base}/finance/exceptions")
    expect(screen.locator(".held")).to_have_count(2)
    names = {one["name"] for one in held}
    first = screen.locator(".case-head h1").inner_text()
    screen.keyboard.press("j")
    expect(screen.locator(".case-head h1")).not_to_have_text(first)
    second = screen.locator(".case-head h1").inner_text()
    assert {first.split("，")[0], second.split("，")[0]} <= names
    expect(screen.locator(".side").first).to_contain_text("怎么办")
    expect(screen.locator(".reasons .mark").first).to_be_visible()


def test_the_export_opens_in_excel_with_chinese_headings_and_a_row_for_each_visit(
    pages: TownPages, bathed: dict[str, Any]
) -> None:
    """Finance lives in Excel: no mark, no Chinese; a formula in a name, a broken sheet."""
    told = httpx.get(f"{pages.base}/finance/visits.csv")
    assert told.headers["content-type"].startswith("text/csv")
    assert told.content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.DictReader(io.StringIO(told.content.decode("utf-8-sig"))))
    mine = [row for row in rows if row["服务单"] == bathed["visit_id"]]
    assert len(mine) == 1
    assert mine[0]["服务对象"] == bathed["name"]
    assert mine[0]["应付，元"] == f"{bathed['total_fen'] // 100}.{bathed['total_fen'] % 100:02d}"


def test_the_pages_speak_english_too(screen: Page, pages: TownPages, bathed: dict[str, Any]) -> None:
    """A visitor from abroad audits the same figures."""
    screen.goto(f"{pages.base}/finance/?lang=en")
    expect(screen.locator("nav.nav")).to_contain_text("Exceptions")
    screen.goto(f"{pages.base}/finance/visits/{bathed['visit_id']}?lang=en")
    expect(screen.locator("h1")).to_contain_text(f"Why {yuan(bathed['total_fen'])} yuan")


def test_an_unknown_visit_is_said_to_be_unknown(pages: TownPages) -> None:
    """A mistyped address gets a sentence and a way on, not a stack of errors."""
    told = httpx.get(f"{pages.base}/finance/visits/nothing", headers={"accept": "text/html"})
    assert told.status_code == 404
    assert "VISIT_UNKNOWN" in told.text
    assert httpx.get(f"{pages.base}/finance/?period=2026-99").status_code == 200
