"""Several engines on one day, each for its share of the time, and a choice among all routes they met.

To add an engine, add a line to `ENGINES`. Shares are of the limit; the choice has the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from dispatcher.planning import improve_city, improve_ortools, improve_ruin
from dispatcher.planning.bound import CAN as BOUND_CAN
from dispatcher.planning.bound import lower_bound
from dispatcher.planning.checker import check
from dispatcher.planning.choose_routes import choose
from dispatcher.planning.decompose import Zone, join, zones
from dispatcher.planning.engine_rules import beyond
from dispatcher.planning.improve_ortools import Found
from dispatcher.planning.planned import Gain, Planned, Progress
from dispatcher.planning.price import Price, price
from dispatcher.planning.problem import Plan, Problem
from dispatcher.planning.route_pool import MOST_COLUMNS, RoutePool

CHOICE_SHARE = 0.1
"""Of the limit, given to choosing among the routes met."""
BOUND_SHARE = 0.1
"""Of the limit, on top of it, given to finding out how much better a plan could be at most."""
BOUND_VISITS = 200
"""Larger days have no bound: a round would take longer than the plan."""
BOUND_ROUNDS = 200
COLUMNS_PER_S = 300
"""Routes to choose from for each second of the limit: a share of it must do to make and choose them."""
TELL_EVERY_S = 1.0
"""Between two tellings of a plan while an engine is at work: to send one takes time too."""
LEAST_S = 0.2
"""The least that an engine is given: with less it cannot even begin."""
ZONE_S = 0.3
"""The least OR-Tools routing is given for a zone; those that time does not reach have their turn later."""
RUIN_VISITS = 1_500
"""The most visits given to the annealing over one order of all of them."""
MOST_STOPS = 1_000
"""The most stops OR-Tools routing is given at once: it asks for the way between each two."""

Clock = Callable[[], float]
"""Seconds that only ever grow."""


class Improve(Protocol):
    """What an annealing engine is called by: as `improve_ruin.improve`."""

    def __call__(
        self,
        problem: Problem,
        incumbent: Plan | None,
        stop: improve_ruin.Stop,
        seed: int,
        *,
        met: improve_ruin.Met | None = None,
    ) -> Plan:
        """The best plan met."""


@dataclass(frozen=True)
class Engine:
    """One way to make a plan better: its name, its shares of the limit, and how it is run on a solve."""

    name: str
    firm_share: float
    """On a day whose visits mostly have a latest start."""
    soft_share: float
    """On a day whose visits may mostly begin late at a price; 0 for none of it."""
    run: Callable[[Solve, float], Found | None]
    suits: Callable[[Problem], bool] = lambda _: True
    is_compiled: bool = True

    def share(self, problem: Problem) -> float:
        """Its share of the limit on this day, 0 where it is not for it."""
        if not self.suits(problem):
            return 0.0
        return self.firm_share if _mostly_firm(problem) else self.soft_share


@dataclass
class Solve:
    """One day under work: what was asked, the routes met, and the best plan so far.

    Without kernels the compiled engines, the choice among routes and the bound are left out.
    """

    problem: Problem
    limit_s: float
    seed: int
    clock: Clock | None
    tell: Callable[[Planned], None]
    report: Callable[[Progress], None] | None
    stopped: Callable[[], bool]
    has_kernels: bool = True
    best: Planned | None = None
    began_s: float = 0.0
    told_s: float = 0.0
    least_s: int | None = None
    unserved: int = 0
    incumbent: Plan | None = None
    pool: RoutePool = field(init=False)

    def __post_init__(self) -> None:
        """Begin with no route met."""
        self.pool = RoutePool(self.problem, min(MOST_COLUMNS, int(self.limit_s * COLUMNS_PER_S)))
        self.began_s = self.told_s = self.now_s()

    def now_s(self) -> float:
        """The clock's seconds, 0 without one."""
        return self.clock() if self.clock else 0.0

    def run(self, incumbent: Plan | None) -> Planned | None:
        """Each engine in turn on the best plan so far, then the choice among all routes met."""
        self.incumbent = incumbent
        if incumbent is not None and not check(self.problem, incumbent):
            self.best = Planned(incumbent, "IN_FORCE", price(self.problem, incumbent))
            self.met(incumbent, self.best.price.total, "IN_FORCE")
        engines = [engine for engine in ENGINES if self.has_kernels or not engine.is_compiled]
        turns = [(engine, part) for engine in engines if (part := engine.share(self.problem))]
        whole, share = sum(part for _, part in turns) / (1 - CHOICE_SHARE), 0.0
        for engine, part in turns:
            share += part / whole
            rest_s = self.limit_s * part / whole
            if self.clock is not None:
                rest_s = self.limit_s * share - (self.now_s() - self.began_s)
            if self.stopped():
                break
            self.take(engine.name, engine.run(self, max(LEAST_S, rest_s)))
        if self.best is None:
            return None
        return self.bounded(self.chosen()) if self.has_kernels and not self.stopped() else self.counted()

    def met(self, plan: Plan, price_s: int, engine: str) -> None:
        """Keep the routes of a plan that is no worse than sound, and say how far the work is."""
        self.pool.add(plan, price_s, engine)
        self.least_s = price_s if self.least_s is None else min(price_s, self.least_s)
        self.unserved = len(plan.unserved)
        self.goes_on(engine)

    def goes_on(self, engine: str) -> None:
        """Say how far the work is, also while nothing better is found."""
        if self.report is not None and self.least_s is not None:
            spent_ms = round((self.now_s() - self.began_s) * 1000)
            self.report(Progress(spent_ms, engine, self.least_s, self.unserved))

    def met_on_the_way(self, plan: Plan, price_s: int, engine: str) -> None:
        """The same while the engine is at work; now and then the best is told, for whoever is killed."""
        is_best = self.least_s is None or price_s < self.least_s
        self.met(plan, price_s, engine)
        if is_best and self.clock is not None and self.now_s() - self.told_s > TELL_EVERY_S:
            if not check(self.problem, plan):
                self.tell(Planned(plan, engine, price(self.problem, plan)))
            self.told_s = self.now_s()

    def take(self, name: str, found: Found | None) -> None:
        """Believe what an engine found if it keeps the rules and costs less; tell of it."""
        plan = found.plan if found is not None and not check(self.problem, found.plan) else None
        if plan is None or found is None:
            return
        priced = price(self.problem, plan)
        self.met(plan, priced.total, name)
        before = self.best
        if before is None or priced.total < before.price.total:
            engines = [name] if before is None or not found.adopted else [*_behind(before.engine), name]
            gains = _gained(before, name, priced, len(plan.unserved))
            self.best = Planned(plan, "+".join(engines), priced, gains)
        elif found.adopted and before.engine != "IN_FORCE":
            self.best = replace(before, engine="+".join([*_behind(before.engine), name]))
        if self.best is not None:
            self.tell(self.best)

    def chosen(self) -> Planned:
        """The best plan that the routes met make, with what each engine gave to it."""
        assert self.best is not None
        best, columns = self.best, self.pool.columns(self.best.plan)
        plan = choose(self.problem, columns, best.plan, self.limit_s * CHOICE_SHARE, self.seed)
        found = {column.route: column.engine for ones in columns for column in ones}
        by_engine = Counter(found[route] for route in plan.routes if route.stops)
        if plan is best.plan:
            return replace(best, gains=_with_routes(best, by_engine))
        priced = price(self.problem, plan)
        gains = _gained(best, "CHOICE", priced, len(plan.unserved))
        engines = [name for name in by_engine if name not in ("IN_FORCE", "ORTOOLS")]
        made = Planned(plan, "+".join([*sorted(engines), "ORTOOLS"]), priced, gains)
        return replace(made, gains=_with_routes(made, by_engine))

    def bounded(self, made: Planned) -> Planned:
        """The plan with what no plan of the day costs less than, where the time brings one above nothing."""
        if self.clock is None or len(self.problem.visits) > BOUND_VISITS or beyond(self.problem, BOUND_CAN):
            return made
        self.tell(made)
        end_s = self.now_s() + self.limit_s * BOUND_SHARE

        def enough() -> bool:
            return self.now_s() > end_s or self.stopped()

        bound_s = lower_bound(self.problem, made.plan, BOUND_ROUNDS, enough)
        return replace(made, bound_s=bound_s if bound_s > 0 else None)

    def counted(self) -> Planned:
        """The best so far with what each engine gave to it, nothing chosen any more."""
        assert self.best is not None
        finder = Counter(self.pool.finder(route) for route in self.best.plan.routes if route.stops)
        return replace(self.best, gains=_with_routes(self.best, finder))


