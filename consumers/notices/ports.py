"""The ports of SMS and voice. The default writes to the outbox, which a page shows."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from sqlalchemy import Connection
from sqlalchemy.dialects.postgresql import insert

from consumers.notices.told import Notice
from schemas.tables import outbox


@dataclass(frozen=True)
class Carried:
    """A notice with its id, to be carried to its receiver."""

    notice_id: str
    notice: Notice
    at: datetime


class Port(Protocol):
    """A way to people outside the pages. Names and numbers are looked up by whoever really sends."""

    def take(self, connection: Connection, carried: Carried) -> None:
        """Take a notice over, in the transaction of its row; taking it twice is taking it once."""
        ...


class Outbox:
    """Writes messages to the table `outbox`; nothing leaves the house."""

    def take(self, connection: Connection, carried: Carried) -> None:
        """Put the notice into the outbox."""
        notice = carried.notice
        fresh = insert(outbox).values(
            notice_id=carried.notice_id,
            channel=notice.channel,
            to_role=notice.to_role,
            to_id=notice.to_id,
            code=notice.code,
            numbers=notice.numbers,
            refs=notice.refs,
            created_at=carried.at,
        )
        connection.execute(fresh.on_conflict_do_nothing())


OUTBOX: Mapping[str, Port] = {"SMS": Outbox(), "VOICE": Outbox()}
