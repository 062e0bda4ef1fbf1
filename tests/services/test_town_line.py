"""The simulated town before the real line: what its people were told is kept, stands, and ends in visits."""

import asyncio
import threading
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, func, select

from infra.parts.ports import free_ports
from infra.soak import Report, count, read_tally
from producers.care_plans.plans import speak_plans
from producers.city_clock import CityClock
from producers.daily import CITY_ZONE
from producers.simulator.doors import Doors
from producers.simulator.settle import Size, build_town, settle
from producers.simulator.tally import NAME, Tally
from producers.simulator.town import Life, keep_time, live
from schemas.tables import city_time, stops
from tests.parts import process, wait_until

MORNING = datetime(2026, 11, 12, 8, 0, tzinfo=CITY_ZONE)
RATE = 120_000
SIZE = Size(recipients=90, caregivers=32, visits_per_day=260)
FINISHED = 5
WITHIN_S = 300.0


@pytest.mark.timeout(400)
def test_the_town_lives_on_the_line_and_nothing_it_was_told_is_lost(
    line_env: dict[str, str], tmp_path: Path
) -> None:
    """The demonstration would show an empty city, or a caller would wait for help nobody knows of."""
    engine = create_engine(line_env["DATABASE_URL"])
    port = free_ports(1)[0]
    env = {**line_env, "LIUZHU_PORT": str(port), "LIUZHU_DATA_DIR": str(tmp_path)}
    town = build_town(11, SIZE, MORNING.date(), MORNING)
    list(settle(engine, town))
    with engine.begin() as conn:
        speak_plans(
            conn,
            MORNING,
        )
    with ExitStack() as stack:
        for name in ("desk", "relay", "clock", "consume records", "serve"):
            stack.enter_context(process(name, env, tmp_path))
        with engine.begin() as conn:
            segment = {"real_from": datetime.now(UTC), "city_from": MORNING, "rate_permille": RATE}
            conn.execute(city_time.insert().values(**segment))
        tally = Tally(tmp_path / NAME)
        life = Life(11, SIZE, CityClock(engine), Doors(f"http://127.0.0.1:{port}", tally), town)
        ticking = threading.Event()
        threading.Thread(target=keep_time, args=(life.clock, ticking), daemon=True).start()

        def finished() -> int:
            asked = select(func.count()).where(stops.c.checked_out_at.is_not(None))
            with engine.connect() as conn:
                return int(conn.execute(asked).scalar_one())

        async def until_finished() -> None:
            stop = asyncio.Event()
            lived = asyncio.create_task(live(life, stop))
            async with asyncio.timeout(WITHIN_S):
                while await asyncio.to_thread(finished) < FINISHED:
                    await asyncio.sleep(1)
            stop.set()
            await lived
            await life.doors.close()

        try:
            asyncio.run(until_finished())
        finally:
            ticking.set()
            tally.close()
        told = read_tally(tmp_path / NAME)
        assert len(told) > 3 * FINISHED

        def report() -> Report:
            compared = Report(0, 0, 0)
            with engine.connect() as conn:
                count(conn, told, compared)
            return compared

        wait_until(lambda: report().lost == 0, within_s=60, what="all that was acknowledged stands")
        found = report()
    assert (found.lost, found.doubled, found.requests_undecided) == (0, 0, 0)
    assert found.visits_priced_twice == 0
    engine.dispose()
