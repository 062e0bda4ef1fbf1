"""What every fact tells."""

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from pydantic import AfterValidator, Field

from schemas.base import Ident, Instant, Speaker, Whole, Word


def _is_uuid(value: str) -> str:
    return str(UUID(value))


FactId = Annotated[str, AfterValidator(_is_uuid)]
Minute = Annotated[str, Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class FactBase(Word):
    """What every fact tells: its id, area, when and by whom it was said (by the speaker's own clock)."""

    fact_id: FactId
    area: Ident
    said_at: Instant
    by: Speaker


class DeviceFact(FactBase):
    """Said by a phone, perhaps long ago: `said_at` is the phone's own time, never altered.

    `clock_offset_ms` is city time minus the phone's clock, as measured at upload.
    """

    clock_offset_ms: Whole = 0

    @property
    def happened_at(self) -> datetime:
        """The moment in city time."""
        return self.said_at + timedelta(milliseconds=self.clock_offset_ms)
