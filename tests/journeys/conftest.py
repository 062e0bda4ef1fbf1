"""A real browser for every journey, and the whole line with a small town on it."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from infra.parts.chromium import ARGUMENTS, ensure_chromium

if TYPE_CHECKING:
    from tests.journeys.whole_line import WholeLine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whatever stands here drives a browser."""
    for item in items:
        if "journeys" in item.path.parts:
            item.add_marker(pytest.mark.journey)


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """One Chromium for all journeys. It ends with them: while it lives, no other test may run a loop."""
    path = ensure_chromium()
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=str(path), args=list(ARGUMENTS))
        yield chromium
        chromium.close()


@pytest.fixture
def screen(browser: Browser) -> Iterator[Page]:
    """A seat's screen; whatever the page reports as broken fails the test."""
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    yield page
    context.close()
    assert broken == []


@pytest.fixture
def line(line_env: dict[str, str]) -> "Iterator[WholeLine]":
    """Kafka, PostgreSQL, a desk, the relay, the clock, the consumers and the pages, as real processes."""
    from tests.journeys.whole_line import whole_line

    with whole_line(line_env) as running:
        yield running
