"""A plan of records into the city's arrays, as far as it can be kept: what breaks a rule is left out."""

from __future__ import annotations

from dispatcher.planning.city_anneal import begin_step, remember, settle
from dispatcher.planning.city_arrays import CARER, DEAR, FIRST, FIXED, HANDS, KIND, PREV, VISIT, City, Names
from dispatcher.planning.city_held import DEARER, Held
from dispatcher.planning.city_recreate import list_out, note_moved
from dispatcher.planning.city_route import link, retime, touch, unlink
from dispatcher.planning.problem import Plan, Problem


def load(problem: Problem, names: Names, given: City, h: Held, plan: Plan) -> None:
    """Put the plan's stops in, each behind the one before it. Stops that do not fit there stay out."""
    nodes = enumerate(zip(names.visit, names.role, strict=True))
    number = {(problem.visits[v].visit_id, r): k for k, (v, r) in nodes}
    who = {c.caregiver_id: i for i, c in enumerate(problem.caregivers)}
    m = len(problem.caregivers)
    n = len(given.node) - 2 * m
    begin_step(h)
    for route in plan.routes:
        c = who.get(route.caregiver_id)
        if c is None:
            continue
        for stop in route.stops:
            k = number.get((stop.visit_id, stop.role))
            if k is not None and h.now[k, CARER] < 0 and given.fit[given.node[k, KIND], c]:
                _append(given, h, k, c, n + m + c, stop.start_s)
    for v in range(len(given.visit)):
        first, hands = int(given.visit[v, FIRST]), int(given.visit[v, HANDS])
        placed = [k for k in range(first, first + hands) if h.now[k, CARER] >= 0]
        if hands and len(placed) == hands:
            h.tally[DEARER] -= int(given.visit[v, DEAR])
            list_out(h, v, False)
        else:
            for k in placed:
                c = int(h.now[k, CARER])
                unlink(h, k)
                retime(given, h, c)
    settle(given, h)
    remember(given, h)


def _append(given: City, h: Held, k: int, c: int, end: int, start_s: int) -> None:
    """Put node `k` last in `c`'s route; a crew's at its start in force."""
    note_moved(given, h, int(given.node[k, VISIT]))
    touch(given, h, c)
    link(h, k, int(h.now[end, PREV]), c)
    if given.visit[given.node[k, VISIT], HANDS] > 1:
        h.now[k, FIXED] = start_s
    if not retime(given, h, c):
        unlink(h, k)
        retime(given, h, c)
