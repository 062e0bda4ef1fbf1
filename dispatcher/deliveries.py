"""What the broker brings, read into facts; and the partition an area has on every topic."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from kafka.partitioner import murmur2

from schemas.envelope import BadFact, read_fact
from schemas.facts import Fact, TimePassed


@dataclass(frozen=True)
class Delivery:
    """One message as it stood on the broker: `topic` with its prefix, `appended_at` the broker's own time."""

    topic: str
    topic_id: str
    partition: int
    offset: int
    key: bytes | None
    headers: Mapping[str, bytes]
    body: bytes | None
    appended_at: datetime


def partition_of(area: str, partitions: int) -> int:
    """The partition of an area, by Kafka's own partitioner for keyed messages."""
    hashed: int = murmur2(area.encode())
    return (hashed & 0x7FFFFFFF) % partitions


def read_delivery(delivery: Delivery) -> Fact | BadFact:
    """The fact in a message, or what is wrong with it. Never raises on any bytes."""
    try:
        fact = read_fact(dict(delivery.headers), delivery.body)
    except BadFact as bad:
        return bad
    except MemoryError:
        raise
    except Exception as error:  # whatever strange bytes break in a parser, the street goes on
        return BadFact("FIELD_WRONG", type(error).__name__)
    if not isinstance(fact, TimePassed) and delivery.key != fact.area.encode():
        return BadFact("HEADER_MISMATCH", "the key is not the area")
    return fact


def plain_text(raw: bytes | str | None, limit: int = 2_000) -> str:
    """Bytes as text that PostgreSQL stores: without NUL, nothing lost that is readable."""
    if raw is None:
        return ""
    told = raw.decode("utf-8", errors="backslashreplace") if isinstance(raw, bytes) else raw
    told = told.encode("utf-8", errors="backslashreplace").decode()
    return told.replace("\x00", "\\x00")[:limit]
