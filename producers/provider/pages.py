"""Mounts the provider's pages: today, shifts, people, complaints, the month's statement."""

from datetime import date, timedelta
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import Response
from sqlalchemy import Connection

from producers.provider import answers, office_door, queries, records, shift_forms
from producers.provider.day import EXPIRES_SOON, certificates
from producers.provider.panes import HERE, counts, offers_context, office_of, today_context
from schemas.shown import local
from schemas.web import Kit


def mount(app: FastAPI, kit: Kit) -> None:
    """Add the provider's pages to `app`."""
    kit.static(HERE)
    _mount_today(app, kit)
    _mount_readings(app, kit)
    answers.mount(app, kit)
    shift_forms.mount(app, kit)
    office_door.mount(app, kit)


def _mount_today(app: FastAPI, kit: Kit) -> None:
    @app.get("/provider/live")
    async def live(request: Request) -> Response:
        who = kit.who(request, "CLERK")
        return kit.live(request, areas={who.area} if who.area else None)

    @app.get("/provider/")
    async def today(request: Request, day: date | None = None, view: str = "chart") -> Response:
        who = kit.who(request, "CLERK")
        context = await kit.read(lambda conn: today_context(kit, conn, who, day, view))
        return kit.page(request, HERE, "today.html", **context)

    @app.get("/provider/offers")
    async def offers(request: Request) -> Response:
        who = kit.who(request, "CLERK")
        context = await kit.read(lambda conn: offers_context(kit, conn, who))
        return kit.page(request, HERE, "offers.html", **context)

    @app.get("/provider/day")
    async def chart(request: Request, day: date | None = None, view: str = "chart") -> Response:
        who = kit.who(request, "CLERK")
        context = await kit.read(lambda conn: today_context(kit, conn, who, day, view))
        return kit.page(request, HERE, "day.html", **context)


def _mount_readings(app: FastAPI, kit: Kit) -> None:
    @app.get("/provider/people")
    async def people(request: Request) -> Response:
        return await _reading(kit, request, "people")

    @app.get("/provider/complaints")
    async def complaints(request: Request) -> Response:
        return await _reading(kit, request, "complaints")

    @app.get("/provider/statement")
    async def statement(request: Request, period: str = "") -> Response:
        return await _reading(kit, request, "statement", period)


async def _reading(kit: Kit, request: Request, tab: str, period: str = "") -> Response:
    who = kit.who(request, "CLERK")

    def read(conn: Connection) -> dict[str, Any]:
        office = office_of(conn, who)
        today = local(kit.now()).date()
        context = {"tab": tab, "office": office, **counts(conn, office, kit)}
        context["items"] = queries.items(conn, office.provider["area"])
        if tab == "people":
            ids = [person["person_id"] for person in office.caregivers]
            shifts = queries.shifts_of(conn, ids, today, 1)
            context["shift_of"] = {shift["caregiver_id"]: shift for shift in shifts}
            context["certificates"] = certificates
            context["today"] = today
            context["soon"] = today + EXPIRES_SOON
        if tab == "statement":
            months = records.periods(conn, office.provider_id)
            last = (today.replace(day=1) - timedelta(days=1)).strftime("%Y-%m")
            chosen = period if period in months else last if last in months or not months else months[0]
            context |= {"months": months, "statement": records.statement(conn, office.provider_id, chosen)}
        return context

    return kit.page(request, HERE, f"{tab}.html", **await kit.read(read))
