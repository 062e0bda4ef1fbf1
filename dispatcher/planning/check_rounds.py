"""The part of the checker about what is carried: meals fresh from their kitchen, and no more than fits."""

from __future__ import annotations

from dispatcher.planning.problem import Problem, Route
from dispatcher.planning.violation import Found, Violation


def check_meals(problem: Problem, route: Route) -> Found:
    """Meals, and nothing else, left a kitchen: not before they were cooked, and not too long ago.

    Stops that were frozen as they are may be late; that there is time at the kitchen is the day's matter.
    """
    carer = problem.caregiver_by_id[route.caregiver_id]
    for stop in route.stops[len(carer.frozen) :]:
        meal, left_s = problem.visit_by_id[stop.visit_id].meal, stop.left_kitchen_s
        seen = (("role", stop.role), ("start_s", stop.start_s), ("left_s", left_s or 0))
        if (meal is None) != (left_s is None):
            yield Violation("NO_KITCHEN", stop.visit_id, route.caregiver_id, seen)
        if meal is None or left_s is None:
            continue
        if left_s < meal.cooked_s:
            numbers = (*seen, ("cooked_s", meal.cooked_s))
            yield Violation("COOKED_LATER", stop.visit_id, route.caregiver_id, numbers)
        if stop.start_s - left_s > meal.fresh_s:
            yield Violation("STALE", stop.visit_id, route.caregiver_id, (*seen, ("fresh_s", meal.fresh_s)))


def check_load(problem: Problem, route: Route) -> Found:
    """What is carried all day with each round of meals against what the caregiver can carry."""
    carer = problem.caregiver_by_id[route.caregiver_id]
    capacity = carer.capacity
    if capacity is None or len(route.stops) <= len(carer.frozen):
        return
    all_day, rounds, fetched = 0, [0], None
    for stop in route.stops:
        visit = problem.visit_by_id[stop.visit_id]
        if visit.meal is None:
            all_day += visit.load
            continue
        if fetched != (visit.meal.kitchen, stop.left_kitchen_s):
            fetched = (visit.meal.kitchen, stop.left_kitchen_s)
            rounds.append(0)
        rounds[-1] += visit.load
    for number, load in enumerate(rounds):
        if all_day + load > capacity and (load or not number):
            numbers = (("load", all_day + load), ("capacity", capacity), ("round", number))
            yield Violation("OVERLOADED", None, route.caregiver_id, numbers)
