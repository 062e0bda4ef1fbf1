"""The supervisor's page, and mending a dead letter."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Form, Request
from fastapi.responses import RedirectResponse, Response
from sqlalchemy import Connection
from starlette.concurrency import run_in_threadpool

from consumers.names import ids_in, names_of, sentences
from consumers.supervisor import queries
from consumers.supervisor.mending import as_text, mended_fact
from consumers.supervisor.planning import planning_of
from schemas.envelope import ALARMS, BadFact
from schemas.ids import new_id
from schemas.ports import SinkClosed
from schemas.reasons import SENTENCES, Language
from schemas.web import Kit, Refused

FOLDER = Path(__file__).parent
PLANS_OF = timedelta(days=7)
OWNERS = {
    "OPERATOR": ("话务员", "operator"),
    "SHIFT_LEAD": ("值班长", "shift lead"),
    "CLERK": ("服务组织", "provider"),
    "SUPERVISOR": ("监管人员", "supervisor"),
}


class Supervisor:
    """The pages, over a kit."""

    def __init__(self, kit: Kit) -> None:
        self.kit = kit

    async def page(self, request: Request) -> Response:
        """All lists, and what the planners did."""
        language = self.kit.lang(request)
        since = self.kit.now() - PLANS_OF

        def read(connection: Connection) -> dict[str, Any]:
            return _lists(connection, language) | planning_of(connection, language, since)

        lists = await self.kit.read(read)
        who = self.kit.who(request, "SUPERVISOR")
        return self.kit.page(request, FOLDER, "supervisor.html", who=who, owners=OWNERS, **lists)

    async def letter(self, request: Request, letter_id: int) -> Response:
        """One dead letter, to be mended."""
        found = await self._letter(letter_id)
        return self._mend_page(request, found, as_text(found["body"]), None)

    async def mend(
        self, request: Request, letter_id: int, body: Annotated[str, Form(max_length=262_144)]
    ) -> Response:
        """Say the mended fact anew; what was typed stays when it is refused."""
        found = await self._letter(letter_id)
        try:
            fact = mended_fact(body, new_id())
            await self.kit.sink.say(fact, of_case=found["topic"].endswith(ALARMS))
        except BadFact as bad:
            refused = Refused(bad.code, place="body", detail=bad.detail)
            return self._mend_page(request, found, body, refused)
        except SinkClosed:
            return self._mend_page(request, found, body, Refused("STORE_AWAY", status=503))
        now = self.kit.now()
        await run_in_threadpool(self._mark, letter_id, now)
        return RedirectResponse(f"/supervisor/?mended={fact.fact_id}", status_code=303)

    def _mark(self, letter_id: int, now: Any) -> None:
        with self.kit.engine.begin() as connection:
            queries.mark_mended(connection, letter_id, now)

    async def _letter(self, letter_id: int) -> dict[str, Any]:
        found = await self.kit.read(lambda connection: queries.letter(connection, letter_id))
        if found is None:
            raise Refused("LETTER_UNKNOWN", status=404)
        return found

    def _mend_page(
        self, request: Request, letter: dict[str, Any], body: str, refused: Refused | None
    ) -> Response:
        status = refused.status if refused else 200
        told = SENTENCES.get(letter["code"], (letter["code"], letter["code"]))
        who = self.kit.who(request, "SUPERVISOR")
        return self.kit.page(
            request,
            FOLDER,
            "letter.html",
            status=status,
            letter=letter,
            body=body,
            refused=refused,
            told=told,
            who=who,
        )


def _lists(connection: Connection, language: Language) -> dict[str, Any]:
    refused, owed = queries.refused(connection), queries.owed(connection)
    ids = {one["provider_id"] for one in owed} | {one["recipient_id"] for one in owed}
    ids |= {row["area"] for row in (*refused, *owed)}
    ids |= {one for row in refused for one in ids_in(row["reasons"])} | ids_in(
        [one["reason"] for one in owed]
    )
    names = names_of(connection, ids | {"a1"}, language)
    for row in refused:
        row["told"] = sentences(row["reasons"], language, names)
    for one in owed:
        one["told"] = sentences([one["reason"]], language, names)[0]
    return {
        "refused": refused,
        "owed": owed,
        "letters": queries.letters(connection),
        "names": names,
        "counts": queries.counts(connection),
        "sentences": SENTENCES,
    }


def mount(app: FastAPI, kit: Kit) -> None:
    """Put the supervisor's page under /supervisor."""
    pages = Supervisor(kit)
    kit.static(FOLDER)
    app.get("/supervisor", include_in_schema=False)(pages.page)
    app.get("/supervisor/")(pages.page)
    app.get("/supervisor/letters/{letter_id}")(pages.letter)
    app.post("/supervisor/letters/{letter_id}")(pages.mend)
