"""Plan days beside peers: same day, same budget, same core, same checker and price; print and keep a table.

    python -m tests.benchmarks.plan_days home                          # 200/30, 1,000/150, 5,000/800; 60 s
    python -m tests.benchmarks.plan_days home:200/30 --limits 10 --seeds 1,2,3 --repeats 2
    python -m tests.benchmarks.plan_days zones --peers ours,VROOM      # both on the same zones of 40
    python -m tests.benchmarks.plan_days city --peers ours,nearest-first           # 2 ms a visit
    python -m tests.benchmarks.plan_days vrptw:gh200 prizes            # public days, beside the best known
    python -m tests.benchmarks.plan_days home:1000/150 --limits 2,5,10,20,40,60 --plots .liuzhu/plots
    python -m tests.benchmarks.plan_days --again .liuzhu/benchmarks/*.jsonl    # the table of what is kept

Peers that are not installed (`pip install .[peers]`) are named as absent. Each plan is made in a process of
its own on one core, killed at three times its limit. Costs are hours of travel, visits left out included.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

from tests.benchmarks.child import measured
from tests.benchmarks.peers.clock import CLOCKS, FOLLOWS
from tests.benchmarks.peers.registry import OURS, PEERS, absent
from tests.benchmarks.plots import cost_over_time
from tests.benchmarks.results import KEPT, Result, keep, kept
from tests.benchmarks.tables import tables
from tests.benchmarks.works.works import group, limit_s
from tests.benchmarks.works.zones import ZONE_CAREGIVERS

ZONE_PEERS, CITY_PEERS = (OURS, "VROOM"), (OURS, "nearest-first")
"""Who is asked where peers are not named: VROOM is what zones are for; a city is too large for the others."""


def main() -> None:
    asked = _arguments()
    if asked.again:
        results = kept(asked.again)
    else:
        results = list(_run(asked))
        print(f"\nkept in {asked.out}")
    print(f"\n{tables(results)}")
    if asked.plots:
        asked.plots.mkdir(parents=True, exist_ok=True)
        for work in _works_over_time(results):
            path = asked.plots / f"{work.replace(':', '-').replace('/', '-')}.svg"
            path.write_text(cost_over_time(work, results), encoding="utf-8")
            print(f"drawn in {path}")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("works", nargs="*", help="home, zones, city, vrptw, prizes, or one of them with what")
    parser.add_argument(
        "--peers", help=f"comma between, of {', '.join(PEERS)}; without it, all that make sense"
    )
    parser.add_argument("--seeds", default="1,2,3", help="comma between; a made-up day is another with each")
    parser.add_argument("--limits", help="seconds, comma between; else what the work has by itself")
    parser.add_argument(
        "--repeats", type=int, default=1, help="times each is run, to see the machine's noise"
    )
    parser.add_argument(
        "--clock", choices=CLOCKS, default="wall", help=f"whose seconds: cpu only for {', '.join(FOLLOWS)}"
    )
    parser.add_argument("--core", type=int, default=_last_core(), help="processor all run on")
    parser.add_argument("--memory", type=float, default=12.0, help="GB a peer may take")
    parser.add_argument("--plots", type=Path, help="folder for an SVG of each work with several limits")
    parser.add_argument(
        "--again", nargs="+", type=Path, help="files kept before: run nothing, show the tables"
    )
    stamp = datetime.now(UTC).strftime("%Y%m%d-%H%M%S")
    parser.add_argument("--out", type=Path, default=KEPT / f"{stamp}.jsonl", help="where results are kept")
    asked = parser.parse_args()
    if not asked.works and not asked.again:
        parser.error("name a work, or --again with files")
    if unknown := set((asked.peers or OURS).split(",")) - set(PEERS):
        parser.error(f"no such peer: {', '.join(sorted(unknown))}")
    return asked


def _last_core() -> int | None:
    """The last processor this process may use; None where the system does not say."""
    return max(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else None


def _run(asked: argparse.Namespace) -> Iterator[Result]:
    """Run all that is asked, one after the other; print and keep each result."""
    missing = {name: said for name in PEERS if (said := absent(name))}
    for work in (work for name in asked.works for work in group(name)):
        limits = [float(limit) for limit in asked.limits.split(",")] if asked.limits else [limit_s(work)]
        seeds = [int(seed) for seed in asked.seeds.split(",")]
        peers = asked.peers.split(",") if asked.peers else _peers(work)
        for limit, seed, peer, _ in product(limits, seeds, peers, range(asked.repeats)):
            clock = asked.clock if peer in FOLLOWS else "wall"
            wanted = Result(work, peer, seed, limit, clock=clock, run=asked.out.stem)
            if peer in missing:
                yield Result(work, peer, seed, limit, trouble=f"ABSENT: {missing[peer]}")
                continue
            result = measured(wanted, asked.core, asked.memory)
            keep(asked.out, result)
            print(_line(result), file=sys.stderr, flush=True)
            yield result


def _peers(work: str) -> tuple[str, ...]:
    """Whom it makes sense to ask where nobody is named."""
    kind, _, size = work.partition(":")
    if kind in ("zones", "city"):
        return ZONE_PEERS if kind == "zones" else CITY_PEERS
    cut = kind == "home" and int(size.partition("/")[2]) > ZONE_CAREGIVERS
    return tuple(name for name in PEERS if cut or name != "VROOM in zones")


def _line(result: Result) -> str:
    head = f"{result.work} {result.peer} seed {result.seed} {result.limit_s:g} s:"
    if result.trouble:
        return f"{head} {result.trouble}"
    gap = "" if result.gap is None else f", gap {100 * result.gap:+.2f} %"
    counted = f"price {result.price_s}, unserved {result.unserved}, broken {result.violations}{gap}"
    used = f"took {result.took_s:.1f} s ({result.cpu_s:.1f} of the processor), {result.extra_mb:.0f} MB"
    return f"{head} {counted}, {used}"


def _works_over_time(results: list[Result]) -> list[str]:
    """Works of which there are plans with several limits."""
    found = {(r.work, r.limit_s) for r in results if not r.trouble}
    return sorted(work for work in {w for w, _ in found} if sum(1 for w, _ in found if w == work) > 1)


if __name__ == "__main__":
    main()
