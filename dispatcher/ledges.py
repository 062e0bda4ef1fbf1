"""What is locked before anything is decided: the heads of areas, then the positions of partitions."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    LargeBinary,
    String,
    column,
    select,
    tuple_,
    update,
    values,
)
from sqlalchemy.dialects.postgresql import insert

from dispatcher.deliveries import Delivery
from schemas.rows import GENESIS
from schemas.tables import heads, positions

Place = tuple[str, int]
"""Topic id and partition."""


@dataclass(frozen=True)
class Head:
    """The last row of an area; seq 0 before the first."""

    seq: int
    hash: bytes


class Gap(Exception):
    """A message lies beyond the next one to decide: those between were not seen, so nothing is decided."""

    def __init__(self, delivery: Delivery, expected: int) -> None:
        super().__init__(
            f"{delivery.topic}[{delivery.partition}] offset {delivery.offset}, but {expected} comes next"
        )
        self.place: Place = (delivery.topic_id, delivery.partition)
        self.offset, self.expected = delivery.offset, expected


def lock_heads(connection: Connection, areas: Iterable[str]) -> dict[str, Head]:
    """Lock the head rows in the order of their areas, made where they are missing."""
    names = sorted(set(areas))
    if not names:
        return {}
    there = set(connection.execute(select(heads.c.area).where(heads.c.area.in_(names))).scalars())
    missing = [{"area": name, "seq": 0, "hash": GENESIS} for name in names if name not in there]
    if missing:  # before anything is locked, so that two writers of a new area never wait for each other
        connection.execute(insert(heads).on_conflict_do_nothing(), missing)
    locked = select(heads).where(heads.c.area.in_(names)).order_by(heads.c.area).with_for_update()
    found = {row.area: Head(row.seq, bytes(row.hash)) for row in connection.execute(locked)}
    return {name: found[name] for name in names}


def lock_positions(connection: Connection, deliveries: Sequence[Delivery]) -> dict[Place, int]:
    """Lock the position rows of these messages' partitions; one that is missing starts at 0."""
    places = sorted({(d.topic_id, d.partition) for d in deliveries})
    if not places:
        return {}
    locked = (
        select(positions)
        .where(tuple_(positions.c.topic_id, positions.c.partition).in_(places))
        .order_by(positions.c.topic_id, positions.c.partition)
        .with_for_update()
    )
    found = {(row.topic_id, row.partition): row.next_offset for row in connection.execute(locked)}
    if len(found) < len(places):
        names = {(d.topic_id, d.partition): d.topic for d in deliveries}
        missing = [
            {"topic_id": place[0], "partition": place[1], "topic": names[place], "next_offset": 0}
            for place in places
            if place not in found
        ]
        connection.execute(insert(positions).on_conflict_do_nothing(), missing)
        found = {(row.topic_id, row.partition): row.next_offset for row in connection.execute(locked)}
    return found


def set_positions(
    connection: Connection, deliveries: Sequence[Delivery], next_offsets: dict[Place, int]
) -> None:
    """Store the next offset of every partition of the batch, also where nothing was decided."""
    places = sorted({(d.topic_id, d.partition) for d in deliveries})
    if not places:
        return
    named = values(column("topic_id", String), column("partition", Integer), column("next", BigInteger))
    moved = named.data([(*place, next_offsets[place]) for place in places]).alias("moved")
    connection.execute(
        update(positions)
        .where(positions.c.topic_id == moved.c.topic_id, positions.c.partition == moved.c.partition)
        .values(next_offset=moved.c.next)
    )


def move_heads(connection: Connection, new_heads: dict[str, Head]) -> None:
    """Store the last rows of areas that were locked."""
    if not new_heads:
        return
    named = values(column("area", String), column("seq", BigInteger), column("hash", LargeBinary))
    moved = named.data([(area, head.seq, head.hash) for area, head in new_heads.items()]).alias("moved")
    connection.execute(
        update(heads).where(heads.c.area == moved.c.area).values(seq=moved.c.seq, hash=moved.c.hash)
    )
