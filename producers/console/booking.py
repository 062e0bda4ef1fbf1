"""Booking: who could come, the wish itself, and what was decided; moving and cancelling it."""

from typing import Annotated

from fastapi import FastAPI, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy.exc import SQLAlchemyError
from starlette.concurrency import run_in_threadpool

from producers.console import queries, said
from producers.console.choices import as_it_stands, choice_of
from producers.console.context import Console, Item
from producers.console.queries import Person
from producers.console.said import Seat
from producers.console.window import Unclear, meaning, read_window
from producers.trips import Goal
from schemas.base import Reason, StartWindow
from schemas.decisions import Decision, FactSetAside, RequestAdmitted, RequestRefused
from schemas.facts import ServiceRequested
from schemas.ids import new_id
from schemas.ports import OutlookClosed, Said
from schemas.reasons import sentence
from schemas.tables import texts
from schemas.web import Refused


class Draft(BaseModel):
    """What the form holds; ids are made by the page, so that a second press says nothing new."""

    model_config = ConfigDict(extra="forbid")

    recipient: str
    item: str = ""
    window: Annotated[str, Field(max_length=40)] = ""
    gender: Annotated[str, Field(pattern="^(FEMALE|MALE|)$")] = ""
    caregivers: Annotated[str, Field(max_length=200)] = ""
    provider: Annotated[str, Field(max_length=64)] = ""
    note: Annotated[str, Field(max_length=500)] = ""
    goal: Annotated[str, Field(max_length=64)] = ""
    wait: Annotated[str, Field(pattern=r"^\d{0,3}$")] = ""
    fact_id: str = ""
    request_id: str = ""


class Booking(Console):
    """Handlers of the booking screen."""

    async def outlook(self, request: Request, draft: Annotated[Draft, Form()]) -> Response:
        """The pane of who can come, with price and sentence: a preview, nothing is said."""
        found = await self.person(draft.recipient)
        item = await self._item(found, draft.item)
        window = read_window(draft.window, self.kit.now())
        if item is None or isinstance(window, Unclear):
            code = window.code if isinstance(window, Unclear) and draft.window.strip() else ""
            return self.page(request, "outlook.html", item=item, unread=code, window=None, choice=None)
        fact, _ = await self._leading(self._fact(request, found, item, window, draft), item, draft)
        try:
            decisions = await self.kit.outlook.preview(fact)
        except OutlookClosed:
            return self.page(
                request, "outlook.html", item=item, unread="", window=window, choice=None, dark=True
            )
        alike = await self.kit.read(
            lambda connection: queries.alike(
                connection, found.person_id, item.help, window.opens_at, window.closes_at
            )
        )
        return self.page(
            request,
            "outlook.html",
            item=item,
            unread="",
            window=window,
            echo=f"{draft.window.strip()} = {meaning(window, self.kit.now(), self.kit.lang(request))}",
            choice=await self.choice(request, found, item, window, decisions),
            alike=alike,
            fact_id=fact.fact_id,
            request_id=fact.request_id,
            lesser=await self._lesser(found, item),
        )

    async def _item(self, found: Person, code: str) -> Item | None:
        return next((item for item in await self.items(found.area) if item.code == code), None)

    async def _lesser(self, found: Person, item: Item) -> Item | None:
        """A cheaper item of the same help that needs fewer people."""
        items = await self.items(found.area)
        fewer = [other for other in items if other.help == item.help and other.crew < item.crew]
        return min(fewer, key=lambda other: other.price_fen, default=None)

    def _fact(
        self, request: Request, found: Person, item: Item, window: StartWindow, draft: Draft
    ) -> ServiceRequested:
        seat = Seat.of(self.who(request), found.area, self.kit.now(), draft.fact_id)
        caregivers = tuple(an_id for an_id in draft.caregivers.split(",") if an_id)
        return said.requested(
            seat,
            request_id=draft.request_id or new_id(),
            recipient_id=found.person_id,
            item=item.code,
            window=window,
            asks=said.asks_of(caregivers, draft.provider, draft.gender),
        )

    async def _leading(
        self, fact: ServiceRequested, item: Item, draft: Draft
    ) -> tuple[ServiceRequested, Goal | None]:
        """The wish with where an escort leads and its wait in minutes, as far as the form says."""
        if item.wait_s is None or not draft.goal:
            return fact, None
        return await self.leading(fact, draft.goal, int(draft.wait) * 60 if draft.wait else None)

    async def book(self, request: Request, draft: Annotated[Draft, Form()]) -> Response:
        """Say the wish and show what was decided."""
        found = await self.person(draft.recipient)
        item = await self._item(found, draft.item)
        if item is None:
            raise Refused("ITEM_UNKNOWN", place="item")
        window = read_window(draft.window, self.kit.now())
        if isinstance(window, Unclear):
            raise Refused(window.code, place="window")
        fact, goal = await self._leading(self._fact(request, found, item, window, draft), item, draft)
        if goal is not None:
            fact = await self.with_goal_kept(fact, goal)
        if draft.note.strip() and self.kit.link().postgres:
            fact = fact.model_copy(update={"wish_text_id": await self._note(found, draft.note.strip())})
        told = await self.kit.sink.say(fact)
        await self.goal_let_go(fact, told.row.decisions if told.row else ())
        return await self._answered(request, found, item, fact, told)

    async def _note(self, found: Person, body: str) -> str | None:
        """Keep what the caller said by id; a booking is not held up when it cannot be kept."""
        values = {"text_id": new_id(), "person_id": found.person_id, "body": body, "said_at": self.kit.now()}

        def write() -> None:
            with self.kit.engine.begin() as connection:
                connection.execute(texts.insert().values(values))

        try:
            await run_in_threadpool(write)
        except SQLAlchemyError:
            return None
        return str(values["text_id"])

    async def _answered(
        self, request: Request, found: Person, item: Item, fact: ServiceRequested, told: Said
    ) -> Response:
        decisions = told.row.decisions if told.row else ()
        choice = await self.choice(request, found, item, fact.window, decisions) if told.row else None
        return self.page(
            request,
            "answered.html",
            item=item,
            person=found,
            window=fact.window,
            fact_id=fact.fact_id,
            choice=choice,
            via=told.via,
            offers=(),
            seen=None,
        )

    async def answered(self, request: Request, fact_id: str) -> Response:
        """What became of a booking: the row, and how far the visit is."""
        row = await self.row_of(fact_id)
        if row is None:
            return Response(status_code=204)
        fact = row.fact
        if not isinstance(fact, ServiceRequested):
            raise Refused("REQUEST_UNKNOWN", status=404)
        found = await self.person(fact.recipient_id)
        item = await self._item(found, fact.item)
        if item is None:
            raise Refused("ITEM_UNKNOWN", status=404)
        admitted = next((d for d in row.decisions if isinstance(d, RequestAdmitted)), None)
        seen = await self._progress(admitted.visit_id if admitted else None)
        also = seen.caregiver_ids if seen else ()
        setting = await self.setting(request, found, item, fact.window, row.decisions, also)
        choice = choice_of(row.decisions, setting)
        if seen and seen.told_from and seen.told_until:
            told = StartWindow(opens_at=seen.told_from, closes_at=seen.told_until)
            choice = as_it_stands(choice, setting, told, seen.caregiver_ids if seen.told_names else ())
        return self.page(
            request,
            "answered.html",
            item=item,
            person=found,
            window=fact.window,
            fact_id=fact_id,
            choice=choice,
            via="",
            seen=seen,
            offers=await self._offers(choice.visit_id),
        )

    async def _progress(self, visit_id: str | None) -> queries.Seen | None:
        if visit_id is None:
            return None
        return await self.kit.read(lambda connection: queries.visit(connection, visit_id))

    async def _offers(self, visit_id: str | None) -> tuple[tuple[str, str], ...]:
        if visit_id is None:
            return ()
        return await self.kit.read(lambda connection: queries.offers_of(connection, visit_id))


