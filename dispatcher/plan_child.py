"""Plan a day in a child process at low priority, killed at twice its limit.

OR-Tools holds the interpreter while it searches and may overrun its limit, so it never runs in a process
that has anything else to do.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from multiprocessing import get_context, parent_process
from multiprocessing.connection import Connection

from dispatcher.planning.problem import Plan, Problem

NICENESS = 10
PR_SET_PDEATHSIG = 1
START_S = 240.0
"""Allowed for the child to start, beside the limit for planning: the first ever start compiles."""


def solve_in_child(
    problem: Problem, limit_s: float, seed: int, incumbent: Plan | None = None
) -> tuple[Plan, str] | None:
    """The plan and the engines behind it ("RUIN+ORTOOLS", ...); None if the child found none, died or hung.

    A child killed in OR-Tools leaves the annealed plan it had told before, as "RUIN". Blocks for about
    `limit_s` seconds and the child's start; at most `START_S` and twice `limit_s`.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_plan, args=(theirs, problem, limit_s, seed, incumbent), daemon=True)
    child.start()
    theirs.close()
    answer: tuple[Plan, str] | None = None
    try:
        if ours.poll(START_S) and ours.recv() == "ready":
            end_s = time.monotonic() + 2 * limit_s
            while ours.poll(max(0.0, end_s - time.monotonic())):
                answer = ours.recv() or answer
    except (EOFError, ConnectionResetError):
        pass
    finally:
        ours.close()
        if child.is_alive():
            child.kill()
        child.join()
    return answer


def _end_with_the_planner() -> None:
    """Ask the system to kill this child when the planner that waits for it ends. Linux only.

    OR-Tools holds the interpreter, so nothing here could notice by itself.
    """
    parent = parent_process()
    if not sys.platform.startswith("linux") or parent is None:
        return
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent.pid:  # it ended before we asked
        os._exit(1)


def _plan(pipe: Connection, problem: Problem, limit_s: float, seed: int, incumbent: Plan | None) -> None:
    """In the child: load and compile first, say so, then plan by the clock."""
    _end_with_the_planner()
    os.nice(NICENESS)
    from dispatcher.planning.plan_day import Planned, plan_day, warm_up

    warm_up()
    pipe.send("ready")

    def tell(planned: Planned | None) -> None:
        pipe.send(None if planned is None else (planned.plan, planned.engine))

    tell(plan_day(problem, incumbent, limit_s, seed, time.monotonic, tell))
    pipe.close()
