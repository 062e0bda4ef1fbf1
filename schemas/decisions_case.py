"""Decisions on emergencies."""

from typing import Literal

from pydantic import Field

from schemas.base import Code, Ident, Instant, Reason, Seconds, Whole, Word, is_unset
from schemas.codes import AlarmKind, AlarmRule, CloseProof
from schemas.decisions_choice import NotOffered
from schemas.shapes import StoppedAll, Tally


class CaseOpened(Word):
    """An alarm became a case; help goes at once or after a call back, by the rule for its kind."""

    word: Literal["CaseOpened"] = "CaseOpened"
    case_id: Ident
    recipient_id: Ident | None
    kind: AlarmKind
    rule: AlarmRule
    reason: Reason


class CasePressedAgain(Word):
    """The same person or device raised the alarm again while a case was open."""

    word: Literal["CasePressedAgain"] = "CasePressedAgain"
    case_id: Ident
    times: Whole


class ResponderRanked(Word):
    """One who could respond, and when they would arrive."""

    caregiver_id: Ident
    arrive_at: Instant
    travel_s: Seconds
    displaced_visit_ids: tuple[Ident, ...] = ()


class CaseDispatched(Word):
    """Help was asked of the nearest qualified responder; the ranking and why not others."""

    word: Literal["CaseDispatched"] = "CaseDispatched"
    case_id: Ident
    visit_id: Ident
    caregiver_id: Ident
    arrive_at: Instant
    ranked: tuple[ResponderRanked, ...]
    not_offered: tuple[NotOffered, ...] = ()
    tallies: tuple[Tally, ...] = ()
    stopped: StoppedAll | None = Field(default=None, exclude_if=is_unset)


class CaseNoticeRecorded(Word):
    """A party told in parallel answered; timed by the row."""

    word: Literal["CaseNoticeRecorded"] = "CaseNoticeRecorded"
    case_id: Ident
    party: Code
    answer: Code


class CaseClosed(Word):
    """The case is over."""

    word: Literal["CaseClosed"] = "CaseClosed"
    case_id: Ident
    proof: CloseProof
