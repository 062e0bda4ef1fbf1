"""A seat at the console over a small town, for tests of its pages and doors."""

import html
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import httpx
from sqlalchemy import Engine, create_engine, func, select

from infra.outlook import DeskOutlook
from infra.web import create_app
from schemas.ids import new_id
from schemas.ports import Outlook
from schemas.tables import people
from tests.line import OneProcessLine, SmallTown, small_town
from tests.web import served

PAGE = {"accept": "text/html"}
PART = {"hx-request": "true"}


@dataclass(frozen=True)
class Seat:
    """A browser before the console, and the town behind it."""

    browser: httpx.Client
    town: SmallTown
    engine: Engine

    @property
    def line(self) -> OneProcessLine:
        """The line it speaks to."""
        return self.town.line

    def someone(self, number: int = 0) -> Any:
        """A recipient who is bound to no provider."""
        with self.engine.connect() as connection:
            rows = connection.execute(
                select(people)
                .where(people.c.kind == "RECIPIENT", people.c.provider_id.is_(None))
                .order_by(people.c.person_id)
            )
            return rows.all()[number]

    def count(self, table: Any, *where: Any) -> int:
        """How many rows."""
        with self.engine.connect() as connection:
            query = select(func.count()).select_from(table).where(*where)
            return int(connection.execute(query).scalar_one())

    def part(self, path: str, **form: str) -> str:
        """A part of a page, by GET or, with a form, by POST."""
        told = (
            self.browser.post(path, data=form, headers=PART) if form else self.browser.get(path, headers=PART)
        )
        return html.unescape(told.text)

    def draft(
        self, recipient: str, window: str = "mz9", item: str = "BATH_HOME", **more: str
    ) -> dict[str, str]:
        """The booking form filled in."""
        ids = {"fact_id": new_id(), "request_id": new_id()}
        return {"recipient": recipient, "item": item, "window": window} | ids | more


@contextmanager
def console_seat(database: str, outlook: Outlook | None = None) -> Iterator[Seat]:
    """A seat over a town entered into `database`; `outlook` stands in for the town's."""
    engine = create_engine(database)
    town = small_town(engine, recipients=120, caregivers=60)
    app = create_app(engine=engine, sink=town.line, outlook=outlook or DeskOutlook(town.line.follower))
    with served(app) as address, httpx.Client(base_url=address, timeout=60) as browser:
        yield Seat(browser, town, engine)
    engine.dispose()
