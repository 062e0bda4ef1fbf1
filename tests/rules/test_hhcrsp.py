"""Public home-care days: what is read is what the file says, and a judge finds what we would not own to."""

from __future__ import annotations

import csv
import gzip
import json
import os
from collections.abc import Callable, Iterator
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from dispatcher.planning.checker import check
from dispatcher.planning.hhcrsp import UnreadableDay, evaluate, parse_day, read_day, solution_json, to_problem
from dispatcher.planning.hhcrsp_check import check_day, solution_cost
from dispatcher.planning.improve_ruin import Stop, improve
from dispatcher.planning.price import price
from dispatcher.planning.problem import Plan, PlannedStop, Route

ROOT = Path(__file__).resolve().parents[2]
SMALL = ROOT / "tests/golden/days/small_p12_c3.json"
PUBLIC = Path(os.environ.get("LIUZHU_DATA", ROOT.parent / "shared/data")) / "hhcrsp"
PUBLIC_DAYS = (
    "mankowska/InstanzCPLEX_HCSRP_10_2.json.gz",
    "mankowska/InstanzCPLEX_HCSRP_50_3.json.gz",
    "italian/instance_010-milan-r15-p76-s2-sim17.7-seq13.7.json.gz",
    "kummer/HHCRSP_100_20_10_1.2_R_C.json.gz",
)

BEST_SMALL = 224.853
"""Found by annealing from many seeds; nothing better is known."""

TINY: dict[str, Any] = {
    "patients": [
        {
            "id": "p1",
            "location": [0, 1],
            "time_window": [10, 20],
            "required_caregivers": [{"service": "s1", "duration": 5}, {"service": "s2", "duration": 7}],
            "synchronization": {"type": "sequential", "distance": [15, 20]},
        },
        {
            "id": "p2",
            "location": [0, 2],
            "time_window": [0, 12],
            "required_caregivers": [{"service": "s1", "duration": 4}],
        },
    ],
    "services": [{"id": "s1"}, {"id": "s2"}],
    "caregivers": [{"id": "a", "abilities": ["s1"]}, {"id": "b", "abilities": ["s2"]}],
    "central_offices": [{"id": "d", "location": [0, 0]}],
    "distances": [[0, 2.5, 4], [2.5, 0, 3], [4, 3, 0]],
}


def tiny_plan() -> Plan:
    first = Route("a", (PlannedStop("p1", 0, 0), PlannedStop("p2", 0, 0)))
    return Plan((first, Route("b", (PlannedStop("p1", 1, 0),))))


def test_the_cost_is_the_one_worked_out_by_hand() -> None:
    """p1 at 10 and, 15 later, at 25 (5 late); p2 at 10+5+3=18 (6 late); ways 2.5+3+4 and 2.5+2.5."""
    got = evaluate(parse_day(TINY, "tiny"), tiny_plan())
    assert (got.distance, got.total_tardiness, got.max_tardiness) == (14.5, 11.0, 6.0)
    assert got.cost == pytest.approx(31.5 / 3)


def test_a_first_service_waits_when_the_second_cannot_come_in_time() -> None:
    """The most the two may lie apart binds the first one, too."""
    raw = deepcopy(TINY)
    raw["distances"][0][1] = 40
    day = parse_day(raw, "far")
    plan = Plan((Route("a", (PlannedStop("p1", 0, 0),)), Route("b", (PlannedStop("p1", 1, 0),))))
    times = [s["arrival_time"] for r in solution_json(day, plan)["routes"] for s in r["locations"]]
    assert times == [40, 55]
    raw["distances"][0][1] = 2.5
    raw["patients"][1]["required_caregivers"][0] = {"service": "s2", "duration": 30}
    late = Plan(
        (Route("a", plan.routes[0].stops), Route("b", (PlannedStop("p2", 0, 0), PlannedStop("p1", 1, 0))))
    )
    day = parse_day(raw, "busy")
    times = [s["arrival_time"] for r in solution_json(day, late)["routes"] for s in r["locations"]]
    assert times == [17, 4, 37]


def test_routes_that_wait_for_one_another_are_refused() -> None:
    """Two caregivers each waiting for the other would wait for ever."""
    raw = deepcopy(TINY)
    raw["patients"][1]["required_caregivers"].append({"service": "s2", "duration": 4})
    raw["patients"][1]["synchronization"] = {"type": "simultaneous"}
    raw["patients"][0]["synchronization"] = {"type": "simultaneous"}
    stops = (
        [PlannedStop("p1", 0, 0), PlannedStop("p2", 0, 0)],
        [PlannedStop("p2", 1, 0), PlannedStop("p1", 1, 0)],
    )
    with pytest.raises(ValueError, match="circle"):
        evaluate(parse_day(raw, "circle"), Plan((Route("a", tuple(stops[0])), Route("b", tuple(stops[1])))))


def test_whole_seconds_are_never_quicker_than_the_file() -> None:
    """Rounded down, a plan could promise a minute that is not there."""
    raw = deepcopy(TINY)
    raw["distances"][0][1] = 2.501
    problem = to_problem(parse_day(raw, "odd"))
    assert problem.travel.matrix_s[0, 1] == 151
    assert problem.travel.matrix_s[1, 0] == 150
    assert (problem.visits[0].ready_s, problem.visits[0].due_s) == (600, 1200)
    assert [(r.offset_min_s, r.offset_max_s) for r in problem.visits[0].roles] == [(0, 0), (900, 1200)]


def test_our_small_day_is_planned_to_its_best_known_cost() -> None:
    """For those who have nothing else at hand, one day with a known answer."""
    day = read_day(SMALL)
    problem = to_problem(day)
    plan = improve(problem, None, Stop(200_000), 1)
    assert check(problem, plan) == ()
    assert not plan.unserved
    assert check_day(day, solution_json(day, plan)) == []
    assert evaluate(day, plan).cost == pytest.approx(BEST_SMALL, rel=0.02)


