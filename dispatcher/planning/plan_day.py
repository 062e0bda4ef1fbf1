"""The port to both engines: the problem and the plan in force go in, the best plan found comes out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from dispatcher.planning import improve_ortools, improve_ruin
from dispatcher.planning.checker import check
from dispatcher.planning.choose_routes import choose
from dispatcher.planning.decompose import Zone, join, zones
from dispatcher.planning.price import Price, price
from dispatcher.planning.problem import Plan, PlanCaregiver, PlanVisit, Problem, Role
from dispatcher.planning.route_pool import MOST_COLUMNS, RoutePool
from dispatcher.planning.route_variants import Variants
from dispatcher.planning.travel import MatrixTravel

RUIN_SHARE = 0.63
"""Of the limit, given to annealing."""
CHOOSE_SHARE = 0.1
"""Of the limit, given to choosing among the routes met; OR-Tools routing has the rest."""
COLUMNS_PER_S = 300
"""Routes to choose from for each second of the limit: a share of it must do to make and choose them."""
STEPS_PER_S = 600_000
"""Annealing steps to a second where no clock is given: what one core of a small machine does at least."""

Clock = Callable[[], float]
"""Seconds that only ever grow."""


@dataclass(frozen=True)
class Planned:
    """A plan that keeps every rule, which engines stand behind it, and its price.

    Engines: "ORTOOLS" (annealing found nothing better than what OR-Tools made), "RUIN+ORTOOLS" (annealed,
    then taken over by OR-Tools with all its constraints, and improved or confirmed), "RUIN" (annealed;
    OR-Tools did not take it over), "IN_FORCE" (nothing better than the plan in force was found). A plan that
    OR-Tools chose from the routes of several is "RUIN+ORTOOLS" if annealing found any of them.
    """

    plan: Plan
    engine: str
    price: Price
    routes_by_engine: Mapping[str, int] = field(default_factory=dict)
    """How many routes with a stop each engine was first to find: "IN_FORCE", "RUIN", "ORTOOLS"."""


def plan_day(
    problem: Problem,
    incumbent: Plan | None,
    limit_s: float,
    seed: int,
    clock: Clock | None = None,
    tell: Callable[[Planned], None] | None = None,
) -> Planned | None:
    """The best plan found in about `limit_s` seconds; None when no engine has one that keeps every rule.

    Without a clock the number of annealing steps follows from `limit_s` alone. `tell` hears of the best plan
    before each step of OR-Tools, for a caller who might not wait for it.
    """
    begun = clock() if clock else 0.0
    pool = RoutePool(problem, min(MOST_COLUMNS, int(limit_s * COLUMNS_PER_S)))
    start = incumbent if incumbent is not None and not check(problem, incumbent) else None
    if start is not None:
        pool.add(start, price(problem, start).total, "IN_FORCE")

    def met(plan: Plan, price_s: int) -> None:
        pool.add(plan, price_s, "RUIN")

    made = improve_ruin.improve(problem, incumbent, _stop(limit_s, clock), seed, met=met)
    annealed = None if check(problem, made) else made
    if annealed is not None:
        pool.add(annealed, price(problem, annealed).total, "RUIN")
    so_far = _choose(problem, start, annealed, None)
    if tell is not None and so_far is not None:
        tell(so_far)
    rest_s = limit_s * (1 - RUIN_SHARE) if clock is None else limit_s - (clock() - begun)
    rest_s -= limit_s * CHOOSE_SHARE
    found = _solve(problem, None if so_far is None else so_far.plan, max(0.2, rest_s), pool)
    if found is not None and not check(problem, found.plan):
        pool.add(found.plan, price(problem, found.plan).total, "ORTOOLS")
    best = _choose(problem, start, annealed, found)
    if best is None:
        return None
    if tell is not None:
        tell(best)
    return _among_routes(problem, pool, best, limit_s * CHOOSE_SHARE, seed)


def _among_routes(problem: Problem, pool: RoutePool, best: Planned, limit_s: float, seed: int) -> Planned:
    """The best plan that the routes in the pool make, with what each engine gave to it."""
    columns = pool.columns(best.plan)
    plan = choose(problem, columns, best.plan, limit_s, seed)
    found = {column.route: column.engine for ones in columns for column in ones}
    by_engine = Counter(found[route] for route in plan.routes if route.stops)
    if plan is best.plan:
        return replace(best, routes_by_engine=by_engine)
    engine = "RUIN+ORTOOLS" if by_engine["RUIN"] else "ORTOOLS"
    return Planned(plan, engine, price(problem, plan), by_engine)


def _stop(limit_s: float, clock: Clock | None) -> improve_ruin.Stop:
    """Annealing's share of the limit as a stopping rule."""
    share_s = limit_s * RUIN_SHARE
    if clock is None:
        return improve_ruin.Stop(max(1, int(share_s * STEPS_PER_S)))
    begun, now = clock(), clock
    return improve_ruin.Stop(
        max(1, int(share_s * STEPS_PER_S * 100)), lambda: (now() - begun) / max(share_s, 1e-3)
    )


