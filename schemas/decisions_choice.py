"""Decisions on requests: admitted or refused, who and when, what was promised."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Code, FenPaid, Ident, Instant, Reason, Seconds, StartWindow, Whole, Word, is_unset
from schemas.codes import HelpKind, Human, Origin
from schemas.facts import AlarmRaised, CaseCloseAsked, PersonForgotten
from schemas.shapes import Fetched, Legs, PlannedStop, StoppedAll, Tally


class FactSetAside(Word):
    """A readable fact that changes nothing, with the reason and what to do (shown to the supervisor)."""

    word: Literal["FactSetAside"] = "FactSetAside"
    reasons: tuple[Reason, ...]


class AreaTold(Word):
    """A fact passed to another area by the relay (an emergency and its end, forgetting)."""

    word: Literal["AreaTold"] = "AreaTold"
    to_area: Ident
    fact: AlarmRaised | CaseCloseAsked | PersonForgotten = Field(discriminator="word")


class StopMoved(Word):
    """A visit that would start later for another's sake, and how much of its promise is left behind that."""

    visit_id: Ident
    later_s: Seconds
    left_s: Seconds | None
    """None where nothing was promised yet."""


class Continuity(Word):
    """How well recipient and caregivers know each other: `times` each of them came within 14 days.

    `visits` and `caregivers` count all who came in that time; `usual` says that one of them is named as such.
    """

    usual: bool
    times: tuple[Whole, ...]
    visits: Whole
    caregivers: Whole


class Candidate(Word):
    """One way to serve: the caregivers by role, when they start, what it costs in travel, and why.

    `told` is the interval that would be promised; `copay_fen` what the recipient would pay; `moved` whose
    visits would start later.
    """

    caregiver_ids: tuple[Ident, ...]
    start_at: Instant
    told: StartWindow
    added_travel_s: Whole
    cost_s: Whole
    copay_fen: FenPaid
    reasons: tuple[Reason, ...] = ()
    continuity: Continuity | None = Field(default=None, exclude_if=is_unset)
    moved: tuple[StopMoved, ...] | None = Field(default=None, exclude_if=is_unset)


class NotOffered(Word):
    """The first rule that stopped a caregiver, with by how much where that can be said."""

    caregiver_id: Ident
    reason: Reason


class Relaxation(Word):
    """Something to give up so that somebody can come: who, when, and what giving it up is held to cost.

    What a neighbouring area could do is not known here: it may be asked.
    """

    kind: Annotated[str, Field(pattern="^(LATER|EARLIER|PROVIDER|GENDER|NEIGHBOUR_AREA|ONE_CAREGIVER)$")]
    caregiver_ids: tuple[Ident, ...] = ()
    shift_s: Whole = 0
    window: StartWindow | None = None
    start_at: Instant | None = Field(default=None, exclude_if=is_unset)
    price_s: Seconds | None = Field(default=None, exclude_if=is_unset)


class RequestAdmitted(Word):
    """A request became a visit; its window, item and tariff are fixed here, an escort's legs, the kitchen."""

    word: Literal["RequestAdmitted"] = "RequestAdmitted"
    request_id: Ident
    visit_id: Ident
    recipient_id: Ident
    item: Code
    help: HelpKind
    tariff_id: Ident
    window: StartWindow
    crew: Annotated[int, Field(strict=True, ge=1, le=3)]
    legs: Legs | None = Field(default=None, exclude_if=is_unset)
    meal: Fetched | None = Field(default=None, exclude_if=is_unset)


class RequestRefused(Word):
    """A request that cannot be met as asked: why, what stopped everyone, and the ways out, cheapest first."""

    word: Literal["RequestRefused"] = "RequestRefused"
    request_id: Ident
    reasons: tuple[Reason, ...]
    nearest_miss: NotOffered | None = None
    not_offered: tuple[Tally, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()
    named: tuple[NotOffered, ...] | None = Field(default=None, exclude_if=is_unset)
    stopped: StoppedAll | None = Field(default=None, exclude_if=is_unset)


class VisitPlanned(Word):
    """Who and when, with what was weighed: the top five, the nearest miss, a code for everyone else.

    `stops` is by role. `not_offered` names those who came nearest, `tallies` counts all by code, `stopped`
    has a code for each.
    """

    word: Literal["VisitPlanned"] = "VisitPlanned"
    visit_id: Ident
    stops: Annotated[tuple[PlannedStop, ...], Field(min_length=1, max_length=3)]
    origin: Origin
    engine: Code | None = None
    candidates: Annotated[tuple[Candidate, ...], Field(max_length=5)] = ()
    nearest_miss: NotOffered | None = None
    not_offered: tuple[NotOffered, ...] = ()
    tallies: tuple[Tally, ...] = ()
    reasons: tuple[Reason, ...] = ()
    stopped: StoppedAll | None = Field(default=None, exclude_if=is_unset)


class VisitUnplanned(Word):
    """A visit has nobody at the moment; it keeps its window and looks for a new home.

    What stopped everyone, and the ways out, are left out while an emergency waits.
    """

    word: Literal["VisitUnplanned"] = "VisitUnplanned"
    visit_id: Ident
    reason: Reason
    relaxations: tuple[Relaxation, ...] | None = Field(default=None, exclude_if=is_unset)
    named: tuple[NotOffered, ...] | None = Field(default=None, exclude_if=is_unset)
    tallies: tuple[Tally, ...] | None = Field(default=None, exclude_if=is_unset)
    stopped: StoppedAll | None = Field(default=None, exclude_if=is_unset)


class VisitMoved(Word):
    """The recipient's new window."""

    word: Literal["VisitMoved"] = "VisitMoved"
    visit_id: Ident
    window: StartWindow


class VisitCancelled(Word):
    """The visit will not take place."""

    word: Literal["VisitCancelled"] = "VisitCancelled"
    visit_id: Ident
    reason: Reason


class PromiseMade(Word):
    """What may be told to the recipient; names (`caregiver_ids`) only after acceptance.

    `leeway` is what the plan may use of it, where that is not all; `basis` says how its width was found.
    """

    word: Literal["PromiseMade"] = "PromiseMade"
    visit_id: Ident
    told: StartWindow
    provider_id: Ident
    caregiver_ids: tuple[Ident, ...] = ()
    changed: bool = False
    leeway: StartWindow | None = Field(default=None, exclude_if=is_unset)
    basis: Reason | None = Field(default=None, exclude_if=is_unset)


class CallBackOpened(Word):
    """Somebody owes the recipient a call; `owner` makes it."""

    word: Literal["CallBackOpened"] = "CallBackOpened"
    callback_id: Ident
    recipient_id: Ident | None
    visit_id: Ident | None
    owner: Human
    reason: Reason
    due_at: Instant


class CallBackClosed(Word):
    """The call was made."""

    word: Literal["CallBackClosed"] = "CallBackClosed"
    callback_id: Ident
    outcome: Code


class PersonErased(Word):
    """What the desk knew of a person is gone; the key may now be erased."""

    word: Literal["PersonErased"] = "PersonErased"
    person_id: Ident
