"""助急: the screen of a case, and what a seat says of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any

from fastapi import FastAPI, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection

from producers.console import queries, queries_cases, said
from producers.console.choices import why_not_of
from producers.console.context import Console
from producers.console.pane import Voice
from producers.console.queries import Person
from producers.console.queries_cases import PARTIES, Whereabouts
from producers.console.said import Seat
from schemas import sentences as say
from schemas import shown
from schemas.decisions import (
    CaseDispatched,
    CaseOpened,
    CasePressedAgain,
    Decision,
    HelpEscalated,
    NotOffered,
    ResponderRanked,
    VisitPlanned,
)
from schemas.facts import Fact
from schemas.ids import new_id
from schemas.ports import OutlookClosed
from schemas.reasons import Language
from schemas.shapes import Tally
from schemas.tags import tag_names
from schemas.web import Refused


@dataclass(frozen=True)
class Help:
    """What the desk says about who could respond: sent already, or a preview; or that it cannot say."""

    ranked: tuple[ResponderRanked, ...]
    not_offered: tuple[NotOffered, ...]
    tallies: tuple[Tally, ...]
    sent_id: str | None
    rehomed: Mapping[str, VisitPlanned | HelpEscalated]
    is_known: bool = True


NOBODY = Help((), (), (), None, {})
NOT_KNOWN = Help((), (), (), None, {}, is_known=False)


def help_of(decisions: Sequence[Decision], *, sent: bool) -> Help:
    """The ranking in these decisions, and what becomes of the visits it displaces."""
    found = next((decision for decision in decisions if isinstance(decision, CaseDispatched)), None)
    if found is None:
        return NOBODY
    rehomed: dict[str, VisitPlanned | HelpEscalated] = {}
    for decision in decisions:
        if isinstance(decision, VisitPlanned | HelpEscalated) and decision.visit_id not in (
            None,
            found.visit_id,
        ):
            rehomed[str(decision.visit_id)] = decision
    return Help(found.ranked, found.not_offered, found.tallies, found.caregiver_id if sent else None, rehomed)


def case_of(decisions: Sequence[Decision]) -> str | None:
    """The case an alarm became, which is an older one when it was raised again."""
    for decision in decisions:
        if isinstance(decision, CaseOpened | CasePressedAgain):
            return decision.case_id
    return None


class Emergency(Console):
    """Handlers of the alarm screen."""

    async def before(self, request: Request, recipient: str = "") -> Response:
        """F9: the screen before anything is said; Enter sends."""
        if not recipient:
            return await self._first_ringing(request)
        found = await self.person(recipient)
        case_id = new_id()
        seat = Seat.of(self.who(request), found.area, self.kit.now())
        help_ = await self._preview(said.alarm(seat, case_id, found.person_id))
        return await self._screen(request, found, None, help_, case_id=case_id, fact_id=seat.fact_id)

    async def _first_ringing(self, request: Request) -> Response:
        ringing = await self.kit.read(queries_cases.open_cases)
        if not ringing:
            return self.page(request, "alarm_whom.html")
        return RedirectResponse(f"/console/cases/{ringing[0].case_id}", status_code=303)

    async def _preview(self, fact: Fact) -> Help:
        try:
            return help_of(await self.kit.outlook.preview(fact), sent=False)
        except OutlookClosed:
            return NOT_KNOWN

    async def case(self, request: Request, case_id: str, wait: bool = False) -> Response:
        """The screen of a case that stands; with `wait`, of one that was said just now."""
        row = await self.kit.read(lambda connection: queries_cases.case(connection, case_id))
        if row is None and wait:
            return self.page(request, "alarm_wait.html")
        if row is None:
            raise Refused("CASE_UNKNOWN", status=404)
        found = await self._person_of(row.recipient_id)
        help_ = await self._help_for(request, row)
        return await self._screen(request, found, row, help_, case_id=case_id, fact_id="")

    async def _person_of(self, recipient_id: str | None) -> Person | None:
        if recipient_id is None:
            return None
        return await self.kit.read(lambda connection: queries.person(connection, recipient_id))

    async def _help_for(self, request: Request, row: Any) -> Help:
        if row.closed_at is not None or row.dispatch:
            sent = [CaseDispatched.model_validate(row.dispatch)] if row.dispatch else []
            return help_of(sent, sent=True)
        seat = Seat.of(self.who(request), row.area, self.kit.now())
        return await self._preview(said.answered(seat, row.case_id, "REAL"))

    async def _screen(
        self, request: Request, found: Person | None, row: Any, help_: Help, *, case_id: str, fact_id: str
    ) -> Response:
        now, language = self.kit.now(), self.kit.lang(request)

        def look(connection: Connection) -> dict[str, Any]:
            carers = [responder.caregiver_id for responder in help_.ranked]
            others = [other.caregiver_id for other in help_.not_offered]
            where = queries_cases.whereabouts(connection, carers, now)
            displaced = {v for responder in help_.ranked for v in responder.displaced_visit_ids} | set(
                help_.rehomed
            )
            moved = queries_cases.moved_visits(connection, displaced)
            ids = {
                *carers,
                *others,
                *(_planned_ids(help_)),
                *(m.caregiver_id for m in moved.values() if m.caregiver_id),
            }
            known = queries.names(connection, ids)
            return {
                "names": known,
                "where": where,
                "moved": moved,
                "met": queries_cases.times_there(connection, found.person_id, carers) if found else {},
                "station": queries_cases.station_of(connection, found.street, found.area) if found else None,
                "spots": _spots(found, where, Voice(language, known), carers) if found else (),
                "recent": queries.recent_of(connection, found.person_id, now) if found else (),
            }

        context = await self.kit.read(look)
        return self.page(
            request,
            "alarm.html",
            person=found,
            case=row,
            help=help_,
            case_id=case_id,
            fact_id=fact_id,
            parties=PARTIES,
            limits={"answer_s": 15, "send_s": 60, "arrive_s": 1_080},
            why_not=why_not_of(help_.not_offered, None, help_.tallies, Voice(language, context["names"])),
            emergency_sentence=_for_120(found, row.kind if row else "OPERATOR", now, language)
            if found
            else "",
            **context,
        )

    # --- what the seat says

    async def send(
        self,
        request: Request,
        case_id: Annotated[str, Form()],
        fact_id: Annotated[str, Form()],
        recipient: Annotated[str, Form()],
        chosen: Annotated[str, Form()] = "",
        first: Annotated[str, Form()] = "",
    ) -> Response:
        """助急, pressed: the alarm, and the one chosen where it is not the nearest."""
        found = await self.person(recipient)
        who, now = self.who(request), self.kit.now()
        fact = said.alarm(Seat.of(who, found.area, now, fact_id), case_id, found.person_id)
        told = await self.kit.sink.say(fact, of_case=True)
        stands = case_of(told.row.decisions if told.row else ()) or case_id
        if chosen and chosen != first:
            seat = Seat.of(who, found.area, self.kit.now())
            await self.kit.sink.say(said.responder(seat, stands, chosen), of_case=True)
        return self._to_case(request, stands)

    async def responder(
        self, request: Request, case_id: str, area: Annotated[str, Form()], chosen: Annotated[str, Form()]
    ) -> Response:
        """This one is sent."""
        seat = Seat.of(self.who(request), area, self.kit.now())
        await self.kit.sink.say(said.responder(seat, case_id, chosen), of_case=True)
        return self._to_case(request, case_id)

    async def answered(
        self,
        request: Request,
        case_id: str,
        area: Annotated[str, Form()],
        outcome: Annotated[str, Form(pattern="^(REAL|FALSE|NO_ANSWER)$")],
    ) -> Response:
        """What the call back brought."""
        seat = Seat.of(self.who(request), area, self.kit.now())
        await self.kit.sink.say(said.answered(seat, case_id, outcome), of_case=True)
        return self._to_case(request, case_id)

    async def notice(
        self,
        request: Request,
        case_id: str,
        area: Annotated[str, Form()],
        party: Annotated[str, Form()],
        answer: Annotated[str, Form(pattern="^[A-Z_]{1,48}$")],
    ) -> Response:
        """120, family, neighbour, station or committee was told, or answered."""
        if party not in PARTIES:
            raise Refused("FORM_WRONG", place="party")
        seat = Seat.of(self.who(request), area, self.kit.now())
        await self.kit.sink.say(said.notice(seat, case_id, party, answer), of_case=True)
        return self._to_case(request, case_id)

    async def close(
        self,
        request: Request,
        case_id: str,
        area: Annotated[str, Form()],
        proof: Annotated[str, Form(pattern="^(VOICE|ON_SITE)$")],
    ) -> Response:
        """A voice heard, or somebody there."""
        seat = Seat.of(self.who(request), area, self.kit.now())
        await self.kit.sink.say(said.closed(seat, case_id, proof), of_case=True)
        return self._to_case(request, case_id)

    def _to_case(self, request: Request, case_id: str) -> Response:
        address = f"/console/cases/{case_id}?wait=1"
        if "hx-request" in request.headers:
            return Response(status_code=200, headers={"HX-Location": address})
        return RedirectResponse(address, status_code=303)


def _planned_ids(help_: Help) -> set[str]:
    plans = (plan for plan in help_.rehomed.values() if isinstance(plan, VisitPlanned))
    return {stop.caregiver_id for plan in plans for stop in plan.stops}


def _spots(
    found: Person, where: Mapping[str, Whereabouts], voice: Voice, carers: Sequence[str]
) -> tuple[queries_cases.Spot, ...]:
    others = [
        (voice.called(an_id), where[an_id].lat_udeg, where[an_id].lon_udeg)
        for an_id in carers[:3]
        if an_id in where
    ]
    return queries_cases.spots((found.lat_udeg, found.lon_udeg), others)


CAUSES = {
    "BUTTON": ("按了呼叫按钮", "The call button was pressed"),
    "FALL": ("跌倒报警", "A fall was reported"),
    "SMOKE": ("烟雾报警", "Smoke was reported"),
    "INACTIVITY": ("很久没有动静", "No movement for long"),
    "OPERATOR": ("打电话求救", "Help was called for by telephone"),
}


def _for_120(found: Person, kind: str, now: datetime, language: Language) -> str:
    card, zh = found.card, language == "zh"
    tags = tag_names([tag for tag in card.get("tags", []) if tag in ("LIVES_ALONE", "DEMENTIA")], language)
    cause = CAUSES[kind][0 if zh else 1]
    facts = [*tags, *([card["health"]] if card.get("health") else [])]
    if card.get("key"):
        facts.append(("钥匙：" if zh else "key: ") + card["key"])
    age = shown.age(found.born_on, now) if found.born_on else None
    return say.emergency(
        language=language, address=found.address, gender=found.gender, age=age, facts=facts, cause=cause
    )


def mount(app: FastAPI, emergency: Emergency) -> None:
    """Add the alarm screen's addresses."""
    app.add_api_route("/console/alarm", emergency.before, include_in_schema=False)
    app.add_api_route("/console/alarms", emergency.send, methods=["POST"], include_in_schema=False)
    app.add_api_route("/console/cases/{case_id}", emergency.case, include_in_schema=False)
    for name, handler in (
        ("responder", emergency.responder),
        ("answered", emergency.answered),
        ("notice", emergency.notice),
        ("close", emergency.close),
    ):
        app.add_api_route(
            f"/console/cases/{{case_id}}/{name}", handler, methods=["POST"], include_in_schema=False
        )
