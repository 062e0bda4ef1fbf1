"""Cut a large area's day into zones that OR-Tools can hold, and join the plans of the zones.

Caregivers whose days lie near one another go together, with all their visits, so each zone begins from a
plan that holds. A crew whose caregivers fall into different zones keeps its time: each zone sees only its
own role, at exactly the start in force. Cutting costs travel, hence only for the engine that needs it.
The reserve for emergencies is the whole day's matter: no zone prices it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace

from dispatcher.planning.problem import Plan, PlanCaregiver, PlanVisit, Problem, Role, Route

ZONE_CAREGIVERS = 30
"""The most caregivers OR-Tools is given at once."""

Parts = Mapping[str, tuple[int, ...]]
"""For each visit of a zone, which of its roles the zone holds."""


@dataclass(frozen=True, eq=False)
class Zone:
    """A part of a problem, with the part of the plan in force that belongs to it."""

    problem: Problem
    plan: Plan
    parts: Parts


def zones(problem: Problem, plan: Plan, most: int = ZONE_CAREGIVERS) -> tuple[Zone, ...]:
    """The problem in zones of at most `most` caregivers; every caregiver is in one zone.

    A visit that the plan leaves out goes whole to the zone with the nearest caregiver.
    """
    groups = _halve(problem, list(problem.caregivers), _middles(problem, plan), most)
    zone_of = {c.caregiver_id: n for n, group in enumerate(groups) for c in group}
    middles = _middles(problem, plan)

    def nearest(visit: PlanVisit) -> int:
        near = min(middles, key=lambda c: (problem.travel.travel_s(visit.place, middles[c]), c))
        return zone_of[near]

    return _cut(problem, plan, groups, nearest)


def apart(problem: Problem, plan: Plan, stay: frozenset[str], may: frozenset[str]) -> tuple[Zone, Zone]:
    """The caregivers but those who stay, with all their visits and those of `may` left out; then the rest.

    Those who stay hold every visit of the plan that is not in `may`.
    """
    free = [c for c in problem.caregivers if c.caregiver_id not in stay]
    rest = [c for c in problem.caregivers if c.caregiver_id in stay]
    one, other = _cut(problem, plan, [free, rest], lambda visit: int(visit.visit_id not in may))
    return one, other


def _cut(
    problem: Problem, plan: Plan, groups: list[list[PlanCaregiver]], home: Callable[[PlanVisit], int]
) -> tuple[Zone, ...]:
    """A zone of each group, with the roles it holds and the visits left out whose `home` it is."""
    zone_of = {c.caregiver_id: n for n, group in enumerate(groups) for c in group}
    holds: list[dict[str, list[int]]] = [{} for _ in groups]
    for route in plan.routes:
        for stop in route.stops:
            holds[zone_of[route.caregiver_id]].setdefault(stop.visit_id, []).append(stop.role)
    frozen = {(f.visit_id, f.role) for c in problem.caregivers for f in c.frozen}
    for visit_id, _ in plan.unserved:
        visit = problem.visit_by_id[visit_id]
        roles = (r for r in range(len(visit.roles)) if (visit_id, r) not in frozen)
        holds[home(visit)].setdefault(visit_id, []).extend(roles)
    return tuple(_zone(problem, plan, group, parts) for group, parts in zip(groups, holds, strict=True))


def join(problem: Problem, parts: Iterable[tuple[Zone, Plan]]) -> Plan:
    """One plan of the plans of all zones, routes in the problem's order of caregivers.

    A zone whose plan drops its half of a crew that another zone holds too keeps the plan it began from. A
    visit that one zone leaves out is served when the zones hold all of its roles together.
    """
    routes: dict[str, Route] = {}
    unserved: list[tuple[str, str]] = []
    for zone, plan in parts:
        shared = {v for v, roles in zone.parts.items() if len(roles) < len(problem.visit_by_id[v].roles)}
        before = {v for v, _ in zone.plan.unserved}
        kept = zone.plan if any(v in shared - before for v, _ in plan.unserved) else plan
        unserved.extend(kept.unserved)
        for route in kept.routes:
            routes[route.caregiver_id] = _renumber(route, zone.parts)
    ordered = tuple(routes[c.caregiver_id] for c in problem.caregivers if c.caregiver_id in routes)
    done = {(stop.visit_id, stop.role) for route in ordered for stop in route.stops}
    named = dict(unserved)
    for visit_id in list(named):
        if all((visit_id, r) in done for r in range(len(problem.visit_by_id[visit_id].roles))):
            del named[visit_id]
    return Plan(ordered, tuple(named.items()))


def _renumber(route: Route, parts: Parts) -> Route:
    """The route with the roles' numbers of the whole problem."""
    return replace(route, stops=tuple(replace(s, role=parts[s.visit_id][s.role]) for s in route.stops))


