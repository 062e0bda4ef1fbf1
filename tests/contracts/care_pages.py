"""The pages over the invented Friday, with a sink that keeps what is said."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from urllib.parse import quote

import httpx
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.pool import NullPool

from infra.parts.postgres import drop_database, make_database, random_name
from infra.web import create_app
from schemas.tables import city_time, metadata
from tests.contracts.care_scene import KeptFacts, fill, write_scene
from tests.web import served

CLERK_COOKIE = f"clerk-p1|{quote('陆敏')}|a1|p1"
CAREGIVER_COOKIE = f"c1|{quote('许凤霞')}|a1|p1"


@dataclass(frozen=True)
class CarePages:
    """Where the pages are, what they read, and what was said through them."""

    base: str
    engine: Engine
    sink: KeptFacts
    http: httpx.Client


@contextmanager
def care_pages(database_url: str, *, frozen: bool = True) -> Iterator[CarePages]:
    """Serve the caregiver's and the provider's pages over the scene; the clerk of p1 sits there."""
    engine = create_engine(database_url, poolclass=NullPool)
    fill(engine, frozen=frozen)
    sink = KeptFacts()
    app = create_app(engine=engine, sink=sink, outlook=sink)
    cookies = {"who_CLERK": CLERK_COOKIE, "who_CAREGIVER": CAREGIVER_COOKIE}
    with served(app) as base, httpx.Client(base_url=base, cookies=cookies, trust_env=False) as http:
        _wait_for_city_time(http)
        yield CarePages(base, engine, sink, http)
    engine.dispose()


@contextmanager
def shared_pages(server_url: str, template: str) -> Iterator[CarePages]:
    """The same over a database of their own, for the tests of one file; each begins with `begin_anew`."""
    name = random_name("care")
    try:
        with care_pages(make_database(server_url, name, template=template)) as pages:
            yield pages
    finally:
        drop_database(server_url, name)


def begin_anew(pages: CarePages) -> None:
    """Put the scene back as it was, and forget what was said."""
    with pages.engine.begin() as conn:
        # How city time runs stays: the frame reads it on its own once a second.
        named = ", ".join(table.name for table in metadata.sorted_tables if table is not city_time)
        conn.execute(text(f"TRUNCATE {named} CASCADE"))
        write_scene(conn)
    pages.sink.said.clear()
    pages.sink.away, pages.sink.set_aside = False, None


def _wait_for_city_time(http: httpx.Client) -> None:
    """The frame reads how city time runs within its first second."""
    for _ in range(200):
        if http.get("/now.json").json()["now"].startswith("2026-11-13"):
            return
        time.sleep(0.02)
    raise RuntimeError("the pages never read the city's time")
