"""Ways asked before."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dispatcher.core.records import Place
from dispatcher.routers.table import Seconds

UNKNOWN, NO_WAY = -1, -2
"""Never asked; asked, and the router knows no way."""
MOST_PLACES = 2_000
"""16 MB a mode. A router's own table stays as it is until its roads are loaded anew."""


class Known:
    """Seconds by mode between places, by position. When too many places come together, all is forgotten."""

    def __init__(self, most: int = MOST_PLACES) -> None:
        self._most = most
        self._number: dict[tuple[int, int], int] = {}
        self._seconds: dict[str, Seconds] = {}

    def among(self, places: Sequence[Place], mode: str) -> Seconds:
        """What is known: [from, to] seconds, UNKNOWN or NO_WAY."""
        at = self._numbers(places)
        if at is None or mode not in self._seconds:
            return np.full((len(places), len(places)), UNKNOWN, dtype=np.int32)
        return self._seconds[mode][np.ix_(at, at)]

    def keep(self, places: Sequence[Place], mode: str, seconds: Seconds) -> None:
        """Take what was learnt; UNKNOWN cells change nothing."""
        at = self._numbers(places)
        if at is None:
            return
        kept = self._seconds.setdefault(mode, np.full((self._most, self._most), UNKNOWN, dtype=np.int32))
        cells = np.ix_(at, at)
        kept[cells] = np.where(seconds == UNKNOWN, kept[cells], seconds)

    def _numbers(self, places: Sequence[Place]) -> list[int] | None:
        """The places' rows; None when there are more than are ever kept."""
        points = [(place.lat_udeg, place.lon_udeg) for place in places]
        new = set(points) - set(self._number)
        if len(set(points)) > self._most:
            return None
        if len(self._number) + len(new) > self._most:
            self._number.clear()
            self._seconds.clear()
        return [self._number.setdefault(point, len(self._number)) for point in points]
