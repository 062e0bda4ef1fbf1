"""A problem and a plan as arrays of whole numbers, for the compiled improver; and back.

A plan is held as one order of all visits and, for each role, the caregiver who takes it. Decoding goes
forward through the order and gives each visit the earliest start its caregivers can all keep; a visit that
finds no such start is left out at its price.
"""

from __future__ import annotations

from collections.abc import Mapping
from heapq import heapify, heappop, heappush
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dispatcher.planning.engine_rules import CERTIFICATE, of_caregiver
from dispatcher.planning.price import due_of, late_price, role_price
from dispatcher.planning.problem import (
    Plan,
    PlannedStop,
    Problem,
    Route,
)

Ints = npt.NDArray[np.int64]
NEVER = 1 << 40
"""Later than any second of any day."""
NEAR = 40
"""Neighbours listed per visit."""


class Given(NamedTuple):
    """The problem. n visits, R roles at most, m caregivers, B breaks at most; times in seconds."""

    n_roles: Ints
    place: Ints
    ready: Ints
    told: Ints
    """[n, 3] earliest and latest start of role 0, price of a second late."""
    dear: Ints
    """[n] price of leaving it out."""
    due: Ints
    """[n, R] from when a start is late."""
    last: Ints
    """[n, R] from when a start is forbidden, exclusive of that second itself."""
    dur: Ints
    apart: Ints
    """[n, R, 2] least and most seconds after role 0."""
    fixed: Ints
    """[n, R] the start of a frozen role, else -1."""
    fit: npt.NDArray[np.bool_]
    """[n, R, m] whether the caregiver may take the role."""
    extra: Ints
    """[n, R, m] price of that, beyond travel and lateness; where certificates end in a window, n rows more:
    the latest start by them."""
    near: Ints
    """[n, K] visits best done just before this one, nearest first; then just after, [n, K:2K]."""
    first: Ints
    """[m, 4] when free, where, 0 (breaks taken), 1 if the day has a stop already."""
    end_place: Ints
    shift_end: Ints
    limit: Ints
    """[m] shift end with the overtime allowed."""
    ample: Ints
    """[m] until when a stop may end anywhere and the way home still ends within the limit."""
    pace: Ints
    mode: Ints
    breaks: Ints
    """[m, B, 3] earliest and latest begin, duration."""
    n_breaks: Ints
    travel: npt.NDArray[np.int32]
    """[modes, places, places] seconds."""
    weights: Ints
    """travel, late, worst late, overtime."""
    movable: Ints
    """Visits with a role to place, by index."""


class Held(NamedTuple):
    """The plan under change, with room to try a change and take it back."""

    order: Ints
    pos: Ints
    carer: Ints
    """[n, R] caregiver index, -1 for none."""
    now: Ints
    """[n, R, 9] free, place, breaks, used before; free, place, breaks after; start; price of going there."""
    tried: Ints
    worth: Ints
    """[n, 3] price, worst lateness, served."""
    worth_tried: Ints
    homes: Ints
    """[m] price of the way home and overtime."""
    homes_tried: Ints
    ways: Ints
    """[m, 2] of it the way home alone: as it is, and as tried."""
    state: Ints
    """[m, 9] free, place, breaks, used; 0 clean, 1 shifted, 2 changed; place, used while sizing up;
    7 last halt before and 8 first halt past what was changed."""
    before: Ints
    after: Ints
    """[n * R] the halt before and after each halt v * R + r on its caregiver's route, -1 for none."""
    tail: Ints
    """[m] last halt."""
    late_to: Ints
    worst_to: Ints
    """[n + 1] price of lateness, and worst lateness, of all visits before each position."""
    room: Ints
    """[R, 3] while placing: earliest start, breaks before it, start."""
    touched: Ints
    mark: Ints
    """[n] 1 if the visit itself was changed."""
    undo: Ints
    """[n * R + 8, 4] kind (0 carer, 1 position), visit, role or from, old caregiver."""
    tally: Ints
    """0 undo entries, 1 first and 2 last changed position, 3 touched, 4 price, 5 best price,
    6 worst lateness tried, 7 worst lateness, 8 price of all ways, 9 by what that grew as tried,
    10 visits left out, 11 by what that grew as tried, 12 price of overtime, 13 by what it grew as tried,
    14 a visit as late as the worst; of the visits touched, 15 by what the price grew, 16 price of lateness as
    tried, 17 as it was."""
    pinned: Ints
    """[m + 1] changed caregivers, count last."""
    best_order: Ints
    best_carer: Ints
    random: npt.NDArray[np.uint64]


