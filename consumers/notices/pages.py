"""The outbox page: who was told what, by which channel, rendered from codes with names looked up."""

from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from consumers.names import names_of
from consumers.notices import queries
from schemas.base import Reason
from schemas.reasons import Language, sentence
from schemas.web import Kit

FOLDER = Path(__file__).parent
ROLES = {
    "CAREGIVER": ("服务人员", "caregiver"),
    "CLERK": ("服务组织", "provider"),
    "RECIPIENT": ("服务对象", "recipient"),
    "FAMILY": ("家属", "family of"),
    "NEIGHBOUR": ("邻居", "neighbour of"),
    "STATION": ("驿站", "station of"),
    "COMMITTEE": ("居委会", "committee of"),
    "OPERATOR": ("话务员", "operators"),
    "SHIFT_LEAD": ("值班长", "shift lead"),
    "SUPERVISOR": ("监管人员", "supervisor"),
    "FINANCE": ("财务", "finance"),
}
OWN_NUMBER = ("RECIPIENT", "CAREGIVER", "CLERK")
"""Receivers whose id is that of the one who is called; family and neighbours are found by the person's."""
CHANNELS = {"SMS": ("短信", "SMS"), "VOICE": ("语音", "Voice"), "PAGE": ("页面", "Page")}
NAMELESS = {"zh": "身份不明的人", "en": "somebody unknown"}


def with_sentences(
    connection: Connection, rows: list[dict[str, Any]], language: Language
) -> list[dict[str, Any]]:
    """Notices with their sentence, receiver's name and number."""
    ids = {one for row in rows for one in row["refs"].values()} | {row["to_id"] for row in rows}
    names = {"-": NAMELESS[language], **names_of(connection, ids, language)}
    numbers = queries.telephones(connection, sorted({row["to_id"] for row in rows}))
    for row in rows:
        reason = Reason(code=row["code"], numbers=row["numbers"], refs=row["refs"])
        row["sentence"] = sentence(reason, language, names)
        row["name"] = names.get(row["to_id"], row["to_id"])
        row["telephone"] = numbers.get(row["to_id"]) if row["to_role"] in OWN_NUMBER else None
    return rows


class Notices:
    """The page, over a kit."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    async def outbox(self, request: Request) -> Response:
        """Messages by SMS and voice, and notices on pages."""
        asked, language = request.query_params, self.kit.lang(request)
        channel = asked.get("channel", "") if asked.get("channel", "") in CHANNELS else ""
        role = asked.get("role", "") if asked.get("role", "") in ROLES else ""
        to_id = asked.get("to", "")[:64]
        page = max(int(asked["page"]), 1) if asked.get("page", "").isdigit() else 1

        def read(connection: Connection) -> tuple[list[dict[str, Any]], bool, dict[str, int], str]:
            rows, more = queries.told(connection, channel=channel, role=role, to_id=to_id, page=page)
            city = names_of(connection, ["a1"], language).get("a1", "")
            return with_sentences(connection, rows, language), more, queries.counts(connection), city

        rows, more, counts, city = await self.kit.read(read)
        return self.kit.page(
            request,
            FOLDER,
            "outbox.html",
            rows=rows,
            more=more,
            counts=counts,
            city=city,
            channel=channel,
            role=role,
            to_id=to_id,
            page=page,
            roles=ROLES,
            channels=CHANNELS,
        )


def mount(app: FastAPI, kit: Kit) -> None:
    """Put the outbox under /notices."""
    pages = Notices(kit)
    kit.static(FOLDER)
    app.get("/notices", include_in_schema=False)(pages.outbox)
    app.get("/notices/")(pages.outbox)