class Changes(Console):
    """Handlers of 改期, 取消, 查进度."""

    async def progress(self, request: Request, recipient: str) -> Response:
        """The recipient's visits that still stand, each with what may be done."""
        found = await self.person(recipient)
        now = self.kit.now()
        seen = await self.kit.read(lambda connection: queries.visits_of(connection, found.person_id, now))
        items = {item.code: item for item in await self.items(found.area)}
        ids = {an_id for visit in seen for an_id in (*visit.caregiver_ids, visit.provider_id) if an_id}
        names = await self.kit.read(lambda connection: queries.names(connection, ids))
        return self.page(request, "progress.html", person=found, seen=seen, items=items, names=names)

    async def move(
        self, request: Request, request_id: str, area: Annotated[str, Form()], window: Annotated[str, Form()]
    ) -> Response:
        """改期."""
        read = read_window(window, self.kit.now())
        if isinstance(read, Unclear):
            raise Refused(read.code, place="window")
        seat = Seat.of(self.who(request), area, self.kit.now())
        told = await self.kit.sink.say(said.moved(seat, request_id, read))
        return self._told(request, told, read)

    async def cancel(
        self, request: Request, request_id: str, area: Annotated[str, Form()], reason: Annotated[str, Form()]
    ) -> Response:
        """取消."""
        seat = Seat.of(self.who(request), area, self.kit.now())
        return self._told(request, await self.kit.sink.say(said.cancelled(seat, request_id, reason)), None)

    def _told(self, request: Request, told: Said, window: StartWindow | None) -> Response:
        decisions = told.row.decisions if told.row else ()
        language = self.kit.lang(request)
        refused = tuple(sentence(reason, language) for reason in reasons_of(decisions))
        return self.page(request, "told.html", told=told, decisions=decisions, refused=refused, window=window)


def reasons_of(decisions: tuple[Decision, ...]) -> list[Reason]:
    """Why nothing changed, if nothing did."""
    return [
        reason
        for decision in decisions
        if isinstance(decision, FactSetAside | RequestRefused)
        for reason in decision.reasons
    ]


def mount(app: FastAPI, booking: Booking, changes: Changes) -> None:
    """Add the booking screen's addresses."""
    app.add_api_route("/console/outlook", booking.outlook, methods=["POST"], include_in_schema=False)
    app.add_api_route("/console/requests", booking.book, methods=["POST"], include_in_schema=False)
    app.add_api_route("/console/answered/{fact_id}", booking.answered, include_in_schema=False)
    app.add_api_route("/console/progress", changes.progress, include_in_schema=False)
    app.add_api_route(
        "/console/requests/{request_id}/moved", changes.move, methods=["POST"], include_in_schema=False
    )
    app.add_api_route(
        "/console/requests/{request_id}/cancelled", changes.cancel, methods=["POST"], include_in_schema=False
    )
