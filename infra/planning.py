"""`liuzhu planning`: how far the planners are, line by line until Ctrl-C; `--stop` takes a plan as it is."""

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from rich.console import Console
from sqlalchemy import Engine, text

from dispatcher.listening import Ear
from dispatcher.planning_news import PLAN_STOP, PLANNING


def run(*, engine: Engine, stop: str | None = None) -> int:
    """Print what planners tell, or tell the one that works at area `stop` to end with its best so far."""
    console = Console(highlight=False, soft_wrap=True)
    if stop is not None:
        with engine.begin() as connection:
            told = {"channel": PLAN_STOP, "area": stop}
            connection.execute(text("SELECT pg_notify(:channel, :area)"), told)
        console.print(f"已通知：{stop} 就用现在的方案 / told: take the plan of {stop} as it is")
        return 0
    console.print("排班进度，Ctrl-C 结束 / how far the planners are; Ctrl-C ends")
    ear = Ear(engine, [PLANNING])
    with suppress(KeyboardInterrupt):
        while True:
            for channel, payload in ear.wait(5.0):
                if channel:
                    console.print(line(json.loads(payload)), markup=False)
    ear.close()
    return 0


def line(told: Mapping[str, Any]) -> str:
    """One telling as a line, Chinese and English."""
    saved_s = told["base_price_s"] - told["price_s"]
    return (
        f"{told['planner']}  {told['area']}  {told['spent_ms'] / 1000:.1f}/{told['limit_ms'] / 1000:.0f} s  "
        f"{told['engine']}  现在最好 / best so far {told['price_s']} s"
        f"（省 / saves {saved_s} s）  没排上 / left out {told['unserved']}"
    )
