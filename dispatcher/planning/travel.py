"""Travel between the places of a day, as a matrix or from positions on the fly. Whole seconds, rounded up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

Seconds = npt.NDArray[np.int32]


class Travel(Protocol):
    """Seconds between places by number, the same to every reader: engines, price and checker."""

    @property
    def places(self) -> int:
        """Number of places."""

    @property
    def matrix_s(self) -> Seconds:
        """All ways, row = from, column = to. Made on first use if not given: not for whole cities."""

    def travel_s(self, a: int, b: int, pace_permille: int = 1000) -> int:
        """Seconds from place `a` to place `b` at a pace (1000: as told; 1500: half as slow again)."""

    def among_s(self, places: list[int]) -> Seconds:
        """The ways among these places, in this order."""


@dataclass(frozen=True, eq=False)
class MatrixTravel:
    """Travel by a square int32 matrix of whole seconds, row = from, column = to."""

    matrix_s: Seconds

    def __post_init__(self) -> None:
        """Raise ValueError unless the matrix is square and holds no negative time."""
        if self.matrix_s.ndim != 2 or self.matrix_s.shape[0] != self.matrix_s.shape[1]:
            raise ValueError(f"travel matrix is not square: shape {self.matrix_s.shape}")
        if self.matrix_s.size and int(self.matrix_s.min()) < 0:
            raise ValueError("travel matrix holds a negative time")

    @property
    def places(self) -> int:
        """Number of places."""
        return int(self.matrix_s.shape[0])

    def travel_s(self, a: int, b: int, pace_permille: int = 1000) -> int:
        """Seconds from place `a` to place `b`, rounded up."""
        return (int(self.matrix_s[a, b]) * pace_permille + 999) // 1000

    def among_s(self, places: list[int]) -> Seconds:
        """The ways among these places."""
        return self.matrix_s[np.ix_(places, places)]


@dataclass(frozen=True, eq=False)
class PointTravel:
    """Travel along straight lines between points, at one speed: memory grows with places, not their square.

    A plane has z = 0. A city on the globe has points on a sphere of the earth's radius: a chord of 50 km is
    0.13 m shorter than its arc.
    """

    points_m: npt.NDArray[np.float64]
    """[places, 3] metres; a road factor is already in them, or in the speed."""
    speed_mm_s: int

    def __post_init__(self) -> None:
        """Raise ValueError unless points are finite triples and the speed is above zero."""
        if self.points_m.ndim != 2 or self.points_m.shape[1] != 3 or not np.isfinite(self.points_m).all():
            raise ValueError(f"points are not finite triples: shape {self.points_m.shape}")
        if self.speed_mm_s <= 0:
            raise ValueError(f"speed is not above zero: {self.speed_mm_s} mm/s")

    @property
    def places(self) -> int:
        """Number of places."""
        return int(self.points_m.shape[0])

    @property
    def s_per_m(self) -> float:
        """Seconds for one metre."""
        return 1000.0 / self.speed_mm_s

    def travel_s(self, a: int, b: int, pace_permille: int = 1000) -> int:
        """Seconds from place `a` to place `b`, rounded up."""
        ax, ay, az = self.points_m[a].tolist()
        bx, by, bz = self.points_m[b].tolist()
        dx, dy, dz = ax - bx, ay - by, az - bz
        way_s = math.ceil(math.sqrt(dx * dx + dy * dy + dz * dz) * self.s_per_m)
        return (way_s * pace_permille + 999) // 1000

    @cached_property
    def matrix_s(self) -> Seconds:
        """All ways, made on first use."""
        return self.among_s(list(range(self.places)))

    def among_s(self, places: list[int]) -> Seconds:
        """The ways among these places."""
        some = self.points_m[places]
        ways = np.empty((len(places), len(places)), dtype=np.int32)
        for row, (x, y, z) in enumerate(some):
            dx, dy, dz = x - some[:, 0], y - some[:, 1], z - some[:, 2]
            ways[row] = np.ceil(np.sqrt(dx * dx + dy * dy + dz * dz) * self.s_per_m)
        return ways
