"""Said facts: emergencies, and what machines and the clock say."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Code, Ident, KeyOrdered, Point, Sealed, Seconds, Whole, is_unset
from schemas.codes import (
    AlarmKind,
    CallBackOutcome,
    CloseProof,
)
from schemas.facts_base import FactBase
from schemas.shapes import (
    AlarmSecret,
    EngineGain,
    NotPlanned,
    PlanChange,
    ProposedStop,
)


class AlarmRaised(FactBase):
    """An emergency call of any source. It is never refused, whoever it is for.

    `place` is where a device of nobody we know says it is; of a known person the place travels sealed. A desk
    that asks a neighbour names its own case in `for_case_id`.
    """

    word: Literal["AlarmRaised"] = "AlarmRaised"
    case_id: Ident
    kind: AlarmKind
    recipient_id: Ident | None = None
    device_id: Ident | None = None
    place: Point | None = None
    battery_percent: Annotated[int, Field(strict=True, ge=0, le=100)] | None = None
    for_case_id: Ident | None = Field(default=None, exclude_if=is_unset)
    sealed: Sealed | None = Field(default=None, exclude_if=is_unset)
    opened: AlarmSecret | None = Field(default=None, exclude=True)


class CaseAnswered(FactBase):
    """What a call back to the person brought."""

    word: Literal["CaseAnswered"] = "CaseAnswered"
    case_id: Ident
    outcome: CallBackOutcome


class ResponderChosen(FactBase):
    """The operator sends this caregiver."""

    word: Literal["ResponderChosen"] = "ResponderChosen"
    case_id: Ident
    caregiver_id: Ident


class CaseNoticeAnswered(FactBase):
    """120, family, station or neighbour answered a notice of the case."""

    word: Literal["CaseNoticeAnswered"] = "CaseNoticeAnswered"
    case_id: Ident
    party: Annotated[str, Field(pattern="^(AMBULANCE|FAMILY|STATION|NEIGHBOUR|COMMITTEE)$")]
    answer: Code


class CaseCloseAsked(FactBase):
    """Somebody heard the person's voice or stood before them."""

    word: Literal["CaseCloseAsked"] = "CaseCloseAsked"
    case_id: Ident
    proof: CloseProof


class PlanProposed(FactBase):
    """A planner's plan over the state after row `base_seq`; checked before it was said.

    `price_s` and `base_price_s` price it and the plan it started from, in seconds; no plan costs less than
    `bound_s`. `stops` are those that change and those that wait for a plan. `gains` is by engine;
    `left_out` counts the visits nobody serves, of which `not_planned` names the first. `estimated_permille`
    of the ways are no road router's; unset where none was asked.
    """

    word: Literal["PlanProposed"] = "PlanProposed"
    base_seq: Whole
    engine: Code
    stops: Annotated[tuple[ProposedStop, ...], Field(max_length=20_000)]
    price_s: Whole
    base_price_s: Whole
    solve_ms: Seconds
    bound_s: Whole | None = Field(default=None, exclude_if=is_unset)
    gains: Annotated[dict[Code, EngineGain], KeyOrdered] | None = Field(default=None, exclude_if=is_unset)
    changes: tuple[PlanChange, ...] | None = Field(default=None, max_length=20_000, exclude_if=is_unset)
    left_out: Annotated[int, Field(strict=True, ge=0)] | None = Field(default=None, exclude_if=is_unset)
    not_planned: tuple[NotPlanned, ...] | None = Field(default=None, max_length=200, exclude_if=is_unset)
    estimated_permille: Annotated[int, Field(strict=True, ge=0, le=1000)] | None = Field(
        default=None, exclude_if=is_unset
    )


class PersonForgotten(FactBase):
    """A person asked to be forgotten: what the desk knew of them goes."""

    word: Literal["PersonForgotten"] = "PersonForgotten"
    person_id: Ident


class TimePassed(FactBase):
    """The clock: `partition` of the topic it was said on."""

    word: Literal["TimePassed"] = "TimePassed"
    partition: Annotated[int, Field(strict=True, ge=0)]
