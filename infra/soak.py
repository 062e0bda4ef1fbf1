"""`make soak`: the town at speed while processes are killed at random; then an outside tally is compared.

`up` runs in a folder of its own. Every so often one of its processes (the broker and the database among
them) gets SIGKILL. Afterwards each fact that was acknowledged to whoever spoke it must stand in the journal
exactly once, each acknowledged request must have been decided once, each visit billed at most once.

`--desks 2 --planners 2 --kill planner --turns 30` kills planners alone, and tells how long decisions take
while planners work and while they are held still.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console
from sqlalchemy import Connection, Engine, create_engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from infra.parts.children import start_child, stop_child
from infra.parts.ports import free_ports
from infra.parts.postgres import Server, make_database
from infra.settings import REPOSITORY, settings
from infra.soak_times import BUSY, OPENING, STILL, RowEar, Times, Turns, decision_times, running, table
from schemas.decisions import RequestAdmitted, RequestRefused, VisitPlanned, VisitPriced
from schemas.facts import PlanProposed, ServiceRequested
from schemas.rows import Row
from schemas.tables import claims, dead_letters, journal

UP_WITHIN_S = 300.0
OPENING_S = 75.0
"""A town says its registers and the day's care plans at once: what waits behind them waits for no planner."""
PLANNERS_WITHIN_S = 600.0
QUIET_WITHIN_S = 900.0
STOP_WITHIN_S = 40.0
SPARED = frozenset({"up"})
DATABASE = "liuzhu"


@dataclass
class Report:
    """What a soak found out."""

    minutes: float
    rate: float
    seed: int
    kills: dict[str, int] = field(default_factory=dict)
    acknowledged: int = 0
    lost: int = 0
    set_aside: int = 0
    doubled: int = 0
    requests: int = 0
    requests_undecided: int = 0
    requests_decided_twice: int = 0
    visits_priced: int = 0
    visits_priced_twice: int = 0
    claims_doubled: int = 0
    rows: int = 0
    verify: str = ""
    lost_ids: list[str] = field(default_factory=list)
    proposals: int = 0
    proposals_taken_up: int = 0
    decision_times: dict[str, Times] = field(default_factory=dict)

    @property
    def is_good(self) -> bool:
        """Nothing lost, nothing doubled, and the journal verifies."""
        wrong = (
            self.lost,
            self.doubled,
            self.requests_undecided,
            self.requests_decided_twice,
            self.visits_priced_twice,
            self.claims_doubled,
        )
        return self.acknowledged > 0 and not any(wrong) and self.verify.startswith("0")


class Killer:
    """Kills one process of `up` after the other, chosen by seed; `only` those whose names begin so."""

    def __init__(self, pids: Path, seed: int, only: tuple[str, ...] = ()) -> None:
        self._pids = pids
        self._only = only
        self._rng = random.Random(seed)
        self.kills: Counter[str] = Counter()

    def kill_one(self) -> str | None:
        """SIGKILL to one of the processes that run; its name."""
        chosen = [
            one
            for one in running(self._pids)
            if one[0] not in SPARED and (not self._only or one[0].startswith(self._only))
        ]
        if not chosen:
            return None
        name, process = self._rng.choice(chosen)
        try:
            process.kill()
        except psutil.NoSuchProcess:
            return None
        self.kills[name] += 1
        return name


def read_tally(path: Path) -> list[tuple[str, str]]:
    """Fact id and word of every acknowledged fact; a line cut off by a kill is left out."""
    told = []
    if path.exists():
        for line in path.read_text(encoding="utf-8").splitlines():
            try:
                entry = json.loads(line)
            except ValueError:
                continue
            told.append((str(entry["fact_id"]), str(entry["word"])))
    return told


def missing(conn: Connection, fact_ids: Iterable[str]) -> set[str]:
    """Those of the facts that stand neither in the journal nor among the dead letters."""
    wanted = set(fact_ids)
    stands = {row.fact_id for row in conn.execute(select(journal.c.fact_id))}
    left = wanted - stands
    if left:
        dead = dead_letters.c.headers["ce_id"].astext
        left -= {told for (told,) in conn.execute(select(dead).where(dead.in_(left)))}
    return left


