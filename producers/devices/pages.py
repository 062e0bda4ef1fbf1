"""The door of call buttons and detectors, and a page on which to press one."""

import asyncio
import time
from pathlib import Path
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response

from producers.devices import queries
from producers.devices.door import Device, alarm_of, battery_of, read_body
from schemas.ports import SinkClosed
from schemas.reasons import SENTENCES
from schemas.web import Kit, Refused

HERE = Path(__file__).parent
AGAIN_S = 60.0
LOOK_UP_WITHIN_S = 1.0
"""An alarm does not wait longer than this to learn whose device it is."""


class DeviceBook:
    """Whose device it is. It remembers, so that an alarm finds its home also while PostgreSQL is away."""

    def __init__(self, kit: Kit) -> None:
        self._kit = kit
        self._known: dict[str, Device] = {}
        self._read_at = float("-inf")

    async def find(self, device_id: str) -> Device | None:
        """The device, from memory while that is fresh."""
        if device_id not in self._known or time.monotonic() - self._read_at > AGAIN_S:
            try:
                self._known = await asyncio.wait_for(self._kit.read(queries.devices), LOOK_UP_WITHIN_S)
                self._read_at = time.monotonic()
            except (Refused, TimeoutError):
                pass  # the store is away or slow: what was known must do
        return self._known.get(device_id)


def mount(app: FastAPI, kit: Kit) -> None:
    """Add the devices' doors and page to `app`."""
    book = DeviceBook(kit)

    @app.post("/devices/{device_id}/alarm")
    async def alarm(request: Request, device_id: str) -> Response:
        told = await _alarm(kit, book, device_id, await request.body())
        return JSONResponse(told, status_code=202 if told["taken"] else 503)

    @app.post("/devices/{device_id}/press")
    async def press(request: Request, device_id: str) -> Response:
        told = await _alarm(kit, book, device_id, b"{}")
        return kit.page(request, HERE, "pressed.html", told=told)

    @app.post("/devices/{device_id}/heartbeat")
    async def heartbeat(request: Request, device_id: str) -> Response:
        return await _heartbeat(kit, device_id, await request.body())

    @app.get("/devices")
    async def page(request: Request, q: str = "") -> Response:
        words = q.strip()[:40]
        found = await kit.read(lambda conn: queries.listed(conn, words))
        return kit.page(request, HERE, "devices.html", devices=found, words=words)


async def _alarm(kit: Kit, book: DeviceBook, device_id: str, body: bytes) -> dict[str, Any]:
    """Say the alarm; what became of it, as the device is told."""
    fact = alarm_of(device_id, await book.find(device_id), read_body(body), kit.now())
    try:
        said = await kit.sink.say(fact, of_case=True, wait_s=2.0)
    except SinkClosed:
        zh, en = SENTENCES["LINE_AWAY"]
        return {"taken": False, "code": "LINE_AWAY", "zh": zh, "en": en}
    told = {"taken": True, "fact_id": fact.fact_id, "case_id": fact.case_id, "area": fact.area}
    return {**told, "via": said.via, "decided": said.row is not None}


async def _heartbeat(kit: Kit, device_id: str, body: bytes) -> Response:
    told, now = read_body(body), kit.now()

    def note() -> bool:
        with kit.engine.begin() as conn:
            return queries.heard_of(conn, device_id, now, battery_of(told))

    known = await asyncio.to_thread(note)
    return JSONResponse({"known": known, "now": now.isoformat()}, status_code=200 if known else 404)
