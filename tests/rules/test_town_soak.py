"""The soak's own bookkeeping: a count that cannot find a fault proves nothing."""

import os
import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import psutil

from infra.parts.children import PidFiles
from infra.soak import Killer, Report, read_tally
from infra.soak_times import BUSY, STILL, Times, Turns, times_of
from tests.parts import wait_until


def good() -> Report:
    """A report of a soak in which nothing went wrong."""
    return Report(1, 60, 1, acknowledged=10, verify="0: all well")


def test_anything_lost_doubled_undecided_or_unverified_fails_the_soak() -> None:
    """A loss would pass for a success."""
    assert good().is_good
    for field in (
        "lost",
        "doubled",
        "requests_undecided",
        "requests_decided_twice",
        "visits_priced_twice",
        "claims_doubled",
    ):
        report = good()
        setattr(report, field, 1)
        assert not report.is_good, field
    unverified, silent = good(), good()
    unverified.verify = "1: CHAIN_BROKEN"
    silent.acknowledged = 0
    assert not unverified.is_good
    assert not silent.is_good


def test_a_line_cut_off_by_a_kill_is_left_out_of_the_tally(tmp_path: Path) -> None:
    """The town is killed too; its last line may be half written, and was then not acknowledged to anyone."""
    file = tmp_path / "told.jsonl"
    file.write_text('{"fact_id": "a", "word": "X"}\n{"fact_id": "b", "wo')
    assert read_tally(file) == [("a", "X")]
    assert read_tally(tmp_path / "none.jsonl") == []


def test_only_a_process_of_this_line_is_killed(tmp_path: Path) -> None:
    """A pid used again by somebody else would be shot."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        PidFiles(tmp_path).write("desk-1", child.pid)
        (tmp_path / "other.json").write_text(f'{{"pid": {os.getpid()}, "started": 1.0}}')
        killer = Killer(tmp_path, 1)
        assert killer.kill_one() == "desk-1"
        assert child.wait(10) == -signal.SIGKILL
        assert killer.kill_one() is None
        assert killer.kills == {"desk-1": 1}
    finally:
        child.kill()
        child.wait()


def test_only_those_named_are_killed(tmp_path: Path) -> None:
    """A run that is to show what planners' deaths cost must not kill a desk."""
    children = [subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"]) for _ in range(2)]
    try:
        for name, child in zip(("desk-1", "planner-1"), children, strict=True):
            PidFiles(tmp_path).write(name, child.pid)
        killer = Killer(tmp_path, 1, ("planner",))
        assert killer.kill_one() == "planner-1"
        assert children[1].wait(10) == -signal.SIGKILL
        assert killer.kill_one() is None
        assert children[0].poll() is None
    finally:
        for child in children:
            child.kill()
            child.wait()


def test_planners_held_still_are_stopped_and_go_on(tmp_path: Path) -> None:
    """A planner that works while it is said to stand still makes the comparison a lie."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
    try:
        PidFiles(tmp_path).write("planner-1", child.pid)
        turns = Turns(tmp_path)
        turns.begin(STILL)
        wait_until(
            lambda: psutil.Process(child.pid).status() == psutil.STATUS_STOPPED, within_s=5, what="the stop"
        )
        turns.begin(BUSY)
        wait_until(
            lambda: psutil.Process(child.pid).status() != psutil.STATUS_STOPPED, within_s=5, what="going on"
        )
        still_at, busy_at = (since for since, _ in turns.spans)
        assert turns.at(still_at) == STILL
        assert turns.at(busy_at) == BUSY
        assert turns.at(still_at - timedelta(seconds=1)) is None
    finally:
        child.kill()
        child.wait()


def test_a_percentile_is_a_time_that_was_measured() -> None:
    """An average of two times is a time that nobody waited."""
    assert times_of([3.0, 1.0, 2.0]) == Times(3, 2.0, 3.0, 3.0, 3.0)
    assert times_of([float(n) for n in range(1000)]).p99_ms == 990.0
