"""The port to all engines: the problem and the plan in force go in, the best plan found comes out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from dispatcher.planning import improve_city, improve_ruin
from dispatcher.planning.bound import lower_bound
from dispatcher.planning.engine_rules import nothing_yet
from dispatcher.planning.plannable import plannable
from dispatcher.planning.planned import Planned, Progress
from dispatcher.planning.portfolio import Clock, Solve
from dispatcher.planning.price import price
from dispatcher.planning.problem import Plan, PlanCaregiver, PlanVisit, Problem, Role
from dispatcher.planning.route_variants import Variants
from dispatcher.planning.travel import MatrixTravel


def plan_day(
    problem: Problem,
    incumbent: Plan | None,
    limit_s: float,
    seed: int,
    clock: Clock | None = None,
    tell: Callable[[Planned], None] | None = None,
    report: Callable[[Progress], None] | None = None,
    stopped: Callable[[], bool] | None = None,
    *,
    has_kernels: bool = True,
) -> Planned | None:
    """The best plan found in about `limit_s` seconds; None when no engine has one that keeps every rule.

    Without a clock the number of annealing steps follows from `limit_s` alone. `tell` hears of better plans
    on the way, for a caller who might not wait for the end; `report` of how far the work is. Once `stopped()`
    the best so far is the answer. What contradicts itself in the problem is among the plan's unserved, with
    the codes of `plannable`. Without kernels only the engine that needs no compiling is asked.
    """
    sound, faults = plannable(problem)
    codes = {f.visit_id: f.code for f in faults if f.visit_id is not None}
    set_aside = [v for v in codes if v not in sound.visit_by_id]

    def whole(planned: Planned) -> Planned:
        """With what was set aside named too."""
        unserved = [(v, codes.get(v, code)) for v, code in planned.plan.unserved]
        unserved += [(v, codes[v]) for v in set_aside]
        return replace(planned, plan=replace(planned.plan, unserved=tuple(unserved)), faults=faults)

    def told(planned: Planned) -> None:
        if tell is not None:
            tell(whole(planned))

    if not sound.visits or not sound.caregivers:
        idle = nothing_yet(sound)
        return whole(Planned(idle, "IN_FORCE", price(sound, idle)))
    begun = Solve(sound, limit_s, seed, clock, told, report, stopped or (lambda: False), has_kernels)
    found = begun.run(incumbent)
    return None if found is None else whole(found)


def warm_up() -> None:
    """Compile and load everything once, on a day of two visits, so that no plan waits for it."""
    skill = frozenset({"care"})
    crew = (Role(0, skill, 600), Role(1, skill, 600))
    visits = (PlanVisit("a", 1, crew, 0, 3600), PlanVisit("b", 0, crew[:1], 0, 3600, soft_due=True))
    carers = tuple(PlanCaregiver(name, skill, 0, 36_000, 0, 0) for name in ("x", "y"))
    travel = MatrixTravel(np.array([[0, 60], [60, 0]], dtype=np.int32))
    problem = Problem(carers, visits, travel)
    improve_city.improve(problem, None, improve_ruin.Stop(1), 1)
    improve_city.improve(problem, None, improve_ruin.Stop(1), 1)
    plan = improve_ruin.improve(problem, None, improve_ruin.Stop(10), 1)
    Variants(problem, plan).on_time(plan.routes[0])
    lower_bound(problem, plan, 1)
