"""The other peer of one insertion: OR-Tools plans the nearest caregivers' day anew with the request in it."""

from __future__ import annotations

from ortools.constraint_solver import pywrapcp, routing_enums_pb2

from dispatcher.core.desk import Desk
from dispatcher.core.records import Place
from dispatcher.core.rooms import Wish

DROP_S = 100_000


def resolve_nearest(desk: Desk, wish: Wish, nearest: int) -> bool:
    """Whether the request got a place. Default strategy, first solution by parallel insertion."""
    place = wish.visit.place
    assert place is not None
    ways = desk.board.ways(desk)
    need = set(wish.visit.needs[0].skills)
    able = [c for c in desk.caregivers.values() if need <= set(c.skills) and c.home is not None]
    near = sorted(able, key=lambda c: ways.travel_s(c.home or place, place, 5_000))[:nearest]
    homes = [c.home for c in near if c.home is not None]
    stops: list[tuple[Place, int, int, int, int | None]] = [
        (place, wish.lo_s, wish.hi_s, wish.visit.needs[0].duration_s, None)
    ]
    for vehicle, carer in enumerate(near):
        for visit_id, role in desk.routes.get(f"s{carer.caregiver_id[1:]}", ()):
            visit = desk.visits[visit_id]
            assert visit.place is not None
            assert visit.told is not None
            stops.append((visit.place, *visit.told, visit.needs[role].duration_s, vehicle))
    return _solve(desk, homes, stops)


def _solve(desk: Desk, homes: list[Place], stops: list[tuple[Place, int, int, int, int | None]]) -> bool:
    ways, count = desk.board.ways(desk), len(homes)
    places = [*homes, *(stop[0] for stop in stops)]
    travel = [[ways.travel_s(a, b, 5_000) for b in places] for a in places]
    serve = [0] * count + [stop[3] for stop in stops]
    manager = pywrapcp.RoutingIndexManager(len(places), count, list(range(count)), list(range(count)))
    routing = pywrapcp.RoutingModel(manager)
    way = routing.RegisterTransitMatrix(travel)
    time = routing.RegisterTransitMatrix(
        [[serve[a] + travel[a][b] for b in range(len(places))] for a in range(len(places))]
    )
    routing.SetArcCostEvaluatorOfAllVehicles(way)
    day = next(iter(desk.shifts.values()))
    routing.AddDimension(time, 1 << 30, 1 << 40, False, "time")
    clock = routing.GetDimensionOrDie("time")
    for number, (_, lo_s, hi_s, _, vehicle) in enumerate(stops):
        index = manager.NodeToIndex(count + number)
        clock.CumulVar(index).SetRange(lo_s, hi_s)
        if vehicle is None:
            routing.AddDisjunction([index], DROP_S)
        else:
            routing.VehicleVar(index).SetValues([vehicle])
    for vehicle in range(count):
        clock.CumulVar(routing.Start(vehicle)).SetMin(day.starts_s)
        clock.CumulVar(routing.End(vehicle)).SetMax(day.ends_s)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    found = routing.SolveWithParameters(parameters)
    if found is None:
        return False
    index = manager.NodeToIndex(count)
    return bool(found.Value(routing.NextVar(index)) != index)
