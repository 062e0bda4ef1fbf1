"""Book at the seat of a running line as an operator does, and print how long its page waited for answers.

    python -m tests.benchmarks.booking_answers http://127.0.0.1:12349 --count 100    # while `make run` runs

A headless browser finds recipients by the end of their telephone number (from the line's database, or that of
DATABASE_URL) or else by a surname's initial, books, and reads the page's own clock, `window.liuzhuAnswers`:
from Enter to the answer on the screen. The bookings are real: use a demonstration.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from itertools import cycle, islice
from math import ceil
from random import Random
from time import monotonic
from typing import NamedTuple

import httpx
from playwright.sync_api import Error, Page, TimeoutError, sync_playwright
from sqlalchemy import create_engine, select

from infra.addresses import find_addresses
from infra.parts.chromium import ARGUMENTS, ensure_chromium
from infra.settings import settings
from infra.trouble import Trouble
from schemas.shown import local
from schemas.tables import people

HELPS = ("1", "2", "3", "4", "5")
WINDOWS = ("mz9", "ms", "mx", "hz8", "hs10", "hx2", "mzw", "hx", "mx3", "hs")
SURNAMES = "zlwycxhsgfjdm"  # the first letters of most
PATIENCE_MS = 20_000
DECIDED_WITHIN_MS = 15_000
LOOK = "const look = () => liuzhuAnswers.length ? done(liuzhuAnswers[0]) : requestAnimationFrame(look)"
FIRST_ANSWER = f"new Promise((done) => {{ {LOOK}; look(); }})"
BOOKABLE = "#book:not([disabled]), #who-can .nobody, #window-said .wrong"


class Answer(NamedTuple):
    """One booking: milliseconds until the page showed an answer, and what it was."""

    ms: int
    decided: bool
    codes: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("address", help="where the pages are, http://127.0.0.1:PORT")
    parser.add_argument("--count", type=int, default=100, help="how many answers to measure")
    asked = parser.parse_args()
    address, rng = asked.address.rstrip("/"), Random()
    answers: list[Answer] = []
    passed: Counter[str] = Counter()
    begun = city_now(address), monotonic()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(ensure_chromium()), args=list(ARGUMENTS))
        page = browser.new_page(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        page.set_default_timeout(PATIENCE_MS)
        for caller in islice(callers(rng), 3 * asked.count):
            if len(answers) == asked.count:
                break
            try:
                found = book(page, address, caller, rng)
            except Error as error:
                found = " ".join(error.message.split())[:160]
            if isinstance(found, Answer):
                answers.append(found)
            else:
                passed[found] += 1
        browser.close()
    ran_s, real_s = (city_now(address) - begun[0]).total_seconds(), monotonic() - begun[1]
    print(f"city time from {begun[0]:%F %H:%M}, {ran_s / real_s:.1f} s per second, for {real_s:.0f} s")
    report(answers, passed)


def city_now(address: str) -> datetime:
    """City time as the pages show it."""
    return local(datetime.fromisoformat(httpx.get(f"{address}/now.json", timeout=10).json()["now"]))


def callers(rng: Random) -> Iterator[str]:
    """What to type for one caller after another: ends of telephone numbers, else initials of surnames."""
    try:
        engine = create_engine(find_addresses(settings()).database_url)
    except Trouble:
        return cycle(SURNAMES)
    query = select(people.c.telephone).where(people.c.kind == "RECIPIENT", people.c.forgotten_at.is_(None))
    with engine.connect() as connection:
        ends = [number[-6:] for number in connection.execute(query.order_by(people.c.person_id)).scalars()]
    engine.dispose()
    if not ends:
        raise SystemExit("nobody is enrolled: start `make run` and let its town settle first")
    return cycle(rng.sample(ends, len(ends)))


def book(page: Page, address: str, caller: str, rng: Random) -> Answer | str:
    """Find a caller, choose help and window, press Enter; the answer, or why there was nothing to book."""
    page.goto(f"{address}/console/")
    page.keyboard.type(caller)
    page.wait_for_selector("#found li")
    if not page.locator("#found a").count():
        return "nobody found"
    for _ in range(rng.randrange(page.locator("#found a").count())):
        page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_selector("#ask")
    page.keyboard.press(rng.choice(HELPS))
    page.locator("[data-item]:visible").first.wait_for()
    rng.choice(page.locator("[data-item]:visible").all()).click()
    page.locator("#window").fill(rng.choice(WINDOWS))
    page.wait_for_selector(BOOKABLE)
    if page.locator("#book[disabled]").count():
        return "nobody can come, as the page says before booking"
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-answer]")
    first = page.evaluate(FIRST_ANSWER)
    return Answer(first["ms"], first["decided"], outcome(page))


def outcome(page: Page) -> str:
    """Nothing for a booking that stands, else why not: the codes of the refusal, once it is decided."""
    try:
        page.wait_for_selector("[data-answer][data-codes]", timeout=DECIDED_WITHIN_MS)
    except TimeoutError:
        return "UNDECIDED"
    answer = page.locator("[data-answer]")
    return "" if answer.get_attribute("data-visit") else answer.get_attribute("data-codes") or "REFUSED"


def report(answers: list[Answer], passed: Counter[str]) -> None:
    """Print what was measured, and what was not."""
    for reason, count in passed.most_common():
        print(f"not measured: {count} × {reason}")
    if not answers:
        raise SystemExit("no answer was measured")
    waits = sorted(answer.ms for answer in answers)
    refused = Counter(answer.codes for answer in answers if answer.codes)
    print(f"answers {len(answers)}, decided when first shown {sum(answer.decided for answer in answers)}")
    print(f"refused {refused.total()} {dict(refused) or ''}".rstrip())
    ranked = ", ".join(f"p{n} {waits[ceil(len(waits) * n / 100) - 1]} ms" for n in (50, 95, 99))
    print(f"{ranked}, max {waits[-1]} ms (from Enter to the answer on the screen)")


if __name__ == "__main__":
    main()
