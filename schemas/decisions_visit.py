"""Decisions at the door and on money."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Code, Fen, FenPaid, Ident, Instant, KeyOrdered, Reason, Seconds, Whole, Word
from schemas.codes import Grade, Obstruction
from schemas.shapes import CaregiverPay, ClaimLine, Share

Role = Annotated[int, Field(strict=True, ge=0, le=2)]


class CheckInOverdue(Word):
    """Nobody has checked in long after the planned start; says only that it is late."""

    word: Literal["CheckInOverdue"] = "CheckInOverdue"
    visit_id: Ident
    caregiver_id: Ident
    planned_start_at: Instant


class VisitStarted(Word):
    """The first valid check-in of a role."""

    word: Literal["VisitStarted"] = "VisitStarted"
    visit_id: Ident
    role: Role
    caregiver_id: Ident
    started_at: Instant
    distance_m: Seconds | None


class VisitVerified(Word):
    """The verdict on the evidence of a finished visit: the six elements held together, and why.

    `finished_at - started_at` is clock time; `billed_s` never exceeds it.
    """

    word: Literal["VisitVerified"] = "VisitVerified"
    visit_id: Ident
    recipient_id: Ident
    item: Code
    caregiver_ids: tuple[Ident, ...]
    started_at: Instant
    finished_at: Instant
    billed_s: Seconds
    grade: Grade
    findings: tuple[Reason, ...] = ()


class VisitObstructionNoted(Word):
    """A carer stood at the door and could not serve; who follows it up."""

    word: Literal["VisitObstructionNoted"] = "VisitObstructionNoted"
    visit_id: Ident
    caregiver_id: Ident
    obstruction: Obstruction


class VisitExceptionRaised(Word):
    """Something about a visit needs a person before it is paid."""

    word: Literal["VisitExceptionRaised"] = "VisitExceptionRaised"
    visit_id: Ident
    reasons: tuple[Reason, ...]


class VisitMissed(Word):
    """A person's word, or the upload limit, says that the visit did not take place."""

    word: Literal["VisitMissed"] = "VisitMissed"
    visit_id: Ident
    reason: Reason


class MoneyReserved(Word):
    """Held of a purse (recipient, programme, month `YYYY-MM`) when the visit was planned."""

    word: Literal["MoneyReserved"] = "MoneyReserved"
    visit_id: Ident
    recipient_id: Ident
    programme_id: Ident
    period: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
    amount_fen: FenPaid


class MoneyReleased(Word):
    """A hold given back."""

    word: Literal["MoneyReleased"] = "MoneyReleased"
    visit_id: Ident
    recipient_id: Ident
    programme_id: Ident
    period: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
    amount_fen: FenPaid


class PriceStep(Word):
    """One step of the sum: a code, its numbers, and what is left to pay after it."""

    code: Code
    numbers: Annotated[dict[str, Whole], KeyOrdered] = Field(default={})
    refs: Annotated[dict[str, Ident], KeyOrdered] = Field(default={})
    left_fen: Fen


class VisitPriced(Word):
    """The bill of a finished visit: lines, who pays what share, what each caregiver earns, and each step.

    The lines add up to `total_fen`, and so do the shares. `held` bills wait for a person (exceptions).
    """

    word: Literal["VisitPriced"] = "VisitPriced"
    visit_id: Ident
    recipient_id: Ident
    provider_id: Ident
    tariff_id: Ident
    period: Annotated[str, Field(pattern=r"^\d{4}-\d{2}$")]
    lines: tuple[ClaimLine, ...]
    shares: tuple[Share, ...]
    pay: tuple[CaregiverPay, ...]
    steps: tuple[PriceStep, ...]
    total_fen: FenPaid
    held: bool
