"""Ask one peer for one plan in a process of its own: on one core, killed if it overruns, its memory read."""

from __future__ import annotations

import os
import resource
import signal
import sys
import time
from dataclasses import replace
from multiprocessing import get_context
from multiprocessing.connection import Connection
from pathlib import Path

from dispatcher.planning.checker import check
from dispatcher.planning.price import price
from dispatcher.planning.problem import Plan, Problem
from tests.benchmarks.peers import clock
from tests.benchmarks.peers.ours import improved
from tests.benchmarks.peers.registry import OURS, Ask, Said, as_plan, loaded
from tests.benchmarks.results import Result
from tests.benchmarks.works import works
from tests.benchmarks.works.zones import in_zones

START_S = 900.0
"""Allowed for building a day, loading a peer and compiling it."""
JUDGE_S = 900.0
"""Allowed for mending and judging a plan."""
OVERRUN = 3.0
"""A peer is killed at so many times its limit."""
CROWDED = 10.0
"""So much longer may a budget of the processor's take by the wall."""
LEAST_S = 30.0
"""A peer is not killed before."""


def measured(asked: Result, core: int | None, memory_gb: float) -> Result:
    """The result of the peer, work, seed and limit named in `asked`; never raises for what a peer does."""
    context = get_context("spawn")
    ours, theirs = context.Pipe()
    child = context.Process(target=_measure, args=(theirs, asked, core, memory_gb))
    child.start()
    theirs.close()
    overrun = OVERRUN if asked.clock == "wall" else CROWDED * OVERRUN
    limits = (START_S, max(LEAST_S, overrun * asked.limit_s), JUDGE_S)
    result = replace(asked, trouble="FAILED: the process died")
    try:
        for number, limit_s in enumerate(limits):
            if not ours.poll(limit_s):
                said = ("while it was being loaded", f"after {limit_s:.0f} s", "while its plan was judged")
                result = replace(asked, trouble=f"KILLED {said[number]}")
                break
            answer = ours.recv()
            if isinstance(answer, Result):
                result = answer
                break
    except (EOFError, ConnectionResetError):
        pass
    finally:
        ours.close()
        if child.is_alive():
            child.join(1.0)
        if child.is_alive():
            _end(child.pid)
        child.join()
    return result


def _end(pid: int | None) -> None:
    """End the child with all that it started."""
    if pid is None:
        return
    try:
        os.killpg(pid, signal.SIGKILL)
    except ProcessLookupError:  # it has no group of its own yet
        os.kill(pid, signal.SIGKILL)


def _measure(pipe: Connection, asked: Result, core: int | None, memory_gb: float) -> None:
    """In the child: load, say so, plan, say so, judge, send the result."""
    os.setsid()
    if core is not None and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})
    try:
        pipe.send(_judged(pipe, asked, memory_gb))
    except ImportError as error:
        pipe.send(replace(asked, trouble=f"ABSENT: {error}"))
    except MemoryError:
        pipe.send(replace(asked, trouble=f"FAILED: more than {memory_gb:.0f} GB"))
    except Exception as error:
        pipe.send(replace(asked, trouble=f"FAILED: {type(error).__name__}: {error}"))


def _judged(pipe: Connection, asked: Result, memory_gb: float) -> Result:
    clock.choose(asked.clock)
    problem = works.build(asked.work, asked.seed)
    plan = loaded(asked.peer)
    limit = int(memory_gb * (1 << 30))
    resource.setrlimit(resource.RLIMIT_DATA, (limit, limit))
    _forget_peak()
    before_mb = _peak_mb()
    pipe.send("ready")
    begun_s, cpu_s = time.monotonic(), _cpu_s()
    said, steps, steps_per_s = _asked(asked, problem, plan)
    result = replace(
        asked,
        took_s=time.monotonic() - begun_s,
        cpu_s=_cpu_s() - cpu_s,
        extra_mb=max(_peak_mb() - before_mb, _children_mb()),
        steps=steps,
        steps_per_s=steps_per_s,
    )
    pipe.send("found")
    found = as_plan(problem, said)
    if found is None:
        return replace(result, trouble="NOTHING_FOUND")
    return _with_price(result, problem, found)


def _asked(asked: Result, problem: Problem, plan: Ask) -> tuple[Said, int | None, float | None]:
    """What the peer says, with steps and steps per second where they are known."""
    if asked.work.startswith("zones:"):
        return in_zones(plan, problem, asked.limit_s, asked.seed), None, None
    if asked.peer == OURS:
        found, looks = improved(problem, asked.limit_s, asked.seed)
        return found, looks.steps, looks.steps_per_s
    return plan(problem, asked.limit_s, asked.seed), None, None


def _with_price(result: Result, problem: Problem, plan: Plan) -> Result:
    priced = price(problem, plan)
    return replace(
        result,
        price_s=priced.total,
        unserved=len(plan.unserved),
        travel_s=priced.travel,
        violations=len(check(problem, plan)),
        best_known_s=works.best_known_s(result.work),
    )


def _cpu_s() -> float:
    """Seconds of processor that this process and those it waited for have used."""
    used = os.times()
    return used.user + used.system + used.children_user + used.children_system


def _forget_peak() -> None:
    """Let the greatest resident memory count from now, where the system can."""
    if sys.platform.startswith("linux"):
        Path("/proc/self/clear_refs").write_text("5")


def _peak_mb() -> float:
    """Greatest resident memory of this process so far, in MB."""
    if sys.platform.startswith("linux"):
        lines = Path("/proc/self/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20)


def _children_mb() -> float:
    """Greatest resident memory of a process started by this one and ended, in MB."""
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    return most / 1024 if sys.platform.startswith("linux") else most / (1 << 20)
