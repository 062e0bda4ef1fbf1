"""Way and time: the area's travel table where both ends have a row in it, else great circle x road factor.

Positions become unit vectors; the arc comes from the chord by a series in plain IEEE arithmetic, so that one
at a time and many at a time give the same second on every machine. The radius is geopy's (6371.009 km).
"""

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from dispatcher.core.records import Place

RADIUS_M = 6_371_009.0
FAR_S = 30 * 86_400
"""A way that a table has no time for (below zero): longer than any day, so nobody is sent along it."""
SERIES_REACH = 0.1
"""Half chords up to this (1,275 km on the ground) are taken by the series, to 1e-15."""

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@lru_cache(maxsize=200_000)
def vector(lat_udeg: int, lon_udeg: int) -> tuple[float, float, float]:
    """The unit vector of a position."""
    lat, lon = math.radians(lat_udeg / 1_000_000), math.radians(lon_udeg / 1_000_000)
    return math.cos(lat) * math.cos(lon), math.cos(lat) * math.sin(lon), math.sin(lat)


def arc(half: float) -> float:
    """Arc in radians over a half chord of the unit sphere: 2 asin(x), halved until its series reaches."""
    x, times = min(half, 1.0), 2.0
    while x > SERIES_REACH:
        x = x / math.sqrt(2.0 * (1.0 + math.sqrt(1.0 - x * x)))
        times = times * 2.0
    x2 = x * x
    terms = 1.0 + x2 * (1 / 6 + x2 * (3 / 40 + x2 * (15 / 336 + x2 * (105 / 3456 + x2 * (945 / 42240)))))
    return times * x * terms


def _arcs(half: Floats) -> Floats:
    """The same of many: nearly all are near, so they are taken at once."""
    x2 = half * half
    terms = 1.0 + x2 * (1 / 6 + x2 * (3 / 40 + x2 * (15 / 336 + x2 * (105 / 3456 + x2 * (945 / 42240)))))
    arcs: Floats = 2.0 * half * terms
    far = half > SERIES_REACH
    if far.any():
        arcs[far] = [arc(each) for each in half[far].tolist()]
    return arcs


def distance_m(a: Place, b: Place) -> float:
    """Great-circle metres between two places."""
    ax, ay, az = vector(a.lat_udeg, a.lon_udeg)
    bx, by, bz = vector(b.lat_udeg, b.lon_udeg)
    dx, dy, dz = ax - bx, ay - by, az - bz
    return RADIUS_M * arc(math.sqrt(dx * dx + dy * dy + dz * dz) / 2.0)


def distances_m(x: Floats, y: Floats, z: Floats, b: Place) -> Floats:
    """Great-circle metres from many unit vectors to one place."""
    bx, by, bz = vector(b.lat_udeg, b.lon_udeg)
    dx, dy, dz = x - bx, y - by, z - bz
    half = np.sqrt(dx * dx + dy * dy + dz * dz) / 2.0
    metres: Floats = RADIUS_M * _arcs(half)
    return metres


class Ways:
    """Travel in whole seconds, rounded up, for one area: road factor and table; the speed is the caller's."""

    def __init__(self, road_factor_permille: int, table: npt.NDArray[np.int32] | None) -> None:
        self.road_factor_permille = road_factor_permille
        self.table = table

    def travel_s(self, a: Place, b: Place, speed_mm_s: int) -> int:
        """Seconds from `a` to `b`."""
        if self.table is not None and a.table_index is not None and b.table_index is not None:
            return int(self.table[a.table_index, b.table_index])
        if a.lat_udeg == b.lat_udeg and a.lon_udeg == b.lon_udeg:
            return 0
        return math.ceil(distance_m(a, b) * self.road_factor_permille / speed_mm_s)

    def many_s(
        self, xyz: tuple[Floats, Floats, Floats], index: Ints, b: Place, speeds: Floats, *, to_them: bool
    ) -> Ints:
        """Seconds from many places to `b`, or from `b` to them; `index` is -1 where one has no table row."""
        metres = distances_m(*xyz, b)
        seconds: Ints = np.ceil(metres * self.road_factor_permille / speeds).astype(np.int64)
        if self.table is not None and b.table_index is not None:
            listed = index >= 0
            rows = index[listed]
            found = self.table[b.table_index, rows] if to_them else self.table[rows, b.table_index]
            seconds[listed] = found
        return seconds
