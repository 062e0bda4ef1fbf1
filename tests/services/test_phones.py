"""A phone rings for its own caregiver alone: a city's phones must not all ask at each row of their area."""

import asyncio
import json
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, create_engine, text

from consumers.catalogue import CONSUMERS
from consumers.follow import apply_rows
from infra.look.live import Pulse
from schemas.base import Reason
from schemas.decisions import VisitCancelled
from schemas.facts import RequestCancelled
from schemas.ids import new_id
from tests.services.consumers_rows import Line, Wish, book

RECORDS = CONSUMERS["records"]


@pytest.fixture
def engine(fresh_database: str) -> Iterator[Engine]:
    made = create_engine(fresh_database)
    yield made
    made.dispose()


async def heard_by(pulse: Pulse, caregiver_id: str, changed: list[dict[str, int]]) -> None:
    async for event in pulse.events((caregiver_id,)):
        if event["event"] == "changed":
            changed.append(json.loads(event["data"])["areas"])


async def until(told: list[dict[str, int]], many: int) -> None:
    async with asyncio.timeout(20):
        while len(told) < many:
            await asyncio.sleep(0.02)


async def ring(engine: Engine, line: Line) -> tuple[list[dict[str, int]], ...]:
    """What the phones of c1 and c9 hear while a visit of c1 and c2 is booked, then called off."""
    pulse = Pulse(engine, None)
    asked: list[dict[str, int]] = []
    other: list[dict[str, int]] = []
    ears = [
        asyncio.create_task(heard_by(pulse, "c1", asked)),
        asyncio.create_task(heard_by(pulse, "c9", other)),
    ]
    await asyncio.sleep(0)  # both listen before the ear opens
    pulse.start()
    try:
        await until(asked, 1)
        await until(other, 1)  # both were told that the ear is open: whatever came before may be lost
        await asyncio.to_thread(apply_rows, engine, RECORDS, line.rows[:1])
        await until(asked, 2)
        await asyncio.to_thread(apply_rows, engine, RECORDS, line.rows[1:])
        await until(asked, 3)
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_notify('phones', 'c8,c9')"))
        await until(other, 2)
    finally:
        for ear in ears:
            ear.cancel()
        await asyncio.gather(*ears, return_exceptions=True)
        await asyncio.to_thread(pulse.stop)
    return asked, other


def test_a_phone_is_woken_by_what_names_its_caregiver_or_a_visit_of_theirs(engine: Engine) -> None:
    """Else an offer lapses in a pocket, or every phone of the district asks each second."""
    line = Line(engine)
    visit_id = book(line, Wish(caregiver_ids=("c1", "c2")))
    called_off = VisitCancelled(visit_id=visit_id, reason=Reason(code="ASKED"))
    line.write(RequestCancelled(**line.said("a1"), request_id=new_id()), called_off)
    asked, other = asyncio.run(ring(engine, line))
    assert asked[1:] == [{"c1": 0}, {"c1": 0}]
    assert other[1:] == [{"c9": 0}]
