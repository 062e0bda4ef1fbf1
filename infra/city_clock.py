"""The city's clock of a demonstration: opened when `up` starts, standing still while it is stopped."""

from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import Connection, Engine, insert, select

from infra.topics import kafka_admin
from schemas.city_time import Segment
from schemas.envelope import INTAKE
from schemas.tables import city_time

CHINA = timezone(timedelta(hours=8))
FIRST_HOUR = 7  # a new town's first morning: shifts have begun, the lines open soon


def first_city_moment(real: datetime) -> datetime:
    """Where the city time of a new demonstration begins: 07:00 in China on the day of `real`."""
    return real.astimezone(CHINA).replace(hour=FIRST_HOUR, minute=0, second=0, microsecond=0)


def last_said_at(bootstrap_servers: str, *, prefix: str = "") -> datetime | None:
    """When the newest message was appended to `intake`: with a clock running, the last `TimePassed`."""
    from kafka import TopicPartition
    from kafka.admin import OffsetSpec

    topic = prefix + INTAKE
    with kafka_admin(bootstrap_servers) as admin:
        (told,) = admin.describe_topics([topic])
        asked = {
            TopicPartition(topic, int(part["partition_index"])): OffsetSpec.MAX_TIMESTAMP
            for part in told["partitions"]
        }
        found = admin.list_partition_offsets(asked)
    newest_ms = max((int(at.timestamp) for at in found.values()), default=-1)
    return None if newest_ms < 0 else datetime.fromtimestamp(newest_ms / 1000, UTC)


def open_city_clock(
    engine: Engine, *, rate_permille: int, real: datetime, first: datetime, last_said: datetime | None
) -> datetime:
    """Let city time run from `real` on, from where it stood; returns where that is.

    A segment left open by a crash is closed at `last_said` first, so that the crash did not move city time.
    `first` is where a city without any segment begins.
    """
    with engine.begin() as connection:
        last = _last_segment(connection)
        if last is not None and last.rate_permille:
            last = _close(connection, last, max(last_said or last.real_from, last.real_from))
        city = last.city_from if last is not None else first
        _add(connection, Segment(real, city, rate_permille))
    return city


def freeze_city_clock(engine: Engine, *, real: datetime) -> None:
    """Let city time stand still from `real` on."""
    with engine.begin() as connection:
        last = _last_segment(connection)
        if last is not None and last.rate_permille:
            _close(connection, last, max(real, last.real_from))


def _close(connection: Connection, running: Segment, real: datetime) -> Segment:
    still = Segment(real, running.at(real), 0)
    _add(connection, still)
    return still


def _add(connection: Connection, segment: Segment) -> None:
    connection.execute(
        insert(city_time).values(
            real_from=segment.real_from, city_from=segment.city_from, rate_permille=segment.rate_permille
        )
    )


def _last_segment(connection: Connection) -> Segment | None:
    row = connection.execute(
        select(city_time.c.real_from, city_time.c.city_from, city_time.c.rate_permille)
        .order_by(city_time.c.segment.desc())
        .limit(1)
    ).first()
    return None if row is None else Segment(row.real_from, row.city_from, row.rate_permille)
