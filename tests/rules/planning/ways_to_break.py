"""Ways to break who does what in a plan that keeps every rule, each with the code it must be named by.

A way answers None where it cannot say, from what it changed alone, that a rule is broken now.
"""

from __future__ import annotations

from dataclasses import replace

from dispatcher.planning.problem import PlannedStop, Route
from tests.rules.planning.breaking import At, Broken, Way


def dropped(a: At) -> Broken | None:
    plan = a.stops((*a.route.stops[: a.k], *a.route.stops[a.k + 1 :]))
    return a.named(plan, "FORGOTTEN" if len(a.visit.roles) == 1 else "HALF_SERVED")


def doubled(a: At) -> Broken | None:
    return a.named(a.stops((*a.route.stops, a.stop)), "ROLE_TWICE")


def done_by_two(a: At) -> Broken | None:
    other = a.rng.choice([r for r in range(len(a.plan.routes)) if r != a.r])
    stops = (*a.plan.routes[other].stops, a.stop)
    return a.named(a.stops(tuple(sorted(stops, key=lambda s: s.start_s)), other), "ROLE_TWICE")


def forgotten(a: At) -> Broken | None:
    if not a.plan.unserved:
        return None
    gone = a.rng.randrange(len(a.plan.unserved))
    kept = (*a.plan.unserved[:gone], *a.plan.unserved[gone + 1 :])
    done = {s.visit_id for r in a.plan.routes for s in r.stops}
    code = "HALF_SERVED" if a.plan.unserved[gone][0] in done else "FORGOTTEN"
    return a.named(replace(a.plan, unserved=kept), code)


def named_twice(a: At) -> Broken | None:
    done = {s.visit_id for r in a.plan.routes for s in r.stops}
    again = [item for item in a.plan.unserved if item[0] not in done]
    return a.named(replace(a.plan, unserved=(*a.plan.unserved, again[0])), "FORGOTTEN") if again else None


def served_and_not(a: At) -> Broken | None:
    return a.named(
        replace(a.plan, unserved=(*a.plan.unserved, (a.visit.visit_id, "NO_ROOM"))), "SERVED_AND_NOT"
    )


def unknown_visit(a: At) -> Broken | None:
    return a.named(a.changed(replace(a.stop, visit_id="nobody")), "UNKNOWN_VISIT")


def unknown_role(a: At) -> Broken | None:
    return a.named(a.changed(replace(a.stop, role=a.rng.choice((-1, len(a.visit.roles))))), "UNKNOWN_ROLE")


def unknown_caregiver(a: At) -> Broken | None:
    routes = (*a.plan.routes[: a.r], replace(a.route, caregiver_id="nobody"), *a.plan.routes[a.r + 1 :])
    return a.named(replace(a.plan, routes=routes), "UNKNOWN_CAREGIVER")


def route_twice(a: At) -> Broken | None:
    return a.named(replace(a.plan, routes=(*a.plan.routes, Route(a.carer.caregiver_id))), "ROUTE_TWICE")


def too_early(a: At) -> Broken | None:
    return a.named(a.changed(replace(a.stop, start_s=a.visit.ready_s - a.a_bit_s)), "TOO_EARLY")


def too_late(a: At) -> Broken | None:
    due_s = a.visit.due_s if a.role.due_s is None else a.role.due_s
    late = a.changed(replace(a.stop, start_s=due_s + a.a_bit_s))
    return None if a.visit.soft_due else a.named(late, "TOO_LATE")


def promise_broken(a: At) -> Broken | None:
    if a.stop.role:
        return None
    told = (a.stop.start_s - 600, a.stop.start_s + 600) if a.visit.told is None else a.visit.told
    start_s = a.rng.choice((told[0] - a.a_bit_s, told[1] + a.a_bit_s))
    broken = a.changed(replace(a.stop, start_s=start_s))
    return a.named(broken, "PROMISE_BROKEN", problem=a.with_visit(told=told))


def without_a_skill(a: At) -> Broken | None:
    if not a.role.skills:
        return None
    less = a.carer.skills - {a.rng.choice(sorted(a.role.skills))}
    return a.named(None, "SKILL_MISSING", problem=a.with_carer(skills=less))


