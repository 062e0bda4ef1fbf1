"""Why nobody serves a visit: the caregiver who came nearest, the rule that stopped them, and by how much."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from dispatcher.planning.problem import Plan, PlanCaregiver, PlannedStop, PlanVisit, Problem, Role

MOST_TOLD = 100
"""So many visits are explained; beyond that the day lacks caregivers, not explanations."""


@dataclass(frozen=True)
class NotServed:
    """A visit that nobody serves: the rule that stopped the nearest caregiver, and by how many seconds."""

    visit_id: str
    code: str
    caregiver_id: str | None = None
    late_s: int | None = None


def not_served(problem: Problem, plan: Plan) -> tuple[NotServed, ...]:
    """The first `MOST_TOLD` visits the plan leaves out, each with the reason.

    Codes: those the plan names itself; SKILL_MISSING (nobody has the skills of a role), NO_CAREGIVER (nobody
    may take it), NO_PARTNER (each role could be taken, not together), ARRIVES_LATE, BREAKS_PROMISE,
    SHIFT_ENDS (with the least delay of all gaps of all caregivers), NO_ROOM (a break or a load stands in it).
    """
    stops = {route.caregiver_id: route.stops for route in plan.routes}
    told = []
    for visit_id, code in plan.unserved[:MOST_TOLD]:
        visit = problem.visit_by_id.get(visit_id)
        asked = code in ("NO_ROOM", "NO_CAREGIVER") and visit is not None
        told.append(_why(problem, visit, stops) if asked and visit else NotServed(visit_id, code))
    return tuple(told)


def _why(problem: Problem, visit: PlanVisit, stops: dict[str, tuple[PlannedStop, ...]]) -> NotServed:
    """The role that is hardest to fill decides: nobody for it, or the longest of the least delays."""
    worst: NotServed | None = None
    if any(not any(role.skills <= c.skills for c in problem.caregivers) for role in visit.roles):
        return NotServed(visit.visit_id, "SKILL_MISSING" if problem.caregivers else "NO_CAREGIVER")
    for role in visit.roles:
        able = [c for c in problem.caregivers if problem.may_take(c, role)]
        if not able:
            return NotServed(visit.visit_id, "NO_CAREGIVER")
        found = (
            miss for c in able for miss in _misses(problem, visit, role, c, stops.get(c.caregiver_id, ()))
        )
        least = min(found, key=lambda miss: miss.late_s or 0)
        if worst is None or (least.late_s or 0) > (worst.late_s or 0):
            worst = least
    assert worst is not None
    if worst.late_s:
        return worst
    return NotServed(visit.visit_id, "NO_PARTNER" if len(visit.roles) > 1 else "NO_ROOM")


def _misses(
    problem: Problem, visit: PlanVisit, role: Role, carer: PlanCaregiver, stops: tuple[PlannedStop, ...]
) -> Iterator[NotServed]:
    """For each gap after the frozen stops the rule that is broken most, by how much; 0 where none is."""
    due_s = visit.due_s if role.due_s is None else role.due_s
    if visit.told is not None and role.role == 0:
        due_s = min(due_s, visit.told[1])
    for gap in range(len(carer.frozen), len(stops) + 1):
        free_s, place = _before(problem, carer, stops[:gap])
        ready_s = visit.ready_s if visit.told is None or role.role else max(visit.ready_s, visit.told[0])
        begins_at, ends_at = visit.begins_at(role.role), visit.ends_at(role.role)
        start_s = max(free_s + problem.way_s(carer, place, begins_at), ready_s)
        end_s = start_s + role.duration_s
        late = {"ARRIVES_LATE": 0 if visit.soft_due else start_s - due_s}
        if gap < len(stops):
            after = problem.visit_by_id[stops[gap].visit_id]
            way_s = problem.way_s(carer, ends_at, after.begins_at(stops[gap].role))
            late["BREAKS_PROMISE"] = end_s + way_s - stops[gap].start_s
        else:
            home = carer.end_place
            home_s = 0 if home is None or not carer.end_paid else problem.way_s(carer, ends_at, home)
            late["SHIFT_ENDS"] = end_s + home_s - carer.shift_end_s - carer.overtime_s
        code = max(late, key=lambda one: late[one])
        yield NotServed(visit.visit_id, code, carer.caregiver_id, max(0, late[code]))


def _before(problem: Problem, carer: PlanCaregiver, stops: tuple[PlannedStop, ...]) -> tuple[int, int]:
    """When and where the caregiver is free after these stops."""
    if not stops:
        return carer.first_s, carer.first_place
    visit = problem.visit_by_id[stops[-1].visit_id]
    return stops[-1].start_s + visit.roles[stops[-1].role].duration_s, visit.ends_at(stops[-1].role)
