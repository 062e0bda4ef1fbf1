"""A plan as PlanProposed: only what changes or waits, why, what each engine gave, who is left out. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from dispatcher.planning.from_desk import Keys, to_stops
from dispatcher.planning.not_served import MOST_TOLD, not_served
from dispatcher.planning.planned import Planned
from dispatcher.planning.price import price
from dispatcher.planning.problem import Plan, Problem
from dispatcher.planning.why_changed import Change, Why, changes
from schemas.base import Reason, Speaker
from schemas.envelope import MAX_BODY_BYTES
from schemas.facts import FACT, PlanProposed
from schemas.shapes import EngineGain, NotPlanned, PlanChange

IN_FORCE = "IN_FORCE"


@dataclass(frozen=True)
class Basis:
    """What a plan was asked over: the area after a row, its problem, and the plan in force.

    `estimated_permille` of its ways are no road router's; None where none was asked.
    """

    area: str
    seq: int
    problem: Problem
    keys: Keys
    before: Plan
    estimated_permille: int | None = None


def proposal_of(
    basis: Basis, found: Planned | None, *, fact_id: str, said_at: datetime, speaker: str, solve_ms: int
) -> PlanProposed | None:
    """What the planner says; None when nothing was found and nobody is left out.

    Without a plan the one in force stays, and only those it leaves out are named.
    """
    problem, keys = basis.problem, basis.keys
    plan = basis.before if found is None else found.plan
    missed = tuple(_not_planned(basis, plan))
    if found is None and not missed:
        return None
    changed = [] if found is None else changes(problem, basis.before, plan)
    told = [change for change in changed if change.visit_id not in keys.pinned]
    only = set() if found is None else {change.visit_id for change in told} | keys.waiting
    gains = {} if found is None else found.gains
    return fitted(
        PlanProposed(
            fact_id=fact_id,
            area=basis.area,
            said_at=said_at,
            by=Speaker(role="PLANNER", id=speaker),
            base_seq=basis.seq,
            engine=IN_FORCE if found is None else found.engine.replace("+", "_"),
            stops=to_stops(plan, keys, only),
            price_s=price(problem, plan).total,
            base_price_s=price(problem, basis.before).total,
            solve_ms=solve_ms,
            bound_s=None if found is None else found.bound_s,
            gains={name: _gain(gain.routes, gain.saved_s, gain.served) for name, gain in gains.items()},
            changes=tuple(_change(change) for change in told),
            left_out=len({*dict(plan.unserved), *(f.visit_id for f in keys.faults if f.visit_id)}),
            not_planned=missed,
            estimated_permille=basis.estimated_permille,
        )
    )


def _gain(routes: int, saved_s: int, served: int) -> EngineGain:
    return EngineGain(routes=routes, saved_s=saved_s, served=served)


def _change(change: Change) -> PlanChange:
    return PlanChange(visit_id=change.visit_id, reasons=tuple(_reason(why) for why in change.reasons))


def _reason(why: Why) -> Reason:
    return Reason(
        code=why.code,
        numbers={} if why.saved_s is None else {"saved_s": why.saved_s},
        refs={} if why.for_visit_id is None else {"visit_id": why.for_visit_id},
    )


def _not_planned(basis: Basis, plan: Plan) -> Iterator[NotPlanned]:
    """Visits left out with who came nearest, then what of the day was set aside; `MOST_TOLD` of each."""
    carer_of = basis.keys.carer_of
    named = set(dict(plan.unserved))
    for miss in not_served(basis.problem, plan):
        yield NotPlanned(
            visit_id=miss.visit_id,
            caregiver_id=carer_of.get(miss.caregiver_id or ""),
            reason=Reason(code=miss.code, numbers={} if miss.late_s is None else {"late_s": miss.late_s}),
        )
    others = [fault for fault in basis.keys.faults if fault.visit_id not in named]
    for fault in others[:MOST_TOLD]:
        carer = carer_of.get(fault.caregiver_id or "")
        yield NotPlanned(visit_id=fault.visit_id, caregiver_id=carer, reason=Reason(code=fault.code))


def fitted(proposal: PlanProposed) -> PlanProposed:
    """The proposal within the size of a message: whole, else the first visits of it.

    Each visit's part is adopted by itself, so a part of a plan is a plan; a visit is never cut in two.
    """
    while proposal.stops and len(FACT.dump_json(proposal)) > MAX_BODY_BYTES:
        visits = sorted({stop.visit_id for stop in proposal.stops})
        kept = set(visits[: len(visits) * 3 // 4])
        proposal = proposal.model_copy(
            update={
                "stops": tuple(stop for stop in proposal.stops if stop.visit_id in kept),
                "changes": tuple(one for one in proposal.changes or () if one.visit_id in kept),
            }
        )
    return proposal
