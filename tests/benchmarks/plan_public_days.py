"""Plan public home-care days and print cost and gap to the best known value.

    python -m tests.benchmarks.plan_public_days --limit 10 --seeds 1,2 FILE...

FILE is a `.json` or `.json.gz` of the Mankowska, Italian or Kummer family; `best_known.csv` is looked for in
the folder above the file's. Each day is planned in a child process, as the planner does, and by the wall's
clock; with `--clock cpu` in this process and by its core's own seconds, so that a busy machine gives the same
time of work (OR-Tools routing alone still stops by the wall). Without a FILE, the twelve listed days are
taken from `LIUZHU_DATA` or `../shared/data`.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import time
from pathlib import Path
from statistics import mean

from dispatcher.plan_child import solve_in_child
from dispatcher.planning.checker import check
from dispatcher.planning.hhcrsp import evaluate, read_day, solution_json, to_problem
from dispatcher.planning.hhcrsp_check import check_day
from dispatcher.planning.plan_day import plan_day, warm_up
from dispatcher.planning.planned import Planned
from dispatcher.planning.problem import Problem

DATA = Path(os.environ.get("LIUZHU_DATA") or Path(__file__).parents[3] / "shared" / "data")
LISTED_DAYS = (
    "mankowska/InstanzCPLEX_HCSRP_25_1.json.gz",
    "mankowska/InstanzCPLEX_HCSRP_50_1.json.gz",
    "mankowska/InstanzCPLEX_HCSRP_75_1.json.gz",
    "mankowska/InstanzVNS_HCSRP_100_1.json.gz",
    "mankowska/InstanzVNS_HCSRP_200_1.json.gz",
    "mankowska/InstanzVNS_HCSRP_300_1.json.gz",
    "italian/instance_010-milan-r15-p76-s2-sim17.7-seq13.7.json.gz",
    "italian/instance_006-cosenza-r30-p213-s5-sim20.5-seq8.4.json.gz",
    "italian/instance_028-venice-padua-treviso-r32-p378-s4-sim4.6-seq14.7.json.gz",
    "kummer/HHCRSP_100_20_39_1.6_R_C.json.gz",
    "kummer/HHCRSP_200_40_30_1.6_R_C.json.gz",
    "kummer/HHCRSP_400_80_16_1.2_R_C.json.gz",
)
"""Days of all families and sizes to judge by. Settings are chosen on others; 50_1 and 100_1 had a part."""


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("files", nargs="*", type=Path)
    parser.add_argument("--limit", type=float, default=10.0, help="seconds for each plan")
    parser.add_argument("--seeds", default="1", help="comma between seeds")
    parser.add_argument("--out", type=Path, help="folder for the solutions in the families' own format")
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--by-steps", action="store_true", help="anneal by steps alone, whatever the load")
    how.add_argument("--clock", choices=("wall", "cpu"), default="wall", help="whose seconds count")
    asked = parser.parse_args()
    asked.files = asked.files or [DATA / "hhcrsp" / name for name in LISTED_DAYS]
    if missing := [str(path) for path in asked.files if not path.is_file()]:
        parser.error(f"no such day: {', '.join(missing)} (set LIUZHU_DATA, or name files)")
    if asked.by_steps or asked.clock == "cpu":
        warm_up()
    gaps: dict[str, list[float]] = {}
    for path in asked.files:
        for seed in asked.seeds.split(","):
            gap = _plan(path, asked, int(seed))
            if gap is not None:
                gaps.setdefault(path.resolve().parent.name, []).append(gap)
    for family, ones in gaps.items():
        print(f"{family}: mean gap {mean(ones):+.2f} % over {len(ones)} plans, worst {max(ones):+.2f} %")
    if gaps:
        every = [gap for ones in gaps.values() for gap in ones]
        print(f"all: mean gap {mean(every):+.2f} % over {len(every)} plans, worst {max(every):+.2f} %")


def _plan(path: Path, asked: argparse.Namespace, seed: int) -> float | None:
    """Plan one day and print its row; the gap in percent where a best value is known."""
    day = read_day(path)
    problem = to_problem(day)
    begun = time.monotonic()
    found = _solve(problem, asked, seed)
    took_s = time.monotonic() - begun
    size = f"{len(day.patients)}/{len(day.caregivers)}"
    if found is None:
        print(f"| {day.name} | {size} | {seed} | no plan | | | | | {took_s:.1f} |", flush=True)
        return None
    plan, engine = found.plan, found.engine
    solution = solution_json(day, plan)
    broken = len(check(problem, plan)) + len(check_day(day, solution)) + len(plan.unserved)
    cost, best = evaluate(day, plan).cost, _best(path, day.name)
    gap = None if best is None else 100 * (cost / best - 1)
    said = "" if gap is None else f"{gap:+.2f} %"
    saved = ", ".join(f"{name} {gain.saved_s}" for name, gain in found.gains.items() if gain.saved_s)
    cells = (day.name, size, seed, f"{cost:.2f}", best, said, engine, saved, f"{took_s:.1f}", broken)
    print("| " + " | ".join(str(cell) for cell in cells) + " |", flush=True)
    if asked.out is not None:
        asked.out.mkdir(parents=True, exist_ok=True)
        (asked.out / f"sol-{day.name}-{seed}.json").write_text(json.dumps(solution))
    return gap


def _solve(problem: Problem, asked: argparse.Namespace, seed: int) -> Planned | None:
    if asked.by_steps:
        return plan_day(problem, None, asked.limit, seed)
    if asked.clock == "cpu":
        return plan_day(problem, None, asked.limit, seed, time.process_time)
    return solve_in_child(problem, asked.limit, seed)


def _best(path: Path, name: str) -> float | None:
    """The best known cost of a day, if its family's table is at hand."""
    table = path.resolve().parent.parent / "best_known.csv"
    if not table.exists():
        return None
    with table.open() as rows:
        known = {row["instance"]: float(row["total_cost"]) for row in csv.DictReader(rows)}
    return known.get(f"{name}.json")


if __name__ == "__main__":
    main()
