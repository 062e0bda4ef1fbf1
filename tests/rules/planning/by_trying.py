"""The cheapest plan of a tiny day by trying them all: every order, every round, every gap for every break.

Times come from no engine: what must be so long after what is written down, and the least seconds that keep
it all are found by raising whoever is too early. What is left is judged by the checker and priced.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import chain, combinations, combinations_with_replacement, product
from typing import NamedTuple

from dispatcher.planning.checker import check
from dispatcher.planning.price import price
from dispatcher.planning.problem import Plan, PlanCaregiver, PlannedStop, Problem, Route
from tests.rules.planning.naive import seconds

Node = tuple[str, int]
Order = tuple[tuple[Node, ...], ...]
"""For each caregiver the visits and roles that follow on what is frozen."""
Rounds = dict[Node, bool]
"""Of meals, whether the way there goes by the kitchen."""
FAR_S = 1 << 30


def cheapest(problem: Problem) -> Plan:
    """The cheapest plan there is."""
    fixed = {(f.visit_id, f.role) for c in problem.caregivers for f in c.frozen}
    free = {
        v.visit_id: [(v.visit_id, r.role) for r in v.roles if (v.visit_id, r.role) not in fixed]
        for v in problem.visits
    }
    movable = [visit_id for visit_id, nodes in free.items() if nodes]
    best, least_s = None, 1 << 60
    for served in chain.from_iterable(combinations(movable, k) for k in range(len(movable), -1, -1)):
        left_out = tuple((v, "NO_ROOM") for v in movable if v not in served)
        dear_s = sum(problem.visit_by_id[v].unserved_price_s for v, _ in left_out)
        nodes = [node for visit_id in served for node in free[visit_id]]
        for order in _orders(problem, nodes, tuple(() for _ in problem.caregivers)):
            for plan in _plans(problem, order, left_out, least_s - dear_s):
                price_s = price(problem, plan).total
                if price_s < least_s and not check(problem, plan):
                    best, least_s = plan, price_s
    assert best is not None
    return best


def _orders(problem: Problem, nodes: list[Node], so_far: Order) -> Iterator[Order]:
    """Every way to line the nodes up with the caregivers who may take them."""
    if not nodes:
        yield so_far
        return
    (visit_id, r), *rest = nodes
    role = problem.visit_by_id[visit_id].roles[r]
    for c, carer in enumerate(problem.caregivers):
        for at in range(len(so_far[c]) + 1 if problem.may_take(carer, role) else 0):
            longer = (*so_far[c][:at], (visit_id, r), *so_far[c][at:])
            yield from _orders(problem, rest, (*so_far[:c], longer, *so_far[c + 1 :]))


def _plans(
    problem: Problem, order: Order, left_out: tuple[tuple[str, str], ...], below_s: int
) -> Iterator[Plan]:
    """The order as plans: its rounds and breaks in every way, where the ways alone are not too dear."""
    eaten = [node for nodes in order for node in nodes if problem.visit_by_id[node[0]].meal is not None]
    for fetched in product((False, True), repeat=len(eaten)):
        rounds = dict(zip(eaten, fetched, strict=True))
        halts = [
            list(_halts(problem, c, nodes, rounds))
            for c, nodes in zip(problem.caregivers, order, strict=True)
        ]
        if _ways(problem, halts) >= below_s:
            continue
        gaps = [
            combinations_with_replacement(range(len(h) + 1), len(problem.breaks_left(c)) if h else 0)
            for c, h in zip(problem.caregivers, halts, strict=True)
        ]
        for rests in product(*gaps):
            plan = _timed(problem, halts, rests, left_out)
            if plan is not None:
                yield plan


class _Halt(NamedTuple):
    """A door, or the kitchen before it."""

    node: Node
    place: int
    leaves_at: int
    is_kitchen: bool


def _halts(
    problem: Problem, carer: PlanCaregiver, nodes: tuple[Node, ...], rounds: Rounds
) -> Iterator[_Halt]:
    for visit_id, r in nodes:
        visit = problem.visit_by_id[visit_id]
        if visit.meal is not None and rounds[visit_id, r]:
            yield _Halt((visit_id, r), visit.meal.kitchen, visit.meal.kitchen, True)
        yield _Halt((visit_id, r), visit.begins_at(r), visit.ends_at(r), False)


def _ways(problem: Problem, halts: list[list[_Halt]]) -> int:
    """Travel of what is not frozen, less what usual caregivers may be worth."""
    sum_s = 0
    for carer, ones in zip(problem.caregivers, halts, strict=True):
        place = problem.free_place(carer)
        for halt in ones:
            sum_s += problem.weights.travel * seconds(problem, carer, place, halt.place)
            place = halt.leaves_at
    return sum_s + sum(min(0, *v.usual.values(), 0) * len(v.roles) for v in problem.visits)


class _Times:
    """What comes when: at least so many seconds after another, no sooner and no later than."""

    def __init__(self) -> None:
        self.at_s: list[int] = []
        self.by_s: list[int] = []
        self._after: list[tuple[int, int, int]] = []

    def add(self, low_s: int, high_s: int = FAR_S) -> int:
        self.at_s.append(low_s)
        self.by_s.append(high_s)
        return len(self.at_s) - 1

    def after(self, one: int, other: int, apart_s: int) -> None:
        """`other` at least so long after `one`; below zero: at most so long before it."""
        self._after.append((one, other, apart_s))

    def settle(self) -> bool:
        """Raise all to the least seconds that keep everything; False where there are none."""
        moved = True
        while moved:
            moved = False
            for one, other, apart_s in self._after:
                if self.at_s[one] + apart_s > self.at_s[other]:
                    self.at_s[other], moved = self.at_s[one] + apart_s, True
                    if self.at_s[other] > self.by_s[other]:
                        return False
        return all(at <= by for at, by in zip(self.at_s, self.by_s, strict=True))


def _timed(
    problem: Problem,
    halts: list[list[_Halt]],
    rests: tuple[tuple[int, ...], ...],
    left_out: tuple[tuple[str, str], ...],
) -> Plan | None:
    """The plan with everything as early as can be, breaks in these gaps; None where it cannot be."""
    times, begins, left = _Times(), dict[Node, int](), dict[Node, int]()
    for carer, ones, gaps in zip(problem.caregivers, halts, rests, strict=True):
        if ones and not _line_up(problem, carer, ones, gaps, times, begins, left):
            return None
    for visit in problem.visits:
        lead = begins.get((visit.visit_id, 0))
        for role in visit.roles[1:]:
            begin = begins.get((visit.visit_id, role.role))
            if lead is not None and begin is not None:
                times.after(lead, begin, role.offset_min_s)
                times.after(begin, lead, -role.offset_max_s)
    if not times.settle():
        return None
    routes = []
    for carer, ones in zip(problem.caregivers, halts, strict=True):
        stops = [PlannedStop(f.visit_id, f.role, f.start_s, f.left_kitchen_s) for f in carer.frozen]
        for halt in ones:
            if not halt.is_kitchen:
                left_s = times.at_s[left[halt.node]] if halt.node in left else None
                stops.append(PlannedStop(*halt.node, times.at_s[begins[halt.node]], left_s))
        routes.append(Route(carer.caregiver_id, tuple(stops)))
    return Plan(tuple(routes), left_out)


def _line_up(
    problem: Problem,
    carer: PlanCaregiver,
    halts: list[_Halt],
    gaps: tuple[int, ...],
    times: _Times,
    begins: dict[Node, int],
    left: dict[Node, int],
) -> bool:
    """Write down one caregiver's day; False where a meal would ride with no round of its kitchen."""
    free_s, place = problem.free_from_s(carer), problem.free_place(carer)
    last, over_s, own = times.add(free_s), 0, problem.first_way_in_own_time(carer)
    kitchen, leaving = _under_way(problem, carer, times)
    for number, halt in enumerate([*halts, None]):
        way_s, at = 0, times.add(0, carer.shift_end_s + carer.overtime_s)
        if halt is not None:
            visit = problem.visit_by_id[halt.node[0]]
            way_s = 0 if own and number == 0 else seconds(problem, carer, place, halt.place)
            way_s += carer.loading_s if halt.is_kitchen else 0
            if halt.is_kitchen:
                assert visit.meal is not None
                kitchen, leaving = visit.meal.kitchen, at
            else:
                begins[halt.node] = at
                _window(problem, halt.node, times, at)
            if visit.meal is not None and not halt.is_kitchen:
                if leaving is None or visit.meal.kitchen != kitchen:
                    return False
                left[halt.node] = leaving
                times.at_s[leaving] = max(times.at_s[leaving], visit.meal.cooked_s)
                times.after(at, leaving, -visit.meal.fresh_s)
        elif carer.end_place is not None and carer.end_paid:
            way_s = seconds(problem, carer, place, carer.end_place)
        rests = [b for b, gap in zip(problem.breaks_left(carer), gaps, strict=True) if gap == number]
        _rest(times, rests, last, over_s, at)
        times.after(last, at, over_s + way_s + sum(b[2] for b in rests))
        last, over_s = at, 0
        if halt is not None:
            place = halt.leaves_at
            over_s = (
                0 if halt.is_kitchen else problem.visit_by_id[halt.node[0]].roles[halt.node[1]].duration_s
            )
    return True


