"""Seconds between places, and where each number comes from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from dispatcher.core.records import Place
from dispatcher.core.travel import Ways, vector
from dispatcher.planning.travel import MatrixTravel

Seconds = npt.NDArray[np.int32]
Marks = npt.NDArray[np.uint8]

ROUTED, HOLE, AWAY, REFUSED = 0, 1, 2, 3
"""Told by the router or file; a hole in its answer; it did not answer; it refused the question."""


@dataclass(frozen=True)
class Estimate:
    """What is told where no router tells anything: great circle x road factor at one speed."""

    speed_mm_s: int
    road_factor_permille: int = 1300

    def among(self, places: Sequence[Place]) -> Seconds:
        """All ways among the places, in seconds, rounded up."""
        ways, count = Ways(self.road_factor_permille, None), len(places)
        xyz = np.array([vector(p.lat_udeg, p.lon_udeg) for p in places]).reshape(count, 3).T.copy()
        speeds, index = np.full(count, float(self.speed_mm_s)), np.full(count, -1, dtype=np.int64)
        seconds = np.zeros((count, count), dtype=np.int32)
        for number, place in enumerate(places):
            seconds[:, number] = ways.many_s((xyz[0], xyz[1], xyz[2]), index, place, speeds, to_them=False)
        return seconds


@dataclass(frozen=True, eq=False)
class Table:
    """Ways among places, row = from, column = to, each with a mark: ROUTED, HOLE, AWAY or REFUSED."""

    seconds: Seconds
    marks: Marks

    @property
    def estimated(self) -> int:
        """How many ways are estimates."""
        return int((self.marks != ROUTED).sum())

    @property
    def away(self) -> int:
        """How many ways are estimates because the router did not answer."""
        return int((self.marks == AWAY).sum())

    def travel(self) -> MatrixTravel:
        """The ways for a planner's problem."""
        return MatrixTravel(self.seconds)


def filled(told: Seconds, marks: Marks, places: Sequence[Place], estimate: Estimate) -> Table:
    """The table with estimates where its mark says that nothing was told; from a place to itself is 0."""
    marks = marks.copy()
    np.fill_diagonal(marks, ROUTED)
    seconds = np.where(marks == ROUTED, told, estimate.among(places)).astype(np.int32)
    np.fill_diagonal(seconds, 0)
    return Table(seconds, marks)
