"""Keeps the processes of the line alive: started from the main thread, restarted with back-off, stopped."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from infra.parts.children import PidFiles, start_child, stop_child
from infra.processes import Process
from infra.settings import REPOSITORY

FIRST_PAUSE_S = 0.5
LONGEST_PAUSE_S = 15.0
STEADY_AFTER_S = 30.0
STOP_WITHIN_S = 5.0
LOG_LIMIT_BYTES = 20_000_000

Say = Callable[[str], None]


@dataclass
class _Watched:
    process: Process
    child: subprocess.Popen[bytes] | None = None
    started_s: float = 0.0
    pause_s: float = FIRST_PAUSE_S
    due_s: float = 0.0


class Supervisor:
    """The processes of one `up`."""

    def __init__(self, *, env: Mapping[str, str], log_dir: Path, pids: PidFiles, say: Say) -> None:
        self._env = dict(env)
        self._log_dir = log_dir
        self._pids = pids
        self._say = say
        self._watched: list[_Watched] = []
        log_dir.mkdir(parents=True, exist_ok=True)

    def start(self, process: Process) -> None:
        """Start a process and watch it from now on."""
        watched = _Watched(process)
        self._watched.append(watched)
        self._launch(watched)

    def log_of(self, process: Process) -> Path:
        """Where the process writes."""
        return self._log_dir / f"{process.name}.log"

    def _launch(self, watched: _Watched) -> None:
        process = watched.process
        log = self.log_of(process)
        if log.exists() and log.stat().st_size > LOG_LIMIT_BYTES:
            log.replace(log.with_suffix(".log.1"))
        watched.child = start_child(
            [sys.executable, "-m", "infra.cli", *process.arguments],
            log=log,
            env={**os.environ, **self._env, **dict(process.env)},
            cwd=REPOSITORY,
        )
        watched.started_s = time.monotonic()
        self._pids.write(process.name, watched.child.pid)

    def look(self) -> None:
        """Restart what has died and whose pause is over; to be called a few times a second."""
        now = time.monotonic()
        for watched in self._watched:
            if watched.child is None:
                if now >= watched.due_s:
                    self._launch(watched)
            elif watched.child.poll() is not None:
                self._mark_dead(watched, now)

    def _mark_dead(self, watched: _Watched, now: float) -> None:
        assert watched.child is not None
        if now - watched.started_s > STEADY_AFTER_S:
            watched.pause_s = FIRST_PAUSE_S
        name, code = watched.process.name, watched.child.returncode
        self._say(
            f"{watched.process.zh} {name} 已退出（{code}），{watched.pause_s:g} 秒后重启 / "
            f"ended ({code}), again in {watched.pause_s:g} s. {self.log_of(watched.process)}"
        )
        watched.child = None
        watched.due_s = now + watched.pause_s
        watched.pause_s = min(watched.pause_s * 2, LONGEST_PAUSE_S)

    def running(self) -> tuple[tuple[str, int], ...]:
        """Name and pid of each process that runs."""
        return tuple((w.process.name, w.child.pid) for w in self._watched if w.child is not None)

    def stop(self) -> None:
        """Ask all to stop at once; by force after 5 s."""
        alive = [w for w in self._watched if w.child is not None and w.child.poll() is None]
        for watched in alive:
            assert watched.child is not None
            watched.child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + STOP_WITHIN_S
        for watched in alive:
            assert watched.child is not None
            stop_child(watched.child, signal.SIGTERM, max(deadline - time.monotonic(), 0.1))
        for watched in self._watched:
            self._pids.forget(watched.process.name)
        self._watched.clear()
