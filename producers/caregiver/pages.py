"""Mounts the phone page, its door and its service worker."""

import json
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Annotated, Any

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, JSONResponse, Response
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from sqlalchemy import Connection

from producers.caregiver import door, queries, today
from schemas.base import Instant
from schemas.shown import local
from schemas.web import Kit, Refused

HERE = Path(__file__).parent


class ClockAsked(BaseModel):
    """A phone's clock now, and when its waiting buttons were pressed, by that clock."""

    model_config = ConfigDict(extra="forbid")

    sent_at: Instant
    said_at: Annotated[list[Instant], Field(max_length=door.ENTRIES_MAX)] = []


def mount(app: FastAPI, kit: Kit) -> None:
    """Add the caregiver's pages and doors to `app`."""
    kit.static(HERE)
    _mount_page(app, kit)
    _mount_doors(app, kit)


def _mount_page(app: FastAPI, kit: Kit) -> None:
    @app.get("/caregiver/")
    async def page(request: Request) -> Response:
        who = kit.who(request, "CAREGIVER")
        return kit.page(request, HERE, "phone.html", who=who)

    @app.get("/caregiver/sw.js")
    async def service_worker() -> Response:
        return FileResponse(
            HERE / "static" / "sw.js",
            media_type="text/javascript",
            headers={"Cache-Control": "no-cache", "Service-Worker-Allowed": "/caregiver/"},
        )

    @app.get("/caregiver/{caregiver_id}/live")
    async def live(caregiver_id: str) -> Response:
        return kit.live_phone(caregiver_id)


def _mount_doors(app: FastAPI, kit: Kit) -> None:
    @app.get("/caregiver/{caregiver_id}/today.json")
    async def today_json(request: Request, caregiver_id: str) -> Response:
        return await _today(kit, caregiver_id, request.headers.get("if-none-match"))

    @app.post("/caregiver/{caregiver_id}/facts")
    async def facts(request: Request, caregiver_id: str) -> Response:
        return await _facts(kit, caregiver_id, await request.body())

    @app.post("/caregiver/{caregiver_id}/clock")
    async def clock(request: Request, caregiver_id: str) -> Response:
        return await _clock(kit, await request.body(), datetime.now(UTC))


async def _today(kit: Kit, caregiver_id: str, known_as: str | None) -> Response:
    now = local(kit.now())

    def read(conn: Connection) -> tuple[str, dict[str, Any] | None]:
        looked = queries.looked_at(conn, caregiver_id)
        if looked is None:
            raise Refused("CAREGIVER_UNKNOWN", status=404)
        who, digest = looked
        tag = f'"{sha256(f"{now.date()} {digest}".encode()).hexdigest()[:24]}"'
        return tag, None if tag == known_as else today.today(conn, who, now)

    tag, day = await kit.read(read)
    headers = {"ETag": tag, "Cache-Control": "no-cache"}
    if day is None:
        return Response(status_code=304, headers=headers)
    return JSONResponse(day, headers=headers)


async def _facts(kit: Kit, caregiver_id: str, body: bytes) -> Response:
    if len(body) > door.BODY_MAX_BYTES:
        raise Refused("BODY_TOO_LARGE", status=413)
    try:
        entries = json.loads(body)
    except ValueError:
        raise Refused("NOT_JSON", status=400) from None
    if not isinstance(entries, list) or not 1 <= len(entries) <= door.ENTRIES_MAX:
        raise Refused("FIELD_WRONG", status=400, detail=f"1–{door.ENTRIES_MAX}")
    if await kit.read(lambda conn: queries.caregiver(conn, caregiver_id)) is None:
        raise Refused("CAREGIVER_UNKNOWN", status=404)
    results = await door.take(kit, caregiver_id, entries)
    return JSONResponse(
        {"now": local(kit.now()).isoformat(), "results": [door.as_json(result) for result in results]}
    )


async def _clock(kit: Kit, body: bytes, real_now: datetime) -> Response:
    try:
        asked = ClockAsked.model_validate_json(body)
    except ValidationError:
        raise Refused("FIELD_WRONG", status=400, detail="sent_at, said_at") from None
    segments = await kit.read(queries.segments)
    offsets = door.offsets_ms(segments, real_now, asked.sent_at, asked.said_at)
    rate = segments[-1].rate_permille if segments else 1000
    return JSONResponse({"now": local(kit.now()).isoformat(), "rate_permille": rate, "offsets_ms": offsets})