def count(conn: Connection, tally: list[tuple[str, str]], report: Report) -> None:
    """Compare the tally with the journal and what was made of it."""
    acknowledged = {fact_id for fact_id, _ in tally}
    left = missing(conn, acknowledged)
    report.acknowledged, report.lost, report.lost_ids = len(acknowledged), len(left), sorted(left)[:20]
    seen: Counter[str] = Counter()
    decided: Counter[str] = Counter()
    priced: Counter[str] = Counter()
    asked: dict[str, str] = {}
    rows = conn.execution_options(yield_per=1_000).execute(select(journal.c.body))
    for (body,) in rows:
        row = Row.of_body(body.encode())
        report.rows += 1
        seen[row.fact.fact_id] += 1
        if isinstance(row.fact, ServiceRequested) and row.fact.fact_id in acknowledged:
            asked[row.fact.request_id] = row.fact.fact_id
        for decision in row.decisions:
            if isinstance(decision, RequestAdmitted | RequestRefused):
                decided[decision.request_id] += 1
            elif isinstance(decision, VisitPriced):
                priced[decision.visit_id] += 1
        if isinstance(row.fact, PlanProposed):
            report.proposals += 1
            report.proposals_taken_up += any(isinstance(d, VisitPlanned) for d in row.decisions)
    report.doubled = sum(1 for fact_id in acknowledged if seen[fact_id] > 1)
    report.set_aside = sum(1 for fact_id in acknowledged - left if seen[fact_id] == 0)
    report.requests = len(asked)
    report.requests_undecided = sum(1 for request in asked if decided[request] == 0)
    report.requests_decided_twice = sum(1 for request in asked if decided[request] > 1)
    report.visits_priced = len(priced)
    report.visits_priced_twice = sum(1 for times in priced.values() if times > 1)
    per_item = select(claims.c.visit_id).group_by(claims.c.visit_id, claims.c.item).having(func.count() > 1)
    report.claims_doubled = len(conn.execute(per_item).all())


