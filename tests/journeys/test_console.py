"""Stories of the hotline seat, told with a real browser on real parts."""

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from schemas.shown import masked
from schemas.tables import cases, people, visits
from tests.journeys.whole_line import WholeLine
from tests.parts import wait_until

pytestmark = pytest.mark.timeout(400)


def open_card(screen: Page, line: WholeLine) -> str:
    """Find a recipient by initials as an operator does; returns their id."""
    with line.engine.connect() as connection:
        someone = connection.execute(
            select(people).where(people.c.kind == "RECIPIENT").order_by(people.c.person_id).limit(1)
        ).one()
    screen.goto(f"{line.address}/console/")
    screen.keyboard.type(someone.telephone[-6:])
    found = screen.locator("#found a")
    expect(found.first).to_contain_text(someone.name)
    screen.keyboard.press("Enter")
    expect(screen.locator(".person h1")).to_contain_text(someone.name)
    expect(screen.locator(".call")).to_contain_text(masked(someone.telephone))
    assert someone.telephone not in screen.content()
    return str(someone.person_id)


def test_a_bath_is_booked_in_five_keys_and_the_answer_is_read_aloud(screen: Page, line: WholeLine) -> None:
    """Without this the caller hangs up without knowing who comes and when."""
    recipient_id = open_card(screen, line)
    screen.keyboard.press("2")
    screen.keyboard.type("mz9")
    expect(screen.locator("#window-said")).to_contain_text("9:00–10:00")
    expect(screen.locator("#book")).to_be_enabled(timeout=20_000)
    expect(screen.locator("#sentence")).to_contain_text("来给您洗澡")
    screen.keyboard.press("Enter")
    answer = screen.locator("[data-answer-ms]")
    expect(answer).to_contain_text("上门助浴", timeout=20_000)
    assert screen.evaluate("window.liuzhuAnswers.length") == 1
    visit_id = answer.get_attribute("data-visit", timeout=20_000)
    expect(screen.locator("#today")).to_contain_text("助浴", timeout=20_000)
    with line.engine.connect() as connection:
        booked = connection.execute(select(visits).where(visits.c.recipient_id == recipient_id)).all()
    assert [(row.visit_id, row.item) for row in booked] == [(visit_id, "BATH_HOME")]
    assert booked[0].told_from is not None


def test_an_escort_asks_where_to_and_says_when_they_are_home(screen: Page, line: WholeLine) -> None:
    """The daughter at work wants to hear who brings her mother back before she hangs up."""
    open_card(screen, line)
    expect(screen.locator("#goal-row")).to_be_hidden()
    screen.locator(".help-key[data-help=MOBILITY]").click()
    screen.locator("[data-item=ESCORT_HOSPITAL]").click()
    screen.locator("#goal").select_option(index=1)
    screen.locator("#wait").fill("60")
    screen.locator("#window").fill("mz9")
    expect(screen.locator("#book")).to_be_enabled(timeout=20_000)
    expect(screen.locator("#who-can")).to_contain_text("回程大约")
    screen.locator("#book").click()
    expect(screen.locator("[data-answer-ms]")).to_contain_text("回程大约", timeout=20_000)


def test_help_is_sent_in_an_emergency_with_two_keys(screen: Page, line: WholeLine) -> None:
    """F9, then Enter: more keys would cost the minute that counts."""
    recipient_id = open_card(screen, line)
    screen.keyboard.press("F9")
    expect(screen.locator(".alarm-band")).to_be_visible()
    expect(screen.locator(".who[data-chosen]").first).to_be_visible(timeout=20_000)
    screen.keyboard.press("Enter")
    screen.wait_for_url("**/console/cases/*", timeout=30_000)

    def dispatched() -> bool:
        with line.engine.connect() as connection:
            row = connection.execute(select(cases).where(cases.c.recipient_id == recipient_id)).first()
        return row is not None and row.caregiver_id is not None

    wait_until(dispatched, within_s=30, what="somebody to be sent")
    expect(screen.locator(".steps")).to_contain_text("派出", timeout=20_000)
