"""The shifts tab: a week by caregiver, publishing and taking back."""

from datetime import date, time, timedelta
from typing import Annotated, Any

from fastapi import FastAPI, Form, Request
from fastapi.responses import Response
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Connection

from producers.provider import queries, said
from producers.provider.panes import HERE, counts, office_of
from schemas.shown import local
from schemas.web import Kit, Refused, Who

DAYS = 7


class ShiftFields(BaseModel):
    """The form as it is sent."""

    model_config = ConfigDict(extra="forbid")

    caregiver_id: Annotated[str, Field(max_length=64)]
    on: date
    starts: Annotated[str, Field(pattern=r"^\d{2}:\d{2}$")]
    ends: Annotated[str, Field(pattern=r"^\d{2}:\d{2}$")]
    days: Annotated[int, Field(ge=1, le=14)] = 1
    rest_at: Annotated[str, Field(pattern=r"^(\d{2}:\d{2})?$")] = ""
    rest_min: Annotated[int, Field(ge=0, le=240)] = 40

    def as_form(self) -> said.ShiftForm:
        """The same with times. Raises Refused when one of them is no time of day."""
        try:
            starts, ends = time.fromisoformat(self.starts), time.fromisoformat(self.ends)
            rest_at = time.fromisoformat(self.rest_at) if self.rest_at else None
        except ValueError:
            raise Refused("FORM_WRONG", place="starts") from None
        return said.ShiftForm(self.caregiver_id, self.on, starts, ends, self.days, rest_at, self.rest_min)


def mount(app: FastAPI, kit: Kit) -> None:
    """Add the shifts tab."""

    @app.get("/provider/shifts")
    async def shifts(request: Request, first: date | None = None) -> Response:
        return await _page(kit, request, kit.who(request, "CLERK"), first, None)

    @app.post("/provider/shifts")
    async def publish(request: Request, fields: Annotated[ShiftFields, Form()]) -> Response:
        who = kit.who(request, "CLERK")
        form = fields.as_form()
        area, standing = await kit.read(lambda conn: _standing(conn, who, form))
        facts = said.published(form, area, who, kit.now(), standing)
        told = said.worst([await said.say(kit.sink, fact) for fact in facts])
        return await _page(kit, request, who, form.on, told)

    @app.post("/provider/shifts/{shift_id}/withdraw")
    async def withdraw(request: Request, shift_id: str) -> Response:
        who = kit.who(request, "CLERK")
        shift = await kit.read(lambda conn: queries.shift_of(conn, who.provider_id or who.id, shift_id))
        if shift is None:
            raise Refused("SHIFT_UNKNOWN", status=404)
        told = await said.say(kit.sink, said.withdrawn(shift, who, kit.now()))
        return await _page(kit, request, who, local(shift["starts_at"]).date(), told)


def _standing(conn: Connection, who: Who, form: said.ShiftForm) -> tuple[str, dict[date, str]]:
    """The caregiver's area, and the ids of the shifts that a new one would replace, by day."""
    carers = queries.caregivers(conn, who.provider_id or who.id)
    person = next((each for each in carers if each["person_id"] == form.caregiver_id), None)
    if person is None:
        raise Refused("CAREGIVER_UNKNOWN", place="caregiver_id")
    rows = queries.shifts_of(conn, [form.caregiver_id], form.on, form.days)
    return person["area"], {local(row["starts_at"]).date(): row["shift_id"] for row in rows}


async def _page(kit: Kit, request: Request, who: Who, first: date | None, told: Any) -> Response:
    today = local(kit.now()).date()
    monday = (first or today) - timedelta(days=(first or today).weekday())

    def read(conn: Connection) -> dict[str, Any]:
        office = office_of(conn, who)
        ids = [person["person_id"] for person in office.caregivers]
        cells: dict[tuple[str, date], list[Any]] = {}
        for row in queries.shifts_of(conn, ids, monday, DAYS):
            cells.setdefault((row["caregiver_id"], local(row["starts_at"]).date()), []).append(row)
        return {
            "tab": "shifts",
            "office": office,
            "days": [monday + timedelta(days=ahead) for ahead in range(DAYS)],
            "noon": queries.bounds(monday)[0] + timedelta(hours=12),
            "one_day": timedelta(days=1),
            "cells": cells,
            "today": today,
            "before": monday - timedelta(days=DAYS),
            "after": monday + timedelta(days=DAYS),
            "told": told,
            **counts(conn, office, kit),
        }

    template = "shifts_part.html" if "hx-request" in request.headers else "shifts.html"
    return kit.page(request, HERE, template, **await kit.read(read))