def _rest(times: _Times, rests: list[tuple[int, int, int]], last: int, over_s: int, at: int) -> None:
    """Write down the breaks of a gap: one after the other, and all before what follows."""
    for earliest_s, latest_s, duration_s in rests:
        begin = times.add(earliest_s, latest_s)
        times.after(last, begin, over_s)
        last, over_s = begin, duration_s
    if rests:
        times.after(last, at, over_s)


def _under_way(problem: Problem, carer: PlanCaregiver, times: _Times) -> tuple[int | None, int | None]:
    """Kitchen and leaving of the round that the frozen stops are in."""
    for stop in reversed(carer.frozen):
        meal = problem.visit_by_id[stop.visit_id].meal
        if meal is not None and stop.left_kitchen_s is not None:
            return meal.kitchen, times.add(stop.left_kitchen_s, stop.left_kitchen_s)
    return None, None


def _window(problem: Problem, node: Node, times: _Times, at: int) -> None:
    """Between which seconds a role may begin, by its window, its promise and what is frozen of its crew."""
    visit, role = problem.visit_by_id[node[0]], problem.visit_by_id[node[0]].roles[node[1]]
    lead_s = next(
        (f.start_s for c in problem.caregivers for f in c.frozen if (f.visit_id, f.role) == (node[0], 0)),
        None,
    )
    low_s, high_s = visit.ready_s, visit.due_s if role.due_s is None else role.due_s
    high_s = FAR_S if visit.soft_due else high_s
    if visit.told is not None and role.role == 0:
        low_s, high_s = max(low_s, visit.told[0]), min(high_s, visit.told[1])
    if lead_s is not None:
        low_s, high_s = max(low_s, lead_s + role.offset_min_s), min(high_s, lead_s + role.offset_max_s)
    times.at_s[at], times.by_s[at] = max(times.at_s[at], low_s), min(times.by_s[at], high_s)
