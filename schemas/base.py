"""What every word is made of: frozen models, aware instants, whole numbers."""

from datetime import UTC, datetime
from typing import Annotated, Self, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)


def _to_utc_ms(value: datetime) -> datetime:
    utc = value.astimezone(UTC)
    return utc.replace(microsecond=utc.microsecond // 1000 * 1000)


Key = TypeVar("Key", bound=str)
Value = TypeVar("Value")


def _in_key_order(value: dict[Key, Value]) -> dict[Key, Value]:
    return dict(sorted(value.items()))


# A desk that heard a fact and one that reads it from the journal, where keys are sorted, agree to the byte.
KeyOrdered = AfterValidator(_in_key_order)

Instant = Annotated[AwareDatetime, AfterValidator(_to_utc_ms)]
"""An aware moment, kept in UTC to the millisecond."""

Ident = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9._:\-]{1,64}$")]
"""An identifier; those that arise here are UUIDv7, those of others keep their own form."""

Code = Annotated[str, StringConstraints(pattern=r"^[A-Z0-9_]{1,48}$")]
Fen = Annotated[int, Field(strict=True, ge=-(10**12), le=10**12)]
"""Money in whole fen (1/100 yuan)."""
FenPaid = Annotated[int, Field(strict=True, ge=0, le=10**12)]
Seconds = Annotated[int, Field(strict=True, ge=0, le=366 * 86_400)]
Whole = Annotated[int, Field(strict=True)]


def is_unset(value: object) -> bool:
    """For `exclude_if` of fields added after a release: left out when unset, former rows keep their bytes."""
    return value is None


class Word(BaseModel):
    """A frozen record; unknown fields are refused, so that a newer shape is noticed and not half read."""

    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_bytes="base64")


class Point(Word):
    """A position in WGS-84, micro-degrees. Other datums are converted at the edges (`schemas.places`)."""

    lat_udeg: Annotated[int, Field(strict=True, ge=-90_000_000, le=90_000_000)]
    lon_udeg: Annotated[int, Field(strict=True, ge=-180_000_000, le=180_000_000)]


class StartWindow(Word):
    """When service may begin: from `opens_at`, before or at `closes_at`."""

    opens_at: Instant
    closes_at: Instant

    @model_validator(mode="after")
    def _ends_after_start(self) -> Self:
        if self.closes_at < self.opens_at:
            raise ValueError("WINDOW_REVERSED")
        return self


class Reason(Word):
    """Why: a code of `schemas.reasons` with its whole numbers, and ids it speaks of. No free text."""

    code: Code
    numbers: Annotated[dict[str, Whole], KeyOrdered] = {}
    refs: Annotated[dict[str, Ident], KeyOrdered] = {}


class Sealed(Word):
    """Bytes only readable with the person's key: AES-256-GCM, nonce and ciphertext in base64."""

    person_id: Ident
    nonce: Annotated[str, StringConstraints(max_length=32)]
    data: Annotated[str, StringConstraints(max_length=65_536)]


class Speaker(Word):
    """Who said a fact: the role and the id of a person or process."""

    role: Annotated[
        str,
        StringConstraints(
            pattern="^(OPERATOR|SHIFT_LEAD|CAREGIVER|CLERK|FINANCE|SUPERVISOR|RECIPIENT|DEVICE|REGISTER|PLANNER|CLOCK|DESK|CARE_PLAN)$"
        ),
    ]
    id: Ident
