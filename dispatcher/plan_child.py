"""Plan a day in a child process at low priority, stopped when asked and killed at twice its limit.

OR-Tools holds the interpreter while it searches and may overrun its limit, so it never runs in a process
that has anything else to do.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from multiprocessing import get_context
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess

from dispatcher.child import NICENESS, end_with_parent
from dispatcher.kernels import are_compiled
from dispatcher.planning.planned import Planned, Progress
from dispatcher.planning.problem import Plan, Problem

START_S = 60.0
"""Allowed for the child to start, beside the limit for planning."""
STOP_S = 1.0
"""Allowed for a child to answer once it is told to stop; what it told before stands."""
LOOK_EVERY_S = 0.1
REPORT_EVERY_S = 0.5

Report = Callable[[Progress], None]
Stopped = Callable[[], bool]


def solve_in_child(
    problem: Problem,
    limit_s: float,
    seed: int,
    incumbent: Plan | None = None,
    *,
    report: Report | None = None,
    stopped: Stopped | None = None,
) -> Planned | None:
    """The best plan; None if the child found none, died or hung before it told of any.

    A child that is killed leaves the best plan it had told of. `report` hears how far it is; once `stopped()`
    it is told to stop, and has `STOP_S` to answer. Blocks for about `limit_s` seconds and the child's start;
    at most `START_S` and twice `limit_s`.
    """
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_plan, args=(theirs, problem, limit_s, seed, incumbent), daemon=True)
    child.start()
    theirs.close()
    talk = _Talk(ours, 2 * limit_s, report or (lambda _: None), stopped or (lambda: False))
    try:
        talk.listen()
    except (EOFError, ConnectionResetError, BrokenPipeError):
        pass
    finally:
        ours.close()
        _end(child)
    return talk.answer


def _end(child: BaseProcess) -> None:
    if child.is_alive():
        child.kill()
    child.join()


class _Talk:
    """What parent and child say: "ready", progress, plans, None at the end; from here "stop", once."""

    def __init__(self, pipe: Connection, within_s: float, report: Report, stopped: Stopped) -> None:
        self.answer: Planned | None = None
        self._pipe = pipe
        self._within_s = within_s
        self._report = report
        self._stopped = stopped
        self._end_s = time.monotonic() + START_S
        self._is_ready = False
        self._is_told = False

    def listen(self) -> None:
        """Until the child has said all, or its time is over."""
        while not (self._is_told and not self._is_ready):
            left_s = self._end_s - time.monotonic()
            if self._pipe.poll(max(0.0, min(LOOK_EVERY_S, left_s))):
                if not self._hear(self._pipe.recv()):
                    return
            elif left_s <= 0:
                return
            if not self._is_told and self._stopped():
                self._is_told = True
                self._end_s = min(self._end_s, time.monotonic() + STOP_S)
                self._pipe.send("stop")

    def _hear(self, said: object) -> bool:
        """Take in one message; False when it was the last."""
        if said == "ready":
            self._is_ready = True
            self._end_s = time.monotonic() + self._within_s
        elif isinstance(said, Progress):
            self._report(said)
        elif isinstance(said, Planned):
            self.answer = said
        return said is not None


def _plan(pipe: Connection, problem: Problem, limit_s: float, seed: int, incumbent: Plan | None) -> None:
    """In the child: load first, say so, then plan by the clock; without what is not compiled yet."""
    end_with_parent()
    os.nice(NICENESS)
    from dispatcher.planning.plan_day import plan_day, warm_up

    has_kernels = are_compiled()
    if has_kernels:
        warm_up()
    pipe.send("ready")
    reported_s = time.monotonic() - REPORT_EVERY_S

    def report(progress: Progress) -> None:
        nonlocal reported_s
        if time.monotonic() - reported_s >= REPORT_EVERY_S:
            reported_s = time.monotonic()
            pipe.send(progress)

    is_told = False

    def stopped() -> bool:
        nonlocal is_told
        is_told = is_told or pipe.poll()
        return is_told

    found = plan_day(
        problem, incumbent, limit_s, seed, time.monotonic, pipe.send, report, stopped, has_kernels=has_kernels
    )
    if found is not None:
        pipe.send(found)
    pipe.send(None)
    pipe.close()
