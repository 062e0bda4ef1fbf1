"""Which of many places are near one: squares over the plane, gone through in rings."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from dispatcher.planning.travel import PointTravel, Travel

PER_CELL = 12
ALL_AT_ONCE = 1_500
"""Up to so many places are simply all looked at."""

Whole = npt.NDArray[np.int64]


class Grid:
    """Numbers of places by square. Where travel is no straight line, one ring holds all."""

    def __init__(self, travel: Travel, places: Whole) -> None:
        self.all: Whole = np.arange(len(places))
        self.points = travel.points_m[:, :2] if isinstance(travel, PointTravel) else None
        if self.points is None or len(places) <= ALL_AT_ONCE:
            self.points = None
            return
        at = self.points[places]
        self.corner, high = at.min(axis=0), at.max(axis=0)
        area = float(np.prod(np.maximum(high - self.corner, 1.0)))
        self.size_m = (area * PER_CELL / len(places)) ** 0.5
        self.shape = ((high - self.corner) // self.size_m).astype(np.int64) + 1
        cell = ((at - self.corner) // self.size_m).astype(np.int64)
        key = cell[:, 0] * self.shape[1] + cell[:, 1]
        self.order: Whole = np.argsort(key, kind="stable")
        self.start: Whole = np.searchsorted(key[self.order], np.arange(int(np.prod(self.shape)) + 1))

    def rings(self, place: int, left: npt.NDArray[np.bool_], first: int = 2) -> Iterator[Whole]:
        """Numbers of places still `left`: those within `first` squares, then twice as far, and so on."""
        if self.points is None:
            yield self.all[left]
            return
        inside = np.clip((self.points[place] - self.corner) // self.size_m, 0, self.shape - 1)
        home = inside.astype(np.int64)
        seen, reach = -1, first
        while seen < max(self.shape):
            found = self._square(home, seen, reach)
            yield found[left[found]]
            seen, reach = reach, 2 * reach

    def _square(self, home: Whole, seen: int, reach: int) -> Whole:
        """What lies within `reach` squares and not within `seen`."""
        parts = []
        for x in range(max(0, home[0] - reach), min(self.shape[0], home[0] + reach + 1)):
            low, high = max(0, home[1] - reach), min(self.shape[1] - 1, home[1] + reach)
            spans = [(low, high)]
            if abs(x - home[0]) <= seen:
                spans = [(low, min(high, home[1] - seen - 1)), (max(low, home[1] + seen + 1), high)]
            for a, b in spans:
                if a <= b:
                    base = x * self.shape[1]
                    parts.append(self.order[self.start[base + a] : self.start[base + b + 1]])
        return np.concatenate(parts) if parts else np.zeros(0, dtype=np.int64)
