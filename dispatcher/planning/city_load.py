"""A plan of records into the city's arrays, as far as it can be kept: what breaks a rule is left out."""

from __future__ import annotations

from dispatcher.planning.city_anneal import begin_step, remember, settle
from dispatcher.planning.city_arrays import CARER, DEAR, FIRST, FIXED, HANDS, KIND, PREV, VISIT, City, Names
from dispatcher.planning.city_held import DEARER, Held
from dispatcher.planning.city_recreate import list_out, note_moved
from dispatcher.planning.city_rounds import FETCHES, RIDES
from dispatcher.planning.city_route import join, leave, retime, touch
from dispatcher.planning.problem import Plan, PlanCaregiver, Problem


def load(problem: Problem, names: Names, given: City, h: Held, plan: Plan) -> None:
    """Put the plan's stops in, each behind the one before it. Stops that do not fit there stay out."""
    nodes = enumerate(zip(names.visit, names.role, strict=True))
    number = {(problem.visits[v].visit_id, r): k for k, (v, r) in nodes}
    who = {c.caregiver_id: i for i, c in enumerate(problem.caregivers)}
    begin_step(h)
    for route in plan.routes:
        c = who.get(route.caregiver_id)
        if c is None:
            continue
        fetched = _under_way(problem, problem.caregivers[c])
        for stop in route.stops:
            k = number.get((stop.visit_id, stop.role))
            if k is None or h.now[k, CARER] >= 0 or not given.fit[given.node[k, KIND], c]:
                continue
            meal = problem.visits[names.visit[k]].meal
            round_of = None if meal is None else (meal.kitchen, stop.left_kitchen_s)
            how = RIDES if round_of in (None, fetched) else FETCHES
            stands = _append(given, h, k, c, how, stop.start_s)
            if not stands and how == RIDES and meal is not None:
                stands = _append(given, h, k, c, FETCHES, stop.start_s)
            if stands and meal is not None:
                fetched = round_of
    for v in range(len(given.visit)):
        first, hands = int(given.visit[v, FIRST]), int(given.visit[v, HANDS])
        placed = [k for k in range(first, first + hands) if h.now[k, CARER] >= 0]
        if hands and len(placed) == hands:
            h.tally[DEARER] -= int(given.visit[v, DEAR])
            list_out(h, v, False)
        else:
            for k in placed:
                c = int(h.now[k, CARER])
                leave(given, h, k)
                retime(given, h, c)
    settle(given, h)
    remember(given, h)


def _under_way(problem: Problem, carer: PlanCaregiver) -> tuple[int, int | None] | None:
    """Kitchen and leaving of the round that the frozen stops are in, if any."""
    for stop in reversed(carer.frozen):
        meal = problem.visit_by_id[stop.visit_id].meal
        if meal is not None:
            return meal.kitchen, stop.left_kitchen_s
    return None


def _append(given: City, h: Held, k: int, c: int, how: int, start_s: int) -> bool:
    """Put node `k` last in `c`'s route, a crew's at its start in force; whether it can stand there."""
    end = len(given.node) - len(given.carer) + c
    note_moved(given, h, int(given.node[k, VISIT]))
    touch(given, h, c)
    join(given, h, k, int(h.now[end, PREV]), c, how)
    if given.visit[given.node[k, VISIT], HANDS] > 1:
        h.now[k, FIXED] = start_s
    if retime(given, h, c):
        return True
    leave(given, h, k)
    retime(given, h, c)
    return False
