"""Public days of vehicles: what is read and priced is what their own solutions state."""

from __future__ import annotations

from pathlib import Path

import pytest

from dispatcher.planning.checker import check
from dispatcher.planning.price import price
from tests.benchmarks.works.vehicles import DATA, best_known, read_prizes, read_solution, read_vrptw
from tests.benchmarks.works.works import best_known_s, group

TINY = """TINY

VEHICLE
NUMBER     CAPACITY
  2         15

CUSTOMER
CUST NO.  XCOORD.   YCOORD.    DEMAND   READY TIME  DUE DATE   SERVICE   TIME

    0      0         0          0          0       100          0
    1      1         1         10         20        30          5
    2      0         3         10          0        50          5
"""
PRIZES = """NAME : TINY
VEHICLES : 1
CAPACITY : 10
SERVICE_TIME : 5
NODE_COORD_SECTION
1 0 0
2 1 1
3 0 3
DEMAND_SECTION
1 0
2 10
3 10
TIME_WINDOW_SECTION
1 0 100
2 20 30
3 0 50
PRIZE_SECTION
1 0
2 7
3 9
DEPOT_SECTION
1
-1
EOF
"""
SOLVED = ("solomon/C101", "solomon/R101", "solomon/RC201", "gh1000/r1_10_1", "gh1000/c2_10_5")


def data() -> Path:
    """The folder of public days, or skip."""
    if not (DATA / "vrptw").is_dir():
        pytest.skip(f"no public days at {DATA}: set LIUZHU_DATA")
    return DATA


def test_a_small_file_is_read_as_it_says_distances_cut_to_a_tenth(tmp_path: Path) -> None:
    """A rounding of our own would put us beside other numbers than those listed."""
    path = tmp_path / "tiny.txt"
    path.write_text(TINY)
    problem = read_vrptw(path)
    first = problem.visit_by_id["1"]
    assert [c.capacity for c in problem.caregivers] == [15, 15]
    assert problem.caregivers[0].shift_end_s == 1000
    assert (first.load, first.ready_s, first.due_s, first.roles[0].duration_s) == (10, 200, 300, 50)
    assert problem.travel.travel_s(0, 1) == 14  # 1.414… cut, not rounded up
    assert problem.travel.travel_s(1, 2) == 22  # 2.236…


def test_prizes_are_what_leaving_out_costs(tmp_path: Path) -> None:
    """A visit with a prize would be served at any price."""
    path, solution = tmp_path / "tiny.vrp", tmp_path / "tiny.sol"
    path.write_text(PRIZES)
    solution.write_text("Route #1: 2\nCost: 130\n")
    problem = read_prizes(path)
    plan, stated = read_solution(solution, problem)
    assert [visit.unserved_price_s for visit in problem.visits] == [70, 90]
    assert check(problem, plan) == ()
    assert price(problem, plan).total == stated == 30 + 30 + 70


def test_what_is_no_such_file_is_refused_by_name(tmp_path: Path) -> None:
    """A wrong file would be planned as an empty day."""
    path = tmp_path / "not.txt"
    path.write_text("nothing\nof the sort\n")
    with pytest.raises(ValueError, match=r"not\.txt"):
        read_vrptw(path)
    with pytest.raises(ValueError, match=r"not\.txt"):
        read_prizes(path)


@pytest.mark.parametrize("name", SOLVED)
def test_best_known_solutions_keep_our_rules_and_cost_what_they_state(name: str) -> None:
    """Our gaps would be against something else."""
    path = data() / "vrptw" / f"{name}.txt"
    problem = read_vrptw(path)
    plan, stated = read_solution(path.with_suffix(".sol"), problem)
    assert check(problem, plan) == ()
    assert plan.unserved == ()
    assert price(problem, plan).total == round(10 * stated)
    assert best_known_s(f"vrptw:{name}") == pytest.approx(10 * stated)


@pytest.mark.parametrize("name", ["C1_10_1", "R1_10_1", "RC2_10_1"])
def test_best_known_solutions_with_prizes_keep_our_rules_and_cost_what_they_state(name: str) -> None:
    """Our gaps would be against something else."""
    path = data() / "pcvrptw" / f"{name}.vrp"
    problem = read_prizes(path)
    plan, stated = read_solution(path.with_suffix(".sol"), problem)
    assert check(problem, plan) == ()
    assert price(problem, plan).total == stated == best_known_s(f"prizes:{name}")


def test_every_public_day_at_hand_has_a_best_known_value() -> None:
    """A family's mean gap would quietly be that of some of its days."""
    data()
    works = group("vrptw") + group("prizes")
    assert len(works) > 90
    assert [work for work in works if best_known_s(work) is None] == []
    assert len(best_known()) >= len(works)