def arrays(problem: Problem) -> Given:
    """The problem as arrays."""
    roles, n = _roles(problem), len(problem.visits)
    fit, extra = _fits(problem, roles.shape[2])
    weights, modes = problem.weights, sorted({c.mode or "" for c in problem.caregivers}) or [""]
    ways = [problem.travel_by_mode[mode] if mode else problem.travel for mode in modes]
    return Given(
        n_roles=_column([len(v.roles) for v in problem.visits]),
        place=_column([v.place for v in problem.visits]),
        ready=_column([v.ready_s for v in problem.visits]),
        told=np.array(
            [(*(v.told or (-NEVER, NEVER)), late_price(problem, v)) for v in problem.visits], dtype=np.int64
        ).reshape(n, 3),
        dear=_column([v.unserved_price_s for v in problem.visits]),
        due=roles[0],
        last=roles[1],
        dur=roles[2],
        fixed=roles[3],
        apart=np.ascontiguousarray(np.moveaxis(roles[4:], 0, -1)),
        near=_near(problem),
        movable=_column(
            [i for i, v in enumerate(problem.visits) if any(roles[3, i, r] < 0 for r in range(len(v.roles)))]
        ),
        travel=np.stack([np.ascontiguousarray(travel.matrix_s, dtype=np.int32) for travel in ways]),
        weights=_column([weights.travel, weights.late, weights.worst_late, weights.overtime]),
        fit=fit,
        extra=extra,
        mode=_column([modes.index(c.mode or "") for c in problem.caregivers]),
        **_carers(problem),
    )


def _roles(problem: Problem) -> Ints:
    """[6, n, R] due, last, duration, fixed start, and least and most seconds after role 0."""
    deep = max((len(v.roles) for v in problem.visits), default=1)
    fixed = {(f.visit_id, f.role): f.start_s for c in problem.caregivers for f in c.frozen}
    roles = np.zeros((6, len(problem.visits), deep), dtype=np.int64)
    roles[3] = -1
    for i, visit in enumerate(problem.visits):
        for r, role in enumerate(visit.roles):
            due_s = due_of(visit, role)
            last_s = NEVER if visit.soft_due else due_s
            start_s = fixed.get((visit.visit_id, r), -1)
            apart = (role.offset_min_s, role.offset_max_s)
            roles[:, i, r] = (due_s, last_s, role.duration_s, start_s, *apart)
    return roles


def _fits(problem: Problem, deep: int) -> tuple[npt.NDArray[np.bool_], Ints]:
    """Who may take each role, and at what price beyond travel and lateness.

    Whoever has a frozen role of a visit is with it already and takes no other.
    """
    shape = (len(problem.visits), deep, len(problem.caregivers))
    fit, extra = np.zeros(shape, dtype=np.bool_), np.zeros(shape, dtype=np.int64)
    taken = {(c.caregiver_id, f.visit_id) for c in problem.caregivers for f in c.frozen}
    for i, visit in enumerate(problem.visits):
        free = [(c.caregiver_id, visit.visit_id) not in taken for c in problem.caregivers]
        for r, role in enumerate(visit.roles):
            may = [problem.may_take(c, role) for c in problem.caregivers]
            fit[i, r] = np.logical_and(may, free)
            extra[i, r] = [role_price(problem, c, visit, role) for c in problem.caregivers]
    by = _by(problem, shape)
    return fit, extra if by is None else np.vstack([extra, by])


