"""Meals of a city's day as arrays: what is fetched where, and the rounds that are under way already."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from dispatcher.planning.problem import PlanCaregiver, PlanVisit, Problem

Ints = npt.NDArray[np.int64]
Row = tuple[int, int, int, int, int]
NO_MEAL: Row = (-1, 0, 0, 0, 0)


def kitchens(problem: Problem) -> list[int]:
    """The places of the day's kitchens; none where nobody fetches a meal."""
    return sorted({v.meal.kitchen for v in problem.visits if v.meal is not None})


def meals(problem: Problem, visits: list[int], places: list[int]) -> Ints:
    """[nodes, begins and ends of days; 5] the columns of `City.meal`; empty without a kitchen."""
    if not places:
        return np.zeros((0, 5), dtype=np.int64)
    stand = {place: len(visits) + 2 * len(problem.caregivers) + i for i, place in enumerate(places)}
    nodes = [_meal(problem.visits[v], stand) for v in visits]
    days = [_under_way(problem, carer) for carer in problem.caregivers]
    ends = [(-1, c.loading_s, most, 0, 0) for c, (_, most) in zip(problem.caregivers, days, strict=True)]
    return np.array([*nodes, *(begin for begin, _ in days), *ends], dtype=np.int64).reshape(-1, 5)


def _meal(visit: PlanVisit, stand: dict[int, int]) -> Row:
    if visit.meal is None:
        return NO_MEAL
    meal = visit.meal
    return meal.kitchen, meal.cooked_s, meal.fresh_s, visit.load, stand[meal.kitchen]


def _under_way(problem: Problem, carer: PlanCaregiver) -> tuple[Row, int]:
    """The round that is under way behind the frozen stops, and the load of the heaviest among these."""
    fetched, last, load, most = NO_MEAL, None, 0, 0
    for stop in carer.frozen:
        visit = problem.visit_by_id[stop.visit_id]
        if visit.meal is None:
            continue
        this = visit.meal.kitchen, stop.left_kitchen_s
        load = visit.load if this != last else load + visit.load
        last, most = this, max(most, load)
        if stop.left_kitchen_s is not None:
            fetched = visit.meal.kitchen, stop.left_kitchen_s, 0, load, 0
    return fetched, most
