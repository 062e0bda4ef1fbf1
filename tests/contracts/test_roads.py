"""Road routers: both speak to one contract, and whatever they do, ways come out whole and marked."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace

import numpy as np
import pytest

from dispatcher.core.records import Place
from dispatcher.planning.engine_rules import beyond
from dispatcher.planning.problem import Problem
from dispatcher.routers.breaker import Breaker
from dispatcher.routers.by_mode import Moving, with_roads
from dispatcher.routers.known import Known
from dispatcher.routers.osrm import Osrm
from dispatcher.routers.roads import Roads, Router
from dispatcher.routers.table import AWAY, HOLE, REFUSED, ROUTED, Estimate
from dispatcher.routers.valhalla import Valhalla
from infra.doctor import ask_router
from infra.settings import Settings
from tests.contracts import road_server as town_of
from tests.contracts.road_server import Town, served, way_s
from tests.rules.planning.days import random_day

ESTIMATE = Estimate(5_000, 1_350)
LIMIT_S = 60.0
"""Never reached but where a test says so: a busy machine may take its time."""
HOME = Place(32_990_000, 112_530_000)
MARKET = Place(33_000_000, 112_540_000)
ISLAND = Place(32_990_000, 113_200_000)


@pytest.fixture
def town() -> Iterator[Town]:
    with served() as town:
        yield town


Make = Callable[..., Roads]


@pytest.fixture(params=[Osrm, Valhalla])
def make(request: pytest.FixtureRequest, town: Town) -> Make:
    def made(urls: dict[str, str] | None = None, **options: object) -> Roads:
        router: Router = request.param(urls or {"": town.base})
        return Roads(router, **{"clock": lambda: 0.0, "timeout_s": LIMIT_S, **options})  # type: ignore[arg-type]

    return made


def degrees(place: Place) -> tuple[float, float]:
    return place.lat_udeg / 1e6, place.lon_udeg / 1e6


def grid(count: int) -> list[Place]:
    return [Place(32_900_000 + 7_000 * k, 112_500_000 + 3_000 * (k % 11)) for k in range(count)]


def test_ways_are_the_routers_in_whole_seconds_rounded_up(make: Make) -> None:
    """A way told too short makes somebody wait at the door; there and back may differ."""
    table = make().among([HOME, MARKET], "CAR", ESTIMATE, LIMIT_S)
    there, back = way_s(degrees(HOME), degrees(MARKET)), way_s(degrees(MARKET), degrees(HOME))
    assert there is not None
    assert back is not None
    assert table.seconds.tolist() == [[0, math.ceil(there)], [math.ceil(back), 0]]
    assert there != back
    assert table.estimated == 0


def test_a_whole_area_is_asked_for_in_blocks_a_server_takes(make: Make, town: Town) -> None:
    """A server refuses 120 places at once; each way must still stand in its own cell."""
    places = grid(120)
    table = make().among(places, "FOOT", ESTIMATE, LIMIT_S)
    assert table.estimated == 0
    assert len(town.asked) == 9
    for a, one in enumerate(places):
        for b, other in enumerate(places):
            assert table.seconds[a, b] == math.ceil(way_s(degrees(one), degrees(other)) or 0.0)


def test_a_hole_is_estimated_and_marked_as_one(make: Make, town: Town) -> None:
    """A caregiver on an island is a question for a person, not an exception to the planner."""
    roads = make()
    for _ in range(2):
        table = roads.among([HOME, MARKET, ISLAND], "CAR", ESTIMATE, LIMIT_S)
        assert table.marks.tolist() == [[0, 0, HOLE], [0, 0, HOLE], [HOLE, HOLE, 0]]
        assert table.seconds[0, 2] == ESTIMATE.among([HOME, ISLAND])[0, 1]
        assert (table.estimated, table.away) == (4, 0)
    assert len(town.asked) == 1


def test_what_was_told_once_is_not_asked_again(make: Make, town: Town) -> None:
    """A planner asks for the same doors every few seconds."""
    roads = make()
    first = roads.among([HOME, MARKET], "CAR", ESTIMATE, LIMIT_S)
    again = roads.among([MARKET, HOME], "CAR", ESTIMATE, LIMIT_S)
    assert again.seconds.tolist() == first.seconds[::-1, ::-1].tolist()
    assert len(town.asked) == 1
    roads.among([HOME, MARKET], "FOOT", ESTIMATE, LIMIT_S)
    assert len(town.asked) == 2
    assert len(set(town.asked)) == 2


def test_when_too_many_places_come_together_all_is_forgotten_and_asked_anew(make: Make, town: Town) -> None:
    """Memory stays as it is however long a planner lives."""
    roads = make(known=Known(most=3))
    for places in (grid(2), grid(4)[2:], grid(2), grid(5)):
        assert roads.among(places, "CAR", ESTIMATE, LIMIT_S).estimated == 0
    assert len(town.asked) == 4


@pytest.mark.parametrize("mood", ["LATER", "BROKEN", "SILENT", "NONSENSE", "SHORT", "NEGATIVE"])
def test_whatever_is_wrong_with_the_router_ways_are_estimated_and_marked(
    make: Make, town: Town, mood: str
) -> None:
    """A router that fails must cost a plan some exactness, and nothing else."""
    town.mood = getattr(town_of, mood)
    known, breaker = Known(), Breaker()
    roads = make(known=known, breaker=breaker, timeout_s=0.2 if mood == "SILENT" else LIMIT_S)
    table = roads.among([HOME, MARKET], "CAR", ESTIMATE, LIMIT_S)
    assert table.seconds.tolist() == ESTIMATE.among([HOME, MARKET]).tolist()
    assert table.marks.tolist() == [[ROUTED, AWAY], [AWAY, ROUTED]]
    town.mood = town_of.OK
    back = make(known=known, breaker=breaker).among([HOME, MARKET], "CAR", ESTIMATE, LIMIT_S)
    assert back.estimated == 0


def test_a_question_refused_is_marked_and_does_not_count_as_an_outage(make: Make, town: Town) -> None:
    """One door in a lake must not take the roads from everyone else."""
    town.mood = town_of.REFUSED
    breaker = Breaker(failures=1)
    roads = make(breaker=breaker)
    assert (roads.among([HOME, MARKET], "CAR", ESTIMATE, LIMIT_S).marks == REFUSED).sum() == 2
    assert not breaker.is_open


def test_a_mode_nobody_serves_is_refused_not_asked(make: Make, town: Town) -> None:
    """A car's roads told to someone on foot would send her along the motorway."""
    roads = make({"CAR": town.base})
    assert roads.among([HOME, MARKET], "FOOT", ESTIMATE, LIMIT_S).estimated == 2
    assert town.asked == []


