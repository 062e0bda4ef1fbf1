"""Good routes met while a day is planned: what the published set of routes is chosen from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dispatcher.planning.price import route_price, worst_late_s
from dispatcher.planning.problem import Plan, PlannedStop, Problem, Route
from dispatcher.planning.route_variants import Variants

MOST_COLUMNS = 3_000
"""The most routes offered for a choice, each caregiver an even share of them."""


@dataclass(frozen=True)
class Column:
    """A route one caregiver can take, frozen stops in front."""

    route: Route
    price_s: int
    """As `price.route_price` says; what belongs to the whole day is not in it."""
    late_s: int
    """Its latest beginning after due time, for the day's worst."""
    engine: str
    """The engine that found it: "IN_FORCE", "RUIN" or "ORTOOLS"."""


class RoutePool:
    """Routes of plans that keep every rule, each kept with the price of the cheapest plan it was met in.

    Every caregiver keeps the same number, those met in the cheapest plans.
    """

    def __init__(self, problem: Problem, most: int = MOST_COLUMNS) -> None:
        self.problem = problem
        self.keep = max(4, most // max(1, len(problem.caregivers)))
        self._met: dict[str, dict[Route, int]] = {c.caregiver_id: {} for c in problem.caregivers}
        self._finder: dict[Route, str] = {}

    def add(self, plan: Plan, price_s: int, engine: str) -> None:
        """Take the routes of a plan of this price, or of a part of one, found by this engine.

        A route with two roles of one crew is no one's: engines may meet it beside a frozen stop.
        """
        for route in plan.routes:
            crews = [s.visit_id for s in route.stops if not self.problem.visit_by_id[s.visit_id].same_carer]
            if len(set(crews)) < len(crews):
                continue
            met = self._met[route.caregiver_id]
            met[route] = min(price_s, met.get(route, price_s))
            self._finder.setdefault(route, engine)
            if len(met) > 2 * self.keep:
                kept = self._cheapest(route.caregiver_id)[: self.keep]
                for dropped in set(met) - set(kept):
                    del met[dropped], self._finder[dropped]

    def finder(self, route: Route) -> str:
        """The engine that was first to find a route; "IN_FORCE" for one that nobody told of."""
        return self._finder.get(route, "IN_FORCE")

    def columns(self, best: Plan) -> tuple[tuple[Column, ...], ...]:
        """For each caregiver: the frozen stops alone, the route in `best`, and what else is worth offering.

        Of the others a third are routes as they were met, a third on the timetable of `best`, and a third
        with one stop left out too, so that two routes that share a visit can both be chosen.
        """
        variants = Variants(self.problem, best)
        chosen = {route.caregiver_id: route for route in best.routes}
        offered = []
        for carer in self.problem.caregivers:
            frozen = tuple(PlannedStop(f.visit_id, f.role, f.start_s) for f in carer.frozen)
            routes = {Route(carer.caregiver_id, frozen): "IN_FORCE"}
            if carer.caregiver_id in chosen:
                route = chosen[carer.caregiver_id]
                routes.setdefault(route, self.finder(route))
            self._offer(routes, self._cheapest(carer.caregiver_id), variants)
            offered.append(tuple(self._column(route, engine) for route, engine in routes.items()))
        return tuple(offered)

    def _offer(self, routes: dict[Route, str], met: Sequence[Route], variants: Variants) -> None:
        """Add to `routes` from those met, with their finders, up to this caregiver's share."""
        on_time = ((route, variants.on_time(route)) for route in met)
        shorter = ((route, one) for route in met for one in variants.shorter(route))
        for share, offers in enumerate((((route, route) for route in met), on_time, shorter), start=1):
            for source, route in offers:
                if len(routes) >= self.keep * share // 3:
                    break
                if route is not None:
                    routes.setdefault(route, self._finder[source])

    def _cheapest(self, caregiver_id: str) -> list[Route]:
        met = self._met[caregiver_id]
        return sorted(met, key=met.__getitem__)

    def _column(self, route: Route, engine: str) -> Column:
        priced = route_price(self.problem, route).total
        return Column(route, priced, worst_late_s(self.problem, route), engine)
