"""Outlines of the town: a round shape cut into cells around given points, without gaps or overlaps.

Plane coordinates are kilometres east and north of the town's middle.
"""

import math
from collections.abc import Sequence
from random import Random

from schemas.base import Point
from schemas.places import point_of

Spot = tuple[float, float]
Outline = tuple[Spot, ...]

MIDDLE_LAT, MIDDLE_LON = 32.99, 112.53
KM_PER_LAT = 111.19
KM_PER_LON = KM_PER_LAT * math.cos(math.radians(MIDDLE_LAT))


def to_point(spot: Spot) -> Point:
    """WGS-84 of a spot."""
    return point_of(MIDDLE_LAT + spot[1] / KM_PER_LAT, MIDDLE_LON + spot[0] / KM_PER_LON)


def blob(rng: Random, half_width_km: float, half_height_km: float, corners: int = 22) -> Outline:
    """A rounded, slightly irregular outline around the middle, anticlockwise."""
    spots = []
    for n in range(corners):
        turn = 2 * math.pi * n / corners
        reach = rng.uniform(0.9, 1.06)
        spots.append((half_width_km * reach * math.cos(turn), half_height_km * reach * math.sin(turn)))
    return tuple(spots)


def cells(outline: Outline, seeds: Sequence[Spot]) -> tuple[Outline, ...]:
    """The part of a convex-ish outline that is nearest to each seed (Voronoi), in the order of the seeds."""
    found = []
    for own in seeds:
        cell = outline
        for other in seeds:
            if other != own:
                cell = _nearer(cell, own, other)
        found.append(cell)
    return tuple(found)


def _nearer(outline: Outline, own: Spot, other: Spot) -> Outline:
    """What of the outline is nearer to `own` than to `other` (Sutherland-Hodgman on the bisector)."""
    east, north = other[0] - own[0], other[1] - own[1]
    level = (other[0] ** 2 + other[1] ** 2 - own[0] ** 2 - own[1] ** 2) / 2

    def beyond(spot: Spot) -> float:
        return spot[0] * east + spot[1] * north - level

    kept: list[Spot] = []
    for here, there in zip(outline, (*outline[1:], outline[0]), strict=True):
        a, b = beyond(here), beyond(there)
        if a <= 0:
            kept.append(here)
        if (a < 0 < b) or (b < 0 < a):
            part = a / (a - b)
            kept.append((here[0] + part * (there[0] - here[0]), here[1] + part * (there[1] - here[1])))
    return tuple(kept)


def middle_of(outline: Outline) -> Spot:
    """Centroid of an outline's area."""
    twice, east, north = 0.0, 0.0, 0.0
    for (x1, y1), (x2, y2) in zip(outline, (*outline[1:], outline[0]), strict=True):
        cross = x1 * y2 - x2 * y1
        twice += cross
        east += (x1 + x2) * cross
        north += (y1 + y2) * cross
    return east / (3 * twice), north / (3 * twice)


def contains(outline: Outline, spot: Spot) -> bool:
    """Whether a spot lies inside (even-odd rule)."""
    inside = False
    for (x1, y1), (x2, y2) in zip(outline, (*outline[1:], outline[0]), strict=True):
        if (y1 > spot[1]) != (y2 > spot[1]) and spot[0] < (x2 - x1) * (spot[1] - y1) / (y2 - y1) + x1:
            inside = not inside
    return inside


def spot_inside(rng: Random, outline: Outline) -> Spot:
    """A spot inside the outline, denser towards its middle, as dwellings are."""
    centre = middle_of(outline)
    wide = max(x for x, _ in outline) - min(x for x, _ in outline)
    high = max(y for _, y in outline) - min(y for _, y in outline)
    for _ in range(200):
        spot = (rng.gauss(centre[0], wide / 4.5), rng.gauss(centre[1], high / 4.5))
        if contains(outline, spot):
            return spot
    return centre
