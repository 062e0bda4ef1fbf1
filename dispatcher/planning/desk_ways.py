"""The places of a desk's day by number, and the ways among them as each caregiver goes. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from dispatcher.core.desk import Desk
from dispatcher.core.plan import Day
from dispatcher.core.records import Place
from dispatcher.core.travel import RADIUS_M, vector
from dispatcher.planning.plannable import without_holes
from dispatcher.planning.problem import PlanCaregiver
from dispatcher.planning.travel import MatrixTravel, PointTravel, Travel

MATRIX_PLACES = 1_500
"""Up to so many places all ways are kept, 9 MB of them; beyond that they are worked out when asked."""


@dataclass
class Places:
    """Places by number, each once."""

    places: list[Place] = field(default_factory=list)
    number: dict[Place, int] = field(default_factory=dict)

    def index(self, place: Place) -> int:
        """The place's number, its next one if it had none."""
        found = self.number.get(place)
        if found is None:
            found = self.number[place] = len(self.places)
            self.places.append(place)
        return found


def by_speed(
    desk: Desk, days: Sequence[Day], carers: Sequence[PlanCaregiver], places: Places
) -> tuple[tuple[PlanCaregiver, ...], Travel, dict[str, Travel]]:
    """Each caregiver's ways, to the second as the desk has them; the slowest go by no mode.

    A pace of one table for all would be rounded twice, and plans in force would break by a second.
    """
    speeds = sorted({day.speed_mm_s for day in days}) or [1000]
    slowest, *faster = speeds
    if desk.table is not None and desk.table.data:  # a published table holds for everyone
        faster = []
    going = tuple(
        replace(carer, mode=str(day.speed_mm_s)) if day.speed_mm_s in faster else carer
        for carer, day in zip(carers, days, strict=True)
    )
    by_mode = {str(speed): _travel(desk, places, speed) for speed in faster}
    return going, _travel(desk, places, slowest), by_mode


def _travel(desk: Desk, places: Places, speed_mm_s: int) -> Travel:
    """All ways at a speed, to the second as the desk has them; many places without a table are points."""
    ways, count = desk.board.ways(desk), len(places.places)
    vectors = np.array([vector(p.lat_udeg, p.lon_udeg) for p in places.places]).reshape(count, 3)
    if ways.table is None and count > MATRIX_PLACES:
        return PointTravel(vectors * (RADIUS_M * ways.road_factor_permille / 1000), speed_mm_s)
    xyz = (vectors[:, 0], vectors[:, 1], vectors[:, 2])
    index = np.array([-1 if p.table_index is None else p.table_index for p in places.places], np.int64)
    speeds = np.full(count, float(speed_mm_s))
    matrix = np.zeros((count, count), np.int32)
    for number, place in enumerate(places.places):
        matrix[:, number] = ways.many_s(xyz, index, place, speeds, to_them=False)
    return MatrixTravel(without_holes(matrix))
