"""Decisions on requests: admitted or refused, who and when, what was promised."""

from typing import Annotated, Literal

from pydantic import Field

from schemas.base import Code, FenPaid, Ident, Instant, Reason, StartWindow, Whole, Word, is_unset
from schemas.codes import HelpKind, Human, Origin
from schemas.facts import AlarmRaised, CaseCloseAsked, PersonForgotten
from schemas.shapes import PlannedStop, StoppedAll, Tally


class FactSetAside(Word):
    """A readable fact that changes nothing, with the reason and what to do (shown to the supervisor)."""

    word: Literal["FactSetAside"] = "FactSetAside"
    reasons: tuple[Reason, ...]


class AreaTold(Word):
    """A fact passed to another area by the relay (an emergency and its end, forgetting)."""

    word: Literal["AreaTold"] = "AreaTold"
    to_area: Ident
    fact: AlarmRaised | CaseCloseAsked | PersonForgotten = Field(discriminator="word")


class Candidate(Word):
    """One way to serve: the caregivers by role, when they start, what it costs in travel, and why.

    `told` is the interval that would be promised; `copay_fen` what the recipient would pay.
    """

    caregiver_ids: tuple[Ident, ...]
    start_at: Instant
    told: StartWindow
    added_travel_s: Whole
    cost_s: Whole
    copay_fen: FenPaid
    reasons: tuple[Reason, ...] = ()


class NotOffered(Word):
    """The first rule that stopped a caregiver, with by how much where that can be said."""

    caregiver_id: Ident
    reason: Reason


class Relaxation(Word):
    """The cheapest thing to give up so that somebody can come."""

    kind: Annotated[str, Field(pattern="^(LATER|EARLIER|PROVIDER|GENDER|NEIGHBOUR_AREA|ONE_CAREGIVER)$")]
    caregiver_ids: tuple[Ident, ...] = ()
    shift_s: Whole = 0
    window: StartWindow | None = None


class RequestAdmitted(Word):
    """A request became a visit; its window, item and tariff are fixed here."""

    word: Literal["RequestAdmitted"] = "RequestAdmitted"
    request_id: Ident
    visit_id: Ident
    recipient_id: Ident
    item: Code
    help: HelpKind
    tariff_id: Ident
    window: StartWindow
    crew: Annotated[int, Field(strict=True, ge=1, le=3)]


class RequestRefused(Word):
    """A request that cannot be met as asked: why, and the ways out."""

    word: Literal["RequestRefused"] = "RequestRefused"
    request_id: Ident
    reasons: tuple[Reason, ...]
    nearest_miss: NotOffered | None = None
    not_offered: tuple[Tally, ...] = ()
    relaxations: tuple[Relaxation, ...] = ()


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
    """A visit has nobody at the moment; it keeps its window and looks for a new home."""

    word: Literal["VisitUnplanned"] = "VisitUnplanned"
    visit_id: Ident
    reason: Reason


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
    """What may be told to the recipient; names (`caregiver_ids`) only after acceptance."""

    word: Literal["PromiseMade"] = "PromiseMade"
    visit_id: Ident
    told: StartWindow
    provider_id: Ident
    caregiver_ids: tuple[Ident, ...] = ()
    changed: bool = False


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
