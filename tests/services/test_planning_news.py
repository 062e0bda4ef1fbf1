"""How far planners are, and a person's wish to stop one: heard by whoever listens, over real PostgreSQL."""

import json
import threading
import time

from sqlalchemy import create_engine

from dispatcher.listening import Ear
from dispatcher.plan_requests import Work
from dispatcher.planning.planned import Progress
from dispatcher.planning_news import PLANNING, Teller, Wishes
from infra.planning import line, run
from tests.parts import wait_until


def test_progress_is_heard_and_a_wish_stops_the_area_it_names(fresh_database: str) -> None:
    """Whoever waits for a long plan sees whether waiting pays, and need not kill a process to have it."""
    engine = create_engine(fresh_database)
    ear = Ear(engine, [PLANNING])
    while not ear.is_open:
        ear.wait(1.0)
    Teller(engine, "planner-1").tell("a1", Progress(2_500, "RUIN", 900, 3), 1_000, 60.0)
    deadline = time.monotonic() + 10
    told: list[tuple[str, str]] = []
    while not told and time.monotonic() < deadline:
        told = [one for one in ear.wait(1.0) if one[0]]
    ear.close()
    shown = line(json.loads(told[0][1]))
    assert all(part in shown for part in ("planner-1", "a1", "2.5/60 s", "RUIN", "900 s", "100 s", "3"))
    work, heard = Work(), threading.Event()

    def wish(area: str) -> None:
        work.wish(area)
        heard.set()

    Wishes(engine, wish).start()
    work.begin("a1", 1, 30.0)

    def asked() -> bool:
        run(engine=engine, stop="a2" if not heard.is_set() else "a1")
        return work.stopped()

    assert not work.stopped()
    wait_until(asked, within_s=20, what="the wish")
    assert heard.is_set()
    engine.dispose()
