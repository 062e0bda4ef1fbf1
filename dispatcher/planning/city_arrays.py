"""A whole city's day as arrays for the compiled improver, memory linear in visits and caregivers.

A node is one role of one visit that is still to be placed. Each caregiver has two nodes more: where the day
begins (after the frozen stops) and where it ends. A route is a doubly linked list from the one to the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from dispatcher.planning.city_kitchens import kitchens, meals
from dispatcher.planning.city_near import city_ground, near_caregivers, near_visits
from dispatcher.planning.price import due_of, frozen_work_s, late_price
from dispatcher.planning.problem import PlanCaregiver, PlanVisit, Problem, Role

Ints = npt.NDArray[np.int64]
NEVER = 1 << 40
"""Later than any second of any day, dearer than any plan."""

READY, LAST, DUE, DUR, PLACE, LEAVES, KIND, LOAD, VISIT, HOLDER, LATE, BURDEN = range(12)
"""Columns of `City.node`: earliest and latest start, late from, care, place of begin and end (-1 nowhere),
who may (row of `fit`), load, visit, caregiver in force (-1 none), price of a second late, row of `even`."""
PREV, NEXT, CARER, START, LATEST, CALM, TAKEN, FIXED = range(8)
"""Columns of `Held.now`: neighbours in the route, caregiver (-1: not placed), earliest start, latest start,
latest start that makes nothing later late, breaks taken before it, start held for a crew (-1: free)."""
FIRST, HANDS, DEAR, BONUS = range(4)
"""Columns of `City.visit`: first node, number of nodes, price of leaving it out, and the most (below zero)
that a usual caregiver makes a role of it cheaper."""
PACE, MODE, CAPACITY, RESTS, HOUR_PRICE, USED, OWN, WORK_LEFT = range(8)
"""Columns of `City.carer`; USED: 1 if the day has a stop already, OWN: 1 if the way to the first stop takes
no time of the shift, 2 if the way home takes none, 3 both."""
PRICE, STOPS, CARRIED, WORK = range(4)
"""Columns of `Held.route`."""
KITCHEN, COOKED, FRESH, PORTIONS, STAND = range(5)
"""Columns of `City.meal`: place of the kitchen (-1: no meal), earliest leaving, most seconds to the door,
load, row of `point`. Where a day begins: the round that is under way, when it left, 0, what it carries, 0."""
LOADING, MOST = 1, 2
"""Columns of `City.meal` where a day ends: seconds at the kitchen before a round, the heaviest one begun."""
FETCH, HEAD, LEFT, INSIDE = range(8, 12)
"""Columns of `Held.now` where meals are fetched: 1 if the way to the node goes by its kitchen; first node of
the round that is open behind it (-1: none); when that left; 1 if the next meal behind it is of that round."""
ROLES = 3
"""The most roles of a visit that this engine places; visits with more stay out."""


PATCH = 512
"""Visits of a neighbourhood that the processor's caches hold, with all that a step there reads."""


class City(NamedTuple):
    """The problem. n nodes, then m where days begin, then m where they end; V visits; times in seconds."""

    node: Ints
    """[n + 2 m, 12]"""
    point: npt.NDArray[np.float64]
    """[n + 2 m, 6] metres where it begins and where it ends, then those of kitchens; empty where travel is a
    matrix."""
    matrix: npt.NDArray[np.int32]
    """[modes, places, places]; empty where travel is from points."""
    s_per_m: npt.NDArray[np.float64]
    """[modes]"""
    apart: Ints
    """[n, 2] least and most seconds after role 0; of a visit's first node whether one caregiver may take its
    second too, 0."""
    visit: Ints
    carer: Ints
    rest: Ints
    """[m, B, 3] earliest and latest begin, duration of each break."""
    fit: npt.NDArray[np.bool_]
    """[kinds, m] whether the caregiver may take roles of that kind."""
    even: Ints
    """[., m] what a stop with some burdens costs each caregiver: how the month is evened out. Then, from row
    `by` on, for each kind the latest start by the caregiver's certificates."""
    usual_at: Ints
    """[V + 1] where each visit's own prices begin in `usual`."""
    usual: Ints
    """[., 2] caregiver, price."""
    meal: Ints
    """[n + 2 m, 5]; empty where nobody fetches a meal."""
    near: npt.NDArray[np.int32]
    """[V, K] visits best done just before or after, nearest first."""
    near_carer: npt.NDArray[np.int32]
    """[V, C] caregivers whose day begins near, nearest first."""
    patch: int
    """Seeds of one while are drawn among so many visits, one after another by number."""
    by: int
    """-1 where no certificate ends."""
    travel_price: int
    overtime_price: int
    change_price: int


@dataclass(frozen=True)
class Names:
    """What leads back from nodes to the problem: visit and role of each node."""

    visit: list[int]
    role: list[int]


