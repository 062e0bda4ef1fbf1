"""The doors the town speaks through, as people do: the phones', the hotline's and the devices'."""

import asyncio
import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

import httpx

from producers.simulator.tally import Tally
from schemas.ids import new_id

log = logging.getLogger(__name__)
TRIES = 6
PATIENCE_S = 0.5
LISTEN_AGAIN_S = 1.0
STREAM_SILENT_S = 60.0
"""A stream that tells nothing for so long, not even a ping, is opened anew."""


class Doors:
    """HTTP to the pages. What is acknowledged is tallied; a door that does not answer is tried again."""

    def __init__(
        self, base_url: str, tally: Tally, transport: httpx.AsyncBaseTransport | None = None
    ) -> None:
        limits = httpx.Limits(max_connections=24, max_keepalive_connections=24)
        self._http = httpx.AsyncClient(
            base_url=base_url, timeout=10.0, limits=limits, transport=transport, trust_env=False
        )
        # Streams have connections of their own: one stays open for each phone.
        self._streams = httpx.AsyncClient(
            base_url=base_url,
            timeout=httpx.Timeout(10.0, read=STREAM_SILENT_S),
            limits=httpx.Limits(max_connections=None, max_keepalive_connections=0),
            transport=transport,
            trust_env=False,
        )
        self._tally = tally
        self._seen: dict[str, tuple[str, dict[str, Any]]] = {}

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()
        await self._streams.aclose()

    async def is_open(self) -> bool:
        """Whether the pages answer at all."""
        try:
            return (await self._http.get("/caregiver/nobody/today.json")).status_code == HTTPStatus.NOT_FOUND
        except httpx.HTTPError:
            return False

    async def wake(self, caregiver_id: str, woken: asyncio.Event) -> None:
        """Set `woken` whenever the line says that what this phone shows has changed; until cancelled."""
        while True:
            try:
                async with self._streams.stream("GET", f"/caregiver/{caregiver_id}/live") as told:
                    woken.set()  # something may have changed while nobody listened
                    async for line in told.aiter_lines():
                        if line.startswith("event: changed"):
                            woken.set()
            except httpx.HTTPError:
                pass
            await asyncio.sleep(LISTEN_AGAIN_S)

    async def today(self, caregiver_id: str) -> dict[str, Any] | None:
        """What the phone of a caregiver shows; None when it cannot be fetched now."""
        tag, shown = self._seen.get(caregiver_id, ("", {}))
        headers = {"if-none-match": tag} if tag else {}
        try:
            answer = await self._http.get(f"/caregiver/{caregiver_id}/today.json", headers=headers)
            if answer.status_code == HTTPStatus.NOT_MODIFIED:
                return shown
            if answer.status_code != HTTPStatus.OK:
                return None
            fresh: dict[str, Any] = answer.json()
        except (httpx.HTTPError, ValueError):
            return None
        self._seen[caregiver_id] = (answer.headers.get("etag", ""), fresh)
        return fresh

    async def upload(
        self, caregiver_id: str, area: str, pressed: Sequence[Mapping[str, Any]]
    ) -> Mapping[str, bool]:
        """Send presses; whether each (by fact id) is done with. What is missing must be sent again."""
        try:
            answer = await self._http.post(f"/caregiver/{caregiver_id}/facts", json=list(pressed))
            if answer.status_code != HTTPStatus.OK:
                return {}
            results = answer.json()["results"]
        except (httpx.HTTPError, ValueError, KeyError):
            return {}
        words = {entry["fact_id"]: entry["word"] for entry in pressed}
        done: dict[str, bool] = {}
        for result in results:
            fact_id = result["fact_id"]
            if result["taken"]:
                self._tally.note(fact_id, words.get(fact_id, "?"), area)
            elif not result.get("again"):
                log.info("a press was refused: %s %s", words.get(fact_id), result.get("code"))
            if result["taken"] or not result.get("again"):
                done[fact_id] = bool(result["taken"])
        return done

    async def hotline(self, word: str, path: str, area: str, **body: Any) -> dict[str, Any] | None:
        """Have a seat say `word` at a console door; its answer, None when refused or never answered."""
        return await self._speak(f"/console{path}", word, area, {"fact_id": new_id(), "area": area, **body})

    async def press(
        self, device_id: str, area: str, press_id: str, battery_percent: int
    ) -> dict[str, Any] | None:
        """Press a device's button until somebody takes the alarm."""
        body = {"press_id": press_id, "area": area, "battery_percent": battery_percent}
        return await self._speak(f"/devices/{device_id}/alarm", "AlarmRaised", area, body)

    async def clerk(self, path: str, said: str, area: str, **body: Any) -> dict[str, Any] | None:
        """Have a provider's clerk say the word `said`."""
        return await self._speak(path, said, area, {"fact_id": new_id(), **body})

    async def read(self, path: str) -> Any:
        """JSON of a page; None when it cannot be fetched."""
        try:
            answer = await self._http.get(path)
            return answer.json() if answer.status_code == HTTPStatus.OK else None
        except (httpx.HTTPError, ValueError):
            return None

    async def _speak(self, path: str, word: str, area: str, body: Mapping[str, Any]) -> dict[str, Any] | None:
        for attempt in range(TRIES):
            try:
                answer = await self._http.post(path, json=body)
            except httpx.HTTPError:
                await asyncio.sleep(PATIENCE_S * 2**attempt)
                continue
            told: dict[str, Any] = answer.json() if answer.is_success else {}
            if told and told.get("code") is None:  # an office's answer tells in `code` that it was not kept
                self._tally.note(str(told["fact_id"]), word, str(told.get("area", area)))
                return told
            if not told and answer.status_code < HTTPStatus.INTERNAL_SERVER_ERROR:
                log.info("%s was refused: %s %s", word, answer.status_code, answer.text[:200])
                return None
            await asyncio.sleep(PATIENCE_S * 2**attempt)
        return None
