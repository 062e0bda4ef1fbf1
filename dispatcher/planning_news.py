"""How far planners are, and a person's wish to stop one: told over PostgreSQL's channels, kept nowhere."""

import json
import logging
import threading
import time
from collections.abc import Callable

from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from dispatcher.listening import Ear
from dispatcher.planning.planned import Progress

log = logging.getLogger(__name__)

PLANNING = "planning"
"""Channel of progress, as JSON."""
PLAN_STOP = "plan_stop"
"""Channel of wishes: the area whose plan is wanted as it is."""
TELL_EVERY_S = 1.0


class Teller:
    """Tells whoever listens on `PLANNING` how far a solve is, about once a second. Nobody need listen."""

    def __init__(self, engine: Engine, planner: str) -> None:
        self._engine = engine
        self._planner = planner
        self._told_s = 0.0

    def tell(self, area: str, progress: Progress, base_price_s: int, limit_s: float) -> None:
        """Say it, unless something was said just now; a database that is away stops no planning."""
        if time.monotonic() - self._told_s < TELL_EVERY_S:
            return
        self._told_s = time.monotonic()
        told = {
            "planner": self._planner,
            "area": area,
            "spent_ms": progress.spent_ms,
            "limit_ms": round(limit_s * 1000),
            "engine": progress.engine,
            "price_s": progress.price_s,
            "base_price_s": base_price_s,
            "unserved": progress.unserved,
        }
        try:
            with self._engine.begin() as connection:
                connection.execute(
                    text("SELECT pg_notify(:channel, :told)"), {"channel": PLANNING, "told": json.dumps(told)}
                )
        except SQLAlchemyError as error:
            log.info("progress was not told: %s", type(error).__name__)


class Wishes(threading.Thread):
    """Hears on `PLAN_STOP` of which area a person wants the plan as it is."""

    def __init__(self, engine: Engine, wish: Callable[[str], None]) -> None:
        super().__init__(name="wishes", daemon=True)
        self._engine = engine
        self._wish = wish

    def run(self) -> None:
        """Listen until the process ends."""
        ear = Ear(self._engine, [PLAN_STOP])
        while True:
            for channel, area in ear.wait(5.0):
                if channel:
                    self._wish(area)