def test_an_address_where_nobody_listens_is_an_outage_like_any_other(make: Make) -> None:
    """The router's machine may be off."""
    assert make({"": "http://127.0.0.1:9"}).among([HOME, MARKET], "CAR", ESTIMATE, LIMIT_S).away == 2


def test_the_limit_holds_whatever_the_router_takes(make: Make, town: Town) -> None:
    """A planner has three seconds for all."""
    town.mood = town_of.SILENT
    roads = make()
    assert roads.among([HOME, MARKET], "CAR", ESTIMATE, 0.05).away == 2


def test_after_some_failures_nobody_asks_then_one_tries(make: Make, town: Town) -> None:
    """Waiting two seconds for a dead router at every plan would be a plan's whole time."""
    now_s = [0.0]
    breaker = Breaker(failures=2, rest_s=30.0)
    roads = make(clock=lambda: now_s[0], breaker=breaker)
    town.mood = town_of.BROKEN
    for _ in range(5):
        assert roads.among([HOME, MARKET], "CAR", ESTIMATE, LIMIT_S).away == 2
    assert (len(town.asked), breaker.is_open) == (2, True)
    now_s[0] = 30.0
    assert roads.among(grid(120), "CAR", ESTIMATE, LIMIT_S).away > 0
    assert len(town.asked) == 3
    now_s[0], town.mood = 59.9, town_of.OK
    assert roads.among([HOME, MARKET], "CAR", ESTIMATE, LIMIT_S).away == 2
    now_s[0] = 60.0
    assert roads.among([HOME, MARKET], "CAR", ESTIMATE, LIMIT_S).away == 0
    assert not breaker.is_open


