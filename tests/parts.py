"""The real parts that tests run on, and real processes of ours to run and kill."""

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from infra.parts.children import start_child, stop_child
from infra.parts.containers import engine_answers, kafka_container, postgres_container
from infra.parts.kafka import Broker, install_kafka
from infra.parts.postgres import Server
from infra.settings import REPOSITORY, Settings

TESTS_ON: dict[str, set[str]] = {"Kafka": set(), "PostgreSQL": set()}
"""The tests that took each real part, by their node ids."""


def note_use(part: str) -> None:
    """Remember that the running test stands on a real `part`."""
    TESTS_ON[part].add(os.environ.get("PYTEST_CURRENT_TEST", "").rsplit(" (", 1)[0])


@contextmanager
def short_folder(name: str) -> Iterator[Path]:
    """A folder of our own under the system's temporary one, open to the server's user, removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix=f"liuzhu-{name}-"))
    folder.chmod(0o711)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def own_broker(quiet: bool = True) -> Iterator[Broker]:
    """A broker of this test alone, which it may `kill()` and `start()` again."""
    note_use("Kafka")
    with short_folder("kafka") as folder:
        say: Callable[[str], None] = (lambda _: None) if quiet else print
        broker = Broker(install_kafka(Settings().cache_dir, say), folder)
        try:
            broker.start()
            yield broker
        finally:
            broker.stop()


@contextmanager
def own_server() -> Iterator[Server]:
    """A PostgreSQL server of this test alone, which it may `kill()` and `start()` again."""
    note_use("PostgreSQL")
    with short_folder("postgres") as folder:
        server = Server(folder / "data", durable=False)
        try:
            server.start()
            yield server
        finally:
            server.stop()
            shutil.rmtree(server.folder, ignore_errors=True)


@dataclass
class RealParts:
    """Kafka and PostgreSQL of the whole run, each started when the first test asks for it.

    From the environment, else from containers where an engine answers, else as our own children.
    """

    used: dict[str, str] = field(default_factory=dict)
    _stack: ExitStack = field(default_factory=ExitStack)
    _engine: bool | None = None

    def _containers(self) -> bool:
        if self._engine is None:
            self._engine = engine_answers()
        return self._engine

    def kafka(self) -> str:
        """Bootstrap servers of the run's Kafka."""
        given = os.environ.get("KAFKA_BOOTSTRAP_SERVERS")
        if given:
            self.used["Kafka"] = f"KAFKA_BOOTSTRAP_SERVERS ({given})"
            return given
        if self._containers():
            bootstrap_servers = self._stack.enter_context(kafka_container())
            self.used["Kafka"] = f"container ({bootstrap_servers})"
        else:
            bootstrap_servers = self._stack.enter_context(own_broker()).bootstrap_servers
            self.used["Kafka"] = f"embedded ({bootstrap_servers})"
        return bootstrap_servers

    def postgres(self) -> str:
        """SQLAlchemy URL of the run's PostgreSQL server, where databases may be made."""
        given = os.environ.get("DATABASE_URL")
        if given:
            self.used["PostgreSQL"] = "DATABASE_URL"
            return given
        if self._containers():
            url = self._stack.enter_context(postgres_container())
            self.used["PostgreSQL"] = "container"
        else:
            url = self._stack.enter_context(own_server()).url()
            self.used["PostgreSQL"] = "embedded"
        return url

    def close(self) -> None:
        """Stop what was started."""
        self._stack.close()


@dataclass
class RunningProcess:
    """One real `liuzhu` process."""

    child: subprocess.Popen[bytes]
    log: Path

    def kill(self) -> None:
        """End it as a crash would."""
        self.child.kill()
        self.child.wait()

    def pause(self) -> None:
        """Hold it still (SIGSTOP), as a machine that swaps would."""
        self.child.send_signal(signal.SIGSTOP)

    def go_on(self) -> None:
        """Let a paused one run (SIGCONT)."""
        self.child.send_signal(signal.SIGCONT)

    def is_alive(self) -> bool:
        """Whether it still runs."""
        return self.child.poll() is None

    def told(self) -> str:
        """All it has written."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""


@contextmanager
def process(name: str, env: Mapping[str, str], log_folder: Path | None = None) -> Iterator[RunningProcess]:
    """Run `liuzhu NAME` (several words are several arguments) until the end of the block.

    `env` is put over this process's environment: KAFKA_BOOTSTRAP_SERVERS, DATABASE_URL, LIUZHU_TOPIC_PREFIX …
    It is stopped with SIGTERM at the end, by force after 10 s.
    """
    with ExitStack() as stack:
        folder = log_folder or stack.enter_context(short_folder("process"))
        log = folder / f"{name.replace(' ', '-')}-{time.monotonic_ns()}.log"
        child = start_child(
            [sys.executable, "-m", "infra.cli", *name.split()],
            log=log,
            env={**os.environ, **env},
            cwd=REPOSITORY,
        )
        running = RunningProcess(child, log)
        try:
            yield running
        finally:
            if running.is_alive():
                running.go_on()
            stop_child(child, signal.SIGTERM, 10.0)


def wait_until(condition: Callable[[], bool], *, within_s: float, what: str) -> None:
    """Return as soon as `condition` holds; fail with `what` when it has not `within_s`."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"not within {within_s:.0f} s: {what}")
