"""`liuzhu replay`: a public home-care day becomes facts, goes through the real line, and ends in the ledger.

The day has its own database, topics, processes and clock. City time stands at the eve of the day while it is
booked and planned; then the planner is stopped, the clock runs, and simulated caregivers serve as planned.
"""

import json
import secrets
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

from rich.console import Console

from dispatcher.planning.hhcrsp import HhcrspDay, UnreadableDay, read_day, solution_json
from dispatcher.planning.problem import Plan
from infra.replay_facts import open_book
from infra.replay_line import own_line, start_planner, start_processes
from infra.replay_report import Outcome, as_json, best_known, routes_svg, show
from infra.replay_run import Run
from infra.settings import Settings
from infra.trouble import Trouble
from schemas.ids import new_id

CHINA = timezone(timedelta(hours=8))
MOST_PATIENTS = 400
"""The largest of the public days, of which one has been served whole; larger ones are untried."""
SERVE_S = 45.0
"""The whole day is lived in about so many real seconds."""


def run(
    *,
    settings: Settings,
    file: Path,
    solution: Path | None = None,
    plan_s: float = 20.0,
    serve_s: float = SERVE_S,
) -> int:
    """Replay one day; prints, saves JSON and SVG in the data folder. 0 when all is served and checks pass."""
    began = time.monotonic()
    day = _read(file)
    console = Console(highlight=False)
    folder = settings.data_dir / "replay"
    area = f"day-{secrets.token_hex(4)}"
    midnight = datetime(2026, 11, 12, tzinfo=CHINA)
    book = open_book(day, area, midnight, new_id)
    with own_line(settings, folder) as line, console.status("") as status:
        run_of = Run(line, book)
        line.set_clock(book.eve, 0)
        status.update("登记与预订 / entering and booking …")
        start_processes(line)
        run_of.book_everything()
        status.update("等待排班 / waiting for the plan …")
        planning_began = time.monotonic()
        start_planner(line, plan_s)
        run_of.wait_for_plan()
        planned_s = time.monotonic() - planning_began
        status.update("按计划服务 / serving as planned …")
        plan = run_of.plan_in_force()
        run_of.serve(plan, serve_s)
        told = run_of.outcome(plan, best_known(file, day.name), planned_s, began)
    show(console, told)
    _save(folder / "results" / day.name, told, day, plan, solution, console)
    return 0 if told.is_good else 1


def _read(file: Path) -> HhcrspDay:
    try:
        day = read_day(file)
    except (UnreadableDay, OSError) as error:
        raise Trouble(
            "DAY_UNREADABLE",
            f"读不出这个算例：{error}。请给出 HHCRSP 格式的 .json 或 .json.gz 文件。",
            f"this is no readable day: {error}. Give a .json or .json.gz file in the HHCRSP format.",
        ) from None
    if len(day.patients) > MOST_PATIENTS:
        raise Trouble(
            "DAY_TOO_LARGE",
            f"算例有 {len(day.patients)} 位服务对象，目前最多 {MOST_PATIENTS} 位。请换小的。",
            f"{len(day.patients)} patients are too many, {MOST_PATIENTS} at most: take a smaller day.",
        )
    return day


def _save(
    stem: Path, told: Outcome, day: HhcrspDay, plan: Plan, solution: Path | None, console: Console
) -> None:
    stem.parent.mkdir(parents=True, exist_ok=True)
    outcome, picture = stem.parent / f"{stem.name}.json", stem.parent / f"{stem.name}.svg"
    outcome.write_text(as_json(told), encoding="utf-8")
    picture.write_text(routes_svg(day, plan), encoding="utf-8")
    console.print(f"已保存 / saved: {outcome}, {picture}", soft_wrap=True)
    if solution is not None:
        solution.write_text(json.dumps(solution_json(day, plan), indent=1) + "\n", encoding="utf-8")
        console.print(f"已写出计划 / plan written: {solution}", soft_wrap=True)