def _behind(engine: str) -> list[str]:
    """The engines in a plan's name, the plan in force left out."""
    return [name for name in engine.split("+") if name != "IN_FORCE"]


def _gained(before: Planned | None, name: str, now: Price, unserved: int) -> dict[str, Gain]:
    """The gains so far, and what this engine's turn added; the first plan of all has nothing to save over."""
    if before is None:
        return {name: Gain()}
    gain = before.gains.get(name, Gain())
    apart_s = (before.price.total - before.price.unserved) - (now.total - now.unserved)
    served = len(before.plan.unserved) - unserved
    return {**before.gains, name: replace(gain, saved_s=gain.saved_s + apart_s, served=gain.served + served)}


def _with_routes(planned: Planned, by_engine: Counter[str]) -> dict[str, Gain]:
    names = {*planned.gains, *by_engine}
    return {n: replace(planned.gains.get(n, Gain()), routes=by_engine[n]) for n in sorted(names)}


def annealing(name: str, improve: Improve, steps_per_s: int) -> Callable[[Solve, float], Found]:
    """An annealing engine: begins from the best plan so far, by the clock or by steps.

    Without a clock it does `steps_per_s`: about what one core of a small machine does.
    """

    def run(solve: Solve, limit_s: float) -> Found:
        start = solve.incumbent if solve.best is None else solve.best.plan
        frozen_s: int | None = None

        def met(plan: Plan, price_s: int) -> None:
            nonlocal frozen_s  # the ways to frozen stops, which the engine does not count
            if frozen_s is None:
                frozen_s = price(solve.problem, plan).total - price_s
            solve.met_on_the_way(plan, price_s + frozen_s, name)

        stop = _stop(solve, name, limit_s, steps_per_s)
        return Found(improve(solve.problem, start, stop, solve.seed, met=met), False)

    return run


