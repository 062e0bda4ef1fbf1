"""Faust as we run it, and what both apps ask of the broker. Every setting here was learnt from a loss."""

import hashlib
import logging
import os
import threading
import time
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NoReturn

import faust
from kafka import KafkaAdminClient
from kafka.errors import KafkaError

from dispatcher.deliveries import Delivery
from dispatcher.listening import HeldLock
from dispatcher.quiet import say_once

log = logging.getLogger(__name__)

EXIT_FAILED = 70
EXIT_TOPICS_CHANGED = 75
EXIT_LOCK_LOST = 76
EXIT_GAP = 77
WATCH_EVERY_S = 2.0


@dataclass(frozen=True)
class TopicSeen:
    """A topic as the broker describes it; made anew, it has another id."""

    name: str
    topic_id: str
    partitions: int


def end_process(code: int, why: str) -> NoReturn:
    """End without acknowledging anything: every other way out of Faust acknowledges what was in hand."""
    log.critical("ending with code %d: %s", code, why)
    logging.shutdown()
    os._exit(code)


def see_topics(bootstrap_servers: str, names: Sequence[str]) -> dict[str, TopicSeen]:
    """The topics that are there, by name. Raises KafkaError or OSError when no broker answers."""
    admin = KafkaAdminClient(
        bootstrap_servers=bootstrap_servers, bootstrap_timeout_ms=3_000, request_timeout_ms=3_000
    )
    try:
        told = admin.describe_topics(list(names))
    finally:
        admin.close()
    return {
        str(topic["name"]): TopicSeen(
            str(topic["name"]), str(uuid.UUID(str(topic["topic_id"]))), len(topic["partitions"])
        )
        for topic in told
        if not topic["error_code"]
    }


def wait_for_topics(
    bootstrap_servers: str, names: Sequence[str], stop: threading.Event
) -> dict[str, TopicSeen]:
    """All the topics, however long broker or topics take to come; empty when `stop` was set before."""
    told = ""
    while not stop.is_set():
        try:
            seen = see_topics(bootstrap_servers, names)
            missing = [name for name in names if name not in seen]
            if not missing:
                return seen
            state = f"topics missing: {', '.join(missing)} (run `liuzhu topics`)"
        except (KafkaError, OSError, ValueError) as error:
            state = f"Kafka is away ({type(error).__name__})"
        if state != told:
            log.warning("waiting: %s", state)
            told = state
        stop.wait(1.0)
    return {}


def group_name(kind: str, seen: dict[str, TopicSeen]) -> str:
    """A consumer group that starts anew when a topic was made anew under the same name."""
    ids = "/".join(seen[name].topic_id for name in sorted(seen))
    return f"{kind}-{hashlib.sha256(ids.encode()).hexdigest()[:16]}"


class Watch(threading.Thread):
    """Every 2 s: are the topics still the same ones, and is our lock still ours? Ends the process if not."""

    def __init__(self, bootstrap_servers: str, seen: dict[str, TopicSeen], lock: HeldLock) -> None:
        super().__init__(name="watch", daemon=True)
        self._bootstrap_servers = bootstrap_servers
        self._seen = seen
        self._lock = lock

    def run(self) -> None:
        """Look until the process ends."""
        while True:
            time.sleep(WATCH_EVERY_S)
            if self._lock.take() == "THEIRS":
                end_process(EXIT_LOCK_LOST, "another process has taken this worker's number")
            try:
                now = see_topics(self._bootstrap_servers, list(self._seen))
            except (KafkaError, OSError, ValueError):
                continue  # a broker that is away is waited for
            for name, topic in self._seen.items():
                if name in now and now[name].topic_id != topic.topic_id:
                    end_process(EXIT_TOPICS_CHANGED, f"topic {name} was made anew")


def faust_app(
    group: str, *, instance: str, bootstrap_servers: str, datadir: Path, **changes: Any
) -> faust.App:
    """An app that keeps nothing, serves nothing, makes no topics and commits once a second."""
    datadir.mkdir(parents=True, exist_ok=True)
    settings: dict[str, Any] = {
        "broker": [f"kafka://{server.strip()}" for server in bootstrap_servers.split(",")],
        "store": "memory://",
        "datadir": str(datadir),
        "web_enabled": False,
        "autodiscover": False,
        "topic_allow_declare": False,
        "topic_disable_leader": True,
        "processing_guarantee": "at_least_once",
        "consumer_group_instance_id": instance,
        "consumer_auto_offset_reset": "earliest",
        "consumer_max_fetch_size": 16_384,
        "broker_max_poll_records": 100,
        "stream_buffer_maxsize": 100,
        "stream_wait_empty": False,
        "broker_session_timeout": 6.0,
        "broker_heartbeat_interval": 1.5,
        "broker_commit_interval": 1.0,
        "key_serializer": "raw",
        "value_serializer": "raw",
    }
    return faust.App(group, **(settings | changes))


def run_worker(app: faust.App, log_level: str) -> int:
    """Run the app in this process until SIGTERM or SIGINT; returns its exit code."""
    say_once()
    worker = faust.Worker(app, loglevel=log_level, override_logging=False, redirect_stdouts=False)
    try:
        worker.execute_from_commandline()
    except SystemExit as ended:
        return ended.code if isinstance(ended.code, int) else 0
    return 0


def delivery_of(event: Any, seen: dict[str, TopicSeen]) -> Delivery:
    """A Faust event as the journal takes it."""
    message = event.message
    headers = message.headers or {}
    pairs = headers.items() if isinstance(headers, dict) else headers
    return Delivery(
        topic=message.topic,
        topic_id=seen[message.topic].topic_id,
        partition=message.partition,
        offset=message.offset,
        key=message.key,
        headers={str(name): bytes(value or b"") for name, value in pairs},
        body=message.value,
        appended_at=datetime.fromtimestamp(round(message.timestamp * 1000) / 1000, UTC),
    )
