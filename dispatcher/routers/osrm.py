"""OSRM's table service, v1 (docs/http.md of Project-OSRM/osrm-backend)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from dispatcher.core.records import Place
from dispatcher.routers.answers import Cells, RouterAway, RouterRefused, cells, name_for, read, url_for

PROFILES = {"FOOT": "foot", "BICYCLE": "bike", "E_SCOOTER": "bike", "CAR": "car", "BUS": "car"}
"""The names its own profiles have. A server holds the roads of one profile and heeds this name little."""


class Osrm:
    """Asks OSRM servers, one for each mode, as `urls` says ("" for every other mode)."""

    side = 50
    """Places from and places to at once: a server takes 100 in all unless it is told otherwise."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = urls

    async def block(
        self, http: httpx.AsyncClient, mode: str, sources: Sequence[Place], targets: Sequence[Place]
    ) -> Cells:
        """Seconds, NaN where it knows no way. Raises RouterAway or RouterRefused."""
        points = ";".join(f"{p.lon_udeg / 1e6:.6f},{p.lat_udeg / 1e6:.6f}" for p in (*sources, *targets))
        url = f"{url_for(self._urls, mode)}/table/v1/{name_for(PROFILES, mode)}/{points}"
        n, m = len(sources), len(targets)
        asked = {
            "sources": ";".join(map(str, range(n))),
            "destinations": ";".join(map(str, range(n, n + m))),
            "annotations": "duration",
        }
        told: Any = await read(http.build_request("GET", url, params=asked), http)
        if told.get("code") != "Ok":
            raise RouterRefused(str(told.get("code")))
        if "durations" not in told:
            raise RouterAway("no durations in the answer")
        return cells(told["durations"], n, m)
