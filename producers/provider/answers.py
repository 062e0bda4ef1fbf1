"""The clerk's buttons: accept, send back, confirm. Each answers with the left pane as it stands then."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Annotated, Any

from fastapi import FastAPI, Form, Request
from fastapi.responses import Response
from sqlalchemy import RowMapping

from producers.provider import queries, said
from producers.provider.panes import HERE, offers_context
from schemas.facts import Fact
from schemas.shown import local
from schemas.web import Kit, Refused, Who

Ids = Annotated[list[str], Form(max_length=6)]
Text = Annotated[str, Form(max_length=64)]


def mount(app: FastAPI, kit: Kit) -> None:
    """Add what the buttons of the first page do."""
    _mount_offers(app, kit)
    _mount_doubts(app, kit)


async def _offers(kit: Kit, who: Who, offer_ids: Sequence[str]) -> list[RowMapping]:
    """The provider's own offers, in the sequence asked for. Raises Refused when one is not."""
    found = await kit.read(lambda conn: queries.offers_of(conn, who.provider_id or who.id, offer_ids))
    if not offer_ids or set(offer_ids) - set(found):
        raise Refused("OFFER_UNKNOWN", status=404)
    return [found[offer_id] for offer_id in offer_ids]


async def _pane(kit: Kit, request: Request, who: Who, answered: Sequence[str], told: Any) -> Response:
    kept = answered if told is None or told.is_kept else ()
    context = await kit.read(lambda conn: offers_context(kit, conn, who, answered=kept, told=told))
    return kit.page(request, HERE, "offers.html", **context)


async def _say_all(kit: Kit, facts: Sequence[tuple[Fact, bool]]) -> said.Told | None:
    return said.worst([await said.say(kit.sink, fact, of_case=of_case) for fact, of_case in facts])


def _mount_offers(app: FastAPI, kit: Kit) -> None:
    @app.post("/provider/offers/accept")
    async def accept(
        request: Request,
        offer_id: Ids,
        fact_id: Ids,
        caregiver_id: Annotated[list[str] | None, Form(max_length=6)] = None,
    ) -> Response:
        who = kit.who(request, "CLERK")
        offers = await _offers(kit, who, offer_ids=offer_id)
        named = caregiver_id or [offer["caregiver_id"] for offer in offers]
        if not len(offers) == len(named) == len(fact_id):
            raise Refused("FORM_WRONG", place="caregiver_id")
        if len(set(named)) < len(named):
            raise Refused("SAME_CAREGIVER_TWICE", place="caregiver_id")
        facts = [
            (said.accepted(offer, who, kit.now(), fact, carer), offer["case_id"] is not None)
            for offer, fact, carer in zip(offers, fact_id, named, strict=True)
        ]
        return await _pane(kit, request, who, offer_id, await _say_all(kit, facts))

    @app.post("/provider/offers/decline")
    async def decline(request: Request, offer_id: Ids, fact_id: Ids, reason: Text) -> Response:
        who = kit.who(request, "CLERK")
        offers = await _offers(kit, who, offer_ids=offer_id)
        if len(offers) != len(fact_id):
            raise Refused("FORM_WRONG", place="offer_id")
        facts = [
            (said.declined(offer, who, kit.now(), fact, reason), offer["case_id"] is not None)
            for offer, fact in zip(offers, fact_id, strict=True)
        ]
        told = [await said.say(kit.sink, fact, of_case=of_case) for fact, of_case in facts]
        # Sending back one of a crew may already have taken the other back: that is what was asked for.
        asked = [each for each in told if each.code != "OFFER_CLOSED"] or told
        return await _pane(kit, request, who, offer_id, said.worst(asked))

    @app.post("/provider/offers/shown", status_code=204)
    async def shown(request: Request, offer_id: Annotated[list[str], Form(max_length=200)]) -> Response:
        who = kit.who(request, "CLERK")
        found = await kit.read(lambda conn: queries.offers_of(conn, who.provider_id or who.id, offer_id))
        for offer in found.values():
            if offer["sent_to"] == "CLERK" and offer["status"] == "OPEN":
                fact = said.delivered(offer, who, kit.now())
                await kit.sink.say(fact, of_case=offer["case_id"] is not None, wait_s=1.0)
        return Response(status_code=204)


def _mount_doubts(app: FastAPI, kit: Kit) -> None:
    async def stop_of(who: Who, visit_id: str, caregiver_id: str) -> RowMapping:
        found = await kit.read(
            lambda conn: queries.stop_of(conn, who.provider_id or who.id, visit_id, caregiver_id)
        )
        if found is None:
            raise Refused("VISIT_UNKNOWN", status=404)
        return found

    @app.post("/provider/visits/{visit_id}/finished")
    async def finished(
        request: Request, visit_id: str, caregiver_id: Text, fact_id: Text, ended: Annotated[time, Form()]
    ) -> Response:
        who = kit.who(request, "CLERK")
        stop = await stop_of(who, visit_id, caregiver_id)
        ended_at = ended_on(stop, ended, kit.now())
        fact = said.checked_out(stop, who, fact_id, ended_at)
        told = await _say_all(kit, [(fact, stop["case_id"] is not None)])
        return await _pane(kit, request, who, [visit_id], told)

    @app.post("/provider/visits/{visit_id}/missed")
    async def missed(request: Request, visit_id: str, caregiver_id: Text, fact_id: Text) -> Response:
        who = kit.who(request, "CLERK")
        stop = await stop_of(who, visit_id, caregiver_id)
        fact = said.missed(stop, who, kit.now(), fact_id)
        told = await _say_all(kit, [(fact, stop["case_id"] is not None)])
        return await _pane(kit, request, who, [visit_id], told)

    @app.post("/provider/duties/{duty_id}/called")
    async def called(request: Request, duty_id: str, fact_id: Text) -> Response:
        who = kit.who(request, "CLERK")
        duties = await kit.read(lambda conn: queries.open_duties(conn, who.provider_id or who.id))
        duty = next((each for each in duties if each["duty_id"] == duty_id), None)
        if duty is None or duty["kind"] != "CALL_BACK":
            raise Refused("CALLBACK_UNKNOWN", status=404)
        fact = said.called_back(duty, who, kit.now(), fact_id)
        told = await _say_all(kit, [(fact, duty["case_id"] is not None)])
        return await _pane(kit, request, who, [duty_id], told)


def ended_on(stop: RowMapping, ended: time, now: datetime) -> datetime:
    """The moment a clerk names by its clock time. Raises Refused when before check-in, or still to come."""
    begun = local(stop["checked_in_at"] or stop["start_at"])
    moment = begun.replace(hour=ended.hour, minute=ended.minute, second=0, microsecond=0)
    if moment < begun.replace(second=0, microsecond=0):
        # Service over midnight: the named time is the next day's, but never more than twelve hours on.
        moment += timedelta(days=1)
        if moment - begun > timedelta(hours=12):
            raise Refused("OUT_BEFORE_IN", place="ended")
    if moment > now:
        raise Refused("END_TO_COME", place="ended")
    return max(moment, begun)
