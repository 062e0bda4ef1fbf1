"""What a wing is handed: the doors between producers, the stream and the desks' followers."""

from dataclasses import dataclass
from typing import Protocol

from schemas.decisions import Decision
from schemas.facts import Fact
from schemas.rows import Row


@dataclass(frozen=True)
class Said:
    """What became of a fact that was said.

    `via` is KAFKA, SPOOL or DOOR; `row` is the journal row when it stood within the wait, else None
    (the fact is kept and will be decided).
    """

    fact_id: str
    via: str
    row: Row | None


class EventSink(Protocol):
    """The door through which pages, devices and plans speak."""

    async def say(self, fact: Fact, *, of_case: bool = False, wait_s: float = 3.0) -> Said:
        """Say a fact and wait up to `wait_s` for its row. Raises SinkClosed when neither store takes it."""
        ...


class SinkClosed(Exception):
    """Neither Kafka nor PostgreSQL took the fact: what was filled in is kept on the page; try again."""


@dataclass(frozen=True)
class PurseLeft:
    """One month of a recipient's right under a programme: what it grants, holds and has booked."""

    programme_id: str
    name_zh: str
    name_en: str
    period: str
    quota_fen: int
    reserved_fen: int
    settled_fen: int

    @property
    def left_fen(self) -> int:
        """What is neither held nor booked."""
        return self.quota_fen - self.reserved_fen - self.settled_fen


class OutlookClosed(Exception):
    """The follower cannot answer now; what is said will still be decided."""


class Outlook(Protocol):
    """A follower that only answers questions: what would the desk decide from this fact, now?"""

    async def preview(self, fact: Fact) -> tuple[Decision, ...]:
        """The decisions the desk would take, by the same pure function; nothing is said or written.

        Raises OutlookClosed.
        """
        ...

    async def purses(self, area: str, recipient_id: str) -> tuple[PurseLeft, ...]:
        """What this month leaves of the recipient's rights, as the desk knows it. Raises OutlookClosed."""
        ...