def _solve(
    problem: Problem, seeded: Plan | None, limit_s: float, pool: RoutePool
) -> improve_ortools.Found | None:
    """OR-Tools on the whole day, or zone by zone where there are too many caregivers for it."""
    if seeded is None:
        return improve_ortools.improve(problem, None, limit_s)
    cut = zones(problem, seeded)
    if len(cut) == 1:
        return improve_ortools.improve(problem, seeded, limit_s)
    parts: list[tuple[Zone, Plan]] = []
    adopted = True
    for zone in cut:
        found = improve_ortools.improve(zone.problem, zone.plan, limit_s / len(cut))
        adopted = adopted and found is not None and found.adopted
        solved = found.plan if found is not None and not check(zone.problem, found.plan) else None
        parts.append((zone, _cheaper(zone.problem, zone.plan, solved) or zone.plan))
        if solved is not None:
            pool.add(join(problem, [(zone, solved)]), price(problem, seeded).total, "ORTOOLS")
    return improve_ortools.Found(join(problem, parts), adopted)


def _cheaper(problem: Problem, one: Plan | None, other: Plan | None) -> Plan | None:
    """The cheaper of two plans, the first when they are level."""
    if one is None or other is None:
        return other if one is None else one
    return one if price(problem, one).total <= price(problem, other).total else other


def _choose(
    problem: Problem, start: Plan | None, annealed: Plan | None, found: improve_ortools.Found | None
) -> Planned | None:
    """The cheapest plan that keeps the rules, named after the engines that stand behind it."""
    seeded = _cheaper(problem, start, annealed)
    solved = found.plan if found is not None and not check(problem, found.plan) else None
    plan = _cheaper(problem, seeded, solved)
    if plan is None:
        return None
    adopted = found is not None and found.adopted and solved is not None
    from_annealing = seeded is not None and seeded is annealed
    if plan is solved:
        engine = "RUIN+ORTOOLS" if from_annealing and adopted else "ORTOOLS"
    elif from_annealing:
        engine = "RUIN+ORTOOLS" if adopted else "RUIN"
    else:
        engine = "IN_FORCE"
    return Planned(plan, engine, price(problem, plan))


def warm_up() -> None:
    """Compile and load everything once, on a day of two visits, so that no plan waits for it."""
    skill = frozenset({"care"})
    crew = (Role(0, skill, 600), Role(1, skill, 600))
    visits = (PlanVisit("a", 1, crew, 0, 3600), PlanVisit("b", 0, crew[:1], 0, 3600, soft_due=True))
    carers = tuple(PlanCaregiver(name, skill, 0, 36_000, 0, 0) for name in ("x", "y"))
    travel = MatrixTravel(np.array([[0, 60], [60, 0]], dtype=np.int32))
    problem = Problem(carers, visits, travel)
    plan = improve_ruin.improve(problem, None, improve_ruin.Stop(10), 1)
    Variants(problem, plan).on_time(plan.routes[0])
