"""Snapshots of desks: where a fold may start. They hold what a desk knows, so forgetting drops them."""

from dataclasses import dataclass

from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.postgresql import insert

from schemas.tables import snapshots

KEPT = 2


@dataclass(frozen=True)
class Snapshot:
    """A desk's state after row `seq`, whose hash is `hash`."""

    seq: int
    hash: bytes
    state: bytes


def latest_snapshot(connection: Connection, area: str, fold_version: int) -> Snapshot | None:
    """The newest snapshot of an area in the shape that this version folds; others are ignored."""
    row = connection.execute(
        select(snapshots.c.seq, snapshots.c.hash, snapshots.c.state)
        .where(snapshots.c.area == area, snapshots.c.fold_version == fold_version)
        .order_by(snapshots.c.seq.desc())
        .limit(1)
    ).first()
    return None if row is None else Snapshot(row.seq, bytes(row.hash), bytes(row.state))


def save_snapshot(connection: Connection, area: str, fold_version: int, snapshot: Snapshot) -> None:
    """Write a snapshot and drop all but the last few.

    To be called while the area's head is locked: a snapshot from before a forgetting must not come after it.
    """
    values = {"fold_version": fold_version, "hash": snapshot.hash, "state": snapshot.state}
    connection.execute(
        insert(snapshots)
        .values(area=area, seq=snapshot.seq, **values)
        .on_conflict_do_update(index_elements=["area", "seq"], set_=values)
    )
    kept = (
        select(snapshots.c.seq).where(snapshots.c.area == area).order_by(snapshots.c.seq.desc()).limit(KEPT)
    )
    connection.execute(delete(snapshots).where(snapshots.c.area == area, snapshots.c.seq.not_in(kept)))


def drop_snapshots(connection: Connection, area: str) -> None:
    """Drop all snapshots of an area: somebody in them has been forgotten."""
    connection.execute(delete(snapshots).where(snapshots.c.area == area))
