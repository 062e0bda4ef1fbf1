"""The four topics of the line: made by our own command, never by a client that happens to need one."""

import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from infra.trouble import Trouble
from schemas.envelope import ALARMS, DEAD_LETTERS, DISPATCH, INTAKE, TOPICS

if TYPE_CHECKING:
    from collections.abc import Iterator

DAY_MS = 86_400_000
MEBIBYTE = 1_048_576
# A body above our own limit must still arrive, to be refused by name and shown to the supervisor.
MAX_SAID_BYTES = 2 * MEBIBYTE
MAX_TOLD_BYTES = 8 * MEBIBYTE


@dataclass(frozen=True)
class TopicPlan:
    """One topic as it should be."""

    name: str
    partitions: int
    configs: dict[str, str]


def plan_topics(prefix: str, partitions: int, brokers: int) -> tuple[TopicPlan, ...]:
    """All topics with `prefix` before their names, as they should be on a Kafka of so many brokers.

    The partition count is the same everywhere: an area's partition is its number on every topic.
    """
    said = {"retention.ms": str(30 * DAY_MS), "max.message.bytes": str(MAX_SAID_BYTES)}
    if brokers == 1:  # no second copy: each message is on the disk before it is acknowledged
        said["flush.messages"] = "1"
    else:
        said["min.insync.replicas"] = str(min(2, brokers))
    told = {"retention.ms": str(7 * DAY_MS), "max.message.bytes": str(MAX_TOLD_BYTES)}
    dead = {"retention.ms": str(90 * DAY_MS), "max.message.bytes": str(MAX_TOLD_BYTES)}
    by_topic = {INTAKE: said, ALARMS: said, DISPATCH: told, DEAD_LETTERS: dead}
    stamp = {"message.timestamp.type": "LogAppendTime", "cleanup.policy": "delete"}
    return tuple(TopicPlan(prefix + name, partitions, stamp | by_topic[name]) for name in TOPICS)


@contextmanager
def kafka_admin(bootstrap_servers: str, wait_s: float = 10.0) -> "Iterator[Any]":
    """An admin connection; raises Trouble KAFKA_AWAY when no broker answers within `wait_s`."""
    from kafka import KafkaAdminClient
    from kafka.errors import KafkaError

    from infra.parts.kafka import quiet_kafka_python

    try:
        with quiet_kafka_python():
            admin = KafkaAdminClient(
                bootstrap_servers=bootstrap_servers, bootstrap_timeout_ms=int(wait_s * 1000)
            )
    except (KafkaError, OSError, ValueError) as error:
        raise Trouble(
            "KAFKA_AWAY",
            f"{wait_s:.0f} 秒内连不上 Kafka（{bootstrap_servers}）。请确认它已启动，地址正确。",
            f"no Kafka answers at {bootstrap_servers} within {wait_s:.0f} s: "
            f"see that it runs and that the address is right. ({type(error).__name__})",
        ) from error
    try:
        yield admin
    finally:
        admin.close()


def create_topics(bootstrap_servers: str, *, prefix: str = "", partitions: int = 12) -> tuple[str, ...]:
    """Make the topics that are missing, wait until all are known; returns the names made."""
    from kafka.admin import NewTopic
    from kafka.errors import TopicAlreadyExistsError

    with kafka_admin(bootstrap_servers) as admin:
        brokers = len(admin.describe_cluster()["brokers"])
        plans = plan_topics(prefix, partitions, brokers)
        known = set(admin.list_topics())
        missing = [plan for plan in plans if plan.name not in known]
        new = [
            NewTopic(plan.name, plan.partitions, min(3, brokers), topic_configs=plan.configs)
            for plan in missing
        ]
        try:
            if new:
                admin.create_topics(new)
        except TopicAlreadyExistsError:
            pass  # another process made it between the look and the making
        admin.wait_for_topics([plan.name for plan in plans])
    return tuple(plan.name for plan in missing)


def topic_ids(bootstrap_servers: str, *, prefix: str = "") -> dict[str, uuid.UUID]:
    """Each topic's id by its name without prefix (made anew, it has another); missing ones are left out."""
    with kafka_admin(bootstrap_servers) as admin:
        told = admin.describe_topics([prefix + name for name in TOPICS])
    return {
        str(topic["name"]).removeprefix(prefix): uuid.UUID(str(topic["topic_id"]))
        for topic in told
        if not topic["error_code"]
    }


def check_topics(bootstrap_servers: str, *, prefix: str = "", partitions: int = 12) -> tuple[str, ...]:
    """What is wrong with the topics, one line each, Chinese / English; nothing when all is well."""
    from kafka.admin import ConfigResource, ConfigResourceType

    with kafka_admin(bootstrap_servers) as admin:
        plans = plan_topics(prefix, partitions, len(admin.describe_cluster()["brokers"]))
        known = set(admin.list_topics())
        there = [plan for plan in plans if plan.name in known]
        wrong = [f"缺少主题 {plan.name} / topic missing" for plan in plans if plan.name not in known]
        counts = {
            str(t["name"]): len(t["partitions"]) for t in admin.describe_topics([p.name for p in there])
        }
        asked = [ConfigResource(ConfigResourceType.TOPIC, plan.name) for plan in there]
        configs = _flat_configs(admin.describe_configs(asked)) if asked else {}
    for plan in there:
        if counts.get(plan.name) != plan.partitions:
            has = counts.get(plan.name)
            wrong.append(
                f"{plan.name} 分区数 {has}，应为 {plan.partitions} / partitions {has}, not {plan.partitions}"
            )
        for key, value in plan.configs.items():
            has_value = configs.get(plan.name, {}).get(key)
            if has_value != value:
                wrong.append(
                    f"{plan.name} 的 {key} 为 {has_value}，应为 {value} / is {has_value}, not {value}"
                )
    return tuple(wrong)


def _flat_configs(told: Any) -> dict[str, dict[str, str]]:
    flat: dict[str, dict[str, str]] = {}
    for by_name in told.values():
        for name, entries in by_name.items():
            flat[str(name)] = {str(key): str(entry["value"]) for key, entry in entries.items()}
    return flat


def require_topics(bootstrap_servers: str, *, prefix: str = "") -> None:
    """Raise Trouble TOPICS_MISSING unless all are there: Faust would idle for ever on a missing one."""
    missing = [name for name in TOPICS if name not in topic_ids(bootstrap_servers, prefix=prefix)]
    if missing:
        raise Trouble(
            "TOPICS_MISSING",
            f"缺少主题 {', '.join(prefix + name for name in missing)}。请运行 liuzhu topics。",
            f"topics missing: {', '.join(prefix + name for name in missing)}. Run `liuzhu topics`.",
        )
