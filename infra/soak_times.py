"""How long a decision takes, from a fact's append to Kafka until its row is told: planners busy, and still.

An outside ear hears of every row as it is committed; the moment of the append is the row's own `now`, taken
back from city time. "Still" holds the planners and their children by SIGSTOP, in turns within one run.
"""

import json
import signal
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import psutil
from sqlalchemy import Connection, Engine, select

from dispatcher.city_clock import read_segments
from dispatcher.listening import Ear
from schemas.city_time import Segment, real_time
from schemas.tables import journal

OPENING, BUSY, STILL = "the town opens", "planners busy", "planners still"
BOOKING, ALARM = "ServiceRequested", "AlarmRaised"


def running(pids: Path) -> Iterator[tuple[str, psutil.Process]]:
    """The processes of an `up` that run, by name, from its pid files."""
    for file in sorted(pids.glob("*.json")):
        try:
            told = json.loads(file.read_text())
            process = psutil.Process(int(told["pid"]))
            same = abs(process.create_time() - float(told["started"])) < 0.05
            if same and process.status() != psutil.STATUS_ZOMBIE:
                yield file.stem, process
        except (OSError, ValueError, KeyError, psutil.NoSuchProcess):
            continue


class RowEar(threading.Thread):
    """Hears when each row is committed."""

    def __init__(self, engine: Engine) -> None:
        super().__init__(name="row-ear", daemon=True)
        self.heard: dict[str, datetime] = {}
        self._engine = engine
        self._stop_asked = threading.Event()

    def run(self) -> None:
        """Listen until told to stop."""
        ear = Ear(self._engine, ["journal"])
        while not self._stop_asked.is_set():
            told = ear.wait(0.5)
            at = datetime.now(UTC)
            for channel, payload in told:
                for one in payload.split() if channel else ():
                    self.heard.setdefault(one.rpartition("/")[2], at)
        ear.close()

    def stop(self) -> None:
        """End, and wait for it."""
        self._stop_asked.set()
        self.join(timeout=5)


class Turns:
    """Planners at work and held still in turns; when which was."""

    def __init__(self, pids: Path) -> None:
        self._pids = pids
        self.spans: list[tuple[datetime, str]] = []

    def begin(self, what: str) -> None:
        """From now on the planners work, or stand still."""
        for process in self._planners():
            with suppress(psutil.NoSuchProcess):
                process.send_signal(signal.SIGSTOP if what == STILL else signal.SIGCONT)
        self.spans.append((datetime.now(UTC), what))

    def hold_new(self) -> None:
        """Hold also those that were started since the turn began."""
        if self.spans and self.spans[-1][1] == STILL:
            for process in self._planners():
                with suppress(psutil.NoSuchProcess):
                    process.send_signal(signal.SIGSTOP)

    def at(self, moment: datetime) -> str | None:
        """What was on at a moment."""
        begun = [what for since, what in self.spans if since <= moment]
        return begun[-1] if begun else None

    def _planners(self) -> Iterator[psutil.Process]:
        for name, process in running(self._pids):
            if name.startswith("planner"):
                with suppress(psutil.NoSuchProcess):
                    yield from (*process.children(recursive=True), process)


@dataclass(frozen=True)
class Times:
    """How long the decisions of one kind took, in milliseconds."""

    count: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    worst_ms: float


def times_of(taken_ms: Sequence[float]) -> Times:
    """The percentiles of some times, each a time that was measured."""
    ranked = sorted(taken_ms)

    def at(permille: int) -> float:
        return round(ranked[min(len(ranked) - 1, len(ranked) * permille // 1000)], 1)

    return Times(len(ranked), at(500), at(900), at(990), round(ranked[-1], 1))


def decision_times(connection: Connection, heard: Mapping[str, datetime], turns: Turns) -> dict[str, Times]:
    """Times by turn and kind of fact: all, bookings, alarms."""
    segments: Sequence[Segment] = read_segments(connection)
    taken: dict[str, list[float]] = {}
    asked = select(journal.c.fact_id, journal.c.fact_word, journal.c.now)
    for fact_id, word, now in connection.execute(asked):
        appended = real_time(segments, now)
        told_at = heard.get(fact_id)
        turn = turns.at(told_at) if told_at is not None else None
        if appended is None or told_at is None or turn is None or word == "TimePassed":
            continue
        ms = max(0.0, (told_at - appended).total_seconds() * 1000)
        for kind in ("all", word) if word in (BOOKING, ALARM) else ("all",):
            taken.setdefault(f"{turn}, {kind}", []).append(ms)
    return {key: times_of(ms) for key, ms in sorted(taken.items())}


def table(times: Mapping[str, Times]) -> str:
    """The times as a table."""
    lines = ["| | decisions | p50 ms | p90 ms | p99 ms | worst ms |", "|---|---|---|---|---|---|"]
    for key, one in times.items():
        lines.append(f"| {key} | {one.count} | {one.p50_ms} | {one.p90_ms} | {one.p99_ms} | {one.worst_ms} |")
    return "\n".join(lines)