def city(problem: Problem) -> tuple[City, Names]:
    """The problem as arrays, and the way back."""
    names = _names(problem)
    shared = _Shared(problem)
    n, m = len(names.visit), len(problem.caregivers)
    node = np.zeros((n + 2 * m, 12), dtype=np.int64)
    bounds = list(_bounds(problem))
    for k, (v, r) in enumerate(zip(names.visit, names.role, strict=True)):
        node[k] = _node(problem, v, r, bounds[v], shared)
    for c, carer in enumerate(problem.caregivers):
        node[n + c], node[n + m + c] = _ends(problem, carer)
    usual_at, usual = _usual(problem, shared.who)
    ground = city_ground(problem)
    places = kitchens(problem)
    return City(
        node=node,
        point=ground.of_nodes(node[:, PLACE], node[:, LEAVES], places),
        matrix=ground.matrix,
        s_per_m=ground.s_per_m,
        apart=_apart(problem, names),
        visit=_visits(problem, names),
        carer=_carers(problem, ground.modes),
        rest=_rests(problem),
        fit=shared.fit(),
        even=np.vstack([shared.even(), shared.by()]),
        usual_at=usual_at,
        usual=usual,
        meal=meals(problem, names.visit, places),
        near=near_visits(problem),
        near_carer=near_caregivers(problem),
        patch=min(PATCH, len(problem.visits)) if len(ground.points_m) else len(problem.visits),
        by=len(shared.even()) if len(shared.by()) else -1,
        travel_price=problem.weights.travel,
        overtime_price=problem.weights.overtime,
        change_price=problem.weights.change_s,
    ), names


def _names(problem: Problem) -> Names:
    """A node for each role that nobody stands in already, visit by visit."""
    fixed = {(f.visit_id, f.role) for c in problem.caregivers for f in c.frozen}
    names = Names([], [])
    for v, visit in enumerate(problem.visits):
        if len(visit.roles) > ROLES:
            continue
        for r in range(len(visit.roles)):
            if (visit.visit_id, r) not in fixed:
                names.visit.append(v)
                names.role.append(r)
    return names


def _bounds(problem: Problem) -> Iterator[tuple[int, int]]:
    """Per visit between which seconds role 0 may begin: told, and apart from roles that are frozen."""
    fixed = {(f.visit_id, f.role): f.start_s for c in problem.caregivers for f in c.frozen}
    for visit in problem.visits:
        lo, hi = visit.told or (-NEVER, NEVER)
        for r, role in enumerate(visit.roles):
            start_s = fixed.get((visit.visit_id, r))
            if start_s is None:
                continue
            least, most = (role.offset_min_s, role.offset_max_s) if r else (0, 0)
            lo, hi = max(lo, start_s - most), min(hi, start_s - least)
        yield lo, hi


def _node(problem: Problem, v: int, r: int, bound: tuple[int, int], shared: _Shared) -> tuple[int, ...]:
    visit, role = problem.visits[v], problem.visits[v].roles[r]
    least, most = (role.offset_min_s, role.offset_max_s) if r else (0, 0)
    due_s = due_of(visit, role)
    return (
        max(visit.ready_s, bound[0] + least),
        min(NEVER if visit.soft_due else due_s, bound[1] + most),
        due_s,
        role.duration_s,
        visit.begins_at(r),
        visit.ends_at(r),
        shared.kind(visit, role),
        visit.load if visit.meal is None else 0,
        v,
        shared.who.get(role.holder, -1) if role.holder is not None else -1,
        late_price(problem, visit),
        shared.burden(visit),
    )


_Kind = tuple[frozenset[str], frozenset[str] | None, frozenset[str], int]
"""Skills, allowed, barred, and seconds of care where a certificate ends."""


class _Shared:
    """Rows shared by roles that the same caregivers may take, and by visits with the same burdens."""

    def __init__(self, problem: Problem) -> None:
        self._problem, self._carers = problem, problem.caregivers
        self._ending = [i for i, c in enumerate(problem.caregivers) if c.valid_until_s]
        self._standing: dict[str, frozenset[tuple[str, int]]] = {}
        for carer in problem.caregivers:
            for f in carer.frozen:
                others = self._standing.get(f.visit_id, frozenset())
                self._standing[f.visit_id] = others | {(carer.caregiver_id, f.role)}
        self._kinds: dict[_Kind, tuple[int, Role]] = {}
        self._burdens: dict[frozenset[str], int] = {}
        self.who = {c.caregiver_id: i for i, c in enumerate(problem.caregivers)}

    def kind(self, visit: PlanVisit, role: Role) -> int:
        """The row of `fit`. Whoever stands in a frozen role of a visit takes no other of it, or only a later.

        How long the care is matters only to certificates: it must be over before they end.
        """
        standing = self._standing.get(visit.visit_id, frozenset())
        barred = role.barred | {c for c, r in standing if not visit.same_carer or r > role.role}
        key = (role.skills, role.allowed, barred, role.duration_s if self._ending else 0)
        return self._kinds.setdefault(key, (len(self._kinds), role))[0]

    def burden(self, visit: PlanVisit) -> int:
        """The row of `even`."""
        return self._burdens.setdefault(visit.burdens, len(self._burdens))

    def fit(self) -> npt.NDArray[np.bool_]:
        """[kinds, caregivers] who may take roles of that kind."""
        fit = np.zeros((max(1, len(self._kinds)), len(self._carers)), dtype=np.bool_)
        skilled: dict[frozenset[str], npt.NDArray[np.bool_]] = {}
        for (skills, allowed, barred, _), (row, role) in self._kinds.items():
            if skills not in skilled:
                skilled[skills] = np.array([skills <= c.skills for c in self._carers], dtype=np.bool_)
            fit[row] = skilled[skills]
            if allowed is not None:
                inside = np.zeros(len(self._carers), dtype=np.bool_)
                inside[[self.who[a] for a in allowed if a in self.who]] = True
                fit[row] &= inside
            fit[row, [self.who[b] for b in barred if b in self.who]] = False
            for c in self._ending:
                fit[row, c] &= self._problem.may_take(self._carers[c], role)
        return fit

    def by(self) -> Ints:
        """[kinds, caregivers] latest start of roles of that kind; empty where no certificate ends."""
        by = np.full((len(self._kinds) if self._ending else 0, len(self._carers)), NEVER, dtype=np.int64)
        for (_, _, _, duration_s), (row, role) in self._kinds.items():
            for c in self._ending:
                until_s = self._problem.skilled_until_s(self._carers[c], role)
                if until_s is not None:
                    by[row, c] = until_s - duration_s
        return by

    def even(self) -> Ints:
        """[kinds of burdens, caregivers] price of a stop."""
        rows = [
            [c.stop_price_s + sum(c.burden_price_s.get(b, 0) for b in burdens) for c in self._carers]
            for burdens in self._burdens
        ]
        return np.array(rows or [[0] * len(self._carers)], dtype=np.int64)


