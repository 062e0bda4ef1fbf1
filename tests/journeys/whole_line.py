"""The whole line as real processes, with one area of the seeded town enrolled on it."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

import httpx
from sqlalchemy import Engine, create_engine, func, select

from infra.parts.ports import free_ports
from producers.enrol import Pen, enrol
from producers.rosters.rosters import speak_rosters
from producers.simulator.settle import Size, build_town, entries_of
from schemas.tables import applied, heads, journal, spool
from tests.line import MORNING, set_city_time, speak_until_done
from tests.parts import RunningProcess, process, wait_until

PROCESSES = ("desk", "relay", "clock", "consume records", "consume ledger", "serve")
AREA = "a1"


@dataclass(frozen=True)
class WholeLine:
    """Where it is, and what runs."""

    address: str
    engine: Engine
    running: Mapping[str, RunningProcess]
    now: datetime


def enter_town(
    engine: Engine, *, now: datetime = MORNING, recipients: int = 150, caregivers: int = 60
) -> None:
    """Write one area of the town, and its rosters, into the registers and the spool."""
    town = build_town(12_349, Size(recipients, caregivers, 0), now.date(), now - timedelta(hours=3))
    with engine.begin() as connection:
        enrol(connection, Pen(said_at=town.enrolled_at), entries_of(town, AREA))
    speak_until_done(engine, lambda connection: speak_rosters(connection, now))


@contextmanager
def whole_line(env: Mapping[str, str], *, names: tuple[str, ...] = PROCESSES) -> Iterator[WholeLine]:
    """Start everything and wait until the town is known to the records and the pages answer."""
    engine = create_engine(env["DATABASE_URL"])
    (port,) = free_ports(1)
    surroundings = {**env, "LIUZHU_PORT": str(port)}
    set_city_time(engine, MORNING)
    enter_town(engine)
    with ExitStack() as stack:
        stack.callback(engine.dispose)
        running = {name: stack.enter_context(process(name, surroundings)) for name in names}
        address = f"http://127.0.0.1:{port}"
        wait_until(lambda: _answers(address), within_s=60, what=_told(running, "serve"))
        wait_until(lambda: _settled(engine), within_s=120, what=_told(running, "desk"))
        yield WholeLine(address, engine, running, MORNING)


def _answers(address: str) -> bool:
    try:
        return httpx.get(f"{address}/now.json", timeout=2).json()["postgres"] is True
    except httpx.HTTPError:
        return False


def _settled(engine: Engine) -> bool:
    """Whether all that was entered is decided, and the records hold it."""
    with engine.connect() as connection:
        entered = connection.execute(select(func.count()).select_from(spool)).scalar_one()
        decided = connection.execute(
            select(func.count()).select_from(spool).join(journal, journal.c.fact_id == spool.c.fact_id)
        ).scalar_one()
        tips = connection.execute(select(func.sum(heads.c.seq))).scalar_one()
        done = connection.execute(
            select(func.sum(applied.c.seq)).where(applied.c.consumer == "records")
        ).scalar_one()
    return bool(entered and decided == entered and done == tips)


def _told(running: Mapping[str, RunningProcess], name: str) -> str:
    return f"{name} to be ready; it said: {running[name].told()[-2000:]}"
