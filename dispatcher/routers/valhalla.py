"""Valhalla's time-distance matrix (docs/api/matrix of valhalla/valhalla)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import httpx

from dispatcher.core.records import Place
from dispatcher.routers.answers import Cells, RouterAway, cells, name_for, read, url_for

COSTINGS = {
    "FOOT": "pedestrian",
    "BICYCLE": "bicycle",
    "E_SCOOTER": "motor_scooter",
    "CAR": "auto",
    "BUS": "bus",
}
"""Its own names. A matrix knows no timetables: BUS is a bus's way along the roads."""


class Valhalla:
    """Asks a Valhalla server; one holds every mode, `urls` may name others ("" for every other mode)."""

    side = 50
    """Places from and places to at once: a server takes 2,500 pairs unless it is told otherwise."""

    def __init__(self, urls: Mapping[str, str]) -> None:
        self._urls = urls

    async def block(
        self, http: httpx.AsyncClient, mode: str, sources: Sequence[Place], targets: Sequence[Place]
    ) -> Cells:
        """Seconds, NaN where it knows no way. Raises RouterAway or RouterRefused."""
        asked = {
            "sources": _points(sources),
            "targets": _points(targets),
            "costing": name_for(COSTINGS, mode),
        }
        url = f"{url_for(self._urls, mode)}/sources_to_targets"
        told: Any = (await read(http.build_request("POST", url, json=asked), http)).get("sources_to_targets")
        if isinstance(told, dict):
            told = told.get("durations")
        elif isinstance(told, list):
            told = [[_time(cell) for cell in row] if isinstance(row, list) else None for row in told]
        if told is None:
            raise RouterAway("no times in the answer")
        return cells(told, len(sources), len(targets))


def _points(places: Sequence[Place]) -> list[dict[str, float]]:
    return [{"lat": p.lat_udeg / 1e6, "lon": p.lon_udeg / 1e6} for p in places]


def _time(cell: Any) -> Any:
    return cell.get("time") if isinstance(cell, dict) else cell
