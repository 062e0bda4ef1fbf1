"""Where Kafka and PostgreSQL are: from the environment, else those that a running `up` started."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

import psutil

from infra.settings import Settings
from infra.trouble import Trouble


@dataclass(frozen=True)
class Addresses:
    """The two stores of the line: Kafka's `host:port`, and an SQLAlchemy URL."""

    bootstrap_servers: str
    database_url: str


def _file(data_dir: Path) -> Path:
    return data_dir / "running.json"


def write_addresses(data_dir: Path, addresses: Addresses) -> None:
    """Tell other commands in this folder where the parts are while `up` runs."""
    new = _file(data_dir).with_suffix(".new")
    told = {"kafka": addresses.bootstrap_servers, "database": addresses.database_url, "pid": os.getpid()}
    new.write_text(json.dumps(told))
    new.replace(_file(data_dir))


def forget_addresses(data_dir: Path) -> None:
    """Remove what `write_addresses` wrote."""
    _file(data_dir).unlink(missing_ok=True)


def find_addresses(settings: Settings) -> Addresses:
    """Both addresses; raises Trouble PARTS_AWAY when one is neither set nor running."""
    try:
        told = json.loads(_file(settings.data_dir).read_text())
        if not psutil.pid_exists(int(told["pid"])):  # a crashed `up` left its note
            told = {}
    except (OSError, ValueError, KeyError):
        told = {}
    kafka = settings.kafka_bootstrap_servers or told.get("kafka")
    database = settings.database_url or told.get("database")
    if not kafka or not database:
        raise Trouble(
            "PARTS_AWAY",
            "Kafka 或 PostgreSQL 没有在运行。请先在另一个终端运行 make run，"
            "或设置 KAFKA_BOOTSTRAP_SERVERS 与 DATABASE_URL。",
            "Kafka or PostgreSQL is not running. Start `make run` in another terminal first, "
            "or set KAFKA_BOOTSTRAP_SERVERS and DATABASE_URL.",
        )
    return Addresses(str(kafka), str(database))