def to_a_stranger(a: At) -> Broken | None:
    strangers = []
    for r, route in enumerate(a.plan.routes):
        carer = a.problem.caregiver_by_id[route.caregiver_id]
        closed = a.role.allowed is not None and carer.caregiver_id not in a.role.allowed
        if a.role.skills - carer.skills:
            strangers.append((r, "SKILL_MISSING"))
        elif closed or carer.caregiver_id in a.role.barred:
            strangers.append((r, "NOT_ALLOWED"))
    if not strangers:
        return None
    r, code = a.rng.choice(strangers)
    less = a.stops((*a.route.stops[: a.k], *a.route.stops[a.k + 1 :]))
    frozen = len(a.problem.caregiver_by_id[a.plan.routes[r].caregiver_id].frozen)
    own = less.routes[r].stops
    later = sorted((*own[frozen:], a.stop), key=lambda s: s.start_s)
    return a._replace(plan=less).named(a._replace(plan=less).stops((*own[:frozen], *later), r), code)


def barred(a: At) -> Broken | None:
    return a.named(None, "NOT_ALLOWED", problem=a.with_role(barred=a.role.barred | {a.carer.caregiver_id}))


def for_others_only(a: At) -> Broken | None:
    others = frozenset(c.caregiver_id for c in a.problem.caregivers) - {a.carer.caregiver_id}
    return a.named(None, "NOT_ALLOWED", problem=a.with_role(allowed=others))


def certificate_ended(a: At) -> Broken | None:
    if not a.role.skills:
        return None
    ends = {**a.carer.valid_until_s, a.rng.choice(sorted(a.role.skills)): a.over_s - a.a_bit_s}
    return a.named(None, "CERTIFICATE_ENDED", problem=a.with_carer(valid_until_s=ends))


def lead_of(a: At) -> PlannedStop | None:
    stops = (s for r in a.plan.routes for s in r.stops if s.visit_id == a.stop.visit_id and s.role == 0)
    return next(stops, None) if a.stop.role else None


def crew_apart(a: At) -> Broken | None:
    lead = lead_of(a)
    if lead is None:
        return None
    early_s = lead.start_s + a.role.offset_min_s - a.a_bit_s
    late_s = lead.start_s + a.role.offset_max_s + a.a_bit_s
    return a.named(a.changed(replace(a.stop, start_s=a.rng.choice((early_s, late_s)))), "CREW_APART")


def crew_of_one(a: At) -> Broken | None:
    """Whoever leads takes the other role too."""
    lead = lead_of(a)
    if lead is None or a.visit.same_carer:
        return None
    less = a._replace(plan=a.stops((*a.route.stops[: a.k], *a.route.stops[a.k + 1 :])))
    r = next(n for n, route in enumerate(less.plan.routes) if lead in route.stops)
    own = less.plan.routes[r].stops
    return a.named(less.stops((*own, a.stop), r), "CREW_NOT_DIFFERENT")


def back_before_out(a: At) -> Broken | None:
    """The way home from the hospital stands before the way there, in one day."""
    lead = lead_of(a)
    if lead is None or not a.visit.same_carer:
        return None
    routes = [tuple(s for s in r.stops if s.visit_id != a.visit.visit_id) for r in a.plan.routes]
    routes[a.r] = (*routes[a.r], a.stop, lead)
    named = zip(a.plan.routes, routes, strict=True)
    plan = replace(a.plan, routes=tuple(replace(r, stops=stops) for r, stops in named))
    return a.named(plan, "LEGS_OUT_OF_ORDER")


OF_PEOPLE: tuple[Way, ...] = (
    dropped, doubled, done_by_two, forgotten, named_twice, served_and_not, unknown_visit, unknown_role,
    unknown_caregiver, route_twice, too_early, too_late, promise_broken, without_a_skill, to_a_stranger,
    barred, for_others_only, certificate_ended, crew_apart, crew_of_one, back_before_out,
)  # fmt: skip
