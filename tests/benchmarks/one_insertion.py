"""One insertion with its reasons, beside vectorised numpy and an OR-Tools re-solve, in the same run.

    python -m tests.benchmarks.one_insertion                    # 30, 150, 800 and 3,000 caregivers

Every answer is compared with numpy's: the five costs must be equal. OR-Tools plans the requests' 10 and 30
nearest caregivers anew, each with the visits they have. Ratios count; microseconds are this machine's.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from functools import partial
from time import perf_counter_ns
from typing import Any

import numpy as np

from dispatcher.core.desk import Desk
from dispatcher.core.insertion import find
from dispatcher.core.rooms import Wish
from tests.benchmarks.city_desk import city_desk, meal_desk, meals, trips, wishes
from tests.benchmarks.numpy_insertion import numpy_find
from tests.benchmarks.ortools_insertion import resolve_nearest

SIZES = (30, 150, 800, 3_000)
RESOLVED, NEAREST = 10, (10, 30)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--count", type=int, default=400, help="requests a size")
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    print("caregivers | ours p50 / p99 µs | numpy p50 / p99 | ratio p50 | crew of two p50 / p99 |", end=" ")
    print("there and back p50 / p99 | a meal among rounds p50 / p99 |", end=" ")
    print(" | ".join(f"OR-Tools, {many} nearest, p50 | ratio | placed ours / its" for many in NEAREST))
    for carers in SIZES:
        print(" | ".join(row(carers, asked.count, asked.seed)), flush=True)


def row(carers: int, count: int, seed: int) -> Iterable[str]:
    """One line of the table."""
    desk = city_desk(carers, seed)
    singles = wishes(desk, carers, count, seed)
    pairs = wishes(desk, carers, count, seed + 7, crew=2)
    escorts = trips(desk, carers, count, seed + 11)
    for wish in [*singles[:20], *pairs[:20], *escorts[:20]]:
        find(desk, wish)
    kitchens = meal_desk(carers, seed)
    lunches = meals(kitchens, carers, count, seed + 13)
    for wish in lunches[:20]:
        find(kitchens, wish)
    compare(desk, singles)
    ours, theirs = timed(find, desk, singles), timed(numpy_find, desk, singles)
    crews, legs = timed(find, desk, pairs), timed(find, desk, escorts)
    brought = timed(find, kitchens, lunches)
    some = singles[:RESOLVED]
    placed = sum(bool(find(desk, wish).choices) for wish in some)
    middle = float(np.median(ours))
    yield f"{carers:,}"
    yield quantiles(ours)
    yield quantiles(theirs)
    yield f"1/{np.median(theirs) / middle:.1f}"
    yield quantiles(crews)
    yield quantiles(legs)
    yield quantiles(brought)
    for many in NEAREST:
        their_placed = sum(resolve_nearest(desk, wish, many) for wish in some)
        resolve = partial(resolve_nearest, nearest=many)
        resolved = timed(resolve, desk, some)
        yield f"{np.median(resolved) / 1000:,.0f} ms"
        yield f"1/{np.median(resolved) / middle:,.0f}"
        yield f"{placed} / {their_placed} of {len(some)}"


def compare(desk: Desk, asked: list[Wish]) -> None:
    """Both must name the same five costs."""
    for wish in asked:
        ours = [choice.cost_s for choice in find(desk, wish).choices]
        theirs = [cost for cost, _ in numpy_find(desk, wish)[0]]
        if ours != theirs:
            raise SystemExit(f"not the same: {wish.visit.visit_id} {ours} {theirs}")


def timed(what: Callable[[Desk, Wish], Any], desk: Desk, asked: list[Wish]) -> list[float]:
    """Microseconds of each question."""
    spans = []
    for wish in asked:
        began = perf_counter_ns()
        what(desk, wish)
        spans.append((perf_counter_ns() - began) / 1_000)
    return spans


def quantiles(spans: list[float]) -> str:
    return f"{np.quantile(spans, 0.5):,.0f} / {np.quantile(spans, 0.99):,.0f}"


if __name__ == "__main__":
    main()
