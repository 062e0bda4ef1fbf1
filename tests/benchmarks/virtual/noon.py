"""What planning anew at noon regains, and how many visits change hands for it, over the price of a change.

    python -m tests.benchmarks.virtual.noon --visits 1000 --carers 150
    python -m tests.benchmarks.virtual.noon --visits 5000 --carers 800 --svg noon.svg

The morning's day is made by the desk's instant insertion, one request after the other. At noon what is under
way stands, everybody's next stop is frozen as well, and the rest is planned again by the planner's engine,
with what was told held free, within ±30 or within ±15 minutes of the planned start.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dispatcher.core.times import at, window
from dispatcher.planning.checker import check
from dispatcher.planning.from_desk import incumbent, to_problem
from dispatcher.planning.price import price
from dispatcher.planning.problem import Plan, PlanVisit, Problem
from producers.simulator.chance import dice
from tests.benchmarks.virtual.book import Book
from tests.benchmarks.virtual.desk_way import DeskWay, planned
from tests.benchmarks.virtual.world import A_DAY_S, DAY0_S, Size, make_world

NOON_S = DAY0_S + 12 * 3_600
BEFORE_S = DAY0_S + 600
TOLD_MIN: tuple[int | None, ...] = (None, 30, 15)
"""Minutes around the planned start that were told; None: nothing was, the whole window is free."""
PRICES_MIN = (0, 1, 3, 5, 10, 15)


@dataclass(frozen=True)
class Regained:
    """One point of the curve: shares of the travel still to come and of the visits still to come."""

    told_min: int | None
    price_min: int
    travel: float
    changed: float
    saved_s: int
    """Of the whole price: travel, known faces, overtime and changes together."""


def morning(visits: int, carers: int, seed: int) -> tuple[Problem, Plan]:
    """The rest of the day at noon, and the plan in force: each request was put in where it was cheapest."""
    size = Size(
        days=1, requests=visits, carers=carers, planned_permille=1000, cancelled_permille=0, alarms_permille=0
    )
    world = make_world(seed, replace(size, sick_permille=0))
    way, book = DeskWay(None), Book()
    way.begin(world, book)
    way.passed(DAY0_S)
    wishes = [replace(wish, planned=False, said_s=DAY0_S) for wish in world.wishes]
    dice(seed, "turn").shuffle(wishes)
    for wish in wishes:
        book.open(wish)
        way.asked(wish, DAY0_S)
    for minute in range(20):
        way.passed(BEFORE_S + 60 * minute)
    desk = way.heard.desk
    horizon = window(NOON_S, DAY0_S + A_DAY_S)
    problem, keys = to_problem(desk, at(NOON_S), horizon)
    return problem, incumbent(desk, problem, keys)


def with_next_stops_frozen(problem: Problem, before: Plan) -> Problem:
    """The same day with everybody's next stop where and when it stands."""
    next_stops = {route.stops[0].visit_id: route for route in before.routes if route.stops}

    def frozen(visit: PlanVisit) -> PlanVisit:
        route = next_stops.get(visit.visit_id)
        if route is None or len(visit.roles) > 1:
            return visit
        start_s = route.stops[0].start_s
        keeps = replace(visit.roles[0], allowed=frozenset({route.caregiver_id}))
        return replace(visit, roles=(keeps,), ready_s=start_s, due_s=start_s, told=(start_s, start_s))

    return replace(problem, visits=tuple(frozen(visit) for visit in problem.visits))


def told_within(problem: Problem, before: Plan, told_min: int | None, price_min: int) -> Problem:
    """The same day with this much told of every start, and this price of another caregiver."""
    starts = {stop.visit_id: stop.start_s for route in before.routes for stop in route.stops}

    def told(visit: PlanVisit) -> PlanVisit:
        if visit.told is not None and visit.told[0] == visit.told[1]:
            return visit
        start_s = starts.get(visit.visit_id)
        if told_min is None or start_s is None:
            return replace(visit, told=None)
        lo_s, hi_s = start_s - 60 * told_min, start_s + 60 * told_min
        return replace(visit, told=(max(lo_s, visit.ready_s), max(start_s, min(hi_s, visit.due_s))))

    visits = tuple(told(visit) for visit in problem.visits)
    return replace(problem, visits=visits, weights=replace(problem.weights, change_s=60 * price_min))


