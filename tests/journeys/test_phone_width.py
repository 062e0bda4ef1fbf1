"""Every page on a telephone: who is called to the seat from the bus reads it without dragging it about."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser
from sqlalchemy import select

from schemas.tables import people
from tests.journeys.care_browser import PATIENCE_MS, TownPages, town_pages

WIDTH = 390


@pytest.fixture(scope="module")
def pages(postgres_server: str, _migrated_template: str) -> Iterator[TownPages]:
    with town_pages(postgres_server, _migrated_template) as shown:
        yield shown


@pytest.mark.parametrize("language", ["zh", "en"])
def test_no_page_of_the_console_is_wider_than_a_telephone(
    browser: Browser, pages: TownPages, language: str
) -> None:
    """Half of a page beyond the edge is where the button stands that somebody needs now."""
    with pages.engine.connect() as conn:
        asked = select(people.c.person_id).where(people.c.kind == "RECIPIENT").order_by(people.c.person_id)
        someone = conn.execute(asked.limit(1)).scalar_one()
    context = browser.new_context(viewport={"width": WIDTH, "height": 844})
    context.set_default_timeout(PATIENCE_MS)
    context.add_cookies([{"name": "lang", "value": language, "url": pages.base}])
    page = context.new_page()
    wide = {}
    for path in ("", "cases", "duties", "board", "telephone", f"?recipient={someone}"):
        page.goto(f"{pages.base}/console/{path}", wait_until="networkidle")
        wide[path] = page.evaluate("document.documentElement.scrollWidth")
    context.close()
    assert {path: width for path, width in wide.items() if width > WIDTH} == {}
