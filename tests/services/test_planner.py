"""The planner on real parts: a plan is proposed, adopted and offered; a bad one changes nothing."""

import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import Engine, create_engine

from dispatcher.core_rules import core_rules
from dispatcher.day_ahead import DaysAhead
from dispatcher.deliveries import partition_of
from dispatcher.door import EmergencyDoor
from dispatcher.follower import Follower
from dispatcher.plan_requests import Asked
from dispatcher.planner_app import Planner, Solve
from dispatcher.planner_roads import paver
from dispatcher.planning.plan_day import plan_day
from dispatcher.planning.planned import Planned
from dispatcher.planning.price import price
from dispatcher.planning.problem import Plan, Problem
from dispatcher.routers.osrm import Osrm
from dispatcher.routers.roads import Roads
from infra.verify import verify
from schemas.base import StartWindow
from schemas.codes import Origin
from schemas.decisions import AssignmentBound, PlanRequested, VisitPlanned
from schemas.facts import PlanProposed
from tests.contracts.road_server import BROKEN, Town, served
from tests.parts import process, wait_until
from tests.services.hamlet import EVENING, MORNING, all_rows, enter, lunch, set_city_time, through_the_door
from tests.services.line import engine_on, voice

DAY = StartWindow(opens_at=MORNING, closes_at=EVENING)


@pytest.fixture
def engine(fresh_database: str) -> Iterator[Engine]:
    """An engine on this test's database, the hamlet entered and booked."""
    made = create_engine(fresh_database)
    set_city_time(made, MORNING)
    enter(made, near_start_s=0)
    through_the_door(made)
    door = EmergencyDoor(made, core_rules(), partitions=4)
    for number in range(40):
        assert door(lunch(number)) is not None
    yield made
    made.dispose()


def planner(engine: Engine, solve: Solve) -> Planner:
    """A planner with another way to solve."""
    return Planner(Follower(engine, core_rules()), "planner-1", solve=solve)


def dies(_: Problem, __: float, ___: int, ____: Plan | None, **_____: object) -> None:
    """A child that was killed or found nothing in time."""


def cheats(problem: Problem, _: float, __: int, before: Plan | None, **___: object) -> Planned:
    """An engine that sends everybody off before the shift begins."""
    assert before is not None
    routes = [
        replace(route, stops=tuple(replace(stop, start_s=stop.start_s - 86_400) for stop in route.stops))
        for route in before.routes
    ]
    plan = replace(before, routes=tuple(routes))
    return Planned(plan, "CHEAT", price(problem, plan))


def stands(problem: Problem, _: float, __: int, before: Plan | None, **___: object) -> Planned:
    """An engine that leaves everything as it is."""
    assert before is not None
    return Planned(before, "RUIN+ORTOOLS", price(problem, before))


def test_a_planner_that_dies_or_cheats_proposes_nothing(engine: Engine) -> None:
    """Every plan is checked by code that did not make it, before anything is decided from it."""
    asked = Asked("a1", 1, DAY)
    assert planner(engine, dies).propose(asked) is None
    assert planner(engine, cheats).propose(asked) is None
    proposal = planner(engine, stands).propose(asked)
    assert proposal is not None
    assert proposal.engine == "RUIN_ORTOOLS"
    assert proposal.price_s == proposal.base_price_s
    assert len(proposal.stops) == 20


def by_road(engine: Engine, town: Town) -> Planner:
    """A planner of a city that has a road router."""
    roads = Roads(Osrm({"": town.base}), clock=time.monotonic, timeout_s=2.0)
    return Planner(Follower(engine, core_rules()), "planner-1", solve=plans, pave=paver(roads, 5.0))


def plans(problem: Problem, _: float, seed: int, before: Plan | None, **___: object) -> Planned | None:
    """The engines, in this process."""
    return plan_day(problem, before, 0.5, seed)


def test_a_planner_plans_by_the_citys_road_router_and_says_when_it_could_not(engine: Engine) -> None:
    """Over the river without a bridge, straight lines send somebody who cannot arrive."""
    asked = Asked("a1", 1, DAY)
    straight = Planner(Follower(engine, core_rules()), "planner-1", solve=plans).propose(asked)
    with served() as town:
        paved = by_road(engine, town).propose(asked)
        assert town.asked
        town.mood = BROKEN
        unanswered = by_road(engine, town).propose(asked)
    assert straight is not None
    assert paved is not None
    assert unanswered is not None
    assert (straight.estimated_permille, unanswered.estimated_permille) == (None, 1000)
    assert paved.estimated_permille == 0
    assert paved.base_price_s > straight.base_price_s == unanswered.base_price_s


def test_tomorrow_is_asked_for_once_in_each_area_and_planned_to_its_end(fresh_database: str) -> None:
    """Two planners of a city must not both work at it, nor one of them twice; nor may one be passed over."""
    engine = create_engine(fresh_database)
    set_city_time(engine, MORNING.replace(hour=8, minute=50))
    enter(engine, near_start_s=0, offer_hour=17)
    through_the_door(engine)
    follower = Follower(engine, core_rules())
    days = DaysAhead(engine, follower, 4, limit_s=20.0, ahead_s=600)
    assert days.asked() == []
    ours = {partition_of("a1", 4)}
    days.take(ours)
    assert [(asked.area, asked.limit_s) for asked in days.asked()] == [("a1", 20.0)]
    assert days.asked() == []
    days.take(set(range(4)))
    assert [asked.area for asked in days.asked()] == ["a2"]
    engine.dispose()


def test_a_request_that_waits_for_a_plan_is_bound_from_the_adopted_plan(
    line_env: dict[str, str], tmp_path: Path
) -> None:
    """The planners' better tour must reach the caregivers, through Kafka and back."""
    env = {**line_env, "LIUZHU_DATA_DIR": str(tmp_path)}
    with engine_on(env["DATABASE_URL"]) as engine, voice(env) as said:
        set_city_time(engine, MORNING)
        enter(engine, near_start_s=0)
        through_the_door(engine)

        def bound_from_plan() -> bool:
            decided = [d for row in all_rows(engine) for d in row.decisions]
            return any(isinstance(d, AssignmentBound) and d.origin is Origin.PLAN for d in decided)

        with (
            process("desk", env, tmp_path),
            process("relay", env, tmp_path),
            process("planner", env, tmp_path),
        ):
            said.say([lunch(number) for number in range(12)])
            wait_until(bound_from_plan, within_s=120, what="a visit bound from a plan")
        rows = all_rows(engine)
        asked = [row.seq for row in rows for d in row.decisions if isinstance(d, PlanRequested)]
        proposed = [row for row in rows if isinstance(row.fact, PlanProposed)]
        assert asked
        assert proposed
        planned = [d for row in proposed for d in row.decisions if isinstance(d, VisitPlanned)]
        assert all(d.origin is Origin.PLAN and d.engine for d in planned)
        assert verify(engine, core_rules()).flaws == []