def test_a_try_that_is_given_up_does_not_hold_back_the_next(make: Make, town: Town) -> None:
    """A breaker that waits for an answer nobody waits for would stay open for ever."""
    breaker = Breaker(failures=1, rest_s=0.0)
    roads = make(breaker=breaker)
    town.mood = town_of.BROKEN
    roads.among([HOME, MARKET], "CAR", ESTIMATE, LIMIT_S)
    town.mood = town_of.SILENT
    roads.among([HOME, MARKET], "CAR", ESTIMATE, 0.05)
    town.mood = town_of.OK
    assert roads.among([HOME, MARKET], "CAR", ESTIMATE, LIMIT_S).away == 0


def test_valhallas_short_form_is_read_too(town: Town) -> None:
    """Newer servers can be set to leave out what nobody reads."""
    roads = Roads(Valhalla({"": town.base}), clock=lambda: 0.0)
    told = roads.among([HOME, MARKET, ISLAND], "CAR", ESTIMATE, LIMIT_S)
    town.concise = True
    short = Roads(Valhalla({"": town.base}), clock=lambda: 0.0).among(
        [HOME, MARKET, ISLAND], "CAR", ESTIMATE, 2.0
    )
    assert np.array_equal(told.seconds, short.seconds)
    assert np.array_equal(told.marks, short.marks)


def of_two(seed: int) -> tuple[Problem, list[Place]]:
    problem = random_day(seed, visits=3, carers=2, frozen=False)
    return problem, grid(problem.travel.places)


def test_where_all_move_alike_every_engine_plans_by_the_router(make: Make) -> None:
    """What the router told is what price, checker and engines read."""
    problem, places = of_two(1)
    moving = Moving({"c0": "CAR", "c1": "CAR"}, {"CAR": 6_400}, 1_350)
    paved, tables = with_roads(problem, places, moving, make(), LIMIT_S)
    assert beyond(paved, frozenset()) == frozenset()
    assert paved.travel.travel_s(0, 3) == tables["CAR"].seconds[0, 3]
    assert {c.pace_permille for c in paved.caregivers} == {1000}


def test_each_mode_has_its_own_ways(make: Make, town: Town) -> None:
    """Over the footbridge it is five minutes, round by the road ten."""
    problem, places = of_two(1)
    moving = Moving({"c0": "CAR", "c1": "FOOT"}, {"CAR": 6_400, "FOOT": 1_250}, 1_350)
    roads = make({"CAR": town.base})
    paved, tables = with_roads(problem, places, moving, roads, LIMIT_S)
    driver, walker = paved.caregivers
    assert paved.way_s(driver, 0, 3) == tables["CAR"].seconds[0, 3]
    assert (
        paved.way_s(walker, 0, 3)
        == tables["FOOT"].seconds[0, 3]
        == Estimate(1_250, 1_350).among(places)[0, 3]
    )
    assert (tables["CAR"].estimated, tables["FOOT"].estimated) == (0, len(places) * (len(places) - 1))


def test_a_day_without_caregivers_asks_nobody(make: Make, town: Town) -> None:
    """An empty roster is no reason to wait for a router."""
    problem, places = of_two(1)
    bare, tables = with_roads(replace(problem, caregivers=()), places, Moving({}, {}, 1_350), make(), LIMIT_S)
    assert (bare.caregivers, dict(tables), town.asked) == ((), {}, [])


def test_the_doctor_says_whether_the_router_answers(town: Town) -> None:
    """A city whose router died would otherwise plan by straight lines, unseen."""
    assert ask_router(Settings()) == []
    told = Settings(router="osrm", router_urls=f"CAR={town.base},FOOT={town.base}")
    assert [finding.is_well for finding in ask_router(told)] == [True, True]
    town.mood = town_of.BROKEN
    (found,) = ask_router(Settings(router="valhalla", router_urls=town.base))
    assert not found.is_well
    assert "valhalla CAR" in found.line
