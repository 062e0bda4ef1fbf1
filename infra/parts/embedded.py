"""Kafka and PostgreSQL of `up`: those the settings name, else our own children, kept alive."""

import shutil
import signal
from collections.abc import Callable
from pathlib import Path

from infra.addresses import Addresses
from infra.parts.children import PidFiles
from infra.parts.kafka import Broker, install_kafka
from infra.parts.postgres import Server, cluster_folder, make_database, server_user
from infra.settings import Settings

DATABASE = "liuzhu"
Step = Callable[[str, str], None]


class EmbeddedParts:
    """The two stores of one `up`. Given ones are left alone; own ones are started, watched and stopped."""

    def __init__(self, settings: Settings, pids: PidFiles) -> None:
        self._settings = settings
        self._pids = pids
        self.broker: Broker | None = None
        self.server: Server | None = None

    def start(self, step: Step) -> Addresses:
        """Start what is not given; `step` is told what is going on, in Chinese and English.

        PostgreSQL takes connections on return; a Kafka of ours may not yet answer: see `wait_for_kafka`.
        """
        return Addresses(self._launch_kafka(step), self._start_postgres(step))

    def wait_for_kafka(self) -> None:
        """Return when our own broker answers; raises Trouble KAFKA_NOT_UP."""
        if self.broker is not None and self.broker.child is not None:
            self.broker.wait_ready(self.broker.child)

    def _launch_kafka(self, step: Step) -> str:
        if self._settings.kafka_bootstrap_servers:
            return self._settings.kafka_bootstrap_servers
        step("准备 Kafka（首次约半分钟）", "preparing Kafka (half a minute the first time)")
        program = install_kafka(self._settings.cache_dir, say=lambda _: None)
        step("启动 Kafka", "starting Kafka")
        self.broker = Broker(program, self._settings.data_dir / "kafka")
        self.broker.launch()
        assert self.broker.child is not None
        self._pids.write("kafka", self.broker.child.pid)
        return self.broker.bootstrap_servers

    def _start_postgres(self, step: Step) -> str:
        if self._settings.database_url:
            return self._settings.database_url
        step("启动 PostgreSQL", "starting PostgreSQL")
        self.server = Server(self._settings.data_dir / "postgres")
        self.server.start()
        assert self.server.child is not None
        self._pids.write("postgres", self.server.child.pid)
        return make_database(self.server.url(), DATABASE)

    def revive(self) -> tuple[str, ...]:
        """Start again what has died; returns the names. A broker needs some seconds until it answers."""
        revived = []
        if self.broker and self.broker.child and self.broker.child.poll() is not None:
            self.broker.launch()
            self._pids.write("kafka", self.broker.child.pid)
            revived.append("Kafka")
        if self.server and self.server.child and self.server.child.poll() is not None:
            self.server.start()
            self._pids.write("postgres", self.server.child.pid)
            revived.append("PostgreSQL")
        return tuple(revived)

    def stop(self) -> None:
        """Stop what we started, both at once."""
        if self.broker and self.broker.child and self.broker.child.poll() is None:
            self.broker.child.send_signal(signal.SIGTERM)
        if self.server:
            self.server.stop()
            self._pids.forget("postgres")
        if self.broker:
            self.broker.stop()
            self._pids.forget("kafka")


def wipe(data_dir: Path, keep: frozenset[str]) -> None:
    """Remove the data of our own parts and all logs, but for the names in `keep`."""
    cluster = cluster_folder(data_dir / "postgres", server_user())
    shutil.rmtree(cluster, ignore_errors=True)
    for entry in data_dir.iterdir():
        if entry.name in keep:
            continue
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink()
