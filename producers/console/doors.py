"""JSON doors beside the pages, for programs that speak as a seat does (see README)."""

from typing import Annotated, Any

from fastapi import FastAPI, Request
from pydantic import BaseModel, ConfigDict, Field

from producers.console import queries_lists, said
from producers.console.booking import reasons_of
from producers.console.context import Console
from producers.console.queries_cases import PARTIES
from producers.console.said import Seat
from schemas.base import Code, Ident, Instant, Seconds, StartWindow
from schemas.codes import CallBackOutcome, CloseProof, Gender
from schemas.facts import Asks, Fact, ServiceRequested
from schemas.facts_base import FactId
from schemas.ids import new_id
from schemas.shown import local
from schemas.web import Refused


class Body(BaseModel):
    """What every door takes."""

    model_config = ConfigDict(extra="forbid")

    fact_id: FactId | None = None


class OfArea(Body):
    """A word about something that an area holds already."""

    area: Ident


class RequestBody(Body):
    """A wish. `area` is only needed for a recipient that the register does not know."""

    recipient_id: Ident
    item: Code
    opens_at: Instant
    closes_at: Instant
    request_id: Ident | None = None
    area: Ident | None = None
    caregiver_ids: Annotated[tuple[Ident, ...], Field(max_length=3)] = ()
    provider_id: Ident | None = None
    gender: Gender | None = None
    goal: Ident | None = None
    wait_s: Seconds | None = None


class MoveBody(OfArea):
    """Another window."""

    opens_at: Instant
    closes_at: Instant


class CancelBody(OfArea):
    """Why it is not wanted any more."""

    reason: Code = "NOT_WANTED"


class FeedbackBody(OfArea):
    """Stars and complaints."""

    stars: Annotated[int, Field(ge=1, le=5)]
    complaints: tuple[Code, ...] = ()


class AlarmBody(Body):
    """助急 for a person, or for somebody unknown in an area."""

    recipient_id: Ident | None = None
    area: Ident | None = None
    case_id: Ident | None = None


class AnsweredBody(OfArea):
    """What the call back brought."""

    outcome: CallBackOutcome


class NoticeBody(OfArea):
    """Who answered a notice, and what."""

    party: str
    answer: Code


class ClosedBody(OfArea):
    """What closes a case."""

    proof: CloseProof


class DoneBody(OfArea):
    """How an owed call went."""

    outcome: Code = "TOLD"