class Soak:
    """One run."""

    def __init__(self, folder: Path, asked: argparse.Namespace) -> None:
        self._folder = folder
        self._data_dir = folder / "data"
        self._asked = asked
        self._report = Report(asked.minutes, asked.rate, asked.seed)
        self._killer = Killer(self._data_dir / "pids", asked.seed, tuple(filter(None, asked.kill.split(","))))
        self._turns = Turns(self._data_dir / "pids")
        self._console = Console(highlight=False, soft_wrap=True)
        self._env = {
            **{k: v for k, v in os.environ.items() if k not in ("KAFKA_BOOTSTRAP_SERVERS", "DATABASE_URL")},
            "LIUZHU_DATA_DIR": str(self._data_dir),
            "LIUZHU_PORT": str(free_ports(1)[0]),
            "LIUZHU_TOWN_RATE": str(asked.rate),
            "LIUZHU_TOWN_SEED": str(asked.seed),
            "PYTHONUNBUFFERED": "1",
        }

    def run(self) -> Report:
        """Run, kill, compare, verify."""
        shutil.rmtree(self._folder, ignore_errors=True)
        self._data_dir.mkdir(parents=True)
        workers = ["--desks", str(self._asked.desks), "--planners", str(self._asked.planners)]
        command = [sys.executable, "-m", "infra.cli", "up", *workers]
        child = start_child(
            command,
            death_signal=signal.SIGTERM,
            log=self._folder / "up.log",
            env=self._env,
            cwd=REPOSITORY,
        )
        try:
            self._wait_for_life(child)
            if self._asked.turns:
                self._in_turns(child)
            else:
                self._kill_for_a_while(child, self._report.minutes * 60)
            tally = self._let_settle(child)
        finally:
            stop_child(child, signal.SIGINT, STOP_WITHIN_S)
        self._compare(tally)
        return self._report

    @property
    def _tally_path(self) -> Path:
        return self._data_dir / "acknowledged.jsonl"

    def _wait_for_life(self, child: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + UP_WITHIN_S
        while len(read_tally(self._tally_path)) < 5:
            if child.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the town did not come to life: see {self._folder / 'up.log'}")
            time.sleep(1)
        self._console.print("小镇已在运行 / the town lives")

    def _in_turns(self, child: subprocess.Popen[bytes]) -> None:
        """Planners at work, some being killed, and held still, by turns; every row's commit is heard."""
        engine = create_engine(self._database_url(), pool_pre_ping=True)
        ear = RowEar(engine)
        ear.start()
        self._wait_for_planners(child)
        self._turns.begin(OPENING)
        time.sleep(OPENING_S)
        turn_s = float(self._asked.turns)
        for number in range(max(2, round(self._report.minutes * 60 / turn_s))):
            self._turns.begin(STILL if number % 2 else BUSY)
            self._console.print(f"{self._turns.spans[-1][1]}")
            if number % 2:
                self._stay_still(turn_s)
            else:
                self._kill_for_a_while(child, turn_s)
        self._turns.begin(BUSY)
        ear.stop()
        with engine.connect() as conn:
            self._report.decision_times = decision_times(conn, ear.heard, self._turns)
        engine.dispose()
        self._console.print(table(self._report.decision_times), markup=False)

    def _stay_still(self, turn_s: float) -> None:
        ends = time.monotonic() + turn_s
        while time.monotonic() < ends:
            time.sleep(0.5)
            self._turns.hold_new()

    def _wait_for_planners(self, child: subprocess.Popen[bytes]) -> None:
        """They start last."""
        deadline = time.monotonic() + PLANNERS_WITHIN_S
        wanted = {f"planner-{number}" for number in range(1, self._asked.planners + 1)}
        while not wanted <= {name for name, _ in running(self._data_dir / "pids")}:
            if child.poll() is not None or time.monotonic() > deadline:
                sys.exit(f"the planners did not start: see {self._folder / 'up.log'}")
            time.sleep(1)

    def _kill_for_a_while(self, child: subprocess.Popen[bytes], for_s: float) -> None:
        ends, every_s = time.monotonic() + for_s, float(self._asked.every)
        while time.monotonic() + every_s < ends:
            time.sleep(every_s)
            if child.poll() is not None:
                sys.exit(f"`up` itself ended with {child.returncode}: see {self._folder / 'up.log'}")
            name = self._killer.kill_one()
            at = datetime.now(UTC).strftime("%H:%M:%S")
            known = len(read_tally(self._tally_path))
            self._console.print(f"{at}  SIGKILL {name or '–':<12} 已确认 / acknowledged {known}")
        time.sleep(max(0.0, ends - time.monotonic()))
        self._report.kills = dict(sorted(self._killer.kills.items()))

    def _let_settle(self, child: subprocess.Popen[bytes]) -> list[tuple[str, str]]:
        """Wait, without killing, until all that was acknowledged so far stands; returns that tally."""
        tally = read_tally(self._tally_path)
        engine = create_engine(self._database_url(), pool_pre_ping=True)
        deadline = time.monotonic() + QUIET_WITHIN_S
        try:
            while time.monotonic() < deadline and child.poll() is None:
                if self._all_stand(engine, tally):
                    break
                time.sleep(2)
        finally:
            engine.dispose()
        return tally

    def _all_stand(self, engine: Engine, tally: list[tuple[str, str]]) -> bool:
        try:
            with engine.connect() as conn:
                return not missing(conn, (fact_id for fact_id, _ in tally))
        except SQLAlchemyError:
            return False

    def _database_url(self) -> str:
        told = json.loads((self._data_dir / "running.json").read_text())
        return str(told["database"])

    def _compare(self, tally: list[tuple[str, str]]) -> None:
        """On the stopped line's own database, started once more for this alone."""
        server = Server(self._data_dir / "postgres")
        server.start()
        try:
            url = make_database(server.url(), DATABASE)
            engine = create_engine(url)
            with engine.connect() as conn:
                conn.execute(text("SET default_transaction_read_only = on"))
                count(conn, tally, self._report)
            engine.dispose()
            self._report.verify = self._verify(url)
        finally:
            server.stop()

    def _verify(self, url: str) -> str:
        """`liuzhu verify` as people run it: its exit code and what it printed."""
        done = subprocess.run(
            [sys.executable, "-m", "infra.cli", "verify"],
            env={**self._env, "DATABASE_URL": url, "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1"},
            capture_output=True,
            text=True,
            check=False,
            cwd=REPOSITORY,
        )
        return f"{done.returncode}: {(done.stdout + done.stderr).strip()}"


def main() -> int:
    """Read the arguments, run, report; 0 when nothing was lost or doubled and the journal verifies."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--rate", type=float, default=60.0, help="city seconds in a second")
    parser.add_argument("--every", type=float, default=20.0, help="seconds between two kills")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--desks", type=int, default=1)
    parser.add_argument("--planners", type=int, default=1)
    parser.add_argument("--kill", default="", help="kill only processes whose names begin so, comma between")
    parser.add_argument(
        "--turns", type=float, default=0.0, help="seconds of planners busy, then still, in turns"
    )
    told = parser.parse_args()
    folder = settings().data_dir / "soak"
    report = Soak(folder, told).run()
    as_told = json.dumps(asdict(report), ensure_ascii=False, indent=2)
    (folder / "report.json").write_text(as_told + "\n", encoding="utf-8")
    print(as_told)
    print("通过 / passed" if report.is_good else "未通过 / failed")
    return 0 if report.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
