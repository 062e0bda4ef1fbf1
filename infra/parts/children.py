"""Child processes that never outlive us.

On Linux the kernel ends each child when the thread that started it ends, so start children from the main
thread. Elsewhere, and in case that failed, pid files name the children for the next start to end.
"""

import ctypes
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import psutil

PR_SET_PDEATHSIG = 1


@dataclass(frozen=True)
class RunAs:
    """The user a child runs as: numeric user and group."""

    uid: int
    gid: int


def _death_signal(number: int) -> Callable[[], None] | None:
    """What the child runs before its program: ask the kernel for `number` when we end. Linux only."""
    if not sys.platform.startswith("linux"):
        return None
    libc = ctypes.CDLL(None, use_errno=True)
    parent = os.getpid()

    def ask() -> None:
        libc.prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # we ended between fork and the call above
            os.kill(os.getpid(), signal.SIGKILL)

    return ask


def start_child(
    command: Sequence[str],
    *,
    death_signal: int = signal.SIGKILL,
    log: Path | IO[bytes] | None = None,
    env: Mapping[str, str] | None = None,
    run_as: RunAs | None = None,
    cwd: Path | str | None = None,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own (Ctrl-C reaches us alone), its output appended to `log`.

    `death_signal` is what it gets when we end without stopping it: SIGKILL for our own processes, SIGINT
    for PostgreSQL, SIGTERM for Kafka.
    """
    opened = log.open("ab") if isinstance(log, Path) else None
    out = opened or (log if log is not None and not isinstance(log, Path) else subprocess.DEVNULL)
    try:
        return subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=dict(env) if env is not None else None,
            cwd=cwd,
            start_new_session=True,
            preexec_fn=_death_signal(death_signal),
            user=run_as.uid if run_as else None,
            group=run_as.gid if run_as else None,
            extra_groups=[] if run_as else None,
        )
    finally:
        if opened is not None:
            opened.close()


def stop_child(child: subprocess.Popen[bytes], stop_signal: int, wait_s: float) -> None:
    """Ask a child to stop, and kill it (and what it started) when it has not within `wait_s`."""
    if child.poll() is not None:
        return
    family = _descendants(child.pid)
    child.send_signal(stop_signal)
    try:
        child.wait(wait_s)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait(10)
    for process in family:
        _kill(process)


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.NoSuchProcess:
        return []


def _kill(process: psutil.Process) -> None:
    try:
        process.kill()
    except psutil.NoSuchProcess:
        return


class PidFiles:
    """Pid files of one folder, each with the start time of its process, since pids are used again."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)

    def write(self, name: str, pid: int) -> None:
        """Remember that process `pid` is `name`."""
        try:
            started = psutil.Process(pid).create_time()
        except psutil.NoSuchProcess:
            return
        (self._folder / f"{name}.json").write_text(json.dumps({"pid": pid, "started": started}))

    def forget(self, name: str) -> None:
        """Remove the file of `name`, if there."""
        (self._folder / f"{name}.json").unlink(missing_ok=True)

    def end_leftovers(self, wait_s: float = 5.0) -> tuple[str, ...]:
        """End the processes a crashed start left behind; returns the names of those that still ran."""
        left: dict[str, psutil.Process] = {}
        for file in sorted(self._folder.glob("*.json")):
            process = _still_running(file)
            if process is not None:
                left[file.stem] = process
                process.send_signal(signal.SIGINT if file.stem == "postgres" else signal.SIGTERM)
            file.unlink(missing_ok=True)
        if left:
            _, alive = psutil.wait_procs(list(left.values()), timeout=wait_s)
            for process in alive:
                _kill(process)
            time.sleep(0.1)
        return tuple(left)


def _still_running(file: Path) -> psutil.Process | None:
    try:
        told = json.loads(file.read_text())
        process = psutil.Process(int(told["pid"]))
        same = abs(process.create_time() - float(told["started"])) < 0.05
    except (ValueError, KeyError, psutil.NoSuchProcess):
        return None
    return process if same and process.status() != psutil.STATUS_ZOMBIE else None