def _ends(problem: Problem, carer: PlanCaregiver) -> tuple[tuple[int, ...], tuple[int, ...]]:
    """Where the day begins and where it ends, as nodes."""
    place, free_s = problem.free_place(carer), problem.free_from_s(carer)
    home, ends_s = -1 if carer.end_place is None else carer.end_place, carer.shift_end_s
    return (
        (free_s, free_s, NEVER, 0, place, place, 0, 0, -1, -1, 0, 0),
        (-NEVER, ends_s + carer.overtime_s, ends_s, 0, home, home, 0, 0, -1, -1, 0, 0),
    )


def _apart(problem: Problem, names: Names) -> Ints:
    """[n, 2] least and most seconds after role 0; where that is frozen, windows say it all."""
    leads = {v for v, r in zip(names.visit, names.role, strict=True) if r == 0}
    apart = np.zeros((len(names.visit), 2), dtype=np.int64)
    for k, (v, r) in enumerate(zip(names.visit, names.role, strict=True)):
        role = problem.visits[v].roles[r]
        if k == 0 or names.visit[k - 1] != v:
            apart[k, 0] = problem.visits[v].same_carer
        else:
            apart[k] = (role.offset_min_s, role.offset_max_s) if v in leads else (-NEVER, NEVER)
    return apart


def _visits(problem: Problem, names: Names) -> Ints:
    visit = np.zeros((len(problem.visits), 4), dtype=np.int64)
    visit[:, BONUS] = [min(0, *v.usual.values()) if v.usual else 0 for v in problem.visits]
    visit[:, DEAR] = [v.unserved_price_s for v in problem.visits]
    numbers = np.array(names.visit, dtype=np.int64)
    visit[:, HANDS] = np.bincount(numbers, minlength=len(problem.visits))
    visit[:, FIRST] = np.searchsorted(numbers, np.arange(len(problem.visits)))
    return visit


def _carers(problem: Problem, modes: dict[str | None, int]) -> Ints:
    """[m, 8] see the columns."""
    rows = []
    for carer in problem.caregivers:
        frozen = (problem.visit_by_id[f.visit_id] for f in carer.frozen)
        carried = sum(visit.load for visit in frozen if visit.meal is None)
        left_s = carer.work_left_s
        rows.append(
            (
                carer.pace_permille,
                modes[carer.mode],
                NEVER if carer.capacity is None else carer.capacity - carried,
                len(problem.breaks_left(carer)),
                carer.hour_price_s,
                int(bool(carer.frozen)),
                int(problem.first_way_in_own_time(carer)) + 2 * int(not carer.end_paid),
                NEVER if left_s is None else left_s - frozen_work_s(problem, carer),
            )
        )
    return np.array(rows, dtype=np.int64).reshape(len(rows), 8)


def _rests(problem: Problem) -> Ints:
    left = [problem.breaks_left(c) for c in problem.caregivers]
    rest = np.zeros((len(left), max((len(b) for b in left), default=0) or 1, 3), dtype=np.int64)
    for c, breaks in enumerate(left):
        for b, item in enumerate(breaks):
            rest[c, b] = item
    return rest


def _usual(problem: Problem, who: dict[str, int]) -> tuple[Ints, Ints]:
    """Prices of single caregivers for single visits, visit after visit."""
    at, rows = [0], list[tuple[int, int]]()
    for visit in problem.visits:
        rows.extend((who[c], price) for c, price in sorted(visit.usual.items()) if c in who)
        at.append(len(rows))
    return np.array(at, dtype=np.int64), np.array(rows, dtype=np.int64).reshape(len(rows), 2)