def curve(problem: Problem, before: Plan, steps: int, seed: int) -> Iterator[Regained]:
    """Every rule at every price. Raises ValueError for a plan that breaks a rule."""
    frozen = with_next_stops_frozen(problem, before)
    held = {(s.visit_id, s.role): r.caregiver_id for r in before.routes for s in r.stops}
    for told_min in TOLD_MIN:
        for price_min in PRICES_MIN:
            asked = told_within(frozen, before, told_min, price_min)
            plan = planned(asked, before, steps, seed)
            if broken := check(asked, plan):
                raise ValueError(f"the plan breaks {broken[0]}")
            now = {(s.visit_id, s.role): r.caregiver_id for r in plan.routes for s in r.stops}
            changed = sum(1 for stop, carer in now.items() if held.get(stop, carer) != carer)
            was, is_now = price(asked, before), price(asked, plan)
            regained = (was.travel - is_now.travel) / was.travel
            saved_s = was.total - is_now.total
            yield Regained(told_min, price_min, regained, changed / max(1, len(held)), saved_s)


def name(told_min: int | None) -> str:
    """A rule in words."""
    return "free" if told_min is None else f"±{told_min} min"


def table(points: Sequence[Regained]) -> str:
    """The curve as a table: travel regained / caregivers changed."""
    head = ["told", *(f"a change costs {p} min" for p in PRICES_MIN)]
    rows = [head, ["---"] * len(head)]
    for told_min in TOLD_MIN:
        of = [point for point in points if point.told_min == told_min]
        rows.append([name(told_min), *(f"{p.travel:.1%} / {p.changed:.1%}" for p in of)])
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


COLOURS = {None: "#1f6f8b", 30: "#c0392b", 15: "#6b8e23"}
WIDE, HIGH, EDGE = 640, 400, 60


def svg(points: Sequence[Regained], title: str) -> str:
    """Travel regained over caregivers changed, a line for each rule, each point with its price in minutes."""
    most_x = max(point.changed for point in points) or 1.0
    most_y = max(point.travel for point in points) or 1.0

    def spot(point: Regained) -> tuple[float, float]:
        x = EDGE + (WIDE - 2 * EDGE) * point.changed / most_x
        return x, HIGH - EDGE - (HIGH - 2 * EDGE) * max(0.0, point.travel) / most_y

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDE} {HIGH}" font-family="sans-serif" '
        f'font-size="12"><rect width="{WIDE}" height="{HIGH}" fill="white"/>',
        f'<text x="{WIDE / 2}" y="24" text-anchor="middle">{title}</text>',
        f'<path d="M{EDGE} {EDGE}V{HIGH - EDGE}H{WIDE - EDGE}" fill="none" stroke="#333"/>',
        f'<text x="{EDGE}" y="{EDGE - 8}">travel regained, up to {most_y:.1%}</text>',
        f'<text x="{WIDE - EDGE}" y="{HIGH - 30}" text-anchor="end">caregiver changed, up to {most_x:.1%}; '
        "beside each point: minutes a change costs</text>",
    ]
    for number, told_min in enumerate(TOLD_MIN):
        of = [point for point in points if point.told_min == told_min]
        colour = COLOURS[told_min]
        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(spot, of))
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        for point in of:
            x, y = spot(point)
            parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3" fill="{colour}"/>')
            parts.append(f'<text x="{x + 5:.1f}" y="{y - 5:.1f}" fill="{colour}">{point.price_min}</text>')
        parts.append(
            f'<text x="{EDGE + 12}" y="{EDGE + 16 * (number + 1)}" fill="{colour}">{name(told_min)}</text>'
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--visits", type=int, default=1_000)
    parser.add_argument("--carers", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", type=int, default=500, help="annealing steps a visit still to come")
    parser.add_argument("--svg", type=Path, help="where to draw the curve")
    asked = parser.parse_args()
    problem, before = morning(asked.visits, asked.carers, asked.seed)
    told = f"{asked.visits:,} visits, {asked.carers} caregivers, seed {asked.seed}"
    print(f"{told}: {len(problem.visits)} visits and {price(problem, before).travel / 3600:.1f} h to come")
    points = list(curve(problem, before, asked.steps * len(problem.visits), asked.seed))
    print(table(points))
    if asked.svg:
        asked.svg.write_text(svg(points, f"Planning anew at noon: {told}"), encoding="utf-8")


if __name__ == "__main__":
    main()
