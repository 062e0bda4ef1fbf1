"""Some days of an area in virtual time, lived by each way of matching in the same worlds.

    python -m tests.benchmarks.virtual.fourteen_days            # 14 days, 100 requests, 15 caregivers
    python -m tests.benchmarks.virtual.fourteen_days --requests 400 --carers 60 --seeds 1,2,3 --vroom

`--vroom` needs `pyvroom`. Travel, starts and changes are the world's own truth; CPU times are this machine's.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from statistics import mean

from tests.benchmarks.virtual.desk_way import DeskWay, Rolling
from tests.benchmarks.virtual.field import Way
from tests.benchmarks.virtual.nearest_way import NearestWay
from tests.benchmarks.virtual.score import Run, Score, punctuality_of, run_of, score, write_history
from tests.benchmarks.virtual.vroom_way import VroomWay
from tests.benchmarks.virtual.world import Size, make_world

HEAD = (
    "way | travel h | min a visit | served | within ±15 min of the time told last / first | other time told"
    " / other caregiver told, a hundred | caregivers a recipient | by the usual | 助急 min | CPU ms an answer"
)


def ways(asked: argparse.Namespace) -> dict[str, Callable[[], Way]]:
    """The ways to compare, by name."""

    def rolling() -> Rolling:
        return Rolling(asked.every, asked.steps)

    made: dict[str, Callable[[], Way]] = {
        "ours: instant and rolling": lambda: DeskWay(rolling()),
        "ours, the usual caregiver worth nothing": lambda: DeskWay(rolling(), continuity_s=0),
        "planners off": lambda: DeskWay(None),
        "planners off, the usual worth nothing": lambda: DeskWay(None, continuity_s=0),
        "nearest first": NearestWay,
    }
    if asked.vroom:
        every = {"every_s": asked.vroom_every, "level": asked.vroom_level, "clock": time.process_time_ns}
        made["VROOM, promises kept"] = lambda: VroomWay(keeps_told=True, **every)
        made["VROOM, free in the window"] = lambda: VroomWay(keeps_told=False, **every)
    return {name: way for name, way in made.items() if any(part in name for part in asked.only.split(","))}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--days", type=int, default=14)
    parser.add_argument("--requests", type=int, default=100, help="a day")
    parser.add_argument("--carers", type=int, default=15)
    parser.add_argument("--seeds", default="1", help="comma between seeds")
    parser.add_argument("--every", type=int, default=540, help="seconds between two plans, at least")
    parser.add_argument("--steps", type=int, default=100, help="annealing steps a visit and plan")
    parser.add_argument("--vroom", action="store_true", help="VROOM beside them, by pyvroom")
    parser.add_argument(
        "--vroom-every", type=int, default=1_800, help="seconds between its rounds; 0: each call"
    )
    parser.add_argument("--vroom-level", type=int, default=1, help="VROOM's exploration level, 0 to 5")
    parser.add_argument("--only", default="", help="only ways with one of these in their name, comma between")
    parser.add_argument("--history", type=Path, help="folder for estimates beside facts, for calibration")
    asked = parser.parse_args()
    found: dict[str, list[Run]] = {}
    for seed in map(int, asked.seeds.split(",")):
        size = Size(days=asked.days, requests=asked.requests, carers=asked.carers)
        world = make_world(seed, size)
        for name, way in ways(asked).items():
            made = way()
            run = run_of(name, world, made, time.process_time_ns)
            if isinstance(made, VroomWay):
                run.lived.answers_ns[:] = made.rounds_ns
            found.setdefault(name, []).append(run)
            print(f"seed {seed}: | {line(name, [run])}", flush=True)
            if asked.history:
                asked.history.mkdir(parents=True, exist_ok=True)
                write_history(run, asked.history / f"{seed}-{name.replace(' ', '-')}.jsonl")
    print("\n" + table(found))


def table(found: dict[str, list[Run]]) -> str:
    """Means over the seeds, as markdown."""
    rows = [HEAD, "|".join(["---"] * (HEAD.count("|") + 1))]
    rows += [line(name, runs) for name, runs in found.items()]
    kept = {name: mean(punctuality_of(run) for run in runs) for name, runs in found.items()}
    told = "; ".join(f"{name} {share:.1%}" for name, share in kept.items())
    return "\n".join(f"| {row} |" for row in rows) + f"\n\nWithin the interval told first: {told}."


def line(name: str, runs: Sequence[Run]) -> str:
    """One row: means over runs."""
    of = means([score(run) for run in runs])
    cells = (
        name,
        f"{of['travel_h']:.1f}",
        f"{of['travel_min_a_visit']:.2f}",
        f"{of['served'] / (of['served'] + of['unserved']):.1%}",
        f"{of['punctual']:.1%} / {of['punctual_first']:.1%}",
        f"{of['moved']:.1f} / {of['renamed']:.1f}",
        f"{of['carers_a_recipient']:.2f}",
        f"{of['usual']:.0%}",
        f"{of['alarm_min']:.1f}",
        f"{of['answer_ms']:.2f}",
    )
    return " | ".join(cells)


def means(scores: Sequence[Score]) -> dict[str, float]:
    """Every figure's mean."""
    return {f.name: mean(getattr(one, f.name) for one in scores) for f in fields(Score)}


if __name__ == "__main__":
    main()
