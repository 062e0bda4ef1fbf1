"""The planner's child process: a plan in time, or nothing; never a planner that waits for ever."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from multiprocessing.connection import Connection
from pathlib import Path

import psutil
import pytest

from dispatcher import plan_child
from dispatcher.planning.checker import check
from dispatcher.planning.engine_rules import nothing_yet
from dispatcher.planning.planned import Planned, Progress
from dispatcher.planning.price import price
from dispatcher.planning.problem import Problem
from tests.parts import wait_until
from tests.rules.planning.days import random_day


def hang(pipe: Connection, *_: object) -> None:
    """A child that starts well and then hangs."""
    pipe.send("ready")
    time.sleep(600)


def die(pipe: Connection, *_: object) -> None:
    """A child that dies in the middle, as when memory runs out."""
    pipe.send("ready")
    os._exit(9)


def planned(problem: Problem) -> Planned:
    """A plan in which nobody does anything."""
    return Planned(nothing_yet(problem), "RUIN", price(problem, nothing_yet(problem)))


def hang_after_a_plan(pipe: Connection, problem: Problem, *_: object) -> None:
    """A child that hangs in OR-Tools when it has told an annealed plan."""
    pipe.send("ready")
    pipe.send(planned(problem))
    time.sleep(600)


def test_a_child_killed_in_ortools_leaves_the_plan_it_had(monkeypatch: pytest.MonkeyPatch) -> None:
    """A busy machine should not cost the area its better plan."""
    monkeypatch.setattr(plan_child, "_plan", hang_after_a_plan)
    problem = random_day(2)
    assert plan_child.solve_in_child(problem, 1.0, 1) == planned(problem)


UNCOMPILED = """
from pathlib import Path
from dispatcher.compiled import FOLDER
from dispatcher.kernels import are_compiled
from dispatcher.plan_child import solve_in_child
from dispatcher.planning.checker import check
from tests.rules.planning.days import random_day

if __name__ == "__main__":
    problem = random_day(2)
    made = solve_in_child(problem, 4.0, 1)
    print(are_compiled(), made.engine, check(problem, made.plan), list(FOLDER.rglob("*.nbc")))
"""


def test_before_the_kernels_are_compiled_or_tools_plans_alone(tmp_path: Path) -> None:
    """In a stranger's first minute everybody would otherwise be sent without any plan."""
    script = tmp_path / "uncompiled.py"
    script.write_text(UNCOMPILED)
    here = Path(plan_child.__file__).parents[1]
    env = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path / "kernels"), "PYTHONPATH": str(here)}
    done = subprocess.run(
        [sys.executable, str(script)], env=env, capture_output=True, text=True, timeout=120, check=True
    )
    assert done.stdout.split("\n")[0] == "False ORTOOLS () []"


@pytest.mark.timeout(400)
def test_a_child_answers_with_a_checked_plan_and_begins_from_the_plan_in_force() -> None:
    """The planner's only way to a plan."""
    problem = random_day(2)
    first = plan_child.solve_in_child(problem, 0.6, 1)
    assert first is not None
    assert check(problem, first.plan) == ()
    assert set(first.engine.split("+")) <= {"CITY", "RUIN", "ORTOOLS"}
    again = plan_child.solve_in_child(problem, 0.6, 2, first.plan)
    assert again is not None
    assert again.price.total <= first.price.total


@pytest.mark.timeout(400)
def test_a_long_solve_says_how_far_it_is_and_stops_when_it_is_asked_to() -> None:
    """Nobody should have to wait ten minutes, or kill a planner, to have the plan it has found already."""
    problem = random_day(2)
    heard: list[Progress] = []
    found = plan_child.solve_in_child(problem, 600.0, 1, report=heard.append, stopped=lambda: len(heard) >= 3)
    assert found is not None
    assert check(problem, found.plan) == ()
    assert [p.spent_ms for p in heard] == sorted(p.spent_ms for p in heard)
    assert heard[-1].price_s >= found.price.total
    assert heard[-1].engine == "CITY"
    assert sum(found.routes_by_engine.values()) == sum(1 for route in found.plan.routes if route.stops)


def test_a_child_that_does_not_hear_is_killed_and_leaves_what_it_told(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """OR-Tools hears nothing while it searches; a worker that is told to end must still end."""
    monkeypatch.setattr(plan_child, "_plan", hang_after_a_plan)
    problem = random_day(2)
    found = plan_child.solve_in_child(problem, 600.0, 1, stopped=lambda: True)
    assert found in (None, planned(problem))


PLAN_LONG = """
from dispatcher.plan_child import solve_in_child
from tests.rules.planning.days import random_day
if __name__ == "__main__":
    solve_in_child(random_day(2), 300.0, 1)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="asked of the Linux kernel")
def test_a_child_does_not_outlive_a_planner_that_is_killed(tmp_path: Path) -> None:
    """Each killed planner would otherwise leave a solver behind that eats a core until its limit."""
    script = tmp_path / "plan_long.py"
    script.write_text(PLAN_LONG)
    env = {**os.environ, "PYTHONPATH": str(Path(__file__).parents[3])}
    with subprocess.Popen([sys.executable, str(script)], env=env) as planner:
        seen = psutil.Process(planner.pid)
        solvers: list[psutil.Process] = []

        def solves() -> bool:
            solvers[:] = [c for c in seen.children() if "resource_tracker" not in " ".join(c.cmdline())]
            return any(c.nice() > seen.nice() for c in solvers)  # it has asked, then made way for others

        try:
            wait_until(solves, within_s=60, what="the solver to start")
        finally:
            planner.kill()
    wait_until(lambda: not any(c.is_running() for c in solvers), within_s=20, what="the solver to end")


@pytest.mark.parametrize("child", [hang, die])
def test_a_child_that_hangs_or_dies_yields_no_plan(child: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """A planner that waits for its child for ever answers no later request."""
    monkeypatch.setattr(plan_child, "_plan", child)
    assert plan_child.solve_in_child(random_day(2), 0.2, 1) is None