class Doors(Console):
    """One handler for each door."""

    async def _say(self, fact: Fact, *, of_case: bool = False, **more: str) -> dict[str, Any]:
        told = await self.kit.sink.say(fact, of_case=of_case)
        decisions = told.row.decisions if told.row else ()
        if isinstance(fact, ServiceRequested):
            await self.goal_let_go(fact, decisions)
        return {
            "fact_id": told.fact_id,
            "via": told.via,
            "area": fact.area,
            "seq": told.row.seq if told.row else None,
            "decided": [decision.word for decision in decisions],
            "reasons": [reason.code for reason in reasons_of(decisions)],
            **more,
        }

    def _seat(self, request: Request, area: str, body: Body) -> Seat:
        return Seat.of(self.who(request), area, self.kit.now(), body.fact_id)

    async def _area_of(self, recipient_id: str, otherwise: str | None) -> str:
        """Their home area; `otherwise` for somebody unknown, so that the desk refuses it in sight of all."""
        try:
            return (await self.person(recipient_id)).area
        except Refused:
            if otherwise is None:
                raise
            return otherwise

    async def requested(self, request: Request, body: RequestBody) -> dict[str, Any]:
        """A wish for help."""
        area = await self._area_of(body.recipient_id, body.area)
        fact = said.requested(
            self._seat(request, area, body),
            request_id=body.request_id or new_id(),
            recipient_id=body.recipient_id,
            item=body.item,
            window=StartWindow(opens_at=body.opens_at, closes_at=body.closes_at),
            asks=Asks(caregiver_ids=body.caregiver_ids, provider_id=body.provider_id, gender=body.gender),
        )
        if body.goal is not None:
            fact = await self.with_goal_kept(*await self.leading(fact, body.goal, body.wait_s))
        return await self._say(fact, request_id=fact.request_id)

    async def moved(self, request: Request, request_id: str, body: MoveBody) -> dict[str, Any]:
        """改期."""
        window = StartWindow(opens_at=body.opens_at, closes_at=body.closes_at)
        return await self._say(said.moved(self._seat(request, body.area, body), request_id, window))

    async def cancelled(self, request: Request, request_id: str, body: CancelBody) -> dict[str, Any]:
        """取消."""
        return await self._say(said.cancelled(self._seat(request, body.area, body), request_id, body.reason))

    async def missed(self, request: Request, visit_id: str, body: OfArea) -> dict[str, Any]:
        """Nobody came."""
        return await self._say(said.missed(self._seat(request, body.area, body), visit_id))

    async def feedback(self, request: Request, visit_id: str, body: FeedbackBody) -> dict[str, Any]:
        """What the recipient thought."""
        seat = self._seat(request, body.area, body)
        return await self._say(said.feedback(seat, visit_id, body.stars, body.complaints))

    async def alarm(self, request: Request, body: AlarmBody) -> dict[str, Any]:
        """助急."""
        if body.recipient_id is not None:
            area = await self._area_of(body.recipient_id, body.area)
        elif body.area is not None:
            area = body.area
        else:
            raise Refused("FORM_WRONG", place="area", detail="area")
        fact = said.alarm(self._seat(request, area, body), body.case_id or new_id(), body.recipient_id)
        return await self._say(fact, of_case=True, case_id=fact.case_id)

    async def answered(self, request: Request, case_id: str, body: AnsweredBody) -> dict[str, Any]:
        """What the call back brought."""
        fact = said.answered(self._seat(request, body.area, body), case_id, body.outcome)
        return await self._say(fact, of_case=True, case_id=case_id)

    async def notice(self, request: Request, case_id: str, body: NoticeBody) -> dict[str, Any]:
        """A party told in parallel answered."""
        if body.party not in PARTIES:
            raise Refused("FORM_WRONG", place="party", detail="party")
        fact = said.notice(self._seat(request, body.area, body), case_id, body.party, body.answer)
        return await self._say(fact, of_case=True, case_id=case_id)

    async def closed(self, request: Request, case_id: str, body: ClosedBody) -> dict[str, Any]:
        """A voice heard, or somebody there."""
        fact = said.closed(self._seat(request, body.area, body), case_id, body.proof)
        return await self._say(fact, of_case=True, case_id=case_id)

    async def owed(self) -> dict[str, Any]:
        """The calls the seats owe, due first, as the list shows them."""
        rows = await self.kit.read(queries_lists.owed)
        calls = [
            {
                "duty_id": row.duty_id,
                "area": row.area,
                "owner": row.owner,
                "opened_at": local(row.opened_at).isoformat(),
                "due_at": row.due_at and local(row.due_at).isoformat(),
                "recipient_id": row.person_id,
                "visit_id": row.visit_id,
            }
            for row in rows
            if row.kind == "CALL_BACK"
        ]
        return {"now": local(self.kit.now()).isoformat(), "calls": calls}

    async def done(self, request: Request, duty_id: str, body: DoneBody) -> dict[str, Any]:
        """An owed call was made."""
        return await self._say(said.called_back(self._seat(request, body.area, body), duty_id, body.outcome))


def mount(app: FastAPI, doors: Doors) -> None:
    """Add the doors."""
    app.add_api_route("/console/duties.json", doors.owed)
    for path, handler in (
        ("requests.json", doors.requested),
        ("requests/{request_id}/moved.json", doors.moved),
        ("requests/{request_id}/cancelled.json", doors.cancelled),
        ("visits/{visit_id}/missed.json", doors.missed),
        ("visits/{visit_id}/feedback.json", doors.feedback),
        ("alarms.json", doors.alarm),
        ("cases/{case_id}/answered.json", doors.answered),
        ("cases/{case_id}/notice.json", doors.notice),
        ("cases/{case_id}/closed.json", doors.closed),
        ("duties/{duty_id}/done.json", doors.done),
    ):
        app.add_api_route(f"/console/{path}", handler, methods=["POST"])