def _middles(problem: Problem, plan: Plan) -> dict[str, int]:
    """For each caregiver the place of its day with least travel to all the others of it."""
    stops = {r.caregiver_id: r.stops for r in plan.routes}
    middles = {}
    for carer in problem.caregivers:
        visited = [problem.visit_by_id[s.visit_id].place for s in stops.get(carer.caregiver_id, ())]
        places = sorted({*visited, carer.first_place} if not visited else set(visited))
        sums = problem.travel.among_s(places).sum(axis=1)
        middles[carer.caregiver_id] = places[int(sums.argmin())]
    return middles


def _halve(
    problem: Problem, carers: list[PlanCaregiver], middles: Mapping[str, int], most: int
) -> list[list[PlanCaregiver]]:
    """Halve between two far ends, and again, until no group is larger than `most`."""
    if len(carers) <= most:
        return [carers]

    def way_s(a: PlanCaregiver, b: PlanCaregiver) -> int:
        return problem.travel.travel_s(middles[a.caregiver_id], middles[b.caregiver_id])

    east = max(carers, key=lambda c: way_s(carers[0], c))
    west = max(carers, key=lambda c: way_s(east, c))
    ranked = sorted(carers, key=lambda c: (way_s(east, c) - way_s(west, c), c.caregiver_id))
    half = len(ranked) // 2
    return _halve(problem, ranked[:half], middles, most) + _halve(problem, ranked[half:], middles, most)


def _zone(problem: Problem, plan: Plan, carers: list[PlanCaregiver], parts: Mapping[str, list[int]]) -> Zone:
    """The zone of these caregivers and of the roles they hold."""
    held = {v: tuple(sorted(set(roles))) for v, roles in parts.items()}
    starts = {(s.visit_id, s.role): s.start_s for r in plan.routes for s in r.stops}
    visits = [
        v if len(held[v.visit_id]) == len(v.roles) else _part(v, held[v.visit_id], starts)
        for v in problem.visits
        if v.visit_id in held
    ]
    inside = [_own_numbers(c, held) for c in carers]
    names = {c.caregiver_id for c in carers}
    routes = [
        replace(r, stops=tuple(replace(s, role=held[s.visit_id].index(s.role)) for s in r.stops))
        for r in plan.routes
        if r.caregiver_id in names
    ]
    unserved = tuple(item for item in plan.unserved if item[0] in held)
    return Zone(
        replace(problem, caregivers=tuple(inside), visits=tuple(visits), reserve=()),
        Plan(tuple(routes), unserved),
        held,
    )


def _own_numbers(carer: PlanCaregiver, held: Parts) -> PlanCaregiver:
    """The caregiver with frozen stops numbered as the zone numbers roles."""
    frozen = tuple(replace(f, role=held[f.visit_id].index(f.role)) for f in carer.frozen)
    return replace(carer, frozen=frozen)


def _part(visit: PlanVisit, roles: tuple[int, ...], starts: Mapping[tuple[str, int], int]) -> PlanVisit:
    """The roles of a visit that one zone holds, each kept at exactly the start in force."""
    first_s = starts.get((visit.visit_id, roles[0]))
    own = []
    for position, number in enumerate(roles):
        start_s = starts.get((visit.visit_id, number))
        apart_s = 0 if start_s is None or first_s is None else start_s - first_s
        own.append(_at(visit.roles[number], position, apart_s, visit))
    told = visit.told if first_s is None else (first_s, first_s)
    lead_s = starts.get((visit.visit_id, 0))
    if first_s is None and lead_s is not None and roles[0]:
        follows = visit.roles[roles[0]]
        told = (lead_s + follows.offset_min_s, lead_s + follows.offset_max_s)
    return replace(visit, roles=tuple(own), told=told)


def _at(role: Role, position: int, apart_s: int, visit: PlanVisit) -> Role:
    """The role at its own position, held at `apart_s` after the part's first role."""
    due_s = visit.due_s if role.due_s is None else role.due_s
    return replace(role, role=position, offset_min_s=apart_s, offset_max_s=apart_s, due_s=due_s)
