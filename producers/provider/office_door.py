"""The same offers and answers as JSON, for a provider's own dispatch software (and the simulated town)."""

import json
from typing import Annotated, Any, Literal

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection, RowMapping

from producers.provider import queries, said
from schemas.base import Ident
from schemas.facts import Fact
from schemas.facts_base import FactId
from schemas.shown import local
from schemas.web import Kit, Refused, Who

COLUMNS = ("offer_id", "visit_id", "role", "caregiver_id", "case_id", "status", "pay_fen")
MOMENTS = ("start_at", "offered_at", "deliver_by", "lapses_at")


class Answer(BaseModel):
    """One answer to one offer."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    fact_id: FactId
    word: Literal["OfferDelivered", "AssignmentAccepted", "AssignmentDeclined"]
    offer_id: Ident
    caregiver_id: Ident | None = None
    reason: Annotated[str, Field(max_length=48)] = "OTHER"


def mount(app: FastAPI, kit: Kit) -> None:
    """Add both doors."""

    @app.get("/provider/{provider_id}/offers.json")
    async def offers(provider_id: str) -> Response:
        def read(conn: Connection) -> list[dict[str, Any]]:
            if queries.provider(conn, provider_id) is None:
                raise Refused("PROVIDER_UNKNOWN", status=404)
            asks = queries.asks(conn, provider_id)
            return [_offer(ask.visit, offer) for ask in asks for offer in ask.offers]

        found = await kit.read(read)
        return JSONResponse({"now": local(kit.now()).isoformat(), "offers": found})

    @app.post("/provider/{provider_id}/answers")
    async def answer(request: Request, provider_id: str) -> Response:
        given = _read(await request.body())
        found = await kit.read(lambda conn: queries.offers_of(conn, provider_id, [given.offer_id]))
        offer = found.get(given.offer_id)
        if offer is None:
            raise Refused("OFFER_UNKNOWN", status=404)
        who = Who("CLERK", f"clerk-{provider_id}", provider_id, offer["area"], provider_id)
        fact = _fact(given, offer, who, kit)
        told = await said.say(kit.sink, fact, of_case=offer["case_id"] is not None)
        code = None if told.is_kept else told.code
        return JSONResponse(
            {"fact_id": fact.fact_id, "area": offer["area"], "decided": told.is_decided, "code": code}
            | ({"zh": told.zh, "en": told.en} if code else {"zh": None, "en": None})
        )


def _read(body: bytes) -> Answer:
    try:
        return Answer.model_validate(json.loads(body))
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"])
        raise Refused("FIELD_WRONG", status=400, place=place, detail=place) from None
    except ValueError:
        raise Refused("NOT_JSON", status=400) from None


def _fact(given: Answer, offer: RowMapping, who: Who, kit: Kit) -> Fact:
    if given.word == "OfferDelivered":
        return said.delivered(offer, who, kit.now())
    if given.word == "AssignmentAccepted":
        return said.accepted(offer, who, kit.now(), given.fact_id, given.caregiver_id)
    return said.declined(offer, who, kit.now(), given.fact_id, given.reason)


def _offer(visit: RowMapping, offer: RowMapping) -> dict[str, Any]:
    moments = {name: offer[name] and local(offer[name]).isoformat() for name in MOMENTS}
    kept = {name: offer[name] for name in COLUMNS} | {"item": visit["item"], "help": visit["help"]}
    return kept | moments | {"receipt_id": queries.receipt_id(offer["offer_id"])}