def damages() -> Iterator[tuple[str, Callable[[dict[str, Any]], object]]]:
    """Ways to break the tiny day's solution, with the code a judge must give."""
    yield "SERVICE_MISSING", lambda s: s["routes"][1]["locations"].clear()
    yield "SERVICE_TWICE", lambda s: s["routes"][0]["locations"].append(s["routes"][0]["locations"][0])
    yield "CREW_APART", lambda s: s["routes"][1]["locations"][0].update(arrival_time=24, departure_time=31)
    yield "CREW_APART", lambda s: s["routes"][1]["locations"][0].update(arrival_time=31, departure_time=38)
    yield "TOO_EARLY", lambda s: s["routes"][0]["locations"][0].update(arrival_time=9, departure_time=14)
    yield (
        "NO_TIME_TO_TRAVEL",
        lambda s: s["routes"][0]["locations"][1].update(arrival_time=17, departure_time=21),
    )
    yield "WRONG_DURATION", lambda s: s["routes"][0]["locations"][1].update(departure_time=21)
    yield "SKILL_MISSING", lambda s: s["routes"].reverse() or _swap_names(s)
    yield (
        "CREW_NOT_DIFFERENT",
        lambda s: s["routes"][0]["locations"].append(s["routes"][1]["locations"].pop()),
    )
    yield "ROUTE_MISSING", lambda s: s["routes"].pop()
    yield "ROUTE_TWICE", lambda s: s["routes"].append({"caregiver_id": "a", "locations": []})
    yield "UNKNOWN_CAREGIVER", lambda s: s["routes"][0].update(caregiver_id="z")
    yield "UNKNOWN_PATIENT", lambda s: s["routes"][0]["locations"][0].update(patient="z")
    yield "UNKNOWN_SERVICE", lambda s: s["routes"][0]["locations"][0].update(service="z")
    yield "UNREADABLE", lambda s: s["routes"][0]["locations"][0].pop("service")


def _swap_names(solution: dict[str, Any]) -> None:
    for route, name in zip(solution["routes"], ("a", "b"), strict=True):
        route["caregiver_id"] = name


@pytest.mark.parametrize(("code", "damage"), list(damages()))
def test_the_judge_names_every_broken_rule(code: str, damage: Callable[[dict[str, Any]], object]) -> None:
    """The published judges let a missing second service, and a broken pair, pass."""
    day = parse_day(TINY, "tiny")
    solution = solution_json(day, tiny_plan())
    assert check_day(day, solution) == []
    damage(solution)
    assert code in {v.code for v in check_day(day, solution)}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda d: d.pop("patients"), "patients"),
        (lambda d: d["distances"].pop(), "distances"),
        (lambda d: d["distances"][0].__setitem__(1, -1), "negative"),
        (lambda d: d["distances"][0].__setitem__(1, float("nan")), "not a number"),
        (lambda d: d["patients"][0].__setitem__("time_window", [20, 10]), "window"),
        (lambda d: d["patients"][0]["synchronization"].__setitem__("type", "later"), "later"),
        (lambda d: d["patients"][0].pop("synchronization"), "synchronization"),
        (lambda d: d["patients"][1].__setitem__("id", "p1"), "one id"),
        (lambda d: d["caregivers"][0].__setitem__("working_shift", [0, 9]), "extended"),
        (lambda d: d["patients"][0]["required_caregivers"].clear(), "service"),
    ],
)
def test_what_is_no_such_day_is_refused_by_name(change: Callable[[Any], object], said: str) -> None:
    """A file half understood would be planned wrong."""
    raw = deepcopy(TINY)
    change(raw)
    with pytest.raises(UnreadableDay, match=said):
        parse_day(raw, "bad")


def test_a_compressed_day_reads_like_a_plain_one(tmp_path: Path) -> None:
    """The families come compressed."""
    (tmp_path / "d.json.gz").write_bytes(gzip.compress(SMALL.read_bytes()))
    one, other = read_day(tmp_path / "d.json.gz"), read_day(SMALL)
    assert one.patients == other.patients
    assert (one.distances == other.distances).all()
    (tmp_path / "e.json.gz").write_bytes(SMALL.read_bytes())
    with pytest.raises(UnreadableDay):
        read_day(tmp_path / "e.json.gz")
    (tmp_path / "f.json").write_text("{")
    with pytest.raises(UnreadableDay):
        read_day(tmp_path / "f.json")


@pytest.mark.skipif(not PUBLIC.exists(), reason="public days are not at hand: set LIUZHU_DATA")
@pytest.mark.parametrize("name", PUBLIC_DAYS)
def test_a_public_day_is_planned_whole_and_never_below_its_best_known_cost(name: str) -> None:
    """A cost below the best known by far would mean that we measure something else."""
    day = read_day(PUBLIC / name)
    problem = to_problem(day)
    plan = improve(problem, None, Stop(60_000), 1)
    assert check(problem, plan) == ()
    assert not plan.unserved
    solution = solution_json(day, plan)
    assert check_day(day, json.loads(json.dumps(solution))) == []
    cost = evaluate(day, plan).cost
    assert solution_cost(day, solution).cost == pytest.approx(cost, rel=1e-5)
    assert price(problem, plan).total / 180 == pytest.approx(cost, rel=2e-3)
    best = _best_known()[name.split("/")[1].removesuffix(".gz")]
    assert best * 0.98 < cost < best * 1.35


def _best_known() -> dict[str, float]:
    with (PUBLIC / "best_known.csv").open() as rows:
        return {row["instance"]: float(row["total_cost"]) for row in csv.DictReader(rows)}