def _by(problem: Problem, shape: tuple[int, int, int]) -> Ints | None:
    """The latest start of each role by each caregiver's certificates; None where none ends in a window."""
    by = np.full(shape, NEVER, dtype=np.int64)
    for c, carer in enumerate(problem.caregivers):
        if CERTIFICATE not in of_caregiver(problem, carer):
            continue
        for i, visit in enumerate(problem.visits):
            for r, role in enumerate(visit.roles):
                until_s = problem.skilled_until_s(carer, role)
                by[i, r, c] = NEVER if until_s is None else until_s - role.duration_s
    return by if (by < NEVER).any() else None


def _column(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _carers(problem: Problem) -> Mapping[str, Ints]:
    """The fields of Given that have a row per caregiver."""
    m = len(problem.caregivers)
    left = [problem.breaks_left(c) for c in problem.caregivers]
    breaks = np.zeros((m, max((len(b) for b in left), default=0) or 1, 3), dtype=np.int64)
    first = np.zeros((m, 4), dtype=np.int64)
    for c, carer in enumerate(problem.caregivers):
        first[c] = (problem.free_from_s(carer), problem.free_place(carer), 0, 1 if carer.frozen else 0)
        for b, item in enumerate(left[c]):
            breaks[c, b] = item
    limit = [c.shift_end_s + c.overtime_s for c in problem.caregivers]
    ends = [c.end_place for c in problem.caregivers]
    farthest = {
        id(ways): ways.matrix_s.max(axis=0, initial=0) for ways in map(problem.ways, problem.caregivers)
    }
    far = [
        0 if c.end_place is None else int(farthest[id(problem.ways(c))][c.end_place])
        for c in problem.caregivers
    ]
    paced = [(way * c.pace_permille + 999) // 1000 for way, c in zip(far, problem.caregivers, strict=True)]
    return {
        "first": first,
        "end_place": _column([-1 if end is None else end for end in ends]),
        "shift_end": _column([c.shift_end_s for c in problem.caregivers]),
        "limit": _column(limit),
        "ample": _column(limit) - _column(paced),
        "pace": _column([c.pace_permille for c in problem.caregivers]),
        "breaks": breaks,
        "n_breaks": _column([len(b) for b in left]),
    }


def _near(problem: Problem) -> Ints:
    """For each visit the visits best done just before it and just after it."""
    n = len(problem.visits)
    place = _column([v.place for v in problem.visits])
    ready = _column([v.ready_s for v in problem.visits])
    due = _column([v.due_s for v in problem.visits])
    dur = _column([max(r.duration_s for r in v.roles) for v in problem.visits])
    keep = max(1, min(NEAR, n - 1))
    near = np.zeros((n, 2 * keep), dtype=np.int64)
    matrix = problem.travel.matrix_s
    for v in range(n):
        into, away = matrix[place, place[v]].astype(np.int64), matrix[place[v], place].astype(np.int64)
        before = _gap_price(ready, due, dur, into, ready[v], due[v])
        after = _gap_price(ready[v], due[v], dur[v], away, ready, due)
        before[v] = after[v] = NEVER
        near[v, :keep] = np.argsort(before, kind="stable")[:keep]
        near[v, keep:] = np.argsort(after, kind="stable")[:keep]
    return near


def _gap_price(ready: Ints, due: Ints, dur: Ints, way: Ints, next_ready: Ints, next_due: Ints) -> Ints:
    """Travel, unavoidable lateness and a fifth of the unavoidable wait from one visit to the next."""
    late = np.maximum(0, ready + dur + way - next_due)
    wait = np.maximum(0, next_ready - (due + dur + way))
    return np.asarray(way + late + wait // 5, dtype=np.int64)


def held(given: Given, order: Ints, carer: Ints, seed: int) -> Held:
    """Room for a plan of this order and these caregivers; nothing is decoded yet."""
    n, deep = given.due.shape
    m = given.first.shape[0]
    pos = np.full(n, -1, dtype=np.int64)
    pos[order] = np.arange(len(order))

    def zeros(*shape: int) -> Ints:
        return np.zeros(shape, dtype=np.int64)

    return Held(
        order=order.copy(),
        pos=pos,
        carer=carer.copy(),
        now=zeros(n, deep, 9),
        tried=zeros(n, deep, 9),
        worth=zeros(n, 3),
        worth_tried=zeros(n, 3),
        homes=zeros(m),
        homes_tried=zeros(m),
        ways=zeros(m, 2),
        state=zeros(m, 9),
        before=zeros(n * deep),
        after=zeros(n * deep),
        tail=zeros(m),
        late_to=zeros(n + 1),
        worst_to=zeros(n + 1),
        room=zeros(deep, 3),
        touched=zeros(n),
        mark=zeros(n),
        undo=zeros(n * deep + 8, 4),
        tally=zeros(18),
        pinned=zeros(m + 1),
        best_order=order.copy(),
        best_carer=carer.copy(),
        random=np.array([(seed * 0x9E3779B97F4A7C15 + 0x1234567) % 2**64 | 1], dtype=np.uint64),
    )


def order_of(problem: Problem, given: Given, plan: Plan) -> tuple[Ints, Ints]:
    """A plan as (order, caregivers): by start time, what it leaves out last, without caregivers."""
    index = {v.visit_id: i for i, v in enumerate(problem.visits)}
    who = {c.caregiver_id: i for i, c in enumerate(problem.caregivers)}
    carer = np.full(given.due.shape, -1, dtype=np.int64)
    begins = np.full(len(problem.visits), NEVER, dtype=np.int64)
    for route in plan.routes:
        for stop in route.stops:
            i = index.get(stop.visit_id)
            if i is None or stop.role >= given.n_roles[i] or route.caregiver_id not in who:
                continue
            carer[i, stop.role] = who[route.caregiver_id]
            begins[i] = min(begins[i], stop.start_s)
    freeze(problem, carer)
    return _column(_line_up(plan, index, [int(i) for i in given.movable], begins)), carer


def _line_up(plan: Plan, index: Mapping[str, int], movable: list[int], begins: Ints) -> list[int]:
    """One order of the visits that keeps every route's own, by begin where routes do not say.

    Routes that wait for one another in a circle through sequential roles have no such order: the
    earliest of the circle goes first then.
    """
    before: dict[int, set[int]] = {i: set() for i in movable}
    for route in plan.routes:
        stops = [index[s.visit_id] for s in route.stops if index.get(s.visit_id) in before]
        for a, b in pairwise(stops):
            before[b].add(a)
    after: dict[int, list[int]] = {i: [] for i in movable}
    for i, ones in before.items():
        for j in ones - {i}:
            after[j].append(i)
    waits = {i: len(ones - {i}) for i, ones in before.items()}
    heap = [(waits[i] > 0, int(begins[i]), i) for i in movable]
    heapify(heap)
    order: list[int] = []
    placed: set[int] = set()
    while heap:
        _, _, i = heappop(heap)
        if i in placed:
            continue
        placed.add(i)
        order.append(i)
        for j in after[i]:
            waits[j] -= 1
            if waits[j] == 0:
                heappush(heap, (False, int(begins[j]), j))
    return order


def freeze(problem: Problem, carer: Ints) -> None:
    """Write the caregivers of frozen roles into `carer`."""
    index = {v.visit_id: i for i, v in enumerate(problem.visits)}
    for c, caregiver in enumerate(problem.caregivers):
        for stop in caregiver.frozen:
            carer[index[stop.visit_id], stop.role] = c


def plan_of(problem: Problem, given: Given, h: Held) -> Plan:
    """The decoded plan as records."""
    stops: list[list[PlannedStop]] = [
        [PlannedStop(f.visit_id, f.role, f.start_s) for f in c.frozen] for c in problem.caregivers
    ]
    unserved = []
    for v in h.order:
        visit = problem.visits[v]
        if not h.worth[v, 2]:
            somebody = all(given.fit[v, r].any() or given.fixed[v, r] >= 0 for r in range(len(visit.roles)))
            unserved.append((visit.visit_id, "NO_ROOM" if somebody else "NO_CAREGIVER"))
            continue
        for r in range(len(visit.roles)):
            if given.fixed[v, r] < 0:
                stops[h.carer[v, r]].append(PlannedStop(visit.visit_id, r, int(h.now[v, r, 7])))
    routes = [Route(c.caregiver_id, tuple(s)) for c, s in zip(problem.caregivers, stops, strict=True)]
    return Plan(tuple(routes), tuple(unserved))