def _stop(solve: Solve, name: str, limit_s: float, steps_per_s: int) -> improve_ruin.Stop:
    """The engine's share of the limit as a stopping rule, and the caller's wish to stop."""
    begun_s = solve.now_s()

    def spent() -> float:
        if solve.stopped():
            return 1.0
        solve.goes_on(name)
        return (solve.now_s() - begun_s) / max(limit_s, 1e-3)

    steps = max(1, int(limit_s * steps_per_s))
    return improve_ruin.Stop(steps if solve.clock is None else steps * 100, spent)


def _routed(solve: Solve, limit_s: float) -> Found | None:
    """OR-Tools on the whole day, or zone by zone where there are too many caregivers for it."""
    problem = solve.problem
    if solve.best is None:
        small = sum(len(visit.roles) for visit in problem.visits) <= MOST_STOPS
        return improve_ortools.improve(problem, None, limit_s) if small else None
    seeded = solve.best
    cut = zones(problem, seeded.plan)
    held = [number for number, zone in enumerate(cut) if _holds(zone)]
    if len(cut) == len(held) == 1:
        return improve_ortools.improve(problem, seeded.plan, limit_s)
    reached = min(len(held), max(1, int(limit_s / ZONE_S)))
    turn = {held[(solve.seed + number) % len(held)] for number in range(reached)}
    parts: list[tuple[Zone, Plan]] = []
    adopted = bool(turn)
    for number, zone in enumerate(cut):
        asked = number in turn and not solve.stopped()
        found = improve_ortools.improve(zone.problem, zone.plan, limit_s / reached) if asked else None
        adopted = adopted and (number not in turn or (found is not None and found.adopted))
        solved = found.plan if found is not None and not check(zone.problem, found.plan) else None
        parts.append((zone, _cheaper(zone.problem, zone.plan, solved)))
        if solved is not None:
            solve.pool.add(join(problem, [(zone, solved)]), seeded.price.total, "ORTOOLS")
    return Found(join(problem, parts), adopted)


def _holds(zone: Zone) -> bool:
    """Whether OR-Tools can hold the zone's stops."""
    return sum(len(visit.roles) for visit in zone.problem.visits) <= MOST_STOPS


def _cheaper(problem: Problem, one: Plan, other: Plan | None) -> Plan:
    """The cheaper of two plans, the first when they are level."""
    if other is None or price(problem, one).total <= price(problem, other).total:
        return one
    return other


def _mostly_firm(problem: Problem) -> bool:
    """Whether most visits have a latest start.

    Where most may begin late, the city's engine does not see the one worst lateness, and OR-Tools routing
    finds next to nothing that the annealing has not.
    """
    return sum(visit.soft_due for visit in problem.visits) * 2 <= len(problem.visits)


def _of_one_area(problem: Problem) -> bool:
    """Whether the annealing over one order can hold the day: what a step costs grows with it."""
    return len(problem.visits) <= RUIN_VISITS


ENGINES = (
    Engine("CITY", 0.33, 0.0, annealing("CITY", improve_city.improve, 10_000)),
    Engine("RUIN", 0.40, 0.85, annealing("RUIN", improve_ruin.improve, 600_000), _of_one_area),
    Engine("ORTOOLS", 0.17, 0.05, _routed, is_compiled=False),
)
"""In the order of their turns; the shares of those that suit a day are of all but the choice's."""
